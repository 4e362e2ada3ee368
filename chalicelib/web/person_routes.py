"""Routes of the pages about one person and one application.

Each route imports its page on first use, so API clients and ticks do not pay for pages at a cold start.
"""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.sessions import Visitor
from chalicelib.web.page_support import signed_in

person_pages = Blueprint(__name__)


@route(person_pages, "GET", "/applications/{application}/log", public=True)
@signed_in
def get_log_call(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import contacts

    return contacts.form(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/contacts", public=True)
@signed_in
def log_contact(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import contacts

    return contacts.log(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/contacts/{contact}/undo", public=True)
@signed_in
def undo_contact(request: Request, visitor: Visitor, application: str, contact: str) -> Response:
    from chalicelib.web import contacts

    return contacts.undo(request, visitor, application, contact)


@route(person_pages, "GET", "/applications/{application}", public=True)
@signed_in
def get_application(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import application_page

    return application_page.show(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/decided", public=True)
@signed_in
def post_decided(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import application_page

    return application_page.decide(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/feedback", public=True)
@signed_in
def post_feedback(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import application_page

    return application_page.give_feedback(request, visitor, application)


@route(person_pages, "GET", "/applications/{application}/person", public=True)
@signed_in
def get_edit_person(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.edit(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/person", public=True)
@signed_in
def post_edit_person(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.save(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/people", public=True)
@signed_in
def post_owner(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import ownership

    return ownership.set_people(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/snooze", public=True)
@signed_in
def post_snooze(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import ownership

    return ownership.snooze(request, visitor, application)


@route(person_pages, "GET", "/applications/{application}/call-back", public=True)
@signed_in
def get_call_back(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import call_back

    return call_back.form(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/call-back", public=True)
@signed_in
def post_call_back(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import call_back

    return call_back.save(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/status", public=True)
@signed_in
def post_status(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.change_status(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/group", public=True)
@signed_in
def post_group(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.change_group(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/interviews/{interview}", public=True)
@signed_in
def post_interview_change(request: Request, visitor: Visitor, application: str, interview: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.change_interview(request, visitor, application, interview)


@route(person_pages, "GET", "/applications/{application}/export", public=True)
@signed_in
def get_person_export(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.download(request, visitor, application)


@route(person_pages, "POST", "/applications/{application}/erase", public=True)
@signed_in
def post_erase(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.erase(request, visitor, application)


@route(person_pages, "GET", "/applications/{application}/interviews/{interview}/move", public=True)
@signed_in
def get_move_interview(request: Request, visitor: Visitor, application: str, interview: str) -> Response:
    from chalicelib.web import move_interview

    return move_interview.form(request, visitor, application, interview)


@route(person_pages, "POST", "/applications/{application}/interviews/{interview}/move", public=True)
@signed_in
def post_move_interview(request: Request, visitor: Visitor, application: str, interview: str) -> Response:
    from chalicelib.web import move_interview

    return move_interview.save(request, visitor, application, interview)


@route(person_pages, "GET", "/candidates/{candidate}", public=True)
@signed_in
def get_person(request: Request, visitor: Visitor, candidate: str) -> Response:
    from chalicelib.web import person_page

    return person_page.show(request, visitor, candidate)


@route(person_pages, "POST", "/candidates/{candidate}", public=True)
@signed_in
def post_person(request: Request, visitor: Visitor, candidate: str) -> Response:
    from chalicelib.web import person_page

    return person_page.save(request, visitor, candidate)


@route(person_pages, "GET", "/candidates/{candidate}/export", public=True)
@signed_in
def get_export_of_person(request: Request, visitor: Visitor, candidate: str) -> Response:
    from chalicelib.web import person_page

    return person_page.download(request, visitor, candidate)


@route(person_pages, "POST", "/candidates/{candidate}/erase", public=True)
@signed_in
def post_erase_person(request: Request, visitor: Visitor, candidate: str) -> Response:
    from chalicelib.web import person_page

    return person_page.erase(request, visitor, candidate)
