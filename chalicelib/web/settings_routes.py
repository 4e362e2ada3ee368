"""Routes of the settings pages.

Each route imports its page on first use, so API clients and ticks do not pay for pages at a cold start.
"""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.sessions import Visitor
from chalicelib.web.page_support import signed_in

settings_pages = Blueprint(__name__)


@route(settings_pages, "GET", "/settings", public=True)
@signed_in
def get_settings(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import settings

    return settings.show(request, visitor)


@route(settings_pages, "POST", "/settings", public=True)
@signed_in
def post_settings(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import settings

    return settings.save(request, visitor)


@route(settings_pages, "POST", "/settings/preview", public=True)
@signed_in
def post_preview(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import settings

    return settings.preview(request, visitor)


@route(settings_pages, "POST", "/settings/logo", public=True)
@signed_in
def post_logo(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import logo

    return logo.save(request, visitor)


@route(settings_pages, "POST", "/settings/test-reminder", public=True)
@signed_in
def post_test_reminder(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import try_reminder

    return try_reminder.send(request, visitor)


@route(settings_pages, "GET", "/settings/test-text", public=True)
@signed_in
def get_test_text(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import try_text

    return try_text.show(request, visitor)


@route(settings_pages, "POST", "/settings/test-text", public=True)
@signed_in
def post_test_text(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import try_text

    return try_text.send(request, visitor)


@route(settings_pages, "POST", "/settings/sessions/{session}/end", public=True)
@signed_in
def end_session(request: Request, visitor: Visitor, session: str) -> Response:
    from chalicelib.web import team_settings

    return team_settings.end_session(request, visitor, session)


@route(settings_pages, "POST", "/settings/people", public=True)
@signed_in
def add_person(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import team_settings

    return team_settings.add_person(request, visitor)


@route(settings_pages, "POST", "/settings/people/{person}", public=True)
@signed_in
def change_person(request: Request, visitor: Visitor, person: str) -> Response:
    from chalicelib.web import team_settings

    return team_settings.change_person(request, visitor, person)


@route(settings_pages, "POST", "/settings/keys", public=True)
@signed_in
def add_key(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import team_settings

    return team_settings.add_key(request, visitor)


@route(settings_pages, "POST", "/settings/keys/{key}/revoke", public=True)
@signed_in
def revoke_key(request: Request, visitor: Visitor, key: str) -> Response:
    from chalicelib.web import team_settings

    return team_settings.revoke_key(request, visitor, key)


@route(settings_pages, "GET", "/settings/connections", public=True)
@signed_in
def get_connections(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import connections_page

    return connections_page.show(request, visitor)


@route(settings_pages, "GET", "/settings/connections/new/{system}", public=True)
@signed_in
def get_new_connection(request: Request, visitor: Visitor, system: str) -> Response:
    from chalicelib.web import connections_page

    return connections_page.form(request, visitor, system)


@route(settings_pages, "POST", "/settings/connections/new/{system}", public=True)
@signed_in
def post_new_connection(request: Request, visitor: Visitor, system: str) -> Response:
    from chalicelib.web import connections_page

    return connections_page.create(request, visitor, system)


@route(settings_pages, "GET", "/settings/connections/{connection}", public=True)
@signed_in
def get_connection(request: Request, visitor: Visitor, connection: str) -> Response:
    from chalicelib.web import connections_page

    return connections_page.open_one(request, visitor, connection)


@route(settings_pages, "POST", "/settings/connections/{connection}", public=True)
@signed_in
def post_connection(request: Request, visitor: Visitor, connection: str) -> Response:
    from chalicelib.web import connections_page

    return connections_page.change(request, visitor, connection)


@route(settings_pages, "GET", "/settings/webhooks", public=True)
@signed_in
def get_webhooks(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import webhooks_page

    return webhooks_page.show(request, visitor)


@route(settings_pages, "POST", "/settings/webhooks", public=True)
@signed_in
def post_webhook(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import webhooks_page

    return webhooks_page.create(request, visitor)


@route(settings_pages, "POST", "/settings/webhooks/{endpoint}", public=True)
@signed_in
def post_webhook_change(request: Request, visitor: Visitor, endpoint: str) -> Response:
    from chalicelib.web import webhooks_page

    return webhooks_page.change(request, visitor, endpoint)


@route(settings_pages, "GET", "/settings/single-sign-on", public=True)
@signed_in
def get_sso_settings(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import single_sign_on_settings

    return single_sign_on_settings.show(request, visitor)


@route(settings_pages, "POST", "/settings/single-sign-on", public=True)
@signed_in
def post_sso_settings(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import single_sign_on_settings

    return single_sign_on_settings.save(request, visitor)
