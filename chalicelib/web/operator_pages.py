"""The operator's pages: employers, their first manager, limits, senders, trial and suspension. Opened by the operator's key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from chalicelib.accounts.users import service as people
from chalicelib.api import forms, idempotency, idempotency_record
from chalicelib.api.forms import Form
from chalicelib.api.pagination import decode_cursor, encode_cursor
from chalicelib.api.query_params import cursor_text
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications.employers import logo, service
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.errors import Conflict, Unauthenticated, Unprocessable
from chalicelib.web import field_errors, numbers, operator_session, page_support

SHOWN = 50
_CURSOR = "operator pages"
NEW = {"name": "Name", "timezone": "Time zone", "person_name": "Manager's name", "person_email": "Manager's email"}
LIMITS = {
    "sms_per_day": "Texts a day",
    "sms_monthly_cap_usd": "Texts a month, US dollars",
    "sms_countries": "Countries for texts",
    "emails_per_day": "Emails a day",
    "users": "People on the team",
    "api_keys": "API keys",
}
SENDERS = {
    "name": "Name",
    "sms_origination_number": "Number that texts come from",
    "email_from": "Address that emails come from",
    "email_reply_to": "Address for replies",
}
FIELDS = {**NEW, **LIMITS, **SENDERS}
_FIELD_OF: dict[bool, Callable[[str], str]] = {
    True: lambda path: f"person_{path[1:]}",
    False: lambda path: path.removeprefix("/limits").strip("/").split("/")[0],
}
"""From a pointer to the form's field, for an invitation and for all else."""


def ask_key(request: Request) -> Response:
    """GET /operator/key"""
    return _key_page(request, "")


def take_key(request: Request) -> Response:
    """POST /operator/key: opens a session of half an hour."""
    given = forms.read(request)
    forms.demand_nonce(given, request)
    try:
        operator_session.demand_key(request, given.one("key"))
    except Unauthenticated:
        return _key_page(request, "This is not the operator's key. `make operator-key` makes a new one.", 401)
    response = page_support.see_other(request, "/operator")
    response.headers["Set-Cookie"] = operator_session.cookie(request.now)
    return response


def leave(request: Request) -> Response:
    """POST /operator/leave"""
    operator_session.form(request)
    response = page_support.see_other(request, "/operator/key")
    response.headers["Set-Cookie"] = operator_session.no_cookie()
    return response


def _key_page(request: Request, problem: str, status: int = 200) -> Response:
    nonce, cookie = forms.new_nonce()
    token = forms.token(nonce, request)
    response = page_support.page("operator_key.html", request, None, status, token=token, problem=problem)
    response.headers["Set-Cookie"] = cookie
    return response


def show(request: Request) -> Response:
    """GET /operator: all employers, newest first, and the form for a new one."""
    return _list(request, None, {})


def create(request: Request) -> Response:
    """POST /operator: an employer with its first manager, who is mailed an invitation."""
    from chalicelib.accounts.users.schema import PersonNew  # late: these import pydantic, 96 ms of a cold start
    from chalicelib.applications.employers.schema import EmployerNew

    given = operator_session.form(request)
    person = {"name": given.one("person_name"), "email": given.one("person_email"), "role": "manager"}
    employer = {"name": given.one("name"), "timezone": given.one("timezone"), "trial": given.has("trial")}
    problems: dict[str, str] = {}
    fields = _checked(EmployerNew, employer, "", problems, request)
    manager = _checked(PersonNew, person, "person_", problems, request)
    if problems:
        return _list(request, given, problems)
    slot = idempotency_record.form_slot(request, "operator", operator_session.bound_to(request), given)
    return idempotency.once(slot, lambda: _created(request, fields, manager))


def _created(request: Request, fields: dict[str, Any], manager: dict[str, Any]) -> Response:
    item = service.create(fields, request.now, committer=request.committer)
    request.committer.flush()  # the manager's record checks that the employer is there
    origin = operator_session.origin(request)
    people.create(employer_of(item), manager, request.now, committer=request.committer, origin=origin)
    return page_support.see_other(request, f"/operator/{item.id}?saved=yes")


def _checked(model: Any, body: dict[str, Any], prefix: str, problems: dict[str, str], request: Request) -> dict[str, Any]:
    """Return the checked fields of a body. Its faults are added to `problems`, by field of the form."""
    try:
        return dict(validate(model, body, request.now).model_dump(exclude_unset=True))
    except Unprocessable as error:
        problems |= field_errors.messages_of(error, NEW, lambda path: prefix + path[1:])
        return {}


