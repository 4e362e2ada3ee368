"""The forms of the settings page: one for each section. Read as the API's merge patch, and shown again as typed after a fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.forms import Form
from chalicelib.api.validation import validate
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.rules.copy.language import NAMES, catalogue
from chalicelib.rules.employer import Employer
from chalicelib.web import field_errors, formatting, numbers
from chalicelib.web.phones import as_written

NUDGES = {"call": "Call", "email_reply": "Write an email", "off": "Nothing: send no reminders"}
FIELDS = {
    "call_back_name": "Name",
    "call_back_phone": "Phone",
    "call_back_email": "Email",
    "timezone": "Time zone",
    "holidays": "Public holidays",
    "clock_hours": "Times",
    "date_order": "Dates",
    "sms_countries": "Countries for texts",
    "jurisdiction": "Where your company is",
    "headcount": "Employees",
    "digest_to": "Send digest to",
    "digest_time": "Digest time",
    "digest_days": "Digest days",
    "escalate_to": "Escalate to",
    "report_to": "Send weekly report to",
    "escalate_after_business_days": "Escalate after (business days)",
    "word_due_hours": "Reply within (hours)",
    "candidate_nudge": "Candidates are asked to",
    "max_nudges": "Reminders at most",
    "tell_next_step": "Tell candidates after the interview what happens next",
    "second_nudge_days": "Days between first and second reminder",
    "promise_default_days": "Days until the next answer",
    "sms_monthly_cap_usd": "Monthly limit for texts (US dollars)",
    "window_days": "Send on",
    "window_start": "From",
    "window_end": "To",
    "language": "Language",
    "retention_months": "Erase people after (months)",
    "link_seekers": "Candidates’ own lists",
}
LINES = ("digest_to", "escalate_to", "report_to")
DAYS = ("digest_days", "window_days")
_TOP = ("call_back_name", "call_back_phone", "call_back_email", "timezone")
_WINDOW = {"window_days": "days", "window_start": "start", "window_end": "end"}
_NUMBERS = (
    "word_due_hours",
    "max_nudges",
    "second_nudge_days",
    "promise_default_days",
    "escalate_after_business_days",
    "sms_monthly_cap_usd",
    "retention_months",
    "headcount",
)
YES_NO = {"yes": "Yes, by email", "no": "No"}
LINKS = {"yes": "Candidates may link their own list with your record", "no": "No links"}
_AS_USUAL = "As in your time zone’s country"
HOURS = {"": _AS_USUAL, "12": "3:30 PM", "24": "15:30"}
DATES = {"": _AS_USUAL, "day_first": "30 Nov", "month_first": "Nov 30"}
_TEXTS = ("clock_hours", "date_order", "language", "candidate_nudge", "digest_time", "holidays", "jurisdiction")
_BOOLEANS = ("tell_next_step", "link_seekers")
_NO_DAY = {
    "digest_days": "needs at least one day. To send no digest, empty “Send digest to”",
    "window_days": "needs at least one day. To send no reminders, choose “Nothing” under “Candidates are asked to”",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One form: it saves its own fields and leaves all others as they are."""

    name: str
    fields: tuple[str, ...]


SECTIONS = {
    one.name: one
    for one in (
        Section("company", (*_TOP, "holidays", "clock_hours", "date_order", "sms_countries", "jurisdiction", "headcount")),
        Section(
            "digest", ("digest_to", "digest_time", "digest_days", "escalate_to", "escalate_after_business_days", "report_to")
        ),
        Section(
            "reminders",
            (
                "word_due_hours",
                "language",
                "tell_next_step",
                "candidate_nudge",
                "max_nudges",
                "second_nudge_days",
                "promise_default_days",
                "sms_monthly_cap_usd",
                *_WINDOW,
            ),
        ),
        Section("privacy", ("retention_months", "link_seekers")),
    )
}


def languages() -> dict[str, str]:
    """Return the languages of candidates, each with a note where no native speaker reviewed it."""
    return {code: name if catalogue(code).is_reviewed else f"{name} (not yet reviewed)" for code, name in NAMES.items()}


