"""Compares the world in memory with a real engine: the same requests, the same responses, without lag and faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulation.run import INDEXES
from tests.simulation.world.queue import RECEIVES_MOST, VISIBILITY, Queue
from tests.simulation.world.table import Refused, Table

REQUESTS = 300
CONDITIONS = (
    "attribute_exists(PK)",
    "attribute_not_exists(PK)",
    "#n = :v",
    "#n <> :v",
    "#n < :v",
    "#n <= :v AND #s = :w",
    "#n BETWEEN :v AND :x",
    "NOT (#n > :v)",
    "begins_with(#s, :w)",
    "#n IN (:v, :x) OR #s >= :w",
    "contains(#s, :w)",
    "attribute_type(#n, :t)",
    "size(#s) > :v",
)
UPDATES = (
    "SET #s = :w",
    "SET #n = :v, #s = :w",
    "REMOVE #s",
    "SET #n = #n + :v",
    "ADD #n :v",
    "SET #n = if_not_exists(#n, :v) - :x",
    "SET #s = :w REMOVE #n",
    "ADD #n :v SET due_at = :w, due_shard = :y",
    "REMOVE due_at, due_shard",
    "SET list_key = :k, list_at = :w",
)
KEY_CONDITIONS = (
    "PK = :p",
    "PK = :p AND begins_with(SK, :b)",
    "PK = :p AND SK BETWEEN :b AND :e",
    "PK = :p AND SK > :b",
    "PK = :p AND SK <= :e",
)


class _Drawer:
    """Draws requests over a few keys, so that they meet."""

    def __init__(self, seed: int, table_name: str) -> None:
        self.chance = Random(seed)
        self.name = table_name

    def key(self) -> dict[str, Any]:
        return {"PK": {"S": self.chance.choice("AB")}, "SK": {"S": self.chance.choice(("K#1", "K#2", "K#3", "L", "M#1"))}}

    def bound(self, *texts: str | None) -> dict[str, Any]:
        """The names and values that the texts use, and no others: an unused one is an error on AWS."""
        draw = self.chance
        values = {
            ":v": {"N": str(draw.randint(-2, 3))},
            ":x": {"N": str(draw.randint(3, 5))},
            ":y": {"N": draw.choice("01")},
            ":w": {"S": draw.choice(("a", "ab", "b", "c"))},
            ":k": {"S": draw.choice("XY")},
            ":t": {"S": draw.choice("NS")},
            ":p": {"S": draw.choice("AB")},
            ":b": {"S": draw.choice(("K", "K#2", "L"))},
            ":e": {"S": draw.choice(("L", "M"))},
        }
        whole = " ".join(text for text in texts if text)
        used = {name: value for name, value in values.items() if name in whole}
        names = {token: name for token, name in (("#n", "number"), ("#s", "text")) if token in whole}
        return {**({"ExpressionAttributeValues": used} if used else {}), **({"ExpressionAttributeNames": names} if names else {})}

    def write(self) -> tuple[str, dict[str, Any]]:
        draw = self.chance
        condition = draw.choice((None, None, *CONDITIONS))
        kind = draw.choice(("Put", "Update", "Update", "Update", "Delete"))
        body: dict[str, Any] = {"TableName": self.name, **({"ConditionExpression": condition} if condition else {})}
        update = None
        if kind == "Put":
            body["Item"] = {
                **self.key(),
                "number": {"N": str(draw.randint(-1, 2))},
                "flag": {"BOOL": True},
                "none": {"NULL": True},
            }
        else:
            body["Key"] = self.key()
        if kind == "Update":
            update = body["UpdateExpression"] = draw.choice(UPDATES)
        return kind, {**body, **self.bound(condition, update)}

    def request(self) -> tuple[str, dict[str, Any]]:
        draw = self.chance
        kind = draw.choices(("write", "transaction", "get", "batch", "query", "index"), (6, 5, 1, 1, 3, 3))[0]
        match kind:
            case "write":
                what, body = self.write()
                return f"{what}Item", {**body, **({"ReturnValues": "ALL_NEW"} if what == "Update" else {})}
            case "transaction":
                return "TransactWriteItems", self.transaction()
            case "get":
                return "GetItem", {"TableName": self.name, "Key": self.key(), "ConsistentRead": True}
            case "batch":
                keys = list({json.dumps(key): key for key in (self.key() for _ in range(3))}.values())
                return "BatchGetItem", {"RequestItems": {self.name: {"Keys": keys, "ConsistentRead": True}}}
        return "Query", self.query(kind == "index")

    def transaction(self) -> dict[str, Any]:
        draw = self.chance
        items = []
        for _ in range(draw.randint(1, 4)):
            kind, body = self.write()
            if draw.random() < 0.2:
                condition = draw.choice(CONDITIONS)
                kind = "ConditionCheck"
                body = {"TableName": self.name, "Key": self.key(), "ConditionExpression": condition, **self.bound(condition)}
            items.append({kind: body})
        return {"TransactItems": items, "ClientRequestToken": f"token-{draw.randrange(10**9)}"}

    def query(self, index: bool) -> dict[str, Any]:
        draw = self.chance
        condition = draw.choice(KEY_CONDITIONS)
        request: dict[str, Any] = {"TableName": self.name, "ScanIndexForward": draw.random() < 0.5}
        if index:
            name, condition = draw.choice(
                (
                    ("due", "due_shard = :y"),
                    ("due", "due_shard = :y AND due_at <= :w"),
                    ("listing", "list_key = :k"),
                    ("listing", "list_key = :k AND list_at < :w"),
                )
            )
            request["IndexName"] = name
        else:
            request["ConsistentRead"] = True
        if draw.random() < 0.5:
            request["Limit"] = draw.randint(1, 3)
        return {**request, "KeyConditionExpression": condition, **self.bound(condition)}


def _essence(send: Callable[[], dict[str, Any]]) -> Any:
    """A response without what the world leaves out: capacity, messages, metadata."""
    try:
        whole = send()
    except ClientError as error:
        reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
        return error.response["Error"]["Code"], reasons
    except Refused as refused:
        return refused.code, [reason["Code"] for reason in refused.fields.get("CancellationReasons", [])]
    kept = {
        name: whole[name] for name in ("Item", "Items", "Attributes", "Responses", "LastEvaluatedKey", "Count") if whole.get(name)
    }
    for table, items in kept.get("Responses", {}).items():
        kept["Responses"][table] = sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))
    return kept


@pytest.mark.parametrize("seed", range(3))
def test_the_world_responds_as_an_engine_does(empty_table, seed):
    """The simulator proves something only if transactions and conditions behave as in a real table."""
    name = empty_table.Item.Meta.table_name
    client, world, drawer = empty_table.client(), Table(name, INDEXES), _Drawer(seed, name)
    told: list[tuple[str, dict[str, Any]]] = []
    for number in range(REQUESTS):
        operation, request = drawer.request()
        if operation == "TransactWriteItems" and told and drawer.chance.random() < 0.15:
            operation, request = told[-1]  # the very same again, under the same token
        elif operation == "TransactWriteItems":
            told.append((operation, request))
        ask = _Both(client, world, number / 1000)
        start = ask(operation, request)
        while start:
            start = ask(operation, {**request, "ExclusiveStartKey": start})


class _Both:
    """Sends the same request to the engine and the world, and returns where the next page of a query begins."""

    def __init__(self, client: Any, world: Table, at: float) -> None:
        self.client, self.world, self.at = client, world, at

    def __call__(self, operation: str, request: dict[str, Any]) -> Any:
        real = _essence(lambda: self.client._make_api_call(operation, json.loads(json.dumps(request))))
        assert _essence(lambda: self.world.serve(operation, request, self.at)) == real, (operation, request)
        return real.get("LastEvaluatedKey") if isinstance(real, dict) else None


def test_a_number_that_is_not_text_is_refused():
    """Local engines accept it; AWS returns SerializationException, and no reminder would ever be sent."""
    with pytest.raises(Refused, match="SerializationException"):
        Table("t", INDEXES).serve(
            "Query",
            {"IndexName": "due", "KeyConditionExpression": "due_shard = :s", "ExpressionAttributeValues": {":s": {"N": 3}}},
            0.0,
        )


def test_a_token_is_remembered_for_ten_minutes_and_no_longer():
    """A request that arrives after its token expired is a second write, on AWS too."""
    table = Table("t", INDEXES)
    request = {
        "ClientRequestToken": "one",
        "TransactItems": [
            {
                "Update": {
                    "Key": {"PK": {"S": "A"}, "SK": {"S": "K"}},
                    "UpdateExpression": "ADD n :v",
                    "ExpressionAttributeValues": {":v": {"N": "1"}},
                }
            }
        ],
    }
    for at in (0.0, 1.0, 599.0, 601.0):
        table.serve("TransactWriteItems", request, at)
    assert table.items["A", "K"]["n"] == {"N": "2"}


def test_an_index_and_an_eventual_read_see_what_was():
    """An index or an eventually consistent read may show an old state."""
    table = Table("t", INDEXES, index_lag=lambda: 5.0, read_lag=lambda: 2.0)
    item = {"PK": {"S": "A"}, "SK": {"S": "K"}, "due_shard": {"N": "1"}, "due_at": {"S": "x"}}
    table.serve("PutItem", {"Item": item}, 0.0)
    query = {"IndexName": "due", "KeyConditionExpression": "due_shard = :s", "ExpressionAttributeValues": {":s": {"N": "1"}}}
    assert table.serve("Query", query, 4.0)["Count"] == 0
    assert table.serve("Query", query, 6.0)["Count"] == 1
    assert table.serve("GetItem", {"Key": {"PK": {"S": "A"}, "SK": {"S": "K"}}}, 1.0) == {}
    assert table.serve("GetItem", {"Key": {"PK": {"S": "A"}, "SK": {"S": "K"}}, "ConsistentRead": True}, 1.0) == {"Item": item}


def test_a_record_is_seen_again_until_it_is_a_dead_letter_and_comes_back_when_it_is_sent_back():
    """A standard queue delivers at least once, and days later after a redrive."""
    queue = Queue(Random(1))
    queue.serve("SendMessageBatch", {"Entries": [{"Id": "0", "MessageBody": "x"}]}, 0.0)
    for time in range(RECEIVES_MOST):
        assert len(queue.receive(10, time * VISIBILITY)) == 1
        assert queue.receive(10, time * VISIBILITY + 1) == []
    assert queue.receive(10, RECEIVES_MOST * VISIBILITY) == []
    assert len(queue.dead) == 1
    queue.redrive(500_000.0)
    assert len(queue.receive(10, 500_000.0)) == 1
