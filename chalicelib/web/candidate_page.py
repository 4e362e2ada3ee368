"""The candidate's own page: one question, whom to call with what words, a date for the calendar, and a way to stop it all.

A GET changes nothing. Whoever holds the link may answer: it was sent to the candidate alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.api import forms
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import service
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import keep_in_mind, links
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.interviews.calendar_file import MEDIA_TYPE, one_event
from chalicelib.applications.items import ContactItem, InterviewItem
from chalicelib.applications.mappers import call_back_of
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.holidays import holiday_check
from chalicelib.messaging import opt_outs
from chalicelib.rules.copy.email import asks_to_call
from chalicelib.rules.copy.pages import one_line
from chalicelib.rules.model import CallBack, Employer, Window
from chalicelib.rules.reminders import send_windows
from chalicelib.signing import BadToken, Expired
from chalicelib.storage import keys, recipients, table
from chalicelib.web import page_support, render, words
from chalicelib.web.labels import CHANNELS

ANSWERS: dict[str, dict[str, Any]] = {
    "good": {"heard": True, "decision": "advancing"},
    "no": {"heard": True, "decision": "rejected"},
    "not_yet": {"heard": False},
}
FEEDBACK_MOST = 4000
FOLLOW_UP = Window(start="10:00", end="16:00")
_AN = {"screen": "a screening call", "interview": "an interview", "final": "a final interview"}
_FOLLOW_UP_TAKES, _RINGS_BEFORE = timedelta(minutes=10), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link leads to."""

    token: str
    employer: Employer
    case: ApplicationCase
    interview: InterviewItem
    zone: str

    @property
    def call_back(self) -> CallBack:
        return call_back_of(self.case.application).or_else(self.employer.call_back)

    @property
    def calls(self) -> bool:
        """Whether they are asked to call, as the message asked that brought them here."""
        return asks_to_call(self.call_back, self.employer.policy.candidate_nudge)

    @property
    def path(self) -> str:
        return f"/f/{self.token}"


def show(request: Request, token: str) -> Response:
    """GET /f/{token}"""
    asked = _opened(request, token)
    return asked if isinstance(asked, Response) else _page(request, asked)


def answer(request: Request, token: str) -> Response:
    """POST /f/{token}"""
    asked = _opened(request, token)
    if isinstance(asked, Response):
        return asked
    given = forms.read(request)
    said = ANSWERS.get(given.one("answer"))
    if said is None:
        raise Unprocessable(errors=[FieldError("/answer", "choose one of the three answers")])
    if len(given.one("feedback")) > FEEDBACK_MOST:
        raise Unprocessable(errors=[FieldError("/feedback", f"must be at most {FEEDBACK_MOST:,} characters")])
    before = contacts.latest_own_statement(asked.case)
    if before and before.heard and not contacts.can_correct(before, request.now):
        raise Conflict("An answer can be changed for seven days. These are over.", code="too_late_to_correct")
    feedback = {"feedback": given.one("feedback")} if given.has("feedback") else {}
    correct = given.has("correct") or bool(before and before.heard)
    contacts.record_own_statement(asked.employer, asked.case.application.id, {**said, **feedback}, request.now, correct=correct)
    return page_support.see_other(request, f"{asked.path}?thanks=yes")


def stop(request: Request, token: str) -> Response:
    """POST /f/{token}/stop"""
    asked = _opened(request, token)
    if isinstance(asked, Response):
        return asked
    forms.read(request)
    application = asked.case.application
    opt_outs.opt_out(recipients.addresses_of(application.email, application.phone), "candidate_page", request.now)
    return page_support.words(
        request,
        None,
        200,
        "You will get no more messages",
        "Done. We will send you no more reminders, by email or by text, whichever company they are about.",
    )


def keep_no_longer(request: Request, token: str) -> Response:
    """POST /f/{token}/keep_no_longer"""
    asked = _opened(request, token)
    if isinstance(asked, Response):
        return asked
    forms.read(request)
    service.stop_keeping_in_mind(asked.employer, asked.case.application.id, request.now)
    return page_support.see_other(request, asked.path)


