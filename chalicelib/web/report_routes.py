"""Routes of the report, and of letters and notices to several people.

Each route imports its page on first use, so API clients and ticks do not pay for pages at a cold start.
"""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.sessions import Visitor
from chalicelib.web.page_support import signed_in

report_pages = Blueprint(__name__)


@route(report_pages, "POST", "/holding-notices", public=True)
@signed_in
def post_holding_notices(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import notices

    return notices.send(request, visitor)


@route(report_pages, "POST", "/letters/preview", public=True)
@signed_in
def preview_letters(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import letters

    return letters.preview(request, visitor)


@route(report_pages, "POST", "/letters", public=True)
@signed_in
def post_letters_page(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import letters

    return letters.send(request, visitor)


@route(report_pages, "GET", "/letters/{letter}", public=True)
@signed_in
def get_letters_page(request: Request, visitor: Visitor, letter: str) -> Response:
    from chalicelib.web import letters

    return letters.show(request, visitor, letter)


@route(report_pages, "POST", "/letters/{letter}/cancel", public=True)
@signed_in
def cancel_letters_page(request: Request, visitor: Visitor, letter: str) -> Response:
    from chalicelib.web import letters

    return letters.cancel(request, visitor, letter)


@route(report_pages, "GET", "/reports/risk", public=True)
def get_report(request: Request) -> Response:
    from chalicelib.web import report_page

    return report_page.show(request)


@route(report_pages, "POST", "/reports/share", public=True)
@signed_in
def post_share(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import report_page

    return report_page.share(request, visitor)


@route(report_pages, "POST", "/reports/heard-back", public=True)
@signed_in
def post_heard_back(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import heard_back_page

    return heard_back_page.change(request, visitor)


@route(report_pages, "GET", "/reports/risk.csv", public=True)
def get_report_csv(request: Request) -> Response:
    from chalicelib.web import report_page

    return report_page.spreadsheet(request)


@route(report_pages, "POST", "/holding-notices/preview", public=True)
@signed_in
def post_notices_preview(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import notices

    return notices.preview(request, visitor)
