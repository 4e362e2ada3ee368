"""Sends the one short answer that a number gets a day to what its person texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.messaging import reply_store, send_now, texts_sent
from chalicelib.messaging.inbound_text import Text
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.texts_sent import SentText
from chalicelib.rules.copy.language import language_of
from chalicelib.rules.model import Language, Message
from chalicelib.storage import keys, table


def answer(text: Text, write: Callable[[Language], str], now: datetime, channels: Channels, kind: str = "") -> None:
    """Sends one short answer a day to a number that was texted, claimed before it is sent: no answer is better than two.

    HELP has an answer of its own each day: carriers want it answered, whatever else was. The language is that of the last text
    to the number.
    """
    sent = texts_sent.sent_to(text.number)
    if not sent:
        return
    if reply_store.create_once(claim_of_day(text.number_hash, now, kind)):
        last = sent[-1]
        found = table.get_many([(last.case_pk, "APP"), (keys.employer_pk(last.employer_id), "EMP")])
        send_now.reply(Message("sms", text.number, write(language_to(last, found))), channels, now)


def language_to(sent: SentText, found: Mapping[table.Key, object]) -> Language:
    """The language of the candidate who got a text, by what was read of the application and the employer."""
    application = found.get((sent.case_pk, "APP"))
    employer = found.get((keys.employer_pk(sent.employer_id), "EMP"))
    locale = application.locale if isinstance(application, ApplicationItem) else None
    return language_of(locale, employer_of(employer).policy.language if isinstance(employer, EmployerItem) else "en")


def claim_of_day(number_hash: str, now: datetime, kind: str = "") -> reply_store.AnsweredItem:
    """The claim of the one automatic answer of `kind` that a number gets on a UTC day."""
    return reply_store.answered(f"{number_hash}#{now:%Y-%m-%d}{f'#{kind}' if kind else ''}", now)