def _list(request: Request, given: Form | None, problems: dict[str, str]) -> Response:
    query = request.read_query({"cursor": cursor_text})
    start = None
    if "cursor" in query:
        start = decode_cursor(query["cursor"], keys=settings().sign, bound_to=_CURSOR, now=request.now)
    found, last = service.list_employers(start, SHOWN)
    cursor = encode_cursor(last, keys=settings().sign, bound_to=_CURSOR) if last else None
    return _page(
        request,
        "operator.html",
        422 if problems else 200,
        employers=found,
        more=f"/operator?{urlencode({'cursor': cursor})}" if cursor else None,
        first=start is None,
        typed=field_errors.typed(given, NEW, {"timezone": "America/New_York"}),
        trial=given is None or given.has("trial"),
        problems=problems,
    )


def open_one(request: Request, employer: str) -> Response:
    """GET /operator/{employer}"""
    return _one(request, _read(employer), None, {})


def change(request: Request, employer: str) -> Response:
    """POST /operator/{employer}: limits, senders, trial and suspension, an invitation of a manager, or no logo."""
    given = operator_session.form(request)
    item, what = _read(employer), given.one("do")
    try:
        if what == "invite":
            _invite(request, item, given)
        elif what == "remove_logo":
            logo.remove(item.id, operator_session.origin(request), request.now)
        else:
            _change(request, item, _fields(given, what))
    except Unprocessable as error:
        prefix = "person_" if what == "invite" else ""
        problems = field_errors.messages_of(
            error, FIELDS, lambda path: prefix + path.rpartition("limits/")[2].strip("/").split("/")[0]
        )
        return _one(request, item, given, problems)
    except Conflict as error:
        return _one(request, item, given, {"": error.detail}, 409)
    return page_support.see_other(request, f"/operator/{item.id}?saved=yes")


def _fields(given: Form, what: str) -> dict[str, Any]:
    """Return what one section of the page changes, as the API's merge patch."""
    if what == "limits":
        limits: dict[str, Any] = {name: numbers.read(given.one(name)) for name in LIMITS if name != "sms_countries"}
        limits["sms_countries"] = given.one("sms_countries").upper().replace(",", " ").split() or None
        return {"limits": limits}
    if what == "senders":
        return {name: given.one(name) or (None if name != "name" else "") for name in SENDERS}
    return {
        "suspend": {"suspended": True},
        "unsuspend": {"suspended": False},
        "end_trial": {"trial": False},
        "begin_trial": {"trial": True},
    }.get(what, {})


def _change(request: Request, item: EmployerItem, body: dict[str, Any]) -> None:
    from chalicelib.applications.employers.schema import OperatorPatch

    fields = validate(OperatorPatch, body, request.now).model_dump(exclude_unset=True)
    service.change(item.id, fields, None, request.now, by_operator=True, origin=operator_session.origin(request))


def _invite(request: Request, item: EmployerItem, given: Form) -> None:
    from chalicelib.accounts.users.schema import PersonNew

    body = {"name": given.one("person_name"), "email": given.one("person_email"), "role": "manager"}
    fields = validate(PersonNew, body, request.now).model_dump()
    people.create(employer_of(item), fields, request.now, origin=operator_session.origin(request))


def _read(employer: str) -> EmployerItem:
    return service.read(page_support.demand_id(employer, "emp"))


def _one(request: Request, item: EmployerItem, given: Form | None, problems: dict[str, str], status: int = 422) -> Response:
    employer = employer_of(item)
    known = {name: getattr(employer.limits, name) for name in LIMITS if name != "sms_countries"}
    known |= {"sms_countries": ", ".join(employer.limits.sms_countries)}
    known |= {name: getattr(item, name) for name in SENDERS}
    shown = {name: value for name, value in FIELDS.items() if given is None or name in given}
    typed = field_errors.typed(None, FIELDS, {name: numbers.grouped(value) for name, value in known.items() if value is not None})
    if given is not None:
        typed |= {name: given.one(name) for name in shown}
    return _page(
        request,
        "operator_employer.html",
        status if problems else 200,
        employer=employer,
        item=item,
        people=people.of_employer(item.id),
        limits=LIMITS,
        senders=SENDERS,
        typed=typed,
        problems=problems,
    )


def _page(request: Request, template: str, status: int, **values: Any) -> Response:
    token = operator_session.token(request)
    saved = request.query.get("saved") == ["yes"]
    return page_support.page(template, request, None, status, token=token, saved=saved, fields=FIELDS, **values)
