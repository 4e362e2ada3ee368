"""Transactions: every write is one, of up to 100 operations that happen together, and is retried where that is safe."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.errors import ConditionFailed, Unavailable, WriteUnknown
from chalicelib.storage import fast_path, feed
from chalicelib.storage.base_item import Item, Key

TRANSACTION_MOST = 100
TRIES = 6
_TRANSIENT_REASONS = {
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "ItemCollectionSizeLimitExceeded",
}
"""Reasons for a cancelled transaction that another attempt can overcome."""
_THROTTLED = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
"""Errors of a whole request that say that nothing was done."""
_UNKNOWN_OUTCOME = {"TransactionInProgressException", "InternalServerError", "ServiceUnavailable"}


class Transaction:
    """Up to 100 operations that happen together or not at all. An item may be in it once.

    `commit()` retries conflicts and throttles with jitter. A failed condition raises ConditionFailed with the keys that failed;
    no response at all raises WriteUnknown.
    """

    def __init__(self) -> None:
        self._deletes: list[tuple[Key, dict[str, Any]]] = []
        self._puts: list[tuple[Key, dict[str, Any]]] = []
        self._updates: list[tuple[Key, dict[str, Any]]] = []
        self._checks: list[tuple[Key, dict[str, Any]]] = []
        self._changes: list[feed.Change] = []
        self._written: tuple[int, str, str] | None = None
        """Once prepared: how many operations it has, and their JSON, of those before the feed's and of those after."""

    def __len__(self) -> int:
        operations = len(self._checks) + len(self._deletes) + len(self._puts) + len(self._updates)
        return operations + (len({change.employer_id for change in self._changes}) if self._changes else 0)

    def tell(self, change: feed.Change) -> None:
        """Adds a record's change to the employer's change feed, which gets one entry a transaction."""
        self._changes.append(change)

    @property
    def keys(self) -> frozenset[Key]:
        """The keys of its items."""
        return frozenset(self._ordered())

    @property
    def created_ids(self) -> list[str]:
        """The ids of the records that it writes whole."""
        items = [request["Item"] for _, request in self._puts]
        return [item["id"]["S"] for item in items if "id" in item]

    @property
    def tells_changes(self) -> bool:
        """Whether it writes to the change feed: one item, however many changes it tells."""
        return bool(self._changes)

    def absorb(self, other: Transaction) -> None:
        """Adds the operations of another one. No item may be in both: the caller takes care of that."""
        self._deletes += other._deletes
        self._puts += other._puts
        self._updates += other._updates
        self._checks += other._checks
        self._changes += other._changes

    def put(self, item: Item, condition: Condition | None = None) -> None:
        """Writes a new item whole. Use `update` for an item that may exist: a put erases what newer code wrote."""
        self._puts.append((item.key, fast_path.put_request(item, condition)))

    def create(self, item: Item) -> None:
        """Writes an item that must not exist yet."""
        self._puts.append((item.key, fast_path.create_request(item)))

    def update(self, item: Item, actions: Sequence[Action], condition: Condition | None = None) -> None:
        """Changes named attributes of an item and leaves the others as they are."""
        self._updates.append((item.key, fast_path.update_request(item, actions, condition)))

    def write(self, item: Item, names: Sequence[str], unchanged: tuple[str, Any] | None = None) -> None:
        """Gives these attributes of a stored item the item's values, where the attribute `unchanged` still has that value."""
        self._updates.append((item.key, fast_path.write_request(item, names, unchanged)))

    def delete(self, item: Item, condition: Condition | None = None) -> None:
        """Deletes an item."""
        self._deletes.append((item.key, fast_path.delete_request(item, condition)))

    def check(self, item: Item, condition: Condition) -> None:
        """Requires a state of an item that is not written."""
        kwargs = type(item).get_operation_kwargs_from_class(item.PK, range_key=item.SK, condition=condition)
        self._checks.append((item.key, kwargs))

    def prepare(self) -> None:
        """Writes the JSON of its operations now, where there is time for it. Nothing may be added afterwards."""
        before = {"ConditionCheck": self._checks, "Delete": self._deletes, "Put": self._puts}
        texts = [_text_of(kind, some) for kind, some in before.items() if some]
        self._written = len(self), ",".join(texts), _text_of("Update", self._updates)

    def _text(self, entries: Sequence[tuple[Key, dict[str, Any]]]) -> str:
        """The JSON of all operations, if it is prepared. Raises ValueError where some were added since."""
        if self._written is None:
            return ""
        count, before, after = self._written
        if count != len(self):
            raise ValueError("operations were added to a prepared transaction")
        return ",".join(filter(None, (before, _text_of("Put", entries), after)))

    def _ordered(self, entries: Sequence[tuple[Key, dict[str, Any]]] = ()) -> list[Key]:
        """The keys in the order in which PynamoDB sends the operations: cancellation reasons come in that order."""
        return [key for key, _ in (*self._checks, *self._deletes, *self._puts, *entries, *self._updates)]

    def commit(self) -> None:
        """Commits now; an empty transaction does nothing. Raises ConditionFailed, WriteUnknown or Unavailable.

        All attempts share one token: a refusal may hide that an earlier attempt of the SDK was carried out and its response lost.
        """
        if not self._ordered():
            return
        token, entries, began = os.urandom(16).hex(), feed.put_requests(self._changes), time.monotonic()
        for attempt in range(TRIES):
            if attempt:
                pause(attempt)
            if time.monotonic() - began > feed.COMMIT_WITHIN_SECONDS:  # readers rely on the time in its feed entry
                break
            try:
                fast_path.transact(
                    Item.table_connection().connection,
                    condition_check_items=[kwargs for _, kwargs in self._checks],
                    delete_items=[kwargs for _, kwargs in self._deletes],
                    put_items=[kwargs for _, kwargs in (*self._puts, *entries)],
                    update_items=[kwargs for _, kwargs in self._updates],
                    client_request_token=token,
                    text=self._text(entries),
                )
                return
            except TransactWriteError as error:
                self._raise_unless_transient(error, self._ordered(entries))
        raise Unavailable

    def _raise_unless_transient(self, error: TransactWriteError, ordered: Sequence[Key]) -> None:
        """Returns where another attempt can help; raises otherwise."""
        reasons = list(error.cancellation_reasons)
        failed = [
            key for key, reason in zip(ordered, reasons, strict=False) if reason and reason.code == "ConditionalCheckFailed"
        ]
        if failed:
            raise ConditionFailed(failed) from error
        if any(reason and reason.code in _TRANSIENT_REASONS for reason in reasons):
            return
        if not isinstance(error.cause, ClientError):  # no response: PynamoDB would look for a code in it and find None
            raise WriteUnknown from error
        if error.cause_response_code in _THROTTLED:
            return
        if error.cause_response_code in _UNKNOWN_OUTCOME:
            raise WriteUnknown from error
        raise error


