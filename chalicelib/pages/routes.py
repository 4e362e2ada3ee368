"""The pages' doors. Every address that a person opens.

Each imports its page when it is asked for: no client of the API, and no tick, waits for pages at a cold start.
"""

from __future__ import annotations

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.access.routes import Call, Reply, route
from chalicelib.access.signin.sessions import Visitor
from chalicelib.pages.door import open_to_all, signed_in

pages = Blueprint(__name__)


@route(pages, "GET", "/", public=True)
@signed_in
def get_today(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import today

    return today.show(call, visitor)


@route(pages, "POST", "/applications/{application}/contacts", public=True)
@signed_in
def log_contact(call: Call, visitor: Visitor, application: str) -> Reply:
    from chalicelib.pages import contacts

    return contacts.log(call, visitor, application)


@route(pages, "POST", "/applications/{application}/contacts/{contact}/undo", public=True)
@signed_in
def undo_contact(call: Call, visitor: Visitor, application: str, contact: str) -> Reply:
    from chalicelib.pages import contacts

    return contacts.undo(call, visitor, application, contact)


@route(pages, "GET", "/applications/{application}", public=True)
@signed_in
def get_application(call: Call, visitor: Visitor, application: str) -> Reply:
    from chalicelib.pages import application as one_application

    return one_application.show(call, visitor, application)


@route(pages, "POST", "/applications/{application}/decided", public=True)
@signed_in
def post_decided(call: Call, visitor: Visitor, application: str) -> Reply:
    from chalicelib.pages import application as one_application

    return one_application.decide(call, visitor, application)


@route(pages, "GET", "/settings", public=True)
@signed_in
def get_settings(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import settings

    return settings.show(call, visitor)


@route(pages, "POST", "/settings", public=True)
@signed_in
def post_settings(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import settings

    return settings.save(call, visitor)


@route(pages, "POST", "/settings/preview", public=True)
@signed_in
def post_preview(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import settings

    return settings.preview(call, visitor)


@route(pages, "POST", "/settings/people", public=True)
@signed_in
def add_person(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import settings

    return settings.add_person(call, visitor)


@route(pages, "POST", "/settings/people/{person}", public=True)
@signed_in
def change_person(call: Call, visitor: Visitor, person: str) -> Reply:
    from chalicelib.pages import settings

    return settings.change_person(call, visitor, person)


@route(pages, "POST", "/settings/keys", public=True)
@signed_in
def add_key(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import settings

    return settings.add_key(call, visitor)


@route(pages, "POST", "/settings/keys/{key}/revoke", public=True)
@signed_in
def revoke_key(call: Call, visitor: Visitor, key: str) -> Reply:
    from chalicelib.pages import settings

    return settings.revoke_key(call, visitor, key)


@route(pages, "GET", "/f/{token}", public=True)
@open_to_all
def get_candidate_page(call: Call, token: str) -> Reply:
    from chalicelib.pages import candidate

    return candidate.show(call, token)


@route(pages, "POST", "/f/{token}", public=True)
@open_to_all
def post_answer(call: Call, token: str) -> Reply:
    from chalicelib.pages import candidate

    return candidate.answer(call, token)


@route(pages, "GET", "/f/{token}/calendar.ics", public=True)
@open_to_all
def get_calendar(call: Call, token: str) -> Reply:
    from chalicelib.pages import candidate

    return candidate.calendar(call, token)


@route(pages, "POST", "/f/{token}/keep_no_longer", public=True)
@open_to_all
def post_keep_no_longer(call: Call, token: str) -> Reply:
    from chalicelib.pages import candidate

    return candidate.keep_no_longer(call, token)


@route(pages, "POST", "/f/{token}/stop", public=True)
@open_to_all
def post_stop(call: Call, token: str) -> Reply:
    from chalicelib.pages import candidate

    return candidate.stop(call, token)


@route(pages, "POST", "/holding-notices", public=True)
@signed_in
def post_holding_notices(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import notices

    return notices.send(call, visitor)


@route(pages, "GET", "/sign-in", public=True)
@open_to_all
def get_sign_in(call: Call) -> Reply:
    from chalicelib.pages import signing_in

    return signing_in.ask(call)


@route(pages, "POST", "/sign-in", public=True)
@open_to_all
def post_sign_in(call: Call) -> Reply:
    from chalicelib.pages import signing_in

    return signing_in.mail(call, wiring.channels)


@route(pages, "GET", "/sign-in/{token}", public=True)
@open_to_all
def get_sign_in_link(call: Call, token: str) -> Reply:
    from chalicelib.pages import signing_in

    return signing_in.show(call, token)


@route(pages, "POST", "/sign-in/{token}", public=True)
@open_to_all
def post_sign_in_link(call: Call, token: str) -> Reply:
    from chalicelib.pages import signing_in

    return signing_in.enter(call, token)


@route(pages, "POST", "/sign-out", public=True)
@signed_in
def sign_out(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import signing_in

    return signing_in.leave(call, visitor, everywhere=False)


@route(pages, "POST", "/sign-out-everywhere", public=True)
@signed_in
def sign_out_everywhere(call: Call, visitor: Visitor) -> Reply:
    from chalicelib.pages import signing_in

    return signing_in.leave(call, visitor, everywhere=True)


@route(pages, "GET", "/static/{name}", public=True)
@open_to_all
def get_static(call: Call, name: str) -> Reply:
    from chalicelib.pages import static

    return static.get(call, name)
