"""Routes of the operator's pages.

Each route imports its page on first use, so API clients and ticks do not pay for pages at a cold start.
"""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.web.operator_session import operators_only
from chalicelib.web.page_support import open_to_all

operator_pages = Blueprint(__name__)


@route(operator_pages, "GET", "/operator", public=True)
@operators_only
def get_operator(request: Request) -> Response:
    from chalicelib.web import operator_pages as page

    return page.show(request)


@route(operator_pages, "POST", "/operator", public=True)
@operators_only
def post_operator(request: Request) -> Response:
    from chalicelib.web import operator_pages as page

    return page.create(request)


@route(operator_pages, "GET", "/operator/key", public=True)
@open_to_all
def get_operator_key(request: Request) -> Response:
    from chalicelib.web import operator_pages as page

    return page.ask_key(request)


@route(operator_pages, "POST", "/operator/key", public=True)
@open_to_all
def post_operator_key(request: Request) -> Response:
    from chalicelib.web import operator_pages as page

    return page.take_key(request)


@route(operator_pages, "POST", "/operator/leave", public=True)
@operators_only
def post_operator_leave(request: Request) -> Response:
    from chalicelib.web import operator_pages as page

    return page.leave(request)


@route(operator_pages, "GET", "/operator/{employer}", public=True)
@operators_only
def get_operator_employer(request: Request, employer: str) -> Response:
    from chalicelib.web import operator_pages as page

    return page.open_one(request, employer)


@route(operator_pages, "POST", "/operator/{employer}", public=True)
@operators_only
def post_operator_employer(request: Request, employer: str) -> Response:
    from chalicelib.web import operator_pages as page

    return page.change(request, employer)
