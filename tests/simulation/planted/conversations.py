"""Bugs in what the team is told of candidates, and in the mail that says that feedback was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.applications.items import ApplicationItem, FeedbackMailItem
from chalicelib.messaging import reply_mails
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.plans import Write
from chalicelib.messaging.reply_mails import OwnersMail
from chalicelib.storage import ids
from chalicelib.storage.table import stored_instant
from tests.simulation.planted.bug import Bug, always_return, wrap

ATTENTION_LISTS = "chalicelib.applications.attention_lists"
DECISIONS = "chalicelib.messaging.decisions.dispatch"
FEEDBACK = "chalicelib.messaging.feedback_mail"
REPLY_MAILS = "chalicelib.messaging.reply_mails"


def as_if_open(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda case: case.now


def without_words(plan: Callable[..., Any]) -> Callable[..., Any]:
    def dropped(item: Any, case: Any) -> Any:
        made = plan(item, case)
        return replace(made, drafts=(), unsent=()) if made is not None else None

    return dropped


def never_cleared(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item: Write(FeedbackMailItem(*item.key), FeedbackMailItem.due_at == item.due_at)


def though_it_changed(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item: Write(ApplicationItem(*item.key), ApplicationItem.PK.exists())


def under_a_new_id(make: Callable[..., MessageItem]) -> Callable[..., MessageItem]:
    def made(application: ApplicationItem, **fields: Any) -> MessageItem:
        item = make(application, **fields)
        item.id = ids.derived_id("msg", application.id, application.id, stored_instant(item.created_at))
        item.SK, item.list_at = f"MSG#{item.id}", stored_instant(item.created_at) + item.id
        return item

    return made


def at_each_answer(_: Callable[..., bool]) -> Callable[..., bool]:
    return lambda asked, before: bool(asked and asked.get("answered_at") and asked != before)


def each_alone(_: Callable[..., Any]) -> Callable[..., Any]:
    def mail(application: ApplicationItem, now: datetime) -> OwnersMail | None:
        item = reply_mails.mail_to_owner(application, f"texts:{application.id}:{stored_instant(now)}:first", now)
        return OwnersMail(item) if item else None

    return mail


def whatever_came(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item: (MessageItem.status == "retrying") & (MessageItem.attempts == item.attempts)


def invited_too(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda person: True


def at_any_hour(_: Callable[..., datetime]) -> Callable[..., datetime]:
    return lambda now, employer, is_holiday: now


BUGS: tuple[Bug, ...] = (
    Bug(
        "feedback told outside the send window",
        "A mail about a rejection arrives at three in the morning.",
        [wrap("chalicelib.messaging.case", "Case.opening", as_if_open, during=(FEEDBACK, "plan"))],
    ),
    Bug(
        "feedback told to somebody who has withdrawn",
        "A mail about an application that the candidate has ended.",
        [always_return(FEEDBACK, "_not_wanted", None)],
    ),
    Bug(
        "the mail about feedback is dropped silently",
        "The employer answered, and the candidate never learns of it.",
        [wrap(FEEDBACK, "plan", without_words)],
    ),
    Bug(
        "the mail about feedback stays due",
        "It is planned again every minute, for ever.",
        [wrap(FEEDBACK, "_cleared", never_cleared)],
    ),
    Bug(
        "feedback told though the application changed just now",
        "The candidate withdraws between the read and the claim, and gets the mail.",
        [wrap(FEEDBACK, "_unchanged", though_it_changed)],
    ),
    Bug(
        "each answer to feedback sends a mail",
        "Correcting a word writes to the candidate again.",
        [
            wrap("chalicelib.messaging.new_messages", "new_feedback_mail", under_a_new_id),
            wrap(ATTENTION_LISTS, "is_first_answer", at_each_answer),
        ],
    ),
    Bug(
        "no mail about feedback is made due",
        "The answer stands on a page that nobody opens again.",
        [always_return(ATTENTION_LISTS, "is_first_answer", False)],
    ),
    Bug(
        "an owner is not told of texts",
        "A candidate writes, and nobody reads it before the next digest.",
        [always_return(REPLY_MAILS, "mail_about_texts", None)],
    ),
    Bug(
        "each text mails its owner",
        "Ten texts of one candidate are ten mails.",
        [wrap(REPLY_MAILS, "mail_about_texts", each_alone)],
    ),
    Bug(
        "a text that comes while its mail is made is quoted by none",
        "The owner reads one question, and never learns of the other one.",
        [wrap("chalicelib.messaging.plans", "still_retrying", whatever_came)],
    ),
    Bug(
        "an owner who has not accepted is told of texts",
        "A stranger whose address was mistyped reads what a candidate wrote.",
        [wrap("chalicelib.auth.users", "PersonItem.is_accepted", invited_too, during=(REPLY_MAILS, "_owner_of"))],
    ),
    Bug(
        "a decider who has not accepted is asked",
        "A stranger whose address was mistyped reads a candidate's name, and could reject them.",
        [wrap("chalicelib.auth.users", "PersonItem.is_accepted", invited_too, during=(DECISIONS, "plan"))],
    ),
    Bug(
        "a decider asked in the night after an outage",
        "Nothing ran until midnight, and then the question goes out.",
        [wrap("chalicelib.rules.reminders.decider_mail", "next_hour", at_any_hour)],
    ),
)
