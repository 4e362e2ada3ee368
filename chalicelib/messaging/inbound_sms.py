"""Acts on texts that people send: STOP opts out at once, YES and NO change the application, others are shown to recruiters.

A reply belongs to the message that was last sent to its number. Where several employers texted it within seven days, we ask
which one it is for. One automatic answer goes to a number a day, and none to a number that was never texted.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from chalicelib.applications import service as applications
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.actors import CANDIDATE
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.messaging import automatic_answers, employer_choice, gate, opt_outs, reply_mails, reply_store, texts_sent
from chalicelib.messaging.inbound_text import Text, read
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.reply_store import PendingItem, QuestionItem
from chalicelib.rules import replies
from chalicelib.rules.canonical import canonical_phone
from chalicelib.rules.copy import automatic_replies
from chalicelib.rules.employer import Employer
from chalicelib.rules.replies import ReplyMeaning
from chalicelib.storage import keys, recipients, table
from chalicelib.storage.recipients import Address

__all__ = ["applications_of", "hand_over", "handle", "read"]


def handle(text: Text, now: datetime, channels: Channels) -> str:
    """Acts on a text and returns what it meant. Idempotent."""
    meaning = replies.classify_reply(text.body)
    if meaning == "stop":
        _stop(text, now, channels)
    elif meaning == "start":
        opt_outs.start(text.number, text.at)
        if not recipients.opted_out([("sms", text.number)]):
            automatic_answers.answer(text, automatic_replies.started, now, channels)
    elif meaning == "help":
        automatic_answers.answer(text, partial(automatic_replies.help_text, settings().support_email), now, channels, "help")
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
        automatic_answers.answer(text, automatic_replies.stopped, now, channels)


def _take_reply(text: Text, meaning: ReplyMeaning | None, now: datetime, channels: Channels) -> str:
    """Hands a reply to the application that it answers, or keeps it until the person says which employer it is for."""
    if (known := reply_store.subject_of(text.id)) is not None:
        return _deliver(text, known, meaning, now, channels)
    question = reply_store.question_of(text.number_hash, now)
    if question is not None and employer_choice.chooses(text, question):
        return _hand_over_pending(text, question, now, channels)
    texts = employer_choice.sent_before(texts_sent.sent_to(text.number, texts_sent.MAY_HAVE_GONE_OUT), text.at)
    sent = [one for one in texts if not one.in_flight]
    if not sent:
        return _reply_of_untexted(text, meaning, now, channels)
    meant = employer_choice.employers_meant(texts, sent[-1], text.at)
    if len(meant) > 1:
        if not employer_choice.was_chosen(question, meant, sent):
            return employer_choice.keep_pending(text, list(meant), sent[-1], now, channels)
        sent = [one for one in sent if question is not None and one.employer_id == question.chosen]
    return _deliver(text, sent[-1].case_pk, meaning, now, channels)


def _hand_over_pending(text: Text, question: QuestionItem, now: datetime, channels: Channels) -> str:
    """Delivers the texts that waited for the choice, each to what the chosen employer had last sent before it."""
    chosen = reply_store.question_of(text.number_hash, now) or question
    sent = [one for one in texts_sent.sent_to(text.number) if one.employer_id == chosen.chosen]
    for item in reply_store.pending_of(text.number_hash, now):
        before = employer_choice.sent_before(sent, item.received_at)
        if before:
            hand_over(item, before[-1].case_pk, now, channels)
    return "chosen"


def hand_over(item: PendingItem, case_pk: str, now: datetime, channels: Channels) -> None:
    """Delivers a text that waited, once, to the application that it answers. Raises LookupError where that was erased."""
    kept = Text(item.id, item.sender, item.body, item.received_at)
    _deliver(kept, case_pk, replies.classify_reply(item.body), now, channels)
    reply_store.delete_pending(item)


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
    automatic_answers.answer(text, lambda _: noted(what), now, channels)
    return what or "unread"


def _acknowledge(text: Text, employer: Employer, now: datetime, channels: Channels) -> None:
    """Says that the message arrived: once, as the one answer of the day, to nobody who opted out."""
    blocked = gate.block_reason(employer, "sms", text.number)
    if not blocked and not recipients.opted_out([("sms", text.number)]):
        automatic_answers.answer(text, partial(automatic_replies.received, employer.name), now, channels)


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
