"""What a recruiter can change about a person: details, interviews, the application's status; export and erasure."""

from __future__ import annotations

from typing import Any

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.serialize import to_json
from chalicelib.api.validation import validate
from chalicelib.applications import service as applications
from chalicelib.applications import unit_of_work
from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.interviews import changes as interviews
from chalicelib.applications.privacy import erasure, export
from chalicelib.auth.audit_log import About, note_now
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, FieldError, NotFound, Unprocessable
from chalicelib.rules.canonical import dialled_phone
from chalicelib.web import field_errors, page_support, render
from chalicelib.web.phones import as_written

FIELDS = {"name": "Name", "email": "Email", "phone": "Phone", "timezone": "Time zone"}
_ERASED = (
    "Nothing about this person is left here, and nothing more is sent to them.",
    "Counts in the report stay, without the person. Records that the law requires stay until it allows their deletion.",
)
_CHANGES = {
    "cancel": interviews.cancel_interview,
    "no_show": interviews.mark_no_show,
    "reinstate": interviews.reinstate_interview,
}


def change_interview(request: Request, visitor: Visitor, application: str, interview: str) -> Response:
    """POST /applications/{application}/interviews/{interview}"""
    given = page_support.form(request, visitor)
    application_id, interview_id = page_support.demand_id(application, "app"), page_support.demand_id(interview, "int")
    if given.one("do") not in _CHANGES:
        raise Unprocessable(errors=[FieldError("/do", "is no change of an interview")])
    if interview_id not in unit_of_work.read_application(visitor.employer.id, application_id).interviews:
        raise NotFound
    _CHANGES[given.one("do")](visitor.employer, interview_id, request.now, by=visitor.actor)
    return page_support.see_other(request, f"/applications/{application_id}?done=yes")


def change_status(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/status"""
    given = page_support.form(request, visitor)
    application_id, status = page_support.demand_id(application, "app"), given.one("status")
    if status not in ("active", "closed", "withdrawn"):
        raise Unprocessable(errors=[FieldError("/status", "is no status of an application")])
    applications.change_application(
        visitor.employer, application_id, {"status": status}, request.now, lambda _: None, by=visitor.actor
    )
    return page_support.see_other(request, f"/applications/{application_id}?done=yes")


def change_group(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/group: an empty one takes the application out of its group."""
    from chalicelib.applications.schema import ApplicationPatch  # late: it imports pydantic, 96 ms of a cold start

    given = page_support.form(request, visitor)
    application_id = page_support.demand_id(application, "app")
    try:
        changes = validate(ApplicationPatch, {"group": given.one("group").strip() or None}, request.now).changes()
        applications.change_application(visitor.employer, application_id, changes, request.now, lambda _: None)
    except Unprocessable as error:
        problems = [f"{fault.pointer[1:].capitalize()}: {fault.message}" for fault in error.errors]
        return page_support.message(request, visitor, 422, "Group not saved", *problems)
    return page_support.see_other(request, f"/applications/{application_id}?done=yes")


def edit(request: Request, visitor: Visitor, application: str) -> Response:
    """GET /applications/{application}/person"""
    application_id, candidate = _candidate(visitor, application)
    return _page(request, visitor, application_id, candidate, None, {})


def save(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/person"""
    given = page_support.form(request, visitor)
    application_id, candidate = _candidate(visitor, application)
    try:
        changes = changes_of(given, visitor, candidate, request)
        candidates.change(visitor.employer, candidate.id, changes, request.now, lambda _: None)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, FIELDS, lambda path: path[1:], given)
        return _page(request, visitor, application_id, candidate, given, problems)
    except Conflict as error:
        return _page(request, visitor, application_id, candidate, given, {"": error.detail}, 409)
    return page_support.see_other(request, f"/applications/{application_id}?done=yes")


def changes_of(given: Form, visitor: Visitor, candidate: CandidateItem, request: Request) -> dict[str, Any]:
    """Return the fields of the form that differ from the record, as the API's merge patch. Raises Unprocessable."""
    from chalicelib.applications.candidates.schema import CandidatePatch  # late: it imports pydantic, 96 ms of a cold start

    body: dict[str, Any] = {name: given.one(name) or None for name in FIELDS}
    body["phone"] = as_written(given.one("phone"), visitor.employer)
    body["name"] = given.one("name")
    before = shown(candidate)
    changed = {name: value for name, value in body.items() if (value or "") != before[name]}
    return validate(CandidatePatch, changed, request.now).changes() if changed else {}


def shown(candidate: CandidateItem) -> dict[str, str]:
    phone = dialled_phone(candidate.phone, candidate.phone_extension) if candidate.phone else ""
    return {
        "name": candidate.name,
        "email": candidate.email or "",
        "phone": phone or "",
        "timezone": candidate.timezone or "",
    }


def _page(
    request: Request,
    visitor: Visitor,
    application_id: str,
    candidate: CandidateItem,
    given: Form | None,
    problems: dict[str, str],
    status: int = 422,
) -> Response:
    return page_support.page(
        "edit_person.html",
        request,
        visitor,
        status if problems else 200,
        fields=FIELDS,
        typed=field_errors.typed(given, FIELDS, shown(candidate)),
        problems=problems,
        application_id=application_id,
    )


def _candidate(visitor: Visitor, application: str) -> tuple[str, CandidateItem]:
    """Return the application's id and its candidate. Raises NotFound."""
    application_id = page_support.demand_id(application, "app")
    item = unit_of_work.read_application(visitor.employer.id, application_id).application
    return application_id, candidates.read(visitor.employer.id, item.candidate_id)


def download(request: Request, visitor: Visitor, application: str) -> Response:
    """GET /applications/{application}/export: everything about the person, as JSON."""
    return export_of(request, visitor, _candidate(visitor, application)[1])


def export_of(request: Request, visitor: Visitor, candidate: CandidateItem) -> Response:
    """Return everything about a person as a file, noted in the audit log."""
    body = to_json(export.of_candidate(candidate, request.now))
    about = About("candidate", candidate.id)
    note_now(visitor.employer.id, "export", page_support.origin(request, visitor), request.now, about=about)
    kept = {"Content-Disposition": f'attachment; filename="{candidate.id}.json"', "Content-Type": "application/json"}
    return Response(200, body, {**render.HEADERS, **kept})


def erase(request: Request, visitor: Visitor, application: str) -> Response:
    """POST /applications/{application}/erase"""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    application_id, candidate = _candidate(visitor, application)
    if given.one("sure") != "yes":
        return page_support.see_other(request, f"/applications/{application_id}")
    return erased(request, visitor, candidate.id)


def erased(request: Request, visitor: Visitor, candidate_id: str) -> Response:
    """Erase a person who may be erased, and return the page that says so."""
    origin = page_support.origin(request, visitor)
    erasure.erase(visitor.employer, candidate_id, request.now, lambda _: None, origin=origin)
    return page_support.message(request, visitor, 200, "Erased", *_ERASED)
