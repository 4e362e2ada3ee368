"""The fixture of the erasure tests: everything that the table and the queues hold, as text to search."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local.environment import TABLE


def _texts(value: Any) -> Iterator[str]:
    """Every text in a raw item, compressed ones too."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one) if not isinstance(one, str) else (name, one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
        try:
            yield zlib.decompress(value).decode("utf-8", "replace")
        except zlib.error:
            return
    else:
        yield str(value)


@pytest.fixture
def everything(stack: Any) -> Callable[[], list[str]]:
    """everything() -> one text for each item of the table and each record of the queues."""

    def read() -> list[str]:
        client, found, start = stack.table.client(), [], {}
        while True:
            page = client.scan(TableName=TABLE, ConsistentRead=True, **start)
            found += [" ".join(_texts(item)) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        for url in stack.queues:
            while records := stack.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                found += [json.dumps(one) for one in records]
        return found

    return read
