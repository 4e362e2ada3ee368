"""A job seeker's page: the interviews, one form to add another, what it does for them, and one interview with what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.api import pagination
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.api.validators import read_email
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.applications.mappers import call_back_for, candidate_of
from chalicelib.applications.seekers import interviews, tenant
from chalicelib.applications.seekers.serializers import state_of
from chalicelib.applications.unit_of_work import read_case
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.errors import Conflict, FieldError, TooLarge, Unprocessable
from chalicelib.holidays import holiday_check
from chalicelib.rules.copy.language import NATIVE_NAMES, Catalogue, mark
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import MessageChannel, SeekerState
from chalicelib.rules.reminders import next_step
from chalicelib.storage import keys, recipients, table
from chalicelib.storage.table import read_instant, stored_instant
from chalicelib.web import field_errors, own_history, own_outcomes, own_words, page_support
from chalicelib.web.phones import as_seeker_writes

FIELDS = {
    "company": mark("Company"),
    "job_title": mark("Job title"),
    "start": mark("Date and time"),
    "contact": mark("Who to call"),
}
STATES: dict[SeekerState, str] = {
    "booked": mark("Coming up"),
    "waiting": mark("Waiting to hear"),
    "heard": mark("Heard"),
    "closed": mark("Let go"),
}
SHOWN = 50
LENGTH = timedelta(hours=1)
"""Of an interview of which only the start is known."""
_POINTERS = {"/start_at": "start", "/end_at": "start", "/contact/name": "contact", "/contact/phone": "contact"}
_EMAIL = re.compile(r"[^\s,;<>]+@[^\s,;<>]+")
_PHONE = re.compile(r"[+(]?\d[\d ().\-/]{4,}\d(?: ?(?:ext\.?|x) ?\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One interview of the list."""

    item: InterviewItem
    application: ApplicationItem
    state: SeekerState
    note: str


def show(request: Request, visitor: Visitor) -> Response:
    """GET /my"""
    return _page(request, visitor, None, {})


def _page(request: Request, visitor: Visitor, given: Form | None, problems: dict[str, str], status: int = 422) -> Response:
    start = next(iter(request.query.get("before", ())), None)
    addresses = _reminded_at(visitor)
    rows, before = rows_of(visitor, start, request.now, is_reminded=bool(addresses))
    told, said = own_outcomes.told(visitor.employer.id), own_words.of(visitor)
    return own_words.page(
        "own_list.html",
        request,
        visitor,
        said,
        status if problems else 200,
        fields=own_words.labels(said, FIELDS),
        typed=field_errors.typed(given, FIELDS, {}),
        problems=own_words.problems(said, problems),
        rows=rows,
        before=before,
        states={state: said.text(label) for state, label in STATES.items()},
        done=request.query.get("done", [""])[0],
        figures=own_history.figures(told, said),
        phone=tenant.phone_of(visitor.employer_item),
        email=visitor.person.email,
        reminded_at=addresses,
        language=said.language,
        languages=NATIVE_NAMES,
        invitation_address=_invitation_address(visitor),
    )


def _reminded_at(visitor: Visitor) -> dict[str, str]:
    """Returns the addresses of the seeker, by channel, that have not opted out."""
    given: dict[MessageChannel, str] = {"email": visitor.person.email}
    if number := tenant.phone_of(visitor.employer_item):
        given["sms"] = number
    out = recipients.opted_out(given.items())
    return {channel: one for channel, one in given.items() if (channel, one) not in out}


def rows_of(visitor: Visitor, start: str | None, now: datetime, *, is_reminded: bool = True) -> tuple[list[Row], str | None]:
    """Reads a page of interviews, newest entry first, and where the next one begins."""
    after = start if start and page_support.is_id(start, "int") else None
    stream = pagination.ids_of_kind(visitor.employer.id, "INT")(after)
    ids = [one for _, one in zip(range(SHOWN + 1), stream, strict=False)]
    places = [(keys.case_pk(visitor.employer.id, one), f"INT#{one}") for one in ids[:SHOWN]]
    found = table.get_many([*places, *((pk, "APP") for pk, _ in places)]) if places else {}
    rows, said = [], own_words.of(visitor)
    for place in places:
        item, application = found.get(place), found.get((place[0], "APP"))
        if isinstance(item, InterviewItem) and isinstance(application, ApplicationItem) and item.status == "scheduled":
            state = state_of(item, application, now)
            note = _note(item, application, state, visitor.employer, now, said, is_reminded=is_reminded)
            rows.append(Row(item, application, state, note))
    return rows, ids[SHOWN - 1] if len(ids) > SHOWN else None


