"""The page of one application: its history, and what happens next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications import feedback, service, unit_of_work
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates.items import CandidateItem, CheckInItem
from chalicelib.applications.check_in import service as check_ins
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.applications.mappers import call_back_for, candidate_of
from chalicelib.applications.serializers import is_snoozed, loop_of
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.holidays import holiday_check
from chalicelib.messaging import digest_recipients
from chalicelib.rules.copy.email import asks_to_call
from chalicelib.rules.copy.letters import REASONS
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import is_overdue
from chalicelib.rules.reminders import next_step
from chalicelib.rules.risk.model import days_overdue, reviews_avoided
from chalicelib.storage import keys, table
from chalicelib.storage.table import read_instant
from chalicelib.web import call_scripts, formatting, ownership, page_support, person_timeline, statutes_page, today
from chalicelib.web.labels import DECIDED, LOOPS

_ANSWERED_BY = {
    "contact": "by a contact that was logged",
    "interview": "by being invited again",
    "candidate": "as they say themselves",
}


_SAVED = {
    "shared": "Saved. Another person has the same email or phone under another name: check that this is not a mistake.",
    "kept": "Saved. This person was known already. Details that differ from the known ones were not changed.",
}
"""What the page says after a form was saved, by the `done` of its address."""


@dataclass(frozen=True, slots=True)
class ManagedInterview:
    """An interview with the changes that it can take now, as (code, label)."""

    item: InterviewItem
    changes: list[tuple[str, str]]


def show(request: Request, visitor: Visitor, application: str) -> Response:
    """GET /applications/{application}"""
    case = unit_of_work.read_application(visitor.employer.id, page_support.demand_id(application, "app"))
    item, employer = case.application, visitor.employer
    is_open = item.wait_state == "open"
    return page_support.page(
        "application.html",
        request,
        visitor,
        application=item,
        loop=LOOPS[loop_of(item, request.now)],
        theirs=item.timezone or employer.timezone,
        is_open=is_open,
        overdue=is_open and is_overdue(item.word_due_at, request.now),
        stage=formatting.STAGE_NAMES.get(item.wait_stage or "", ""),
        stage_names=formatting.STAGE_NAMES,
        avoids=reviews_avoided(item.wait_stage, days_overdue(item.word_due_at, request.now)) if is_open else None,
        answered=_ANSWERED_BY.get(item.answered_by or "", ""),
        asked_why=_asked_why(item, request.now, employer),
        events=person_timeline.lines(case, request.now, employer.timezone),
        ahead=ahead(case, employer, request.now),
        decided=DECIDED.get(item.decided or ""),
        decisions=DECIDED,
        disputed=case.contacts.get(item.disputed or ""),
        attempts=formatting.tried(item.attempts, request.now),
        snoozed=formatting.moment(item.snooze_until, employer.timezone, request.now) if is_snoozed(item, request.now) else "",
        letter_reasons=REASONS,
        team=ownership.people_of_team(visitor),
        active=item.status == "active",
        script=call_scripts.for_call(item, item.decided, employer, request.now),
        call_back=call_back_for(item, employer),
        back=f"/applications/{item.id}",
        saved=_SAVED.get(request.query.get("done", [""])[0], "Saved."),
        done=request.query.get("done", [""])[0][:70],
        duties=statutes_page.duties_of(item, employer.timezone, request.now),
        interviews=_managed(case, request.now),
        check_ins=_check_ins(case),
        person=_person(visitor.employer.id, item.candidate_id),
        **today.days(employer, request.now),
    )


def _asked_why(item: ApplicationItem, now: datetime, employer: Employer) -> feedback.Asked | None:
    """Return the candidate's request for feedback while it has no answer."""
    return feedback.asked_of(item, employer.timezone, now) if feedback.is_open(item) else None


def _check_ins(case: ApplicationCase) -> list[CheckInItem]:
    """Return what the candidate left by a check-in card; read only where they recorded an interview themselves."""
    recorded = [(interview.recorded_by or {}).get("type") for interview in case.interviews.values()]
    return check_ins.of_application(case.application.PK) if "candidate" in recorded else []


