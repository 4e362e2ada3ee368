"""Bugs in claimed notices, and in what comes back: bounces, answers, what somebody found out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from chalicelib.applications.contacts import service as contacts
from chalicelib.errors import NotFound
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.nudges import Case
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
    def written(fate: SendResult, now: datetime) -> list[Any]:
        actions = settled(fate, now)
        return without(actions, MessageItem.due_shard, MessageItem.due_at) if fate.status == "sent" else actions

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


def never_kept_twice(function: str) -> Replacement:
    """What `function` keeps, so that it is done once, is not kept."""
    return always_return(REPLY_STORE, "create_once", True, during=(INBOUND_SMS, function))


BUGS: tuple[Bug, ...] = (
    Bug(
        "a notice's contact under an id of its own",
        "A worker that died between sending and logging: the promise is logged twice.",
        [wrap(CONTACTS, "log_contact", under_a_new_id)],
    ),
    Bug(
        "a notice that was sent is not due",
        "When its worker dies, nobody ever logs what the candidate was promised.",
        [wrap(CLAIMS, "_settled", not_due_when_sent)],
    ),
    Bug(
        "the promise begins before the notice is sent",
        "A candidate waits for a day that nobody told them.",
        [wrap(NOTICES, "plan", log_the_contact_first)],
    ),
    Bug(
        "a notice that comes back still counts",
        "A mail that nobody got is word given: the candidate goes on waiting, and nobody calls.",
        [always_return("chalicelib.messaging.delivery_events", "_take_back", None)],
    ),
    Bug(
        "a bounce that is heard early is not looked at",
        "The bounce comes before the contact is logged, and is forgotten.",
        [always_return(NOTICES, "returned", False, during=(NOTICES, "log_contact"))],
    ),
    Bug(
        "an unknown notice makes room for another",
        "The candidate may be told two days.",
        [wrap(ASKING, "_NOT_SENT", lambda statuses: (*statuses, "unknown"))],
    ),
    Bug(
        "a resolved message resolved again",
        "What was found to be sent is called failed by whoever comes second, and a second notice goes out.",
        [wrap(TRANSACTIONS, "Transaction.update", under(MessageItem.PK.exists()), during=(MESSAGE_LIST, "resolve"))],
    ),
    Bug(
        "a text taken anew at each delivery",
        "A yes that the carrier delivers twice moves two applications.",
        [never_kept_twice("_about")],
    ),
    Bug(
        "an answer is not claimed",
        "Whoever writes STOP is written to twice for it.",
        [never_kept_twice("_answer")],
    ),
)
