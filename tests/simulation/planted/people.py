"""Bugs in opt-outs and replies of people who get texts from several employers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chalicelib.messaging import opt_outs
from chalicelib.storage import recipients, table
from chalicelib.storage.recipients import Address
from tests.simulation.planted.bug import Bug, always_return, wrap

DELIVERY_EVENTS = "chalicelib.messaging.delivery_events"
EMPLOYER_CHOICE = "chalicelib.messaging.employer_choice"
INBOUND_SMS = "chalicelib.messaging.inbound_sms"
OPT_OUTS = "chalicelib.messaging.opt_outs"
PENDING_TEXTS = "chalicelib.messaging.pending_texts"
REPLIES = "chalicelib.rules.replies"


def only_single_words(classify: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda body: classify(body) if len(body.split()) == 1 else None


def at_its_delivery(read: Callable[..., Any]) -> Callable[..., Any]:
    return lambda text, sent_at, now: read(text, now, now)


def undo_all(start: Callable[..., None]) -> Callable[..., None]:
    def started(number: str, at: datetime) -> None:
        start(number, at)
        for case in table.get_many((pk, "APP") for pk in recipients.cases_of(("sms", number))).values():
            for address in recipients.addresses_of(getattr(case, "email", None), None):
                opt_outs.opt_in(address, at)

    return started


def at_all_addresses(opt_out: Callable[..., bool]) -> Callable[..., bool]:
    """As older code did: STOP also opts out each mailbox that a record pairs with the number."""

    def opted_out(addresses: Iterable[Address], source: str, now: datetime) -> bool:
        every = list(addresses)
        for number in [address for address in every if address[0] == "sms"]:
            for case in table.get_many((pk, "APP") for pk in recipients.cases_of(number)).values():
                every += recipients.addresses_of(getattr(case, "email", None), None)
        return opt_out(every, source, now)

    return opted_out


def only_the_latest(recent: Callable[..., dict[str, datetime]]) -> Callable[..., dict[str, datetime]]:
    return lambda *args: dict(list(recent(*args).items())[:1])


def the_other_one(choose: Callable[..., bool]) -> Callable[..., bool]:
    def chosen(question: Any, employer_id: str, *more: Any) -> bool:
        others = [one for one in question.employers if one != employer_id]
        return choose(question, (others or [employer_id])[0], *more)

    return chosen


def only_with_an_application(opt_out: Callable[..., bool]) -> Callable[..., bool]:
    def opted_out(addresses: Iterable[Address], source: str, now: datetime) -> bool:
        known = [address for address in addresses if recipients.cases_of(address)]
        return bool(known) and opt_out(known, source, now)

    return opted_out


def for_this_message_alone(note: Callable[..., Any]) -> Callable[..., Any]:
    return lambda draft, deciding, seen, now: note(draft, deciding, [], now)


BUGS: tuple[Bug, ...] = (
    Bug(
        "a STOP after START changes nothing",
        "People who changed their minds twice get texts for ever.",
        [always_return(OPT_OUTS, "_repeat", False)],
    ),
    Bug(
        "STOP only from known numbers",
        "A number that sent STOP gets texts once an employer enters it.",
        [wrap(OPT_OUTS, "opt_out", only_with_an_application)],
    ),
    Bug(
        "a polite STOP is a reply",
        "People who write 'Stop, please!' get more texts.",
        [wrap(REPLIES, "classify_reply", only_single_words)],
    ),
    Bug(
        "START undoes an unsubscribe link",
        "People who unsubscribed from mail get mail again.",
        [wrap(OPT_OUTS, "start", undo_all)],
    ),
    Bug(
        "STOP ends mail to paired addresses",
        "A stranger whose record pairs a phone with somebody's mailbox silences that mailbox.",
        [wrap(OPT_OUTS, "opt_out", at_all_addresses)],
    ),
    Bug(
        "STOP ends texts alone",
        "The application that texted somebody goes on by mail.",
        [always_return(OPT_OUTS, "stop_cases", None)],
    ),
    Bug(
        "a reply goes to the latest of several employers",
        "An employer reads what was meant for another.",
        [wrap(EMPLOYER_CHOICE, "recent_employers", only_the_latest)],
    ),
    Bug(
        "the choice names the other employer",
        "A person answers 2, and the first employer reads it.",
        [wrap("chalicelib.messaging.pending_store", "choose", the_other_one)],
    ),
    Bug(
        "a text counts from its delivery",
        "A START that SNS delivers again undoes a STOP that was sent after it.",
        [wrap(INBOUND_SMS, "read", at_its_delivery)],
    ),
    Bug(
        "a complaint is no opt-out",
        "People who marked a mail as spam get more of them.",
        [always_return(OPT_OUTS, "opt_out", True, during=(DELIVERY_EVENTS, "take_mail"))],
    ),
    Bug(
        "an opt-out read for one message is ignored for another",
        "A mail goes to somebody whose unsubscribe link had been read while another message of theirs was checked.",
        [wrap("chalicelib.messaging.frequency_cap", "note", for_this_message_alone)],
    ),
    Bug(
        "a reply to an erased application is shown to another employer",
        "An employer that never texted somebody reads their answer to one that erased them.",
        [always_return("chalicelib.messaging.texts_sent", "may_have_been_sent_to_erased", False)],
    ),
    Bug(
        "a reply is stored though its application was just erased",
        "The number and the words of somebody who was erased stay with the employer.",
        [
            always_return(
                "chalicelib.storage.transaction",
                "Transaction.check",
                None,
                during=("chalicelib.messaging.reply_store", "store"),
            )
        ],
    ),
    Bug(
        "a question of a later day ignores STOP",
        "Somebody texts a question, says STOP, and is asked the next day all the same.",
        [always_return(PENDING_TEXTS, "_may_ask", True)],
    ),
)
