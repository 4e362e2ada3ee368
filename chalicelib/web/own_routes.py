"""Routes of the pages of job seekers. Each imports its page on first use."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.sessions import Visitor
from chalicelib.web.page_support import for_seekers, open_to_all

own_pages = Blueprint(__name__)


@route(own_pages, "GET", "/my", public=True)
@for_seekers
def get_my(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_list

    return own_list.show(request, visitor)


@route(own_pages, "GET", "/my/start", public=True)
@open_to_all
def get_start(request: Request) -> Response:
    from chalicelib.web import own_account

    return own_account.start(request)


@route(own_pages, "POST", "/my/start", public=True)
@open_to_all
def post_start(request: Request) -> Response:
    from chalicelib.web import own_account

    return own_account.sign_up_by_form(request)


@route(own_pages, "POST", "/my/interviews", public=True)
@for_seekers
def post_my_interview(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_list

    return own_list.add(request, visitor)


@route(own_pages, "POST", "/my/calendar", public=True)
@for_seekers
def post_my_calendar(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_list

    return own_list.calendar(request, visitor)


@route(own_pages, "POST", "/my/invitation_address", public=True)
@for_seekers
def post_my_invitation_address(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_list

    return own_list.change_invitation_address(request, visitor)


@route(own_pages, "GET", "/my/interviews/{interview}", public=True)
@for_seekers
def get_my_interview(request: Request, visitor: Visitor, interview: str) -> Response:
    from chalicelib.web import own_list

    return own_list.show_one(request, visitor, interview)


@route(own_pages, "POST", "/my/interviews/{interview}/outcomes", public=True)
@for_seekers
def post_my_outcome(request: Request, visitor: Visitor, interview: str) -> Response:
    from chalicelib.web import own_list

    return own_list.record(request, visitor, interview)


@route(own_pages, "POST", "/my/interviews/{interview}/delete", public=True)
@for_seekers
def post_my_delete(request: Request, visitor: Visitor, interview: str) -> Response:
    from chalicelib.web import own_list

    return own_list.delete(request, visitor, interview)


@route(own_pages, "POST", "/my/interviews/{interview}/unlink", public=True)
@for_seekers
def post_my_unlink(request: Request, visitor: Visitor, interview: str) -> Response:
    from chalicelib.web import own_linking

    return own_linking.unlink(request, visitor, interview)


@route(own_pages, "GET", "/my/link/{token}", public=True)
@for_seekers
def get_my_link(request: Request, visitor: Visitor, token: str) -> Response:
    from chalicelib.web import own_linking

    return own_linking.show(request, visitor, token)


@route(own_pages, "POST", "/my/link/{token}", public=True)
@for_seekers
def post_my_link(request: Request, visitor: Visitor, token: str) -> Response:
    from chalicelib.web import own_linking

    return own_linking.link(request, visitor, token)


@route(own_pages, "POST", "/my/language", public=True)
@for_seekers
def post_my_language(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_account

    return own_account.choose_language(request, visitor)


@route(own_pages, "GET", "/my/phone", public=True)
@for_seekers
def get_my_phone(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_account

    return own_account.phone_page(request, visitor)


@route(own_pages, "POST", "/my/phone", public=True)
@for_seekers
def post_my_phone(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_account

    return own_account.send_code(request, visitor)


@route(own_pages, "POST", "/my/phone/confirm", public=True)
@for_seekers
def post_my_phone_code(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_account

    return own_account.confirm(request, visitor)


@route(own_pages, "GET", "/my/export", public=True)
@for_seekers
def get_my_export(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_account

    return own_account.download(request, visitor)


@route(own_pages, "GET", "/my/erase", public=True)
@for_seekers
def get_my_erase(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_account

    return own_account.ask_to_erase(request, visitor)


@route(own_pages, "POST", "/my/erase", public=True)
@for_seekers
def post_my_erase(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import own_account

    return own_account.erase(request, visitor)
