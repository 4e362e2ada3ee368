"""The settings page: call-back contact, digest, reminders with a preview, people and API keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.accounts.api_keys import service as keys
from chalicelib.accounts.users import service as people
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications.candidates import links
from chalicelib.applications.employers import policies, service
from chalicelib.auth.employers import policy_of
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, Unprocessable
from chalicelib.holidays import holiday_check
from chalicelib.rules.copy.email import nudge
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.model import WEEKDAYS, CallBack, Candidate, Employer
from chalicelib.rules.reminders import send_windows
from chalicelib.storage import sms_spend, table
from chalicelib.web import formatting, page_support

DAY_NAMES = dict(zip(WEEKDAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
NUDGES = {"call": "Ask them to call", "email_reply": "Ask them to write", "off": "No reminders to candidates"}
ROLES = {"recruiter": "Recruiter: works the call list", "manager": "Manager: also changes settings, people and keys"}
_NUMBERS = ("word_due_hours", "max_nudges", "second_nudge_days", "promise_default_days", "escalate_after_business_days")
_FIELDS = {
    "call_back_name": "Name to call back",
    "call_back_phone": "Number to call back",
    "call_back_email": "Address to call back",
    "digest_to": "The digest, to",
    "digest_time": "The digest, at",
    "digest_days": "The digest, on",
    "escalate_to": "Waited too long, also to",
    "escalate_after_business_days": "Too long is so many business days",
    "word_due_hours": "Word is due so many hours after",
    "candidate_nudge": "What they are asked",
    "max_nudges": "How many at most",
    "second_nudge_days": "Days between the first and the second",
    "promise_default_days": "“Not yet” promises word within",
    "sms_monthly_cap_usd": "What texts may cost",
    "candidate_window": "Sent on",
}
_CHOICES = ("candidate_nudge", "digest_time")
_SAMPLE = Candidate("cand_" + "0" * 26, "Sam Sample", email="sam@example.com", phone="+12025550123")
_SAMPLE_JOB = "Field Technician"


@dataclass(frozen=True, slots=True)
class Preview:
    """One reminder as a sample candidate would receive it."""

    name: str
    channel: str
    subject: str | None
    text: str
    septets: int | None
    at: str


def show(request: Request, visitor: Visitor) -> Response:
    """GET /settings"""
    return _page(request, visitor, visitor.employer, saved=request.query.get("saved") == ["yes"])


def save(request: Request, visitor: Visitor) -> Response:
    """POST /settings"""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    try:
        service.change(visitor.employer.id, fields_of(given, request.now), None, request.now)
    except Unprocessable as error:
        return _page(request, visitor, visitor.employer, 422, problems=_problems(error), typed=given)
    return page_support.see_other(request, "/settings?saved=yes")


def preview(request: Request, visitor: Visitor) -> Response:
    """POST /settings/preview: shows the reminders under the form's settings, and saves nothing."""
    given = page_support.form(request, visitor)
    problems: list[str] = []
    employer = visitor.employer
    try:
        employer = _with_fields(visitor, fields_of(given, request.now))
    except Unprocessable as error:
        problems = _problems(error)
    if request.headers.get("hx-request"):
        return page_support.page(
            "preview.html",
            request,
            visitor,
            previews=previews(employer, request.now),
            problems=problems,
            window=_window(employer),
        )
    return _page(request, visitor, employer, problems=problems, previewed=not problems, typed=given)


def fields_of(given: Form, now: datetime) -> dict[str, Any]:
    """Return the form as the API's merge patch, checked by its schema. Raises Unprocessable."""
    from chalicelib.applications.employers.schema import EmployerPatch  # late: it imports pydantic, 96 ms of a cold start

    policy: dict[str, Any] = {name: _number(given.one(name)) for name in _NUMBERS if name in given}
    if "sms_monthly_cap_usd" in given:
        policy["sms_monthly_cap_usd"] = _dollars(given.one("sms_monthly_cap_usd"))
    policy |= {name: given.one(name) for name in _CHOICES if given.has(name)}
    if given.has("days_given"):
        policy["digest_days"] = given.get("digest_days") or None
        policy["candidate_window"] = {
            "days": given.get("window_days") or None,
            "start": given.one("window_start") or None,
            "end": given.one("window_end") or None,
        }
    if "escalate_to" in given:
        policy["escalate_to"] = given.one("escalate_to").split() or None
    body: dict[str, Any] = {name: given.one(name) or None for name in ("call_back_name", "call_back_phone", "call_back_email")}
    body |= {"digest_to": given.one("digest_to").split(), "policy": policy}
    return validate(EmployerPatch, body, now).model_dump(exclude_unset=True)


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text or None


def _dollars(text: str) -> Any:
    return float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text, re.ASCII) else text or None


def _with_fields(visitor: Visitor, fields: dict[str, Any]) -> Employer:
    """Return the employer with these fields, checked as when they are saved. Raises Unprocessable."""
    item = visitor.employer_item
    stored = policies.merged(item.policy, fields["policy"])
    policies.check(stored)
    call_back = CallBack(fields["call_back_name"], fields["call_back_phone"], fields["call_back_email"])
    return replace(
        visitor.employer,
        call_back=call_back,
        digest_to=tuple(fields["digest_to"] or ()),
        policy=policy_of(stored, item.countries or ()),
    )


