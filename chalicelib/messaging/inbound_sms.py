"""Acts on texts that people send: STOP opts out at once, YES and NO change the application, others are shown to recruiters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.messaging import opt_outs, reply_store, send_now
from chalicelib.messaging.providers import Channels
from chalicelib.rules import replies
from chalicelib.rules.canonical import canonical_phone
from chalicelib.rules.copy import automatic_replies
from chalicelib.rules.model import Message
from chalicelib.rules.replies import ReplyMeaning
from chalicelib.storage import keys, recipients, table
from chalicelib.storage.recipients import Address, addresses_of

CLOCKS_DIFFER = timedelta(minutes=10)
"""A text may be sent so much after `now` by our clock, which may be slow. Only the sender's clock orders STOP and START."""
_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}", re.ASCII)


@dataclass(frozen=True)
class Text:
    """A text as it came in. `id` is the carrier's and is the same when it is delivered twice. `at` is when it was published."""

    id: str
    number: str
    body: str
    at: datetime


def read(text: str, sent_at: datetime, now: datetime) -> Text:
    """Reads a text from its notification. Raises ValueError, KeyError, TypeError where it is none."""
    told = json.loads(text)
    number, body, inbound_id = (told[name] for name in ("originationNumber", "messageBody", "inboundMessageId"))
    if not (isinstance(number, str) and isinstance(body, str) and isinstance(inbound_id, str) and inbound_id):
        raise TypeError("not a text message")
    if not _NUMBER.fullmatch(number):
        raise ValueError("not a number")
    return Text(inbound_id, number, body, sent_at if sent_at - now < CLOCKS_DIFFER else now)


def handle(text: Text, now: datetime, channels: Channels) -> str:
    """Acts on a text and returns what it meant. Idempotent."""
    meaning = replies.classify_reply(text.body)
    if meaning == "stop":  # before any lookup, which may fail
        news = opt_outs.opt_out([("sms", text.number)], opt_outs.STOP_WORD, text.at)
        if recipients.opted_out([("sms", text.number)]):  # not where a later START is recorded
            _stop_everywhere(text)
        if news:
            _reply_once(text.id, Message("sms", text.number, automatic_replies.STOPPED), now, channels)
    elif meaning == "start":
        _start(text, now, channels)
    elif meaning == "help":
        once_a_day = f"{recipients.hash_of('sms', text.number)}#{now:%Y-%m-%d}"
        _reply_once(once_a_day, Message("sms", text.number, automatic_replies.help_text(settings().support_email)), now, channels)
    else:
        return _store_reply(text, meaning, now)
    return meaning


def _stop_everywhere(text: Text) -> None:
    """Ends the mails of the same person too, also when the number is removed from the record later."""
    if mails := _mails_of(text.number):
        opt_outs.opt_out(mails, opt_outs.STOP_WORD, text.at)


def _start(text: Text, now: datetime, channels: Channels) -> None:
    """Revokes what STOP did, on both channels. Opt-outs by link or complaint stay."""
    number: Address = ("sms", text.number)
    mails = _mails_of(text.number)
    opt_outs.opt_in(number, text.at)
    opt_outs.revoke_stop(mails, text.at)
    out = recipients.opted_out([number, *mails])
    if number not in out:
        said = automatic_replies.still_stopped(settings().support_email) if out else automatic_replies.STARTED
        _reply_once(text.id, Message("sms", text.number, said), now, channels)


def _mails_of(number: str) -> set[Address]:
    return {address for item in applications_of(number) for address in addresses_of(item.email, None)}


def applications_of(number: str) -> list[ApplicationItem]:
    """Finds all applications of the deployment whose candidate has this number now."""
    found = table.get_many((pk, "APP") for pk in recipients.cases_of(("sms", number)))
    return [
        item
        for item in found.values()
        if isinstance(item, ApplicationItem) and item.phone and canonical_phone(item.phone) == canonical_phone(number)
    ]


def _store_reply(text: Text, meaning: ReplyMeaning | None, now: datetime) -> str:
    application = _about(text, now)
    if application is None:
        raise LookupError("nobody with this number")
    if meaning is not None:
        _state(application, meaning == "yes", text, now)
    reply_store.create_once(
        reply_store.reply(
            application.employer_id,
            application.id,
            text.id,
            sender=text.number,
            body=text.body,
            understood_as=meaning,
            at=min(text.at, now),
        )
    )
    return meaning or "shown"


def _about(text: Text, now: datetime) -> ApplicationItem | None:
    """Finds the application that a text is about, once: a second delivery of "yes" must not move another one."""
    known = reply_store.subject_of(text.id)
    if known is None and (application := _most_likely(applications_of(text.number))) is not None:
        if reply_store.create_once(reply_store.subject(text.id, application.PK, now)):
            return application
        known = reply_store.subject_of(text.id)
    found = table.get(known, "APP") if known else None
    return found if isinstance(found, ApplicationItem) else None


def _most_likely(found: Iterable[ApplicationItem]) -> ApplicationItem | None:
    """Picks the application nudged last, among those with an open wait first."""
    return max(found, key=_how_likely_meant, default=None)


def _how_likely_meant(item: ApplicationItem) -> tuple[bool, bool, datetime, str]:
    return item.wait_state == "open", bool(item.nudges), item.word_due_at or item.created_at, item.id


def _state(application: ApplicationItem, heard: bool, text: Text, now: datetime) -> None:
    employer = table.get(keys.employer_pk(application.employer_id), "EMP")
    if isinstance(employer, EmployerItem):
        contacts.record_statement(
            employer_of(employer), application.id, {"heard": heard, "at": min(text.at, now)}, now, known_as=text.id
        )


def _reply_once(once: str, message: Message, now: datetime, channels: Channels) -> None:
    """Sends one short answer, claimed before it is sent: no answer is better than two."""
    if reply_store.create_once(reply_store.answered(once, now)):
        send_now.reply(message, channels, now)
