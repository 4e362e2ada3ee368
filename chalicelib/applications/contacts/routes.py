"""`/v1/applications/{application_id}/contacts` and `…/statements`."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib.access.call import created
from chalicelib.access.routes import Call, Reply, route
from chalicelib.applications import lists, views
from chalicelib.applications.amending import read_application
from chalicelib.applications.contacts import service
from chalicelib.errors import NotFound
from chalicelib.http import PAGING

contacts = Blueprint(__name__)
Json = dict[str, Any]


@route(contacts, "POST", "/v1/applications/{application_id}/contacts", scope="write")
def post_contact(call: Call, application_id: str) -> Reply:
    from chalicelib.applications.schema import ContactIn

    case, item = service.log_contact(call.employer, application_id, call.body(ContactIn).fields(), call.now)
    return created(
        views.with_application(views.contact_json(item), case, call.now), f"/v1/applications/{application_id}/contacts/{item.id}"
    )


@route(contacts, "GET", "/v1/applications/{application_id}/contacts", scope="read")
def list_contacts(call: Call, application_id: str) -> Json:
    query = call.read_query(PAGING)
    found = read_application(call.employer_id, application_id).contacts
    return lists.page(call, query, lists.of(found), lambda some: [views.contact_json(found[one]) for one in some])


@route(contacts, "GET", "/v1/applications/{application_id}/contacts/{contact_id}", scope="read")
def get_contact(call: Call, application_id: str, contact_id: str) -> Json:
    case = read_application(call.employer_id, application_id)
    if contact_id not in case.contacts:
        raise NotFound
    return views.with_application(views.contact_json(case.contacts[contact_id]), case, call.now)


@route(contacts, "POST", "/v1/applications/{application_id}/contacts/{contact_id}/void", scope="write")
def void_contact(call: Call, application_id: str, contact_id: str) -> Reply:
    case, item = service.void_contact(call.employer, application_id, contact_id, call.now)
    return Reply(200, views.with_application(views.contact_json(item), case, call.now))


@route(contacts, "POST", "/v1/applications/{application_id}/statements", scope="write")
def post_statement(call: Call, application_id: str) -> Reply:
    from chalicelib.applications.schema import StatementIn

    case, item = service.state(call.employer, application_id, call.body(StatementIn).fields(), call.now)
    return Reply(201, views.with_application(views.statement_json(item), case, call.now))
