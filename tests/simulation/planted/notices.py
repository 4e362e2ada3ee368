"""Bugs in holding notices, bounces, replies and resolved messages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from chalicelib.applications.contacts import service as contacts
from chalicelib.errors import NotFound
from chalicelib.messaging.case import Case
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.messages import MessageItem
from tests.simulation.planted.bug import Bug, Replacement, always_return, wrap
from tests.simulation.planted.sending import CLAIMS, TRANSACTIONS, under, without

ASKING = "chalicelib.messaging.notices.request"
CONTACTS = "chalicelib.applications.contacts.service"
REPLY_STORE = "chalicelib.messaging.reply_store"
INBOUND_SMS = "chalicelib.messaging.inbound_sms"
MESSAGE_LIST = "chalicelib.messaging.message_list"
NOTICES = "chalicelib.messaging.notices.dispatch"


def under_a_new_id(log_contact: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: log_contact(*args, **{**kwargs, "known_as": None})


def not_due_when_sent(settled: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def written(result: SendResult, now: datetime) -> list[Any]:
        actions = settled(result, now)
        return without(actions, MessageItem.due_shard, MessageItem.due_at) if result.status == "sent" else actions

    return written


def log_the_contact_first(plan: Callable[..., Any]) -> Callable[..., Any]:
    def planned(item: MessageItem, case: Case) -> Any:
        if item.next_word_by is not None:
            told = {"channel": item.channel, "outcome": "sent", "decision": "pending", "occurred_at": case.now,
                    "next_word_by": item.next_word_by}  # fmt: skip
            with suppress(NotFound):
                contacts.log_contact(case.employer, item.application_id or "", told, case.now, known_as=item.id)
        return plan(item, case)

    return planned


def as_if_new(module: str, function: str) -> Replacement:
    """What `function` creates once, so as not to act twice, counts as new each time."""
    return always_return(REPLY_STORE, "create_once", True, during=(module, function))


BUGS: tuple[Bug, ...] = (
    Bug(
        "a notice logged under a new contact id",
        "After a worker died between sending and logging, the promise is logged twice.",
        [wrap(CONTACTS, "log_contact", under_a_new_id)],
    ),
    Bug(
        "a sent notice leaves the due index",
        "When its worker dies, the promise is never logged.",
        [wrap(CLAIMS, "_settled", not_due_when_sent)],
    ),
    Bug(
        "a promise logged before its notice is sent",
        "A promise counts that the candidate never got.",
        [wrap(NOTICES, "plan", log_the_contact_first)],
    ),
    Bug(
        "a bounced notice still counts",
        "A mail that did not arrive counts as word: the candidate waits, and nobody calls.",
        [always_return("chalicelib.messaging.delivery_events", "_take_back", None)],
    ),
    Bug(
        "an early bounce is ignored",
        "A bounce that comes before the contact is logged has no effect.",
        [always_return(NOTICES, "returned", False, during=(NOTICES, "log_contact"))],
    ),
    Bug(
        "another notice after an unknown one",
        "The candidate may get two different dates.",
        [wrap(ASKING, "_NOT_SENT", lambda statuses: (*statuses, "unknown"))],
    ),
    Bug(
        "a resolved message resolved again",
        "A second person changes sent into failed, and a second notice is sent.",
        [wrap(TRANSACTIONS, "Transaction.update", under(MessageItem.PK.exists()), during=(MESSAGE_LIST, "resolve"))],
    ),
    Bug(
        "a reply matched again at each delivery",
        "A yes that SNS delivers twice moves two applications.",
        [as_if_new(INBOUND_SMS, "_deliver")],
    ),
    Bug(
        "an automatic reply is not claimed",
        "One STOP gets two automatic replies.",
        [as_if_new("chalicelib.messaging.automatic_answers", "answer")],
    ),
)