def _text_of(kind: str, entries: Sequence[tuple[Key, dict[str, Any]]]) -> str:
    return fast_path.text_of(kind, [kwargs for _, kwargs in entries])


class Committer:
    """Commits the transactions of one request or job. This one commits each at once.

    A route hands its request's committer down to the services that write, because a request with an Idempotency-Key commits its
    record and its effect together (`api.idempotency`). Jobs use AT_ONCE.
    """

    def commit(self, transaction: Transaction) -> None:
        """Commits a transaction, or holds it back until there is a response. Raises what `Transaction.commit` raises."""
        transaction.commit()

    def flush(self) -> None:
        """Commits what is held back. Call it before reading what was written."""

    def begin(self) -> None:
        """Commits what is held back and the key's record. Call it before an effect outside the table, such as a mail."""

    def begin_steps(self, make_plan: Callable[[], Any]) -> Any:
        """Starts an effect of several transactions. Returns its plan (JSON), which a repeat after a crash gets again."""
        return make_plan()


AT_ONCE = Committer()


def pause(attempt: int) -> None:
    """Waits with full jitter, from 25 ms doubling: a conflict is over within milliseconds."""
    time.sleep(random.uniform(0, 0.025 * 2**attempt))  # noqa: S311 - spreads load, protects no secret
