"""Records what came of an interview: "I called", "they called", "no answer", "closed".

`called` and `heard` are word, `no_answer` is an attempt: the fold treats them as what an employer logs. "I called" without a
decision or a day is a "not yet" like an employer's, for as many days as the policy says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.interviews.changes import Check
from chalicelib.applications.items import ApplicationItem, ContactItem, InterviewItem, StatementItem
from chalicelib.applications.seekers import interviews
from chalicelib.applications.unit_of_work import UnitOfWork, read_case, update_case
from chalicelib.auth.actors import CANDIDATE
from chalicelib.errors import Conflict
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import ContactChannel, Decision, SeekerOutcome
from chalicelib.storage import keys
from chalicelib.storage.table import stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

OUTCOMES_MOST = 100
"""Outcomes of one job: a transaction and a page hold them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the seeker records. `about` names the wait that it was shown with: the same tap twice is one outcome."""

    what: SeekerOutcome
    decision: Decision | None = None
    feedback: str | None = None
    next_word_by: datetime | None = None
    about: str | None = None


def listed(employer_id: str) -> str:
    """Returns the key of the list of a seeker's outcomes, newest last."""
    return keys.list_key(employer_id, "OUTCOME")


def record(
    employer: Employer, interview_id: str, outcome: Outcome, now: datetime, check: Check, *, committer: Committer = AT_ONCE
) -> tuple[ApplicationCase, InterviewItem]:
    """Records an outcome of an interview. Raises NotFound; Conflict before it has begun, or where there are too many."""

    def write(unit: UnitOfWork, case: ApplicationCase) -> InterviewItem:
        interview = interviews.find(case, interview_id)
        check(case, interview)
        if outcome.what != "closed" and now < interview.start_at:
            raise Conflict("This interview has not begun: nobody owes you word about it yet.", code="interview_not_begun")
        add(unit, case, outcome)
        return interview

    return update_case(employer, lambda: read_case(employer.id, interview_id), now, write, committer=committer, by=CANDIDATE)


def record_reply(employer: Employer, application: ApplicationItem, what: SeekerOutcome, text_id: str, now: datetime) -> None:
    """Records an outcome that the seeker texted, once a text. Nothing where the interview was moved and has not begun.

    Raises NotFound.
    """

    def write(unit: UnitOfWork, case: ApplicationCase) -> None:
        latest = case.interviews.get(case.application.wait_interview or "")
        if latest is not None and latest.start_at <= now:
            add(unit, case, Outcome(what, about=text_id))

    update_case(employer, lambda: read_case(employer.id, application.id), now, write, by=CANDIDATE)


def add(unit: UnitOfWork, case: ApplicationCase, outcome: Outcome) -> None:
    """Adds an outcome to a case, which the caller saves. Raises Conflict where the job has too many."""
    known = len(case.contacts) + len(case.statements)
    if known >= OUTCOMES_MOST and outcome.what != "closed":
        raise Conflict(f"One job takes at most {OUTCOMES_MOST} outcomes.", code="too_many_outcomes")
    as_word = outcome.what == "called" or (outcome.what == "heard" and outcome.next_word_by is not None)
    if outcome.what == "no_answer":
        _contact(unit, case, outcome, "call", {"outcome": "no_answer"})
    elif as_word:
        _contact(unit, case, outcome, "call" if outcome.what == "called" else "email", _word(outcome))
    elif outcome.what == "heard" or (known < OUTCOMES_MOST and (outcome.decision or outcome.feedback)):
        _statement(unit, case, outcome)
    if outcome.what == "closed":
        interviews.close(case)


def _word(outcome: Outcome) -> dict[str, Any]:
    said = {"decision": outcome.decision, "next_word_by": outcome.next_word_by, "feedback": outcome.feedback}
    return {"outcome": "reached", **{name: value for name, value in said.items() if value is not None}}


def _contact(unit: UnitOfWork, case: ApplicationCase, outcome: Outcome, channel: ContactChannel, fields: dict[str, Any]) -> None:
    item = contacts.add_contact(unit, case, {"channel": channel, **fields}, known_as=outcome.about)
    _list(unit, case, item)


def _statement(unit: UnitOfWork, case: ApplicationCase, outcome: Outcome) -> None:
    said = {"heard": True, "decision": outcome.decision, "feedback": outcome.feedback, "own": True}
    fields = {name: value for name, value in said.items() if value is not None}
    _list(unit, case, contacts.add_statement(unit, case, fields, known_as=outcome.about))


def _list(unit: UnitOfWork, case: ApplicationCase, item: ContactItem | StatementItem) -> None:
    if item.list_key is None:
        item.list_key, item.list_at = listed(case.application.employer_id), stored_instant(unit.now) + item.id
