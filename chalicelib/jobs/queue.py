"""The queue between scheduler and worker. A record only names a key: the table holds the state."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.storage.table import Key

BATCH_MOST = 10
GROUP_LENGTH = 128
LONGEST_DELAY = 900
_THREADS = 8
_DEPTH = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
log = logging.getLogger(__name__)


def body_of(key: Key) -> str:
    return json.dumps({"pk": key[0], "sk": key[1]})


def key_of(body: str) -> Key:
    """Reads the key that a record names. Raises ValueError where it names none."""
    try:
        record = json.loads(body)
        pk, sk = record["pk"], record["sk"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("not a record of this queue") from error
    if not (isinstance(pk, str) and isinstance(sk, str) and pk and sk):
        raise ValueError("not a record of this queue")
    return pk, sk


def employer_of(key: Key) -> str:
    """The employer's id, or the partition itself where it belongs to no employer, as a claim's."""
    parts = key[0].split("#")
    return parts[1] if parts[0] == "EMP" else key[0]


class Queue:
    """An SQS standard queue over a boto3 client.

    Each record names its employer as `MessageGroupId`. That makes it a fair queue: SQS hands out other employers' records
    first while one employer occupies more than its share of the workers.
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def depth(self) -> int:
        """About how many records are queued or in flight."""
        response = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=list(_DEPTH))
        return sum(int(response.get("Attributes", {}).get(name, 0)) for name in _DEPTH)

    def send(self, keys: Sequence[Key], *, per_second: float = 0) -> int:
        """Queues keys in batches of ten and returns how many were taken.

        The rest stays due and is queued again a minute later. With `per_second` the keys
        become receivable at about that rate, from now on; with 0 all at once.
        """
        entries = [(key, min(int(place / per_second), LONGEST_DELAY) if per_second else 0) for place, key in enumerate(keys)]
        batches = [entries[begin : begin + BATCH_MOST] for begin in range(0, len(entries), BATCH_MOST)]
        if len(batches) <= 1:
            return sum(map(self._send_batch, batches))
        with ThreadPoolExecutor(min(_THREADS, len(batches))) as pool:
            return sum(pool.map(self._send_batch, batches))

    def _send_batch(self, keys: Sequence[tuple[Key, int]]) -> int:
        """Sends up to ten keys, each with the seconds after which it becomes receivable."""
        entries = [
            {
                "Id": str(number),
                "MessageBody": body_of(key),
                "MessageGroupId": employer_of(key)[:GROUP_LENGTH],
                **({"DelaySeconds": delay} if delay else {}),
            }
            for number, (key, delay) in enumerate(keys)
        ]
        try:
            response = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            log.warning("a batch was not queued: %s", type(error).__name__)
            return 0
        return len(response.get("Successful", []))
