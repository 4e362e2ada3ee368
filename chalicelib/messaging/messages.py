"""The stored message with its status, and the claim under which messages are being sent.

sending ──▶ sent | failed | unknown        the provider's response; `unknown` is never sent again automatically
            sent ──▶ failed                a text that the provider took, and a carrier or the provider itself refused later
   ▲   └──▶ suppressed                     held by the gate, for instance after an opt-out
   └─ retrying ──▶ cancelled | expired     provably not sent before: tried again within the hour, with every check repeated
A message whose step is too old when a worker reaches it is created `expired`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.applications.items import ApplicationItem
from chalicelib.rules.model import Audience, Decision, MessageChannel, MessageStatus, SubscribedEvent, Wait
from chalicelib.storage import ids, keys, table
from chalicelib.storage.feed import Change
from chalicelib.storage.outbox import emit
from chalicelib.storage.recipients import Address, canonical
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, WordAttribute, stored_instant

HOLDING_NOTICE = "holding_notice"
LETTER = "letter"
"""The step of a mail that tells a rejection."""
FEEDBACK = "feedback"
"""The step of a mail that says that a request for feedback was answered."""
BY_MAIL = "_by_mail"
"""Ends the step of a mail in place of a text that failed: `nudge_1_by_mail`. Older code cannot read it, and sends no text."""
INSTEAD_OF_TEXT = "by_mail:"
"""Begins the cause of a holding notice's mail in place of its text that failed: `by_mail:<id of the text>:<cause of the wait>`.
Older code takes it for one of another wait, and sends nothing."""
WENT_OUT: Collection[MessageStatus] = ("sent", "unknown")
MAY_HAVE_GONE_OUT: Collection[MessageStatus] = (*WENT_OUT, "sending")
"""Also what is claimed: it may have arrived already."""
CLAIM_LASTS = timedelta(minutes=15)
"""A worker runs at most two minutes: a claim this old belongs to a dead worker, even with some clock skew."""
RETRY_WITHIN = timedelta(hours=1)
"""From the first attempt: a reminder that arrives later than that is a surprise."""


class MessageItem(Item):
    """PK the application's or the digest's partition, SK MSG#<id>. Its words are stored once it was sent."""

    kind = "MSG"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute(attr_name="e")
    application_id = UnicodeAttribute(null=True, attr_name="app")
    audience = WordAttribute[Audience](attr_name="aud")
    step = UnicodeAttribute()
    channel = WordAttribute[MessageChannel](attr_name="ch")
    to = UnicodeAttribute()
    status = WordAttribute[MessageStatus](attr_name="st")
    reason = UnicodeAttribute(null=True)
    provider_message_id = UnicodeAttribute(null=True, attr_name="pid")
    attempts = NumberAttribute()
    created_at = InstantAttribute(attr_name="at")
    settled_at = InstantAttribute(null=True, attr_name="settled")
    claim = UnicodeAttribute(null=True)
    """Token of the claim under which it is being sent: only this claim may settle it."""
    cause = UnicodeAttribute()
    """The wait's cause, or the digest's instant."""
    word_due_at = InstantAttribute(null=True, attr_name="due")
    wait_since = InstantAttribute(null=True, attr_name="since")
    """When the wait began: the end of an interview that was moved is another wait. None of older code's messages.
    Of a digest: since when it tells what came up."""
    not_after = InstantAttribute(attr_name="na")
    next_word_by = InstantAttribute(null=True, attr_name="by")
    """Of a holding notice: the day that it promises."""
    decision = WordAttribute[Decision](null=True)
    """Of a letter: what it tells."""
    texts = NumberAttribute(null=True, attr_name="n")
    """Of a mail to an owner about texts: how many came while it waited. Who read it before one came must read it again."""
    reasons = JSONAttribute(null=True)
    """Of a letter: the criteria that it names (`LetterReason`)."""
    feedback_by = InstantAttribute(null=True, attr_name="fb_by")
    """Of a letter: the day by which it promises feedback."""
    lacks = JSONAttribute(null=True)
    """Of a holding notice or a letter: what it leaves open of what the law asked for when it was made (as `Duty.lacks`)."""
    letter_id = UnicodeAttribute(null=True, attr_name="let")
    """Of a letter: the request that it was part of."""
    opens_at = InstantAttribute(null=True, attr_name="opens")
    """Of a holding notice: when it was first tried, which may be long after it was asked for. Of a mail in place of a text that
    failed: the open hour in which it goes."""
    delivered_at = InstantAttribute(null=True)
    """When it arrived. A text that arrived is shown as `delivered`, and stays `sent` here, as older code knows it."""
    bounced_at = InstantAttribute(null=True)
    bounce = UnicodeAttribute(null=True)
    """permanent or transient, and the mailbox's code. Delivery events write attributes that sending never writes."""
    complained_at = InstantAttribute(null=True)
    recorded_by = JSONAttribute(null=True, attr_name="asker")
    """{type, id, name} of who asked for it (`auth.actors`). Nobody asks for a nudge or a digest."""
    subject = UnicodeAttribute(null=True, attr_name="subj")
    body = UnicodeAttribute(null=True, attr_name="txt")
    """The words as they were sent to a candidate, without personal links: for people to read. Earlier versions kept none."""

    @property
    def is_word(self) -> bool:
        """Whether it tells the candidate something for the employer: once sent, it is logged as a contact."""
        return self.next_word_by is not None or self.decision is not None

    @property
    def has_come_back(self) -> bool:
        """Whether it bounced permanently: then nobody read it."""
        return self.bounced_at is not None and not (self.bounce or "").startswith("transient")

    def is_about(self, wait: Wait) -> bool:
        """Whether it is about this very wait: the same cause, beginning and deadline."""
        same = (self.cause.split(":", 2)[2] if self.text_id else self.cause, self.word_due_at) == (wait.cause, wait.word_due_at)
        return same and self.wait_since in (None, wait.since)

    @property
    def text_id(self) -> str | None:
        """Of a mail in place of a holding notice's text that failed: the id of the text."""
        return self.cause.split(":", 2)[1] if self.cause.startswith(INSTEAD_OF_TEXT) else None

    @property
    def last_try_before(self) -> datetime:
        if self.step in (HOLDING_NOTICE, LETTER) and self.opens_at is None:
            return self.not_after
        return min(self.not_after, (self.opens_at or self.created_at) + RETRY_WITHIN)