def _note(
    item: InterviewItem,
    application: ApplicationItem,
    state: SeekerState,
    employer: Employer,
    now: datetime,
    said: Catalogue,
    *,
    is_reminded: bool,
) -> str:
    if state in ("booked", "waiting") and application.wait_interview == item.id:
        if is_reminded and application.due_at and (application.step or "").startswith("nudge"):
            holidays = holiday_check(employer.policy.holidays)
            at = next_step.expected_at(read_instant(application.due_at), employer, candidate_of(application), now, holidays)
            return said.say("We remind you on $moment", moment=said.moment(at, employer.timezone, now))
        return said.text("No more reminders about this one")
    return ""


def add(request: Request, visitor: Visitor) -> Response:
    """POST /my/interviews"""
    given = page_support.form(request, visitor)
    try:
        return page_support.once(request, visitor, given, lambda: _added(request, visitor, given))
    except Unprocessable as error:
        problems = field_errors.messages_of(error, FIELDS, lambda path: _POINTERS.get(path, path[1:]))
        typed = field_errors.typed(given, FIELDS, {})
        return _page(request, visitor, given, field_errors.in_order(problems, FIELDS, typed))
    except Conflict as error:
        return _page(request, visitor, given, {"": own_words.conflict(own_words.of(visitor), error)}, 409)


def _added(request: Request, visitor: Visitor, given: Form) -> Response:
    from chalicelib.applications.seekers.schema import OwnInterviewIn  # late: it imports pydantic

    start, fault = _start(given.one("start"), visitor.employer.timezone)
    body = {
        "company": given.one("company"),
        "job_title": given.one("job_title"),
        "start_at": stored_instant(start or request.now),
        "end_at": stored_instant((start or request.now) + LENGTH),
        "contact": _contact(given.one("contact"), visitor.employer_item),
    }
    faults = [FieldError("/start_at", fault)] if fault else []
    try:
        own = validate(OwnInterviewIn, body, request.now).to_interview()
    except Unprocessable as error:
        raise Unprocessable(errors=[*error.errors, *faults]) from None
    if faults:
        raise Unprocessable(errors=faults)
    made = interviews.book(visitor.employer_item, visitor.person, own, request.now, committer=request.committer)
    return page_support.see_other(request, f"/my/interviews/{made.interview.id}?done=added")


def _start(text: str, zone: str) -> tuple[datetime | None, str]:
    """Returns the instant of a wall time in the seeker's time zone, or None and what is wrong with it."""
    try:
        wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        instant = wall.astimezone(UTC)
    except (ValueError, OverflowError):
        return None, "must be a date and a time, like 2026-05-31 14:00"
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(tzinfo=None):
        return None, "must be a time that your clocks show: they skip this hour"
    return instant, ""


def _contact(text: str, item: EmployerItem) -> dict[str, str] | None:
    """Reads "Dana Reyes, +1 202 555 0100" as a name, a number and an address: what looks like neither is the name."""
    found: dict[str, str] = {}
    for name, pattern in (("email", _EMAIL), ("phone", _PHONE)):
        if match := pattern.search(text):
            found[name] = match[0].strip()
            text = f"{text[: match.start()]} {text[match.end() :]}"
    if "email" in found:
        try:
            read_email(found["email"])
        except ValueError:
            found.pop("email")
    if "phone" in found:
        found["phone"] = as_seeker_writes(found["phone"], item)
    rest = " ".join(text.replace("<", " ").replace(">", " ").split()).strip(" ,;:-")
    return ({"name": rest} if rest else {}) | found or None


