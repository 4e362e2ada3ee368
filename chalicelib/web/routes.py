"""Routes of the pages about many people: Today, People, Inbox, import, letters, notices, and the report.

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


@route(pages, "POST", "/inbox/seen", public=True)
@signed_in
def post_all_seen(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import inbox_page

    return inbox_page.mark_page_seen(request, visitor)


@route(pages, "POST", "/inbox/{reply}/seen", public=True)
@signed_in
def post_seen(request: Request, visitor: Visitor, reply: str) -> Response:
    from chalicelib.web import inbox_page

    return inbox_page.mark_seen(request, visitor, reply)


@route(pages, "GET", "/people/cards", public=True)
@signed_in
def get_cards_page(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import check_in_cards_page

    return check_in_cards_page.show(request, visitor)


@route(pages, "POST", "/people/cards", public=True)
@signed_in
def post_cards_page(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import check_in_cards_page

    return check_in_cards_page.save(request, visitor)


@route(pages, "GET", "/people/cards/{card}", public=True)
@signed_in
def get_card_page(request: Request, visitor: Visitor, card: str) -> Response:
    from chalicelib.web import check_in_cards_page

    return check_in_cards_page.open_one(request, visitor, card)


@route(pages, "POST", "/people/cards/{card}/revoke", public=True)
@signed_in
def revoke_card_page(request: Request, visitor: Visitor, card: str) -> Response:
    from chalicelib.web import check_in_cards_page

    return check_in_cards_page.revoke(request, visitor, card)


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


@route(pages, "POST", "/holding-notices", public=True)
@signed_in
def post_holding_notices(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import notices

    return notices.send(request, visitor)


@route(pages, "POST", "/letters/preview", public=True)
@signed_in
def preview_letters(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import letters

    return letters.preview(request, visitor)


@route(pages, "POST", "/letters", public=True)
@signed_in
def post_letters_page(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import letters

    return letters.send(request, visitor)


@route(pages, "GET", "/letters/{letter}", public=True)
@signed_in
def get_letters_page(request: Request, visitor: Visitor, letter: str) -> Response:
    from chalicelib.web import letters

    return letters.show(request, visitor, letter)


@route(pages, "POST", "/letters/{letter}/cancel", public=True)
@signed_in
def cancel_letters_page(request: Request, visitor: Visitor, letter: str) -> Response:
    from chalicelib.web import letters

    return letters.cancel(request, visitor, letter)


@route(pages, "GET", "/reports/risk", public=True)
def get_report(request: Request) -> Response:
    from chalicelib.web import report_page

    return report_page.show(request)


@route(pages, "GET", "/reports/people", public=True)
@signed_in
def get_report_people(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import report_people

    return report_people.show(request, visitor)


@route(pages, "POST", "/reports/share", public=True)
@signed_in
def post_share(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import report_page

    return report_page.share(request, visitor)


@route(pages, "POST", "/reports/heard-back", public=True)
@signed_in
def post_heard_back(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import heard_back_page

    return heard_back_page.change(request, visitor)


@route(pages, "GET", "/reports/risk.csv", public=True)
def get_report_csv(request: Request) -> Response:
    from chalicelib.web import report_page

    return report_page.spreadsheet(request)


@route(pages, "POST", "/holding-notices/preview", public=True)
@signed_in
def post_notices_preview(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import notices

    return notices.preview(request, visitor)


@route(pages, "GET", "/statutes", public=True)
@signed_in
def get_statutes_page(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import statutes_page

    return statutes_page.show(request, visitor)
