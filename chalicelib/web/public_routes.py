"""Routes of pages that need no sign-in: those of candidates, signing in and out, static files.

Each route imports its page on first use, so API clients and ticks do not pay for pages at a cold start.
"""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.sessions import Visitor
from chalicelib.web.page_support import open_to_all, signed_in

public_pages = Blueprint(__name__)


@route(public_pages, "GET", "/privacy/{employer}", public=True)
@open_to_all
def get_privacy(request: Request, employer: str) -> Response:
    from chalicelib.web import sender_pages

    return sender_pages.privacy(request, employer)


@route(public_pages, "GET", "/sms-terms/{employer}", public=True)
@open_to_all
def get_sms_terms(request: Request, employer: str) -> Response:
    from chalicelib.web import sender_pages

    return sender_pages.sms_terms(request, employer)


@route(public_pages, "GET", "/heard-back/{employer}", public=True)
@open_to_all
def get_heard_back(request: Request, employer: str) -> Response:
    from chalicelib.web import heard_back_page

    return heard_back_page.page(request, employer)


@route(public_pages, "GET", "/heard-back/{employer}/rate.json", public=True)
@open_to_all
def get_heard_back_figures(request: Request, employer: str) -> Response:
    from chalicelib.web import heard_back_page

    return heard_back_page.figures(request, employer)


@route(public_pages, "GET", "/heard-back/{employer}/badge.svg", public=True)
@open_to_all
def get_heard_back_badge(request: Request, employer: str) -> Response:
    from chalicelib.web import heard_back_page

    return heard_back_page.badge(request, employer)


@route(public_pages, "GET", "/.well-known/heard-back-keys.json", public=True)
@open_to_all
def get_heard_back_keys(request: Request) -> Response:
    from chalicelib.web import heard_back_page

    return heard_back_page.public_keys(request)


@route(public_pages, "GET", "/f/{token}", public=True)
@open_to_all
def get_candidate_page(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.show(request, token)


@route(public_pages, "POST", "/f/{token}", public=True)
@open_to_all
def post_answer(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.answer(request, token)


@route(public_pages, "GET", "/f/{token}/calendar.ics", public=True)
@open_to_all
def get_calendar(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_calendar

    return candidate_calendar.calendar(request, token)


@route(public_pages, "POST", "/f/{token}/keep_no_longer", public=True)
@open_to_all
def post_keep_no_longer(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.keep_no_longer(request, token)


@route(public_pages, "POST", "/f/{token}/why", public=True)
@open_to_all
def post_why(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.ask_why(request, token)


@route(public_pages, "POST", "/f/{token}/experience", public=True)
@open_to_all
def post_experience(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.say_how_it_was(request, token)


@route(public_pages, "POST", "/f/{token}/stop", public=True)
@open_to_all
def post_stop(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.stop(request, token)


@route(public_pages, "GET", "/c/{token}", public=True)
@open_to_all
def get_check_in(request: Request, token: str) -> Response:
    from chalicelib.web import check_in_page

    return check_in_page.show(request, token)


@route(public_pages, "POST", "/c/{token}", public=True)
@open_to_all
def post_check_in(request: Request, token: str) -> Response:
    from chalicelib.web import check_in_page

    return check_in_page.save(request, token)


@route(public_pages, "GET", "/d/{token}", public=True)
@open_to_all
def get_decide_page(request: Request, token: str) -> Response:
    from chalicelib.web import decide_page

    return decide_page.show(request, token)


@route(public_pages, "POST", "/d/{token}", public=True)
@open_to_all
def post_decision(request: Request, token: str) -> Response:
    from chalicelib.web import decide_page

    return decide_page.save(request, token)


@route(public_pages, "GET", "/sign-in", public=True)
@open_to_all
def get_sign_in(request: Request) -> Response:
    from chalicelib.web import sign_in

    return sign_in.form(request)


@route(public_pages, "POST", "/sign-in", public=True)
@open_to_all
def post_sign_in(request: Request) -> Response:
    from chalicelib.web import sign_in

    return sign_in.send_link(request)


@route(public_pages, "GET", "/invitations/{token}", public=True)
@open_to_all
def get_invitation(request: Request, token: str) -> Response:
    from chalicelib.web import sign_in

    return sign_in.show_invitation(request, token)


@route(public_pages, "POST", "/invitations/{token}", public=True)
@open_to_all
def post_invitation(request: Request, token: str) -> Response:
    from chalicelib.web import sign_in

    return sign_in.accept_invitation(request, token)


@route(public_pages, "POST", "/sign-in-code", public=True)
@open_to_all
def post_sign_in_code(request: Request) -> Response:
    from chalicelib.web import sign_in

    return sign_in.enter_code(request)


@route(public_pages, "GET", "/problems/{code}", public=True)
@open_to_all
def get_problem(request: Request, code: str) -> Response:
    from chalicelib.web import problem_page

    return problem_page.show(request, code)


@route(public_pages, "GET", "/sso/{employer}", public=True)
@open_to_all
def get_sso(request: Request, employer: str) -> Response:
    from chalicelib.web import single_sign_on

    return single_sign_on.start(request, employer)


@route(public_pages, "GET", "/sso-callback/{employer}", public=True)
@open_to_all
def get_sso_callback(request: Request, employer: str) -> Response:
    from chalicelib.web import single_sign_on

    return single_sign_on.callback(request, employer)


@route(public_pages, "GET", "/sign-in/{token}", public=True)
@open_to_all
def get_sign_in_link(request: Request, token: str) -> Response:
    from chalicelib.web import sign_in

    return sign_in.show(request, token)


@route(public_pages, "POST", "/sign-in/{token}", public=True)
@open_to_all
def post_sign_in_link(request: Request, token: str) -> Response:
    from chalicelib.web import sign_in

    return sign_in.sign_in(request, token)


@route(public_pages, "POST", "/sign-out", public=True)
@signed_in
def sign_out(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import sign_in

    return sign_in.sign_out(request, visitor, everywhere=False)


@route(public_pages, "POST", "/sign-out-everywhere", public=True)
@signed_in
def sign_out_everywhere(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import sign_in

    return sign_in.sign_out(request, visitor, everywhere=True)


@route(public_pages, "GET", "/logo/{employer}/{name}", public=True)
@open_to_all
def get_logo(request: Request, employer: str, name: str) -> Response:
    from chalicelib.web import logo

    return logo.get(request, employer, name)


@route(public_pages, "GET", "/static/{name}", public=True)
@open_to_all
def get_static(request: Request, name: str) -> Response:
    from chalicelib.web import static_files

    return static_files.get(request, name)


@route(public_pages, "GET", "/docs", public=True)
def get_docs(request: Request) -> Response:  # noqa: ARG001
    from chalicelib.web import docs_page

    return docs_page.show()


@route(public_pages, "GET", "/{page}", public=True)
@route(public_pages, "GET", "/people/{page}", public=True)
@route(public_pages, "GET", "/people/{page}/{deeper}", public=True)
@route(public_pages, "GET", "/settings/{page}", public=True)
@route(public_pages, "GET", "/settings/{page}/{deeper}", public=True)
@route(public_pages, "GET", "/reports/{page}", public=True)
def get_unknown(request: Request, **_: str) -> Response:
    from chalicelib.web import page_support

    return page_support.unknown(request)
