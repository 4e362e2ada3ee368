"""Bugs in what job seekers are sent, and in what they record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.simulation.planted.bug import Bug, always_return, set_constant, wrap

GATE = "chalicelib.messaging.gate"
OUTCOMES = "chalicelib.applications.seekers.outcomes"
PHONE = "chalicelib.accounts.seekers.phone"
PRIVACY = "chalicelib.accounts.seekers.privacy"
RATE_LIMIT = "chalicelib.auth.rate_limit"
TENANT = "chalicelib.applications.seekers.tenant"
UNIQUE_KEYS = "chalicelib.applications.unique_keys"


def of_the_contact(as_candidate: Callable[..., Any]) -> Callable[..., Any]:
    return lambda item, person: replace(as_candidate(item, person), email="boss@example.com")


def without_its_tap(add: Callable[..., None]) -> Callable[..., None]:
    return lambda unit, case, outcome: add(unit, case, replace(outcome, about=None))


def as_got_through(contact: Callable[..., None]) -> Callable[..., None]:
    return lambda unit, case, outcome, channel, fields: contact(unit, case, outcome, channel, {**fields, "outcome": "reached"})


def off_trial(new_item: Callable[..., Any]) -> Callable[..., Any]:
    def made(*args: Any) -> Any:
        item = new_item(*args)
        item.trial = False
        return item

    return made


def by_title_alone(job_name: Callable[..., str]) -> Callable[..., str]:
    return lambda job_title, company: job_name(job_title, None)


BUGS: tuple[Bug, ...] = (
    Bug(
        "any code confirms a number",
        "A job seeker has a stranger's phone texted.",
        [always_return(PHONE, "equal_in_constant_time", True)],
    ),
    Bug(
        "codes without end to a number",
        "A stranger's phone rings all day with codes.",
        [always_return(RATE_LIMIT, "allow_within_day", True)],
    ),
    Bug(
        "a code to a number that said STOP",
        "People who said STOP get texts that somebody else asks for.",
        [always_return("chalicelib.storage.recipients", "opted_out", set(), during=(GATE, "allow"))],
    ),
    Bug(
        "sign-up mails without end",
        "A stranger fills somebody's mailbox.",
        [always_return(GATE, "_full_quota", None)],
    ),
    Bug(
        "a job seeker's list writes to the company",
        "A company learns that somebody is waiting, in our words.",
        [wrap(TENANT, "as_candidate", of_the_contact), always_return("chalicelib.rules.employer", "Employer.may_write_to", True)],
    ),
    Bug(
        "a job seeker off trial",
        "What keeps their list from writing to others is gone.",
        [wrap(TENANT, "new_item", off_trial)],
    ),
    Bug(
        "job seekers among the employers",
        "The operator raises a job seeker's limits by mistake.",
        [set_constant(TENANT, "LISTED", "operator#EMP")],
    ),
    Bug(
        "a double tap is two outcomes",
        "Calls are counted that nobody made.",
        [wrap(OUTCOMES, "add", without_its_tap)],
    ),
    Bug(
        "no answer counts as word",
        "A job seeker who reached nobody is not reminded again.",
        [wrap(OUTCOMES, "_contact", as_got_through)],
    ),
    Bug(
        "what was heard is not noted",
        "A job seeker who heard is told to call.",
        [always_return(OUTCOMES, "_statement", None)],
    ),
    Bug(
        "letting go closes nothing",
        "A job seeker who let it go is told to call.",
        [always_return("chalicelib.applications.seekers.interviews", "close", None)],
    ),
    Bug(
        "one job title, two companies",
        "What one company says ends the wait for another one.",
        [wrap(UNIQUE_KEYS, "job_name", by_title_alone)],
    ),
    Bug(
        "an erasure that keeps the account",
        "Somebody who erased everything is still known here.",
        [always_return(PRIVACY, "_leave", None)],
    ),
    Bug(
        "a late booking brings a job seeker back",
        "What came after their erasure stays, and nobody can see or erase it.",
        [
            always_return(
                "chalicelib.storage.transaction",
                "Transaction.check",
                None,
                during=("chalicelib.applications.candidates.fill", "new_candidate"),
            )
        ],
    ),
)
