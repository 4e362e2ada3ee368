"""The one table's ground: the base item, its indexes, batched reads, and the transaction that every write is.

All items share one table (`PK`/`SK`) and one connection; `bind()` names it. Three sparse indexes:
`due` (what has something to do), `waiting` (open waits, for the call list), `listing` (ids of a kind, for lists).
A kind is the part of `SK` before "#"; an item of a kind that this code does not know is passed over,
so that older code can read a table that newer code writes.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol, Self, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection.base import Connection
from pynamodb.constants import STRING
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action, Update
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib import wire
from chalicelib.errors import ConditionLost, Unavailable, WriteUnknown
from chalicelib.table_columns import columns_of

Key = tuple[str, str]
WordT = TypeVar("WordT", bound=str)
BATCH_GET_MOST = 100
TRANSACTION_MOST = 100
_TRIES = 6
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "ItemCollectionSizeLimitExceeded"}
_PASSING_CALL = {
    "TransactionInProgressException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
}

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def stored_instant(value: datetime) -> str:
    """An aware instant as the table holds it: UTC, always six fractional digits, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def read_instant(text: str) -> datetime:
    """The aware UTC instant of a stored text."""
    return datetime.strptime(text, INSTANT_FORMAT).replace(tzinfo=UTC) if len(text) != 27 else _fast_instant(text)


def _fast_instant(text: str) -> datetime:
    return datetime.fromisoformat(text[:-1] + "+00:00")


class InstantAttribute(Attribute[datetime]):
    """An aware UTC datetime, stored as fixed-width text."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return stored_instant(value)

    def deserialize(self, value: str) -> datetime:
        return read_instant(value)


class WordAttribute(Attribute[WordT]):
    """One of a rule's words: `stage = WordAttribute[Stage]()`. Stored as text."""

    attr_type = STRING


