"""Acts on texts that people send: STOP opts out at once, YES and NO change the application, others are shown to recruiters.

A reply belongs to the message that was last sent to its number. Where several employers texted it within seven days, we ask
which one it is for. One automatic answer goes to a number a day, and none to a number that was never texted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from chalicelib.applications import service as applications
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.actors import CANDIDATE
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.errors import WriteUnknown
from chalicelib.messaging import gate, opt_outs, reply_mails, reply_store, send_now, texts_sent
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.reply_store import QuestionItem
from chalicelib.messaging.texts_sent import SentText
from chalicelib.rules import replies
from chalicelib.rules.canonical import canonical_phone
from chalicelib.rules.copy import automatic_replies
from chalicelib.rules.copy.language import language_of
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Language, Message
from chalicelib.rules.replies import ReplyMeaning
from chalicelib.storage import keys, recipients, table
from chalicelib.storage.recipients import Address

CLOCKS_DIFFER = timedelta(minutes=10)
"""A text may be sent so much after `now` by our clock, which may be slow. Only the sender's clock orders STOP and START.

So much later, too, a worker with a fast clock may have noted the text that a reply answers.
"""
_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}", re.ASCII)
ONE_CONVERSATION = timedelta(days=7)
"""Employers that texted a number within this time may all be meant by its reply."""


@dataclass(frozen=True)
class Text:
    """A text as it came in. `id` is the carrier's and is the same when it is delivered twice. `at` is when it was published."""

    id: str
    number: str
    body: str
    at: datetime

    @property
    def number_hash(self) -> str:
        return recipients.hash_of("sms", self.number)


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
    if meaning == "stop":
        _stop(text, now, channels)
    elif meaning == "start":
        opt_outs.start(text.number, text.at)
        if not recipients.opted_out([("sms", text.number)]):
            _answer(text, automatic_replies.started, now, channels)
    elif meaning == "help":
        _answer(text, partial(automatic_replies.help_text, settings().support_email), now, channels, "help")
    else:
        return _take_reply(text, meaning, now, channels)
    return meaning


def _stop(text: Text, now: datetime, channels: Channels) -> None:
    """Ends texts to the number before any lookup, which may fail, and then what was texted there."""
    number: Address = ("sms", text.number)
    news = opt_outs.opt_out([number], opt_outs.STOP_WORD, text.at)
    if not recipients.opted_out([number]):  # a later START is recorded
        return
    texted = texts_sent.sent_to(text.number, texts_sent.MAY_HAVE_GONE_OUT)
    opt_outs.stop_cases(number, dict.fromkeys(sent.case_pk for sent in texted))
    if news:
        _answer(text, automatic_replies.stopped, now, channels)


def _take_reply(text: Text, meaning: ReplyMeaning | None, now: datetime, channels: Channels) -> str:
    """Hands a reply to the application that it answers, or keeps it until the person says which employer it is for."""
    if (known := reply_store.subject_of(text.id)) is not None:
        return _deliver(text, known, meaning, now, channels)
    question = reply_store.question_of(text.number_hash, now)
    if question is not None and _chooses(text, question):
        return _hand_over_pending(text, question, now, channels)
    sent = [one for one in texts_sent.sent_to(text.number) if one.at <= text.at + CLOCKS_DIFFER]
    if not sent:
        return _reply_of_untexted(text, meaning, now, channels)
    recent = _recent_employers(sent, text.at)
    if len(recent) > 1:
        if not _was_chosen(question, recent, sent):
            return _keep_pending(text, list(recent), sent[-1], now, channels)
        sent = [one for one in sent if question is not None and one.employer_id == question.chosen]
    return _deliver(text, sent[-1].case_pk, meaning, now, channels)


def _recent_employers(sent: Iterable[SentText], at: datetime) -> dict[str, datetime]:
    """The employers that texted within seven days, the latest first, with when each did last."""
    last = {one.employer_id: one.at for one in sent if one.at > at - ONE_CONVERSATION}
    return dict(sorted(last.items(), key=lambda one: one[1], reverse=True))


def _was_chosen(question: QuestionItem | None, recent: dict[str, datetime], sent: Iterable[SentText]) -> bool:
    """Whether the person said which employer they mean, and nobody texted them since."""
    if question is None or question.chosen_at is None or question.chosen not in {one.employer_id for one in sent}:
        return False
    return max(recent.values()) <= question.chosen_at


