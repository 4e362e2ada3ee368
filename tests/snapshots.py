"""Empties, saves and restores the table by plain HTTP, as nearly every test begins with it: botocore takes five times as long."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra.local.environment import TABLE
from tests.wire import NO_SIGNATURE, Connection

BATCH_WRITE_MOST = 25
NEW_TABLE = 10
"""A new table costs the engine as much as writing so many items."""
Json = dict[str, Any]
Key = tuple[str, str]


def keyed(items: list[Json]) -> dict[Key, Json]:
    """Items by their keys."""
    return {(item["PK"]["S"], item["SK"]["S"]): item for item in items}


@dataclass(frozen=True)
class Snapshot:
    """All items of the table, by their keys."""

    items: dict[Key, Json]


EMPTY = Snapshot({})


class Tables:
    """The one table of a local engine. `client` is the botocore client that makes the table."""

    def __init__(self, url: str, client: Any) -> None:
        self._address = urlsplit(url).netloc
        self._connection: Connection | None = None
        self._definition = b""
        client.meta.events.register("request-created.dynamodb.CreateTable", self._keep_definition)

    def _keep_definition(self, request: Any, **_: Any) -> None:
        self._definition = request.body if isinstance(request.body, bytes) else request.body.encode()

    def forget(self) -> None:
        """Drops the connection, which another process shares after a fork."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def empty(self, create: Any) -> None:
        """Delete the table and make it again. `create` makes it the first time; its request is repeated after that."""
        self._request("DeleteTable", {"TableName": TABLE})
        if self._definition:
            self._request("CreateTable", self._definition)
        else:
            create()

    def save(self) -> Snapshot:
        """Every item, to be restored as often as wanted."""
        items: list[Json] = []
        start: Json = {}
        while True:
            page = self._request("Scan", {"TableName": TABLE, **start})
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return Snapshot(keyed(items))
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def restore(self, snapshot: Snapshot, create: Any) -> None:
        """Make the table hold the items of a snapshot and no others.

        It mostly holds nearly all of them: what differs is written, unless that is more than a new table takes. Writing an item
        takes the engine five times as long as reading it, and making a table as long as writing ten.
        """
        page = self._request("Scan", {"TableName": TABLE}) if snapshot.items else {}
        here = keyed(page.get("Items", []))
        puts = [item for key, item in snapshot.items.items() if here.get(key) != item]
        gone = [item for key, item in here.items() if key not in snapshot.items]
        if not here or "LastEvaluatedKey" in page or len(puts) + len(gone) > len(snapshot.items) + NEW_TABLE:
            self.empty(create)
            puts, gone = list(snapshot.items.values()), []
        deletes = [{"DeleteRequest": {"Key": {"PK": item["PK"], "SK": item["SK"]}}} for item in gone]
        self._write([*({"PutRequest": {"Item": item}} for item in puts), *deletes])

    def holds(self, items: dict[Key, Json | None]) -> bool:
        """Return whether these items are as given; None is one that is not there."""
        keys = [{"PK": {"S": first}, "SK": {"S": second}} for first, second in items]
        answer = self._request("BatchGetItem", {"RequestItems": {TABLE: {"Keys": keys, "ConsistentRead": True}}})
        assert not answer.get("UnprocessedKeys"), answer
        here = keyed(answer["Responses"][TABLE])
        return all(here.get(key) == item for key, item in items.items())

    def put(self, items: Iterable[Json]) -> None:
        """Write items as they are."""
        self._write([{"PutRequest": {"Item": item}} for item in items])

    def _write(self, writes: list[Json]) -> None:
        for begin in range(0, len(writes), BATCH_WRITE_MOST):
            answer = self._request("BatchWriteItem", {"RequestItems": {TABLE: writes[begin : begin + BATCH_WRITE_MOST]}})
            assert not answer.get("UnprocessedItems"), answer

    def _request(self, operation: str, body: Json | bytes) -> Json:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            **NO_SIGNATURE,
        }
        self._connection = self._connection or Connection(self._address)
        status, _, content = self._connection.request("POST", "/", raw, headers)
        answer: Json = json.loads(content)
        missing = "ResourceNotFoundException" in str(answer.get("__type", ""))
        assert status == 200 or (operation in ("DeleteTable", "Scan") and missing), answer
        return answer
