"""Empties, saves and restores the table by plain HTTP, as nearly every test begins with it: botocore takes five times as long."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra.local.environment import TABLE
from tests.wire import NO_SIGNATURE, Connection

BATCH_WRITE_MOST = 25
Json = dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """All items of the table, as request bodies that write them again."""

    batches: tuple[bytes, ...]


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
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        batches = [items[begin : begin + BATCH_WRITE_MOST] for begin in range(0, len(items), BATCH_WRITE_MOST)]
        writes = [{"RequestItems": {TABLE: [{"PutRequest": {"Item": item}} for item in batch]}} for batch in batches]
        return Snapshot(tuple(json.dumps(write).encode() for write in writes))

    def restore(self, snapshot: Snapshot) -> None:
        """Write the items of a snapshot into the empty table."""
        for batch in snapshot.batches:
            answer = self._request("BatchWriteItem", batch)
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
        assert status == 200 or (operation == "DeleteTable" and missing), answer
        return answer
