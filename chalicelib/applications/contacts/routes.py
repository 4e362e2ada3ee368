"""`/v1/applications/{application_id}/contacts` and `…/statements`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.api import pagination
from chalicelib.api.query_params import PAGING
from chalicelib.api.request import Request
from chalicelib.api.response import Response, created
from chalicelib.api.route import route
from chalicelib.errors import NotFound

if TYPE_CHECKING:
    from chalicelib.applications.contacts.responses import ContactWithApplication
    from chalicelib.applications.responses import Statement

contacts = Blueprint(__name__)
Json = dict[str, Any]


@route(contacts, "POST", "/v1/applications/{application_id}/contacts", scope="write")
def post_contact(request: Request, application_id: str) -> Response:
    from chalicelib.applications.contacts import responses, service
    from chalicelib.applications.contacts.schema import ContactIn

    fields = request.body(ContactIn).fields()
    case, item = service.log_contact(
        request.employer, application_id, fields, request.now, committer=request.committer, by=request.caller.actor
    )
    return created(
        responses.contact_with_application(item, case.application, request.now),
        f"/v1/applications/{application_id}/contacts/{item.id}",
    )


@route(contacts, "GET", "/v1/applications/{application_id}/contacts", scope="read")
def list_contacts(request: Request, application_id: str) -> Json:
    from chalicelib.applications.contacts import responses
    from chalicelib.applications.unit_of_work import read_application

    query = request.read_query(PAGING)
    found = read_application(request.employer_id, application_id).contacts
    return pagination.paginate(
        request, query, pagination.ids_in(found), lambda some: [responses.serialize_contact(found[one]) for one in some]
    )


@route(contacts, "GET", "/v1/applications/{application_id}/contacts/{contact_id}", scope="read")
def get_contact(request: Request, application_id: str, contact_id: str) -> ContactWithApplication:
    from chalicelib.applications.contacts import responses
    from chalicelib.applications.unit_of_work import read_application

    case = read_application(request.employer_id, application_id)
    if contact_id not in case.contacts:
        raise NotFound
    return responses.contact_with_application(case.contacts[contact_id], case.application, request.now)


@route(contacts, "POST", "/v1/applications/{application_id}/contacts/{contact_id}/void", scope="write")
def void_contact(request: Request, application_id: str, contact_id: str) -> Response:
    from chalicelib.applications.contacts import responses, service

    case, item = service.void_contact(
        request.employer, application_id, contact_id, request.now, committer=request.committer, by=request.caller.actor
    )
    return Response(200, responses.contact_with_application(item, case.application, request.now))


@route(contacts, "GET", "/v1/applications/{application_id}/statements", scope="read")
def list_statements(request: Request, application_id: str) -> Json:
    from chalicelib.applications.contacts import responses
    from chalicelib.applications.unit_of_work import read_application

    query = request.read_query(PAGING)
    case = read_application(request.employer_id, application_id)
    found = case.statements

    def read(some: Sequence[str]) -> list[Any]:
        return [responses.serialize_statement(found[one], case.application, request.now) for one in some]

    return pagination.paginate(request, query, pagination.ids_in(found), read)


@route(contacts, "GET", "/v1/applications/{application_id}/statements/{statement_id}", scope="read")
def get_statement(request: Request, application_id: str, statement_id: str) -> Statement:
    from chalicelib.applications.contacts import responses
    from chalicelib.applications.unit_of_work import read_application

    case = read_application(request.employer_id, application_id)
    if statement_id not in case.statements:
        raise NotFound
    return responses.serialize_statement(case.statements[statement_id], case.application, request.now)


@route(contacts, "POST", "/v1/applications/{application_id}/statements", scope="write")
def post_statement(request: Request, application_id: str) -> Response:
    from chalicelib.applications.contacts import responses, service
    from chalicelib.applications.contacts.schema import StatementIn

    case, item = service.record_statement(
        request.employer,
        application_id,
        request.body(StatementIn).fields(),
        request.now,
        committer=request.committer,
        by=request.caller.actor,
    )
    return created(
        responses.serialize_statement(item, case.application, request.now),
        f"/v1/applications/{application_id}/statements/{item.id}",
    )
