"""Takes an employer's request for holding notices and creates their messages, due at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.duties import lacks_of_notice
from chalicelib.applications.mappers import candidate_of, open_wait_of
from chalicelib.auth.actors import Actor
from chalicelib.errors import ApiError, ConditionFailed, Conflict, NotFound
from chalicelib.messaging import eligibility
from chalicelib.messaging.digest_writer import waiting
from chalicelib.messaging.messages import HOLDING_NOTICE, MessageItem, messages_in, tell
from chalicelib.messaging.new_messages import new_notice
from chalicelib.messaging.responses import NoticeRow
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Wait, is_overdue
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

FRESH_FOR = timedelta(hours=72)
"""As for a nudge: a notice that an outage delayed for longer is not sent."""
_NOT_SENT = ("failed", "expired", "cancelled", "suppressed")


@dataclass(frozen=True)
class Recipients:
    """Which of the waiting candidates get a notice."""

    stage: str | None = None
    decided: str | None = None
    overdue: bool | None = None
    undecided: bool = False
    """Only those who are not decided about yet."""
    after: str | None = None
    limit: int = 100


def ask(
    employer: Employer,
    application_id: str,
    next_word_by: datetime,
    now: datetime,
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> tuple[MessageItem, bool]:
    """Returns the notice and whether it is new: one is on its way at a time.

    Raises NotFound, Conflict.
    """
    case_pk = keys.case_pk(employer.id, application_id)
    messages = messages_in(case_pk)  # before the application: a notice that is logged meanwhile is then known by its promise
    item = table.get(case_pk, "APP")
    if not isinstance(item, ApplicationItem) or item.id != application_id:
        raise NotFound
    wait = open_wait_of(item)
    if wait is None or wait.since > now:
        raise Conflict("This application is not waiting for word.", code="not_waiting")
    earlier = notices_about(messages, wait)
    if sent := _already_told(messages, wait, next_word_by):
        return sent, False
    pending = pending_in(earlier) or _being_sent(messages)
    if pending is not None:
        if pending.next_word_by == next_word_by:
            return pending, False
        raise Conflict("This candidate is being told another day already.", code="notice_pending")
    return _create(item, wait, employer, next_word_by, len(earlier), now, committer, by), True


def _already_told(messages: list[MessageItem], wait: Wait, next_word_by: datetime) -> MessageItem | None:
    """The sent notice whose promise this wait is, where it named the same day."""
    if wait.word_due_at != next_word_by:
        return None
    sent = (one for one in messages if one.step == HOLDING_NOTICE and one.next_word_by == next_word_by)
    return next((one for one in sent if wait.cause == ids.derived_id("con", one.id, one.id)), None)


def _being_sent(messages: Iterable[MessageItem]) -> MessageItem | None:
    """The notice that a worker is sending, though the wait that it is about may have ended meanwhile."""
    return next((one for one in messages if one.step == HOLDING_NOTICE and one.status == "sending"), None)


def pending_in(notices: Iterable[MessageItem]) -> MessageItem | None:
    """The notice of one wait that is on its way, if there is one."""
    return next(filter(_is_pending, notices), None)


def _is_pending(message: MessageItem) -> bool:
    """Whether it is or may be on its way, or was sent and is not logged yet.

    A wait that is open after that has lost its notice: it bounced, was voided, or the candidate disputes it.
    """
    if message.status == "sent":
        return message.due_at is not None and not message.has_come_back
    return message.status not in _NOT_SENT


def notices_about(messages: Iterable[MessageItem], wait: Wait) -> list[MessageItem]:
    return [one for one in messages if one.step == HOLDING_NOTICE and one.is_about(wait)]


def _create(
    item: ApplicationItem,
    wait: Wait,
    employer: Employer,
    next_word_by: datetime,
    earlier: int,
    now: datetime,
    committer: Committer,
    by: Actor | None,
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
    message.recorded_by = by.stored() if by else None
    message.lacks = lacks_of_notice(employer, item, "pending", ()) or None
    message.due_shard, message.due_at = ids.due_shard(message.id), stored_instant(now)
    transaction = Transaction()
    transaction.create(message)
    tell(transaction, message, now)
    try:
        committer.commit(transaction)
    except ConditionFailed:
        raise Conflict("Someone else is sending this candidate a notice right now.", code="notice_pending") from None
    return message


def recipients(employer_id: str, wanted: Recipients, now: datetime) -> tuple[list[str], str | None]:
    """Ids of waiting candidates' applications that can be reached, in order. The last one too where there are more."""
    found = sorted(
        row.application_id
        for row in waiting(employer_id)
        if row.reachable
        and row.since <= now
        and wanted.stage in (None, row.stage)
        and wanted.decided in (None, row.decided)
        and not (wanted.undecided and row.decided)
        and (wanted.overdue is None or wanted.overdue == is_overdue(row.word_due_at, now))
        and (wanted.after is None or row.application_id > wanted.after)
    )
    some = found[: wanted.limit]
    return some, some[-1] if len(found) > len(some) else None


def ask_many(
    employer: Employer,
    application_ids: Iterable[str],
    next_word_by: datetime,
    now: datetime,
    *,
    committer: Committer = AT_ONCE,
    by: Actor | None = None,
) -> list[NoticeRow]:
    """Asks for many notices. One row for each; a refused row does not affect the others."""
    rows: list[NoticeRow] = []
    for application_id in application_ids:
        committer.flush()  # the next one is read as the one before left it
        try:
            message, is_new = ask(employer, application_id, next_word_by, now, committer=committer, by=by)
            status: Literal["accepted", "accepted_before"] = "accepted" if is_new else "accepted_before"
            rows.append(NoticeRow(application_id, status, message.id, list(message.lacks or ()), None, None))
        except ApiError as error:
            rows.append(NoticeRow(application_id, "refused", None, [], error.code, error.detail))
    return rows