def _managed(case: ApplicationCase, now: datetime) -> list[ManagedInterview]:
    """Return the interviews, latest first."""
    latest_first = sorted(case.interviews.values(), key=lambda item: (item.start_at, item.id), reverse=True)
    return [ManagedInterview(item, _changes(item, now)) for item in latest_first]


def _changes(item: InterviewItem, now: datetime) -> list[tuple[str, str]]:
    if item.status != "scheduled":
        return [("reinstate", "Reinstate")]
    found = [("cancel", "Cancel interview")] if now < item.end_at else []
    return found + ([("no_show", "Mark as no-show")] if now >= item.start_at else [])


def _person(employer_id: str, candidate_id: str) -> CandidateItem | None:
    """Return the candidate's own record; None where an erasure has just deleted it."""
    item = table.get(keys.candidate_pk(employer_id, candidate_id), "CAND")
    return item if isinstance(item, CandidateItem) else None


def decide(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/decided: sets the decision that the candidate has not been told."""
    given = page_support.form(request, visitor)
    decided = given.one("decided") or None
    if decided not in (None, *DECIDED):
        raise Unprocessable(errors=[FieldError("/decided", "is not one of the decisions")])
    application_id = page_support.demand_id(application, "app")
    service.change_application(
        visitor.employer, application_id, {"decided": decided}, request.now, lambda _: None, by=visitor.actor
    )
    return page_support.see_other(request, f"/applications/{application_id}")


def give_feedback(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/feedback: answers the candidate's request on their own page."""
    from chalicelib.applications.schema import FeedbackAnswerIn  # late: it imports pydantic, 96 ms of a cold start

    given = page_support.form(request, visitor)
    application_id = page_support.demand_id(application, "app")
    note = {"note": given.one("note").replace("\r\n", "\n")} if given.one("note").strip() else {}
    told = validate(FeedbackAnswerIn, {"reasons": given.get("reason", []), **note}, request.now)
    feedback.answer(visitor.employer, application_id, told.reasons, told.note, request.now, lambda _: None, by=visitor.actor)
    return page_support.see_other(request, f"/applications/{application_id}?done=yes")


def _digest_readers(item: ApplicationItem, employer: Employer) -> tuple[str, ...]:
    """Return who gets the next digest that names this candidate."""
    owner = digest_recipients.of(employer).owners.get(item.owner_id or "") if item.owner_id else None
    return (owner,) if owner else employer.digest_to


def ahead(case: ApplicationCase, employer: Employer, now: datetime) -> list[tuple[datetime, str]]:
    """Return what happens next by the rules, soonest first."""
    item = case.application
    if item.wait_state != "open":
        return []
    found = [(item.word_due_at, "Reply is due")] if item.word_due_at > now else []
    if item.step and item.due_at and item.step.startswith("nudge"):
        number = item.step.removeprefix("nudge_")
        candidate, holidays = candidate_of(item), holiday_check(employer.policy.holidays)
        way = {"sms": "text", "email": "email"}.get(next_step.planned_channel(candidate, employer) or "", "message")
        call_back = call_back_for(item, employer)
        obstacle = next_step.block_reason(employer, call_back)
        calls = asks_to_call(call_back, employer.policy.candidate_nudge)
        said = f"{'First' if number == '1' else 'Second'} {way} to the candidate: who to {'call' if calls else 'write to'}"
        at = next_step.expected_at(read_instant(item.due_at), employer, candidate, now, holidays)
        found.append((at, f"{said}. Will not be sent: {obstacle}." if obstacle else said))
    elif item.step == next_step.WHAT_NEXT and item.due_at:
        found.append((read_instant(item.due_at), "Email to the candidate: what happens next"))
    elif item.step == "lapse" and item.due_at:
        found.append((read_instant(item.due_at), "No more reminders after this"))
    if item.linked and item.word_due_at > now:
        found.append((item.word_due_at, "The candidate keeps this in a list of their own, which reminds them"))
    if readers := _digest_readers(item, employer):
        digest = next_step.next_digest(employer, now, holiday_check(employer.policy.holidays))
        found.append((digest, f"Digest to {', '.join(readers[:3])}"))
    return sorted(found)
