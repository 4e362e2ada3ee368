"""The settings page: call-back contact, digest, and reminders with a preview."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.accounts.addresses.routes import send_links
from chalicelib.accounts.api_keys import service as keys
from chalicelib.accounts.sessions.routes import serialize_session
from chalicelib.accounts.users import service as people
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications.employers import policies, service
from chalicelib.auth import invitations, session_store
from chalicelib.auth.audit_log import Entries
from chalicelib.auth.employers import policy_of
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Unprocessable
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS
from chalicelib.rules.model import CallBack, Employer
from chalicelib.storage import sms_spend, table
from chalicelib.web import page_support, reminder_previews

NUDGES = {"call": "Call", "email_reply": "Write an email", "off": "Nothing: send no reminders"}
ROLES = {"recruiter": "Recruiter: works the call list", "manager": "Manager: also changes settings, people and keys"}
_NUMBERS = ("word_due_hours", "max_nudges", "second_nudge_days", "promise_default_days", "escalate_after_business_days")
_FIELDS = {
    "call_back_name": "Name",
    "call_back_phone": "Phone",
    "call_back_email": "Email",
    "digest_to": "Send digest to",
    "digest_time": "Digest time",
    "digest_days": "Digest days",
    "escalate_to": "Escalate to",
    "escalate_after_business_days": "Escalate after (business days)",
    "word_due_hours": "Reply within (hours)",
    "candidate_nudge": "Candidates are asked to",
    "max_nudges": "Reminders at most",
    "second_nudge_days": "Days between first and second reminder",
    "promise_default_days": "Days until the next answer",
    "sms_monthly_cap_usd": "Monthly limit for texts",
    "candidate_window": "Send on",
}
AUDIT_SHOWN = 20
WHATS = {
    "sign_in": "Signed in",
    "sign_in_failed": "Sign-in failed",
    "auth_failed": "Refused an API key",
    "key_created": "Created an API key",
    "key_revoked": "Revoked an API key",
    "person_invited": "Invited somebody",
    "role_changed": "Changed a role",
    "address_changed": "Changed an address",
    "person_removed": "Removed somebody",
    "export": "Exported data",
    "erasure": "Erased a candidate",
    "settings_changed": "Changed settings",
    "limits_changed": "Changed limits",
    "suspended": "Suspended the employer",
    "unsuspended": "Ended the suspension",
    "invitation_accepted": "Accepted an invitation",
    "session_revoked": "Signed out of another browser",
    "signed_out_everywhere": "Signed out everywhere",
    "connection_created": "Connected a hiring system",
    "connection_changed": "Changed a hiring system",
    "connection_removed": "Removed a hiring system",
    "webhook_created": "Added a webhook",
    "webhook_changed": "Changed a webhook",
    "webhook_removed": "Removed a webhook",
    "webhook_secret_rotated": "Replaced a webhook's secret",
    "import_profile_changed": "Changed an import profile",
    "own_address_added": "Added an own address",
    "own_address_verified": "Verified an own address",
    "own_address_removed": "Removed an own address",
    "refresh_token_reused": "Used refresh token sent again: session ended",
    "single_sign_on_changed": "Changed single sign-on",
    "single_sign_on_removed": "Removed single sign-on",
}
KEY_DAYS = {"": "Never", "30": "In 30 days", "90": "In 90 days", "365": "In a year"}
_CHOICES = ("candidate_nudge", "digest_time")


def show(request: Request, visitor: Visitor) -> Response:
    """GET /settings"""
    return page(request, visitor, visitor.employer, saved=request.query.get("saved") == ["yes"])


def save(request: Request, visitor: Visitor) -> Response:
    """POST /settings"""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    try:
        origin = page_support.origin(request, visitor)
        item = service.change(visitor.employer.id, fields_of(given, request.now), None, request.now, origin=origin)
        send_links(item, visitor.employer, request.network, request.now)
    except Unprocessable as error:
        return page(request, visitor, visitor.employer, 422, problems=_problems(error), typed=given)
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
            previews=reminder_previews.previews(employer, request.now),
            problems=problems,
            window=reminder_previews.send_window_of(employer),
        )
    return page(request, visitor, employer, problems=problems, previewed=not problems, typed=given)


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


def _problems(error: Unprocessable) -> list[str]:
    """Return the faults, with the page's labels of the fields."""
    return [f"{_field(fault.pointer)}: {fault.message}" for fault in error.errors]


def _field(pointer: str) -> str:
    name, *parts = pointer.strip("/").removeprefix("policy/").split("/")
    within = [f"line {int(part) + 1}" if part.isdigit() else part for part in parts]
    return ", ".join([_FIELDS.get(name, name.replace("_", " ").capitalize()), *within])


def page(
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
    """Render the settings page."""
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
        previews=reminder_previews.previews(employer, request.now),
        window=reminder_previews.send_window_of(employer),
        day_names=reminder_previews.DAY_NAMES,
        nudges=NUDGES,
        warnings=policies.warnings(employer, next(iter(spent.values()), None)),
        roles=ROLES,
        key_days=KEY_DAYS,
        most=SMS_SEPTETS,
        secret=secret,
        people=people.of_employer(employer.id) if visitor.is_manager else [],
        invitation_is_open=lambda person: invitations.is_open(person, request.now),
        keys=keys.of_employer(employer.id) if visitor.is_manager else [],
        audit=Entries(employer.id, request.now).newest(AUDIT_SHOWN) if visitor.is_manager else [],
        whats=WHATS,
        sessions=[serialize_session(one, visitor.session.id) for one in session_store.of_person(visitor.person, request.now)],
    )