class DueIndex(GlobalSecondaryIndex[Any]):
    """What has something to do, in order of when; keys only."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_shard = NumberAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class WaitingIndex(GlobalSecondaryIndex[Any]):
    """Open waits with what the call list shows, by the hour of `word_due_at`, then application."""

    class Meta:
        index_name = "waiting"
        projection = IncludeProjection(["application_id", "word_due_at", "since", "decided"])

    waiting_key = UnicodeAttribute(hash_key=True)
    waiting_at = UnicodeAttribute(range_key=True)


class ListingIndex(GlobalSecondaryIndex[Any]):
    """Ids of one kind of one employer; keys only, so that changes of a record cost nothing here."""

    class Meta:
        index_name = "listing"
        projection = KeysOnlyProjection()

    list_key = UnicodeAttribute(hash_key=True)
    list_at = UnicodeAttribute(range_key=True)


class Item(Model):
    """Any item of the table. Subclasses set `kind`, the part of `SK` before "#"."""

    class Meta:
        table_name = "heardback"
        region: str | None = None
        host: str | None = None
        connect_timeout_seconds = 1
        read_timeout_seconds = 3
        max_retry_attempts = 2
        max_pool_connections = 32
        billing_mode = "PAY_PER_REQUEST"

    kind: ClassVar[str] = ""
    kinds: ClassVar[dict[str, type[Item]]] = {}

    PK = UnicodeAttribute(hash_key=True)
    SK = UnicodeAttribute(range_key=True)
    due_shard = NumberAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    waiting_key = UnicodeAttribute(null=True)
    waiting_at = UnicodeAttribute(null=True)
    list_key = UnicodeAttribute(null=True)
    list_at = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    """TTL in epoch seconds, for items that may vanish. Readers ignore an expired item: DynamoDB deletes late."""

    due_index = DueIndex()
    waiting_index = WaitingIndex()
    listing_index = ListingIndex()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind:
            Item.kinds[cls.kind] = cls

    def __init__(self, hash_key: Any = None, range_key: Any = None, _user_instantiated: bool = True, **values: Any) -> None:
        columns = columns_of(type(self))
        if columns is None or not _user_instantiated:
            super().__init__(hash_key, range_key, _user_instantiated, **values)
            return
        self.attribute_values = columns.new(values)
        if hash_key is not None:
            self.attribute_values["PK"] = hash_key
        if range_key is not None:
            self.attribute_values["SK"] = range_key

    @property
    def key(self) -> Key:
        return (self.attribute_values["PK"], self.attribute_values["SK"])

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        columns = columns_of(cls)
        if columns is None:
            return super().from_raw_data(data)
        item = cls.__new__(cls)
        item.attribute_values = columns.read(data)
        return item

    def as_written(self) -> dict[str, Any]:
        """The item as it is written. Raises what PynamoDB raises where a value is missing."""
        columns = columns_of(type(self))
        return columns.write(self.attribute_values) if columns else dict(self.serialize())


def bind(table_name: str, region: str, loader: Any = None) -> None:
    """Names the table and makes the one connection that every model shares. Endpoints come from `AWS_ENDPOINT_URL_DYNAMODB`.

    `loader` is botocore's "data_loader" component of a session that has read the SDK's data already.
    """
    Item.Meta.table_name = table_name
    Item.Meta.region = region
    Item._connection = None
    Item._get_connection()
    if loader is not None:
        connection().session.register_component("data_loader", loader)
    wire.shorten(client())


def connection() -> Connection:
    return Item._get_connection().connection


def client() -> Any:
    """The botocore client below the models: where tests count requests and inject faults."""
    return connection().client


def from_raw(raw: dict[str, Any]) -> Item | None:
    """The model of a raw item by its kind, or None for a kind that this code does not know."""
    model = Item.kinds.get(raw["SK"]["S"].partition("#")[0])
    return model.from_raw_data(raw) if model else None


def query(pk: str, prefix: str | None = None, *, consistent: bool = True) -> list[Item]:
    """A whole partition (or the kinds whose SK begins with `prefix`), every page of it."""
    condition = Item.SK.startswith(prefix) if prefix else None
    return [item for raw in _pages(pk, range_key_condition=condition, consistent_read=consistent) if (item := from_raw(raw))]


def query_range(pk: str, first: str, last: str, *, consistent: bool = True) -> list[dict[str, Any]]:
    """Raw items of a partition with first <= SK <= last, every page."""
    return list(_pages(pk, range_key_condition=Item.SK.between(first, last), consistent_read=consistent))


def query_first(pk: str, prefix: str, most: int) -> list[Item]:
    """The first `most` items of a partition whose SK begins with `prefix`, read consistently in one page."""
    begin = Item.SK.startswith(prefix)
    page = call(Item._get_connection().query, pk, range_key_condition=begin, limit=most, consistent_read=True)
    return [item for raw in page["Items"] if (item := from_raw(raw))]


def _pages(pk: str, **kwargs: Any) -> Iterable[dict[str, Any]]:
    start = None
    while True:
        page = call(Item._get_connection().query, pk, exclusive_start_key=start, **kwargs)
        yield from page["Items"]
        start = page.get("LastEvaluatedKey")
        if not start:
            return


def query_index(
    index: str,
    hash_value: Any,
    condition: Condition | None = None,
    *,
    limit: int | None = None,
    forward: bool = True,
    start: dict[str, Any] | None = None,
    filter_condition: Condition | None = None,
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """One page of an index: raw items and the key to go on from. Index reads are eventually consistent: re-read what matters."""
    page = call(
        Item._get_connection().query,
        hash_value,
        range_key_condition=condition,
        index_name=index,
        limit=limit,
        scan_index_forward=forward,
        exclusive_start_key=start,
        filter_condition=filter_condition,
    )
    return page["Items"], page.get("LastEvaluatedKey")


def get(pk: str, sk: str) -> Item | None:
    """One item, read consistently."""
    raw = call(Item._get_connection().get_item, pk, sk, consistent_read=True).get("Item")
    return from_raw(raw) if raw else None


def get_many(keys: Iterable[Key], *, consistent: bool = True) -> dict[Key, Item]:
    """Items by key, in batches of 100; what is not there is not in the answer.

    `consistent=False` costs half: for what a later condition checks anyway.
    """
    wanted = list(dict.fromkeys(keys))
    found: dict[Key, Item] = {}
    for begin in range(0, len(wanted), BATCH_GET_MOST):
        pending: list[dict[str, Any]] = [{"PK": pk, "SK": sk} for pk, sk in wanted[begin : begin + BATCH_GET_MOST]]
        for attempt in range(_TRIES):
            if attempt:
                _pause(attempt)
            page = call(connection().batch_get_item, Item.Meta.table_name, pending, consistent_read=consistent)
            for raw in page.get("Responses", {}).get(Item.Meta.table_name, []):
                if item := from_raw(raw):
                    found[item.key] = item
            left = page.get("UnprocessedKeys", {}).get(Item.Meta.table_name, {}).get("Keys", [])
            pending = [{"PK": key["PK"]["S"], "SK": key["SK"]["S"]} for key in left]
            if not pending:
                break
        else:
            raise Unavailable
    return found


class Keeper(Protocol):
    """Keeps a transaction back until it may go out with something more in it."""

    def take(self, transaction: Transaction) -> bool:
        """True where it will send the transaction later; may raise what an earlier sending met."""

    def before_read(self) -> None:
        """Something is about to be read: what was kept back must have been sent."""


_keeper: ContextVar[Keeper | None] = ContextVar("keeper", default=None)


@contextmanager
def kept_by(keeper: Keeper) -> Iterator[None]:
    """Within it every `commit` is offered to the keeper first."""
    token = _keeper.set(keeper)
    try:
        yield
    finally:
        _keeper.reset(token)


def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A read, with the SDK's retries; what still fails is Unavailable."""
    if keeper := _keeper.get():
        keeper.before_read()
    try:
        return function(*args, **kwargs)
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        raise Unavailable from error


def snapshot(item: Item) -> dict[str, Any]:
    """An item's attributes as they stand now, to tell later what changed. Assign new values; never change one in place."""
    return dict(item.attribute_values)


