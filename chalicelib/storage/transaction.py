"""The transaction that every write is: up to 100 operations together, tried again where that is safe."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from botocore.exceptions import ClientError
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.errors import ConditionFailed, Unavailable, WriteUnknown
from chalicelib.storage import fast_path
from chalicelib.storage.base_item import Item, Key

TRANSACTION_MOST = 100
TRIES = 6
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "ItemCollectionSizeLimitExceeded"}
_PASSING_CALL = {
    "TransactionInProgressException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
}


class Keeper(Protocol):
    """Keeps a transaction back until it may go out with something more in it."""

    def take(self, transaction: Transaction) -> bool:
        """True where it will send the transaction later; may raise what an earlier sending met."""

    def before_read(self) -> None:
        """Something is about to be read: what was kept back must have been sent."""


_keeper: ContextVar[Keeper | None] = ContextVar("keeper", default=None)


def keeper() -> Keeper | None:
    """Who keeps transactions back here and now."""
    return _keeper.get()


@contextmanager
def kept_by(one: Keeper) -> Iterator[None]:
    """Within it every `commit` is offered to the keeper first."""
    token = _keeper.set(one)
    try:
        yield
    finally:
        _keeper.reset(token)


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
        self._puts.append((item.key, fast_path.create_request(item)))

    def update(self, item: Item, actions: Sequence[Action], condition: Condition | None = None) -> None:
        """Changes named attributes of an item and leaves the others as they are."""
        self._updates.append((item.key, fast_path.update_request(item, actions, condition)))

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
        kept = keeper()
        if len(self) and not (kept and kept.take(self)):
            self.send()

    def send(self) -> None:
        """Commits now, whoever keeps transactions back.

        One token for all attempts: a refusal may hide that an attempt before it, by the SDK, was carried out and its answer lost.
        """
        token = str(uuid.uuid4())
        for attempt in range(TRIES):
            if attempt:
                pause(attempt)
            try:
                Item.table_connection().connection.transact_write_items(
                    condition_check_items=[kwargs for _, kwargs in self._checks],
                    delete_items=[kwargs for _, kwargs in self._deletes],
                    put_items=[kwargs for _, kwargs in self._puts],
                    update_items=[kwargs for _, kwargs in self._updates],
                    client_request_token=token,
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
            raise ConditionFailed(failed) from error
        if any(reason and reason.code in _PASSING for reason in reasons):
            return
        if not isinstance(error.cause, ClientError):  # no answer: PynamoDB would look for a code in it and find None
            raise WriteUnknown from error
        if error.cause_response_code in ("ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"):
            return
        if error.cause_response_code in _PASSING_CALL:
            raise WriteUnknown from error
        raise error


def pause(attempt: int) -> None:
    """Full jitter, 25 ms doubling: a conflict is over in milliseconds."""
    time.sleep(random.uniform(0, 0.025 * 2**attempt))  # noqa: S311 - spreads load, guards nothing
