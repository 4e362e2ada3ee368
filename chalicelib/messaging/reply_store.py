"""Stores what came in: replies of candidates, events that could not be read, and which texts were answered."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from pynamodb.attributes import UnicodeAttribute

from chalicelib.errors import ConditionFailed
from chalicelib.messaging.responses import Reply
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import InstantAttribute, Item, Transaction

PARKED_FOR = timedelta(days=30)
BODY_MOST = 16_000
REPLY_MOST = 1_600


class ReplyItem(Item):
    """PK the application's partition, SK REPLY#<id>: a text that a candidate sent, unchanged."""

    kind = "REPLY"
    id = UnicodeAttribute()
    application_id = UnicodeAttribute()
    sender = UnicodeAttribute()
    body = UnicodeAttribute()
    understood_as = UnicodeAttribute(null=True)
    received_at = InstantAttribute()


class ParkedItem(Item):
    """PK PARKED#<date>, SK PARKED#<hash of the payload>: an event that could not be read. Deleted after 30 days."""

    kind = "PARKED"
    source = UnicodeAttribute()
    reason = UnicodeAttribute()
    payload = UnicodeAttribute()
    at = InstantAttribute()


class AnsweredItem(Item):
    """PK ANSWERED#<what for>, SK ANSWERED: claims an automatic answer before it is sent, so that none goes out twice."""

    kind = "ANSWERED"
    at = InstantAttribute()


class SubjectItem(Item):
    """PK SUBJECT#<id of a text>, SK SUBJECT: the application that a text is about. Deleted after 30 days.

    SNS may deliver a text twice: both deliveries must act on the same application.
    """

    kind = "SUBJECT"
    case_pk = UnicodeAttribute()


def create_once(item: Item) -> bool:
    """Creates an item. False where it exists already."""
    transaction = Transaction()
    transaction.create(item)
    with suppress(ConditionFailed):
        transaction.commit()
        return True
    return False


def parked(source: str, payload: str, reason: str, now: datetime) -> ParkedItem:
    digest = sha256(payload.encode("utf-8", "replace")).hexdigest()[:32]
    clean = payload.encode("utf-8", "replace").decode()[:BODY_MOST]
    return ParkedItem(
        f"PARKED#{now:%Y-%m-%d}",
        f"PARKED#{digest}",
        source=source,
        reason=reason,
        payload=clean,
        at=now,
        expires_at=int((now + PARKED_FOR).timestamp()),
    )


def answered(what_for: str, now: datetime) -> AnsweredItem:
    return AnsweredItem(f"ANSWERED#{what_for}", "ANSWERED", at=now, expires_at=int((now + PARKED_FOR).timestamp()))


def subject(inbound_id: str, case_pk: str, now: datetime) -> SubjectItem:
    return SubjectItem(f"SUBJECT#{inbound_id}", "SUBJECT", case_pk=case_pk, expires_at=int((now + PARKED_FOR).timestamp()))


def subject_of(inbound_id: str) -> str | None:
    """The application's partition that an earlier delivery of this text was matched to, or None."""
    found = table.get(f"SUBJECT#{inbound_id}", "SUBJECT")
    return found.case_pk if isinstance(found, SubjectItem) else None


def reply(
    employer_id: str, application_id: str, inbound_id: str, *, sender: str, body: str, understood_as: str | None, at: datetime
) -> ReplyItem:
    """A reply whose id derives from the text's: a text that is delivered twice is listed once."""
    reply_id = ids.derived_id("rep", application_id, inbound_id)
    return ReplyItem(
        keys.case_pk(employer_id, application_id),
        f"REPLY#{reply_id}",
        id=reply_id,
        application_id=application_id,
        sender=sender,
        body=body[:REPLY_MOST],
        understood_as=understood_as,
        received_at=at,
        list_key=keys.list_key(employer_id, "REPLY"),
        list_at=table.stored_instant(at) + reply_id,
    )


def serialize_reply(item: ReplyItem) -> Reply:
    return Reply(
        id=item.id,
        application_id=item.application_id,
        from_=item.sender,
        body=item.body,
        understood_as=item.understood_as,
        received_at=item.received_at,
    )


def replies_of(case_pk: str) -> list[ReplyItem]:
    """The replies about one application, newest first."""
    found = [item for item in table.query(case_pk, "REPLY#") if isinstance(item, ReplyItem)]
    return sorted(found, key=lambda item: item.list_at or "", reverse=True)