def calendar(request: Request, token: str) -> Response:
    """GET /f/{token}/calendar.ics: a time to call, on the next business day, on the candidate's clock."""
    asked = _opened(request, token)
    if isinstance(asked, Response):
        return asked
    begin = follow_up_at(asked, request.now)
    return Response(
        200,
        _ics(asked, begin, request.now),
        {**render.HEADERS, "Content-Type": MEDIA_TYPE, "Content-Disposition": 'attachment; filename="follow-up.ics"'},
    )


def follow_up_at(asked: Asked, now: datetime) -> datetime:
    """The next business morning from tomorrow on."""
    zone = ZoneInfo(asked.zone)
    tomorrow = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    is_holiday = holiday_check(asked.employer.policy.holidays)
    return send_windows.next_open(tomorrow.astimezone(UTC), FOLLOW_UP, asked.zone, is_holiday)


def _opened(request: Request, token: str) -> Asked | Response:
    """What the link leads to, or the page that says why it leads nowhere."""
    way_out = f" Or write to {settings().support_email}." if settings().support_email else ""
    try:
        employer_id, case = links.read(token, request.now)
    except Expired:
        return page_support.words(request, None, 410, "This link is over", f"Please use the link in a newer message.{way_out}")
    except BadToken:
        cut = "It may have been cut in two: please copy all of it."
        return page_support.words(request, None, 404, "This link does not work", cut + way_out)
    item = table.get(keys.employer_pk(employer_id), "EMP")
    held = [i for i in case.interviews.values() if i.status == "scheduled" and i.end_at <= request.now]
    if not isinstance(item, EmployerItem) or not held:
        return page_support.words(
            request, None, 410, "There is nothing to ask about", "No interview of yours is on our list any more."
        )
    employer = employer_of(item)
    return Asked(token, employer, case, max(held, key=lambda i: i.end_at), case.application.timezone or employer.timezone)


def _page(request: Request, asked: Asked) -> Response:
    application, statement = asked.case.application, contacts.latest_own_statement(asked.case)
    logged = _logged(asked.case) if application.wait_state == "answered" and not statement else None
    name = one_line(application.name).split(" ")[0]
    return page_support.page(
        "candidate.html",
        request,
        None,
        employer=asked.employer,
        application=application,
        path=asked.path,
        first_name=name,
        interview=_AN[asked.interview.stage],
        on=words.day(asked.interview.end_at, asked.zone),
        call_back=asked.call_back,
        calls=asked.calls,
        callee=asked.call_back.name or "the hiring team",
        statement=statement,
        can_correct=bool(statement and contacts.can_correct(statement, request.now)),
        said_on=words.moment(statement.at, asked.zone) if statement else "",
        kept_until=words.day(until, asked.zone) if (until := keep_in_mind.kept_until(asked.case, request.now)) else None,
        shared=[told for _, told in keep_in_mind.shared_feedback(asked.case)],
        stopped=bool(recipients.opted_out(recipients.addresses_of(application.email, application.phone))),
        is_open=application.status == "active",
        thanks=request.query.get("thanks") == ["yes"],
        logged=(CHANNELS[logged.channel].lower(), words.day(logged.occurred_at, asked.zone)) if logged else None,
        follow_up=words.moment(follow_up_at(asked, request.now), asked.zone),
    )


def _logged(case: ApplicationCase) -> ContactItem | None:
    """What the employer says that it did, where that is what ended the wait."""
    if case.application.answered_by != "contact":
        return None
    reached = [c for c in case.contacts.values() if c.outcome in ("reached", "sent") and not c.voided_at and not c.disputed]
    return max(reached, key=lambda c: c.occurred_at, default=None)


def _ics(asked: Asked, begin: datetime, now: datetime) -> str:
    who = asked.call_back
    at = (who.phone if asked.calls else who.email) or ""
    title = f"{'Call' if asked.calls else 'Write to'} {one_line(who.name or 'the hiring team')}, {one_line(asked.employer.name)}"
    about = f"About my interview for {one_line(asked.case.application.job_title)}. {at}"
    return one_event(asked.case.application.id, begin, begin + _FOLLOW_UP_TAKES, title, about, now, rings_before=_RINGS_BEFORE)
