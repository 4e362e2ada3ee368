"""Makes messages that are to be stored. The id of each derives from what it is about, so the same message is never made twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.applications.items import ApplicationItem
from chalicelib.messaging.messages import FEEDBACK, HOLDING_NOTICE, LETTER, MessageItem
from chalicelib.rules.model import Wait
from chalicelib.storage import ids, keys
from chalicelib.storage.table import Key, stored_instant


def new_nudge(
    application: ApplicationItem, wait: Wait, *, step: str, channel: str, to: str, not_after: datetime, now: datetime
) -> MessageItem:
    """The message of one step of one wait. Its id derives from both, so a step never makes two."""
    parts = (*_parts(wait), step)
    return _to_candidate(application, wait, parts, step=step, channel=channel, to=to, not_after=not_after, created_at=now)


def new_notice(
    application: ApplicationItem,
    wait: Wait,
    *,
    channel: str,
    to: str,
    next_word_by: datetime,
    number: int | str,
    not_after: datetime,
    now: datetime,
) -> MessageItem:
    """A holding notice, not sent yet. `number` counts earlier ones about this wait that were not sent; one in place of a text
    that failed has the text's id."""
    item = _to_candidate(
        application,
        wait,
        (*_parts(wait), HOLDING_NOTICE, str(number)),
        step=HOLDING_NOTICE,
        channel=channel,
        to=to,
        not_after=not_after,
        created_at=now,
        next_word_by=next_word_by,
    )
    item.status, item.attempts = "retrying", 0
    return item


def letter_cause(wait_cause: str) -> str:
    """The cause of a letter. Versions before letters take it for one of another wait, and send nothing."""
    return f"{LETTER}:{wait_cause}"


def new_letter(
    application: ApplicationItem, wait: Wait, letter_id: str, *, number: int, not_after: datetime, now: datetime
) -> MessageItem:
    """A letter, not sent yet. `number` counts earlier ones of this application that were not sent, or came back."""
    item = _to_candidate(
        application,
        wait,
        (LETTER, str(number)),
        step=LETTER,
        channel="email",
        to=application.email or "",
        cause=letter_cause(wait.cause),
        not_after=not_after,
        created_at=now,
        letter_id=letter_id,
    )
    item.status, item.attempts = "retrying", 0
    return item


def new_feedback_mail(application: ApplicationItem, *, not_after: datetime, now: datetime) -> MessageItem:
    """The mail that says that feedback was given: one an application. It is about no wait, so older code sends nothing."""
    return _new(
        application.PK,
        application.employer_id,
        application.id,
        (FEEDBACK,),
        application_id=application.id,
        audience="candidate",
        step=FEEDBACK,
        channel="email",
        to=application.email or "",
        cause=FEEDBACK,
        not_after=not_after,
        created_at=now,
    )


def nudge_key(application: ApplicationItem, wait: Wait, step: str) -> Key:
    """The key of the message of one step of one wait, whether it exists or not."""
    return application.PK, f"MSG#{_id_of(application.id, (*_parts(wait), step))}"


def new_digest(
    employer_id: str, *, step: str, to: str, planned_at: datetime, since: datetime, not_after: datetime, now: datetime
) -> MessageItem:
    """The digest or escalation of one instant to one address. It tells what came up since the last one."""
    instant = stored_instant(planned_at)
    return _to_employer(
        employer_id, instant, step=step, channel="email", to=to, wait_since=since, not_after=not_after, created_at=now
    )


def new_asked(
    employer_id: str, *, step: str, channel: str, to: str, nonce: str, not_after: datetime, now: datetime
) -> MessageItem:
    """A message that somebody asked for just now, such as a sign-in link."""
    return _to_employer(employer_id, nonce, step=step, channel=channel, to=to, not_after=not_after, created_at=now)


def new_question(application: ApplicationItem, wait: Wait, *, to: str, not_after: datetime, now: datetime) -> MessageItem:
    """The mail that asks whether there is a decision. Its id derives from the wait alone: another decider gets none."""
    return _new(
        keys.digest_pk(application.employer_id),
        application.employer_id,
        application.employer_id,
        (application.id, *_parts(wait), "decision"),
        application_id=application.id,
        audience="employer",
        step="decision",
        channel="email",
        to=to,
        cause=wait.cause,
        word_due_at=wait.word_due_at,
        wait_since=wait.since,
        not_after=not_after,
        created_at=now,
    )


def _to_candidate(application: ApplicationItem, wait: Wait, parts: tuple[str, ...], **fields: Any) -> MessageItem:
    """A message about one wait, in the application's partition."""
    about = {"cause": wait.cause, "word_due_at": wait.word_due_at, "wait_since": wait.since, **fields}
    return _new(
        application.PK,
        application.employer_id,
        application.id,
        parts,
        application_id=application.id,
        audience="candidate",
        **about,
    )


def _to_employer(employer_id: str, cause: str, **fields: Any) -> MessageItem:
    """A message to somebody of the team, in the digests' partition."""
    parts = (cause, fields["step"], fields["to"])
    return _new(keys.digest_pk(employer_id), employer_id, employer_id, parts, audience="employer", cause=cause, **fields)


def _id_of(tail_of: str, parts: tuple[str, ...]) -> str:
    return ids.derived_id("msg", tail_of, tail_of, *parts)


def _parts(wait: Wait) -> tuple[str, str, str]:
    """What tells a wait from all others of its application."""
    return wait.cause, stored_instant(wait.since), stored_instant(wait.word_due_at)


def _new(pk: str, employer_id: str, tail_of: str, parts: tuple[str, ...], **fields: Any) -> MessageItem:
    message_id = _id_of(tail_of, parts)
    return MessageItem(
        pk,
        f"MSG#{message_id}",
        id=message_id,
        employer_id=employer_id,
        status="sending",
        attempts=1,
        list_key=keys.list_key(employer_id, "MSG"),
        list_at=stored_instant(fields["created_at"]) + message_id,
        **fields,
    )
