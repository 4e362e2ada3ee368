"""Takes an employer's request for letters, creates their messages, tells what became of them, and cancels what is not sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.duties import lacks_of_notice
from chalicelib.applications.mappers import open_wait_of
from chalicelib.auth.actors import Actor
from chalicelib.errors import ApiError, ConditionFailed, Conflict, NotFound, ProblemCode
from chalicelib.messaging.letters.items import LetterItem, letter_key
from chalicelib.messaging.messages import LETTER, MessageItem, tell
from chalicelib.messaging.new_messages import new_letter
from chalicelib.rules.copy.letters import STATUTORY_NAMES
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Decision, LetterReason, Wait
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

FRESH_FOR = timedelta(days=7)
"""A letter that an outage, or closed hours, delayed for longer is not sent, and listed as expired."""
NOT_SENT = ("failed", "expired", "cancelled", "suppressed")
_ENDED: dict[str, tuple[ProblemCode, str]] = {
    "withdrawn": ("withdrawn", "The candidate has withdrawn."),
    "closed": ("closed", "The application is closed."),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What to tell, and when. `reasons` are criteria of the job; `feedback_by` promises feedback by a day instead."""

    id: str
    decision: Decision
    reasons: tuple[LetterReason, ...] = ()
    feedback_by: datetime | None = None
    send_at: datetime | None = None


def ask(
    employer: Employer,
    application_id: str,
    wanted: Letter,
    now: datetime,
    *,
    by: Actor | None = None,
    committer: Committer = AT_ONCE,
) -> tuple[MessageItem, bool]:
    """Returns the message to one candidate and whether it belongs to this request: a wait gets one letter.

    Raises NotFound, and Conflict where it cannot be told by letter: the code says why.
    """
    items = table.query(keys.case_pk(employer.id, application_id))
    item = next((one for one in items if isinstance(one, ApplicationItem)), None)
    if item is None or item.id != application_id:
        raise NotFound("There is no such application.")
    letters, case = [one for one in items if isinstance(one, MessageItem) and one.step == LETTER], ApplicationCase(item, items)
    if (known := next((one for one in letters if _is_on_its_way(one) or _has_told(one, case)), None)) is not None:
        if _is_on_its_way(known) and not _says_the_same(known, wanted):
            raise Conflict("Another letter to this candidate is on its way.", code="letter_pending")
        return known, known.letter_id == wanted.id
    wait = _demand_open_wait(case, now)
    if not item.email:
        raise Conflict("The candidate has no email address.", code="no_email")
    message = new_letter(item, wait, wanted.id, number=len(letters), not_after=(wanted.send_at or now) + FRESH_FOR, now=now)
    message.decision, message.reasons, message.feedback_by = wanted.decision, list(wanted.reasons) or None, wanted.feedback_by
    message.recorded_by = by.stored() if by else None
    message.lacks = lacks_of_notice(employer, item, wanted.decision, STATUTORY_NAMES) or None
    message.due_shard, message.due_at = ids.due_shard(message.id), stored_instant(wanted.send_at or now)
    transaction = Transaction()
    transaction.create(message)
    tell(transaction, message, now)
    try:
        committer.commit(transaction)
    except ConditionFailed:
        raise Conflict("Someone else is sending this candidate a letter right now.", code="letter_pending") from None
    return message, True


def _is_on_its_way(message: MessageItem) -> bool:
    """Whether it is or may be on its way, or was sent and is not logged yet."""
    if message.status == "sent":
        return message.due_at is not None and not message.has_come_back
    return message.status not in NOT_SENT


def _has_told(message: MessageItem, case: ApplicationCase) -> bool:
    """Whether this letter is what the candidate was told last: it was logged, and the wait is not open again."""
    contact = case.contacts.get(ids.derived_id("con", message.id, message.id))
    told = contact is not None and contact.outcome == "sent" and contact.voided_at is None
    return told and case.application.wait_state == "answered"


def _says_the_same(message: MessageItem, wanted: Letter) -> bool:
    same = (message.decision, message.reasons or [], message.feedback_by)
    return same == (wanted.decision, list(wanted.reasons), wanted.feedback_by)


