"""The candidate's page: one question, who to call and what to say, and a way to stop all messages. A GET changes nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from chalicelib.api import forms
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import experience, feedback, service
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import keep_in_mind, links
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem, ContactItem
from chalicelib.applications.seekers.serializers import state_of
from chalicelib.config import settings
from chalicelib.errors import Conflict, Unprocessable
from chalicelib.messaging import messages, opt_outs, reply_mails
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.language import A_STAGE, EMPLOYER, HIRING_TEAM, JOB, Catalogue, mark
from chalicelib.rules.experience import LONGEST_LINE
from chalicelib.storage import recipients
from chalicelib.storage.table import read_instant
from chalicelib.web import candidate_words, own_outcomes, own_words, page_support
from chalicelib.web.candidate_calendar import follow_up_at
from chalicelib.web.candidate_link import OpenedLink, open_link

ANSWERS: dict[str, dict[str, Any]] = {
    "good": {"heard": True, "decision": "advancing"},
    "no": {"heard": True, "decision": "rejected"},
    "not_yet": {"heard": False},
}
MAX_FEEDBACK = 4000
_STOPPED = mark("Done. We will send you nothing more about this interview, and no more reminders where you got this one.")
_STOPPED_HERE = mark("Done. We will send you nothing more about this interview.")


def show(request: Request, token: str) -> Response:
    """GET /f/{token}"""
    opened = open_link(request, token)
    if isinstance(opened, Response):
        return opened
    return _own_page(request, opened) if opened.employer.seeker else _page(request, opened)


def answer(request: Request, token: str) -> Response:
    """POST /f/{token}"""
    opened = open_link(request, token)
    if isinstance(opened, Response):
        return opened
    given = forms.read(request)
    if opened.employer.seeker:
        try:
            own_outcomes.record(opened.employer, opened.interview, given, request.now)
        except (Unprocessable, Conflict) as error:
            return _own_page(request, opened, error, given)
        return page_support.see_other(request, f"{opened.path}?thanks=yes")
    said = ANSWERS.get(given.one("answer"))
    if said is None:
        return _refused(request, opened, 422, opened.said.text("Choose one of the three answers."))
    if len(given.one("feedback")) > MAX_FEEDBACK:
        few = opened.said.say("What you write may have at most $count characters.", count=f"{MAX_FEEDBACK:,}")
        return _refused(request, opened, 422, few)
    before = contacts.latest_own_statement(opened.case)
    if before and before.heard and not contacts.can_correct(before, request.now):
        return _refused(request, opened, 409, opened.said.text("An answer can be changed for seven days. These are over."))
    feedback = {"feedback": given.one("feedback")} if given.has("feedback") else {}
    correct = given.has("correct") or bool(before and before.heard)
    tap = own_outcomes.tap_of(given, "answer", "feedback") if given.one("about") else None  # pages of before name nothing
    contacts.record_own_statement(
        opened.employer,
        opened.case.application.id,
        {**said, **feedback},
        request.now,
        correct=correct,
        known_as=tap,
        tell=reply_mails.tell_owner,
    )
    return page_support.see_other(request, f"{opened.path}?thanks=yes")


def stop(request: Request, token: str) -> Response:
    """POST /f/{token}/stop"""
    opened = open_link(request, token)
    if isinstance(opened, Response):
        return opened
    forms.read(request)
    application, said = opened.case.application, opened.said
    reached = messages.addresses_written_to_on(application, links.made_on(token))
    speaks = opt_outs.stop_by_link(application.PK, reached, request.now)
    done = _STOPPED if speaks else _STOPPED_HERE
    return page_support.message(
        request,
        None,
        200,
        said.text("You will get no more messages"),
        said.text(done),
        in_words=said,
    )


def _is_stopped(application: ApplicationItem, *, at_all: bool = False) -> bool:
    """Whether the messages about an application were stopped; with `at_all` not where one of two addresses still gets them."""
    known = recipients.addresses_of(application.email, application.phone)
    out = recipients.opted_out(known)
    return (len(out) == len(known) if at_all else bool(out)) or opt_outs.is_stopped(application)


def keep_no_longer(request: Request, token: str) -> Response:
    """POST /f/{token}/keep_no_longer"""
    opened = open_link(request, token)
    if isinstance(opened, Response):
        return opened
    forms.read(request)
    service.stop_keeping_in_mind(opened.employer, opened.case.application.id, request.now)
    return page_support.see_other(request, opened.path)


def ask_why(request: Request, token: str) -> Response:
    """POST /f/{token}/why: asks for feedback, once an application."""
    opened = open_link(request, token)
    if isinstance(opened, Response):
        return opened
    forms.read(request)
    if opened.employer.seeker or not feedback.ask(opened.employer, opened.case.application.id, request.now):
        said = opened.said
        why = said.text("You can ask why after you were told that it is a no.")
        return page_support.message(request, None, 409, said.text(candidate_words.NOTHING_TO_ASK), why, in_words=said)
    return page_support.see_other(request, opened.path)


def say_how_it_was(request: Request, token: str) -> Response:
    """POST /f/{token}/experience: stores what the candidate found, once an application, or deletes it."""
    opened = open_link(request, token)
    if isinstance(opened, Response):
        return opened
    given, said, application = forms.read(request), opened.said, opened.case.application
    if given.has("delete"):
        experience.take_back(application)
        return page_support.see_other(request, opened.path)
    if given.one("score") not in candidate_words.SCORES:
        return _refused(request, opened, 422, said.text("Choose a number from 0 to 10."))
    if len(given.one("line")) > LONGEST_LINE:
        few = said.say("What you write may have at most $count characters.", count=f"{LONGEST_LINE}")
        return _refused(request, opened, 422, few)
    if not experience.give(opened.employer, application.id, int(given.one("score")), given.one("line"), request.now):
        return _refused(request, opened, 409, said.text("We ask how it was after you have said that you heard."))
    return page_support.see_other(request, opened.path)


def _refused(request: Request, opened: OpenedLink, status: int, why: str) -> Response:
    """Return the page of an answer that was not taken."""
    said = opened.said
    return page_support.message(request, None, status, said.text("Your answer was not saved"), why, in_words=said)


def _page(request: Request, opened: OpenedLink) -> Response:
    application, statement = opened.case.application, contacts.latest_own_statement(opened.case)
    logged = _logged(opened.case) if application.wait_state == "answered" and not statement else None
    said = opened.said
    until = keep_in_mind.kept_until(opened.case, request.now)
    return page_support.page(
        "candidate.html",
        request,
        None,
        in_words=said,
        say=said.say,
        say_html=partial(candidate_words.say_html, said),
        address=said.address,
        employer=replace(opened.employer, name=clean(opened.employer.name, said.text(EMPLOYER))),
        job_title=clean(application.job_title, said.text(JOB)),
        application=application,
        path=opened.path,
        first_name=clean(application.name, "…").split(" ")[0],
        interview=said.text(A_STAGE[opened.interview.stage]),
        on=said.short_day(opened.interview.end_at, opened.zone),
        call_back=opened.call_back,
        calls=opened.calls,
        callee=clean(opened.call_back.name or "", said.text(HIRING_TEAM)),
        statement=statement,
        about=own_outcomes.about(application),
        said_before=said.text(candidate_words.answer_of(statement)) if statement else "",
        can_correct=bool(statement and contacts.can_correct(statement, request.now)),
        said_on=said.moment(statement.at, opened.zone) if statement else "",
        kept_until=said.short_day(until, opened.zone) if until else None,
        may_ask_why=feedback.can_ask(opened.case) and not application.feedback_request,
        why=candidate_words.why_of(application, said, opened.employer.timezone),
        asks_how=not opened.is_ahead and experience.can_answer(opened.case),
        found=experience.answer_of(application),
        scores=candidate_words.SCORES,
        longest_line=LONGEST_LINE,
        shared=[told for _, told in keep_in_mind.shared_feedback(opened.case)],
        stopped=_is_stopped(application),
        is_open=application.status == "active",
        is_ahead=opened.is_ahead,
        offers_list=opened.employer.policy.link_seekers and settings().seekers_open,
        own_list_path=f"/my/link/{opened.token}",
        thanks=request.query.get("thanks") == ["yes"],
        logged=_said_logged(logged, said, opened.zone) if logged else None,
        follow_up=said.moment(follow_up_at(opened, request.now), opened.zone),
    )


def _own_page(
    request: Request, opened: OpenedLink, error: Unprocessable | Conflict | None = None, given: Form | None = None
) -> Response:
    """Render the page of a job seeker's own reminder: who to call, and what came of it."""
    application = opened.case.application
    next_at = read_instant(application.due_at) if application.due_at and application.wait_state == "open" else None
    state = state_of(opened.interview, application, request.now)
    said = opened.said
    return own_words.page(
        "own_link.html",
        request,
        None,
        said,
        error.status if error else 200,
        **own_outcomes.values(opened.case, state, said, given),
        problem=own_outcomes.fault_of(error, said) if error else "",
        path=opened.path,
        state=state,
        on=said.short_day(opened.interview.end_at, opened.zone),
        call_back=replace(opened.call_back, name=clean(opened.call_back.name or "")),
        is_ahead=opened.is_ahead,
        thanks=request.query.get("thanks") == ["yes"],
        next_at=said.short_day(next_at, opened.zone) if next_at and (application.step or "").startswith("nudge") else "",
        stopped=_is_stopped(application, at_all=True),
        follow_up=said.moment(follow_up_at(opened, request.now), opened.zone),
    )


def _said_logged(logged: ContactItem, said: Catalogue, zone: str) -> tuple[str, str]:
    return said.text(candidate_words.CHANNELS[logged.channel]), said.short_day(logged.occurred_at, zone)


def _logged(case: ApplicationCase) -> ContactItem | None:
    """Return the contact that ended the wait, where a contact did."""
    if case.application.answered_by != "contact":
        return None
    reached = [c for c in case.contacts.values() if c.outcome in ("reached", "sent") and not c.voided_at and not c.disputed]
    return max(reached, key=lambda c: c.occurred_at, default=None)