def _as_typed(employer: Employer, given: Form) -> Employer:
    """Return the employer as typed, wrong values included: after one error the other nineteen fields must stay."""
    before = employer.policy
    typed: dict[str, Any] = {name: given.one(name) for name in (*_NUMBERS, *_CHOICES, "sms_monthly_cap_usd") if name in given}
    if "days_given" in given:
        window: dict[str, Any] = {name: given.one(f"window_{name}") for name in ("start", "end")}
        window["days"] = tuple(given.get("window_days", ()))
        typed |= {
            "digest_days": tuple(given.get("digest_days", ())),
            "escalate_to": tuple(given.one("escalate_to").split()),
            "candidate_window": replace(before.candidate_window, **window),
        }
    call_back = CallBack(*(given.one(f"call_back_{name}") or None for name in ("name", "phone", "email")))
    digest_to = tuple(given.one("digest_to").split())
    return replace(employer, call_back=call_back, digest_to=digest_to, policy=replace(before, **typed))


def previews(employer: Employer, now: datetime) -> list[Preview]:
    """Return every reminder by both channels, for a candidate whose interview has just ended."""
    if employer.policy.candidate_nudge == "off" or not (employer.call_back.phone or employer.call_back.email):
        return []
    link = links.url(employer.id, "app_" + "0" * 26, now)
    found = []
    for number in range(1, employer.policy.max_nudges + 1):
        due_at = now + timedelta(hours=employer.policy.word_due_hours, days=employer.policy.second_nudge_days * (number - 1))
        at = send_windows.next_open(
            due_at, employer.policy.candidate_window, employer.timezone, holiday_check(employer.policy.holidays)
        )
        for channel in ("sms", "email"):
            message = nudge(
                number,
                channel,
                employer=employer,
                candidate=_SAMPLE,
                call_back=employer.call_back,
                job_title=_SAMPLE_JOB,
                stage="interview",
                unsubscribe_url=None,
                answer_url=link,
                kind=employer.policy.candidate_nudge,
            )
            name = f"{'First' if number == 1 else 'Second'} {'text' if channel == 'sms' else 'email'}"
            count = septets(message.text) if channel == "sms" else None
            found.append(Preview(name, channel, message.subject, message.text, count, formatting.moment(at, employer.timezone)))
    return found


def _window(employer: Employer) -> str:
    window = employer.policy.candidate_window
    days = ", ".join(DAY_NAMES[day] for day in WEEKDAYS if day in window.days)
    return f"{days}, {window.start} to {window.end} on the candidate's own clock, never before 08:00 or after 21:00"


def _problems(error: Unprocessable) -> list[str]:
    """Return the faults, with the page's labels of the fields."""
    return [f"{_field(fault.pointer)}: {fault.message}" for fault in error.errors]


def _field(pointer: str) -> str:
    name, *parts = pointer.strip("/").removeprefix("policy/").split("/")
    within = [f"line {int(part) + 1}" if part.isdigit() else part for part in parts]
    return ", ".join([_FIELDS.get(name, name.replace("_", " ").capitalize()), *within])


def _page(
    request: Request,
    visitor: Visitor,
    employer: Employer,
    status: int = 200,
    *,
    problems: list[str] | None = None,
    saved: bool = False,
    previewed: bool = False,
    secret: str | None = None,
    typed: Form | None = None,
) -> Response:
    spent = table.get_many(sms_spend.keys_of(employer.id, request.now))
    return page_support.page(
        "settings.html",
        request,
        visitor,
        status,
        employer=(shown := _as_typed(employer, typed) if typed else employer),
        policy=shown.policy,
        problems=problems or [],
        saved=saved,
        previewed=previewed,
        previews=previews(employer, request.now),
        window=_window(employer),
        day_names=DAY_NAMES,
        nudges=NUDGES,
        warnings=policies.warnings(employer, next(iter(spent.values()), None)),
        roles=ROLES,
        most=SMS_SEPTETS,
        secret=secret,
        people=people.of_employer(employer.id) if visitor.is_manager else [],
        keys=keys.of_employer(employer.id) if visitor.is_manager else [],
    )


# --- people and keys -------------------------------------------------------------------------------------------------


def add_person(request: Request, visitor: Visitor) -> Response:
    """POST /settings/people"""
    from chalicelib.accounts.users.schema import PersonNew

    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    body = {name: given.one(name) for name in ("name", "email", "role")}
    people.create(visitor.employer.id, validate(PersonNew, body, request.now).model_dump(), request.now)
    return page_support.see_other(request, "/settings?saved=yes#people")


def change_person(request: Request, visitor: Visitor, person: str) -> Response:
    """POST /settings/people/{person}: changes the role, or removes the person."""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    person_id = page_support.demand_id(person, "per")
    if person_id == visitor.person.id:
        raise Conflict("You cannot remove yourself or change your own role: another manager can.", code="own_role")
    if given.one("do") == "remove":
        people.remove(visitor.employer.id, person_id)
    else:
        role = "manager" if given.one("do") == "manager" else "recruiter"
        people.change(visitor.employer.id, person_id, {"role": role}, None, request.now)
    return page_support.see_other(request, "/settings?saved=yes#people")


def add_key(request: Request, visitor: Visitor) -> Response:
    """POST /settings/keys: the response shows the secret, once."""
    from chalicelib.accounts.api_keys.schema import KeyNew

    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    body = validate(KeyNew, {"scopes": given.get("scopes", [])}, request.now)
    _, token = keys.create(visitor.employer.id, body.scopes, request.now)
    return _page(request, visitor, visitor.employer, secret=token)


def revoke_key(request: Request, visitor: Visitor, key: str) -> Response:
    """POST /settings/keys/{key}/revoke"""
    page_support.form(request, visitor)
    page_support.managers_only(visitor)
    keys.revoke(visitor.employer.id, page_support.demand_id(key, "key"), request.now)
    return page_support.see_other(request, "/settings?saved=yes#keys")
