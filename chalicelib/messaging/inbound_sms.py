"""Acts on texts that people send: STOP opts out at once, YES and NO change the application, others are shown to recruiters.

A STOP that says more, such as why, is shown too. A reply belongs to the message that was last sent to its number. Where several
employers texted it within seven days, we ask which one it is for. One automatic answer goes to a number a day, and none to a
number that was never texted.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.applications.items import ApplicationItem
from chalicelib.config import settings
from chalicelib.messaging import (
    automatic_answers,
    employer_choice,
    gate,
    opt_outs,
    pending_store,
    reply_delivery,
    reply_store,
    texts_sent,
)
from chalicelib.messaging.inbound_text import Text, read
from chalicelib.messaging.messages import MAY_HAVE_GONE_OUT
from chalicelib.messaging.pending_store import PendingItem, QuestionItem
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.reply_delivery import Written
from chalicelib.messaging.reply_store import OfNobody
from chalicelib.rules import replies
from chalicelib.rules.canonical import canonical_phone
from chalicelib.rules.copy import automatic_replies
from chalicelib.rules.employer import Employer
from chalicelib.rules.replies import ReplyMeaning
from chalicelib.storage import recipients, table
from chalicelib.storage.recipients import Address

__all__ = ["applications_of", "hand_over", "handle", "read"]


def handle(text: Text, now: datetime, channels: Channels) -> str:
    """Acts on a text and returns what it meant. Idempotent."""
    meaning = replies.classify_reply(text.body)
    if meaning == "stop":
        _stop(text, now, channels)
        if not replies.is_keyword(text.body):
            with suppress(OfNobody):
                _take_reply(text, None, now, channels)
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
    texted = texts_sent.sent_to(text.number, MAY_HAVE_GONE_OUT)
    opt_outs.stop_cases(number, dict.fromkeys(sent.case_pk for sent in texted))
    if news:
        automatic_answers.answer(text, automatic_replies.stopped, now, channels)


def _take_reply(text: Text, meaning: ReplyMeaning | None, now: datetime, channels: Channels) -> str:
    """Hands a reply to the application that it answers, or keeps it until the person says which employer it is for."""
    if (known := reply_store.subject_of(text.id)) is not None:
        return _deliver(text, known, meaning, now, channels, _asked_at(text, known))
    question = pending_store.question_of(text.number_hash, now)
    if question is not None and employer_choice.chooses(text, question):
        return _hand_over_pending(text, question, now, channels)
    texts = employer_choice.sent_before(texts_sent.sent_to(text.number, MAY_HAVE_GONE_OUT), text.at)
    sent = [one for one in texts if not one.in_flight]
    if not sent:
        return _reply_of_untexted(text, meaning, now, channels)
    meant = employer_choice.employers_meant(texts, sent[-1], text.at)
    if len(meant) > 1:
        if not employer_choice.was_chosen(question, meant, sent):
            return employer_choice.keep_pending(text, list(meant), sent[-1], now, channels)
        sent = [one for one in sent if question is not None and one.employer_id == question.chosen]
    return _deliver(text, sent[-1].case_pk, meaning, now, channels, sent[-1].at)


def _hand_over_pending(text: Text, question: QuestionItem, now: datetime, channels: Channels) -> str:
    """Delivers the texts that waited for the choice, each to what the chosen employer had last sent before it."""
    chosen = pending_store.question_of(text.number_hash, now) or question
    sent = [one for one in texts_sent.sent_to(text.number) if one.employer_id == chosen.chosen]
    for item in pending_store.pending_of(text.number_hash, now):
        before = employer_choice.sent_before(sent, item.received_at)
        if before:
            with suppress(OfNobody):  # erased at this moment: the job of the text that waits deletes it
                hand_over(item, before[-1].case_pk, now, channels)
    return "chosen"


def hand_over(item: PendingItem, case_pk: str, now: datetime, channels: Channels) -> None:
    """Delivers a text that waited, once, to the application that it answers. Raises OfNobody where that was erased."""
    kept = Text(item.id, item.sender, item.body, item.received_at)
    meaning = replies.classify_reply(item.body)
    _deliver(kept, case_pk, meaning if meaning in ("yes", "no") else None, now, channels, _asked_at(kept, case_pk))
    pending_store.delete_pending(item)


def _reply_of_untexted(text: Text, meaning: ReplyMeaning | None, now: datetime, channels: Channels) -> str:
    """Shows a text from a number that nobody texted to the one employer that knows it.

    Raises OfNobody where none or several do, where some applications with the number cannot be found, or where it may
    answer a text to somebody who was erased since: that text was another employer's.

    It answers no message, so that a yes or no counts only where the number has one application.
    """
    if texts_sent.may_have_been_sent_to_erased(text.number):
        raise OfNobody("this number was texted for somebody who was erased since")
    known = [item for item in applications_of(text.number) or [] if not item.company]  # no job seeker's own list
    if len({item.employer_id for item in known}) != 1:
        raise OfNobody("nobody texted this number, and not exactly one employer certainly knows it")
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


def _asked_at(text: Text, case_pk: str) -> datetime | None:
    """When this application was last texted about before a text came. None where it was not."""
    sent = employer_choice.sent_before(texts_sent.sent_to(text.number), text.at)
    return max((one.at for one in sent if one.case_pk == case_pk), default=None)


def _deliver(
    text: Text, case_pk: str, meaning: ReplyMeaning | None, now: datetime, channels: Channels, asked_at: datetime | None = None
) -> str:
    written = Written(text.id, "sms", text.number, text.body, text.at, asked_at=asked_at)
    return reply_delivery.deliver(written, case_pk, meaning, now, _TextAnswers(text, now, channels))


@dataclass(frozen=True)
class _TextAnswers:
    """Answers a text by a text: the one answer of the day to its number."""

    text: Text
    now: datetime
    channels: Channels

    def received(self, employer: Employer) -> None:
        blocked = gate.block_reason(employer, "sms", self.text.number)
        if not blocked and not recipients.opted_out([("sms", self.text.number)]):
            says = partial(automatic_replies.received, employer.name)
            automatic_answers.answer(self.text, says, self.now, self.channels)

    def noted(self, what: str | None) -> None:
        from chalicelib.rules.copy import seeker_account  # late: most deployments have no job seekers

        if not recipients.opted_out([("sms", self.text.number)]):
            says = partial(seeker_account.noted, what)
            automatic_answers.answer(self.text, says, self.now, self.channels)
