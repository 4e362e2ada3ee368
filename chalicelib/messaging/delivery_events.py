"""Takes SNS notifications: bounces, complaints and deliveries of mail, and texts and mails that people send.

Each may come twice and in any order. An unreadable one is set aside and counted, and the others are processed. One that
could not be stored raises at the end, so that it comes again: no STOP is lost.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, HeardbackError
from chalicelib.messaging import messages, opt_outs, reply_store
from chalicelib.messaging.messages import MessageItem, tagged_key
from chalicelib.messaging.notices import dispatch
from chalicelib.messaging.providers import Channels
from chalicelib.storage import table
from chalicelib.storage.table import Key, Transaction

if TYPE_CHECKING:
    from chalicelib.messaging.inbound_mail import TakeInvitation
    from chalicelib.messaging.mail_store import MailStore

Record = Mapping[str, Any]
log = logging.getLogger(__name__)
_SES_TEST_MESSAGE = "Successfully validated SNS topic"
_IGNORED = {"send", "open", "click", "deliverydelay", "subscription"}


@dataclass(frozen=True)
class MailEvent:
    """One event of SES. `kind` is bounce, complaint, delivery or reject; `detail` is stored on the message.

    A mail of a bulk send that SES took and could not render counts as rejected.
    """

    kind: str
    at: datetime
    addresses: tuple[str, ...]
    tags: Mapping[str, Any]
    detail: str = ""
    permanent: bool = False


def take_mail(records: Iterable[Record], now: datetime) -> dict[str, int]:
    """Takes events of SES from SNS records. Returns counts by kind."""
    return _take_each("mail", records, now, lambda text, sent_at: _mail(text, sent_at, now))


def take_texts(records: Iterable[Record], now: datetime, channels: Channels) -> dict[str, int]:
    """Takes texts that people sent from SNS records. Returns counts by meaning."""
    from chalicelib.messaging import inbound_sms  # compiles the patterns of replies, which no other function needs

    def take(text: str, sent_at: datetime) -> str:
        try:
            return inbound_sms.handle(inbound_sms.read(text, sent_at, now), now, channels)
        except reply_store.OfNobody:  # not parked: nobody may keep what an erased person says
            log.info("a text belongs to no application")
            return "of_nobody"

    return _take_each("sms", records, now, take)


def take_inbound_mail(
    records: Iterable[Record], now: datetime, channels: Channels, store: MailStore, take_invitation: TakeInvitation
) -> dict[str, int]:
    """Takes mails that people sent from SNS records. Returns counts by what became of them.

    `take_invitation` acts on mails to job seekers' addresses.
    """
    from chalicelib.messaging import inbound_mail  # late: no other function reads mail

    def take(text: str, sent_at: datetime) -> str:
        if text.startswith(_SES_TEST_MESSAGE):
            return "passed_over"
        return inbound_mail.handle(inbound_mail.read_receipt(text, sent_at, now), now, channels, store, take_invitation)

    return _take_each("inbound mail", records, now, take, inbound_mail.counted_as(inbound_mail.UNREADABLE))


def _take_each(
    source: str,
    records: Iterable[Record],
    now: datetime,
    take: Callable[[str, datetime], str],
    counted_as: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Takes each record. `counted_as` is what the log line of a record that was set aside says to metrics."""
    counts: Counter[str] = Counter()
    failed: HeardbackError | None = None
    for record in records:
        text = ""
        try:
            text = str(record["Sns"]["Message"])
            counts[take(text, _instant(record["Sns"].get("Timestamp"), now))] += 1
        except HeardbackError as error:
            log.warning("feedback (%s) comes again: %s", source, type(error).__name__)
            failed = error
        except Exception as error:
            log.error("feedback (%s) was parked: %s", source, type(error).__name__, extra=counted_as)
            counts["parked"] += 1
            with suppress(HeardbackError):
                reply_store.create_once(reply_store.parked(source, text or repr(record), type(error).__name__, now))
    if failed:
        raise failed
    return dict(counts)


