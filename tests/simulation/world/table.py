"""One DynamoDB table: items and their past states, conditional writes, transactions, indexes that lag.

`Table.serve(operation, request, at)` returns the service's response, or raises `Refused`. `at` is the world's clock in seconds.
A consistent read sees every write at once; an index and an eventually consistent read see it later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.simulation.world import expressions
from tests.simulation.world.expressions import BadExpression, Item, Value

Key = tuple[str, str]
TOKEN_LASTS = 600
_KEY_FIELDS = ("PK", "SK")


class Refused(Exception):
    """The service refused the request and did nothing."""

    def __init__(self, code: str, message: str = "", status: int = 400, **fields: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.fields = code, message, status, fields


@dataclass(frozen=True)
class Index:
    """A secondary index. `shows` None: all attributes; else those besides the keys."""

    hash: str
    range: str
    shows: tuple[str, ...] | None = ()
    hash_type: str = "S"


@dataclass(frozen=True)
class Write:
    """One item before and after a request changed it; None: no item."""

    key: Key
    before: Item | None
    after: Item | None


@dataclass
class Table:
    """`on_commit(writes)` is called after every atomic change; `index_lag()` and `read_lag()` say how stale a read is."""

    name: str
    indexes: dict[str, Index]
    items: dict[Key, Item] = field(default_factory=dict)
    partitions: dict[str, dict[Key, Item]] = field(default_factory=dict)
    """The same items by their PK."""
    past: dict[Key, list[tuple[float, Item | None]]] = field(default_factory=dict)
    tokens: dict[str, tuple[float, Any]] = field(default_factory=dict)
    on_commit: Callable[[list[Write]], None] = lambda writes: None
    index_lag: Callable[[], float] = lambda: 0.0
    read_lag: Callable[[], float] = lambda: 0.0
    page_most: int = 1000
    leave_unprocessed: Callable[[int], int] = lambda count: 0

    def serve(self, operation: str, request: dict[str, Any], at: float) -> dict[str, Any]:
        handler = getattr(self, f"_{operation}", None)
        if handler is None:
            raise NotImplementedError(operation)
        try:
            response: dict[str, Any] = handler(request, at)
        except BadExpression as error:
            raise Refused("ValidationException", str(error)) from None
        return response

    def _DescribeTable(self, request: dict[str, Any], at: float) -> dict[str, Any]:
        return {"Table": {"TableName": self.name, "TableId": f"the id of {self.name}", "TableStatus": "ACTIVE"}}

    # reading

    def _GetItem(self, request: dict[str, Any], at: float) -> dict[str, Any]:
        item = self._seen(_key_of(request["Key"]), at, request.get("ConsistentRead", False))
        return {"Item": item} if item is not None else {}

    def _BatchGetItem(self, request: dict[str, Any], at: float) -> dict[str, Any]:
        ((name, wanted),) = request["RequestItems"].items()
        keys = sorted(wanted["Keys"], key=_key_of)
        if not keys or len(keys) > 100 or len({_key_of(key) for key in keys}) < len(keys):
            raise Refused("ValidationException", "Provided list of item keys contains duplicates, none, or too many")
        served = len(keys) - self.leave_unprocessed(len(keys))
        consistent = wanted.get("ConsistentRead", False)
        found = [item for key in keys[:served] if (item := self._seen(_key_of(key), at, consistent)) is not None]
        left = {name: {**wanted, "Keys": keys[served:]}} if served < len(keys) else {}
        return {"Responses": {name: found}, "UnprocessedKeys": left}

    def _Query(self, request: dict[str, Any], at: float) -> dict[str, Any]:
        index = self.indexes[request["IndexName"]] if "IndexName" in request else None
        if index and request.get("ConsistentRead"):
            raise Refused("ValidationException", "Consistent reads are not supported on global secondary indexes")
        order = (index.hash, index.range, *_KEY_FIELDS) if index else _KEY_FIELDS
        matches = expressions.condition(request["KeyConditionExpression"])
        names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
        _check_types(values)
        hash_name = order[0]
        hash_value = expressions.equal_to(hash_name, request["KeyConditionExpression"], names, values)
        rows = [
            item
            for item in self._rows(index, hash_value, at, request.get("ConsistentRead", False))
            if item.get(hash_name) == hash_value and matches(item, names, values)
        ]
        rows.sort(key=lambda item: _order(item, order), reverse=not request.get("ScanIndexForward", True))
        if start := request.get("ExclusiveStartKey"):
            rows = _after(rows, start, order, request.get("ScanIndexForward", True))
        return self._page(request, rows, order, index)

    def _page(self, request: dict[str, Any], rows: list[Item], order: tuple[str, ...], index: Index | None) -> dict[str, Any]:
        limit = min(request.get("Limit", self.page_most), self.page_most)
        page, names = rows[:limit], request.get("ExpressionAttributeNames", {})
        last = (
            {name: page[-1][name] for name in dict.fromkeys(order)}
            if page and (len(rows) > limit or len(page) == limit)
            else None
        )
        if last and len(rows) <= limit and limit != request.get("Limit"):
            last = None
        if text := request.get("FilterExpression"):
            keep = expressions.condition(text)
            page = [item for item in page if keep(item, names, request.get("ExpressionAttributeValues", {}))]
        scanned = min(limit, len(rows))
        response = {"Items": [_shown(item, index) for item in page], "Count": len(page), "ScannedCount": scanned}
        return {**response, "LastEvaluatedKey": last} if last else response

    def _rows(self, index: Index | None, hash_value: Value, at: float, consistent: bool) -> Iterable[Item]:
        """Returns all items of one partition, or all that an index holds."""
        if index is None:
            lag = 0.0 if consistent else self.read_lag()
            if not lag:
                return list(self.partitions.get(hash_value["S"], {}).values())
            known = [key for key in self.past if key[0] == hash_value["S"]]
        else:
            lag = self.index_lag()
            if not lag:
                return [item for item in self.items.values() if index.range in item]
            known = list(self.past)
        seen = [item for key in known if (item := self.as_of(key, at - lag)) is not None]
        return [item for item in seen if index is None or index.range in item]

    def _seen(self, key: Key, at: float, consistent: bool) -> Item | None:
        lag = 0.0 if consistent else self.read_lag()
        return self.as_of(key, at - lag) if lag else self.items.get(key)

    def as_of(self, key: Key, at: float) -> Item | None:
        """Returns an item as it was at a moment."""
        past = self.past.get(key, [])
        if past and past[-1][0] <= at:
            return past[-1][1]
        place = bisect_right(past, at, key=lambda entry: entry[0])
        return past[place - 1][1] if place else None

    # writing

    def _PutItem(self, request: dict[str, Any], at: float) -> dict[str, Any]:
        return self._alone("Put", request, at)

    def _UpdateItem(self, request: dict[str, Any], at: float) -> dict[str, Any]:
        return self._alone("Update", request, at)

    def _DeleteItem(self, request: dict[str, Any], at: float) -> dict[str, Any]:
        return self._alone("Delete", request, at)

    def _alone(self, kind: str, request: dict[str, Any], at: float) -> dict[str, Any]:
        write = self._judge(kind, request)
        if write is None:
            raise Refused("ConditionalCheckFailedException", "The conditional request failed")
        self._commit([write], at)
        wanted = request.get("ReturnValues", "NONE")
        shown = {"ALL_OLD": write.before, "ALL_NEW": write.after}.get(wanted)
        return {"Attributes": shown} if shown else {}

    def _TransactWriteItems(self, request: dict[str, Any], at: float) -> dict[str, Any]:
        token, told = request.get("ClientRequestToken"), request["TransactItems"]
        if token in self.tokens and at - self.tokens[token][0] < TOKEN_LASTS:
            if self.tokens[token][1] != told:
                raise Refused("IdempotentParameterMismatchException", "another request had this token")
            return {}
        operations = [next(iter(operation.items())) for operation in request["TransactItems"]]
        keys = [_key_of(body["Item"] if kind == "Put" else body["Key"]) for kind, body in operations]
        if not keys or len(keys) > 100 or len(set(keys)) < len(keys):
            raise Refused("ValidationException", "Transaction request cannot include multiple operations on one item")
        judged = [self._judge_within(kind, body) for kind, body in operations]
        writes = [write for write in judged if isinstance(write, Write)]
        if len(writes) < len(judged):
            raise cancelled(
                [self._reason(write, body, key) for write, (_, body), key in zip(judged, operations, keys, strict=True)]
            )
        self._commit([write for (kind, _), write in zip(operations, writes, strict=True) if kind != "ConditionCheck"], at)
        if token:
            self.tokens[token] = (at, told)
        return {}

    def _judge_within(self, kind: str, body: dict[str, Any]) -> Write | BadExpression | None:
        """Evaluates one operation of a transaction: an update that does not fit its item is a cancellation reason."""
        try:
            return self._judge(kind, body)
        except BadExpression as error:
            return error

    def _reason(self, write: Write | BadExpression | None, body: dict[str, Any], key: Key) -> dict[str, Any]:
        if isinstance(write, BadExpression):
            return {"Code": "ValidationError", "Message": str(write)}
        if write is not None:
            return {"Code": "None"}
        item = self.items.get(key)
        shown = {"Item": item} if item and body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else {}
        return {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **shown}

    def _judge(self, kind: str, body: dict[str, Any]) -> Write | None:
        """Returns what an operation would write, or None where its condition fails."""
        key = _key_of(body["Item"] if kind == "Put" else body["Key"])
        before = self.items.get(key)
        names, values = body.get("ExpressionAttributeNames", {}), body.get("ExpressionAttributeValues", {})
        _check_types(values)
        text = body.get("ConditionExpression")
        if text and not expressions.condition(text)(before or {}, names, values):
            return None
        match kind:
            case "Put":
                after: Item | None = _stored(body["Item"])
            case "Delete":
                after = None
            case "Update":
                base = before if before is not None else {"PK": {"S": key[0]}, "SK": {"S": key[1]}}
                update = body.get("UpdateExpression")
                after = _stored(expressions.update(update)(base, names, values)) if update else base
            case _:
                after = before
        if after is not None:
            self._check(after)
        return Write(key, before, after)

    def _check(self, item: Item) -> None:
        _check_types(item)
        for name, kind in self._key_types.items():
            if name in item and not item[name].get(kind):
                raise Refused("ValidationException", f"Type mismatch for index key, or an empty one: {name}")

    @cached_property
    def _key_types(self) -> dict[str, str]:
        kinds = {index.hash: index.hash_type for index in self.indexes.values()}
        return {**dict.fromkeys((*_KEY_FIELDS, *(index.range for index in self.indexes.values())), "S"), **kinds}

    def _commit(self, writes: list[Write], at: float) -> None:
        for write in writes:
            if write.after is None:
                self.items.pop(write.key, None)
                self.partitions.get(write.key[0], {}).pop(write.key, None)
            else:
                self._keep(write.key, write.after)
            self.past.setdefault(write.key, []).append((at, write.after))
        self.on_commit(writes)

    def _keep(self, key: Key, item: Item) -> None:
        self.items[key] = item
        self.partitions.setdefault(key[0], {})[key] = item

    def load(self, items: Iterable[Item]) -> None:
        """Loads items that exist from the beginning."""
        for item in items:
            self._keep(_key_of(item), item)
            self.past[_key_of(item)] = [(float("-inf"), item)]


def cancelled(reasons: list[dict[str, Any]]) -> Refused:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return Refused(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _key_of(key: Item) -> Key:
    return key["PK"]["S"], key["SK"]["S"]


def _check_types(values: dict[str, Value]) -> None:
    """Checks that numbers are sent as text: AWS refuses anything else, local engines do not."""
    for value in values.values():
        if "N" in value and not isinstance(value["N"], str):
            raise Refused("SerializationException", "NUMBER_VALUE cannot be converted to String")


def _stored(item: Item) -> Item:
    return {name: expressions.number(Decimal(value["N"])) if "N" in value else value for name, value in item.items()}


def _order(item: Item, order: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(expressions.comparable(item[name]) for name in order)


def _after(rows: list[Item], start: Item, order: tuple[str, ...], forward: bool) -> list[Item]:
    begin = _order(start, order)
    return [row for row in rows if (_order(row, order) > begin if forward else _order(row, order) < begin)]


def _shown(item: Item, index: Index | None) -> Item:
    if index is None or index.shows is None:
        return item
    return {name: item[name] for name in (*_KEY_FIELDS, index.hash, index.range, *index.shows) if name in item}