def changes(item: Item, before: dict[str, Any]) -> list[Action]:
    """The update actions from a snapshot to the item as it is now: only what differs, so that what newer code wrote stays."""
    model, now = type(item), item.attribute_values
    actions: list[Action] = []
    if now == before:
        return actions
    for name in sorted(name for name in before.keys() | now.keys() if now.get(name) != before.get(name)):
        attribute, value = getattr(model, name), now.get(name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    return actions


_NOT_THERE = {"ConditionExpression": "attribute_not_exists (#0)", "ExpressionAttributeNames": {"#0": "PK"}}


class Transaction:
    """Up to 100 operations that happen together or not at all. An item may stand in it once.

    `commit()` retries conflicts and throttles with jitter; a failed condition raises ConditionLost with the keys that failed;
    no answer at all raises WriteUnknown.
    """

    def __init__(self) -> None:
        self._deletes: list[tuple[Key, dict[str, Any]]] = []
        self._puts: list[tuple[Key, dict[str, Any]]] = []
        self._updates: list[tuple[Key, dict[str, Any]]] = []
        self._checks: list[tuple[Key, dict[str, Any]]] = []

    def __len__(self) -> int:
        return len(self._ordered())

    @property
    def keys(self) -> frozenset[Key]:
        """The items that it stands on."""
        return frozenset(self._ordered())

    def absorb(self, other: Transaction) -> None:
        """Takes over what another one would do. The caller sees to it that no item stands in both."""
        self._deletes += other._deletes
        self._puts += other._puts
        self._updates += other._updates
        self._checks += other._checks

    def put(self, item: Item, condition: Condition | None = None) -> None:
        """Writes a new item whole. For an item that may exist use `update`: a put erases what newer code wrote."""
        self._puts.append((item.key, item.get_save_kwargs_from_instance(condition=condition)))

    def create(self, item: Item) -> None:
        """Writes an item that must not exist yet."""
        self._puts.append((item.key, {"TableName": Item.Meta.table_name, "Item": item.as_written(), **_NOT_THERE}))

    def update(self, item: Item, actions: Sequence[Action], condition: Condition | None = None) -> None:
        """Changes named attributes of an item and leaves the others as they are."""
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        request: dict[str, Any] = {"TableName": Item.Meta.table_name, "Key": {"PK": {"S": item.PK}, "SK": {"S": item.SK}}}
        if condition is not None:
            request["ConditionExpression"] = condition.serialize(names, values)
        request["UpdateExpression"] = Update(*actions).serialize(names, values)
        request["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
        self._updates.append((item.key, {**request, "ExpressionAttributeValues": values} if values else request))

    def delete(self, item: Item, condition: Condition | None = None) -> None:
        self._deletes.append((item.key, item.get_delete_kwargs_from_instance(condition=condition)))

    def check(self, item: Item, condition: Condition) -> None:
        """Demands a state of an item that is not written."""
        kwargs = type(item).get_operation_kwargs_from_class(item.PK, range_key=item.SK, condition=condition)
        self._checks.append((item.key, kwargs))

    def _ordered(self) -> list[Key]:
        """The keys in the order in which PynamoDB sends the operations, so that cancellation reasons find their item."""
        return [key for key, _ in (*self._checks, *self._deletes, *self._puts, *self._updates)]

    def commit(self) -> None:
        """Raises ConditionLost, WriteUnknown or Unavailable."""
        keeper = _keeper.get()
        if len(self) and not (keeper and keeper.take(self)):
            self.send()

    def send(self) -> None:
        """Commits now, whoever keeps transactions back."""
        for attempt in range(_TRIES):
            if attempt:
                _pause(attempt)
            try:
                connection().transact_write_items(
                    condition_check_items=[kwargs for _, kwargs in self._checks],
                    delete_items=[kwargs for _, kwargs in self._deletes],
                    put_items=[kwargs for _, kwargs in self._puts],
                    update_items=[kwargs for _, kwargs in self._updates],
                    client_request_token=str(uuid.uuid4()),
                )
                return
            except TransactWriteError as error:
                self._judge(error)
        raise Unavailable

    def _judge(self, error: TransactWriteError) -> None:
        """Returns where trying again can help; raises otherwise."""
        reasons = list(error.cancellation_reasons)
        failed = [
            key
            for key, reason in zip(self._ordered(), reasons, strict=False)
            if reason and reason.code == "ConditionalCheckFailed"
        ]
        if failed:
            raise ConditionLost(failed) from error
        if any(reason and reason.code in _PASSING for reason in reasons):
            return
        if not isinstance(error.cause, ClientError):  # no answer: PynamoDB would look for a code in it and find None
            raise WriteUnknown from error
        if error.cause_response_code in ("ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"):
            return
        if error.cause_response_code in _PASSING_CALL:
            raise WriteUnknown from error
        raise error


def _pause(attempt: int) -> None:
    """Full jitter, 25 ms doubling: a conflict is over in milliseconds."""
    time.sleep(random.uniform(0, 0.025 * 2**attempt))  # noqa: S311 - spreads load, guards nothing


def create_table() -> None:
    """Makes the table on a local engine, and waits for it. On AWS the template makes it."""
    if not Item.exists():
        Item.create_table(wait=True)
