"""Asks about the texts that wait for a choice which nobody was asked for: the day's one automatic answer was spent, or it failed.

A text that several employers may be meant by is due a day after it was sent, at the hour at which the person was awake, and each
day after that until it expires. An asked question is never asked again while it may be answered. Idempotent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.messaging import employer_choice, inbound_sms, pending_store, reply_store, texts_sent
from chalicelib.messaging.inbound_text import Text
from chalicelib.messaging.pending_store import ASK_EVERY, PENDING_FOR, PendingItem, QuestionItem
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.reply_store import OfNobody
from chalicelib.messaging.texts_sent import SentText
from chalicelib.storage import recipients, table
from chalicelib.storage.table import Item, stored_instant

SAME_HOUR = timedelta(hours=1)
"""A question that is late by more waits for the next day: it may be night where the person is."""


def work(item: Item, now: datetime, channels: Channels) -> None:
    """Hands over a pending text that is one employer's by now, or asks which one is meant. Raises HeardbackError."""
    text = table.get(*item.key)
    if isinstance(text, PendingItem) and text.due_at is not None and text.due_at <= stored_instant(now):
        try:
            _work(text, now, channels)
        except OfNobody:  # the application that it answers was erased
            pending_store.delete_pending(text)


def _work(text: PendingItem, now: datetime, channels: Channels) -> None:
    question = pending_store.question_of(_as_text(text).number_hash, now)
    if not _sent_before(text):
        raise OfNobody("all who had texted this number have erased its person")
    if text.received_at <= now - PENDING_FOR:
        pending_store.set_due(text, None)
    elif (case_pk := _case_of(text, question)) is not None:
        inbound_sms.hand_over(text, case_pk, now, channels)
    elif question is not None and question.chosen is None:  # it covers this text too
        pending_store.set_due(text, _next_day(text, question.asked_at + PENDING_FOR))
    else:
        is_asked = _may_ask(text, now) and _ask(text, now, channels)
        pending_store.set_due(text, None if is_asked else _next_day(text, now))


def _sent_before(text: PendingItem) -> list[SentText]:
    return employer_choice.sent_before(texts_sent.sent_to(text.sender), text.received_at)


def _as_text(text: PendingItem) -> Text:
    return Text(text.id, text.sender, text.body, text.received_at)


def _case_of(text: PendingItem, question: QuestionItem | None) -> str | None:
    """The application that the text is certainly about by now, or None.

    An interrupted delivery has noted it, the person chose its employer after they sent it, or the others erased the person.
    """
    if (known := reply_store.subject_of(text.id)) is not None:
        return known
    sent = _sent_before(text)
    if question is not None and question.chosen_at is not None and text.received_at <= question.chosen_at:
        chosen = [one for one in sent if one.employer_id == question.chosen]
        if chosen:
            return chosen[-1].case_pk
    is_asked = question is not None and question.chosen is None
    if is_asked or not sent or len(employer_choice.recent_employers(sent, text.received_at)) > 1:
        return None
    return sent[-1].case_pk


def _may_ask(text: PendingItem, now: datetime) -> bool:
    """Whether it is the text's hour of the day, and the person has not opted out."""
    since = (now - text.received_at) % ASK_EVERY
    return since <= SAME_HOUR and not recipients.opted_out([("sms", text.sender)])


def _ask(text: PendingItem, now: datetime, channels: Channels) -> bool:
    """Asks, where several employers may still be meant. Returns whether the question may have gone out."""
    sent = _sent_before(text)
    recent = list(employer_choice.recent_employers(sent, text.received_at))
    return len(recent) > 1 and employer_choice.ask(_as_text(text), recent, sent[-1], now, channels)


def _next_day(text: PendingItem, after: datetime) -> datetime | None:
    """The text's hour of the first day after `after`, or None where the text has expired by then."""
    days = (after - text.received_at) // ASK_EVERY + 1
    at = text.received_at + days * ASK_EVERY
    return at if at < text.received_at + PENDING_FOR else None