def _demand_open_wait(case: ApplicationCase, now: datetime) -> Wait:
    application = case.application
    if ended := _ENDED.get(application.status):
        raise Conflict(ended[1], code=ended[0])
    if application.decided not in (None, "rejected"):
        raise Conflict(f"The decision is recorded as {application.decided}.", code="decided_otherwise")
    latest = case.waits.get(application.wait_cause or "")
    if latest is not None and latest.state == "answered" and latest.answer in ("rejected", "offer"):
        raise Conflict("The candidate has been told a decision already.", code="already_told")
    wait = open_wait_of(application)
    if wait is None or wait.since > now:
        raise Conflict("This application is not waiting for word.", code="not_waiting")
    return wait


def ask_many(
    employer: Employer,
    application_ids: Iterable[str],
    wanted: Letter,
    by: Actor,
    now: datetime,
    *,
    committer: Committer = AT_ONCE,
) -> LetterItem:
    """Asks for letters to many and stores the request. A refused row does not affect the others."""
    rows: list[dict[str, Any]] = []
    for application_id in application_ids:
        committer.flush()  # the next one is read as the one before left it
        row: dict[str, Any] = {"application_id": application_id, "message_id": None, "code": None, "detail": None}
        try:
            message, is_new = ask(employer, application_id, wanted, now, by=by, committer=committer)
            rows.append({**row, "status": "accepted" if is_new else "accepted_before", "message_id": message.id})
        except ApiError as error:
            rows.append({**row, "status": "refused", "code": error.code, "detail": error.detail})
    item = LetterItem(
        *letter_key(employer.id, wanted.id),
        id=wanted.id,
        decision=wanted.decision,
        reasons=list(wanted.reasons) or None,
        feedback_by=wanted.feedback_by,
        send_at=wanted.send_at,
        rows=rows,
        created_at=now,
        created_by=by.stored(),
    )
    committer.flush()
    transaction = Transaction()
    transaction.put(item)
    committer.commit(transaction)
    return item


def read(employer_id: str, letter_id: str) -> LetterItem:
    """Reads a request for letters. Raises NotFound."""
    item = table.get(*letter_key(employer_id, letter_id)) if ids.is_id(letter_id, "let") else None
    if not isinstance(item, LetterItem):
        raise NotFound
    return item


def messages_of(employer_id: str, item: LetterItem) -> dict[str, MessageItem]:
    """Reads the messages of a request by id."""
    wanted = [
        (keys.case_pk(employer_id, row["message_id"]), f"MSG#{row['message_id']}") for row in item.rows if row["message_id"]
    ]
    found = table.get_many(wanted) if wanted else {}
    return {one.id: one for one in found.values() if isinstance(one, MessageItem)}


def cancel(employer_id: str, letter_id: str, now: datetime) -> LetterItem:
    """Cancels what is not sent and not being sent. Idempotent. Raises NotFound."""
    item = read(employer_id, letter_id)
    for message in messages_of(employer_id, item).values():
        if message.status == "retrying" and message.letter_id == item.id:
            _cancel_one(message, now)
    if item.cancelled_at is None:
        transaction = Transaction()
        transaction.update(LetterItem(*item.key), [LetterItem.cancelled_at.set(now)], LetterItem.PK.exists())
        transaction.commit()
        item.cancelled_at = now
    return item


def _cancel_one(message: MessageItem, now: datetime) -> None:
    transaction = Transaction()
    ended: Sequence[Any] = [
        MessageItem.status.set("cancelled"),
        MessageItem.reason.set("taken back before it was sent"),
        MessageItem.settled_at.set(now),
        MessageItem.due_shard.remove(),
        MessageItem.due_at.remove(),
    ]
    transaction.update(MessageItem(*message.key), ended, MessageItem.status == "retrying")
    tell(transaction, message, now)
    try:
        transaction.commit()
    except ConditionFailed:  # it is being sent at this moment: nobody can take it back
        return
