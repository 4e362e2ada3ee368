"""The page behind a decider's mail: one question and one button. A GET changes nothing: mail scanners open every link."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.api import forms
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import service
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.mappers import candidate_of
from chalicelib.auth.actors import Actor
from chalicelib.auth.employers import employer_of
from chalicelib.config import settings
from chalicelib.errors import Conflict, FieldError, Unprocessable
from chalicelib.messaging import eligibility
from chalicelib.messaging.decisions import links
from chalicelib.messaging.decisions.links import OpenedLink
from chalicelib.messaging.notices import request as notice_request
from chalicelib.rules.copy.decider_mail import ANSWERS
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import MAX_PROMISE
from chalicelib.signing import BadToken, Expired
from chalicelib.web import contacts, formatting, page_support
from chalicelib.web.labels import DECISIONS

_GONE = "Someone else may be the decider now, or you are no longer on the team. Sign in to see where the candidate stands."


def show(request: Request, token: str) -> Response:
    """GET /d/{token}"""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    if (over := _over(request, opened)) is not None:
        return over
    asked = request.query.get("answer", [""])[0]
    return _page(request, token, opened, asked if asked in ANSWERS else "")


def save(request: Request, token: str) -> Response:
    """POST /d/{token}: records the decision, or shows the notice as it will be sent, and sends it with a second press."""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    given = forms.read(request)
    answer = given.one("answer")
    if answer not in ANSWERS:
        raise Unprocessable(errors=[FieldError("/answer", "choose one of the three answers")])
    if (over := _over(request, opened, answer)) is not None:
        return over
    if answer != "not_yet":
        return _decide(request, opened, answer)
    day = contacts.promised_at(given.one("promised"), employer_of(opened.employer))
    if not request.now < day <= request.now + MAX_PROMISE:
        raise Unprocessable(errors=[FieldError("/promised", "must be in the future and at most 30 days away")])
    if given.one("send") != "yes":
        return _page(request, token, opened, answer, given.one("promised"), _draft(opened, day))
    notice_request.ask(employer_of(opened.employer), opened.application.id, day, request.now, by=_actor(opened))
    told = f"The candidate is told that they will hear by {formatting.day(day, opened.employer.timezone)}."
    return page_support.message(request, None, 200, "The notice is on its way", told)


def _decide(request: Request, opened: OpenedLink, answer: str) -> Response:
    def check(case: ApplicationCase) -> None:
        """Looks again at what the transaction writes: somebody else may have decided meanwhile."""
        present = case.application
        if present.decider_id != opened.person.id or present.wait_cause != opened.application.wait_cause:
            raise Conflict("Someone else changed this application just now.", code="concurrent_change")
        if present.decided not in (None, answer):
            raise Conflict(f"Another decision is recorded: {DECISIONS[present.decided].lower()}.", code="decided_otherwise")

    employer = employer_of(opened.employer)
    service.change_application(employer, opened.application.id, {"decided": answer}, request.now, check, by=_actor(opened))
    return page_support.message(request, None, 200, "Saved", _told_next(answer))


def _told_next(answer: str) -> str:
    return f"Recorded: {DECISIONS[answer].lower()}. The candidate has not been told yet: your team sees it on Today."


def _actor(opened: OpenedLink) -> Actor:
    return Actor("person", opened.person.id, opened.person.name)


def _opened(request: Request, token: str) -> OpenedLink | Response:
    support = f" Or write to {settings().support_email}." if settings().support_email else ""
    try:
        return links.read(token, request.now)
    except Expired:
        return page_support.message(request, None, 410, "This link has expired", _GONE + support)
    except BadToken:
        cut = "It may have been cut in two: please copy all of it."
        return page_support.message(request, None, 404, "This link does not work", cut + support)


def _over(request: Request, opened: OpenedLink, answer: str = "") -> Response | None:
    """Return the page that says why nothing is to be answered any more."""
    decided = opened.application.decided
    if opened.employer.suspended:
        return page_support.message(request, None, 403, "You cannot do this", "This employer is suspended: it can read only.")
    if not opened.is_current:
        return page_support.message(
            request, None, 410, "No answer is needed any more", "The candidate has heard, or another day or interview was set."
        )
    if decided and decided != answer:
        return page_support.message(request, None, 200, "Decided already", _told_next(decided))
    return None


def _page(
    request: Request, token: str, opened: OpenedLink, answer: str, promised: str = "", draft: str | None = None
) -> Response:
    application, zone = opened.application, opened.employer.timezone
    today = request.now.astimezone(ZoneInfo(zone)).date()
    return page_support.page(
        "decide.html",
        request,
        None,
        employer=opened.employer.name,
        application=application,
        stage=formatting.STAGE_NAMES[application.wait_stage],
        due=formatting.moment(application.word_due_at, zone, request.now),
        path=f"/d/{token}",
        answer=answer,
        answers=ANSWERS,
        promised=promised,
        draft=draft,
        can_be_told=bool(_channel(opened)),
        first_day=(today + timedelta(days=1)).isoformat(),
        last_day=(today + MAX_PROMISE - timedelta(days=1)).isoformat(),
    )


def _channel(opened: OpenedLink) -> str | None:
    return eligibility.channel_for(candidate_of(opened.application), employer_of(opened.employer))


def _draft(opened: OpenedLink, day: datetime) -> str:
    """Return the notice as it will be sent. Raises Conflict where the candidate cannot be reached."""
    employer: Employer = employer_of(opened.employer)
    candidate = candidate_of(opened.application)
    channel = eligibility.channel_for(candidate, employer)
    if channel is None:
        raise Conflict("There is neither an email address nor a number with consent to texts.", code="unreachable")
    return holding_notice(
        channel,
        employer=employer,
        candidate=candidate,
        job_title=opened.application.job_title,
        stage=opened.application.wait_stage or "interview",
        next_word_by=day,
        unsubscribe_url=None,
    ).text
