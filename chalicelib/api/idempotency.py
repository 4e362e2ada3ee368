"""`Idempotency-Key`: a POST that is sent again is answered as it was the first time, and done once.

The record of a key is in the same transaction as the effect, so neither exists without the other. It costs no round trip:
it is read with the caller's API key. To put the response into it, the view runs with its transaction held back
(`HoldingCommitter`), and both are committed once there is a response. Two requests with one key that run at once meet
at the record: one transaction succeeds, and the other request finds the response there.

A view of several steps records its plan first, so that a repeat goes on where a crash ended the first request.
A view that reads after its write flushes first, one that sends a mail begins first, and a second commit flushes the first.
Then the effect is committed with a record that has no response yet, and the response follows. A refusal (4xx) changed nothing
and is not recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.api.idempotency_record import IdempotencyItem, Slot
from chalicelib.api.response import Response
from chalicelib.errors import ConditionFailed, Conflict, HeardbackError, WriteUnknown
from chalicelib.storage.table import Transaction
from chalicelib.storage.transaction import Committer

_TRIES = 8


class _Twin(HeardbackError):
    """Another request with the same key was first."""


class HoldingCommitter(Committer):
    """Holds the view's transaction back until there is a response, and commits it with the key's record.

    `failure` is what the last attempt's commit met. The view meets it at its first commit, as if that commit had met it, and
    reads again or refuses as it always does.
    """

    def __init__(self, slot: Slot, failure: ConditionFailed | None = None, plan: Any = None) -> None:
        """`plan`: that of a first request that died. Its record is this request's now."""
        self._slot = slot
        self._failure = failure
        self._held: Transaction | None = None
        self._plan = plan
        self._begun = plan is not None
        self.refused: ConditionFailed | None = None

    def commit(self, transaction: Transaction) -> None:
        """Holds the first transaction back. A second one commits both: the first with the record, the second at once."""
        if not len(transaction):
            return
        failure, self._failure = self._failure, None
        if failure:
            raise failure
        self.flush()
        if self._begun:
            transaction.commit()
        else:
            self._held = transaction

    def flush(self) -> None:
        """Commits what is held back, with a record that has no response yet."""
        held, self._held = self._held, None
        if held:
            self._commit_with_record(held, None)
            self._begun = True

    def begin(self) -> None:
        """Commits the record without a response, also where nothing is held back: a twin must not repeat the effect."""
        self.flush()
        if not self._begun:
            self._commit_with_record(Transaction(), None)
            self._begun = True

    def begin_steps(self, make_plan: Callable[[], Any]) -> Any:
        """Commits the record with a plan. A repeat of the request after a crash gets the same plan and goes on with it."""
        if self._plan is None:
            self._plan = make_plan()
            self.begin()
        return self._plan

    def finish(self, response: Response) -> None:
        """Records the response: with the effect, after an effect that was flushed, or alone where nothing changed."""
        if self._begun:
            record = self._slot.record(response)
            answer = Transaction()
            answer.update(record, [IdempotencyItem.answer.set(record.answer)], IdempotencyItem.attempt == record.attempt)
            answer.commit()
        elif self._held or response.status < 400:
            self._commit_with_record(self._held or Transaction(), response)

    def _commit_with_record(self, transaction: Transaction, response: Response | None) -> None:
        """Raises _Twin, ConditionFailed, WriteUnknown, Unavailable. After a lost response the record tells what happened."""
        record = self._slot.record(response, plan=self._plan, created=transaction.created_ids if response is None else None)
        transaction.put(record, record.is_free)
        for _ in range(3):
            try:
                transaction.commit()
                return
            except WriteUnknown as error:
                unknown = error
            except ConditionFailed as error:
                if record.key not in error.failed:
                    self.refused = error
                    raise
            found = self._slot.read()
            if found and found.attempt == record.attempt:
                return
            if found:
                raise _Twin
        raise unknown


def once(slot: Slot, view: Callable[[], Response]) -> Response:
    """Runs the view, or returns the response given before. The view runs again where others changed what it read."""
    if known := slot.live(slot.request.items.get(slot.key)):
        return _resume(slot, known, view) if slot.can_resume(known) else slot.replay(known)
    failure: ConditionFailed | None = None
    for _ in range(_TRIES):
        committer = slot.request.committer = HoldingCommitter(slot, failure)
        try:
            response = view()
            committer.finish(response)
            return response
        except ConditionFailed as error:
            if committer.refused is not error:
                raise
            failure = error
        except _Twin:
            if known := slot.read():
                return slot.replay(known)
    raise failure or Conflict


def _resume(slot: Slot, dead: IdempotencyItem, view: Callable[[], Response]) -> Response:
    """Takes the record of a request that died over, and runs the view with its plan."""
    mine = slot.record(None)
    takeover = Transaction()
    takeover.update(
        mine,
        [IdempotencyItem.attempt.set(mine.attempt), IdempotencyItem.begun_at.set(mine.begun_at)],
        (IdempotencyItem.attempt == dead.attempt) & IdempotencyItem.answer.does_not_exist(),
    )
    try:
        takeover.commit()
    except ConditionFailed:  # another repeat was faster
        return slot.replay(slot.read() or dead)
    committer = slot.request.committer = HoldingCommitter(slot, plan=dead.plan)
    response = view()
    committer.finish(response)
    return response