def show_one(request: Request, visitor: Visitor, interview: str) -> Response:
    """GET /my/interviews/{interview}"""
    case = read_case(visitor.employer.id, page_support.demand_id(interview, "int"))
    return _one(request, visitor, case, interviews.find(case, interview), "")


def _one(
    request: Request,
    visitor: Visitor,
    case: ApplicationCase,
    item: InterviewItem,
    problem: str,
    status: int = 200,
    given: Form | None = None,
) -> Response:
    application, said = case.application, own_words.of(visitor)
    state = state_of(item, application, request.now)
    return own_words.page(
        "own_interview.html",
        request,
        visitor,
        said,
        status,
        **own_outcomes.values(case, state, said, given),
        item=item,
        state=state,
        label=said.text(STATES[state]),
        stage=said.text(own_words.STAGES[item.stage]),
        begun=item.start_at <= request.now,
        note=_note(item, application, state, visitor.employer, request.now, said, is_reminded=bool(_reminded_at(visitor))),
        call_back=call_back_for(item, visitor.employer),
        lessons=own_history.lessons(visitor.employer.id, application, said),
        path=f"/my/interviews/{item.id}",
        problem=problem,
        done=request.query.get("done", [""])[0],
        linked=application.linked is not None,
    )


def record(request: Request, visitor: Visitor, interview: str) -> Response:
    """POST /my/interviews/{interview}/outcomes"""
    given = page_support.form(request, visitor)
    case = read_case(visitor.employer.id, page_support.demand_id(interview, "int"))
    item = interviews.find(case, interview)
    try:
        own_outcomes.record(visitor.employer, item, given, request.now)
    except (Unprocessable, Conflict) as error:
        return _one(request, visitor, case, item, own_outcomes.fault_of(error, own_words.of(visitor)), error.status, given)
    return page_support.see_other(request, f"/my/interviews/{item.id}?done=noted")


def delete(request: Request, visitor: Visitor, interview: str) -> Response:
    """POST /my/interviews/{interview}/delete"""
    page_support.form(request, visitor)
    interviews.delete(visitor.employer, page_support.demand_id(interview, "int"), request.now, lambda _case, _item: None)
    return page_support.see_other(request, "/my?done=deleted")


def _invitation_address(visitor: Visitor) -> str | None:
    if not settings().inbound_mail_domain:
        return None
    from chalicelib.accounts.seekers import invitations  # late: most deployments take no mail in

    return invitations.address_of(visitor.employer_item)


def change_invitation_address(request: Request, visitor: Visitor) -> Response:
    """POST /my/invitation_address"""
    from chalicelib.accounts.seekers import invitations

    page_support.form(request, visitor)
    invitations.change_address(visitor.employer_item, request.now)
    return page_support.see_other(request, "/my?done=address")


def calendar(request: Request, visitor: Visitor) -> Response:
    """POST /my/calendar: a file that was uploaded."""
    from chalicelib.accounts.seekers import calendar as calendars
    from chalicelib.api import forms
    from chalicelib.web import import_page

    given, _, raw = import_page.read_upload(request)
    forms.demand(given, visitor.session.id, request)
    said = own_words.of(visitor)
    if not raw:
        return _page(request, visitor, None, {"": said.text(own_words.NO_FILE)})
    try:
        found = calendars.add_all(visitor.employer_item, visitor.person, raw, request.now)
    except (Unprocessable, TooLarge, Conflict) as error:
        return _page(request, visitor, None, {"": _fault_of_file(error, said)}, error.status)
    return page_support.see_other(request, f"/my?done={len(found.data)}-{found.skipped}")


def _fault_of_file(error: Unprocessable | TooLarge | Conflict, said: Catalogue) -> str:
    if isinstance(error, Conflict):
        return own_words.conflict(said, error)
    if said.language != "en":
        return said.text(own_words.TOO_LARGE if isinstance(error, TooLarge) else own_words.UNREADABLE)
    return f"The calendar file {error.errors[0].message}" if error.errors else error.detail
