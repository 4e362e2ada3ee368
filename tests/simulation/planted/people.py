"""Bugs in opt-outs and replies of people whom several employers text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chalicelib.messaging import opt_outs
from chalicelib.storage import recipients
from chalicelib.storage.recipients import Address
from tests.simulation.planted.bug import Bug, always_return, wrap

DELIVERY_EVENTS = "chalicelib.messaging.delivery_events"
INBOUND_SMS = "chalicelib.messaging.inbound_sms"
OPT_OUTS = "chalicelib.messaging.opt_outs"
REPLIES = "chalicelib.rules.replies"


def only_single_words(classify: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda body: classify(body) if len(body.split()) == 1 else None


def at_its_delivery(read: Callable[..., Any]) -> Callable[..., Any]:
    return lambda text, sent_at, now: read(text, now, now)


def revoke_all(revoke_stop: Callable[..., None]) -> Callable[..., None]:
    def revoked(addresses: Iterable[Address], at: datetime) -> None:
        for address in addresses:
            opt_outs.opt_in(address, at)

    return revoked


def only_with_an_application(opt_out: Callable[..., bool]) -> Callable[..., bool]:
    def opted_out(addresses: Iterable[Address], source: str, now: datetime) -> bool:
        known = [address for address in addresses if recipients.cases_of(address)]
        return bool(known) and opt_out(known, source, now)

    return opted_out


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
        [wrap(OPT_OUTS, "revoke_stop", revoke_all)],
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
)
