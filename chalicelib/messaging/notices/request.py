"""An employer asks for a holding notice: the message is born, due at once, and goes the way of every other message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import candidate_of, open_wait_of
from chalicelib.errors import ApiError, ConditionFailed, Conflict, NotFound
from chalicelib.messaging import eligibility
from chalicelib.messaging.digest_writer import waiting
from chalicelib.messaging.messages import HOLDING_NOTICE, MessageItem, messages_of, new_notice
from chalicelib.messaging.notices import dispatch
from chalicelib.rules.model import Employer, Wait, is_overdue
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction, stored_instant

FRESH_FOR = timedelta(hours=72)
"""As a nudge: a notice that an outage kept back for longer is not sent."""
_NOT_SENT = ("failed", "expired", "cancelled", "suppressed")


@dataclass(frozen=True)
class Whom:
    """Which of those who wait."""

    stage: str | None = None
    decided: str | None = None
    overdue: bool | None = None
    after: str | None = None
    limit: int = 100


def ask(employer: Employer, application_id: str, next_word_by: datetime, now: datetime) -> tuple[MessageItem, bool]:
    """The notice, and whether it is new: while one is on its way there is no other. Raises NotFound, Conflict."""
    item = table.get(keys.case_pk(employer.id, application_id), "APP")
    if not isinstance(item, ApplicationItem) or item.id != application_id:
        raise NotFound
    wait = open_wait_of(item)
    if wait is None or wait.since > now:
        raise Conflict("This application is not waiting for word.", code="not_waiting")
    earlier = [one for one in messages_of(item) if _is_about(one, wait)]
    standing = next(filter(_stands, earlier), None)
    if standing is not None:
        if standing.next_word_by == next_word_by:
            return standing, False
        raise Conflict("This candidate is being told another day already.", code="notice_pending")
    return _bear(item, wait, employer, next_word_by, len(earlier), now), True


def _stands(message: MessageItem) -> bool:
    """Whether it is on its way, may be, or was sent and is still to be logged. A wait that is open after that is open because the
    word did not hold: it came back, was voided, or the candidate says otherwise."""
    if message.status == "sent":
        return message.due_at is not None and not dispatch.returned(message)
    return message.status not in _NOT_SENT


def _is_about(message: MessageItem, wait: Wait) -> bool:
    return message.step == HOLDING_NOTICE and (message.cause, message.word_due_at) == (wait.cause, wait.word_due_at)


def _bear(
    item: ApplicationItem, wait: Wait, employer: Employer, next_word_by: datetime, earlier: int, now: datetime
) -> MessageItem:
    candidate = candidate_of(item)
    channel = eligibility.channel_for(candidate, employer)
    to = candidate.phone if channel == "sms" else candidate.email
    if channel is None or not to:
        raise Conflict("There is neither an email address nor a number with consent to texts.", code="unreachable")
    message = new_notice(
        item,
        wait,
        channel=channel,
        to=to,
        next_word_by=next_word_by,
        number=earlier,
        not_after=min(now + FRESH_FOR, next_word_by),
        now=now,
    )
    message.due_shard, message.due_at = ids.due_shard(message.id), stored_instant(now)
    transaction = Transaction()
    transaction.create(message)
    try:
        transaction.commit()
    except ConditionFailed:
        raise Conflict("Somebody else asks for a notice to this candidate just now.", code="notice_pending") from None
    return message


def whom(employer_id: str, wanted: Whom, now: datetime) -> tuple[list[str], str | None]:
    """Ids of those who wait and can be reached, in the order of their ids, and the last of them where there are more."""
    found = sorted(
        row.application_id
        for row in waiting(employer_id)
        if row.reachable
        and row.since <= now
        and wanted.stage in (None, row.stage)
        and wanted.decided in (None, row.decided)
        and (wanted.overdue is None or wanted.overdue == is_overdue(row.word_due_at, now))
        and (wanted.after is None or row.application_id > wanted.after)
    )
    some = found[: wanted.limit]
    return some, some[-1] if len(found) > len(some) else None


def ask_many(
    employer: Employer, application_ids: Iterable[str], next_word_by: datetime, now: datetime
) -> list[dict[str, object]]:
    """One row for each: what became of it. A row that is refused keeps no other from being asked."""
    rows: list[dict[str, object]] = []
    for application_id in application_ids:
        try:
            message, is_new = ask(employer, application_id, next_word_by, now)
            rows.append(
                {
                    "application_id": application_id,
                    "status": "accepted" if is_new else "accepted_before",
                    "message_id": message.id,
                    "code": None,
                    "detail": None,
                }
            )
        except ApiError as error:
            rows.append(
                {
                    "application_id": application_id,
                    "status": "refused",
                    "message_id": None,
                    "code": error.code,
                    "detail": error.detail,
                }
            )
    return rows