class ClaimItem(Item):
    """PK CLAIM#<token>, SK CLAIM. In the due index, so that a dead worker is noticed even when its queue record is lost."""

    kind = "CLAIM"
    members = JSONAttribute()
    """[[PK, SK], ...] of the messages being sent under it."""

    @property
    def token(self) -> str:
        return self.PK.partition("#")[2]


def new_claim(members: Iterable[Key], now: datetime) -> ClaimItem:
    token = uuid.uuid4().hex
    return ClaimItem(
        f"CLAIM#{token}",
        "CLAIM",
        members=[list(key) for key in members],
        due_shard=ids.due_shard(token),
        due_at=stored_instant(now + CLAIM_LASTS),
    )


def tags(item: MessageItem) -> dict[str, str]:
    """The tags that SES returns with its events: they name the message, not the person."""
    return {"heardback_employer": item.employer_id, "heardback_message": item.id, "heardback_audience": item.audience}


def tagged_key(tagged: Mapping[str, Any]) -> Key | None:
    """The key of the message that an event's tags (`{name: [value]}`) name. None where the tags are not ours."""
    employer, message, audience = (_first(tagged.get(f"heardback_{name}")) for name in ("employer", "message", "audience"))
    if not (ids.is_id(employer, "emp") and ids.is_id(message, "msg")):
        return None
    pk = keys.case_pk(employer, message) if audience == "candidate" else keys.digest_pk(employer)
    return pk, f"MSG#{message}"


def _first(values: Any) -> str:
    return str(values[0]) if isinstance(values, list) and values else ""


def messages_of(application: ApplicationItem) -> list[MessageItem]:
    """Reads all messages about one application, newest first."""
    return messages_in(application.PK)


def messages_in(case_pk: str) -> list[MessageItem]:
    """Reads all messages in the partition of an application, newest first."""
    found = [item for item in table.query(case_pk, "MSG#") if isinstance(item, MessageItem)]
    return sorted(found, key=lambda item: item.list_at or "", reverse=True)


def addresses_written_to(application: ApplicationItem, statuses: Collection[str] = ("sent", "unknown")) -> list[Address]:
    """Lists the addresses to which messages about an application went, or may have gone."""
    went_out = [item for item in messages_of(application) if item.status in statuses and item.to]
    return list(dict.fromkeys(canonical(item.channel, item.to) for item in went_out))


def addresses_written_to_on(application: ApplicationItem, day: date) -> list[Address]:
    """Lists the addresses to which messages about an application went, or may have gone, on a UTC day."""
    went_out = [item for item in messages_of(application) if item.status in MAY_HAVE_GONE_OUT and item.to]
    of_day = [item for item in went_out if day in (item.created_at.date(), (item.settled_at or item.created_at).date())]
    return list(dict.fromkeys(canonical(item.channel, item.to) for item in of_day))


def tell(transaction: Transaction, item: MessageItem, now: datetime, *events: SubscribedEvent) -> None:
    """Tells the change feed of a message whose state clients see changes."""
    transaction.tell(Change(item.employer_id, "message", item.id, item.application_id, now, events))


_OUTCOMES: Mapping[str, SubscribedEvent] = {
    "sent": "message.sent",
    "delivered": "message.delivered",
    "failed": "message.failed",
    "unknown": "message.unknown",
}


def tell_outcome(transaction: Transaction, item: MessageItem, status: MessageStatus, now: datetime) -> None:
    """Tells the change feed of a message's new status. Events are about messages to candidates only."""
    event = _OUTCOMES.get(status) if item.audience == "candidate" else None
    tell(transaction, item, now, *([event] if event else []))


def emit_outcome(transaction: Transaction, item: MessageItem, status: MessageStatus, now: datetime) -> None:
    """Emits a webhook event about a message to a candidate. Without its reason: providers quote addresses in it."""
    if item.audience == "candidate" and status in ("sent", "delivered", "failed", "unknown"):
        about = {"message_id": item.id, "application_id": item.application_id, "step": item.step, "channel": item.channel}
        emit(transaction, item.employer_id, f"message.{status}", about, now)
