"""Stores what came in: replies of candidates, unreadable events, and which texts were answered."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.applications.items import ApplicationItem
from chalicelib.errors import ConditionFailed, Unavailable
from chalicelib.rules.model import MessageChannel, SenderCheck
from chalicelib.storage import ids, keys, table
from chalicelib.storage.feed import Change
from chalicelib.storage.outbox import emit
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, WordAttribute

PARKED_FOR = timedelta(days=30)
BODY_MOST = 16_000
REPLY_MOST = 1_600
MAIL_MOST = 10_000
_TRIES = 5
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


class OfNobody(LookupError):
    """A message that no application takes: its person was erased, or nobody can tell whose it is. Its words are not kept."""


class ReplyItem(Item):
    """PK the application's partition, SK REPLY#<id>: a text or a mail that a candidate sent; of a mail what they wrote."""

    kind = "REPLY"
    id = UnicodeAttribute()
    application_id = UnicodeAttribute()
    sender = UnicodeAttribute()
    body = UnicodeAttribute()
    understood_as = UnicodeAttribute(null=True)
    channel = WordAttribute[MessageChannel](null=True, attr_name="ch")
    """None: a text, as of older code."""
    sender_check = WordAttribute[SenderCheck](null=True, attr_name="chk")
    """Of a mail."""
    attachments = NumberAttribute(null=True, attr_name="att")
    """Of a mail: how many parts were not kept."""
    received_at = InstantAttribute()
    seen_at = InstantAttribute(null=True)
    seen_by = JSONAttribute(null=True)
    """{type, id, name} of who marked it as seen first."""


class ParkedItem(Item):
    """PK PARKED#<date>, SK PARKED#<hash of the payload>: an event that could not be read. Deleted after 30 days."""

    kind = "PARKED"
    source = UnicodeAttribute()
    reason = UnicodeAttribute()
    payload = UnicodeAttribute()
    at = InstantAttribute()


class AnsweredItem(Item):
    """PK ANSWERED#<what for>, SK ANSWERED: claims an automatic answer before it is sent, so that none goes out twice.

    Of a text that is about no application, also PK ANSWERED#text#<the provider's id>: it was ours.
    """

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


TellOwner = Callable[[Transaction], Key | None]
"""Adds the mail to the owner to a transaction, as mails are now, and returns its key. None where it adds nothing."""


def store(
    item: ReplyItem, employer_id: str, now: datetime, *, has_listener: bool, tell_owner: TellOwner = lambda _: None
) -> bool:
    """Stores a reply, and tells of it. False where it was stored before.

    Raises OfNobody where the application was erased meanwhile: what comes after its erasure nobody would erase.
    """
    for _ in range(_TRIES):
        stored = _store_once(item, employer_id, now, has_listener=has_listener, tell_owner=tell_owner)
        if stored is not None:
            return stored
    raise Unavailable


def _store_once(item: ReplyItem, employer_id: str, now: datetime, *, has_listener: bool, tell_owner: TellOwner) -> bool | None:
    """The same, once. None where the mail to the owner was made or sent at this moment: then another mail tells of it."""
    transaction, application = Transaction(), ApplicationItem(item.PK, "APP")
    transaction.check(application, ApplicationItem.PK.exists())
    transaction.create(item)
    mail = tell_owner(transaction)
    transaction.tell(Change(employer_id, "reply", item.id, item.application_id, now, ("reply.received",)))
    if has_listener:
        about = {
            "reply_id": item.id,
            "application_id": item.application_id,
            "kind": "email" if item.channel == "email" else "text",
        }
        emit(transaction, employer_id, "reply.received", about, now)
    try:
        transaction.commit()
        return True
    except ConditionFailed as lost:
        if application.key in lost.failed:
            raise OfNobody("the application was erased") from None
        return None if mail is not None and set(lost.failed) == {mail} else False


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


def sent_alone(provider_message_id: str, now: datetime) -> AnsweredItem:
    """Marks a text of ours that is about no application: an automatic answer, a code. It names no number."""
    return answered(f"text#{provider_message_id}", now)


def was_sent_alone(provider_message_id: str) -> bool:
    return table.get(*sent_alone(provider_message_id, _NEVER).key) is not None


def answered(what_for: str, now: datetime) -> AnsweredItem:
    return AnsweredItem(f"ANSWERED#{what_for}", "ANSWERED", at=now, expires_at=int((now + PARKED_FOR).timestamp()))


def subject(inbound_id: str, case_pk: str, now: datetime) -> SubjectItem:
    return SubjectItem(f"SUBJECT#{inbound_id}", "SUBJECT", case_pk=case_pk, expires_at=int((now + PARKED_FOR).timestamp()))


def subject_of(inbound_id: str) -> str | None:
    """The application's partition that an earlier delivery of this text was matched to, or None."""
    found = table.get(f"SUBJECT#{inbound_id}", "SUBJECT")
    return found.case_pk if isinstance(found, SubjectItem) else None


def reply(
    employer_id: str,
    application_id: str,
    inbound_id: str,
    *,
    sender: str,
    body: str,
    understood_as: str | None,
    at: datetime,
    channel: MessageChannel = "sms",
    sender_check: SenderCheck | None = None,
    attachments: int = 0,
) -> ReplyItem:
    """A reply whose id derives from the text's or mail's: one that is delivered twice is listed once."""
    reply_id = ids.derived_id("rep", application_id, inbound_id)
    return ReplyItem(
        keys.case_pk(employer_id, application_id),
        f"REPLY#{reply_id}",
        id=reply_id,
        application_id=application_id,
        sender=sender,
        body=body[: MAIL_MOST if channel == "email" else REPLY_MOST],
        understood_as=understood_as,
        channel=None if channel == "sms" else channel,
        sender_check=sender_check,
        attachments=attachments or None,
        received_at=at,
        list_key=keys.list_key(employer_id, "REPLY"),
        list_at=table.stored_instant(at) + reply_id,
    )


def replies_of(case_pk: str) -> list[ReplyItem]:
    """The replies about one application, newest first."""
    found = [item for item in table.query(case_pk, "REPLY#") if isinstance(item, ReplyItem)]
    return sorted(found, key=lambda item: item.list_at or "", reverse=True)