def patch_of(given: Form, employer: Employer, now: datetime) -> dict[str, Any]:
    """Return the form as the API's merge patch, checked by its schema. Raises Unprocessable.

    A section that the form names sends all its fields: a group of days without any tick is none, not the default.
    """
    from chalicelib.applications.employers.schema import EmployerPatch  # late: it imports pydantic, 96 ms of a cold start

    section = SECTIONS.get(given.one("section"))
    sent = [name for name in FIELDS if name in given or (section and name in section.fields)]
    faults = [FieldError(f"/policy/{name}", _NO_DAY[name]) for name in DAYS if name in sent and not given.get(name)]
    body = _body(given, [name for name in sent if name not in DAYS or given.get(name)], employer)
    try:
        fields = validate(EmployerPatch, body, now).model_dump(exclude_unset=True)
    except Unprocessable as error:
        raise Unprocessable(errors=[*error.errors, *faults]) from None
    if faults:
        raise Unprocessable(errors=faults)
    return fields


def _body(given: Form, sent: list[str], employer: Employer) -> dict[str, Any]:
    body: dict[str, Any] = {name: given.one(name) or None for name in _TOP if name in sent}
    if body.get("call_back_phone"):
        body["call_back_phone"] = as_written(body["call_back_phone"], employer)
    if "timezone" in body:
        body["timezone"] = body["timezone"] or ""
    if "digest_to" in sent:
        body["digest_to"] = given.one("digest_to").split()
    policy: dict[str, Any] = {name: numbers.read(given.one(name)) for name in _NUMBERS if name in sent}
    policy |= {name: given.one(name) or None for name in _TEXTS if name in sent}
    for name in _BOOLEANS:
        if name in sent:
            policy[name] = {"yes": True, "no": False, "": None}.get(given.one(name), given.one(name))
    if "sms_countries" in sent:
        countries = given.one("sms_countries").upper().replace(",", " ").split()
        if sorted(countries) != sorted(employer.policy.sms_countries):  # those of a number and a zone stay derived
            policy["sms_countries"] = countries or None
    for name in ("escalate_to", "report_to"):
        if name in sent:
            policy[name] = given.one(name).split() or None
    if "digest_days" in sent:
        policy["digest_days"] = given.get("digest_days", [])
    window: dict[str, Any] = {_WINDOW[name]: given.one(name) or None for name in ("window_start", "window_end") if name in sent}
    if "window_days" in sent:
        window["days"] = given.get("window_days", [])
    if window:
        policy["candidate_window"] = window
    return {**body, "policy": policy}


def shown(employer: Employer, given: Form | None) -> dict[str, Any]:
    """Return what each field shows: what was typed, else what is stored. Days are lists."""
    policy, call_back = employer.policy, employer.call_back
    stored: dict[str, Any] = {name: getattr(policy, name) for name in (*_NUMBERS, *_TEXTS, "digest_days")}
    stored |= {name: getattr(policy.candidate_window, code) for name, code in _WINDOW.items()}
    stored |= {
        "call_back_name": call_back.name,
        "call_back_phone": formatting.readable_phone(call_back.phone) if call_back.phone else "",
        "call_back_email": call_back.email,
        "timezone": employer.timezone,
        **{name: "yes" if getattr(policy, name) else "no" for name in _BOOLEANS},
        "sms_countries": ", ".join(policy.sms_countries),
        "digest_to": "\n".join(employer.digest_to),
        "escalate_to": "\n".join(policy.escalate_to),
        "report_to": "\n".join(policy.report_to),
    }
    if given is not None:
        section = SECTIONS.get(given.one("section"))
        for name in FIELDS:
            if name in given or (section and name in section.fields):
                stored[name] = tuple(given.get(name, ())) if name in DAYS else given.one(name)
    return {name: value if name in DAYS else "" if value is None else _text(value) for name, value in stored.items()}


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def problems_of(error: Unprocessable) -> dict[str, str]:
    """Return the faults by field of the form, with the page's labels; a line of a list is named."""
    lines = {_field(fault.pointer)[0]: _field(fault.pointer)[1] for fault in reversed(error.errors)}
    found = field_errors.messages_of(error, FIELDS, lambda path: _field(path)[0])
    return {
        name: message.replace(FIELDS[name], f"{FIELDS[name]}, line {line + 1}:", 1)
        if (line := lines.get(name)) is not None and name in LINES
        else message
        for name, message in found.items()
    }


def _field(pointer: str) -> tuple[str, int | None]:
    """Return the form's field of a pointer, and the place in a list."""
    name, *rest = pointer.strip("/").removeprefix("policy/").split("/")
    if name == "candidate_window":
        return (f"window_{rest[0]}" if rest else "window_start"), None
    return name, int(rest[0]) if rest and rest[0].isdigit() else None
