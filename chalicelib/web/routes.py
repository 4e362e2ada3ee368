"""Routes of the pages that list people: Today, People, Inbox, import.

Each route imports its page on first use, so API clients and ticks do not pay for pages at a cold start.
"""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.sessions import Visitor
from chalicelib.web.page_support import signed_in

pages = Blueprint(__name__)


@route(pages, "GET", "/", public=True)
@signed_in
def get_today(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import today

    return today.show(request, visitor)


@route(pages, "GET", "/people", public=True)
@signed_in
def get_people(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import people_page

    return people_page.show(request, visitor)


@route(pages, "GET", "/people/add", public=True)
@signed_in
def get_add_interview(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import add_interview

    return add_interview.form(request, visitor)


@route(pages, "POST", "/people/add", public=True)
@signed_in
def post_add_interview(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import add_interview

    return add_interview.save(request, visitor)


@route(pages, "GET", "/inbox", public=True)
@signed_in
def get_inbox(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import inbox_page

    return inbox_page.show(request, visitor)


@route(pages, "POST", "/inbox/{reply}/seen", public=True)
@signed_in
def post_seen(request: Request, visitor: Visitor, reply: str) -> Response:
    from chalicelib.web import inbox_page

    return inbox_page.mark_seen(request, visitor, reply)


@route(pages, "GET", "/people/import", public=True)
@signed_in
def get_import_page(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import import_page

    return import_page.form(request, visitor)


@route(pages, "POST", "/people/import", public=True)
@signed_in
def post_import_page(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import import_page

    return import_page.save(request, visitor)


@route(pages, "GET", "/people/import/{started}", public=True)
@signed_in
def get_import_progress(request: Request, visitor: Visitor, started: str) -> Response:
    from chalicelib.web import import_page

    return import_page.progress(request, visitor, started)


@route(pages, "GET", "/people/import/{started}/faults", public=True)
@signed_in
def get_import_faults(request: Request, visitor: Visitor, started: str) -> Response:
    from chalicelib.web import import_page

    return import_page.faults(request, visitor, started)


@route(pages, "GET", "/waiting", public=True)
@signed_in
def get_waiting(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import waiting_page

    return waiting_page.show(request, visitor)


@route(pages, "GET", "/waiting/file", public=True)
@signed_in
def get_waiting_file(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import waiting_page

    return waiting_page.download(request, visitor)
