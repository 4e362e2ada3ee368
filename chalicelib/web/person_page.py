"""The page of a person without an application: corrected, downloaded and erased there, or given a first interview."""

from __future__ import annotations

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, Unprocessable
from chalicelib.web import field_errors, page_support, person_actions


def show(request: Request, visitor: Visitor, candidate: str) -> Response:
    """GET /candidates/{candidate}: leads on to the newest application where there is one."""
    person = _read(visitor, candidate)
    if ids := person.applications:
        return page_support.see_other(request, f"/applications/{ids[-1]}")
    return _page(request, visitor, person, None, {})


def save(request: Request, visitor: Visitor, candidate: str) -> Response:
    """POST /candidates/{candidate}"""
    given = page_support.form(request, visitor)
    person = _read(visitor, candidate)
    try:
        changes = person_actions.changes_of(given, visitor, person, request)
        candidates.change(visitor.employer, person.id, changes, request.now, lambda _: None)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, person_actions.FIELDS, lambda path: path[1:], given)
        return _page(request, visitor, person, given, problems)
    except Conflict as error:
        return _page(request, visitor, person, given, {"": error.detail}, 409)
    return page_support.see_other(request, f"/candidates/{person.id}?done=yes")


def download(request: Request, visitor: Visitor, candidate: str) -> Response:
    """GET /candidates/{candidate}/export: everything about the person, as JSON."""
    return person_actions.export_of(request, visitor, _read(visitor, candidate))


def erase(request: Request, visitor: Visitor, candidate: str) -> Response:
    """POST /candidates/{candidate}/erase"""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    person = _read(visitor, candidate)
    if given.one("sure") != "yes":
        return page_support.see_other(request, f"/candidates/{person.id}")
    return person_actions.erased(request, visitor, person.id)


def _read(visitor: Visitor, candidate: str) -> CandidateItem:
    """Return the candidate. Raises NotFound, also for another employer's."""
    return candidates.read(visitor.employer.id, page_support.demand_id(candidate, "cand"))


def _page(
    request: Request,
    visitor: Visitor,
    person: CandidateItem,
    given: Form | None,
    problems: dict[str, str],
    status: int = 422,
) -> Response:
    return page_support.page(
        "person.html",
        request,
        visitor,
        status if problems else 200,
        fields=person_actions.FIELDS,
        typed=field_errors.typed(given, person_actions.FIELDS, person_actions.shown(person)),
        problems=problems,
        person=person,
        done=request.query.get("done") == ["yes"],
    )