def _chooses(text: Text, question: QuestionItem) -> bool:
    """Whether a text answers the question which employer is meant, now or in an earlier delivery."""
    if question.chosen_by == text.id:
        return True
    number = replies.chosen_number(text.body, len(question.employers))
    if number is None or question.chosen is not None or text.at < question.asked_at - CLOCKS_DIFFER:
        return False
    if reply_store.is_pending(text.number_hash, text.id):  # delivered again: it was there before the question
        return False
    return reply_store.choose(question, question.employers[number - 1], text.id, text.at)


def _hand_over_pending(text: Text, question: QuestionItem, now: datetime, channels: Channels) -> str:
    """Delivers the texts that waited for the choice, each to what the chosen employer had last sent before it."""
    chosen = reply_store.question_of(text.number_hash, now) or question
    sent = [one for one in texts_sent.sent_to(text.number) if one.employer_id == chosen.chosen]
    for item in reply_store.pending_of(text.number_hash, now):
        before = [one for one in sent if one.at <= item.received_at + CLOCKS_DIFFER]
        if before:
            kept = Text(item.id, item.sender, item.body, item.received_at)
            _deliver(kept, before[-1].case_pk, replies.classify_reply(item.body), now, channels)
            reply_store.delete_pending(item)
    return "chosen"


def _keep_pending(text: Text, employers: list[str], last: SentText, now: datetime, channels: Channels) -> str:
    """Keeps a text that several employers may be meant by, shows it to none, and asks once."""
    number_hash = text.number_hash
    reply_store.create_once(reply_store.pending(number_hash, text.id, sender=text.number, body=text.body, at=text.at, now=now))
    question = reply_store.question_of(number_hash, now)
    if question is not None and question.chosen is None:
        return "pending"
    named = employers[: automatic_replies.WHICH_MOST]
    found = table.get_many([(last.case_pk, "APP"), *((keys.employer_pk(one), "EMP") for one in named)])
    names = [item.name if isinstance(item := found.get((keys.employer_pk(one), "EMP")), EmployerItem) else "" for one in named]
    asks = Message("sms", text.number, automatic_replies.which(names, _language_of(last, found)))
    try:
        is_asked = reply_store.ask_once(_claim_of_day(text, now), number_hash, named, now)
    except WriteUnknown:
        reply_store.withdraw_question(number_hash, now)
        raise
    if is_asked and not send_now.reply(asks, channels, now):
        reply_store.withdraw_question(number_hash, now)  # a "1" answers no question that was never sent
    return "pending"


def _reply_of_untexted(text: Text, meaning: ReplyMeaning | None, now: datetime, channels: Channels) -> str:
    """Shows a text from a number that nobody texted to the one employer that knows it.

    Raises LookupError where none or several do, where some applications with the number cannot be found, or where it may
    answer a text to somebody who was erased since: that text was another employer's.

    It answers no message, so that a yes or no counts only where the number has one application.
    """
    if texts_sent.may_have_been_sent_to_erased(text.number):
        raise LookupError("this number was texted for somebody who was erased since")
    known = [item for item in applications_of(text.number) or [] if not item.company]  # no job seeker's own list
    if len({item.employer_id for item in known}) != 1:
        raise LookupError("nobody texted this number, and not exactly one employer certainly knows it")
    newest = max(known, key=lambda item: (item.wait_state == "open", item.word_due_at or item.created_at, item.id))
    return _deliver(text, newest.PK, meaning if len(known) == 1 else None, now, channels)


def applications_of(number: str) -> list[ApplicationItem] | None:
    """Finds all applications of the deployment whose candidate has this number now; None where one may be missing."""
    cases = recipients.all_cases_of(("sms", number))
    if cases is None:
        return None
    found = table.get_many((pk, "APP") for pk in cases)
    return [
        item
        for item in found.values()
        if isinstance(item, ApplicationItem) and item.phone and canonical_phone(item.phone) == canonical_phone(number)
    ]


