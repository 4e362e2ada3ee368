"""Bugs in the weekly report by mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.messaging.digest_recipients import WEEKLY, Recipient, Recipients
from chalicelib.rules.employer import Employer
from chalicelib.rules.reminders.weekly_report import week_of
from tests.simulation.planted.bug import Bug, always_return, wrap


def every_morning(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item, employer, planned_at: week_of(employer, planned_at)


def those_who_left_too(read: Callable[[Employer], Recipients]) -> Callable[[Employer], Recipients]:
    def people(employer: Employer) -> Recipients:
        found = read(employer)
        return replace(found, all=(*found.all, *(Recipient(WEEKLY, to) for to in employer.digest_ended)))

    return people


BUGS: tuple[Bug, ...] = (
    Bug(
        "a weekly report every morning",
        "People get the same numbers each day, and unsubscribe.",
        [wrap("chalicelib.messaging.weekly_report", "week_to_tell", every_morning)],
    ),
    Bug(
        "a weekly report to an unverified address",
        "A slip of the pen tells a stranger each week how a company hires.",
        [always_return("chalicelib.auth.users", "held_digest_addresses", set())],
    ),
    Bug(
        "a weekly report to somebody who unsubscribed",
        "The link at the end of the mail does nothing.",
        [wrap("chalicelib.messaging.digest_recipients", "of", those_who_left_too)],
    ),
)
