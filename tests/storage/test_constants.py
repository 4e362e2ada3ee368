"""How long events are kept, how many items one request takes, and how stored instants and counters are written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.storage import base_item, fast_path, feed, ids, outbox, recipients, sms_spend, table, transaction
from chalicelib.storage.sms_spend import Amount

DAY = timedelta(days=1)
SHARDS_OF_A_DEPLOYMENT = ids.DUE_SHARDS
"""As imported: tests have fewer, so that a tick takes fewer queries."""
TABLE_OPERATIONS = {
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "TransactWriteItems",
    "UpdateItem",
}
RULES: list[tuple[Any, str, Any]] = [
    (base_item, "INSTANT_FORMAT", "%Y-%m-%dT%H:%M:%S.%fZ"),
    (fast_path, "OPERATIONS", TABLE_OPERATIONS),
    (fast_path, "QUEUE_OPERATIONS", {"DeleteMessageBatch", "GetQueueAttributes", "ReceiveMessage", "SendMessageBatch"}),
    (fast_path, "USER_AGENT", "heardback botocore"),
    (feed, "KEPT_FOR", 31 * DAY),
    (feed, "COMMIT_WITHIN_SECONDS", 8),
    (feed, "SETTLED_AFTER", timedelta(seconds=30)),
    (outbox, "KEPT_FOR", 30 * DAY),
    (recipients, "CHANNEL_CODES", {"email": b"e", "sms": b"s"}),
    (recipients, "PLACES", 32),
    (recipients, "TEXTED_MOST", 100),
    (sms_spend, "MICRO", 1_000_000),
    (sms_spend, "NOTHING", Amount(0, 0, 0)),
    (table, "BATCH_GET_MOST", 100),
    (transaction, "TRANSACTION_MOST", 100),
    (transaction, "TRIES", 6),
]


@pytest.mark.parametrize(("module", "name", "value"), RULES, ids=lambda one: getattr(one, "__name__", None))
def test_a_limit_or_a_time_of_storage_is_as_stated(module: Any, name: str, value: Any) -> None:
    assert getattr(module, name) == value


def test_what_is_due_is_in_one_of_sixteen_shards() -> None:
    """More than older code reads would be sent by newer code alone."""
    assert SHARDS_OF_A_DEPLOYMENT == 16