def _deliver(text: Text, case_pk: str, meaning: ReplyMeaning | None, now: datetime, channels: Channels) -> str:
    """Shows a text on an application, and records a yes or no, once: a second delivery must not move another one."""
    if not reply_store.create_once(reply_store.subject(text.id, case_pk, now)):
        case_pk = reply_store.subject_of(text.id) or case_pk
    owner = (case_pk.partition("#CASE#")[0], "EMP")
    found = table.get_many([(case_pk, "APP"), owner])
    application, employer = found.get((case_pk, "APP")), found.get(owner)
    if not isinstance(application, ApplicationItem):
        raise LookupError("the application was erased")
    if isinstance(employer, EmployerItem) and employer.seeker is not None:
        return _take_own(text, application, employer_of(employer), now, channels)
    if meaning is not None:
        _record_statement(application, meaning == "yes", text, now)
    elif application.snooze_until is not None:
        _end_snooze(application, now)
    reply = reply_store.reply(
        application.employer_id,
        application.id,
        text.id,
        sender=text.number,
        body=text.body,
        understood_as=meaning,
        at=text.at,
    )
    has_listener = isinstance(employer, EmployerItem) and bool(employer.webhooks)
    mail = reply_mails.mail_about_texts(application, now)
    is_new = reply_store.store(reply, application.employer_id, now, has_listener=has_listener, mail=mail)
    if is_new and isinstance(employer, EmployerItem):
        _acknowledge(text, employer_of(employer), now, channels)
    return meaning or "shown"


def _take_own(text: Text, application: ApplicationItem, employer: Employer, now: datetime, channels: Channels) -> str:
    """Records what a job seeker texts about their own interview, once, and answers. Nobody but them reads it."""
    from chalicelib.applications.seekers import outcomes  # late: most deployments have no job seekers
    from chalicelib.rules.copy.seekers import noted
    from chalicelib.rules.seeker_replies import classify_seeker_reply

    what = classify_seeker_reply(text.body)
    if what is not None:
        outcomes.record_reply(employer, application, what, text.id, now)
    _answer(text, lambda _: noted(what), now, channels)
    return what or "unread"


def _acknowledge(text: Text, employer: Employer, now: datetime, channels: Channels) -> None:
    """Says that the message arrived: once, as the one answer of the day, to nobody who opted out."""
    blocked = gate.block_reason(employer, "sms", text.number)
    if not blocked and not recipients.opted_out([("sms", text.number)]):
        _answer(text, partial(automatic_replies.received, employer.name), now, channels)


def _record_statement(application: ApplicationItem, heard: bool, text: Text, now: datetime) -> None:
    employer = table.get(keys.employer_pk(application.employer_id), "EMP")
    if isinstance(employer, EmployerItem):
        said = {"heard": heard, "at": text.at}
        contacts.record_statement(employer_of(employer), application.id, said, now, known_as=text.id, by=CANDIDATE)


def _end_snooze(application: ApplicationItem, now: datetime) -> None:
    """Shows an application again whose candidate wrote."""
    employer = table.get(keys.employer_pk(application.employer_id), "EMP")
    if isinstance(employer, EmployerItem):
        applications.change_application(employer_of(employer), application.id, {"snooze_until": None}, now, lambda _: None)


def _answer(text: Text, write: Callable[[Language], str], now: datetime, channels: Channels, kind: str = "") -> None:
    """Sends one short answer a day to a number that was texted, claimed before it is sent: no answer is better than two.

    HELP has an answer of its own each day: carriers want it answered, whatever else was. The language is that of the last text
    to the number.
    """
    sent = texts_sent.sent_to(text.number)
    if not sent:
        return
    if reply_store.create_once(_claim_of_day(text, now, kind)):
        last = sent[-1]
        found = table.get_many([(last.case_pk, "APP"), (keys.employer_pk(last.employer_id), "EMP")])
        send_now.reply(Message("sms", text.number, write(_language_of(last, found))), channels, now)


def _language_of(sent: SentText, found: Mapping[table.Key, object]) -> Language:
    """The language of the candidate who got a text, by what was read of the application and the employer."""
    application = found.get((sent.case_pk, "APP"))
    employer = found.get((keys.employer_pk(sent.employer_id), "EMP"))
    locale = application.locale if isinstance(application, ApplicationItem) else None
    return language_of(locale, employer_of(employer).policy.language if isinstance(employer, EmployerItem) else "en")


def _claim_of_day(text: Text, now: datetime, kind: str = "") -> reply_store.AnsweredItem:
    return reply_store.answered(f"{text.number_hash}#{now:%Y-%m-%d}{f'#{kind}' if kind else ''}", now)