def _mail(text: str, sent_at: datetime, now: datetime) -> str:
    if text.startswith(_SES_TEST_MESSAGE):
        return "passed_over"
    event = read_mail(json.loads(text), sent_at, now)
    if event is None:
        return "passed_over"
    if event.kind == "complaint":
        for address in event.addresses:
            opt_outs.opt_out([("email", address)], "complaint", event.at)
    if event.kind == "bounce" and event.permanent:
        for address in event.addresses:
            opt_outs.mark_dead(("email", address), event.at)
    _mark(event, now)
    return event.kind


def read_mail(notice: Mapping[str, Any], sent_at: datetime, now: datetime) -> MailEvent | None:
    """Reads an event of an identity (`notificationType`) or a configuration set (`eventType`). None for kinds without use.

    Raises KeyError, TypeError, ValueError for what is no event.
    """
    kind = str(notice.get("eventType") or notice["notificationType"]).replace(" ", "").lower()
    if kind in _IGNORED:
        return None
    if kind == "renderingfailure":
        return MailEvent("reject", min(sent_at, now), (), notice["mail"].get("tags") or {}, "rejected: not rendered")
    if kind not in ("bounce", "complaint", "delivery", "reject"):
        raise ValueError("not a kind of notice that we know")
    body = notice[kind]
    tags = notice["mail"].get("tags") or {}
    at = min(_instant(body.get("timestamp"), sent_at), now)
    if kind == "delivery":
        return MailEvent(kind, at, (), tags)
    if kind == "reject":
        return MailEvent(kind, at, (), tags, f"rejected: {body.get('reason', '')}"[:200])
    people = body["bouncedRecipients" if kind == "bounce" else "complainedRecipients"]
    addresses = tuple(_address(person["emailAddress"]) for person in people)
    if kind == "complaint":
        taken_back = body.get("complaintFeedbackType") == "not-spam"
        return None if taken_back else MailEvent(kind, at, addresses, tags)
    permanent = body["bounceType"] == "Permanent"
    status = str(people[0].get("status") or body.get("bounceSubType") or "") if people else ""
    return MailEvent(kind, at, addresses, tags, f"{body['bounceType']} {status}".strip()[:100].lower(), permanent)


def _address(value: Any) -> str:
    """Reads an address, bare or as SES may write it: `Jane <jane@example.com>`."""
    if not isinstance(value, str) or "@" not in value or len(value) > 1000:
        raise ValueError("not an address")
    return value.rpartition("<")[2].rstrip("> ")


def _mark(event: MailEvent, now: datetime) -> None:
    """Stores the event on its message, in attributes that sending never writes. The first of each kind is kept."""
    key = tagged_key(event.tags)
    if key is None:
        return
    told = {"delivery": MessageItem.delivered_at, "complaint": MessageItem.complained_at}
    attribute = told.get(event.kind, MessageItem.bounced_at)
    actions = [attribute.set(event.at), *([MessageItem.bounce.set(event.detail)] if event.kind not in told else [])]
    transaction = Transaction()
    transaction.update(MessageItem(*key), actions, MessageItem.PK.exists() & attribute.does_not_exist())
    _tell(transaction, key, event.kind, now)
    with suppress(ConditionFailed):  # stored already, or the message was erased
        transaction.commit()
    if event.permanent or event.kind == "reject":
        _take_back(key, now)


def _tell(transaction: Transaction, key: Key, kind: str, now: datetime) -> None:
    """Tells the change feed, and of a mail that arrived also the employer's webhooks."""
    owner = (key[0].partition("#CASE#")[0], "EMP")
    found = table.get_many([key, owner])
    item, employer = found.get(key), found.get(owner)
    if not isinstance(item, MessageItem):
        return
    if kind != "delivery":
        messages.tell(transaction, item, now)
        return
    messages.tell_outcome(transaction, item, "delivered", now)
    if isinstance(employer, EmployerItem) and employer.webhooks:
        messages.emit_outcome(transaction, item, "delivered", now)


def _take_back(key: Key, now: datetime) -> None:
    """Takes back the contact of a holding notice that bounced."""
    employer = table.get(key[0].partition("#CASE#")[0], "EMP")
    if isinstance(employer, EmployerItem):
        dispatch.take_back(key, employer_of(employer), now)


def _instant(text: Any, otherwise: datetime) -> datetime:
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        return otherwise
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
