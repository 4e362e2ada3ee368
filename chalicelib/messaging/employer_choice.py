"""Decides which employer a text is for where several texted its number: asks the person, and reads what they chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib.auth.employers import EmployerItem
from chalicelib.errors import WriteUnknown
from chalicelib.messaging import pending_store, reply_store, send_now
from chalicelib.messaging.automatic_answers import claim_of_day, language_to
from chalicelib.messaging.inbound_text import CLOCKS_DIFFER, Text
from chalicelib.messaging.pending_store import QuestionItem
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.texts_sent import SentText
from chalicelib.rules import replies
from chalicelib.rules.copy import automatic_replies
from chalicelib.rules.model import Message
from chalicelib.storage import keys, recipients, table
from chalicelib.storage.table import Item, Key

NAME_MOST = 120
"""Characters of a text that may be an employer's name."""
ONE_CONVERSATION = timedelta(days=7)
"""Employers that texted a number within this time may all be meant by its reply."""


def sent_before(sent: Iterable[SentText], at: datetime) -> list[SentText]:
    """The texts that one which was sent at `at` may answer."""
    return [one for one in sent if one.at <= at + CLOCKS_DIFFER]


def recent_employers(sent: Iterable[SentText], at: datetime) -> dict[str, datetime]:
    """The employers that texted within seven days, the latest first, with when each did last."""
    last = {one.employer_id: one.at for one in sent if one.at > at - ONE_CONVERSATION}
    return dict(sorted(last.items(), key=lambda one: one[1], reverse=True))


def employers_meant(texts: Sequence[SentText], last: SentText, at: datetime) -> dict[str, datetime]:
    """The employers that a reply may be for, the latest first: those of the last seven days, and the one of the `last` text
    that was certainly sent, however long ago, where a newer one of another employer may have arrived already."""
    recent = recent_employers(texts, at)
    return {**recent, last.employer_id: recent.get(last.employer_id, last.at)} if recent else recent


def was_chosen(question: QuestionItem | None, recent: dict[str, datetime], sent: Iterable[SentText]) -> bool:
    """Whether the person said which employer they mean, and nobody texted them since."""
    if question is None or question.chosen_at is None or question.chosen not in {one.employer_id for one in sent}:
        return False
    return max(recent.values()) <= question.chosen_at


def chooses(text: Text, question: QuestionItem) -> bool:
    """Whether a text answers the question which employer is meant, now or in an earlier delivery."""
    if question.chosen_by == text.id:
        return True
    if question.chosen is not None or text.at < question.asked_at - CLOCKS_DIFFER:
        return False
    number = replies.chosen_number(text.body, len(question.employers)) or _named(text, question)
    if number is None:
        return False
    if pending_store.is_pending(text.number_hash, text.id):  # delivered again: it was there before the question
        return False
    return pending_store.choose(question, question.employers[number - 1], text.id, text.at)


def _named(text: Text, question: QuestionItem) -> int | None:
    """The number of the employer whose name a short text is."""
    if len(text.body) > NAME_MOST:
        return None
    found = table.get_many((keys.employer_pk(one), "EMP") for one in question.employers)
    return replies.chosen_name(text.body, _names(question.employers, found))


def _names(employers: Iterable[str], found: Mapping[Key, Item]) -> list[str]:
    items = [found.get((keys.employer_pk(one), "EMP")) for one in employers]
    return [item.name if isinstance(item, EmployerItem) else "" for item in items]


def keep_pending(text: Text, employers: list[str], last: SentText, now: datetime, channels: Channels) -> str:
    """Keeps a text that several employers may be meant by, shows it to none, and asks once.

    Where it cannot ask today, `pending_texts` asks at the same hour of a later day.
    """
    number_hash = text.number_hash
    reply_store.create_once(pending_store.pending(number_hash, text.id, sender=text.number, body=text.body, at=text.at, now=now))
    question = pending_store.question_of(number_hash, now)
    may_ask = question is None or question.chosen is not None
    if may_ask and not recipients.opted_out([("sms", text.number)]):
        ask(text, employers, last, now, channels)
    return "pending"


def ask(text: Text, employers: list[str], last: SentText, now: datetime, channels: Channels) -> bool:
    """Asks which employer is meant, as the one automatic answer of the day. Returns whether the question may have gone out.

    Raises WriteUnknown where nobody knows whether the question was stored: it is withdrawn then.
    """
    number_hash, named = text.number_hash, employers[: automatic_replies.WHICH_MOST]
    found = table.get_many([(last.case_pk, "APP"), *((keys.employer_pk(one), "EMP") for one in named)])
    asks = Message("sms", text.number, automatic_replies.which(_names(named, found), language_to(last, found)))
    try:
        is_asked = pending_store.ask_once(claim_of_day(number_hash, now), number_hash, named, now)
    except WriteUnknown:
        pending_store.withdraw_question(number_hash, now)
        raise
    if is_asked and not send_now.reply(asks, channels, now):
        pending_store.withdraw_question(number_hash, now)  # a "1" answers no question that was never sent
        return False
    return is_asked
