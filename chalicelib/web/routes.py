"""Routes of the pages: every address that a person opens in a browser.

Each route imports its page on first use, so API clients and ticks do not pay for pages at a cold start.
"""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.auth.sessions import Visitor
from chalicelib.web.page_support import open_to_all, signed_in

pages = Blueprint(__name__)


@route(pages, "GET", "/", public=True)
@signed_in
def get_today(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import today

    return today.show(request, visitor)


@route(pages, "POST", "/applications/{application}/contacts", public=True)
@signed_in
def log_contact(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import contacts

    return contacts.log(request, visitor, application)


@route(pages, "POST", "/applications/{application}/contacts/{contact}/undo", public=True)
@signed_in
def undo_contact(request: Request, visitor: Visitor, application: str, contact: str) -> Response:
    from chalicelib.web import contacts

    return contacts.undo(request, visitor, application, contact)


@route(pages, "GET", "/applications/{application}", public=True)
@signed_in
def get_application(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import application_page

    return application_page.show(request, visitor, application)


@route(pages, "POST", "/applications/{application}/decided", public=True)
@signed_in
def post_decided(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import application_page

    return application_page.decide(request, visitor, application)


@route(pages, "GET", "/privacy/{employer}", public=True)
@open_to_all
def get_privacy(request: Request, employer: str) -> Response:
    from chalicelib.web import sender_pages

    return sender_pages.privacy(request, employer)


@route(pages, "GET", "/sms-terms/{employer}", public=True)
@open_to_all
def get_sms_terms(request: Request, employer: str) -> Response:
    from chalicelib.web import sender_pages

    return sender_pages.sms_terms(request, employer)


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


@route(pages, "GET", "/applications/{application}/person", public=True)
@signed_in
def get_edit_person(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.edit(request, visitor, application)


@route(pages, "POST", "/applications/{application}/person", public=True)
@signed_in
def post_edit_person(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.save(request, visitor, application)


@route(pages, "POST", "/applications/{application}/status", public=True)
@signed_in
def post_status(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.change_status(request, visitor, application)


@route(pages, "POST", "/applications/{application}/interviews/{interview}", public=True)
@signed_in
def post_interview_change(request: Request, visitor: Visitor, application: str, interview: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.change_interview(request, visitor, application, interview)


@route(pages, "GET", "/applications/{application}/export", public=True)
@signed_in
def get_person_export(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.download(request, visitor, application)


@route(pages, "POST", "/applications/{application}/erase", public=True)
@signed_in
def post_erase(request: Request, visitor: Visitor, application: str) -> Response:
    from chalicelib.web import person_actions

    return person_actions.erase(request, visitor, application)


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


@route(pages, "GET", "/settings", public=True)
@signed_in
def get_settings(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import settings

    return settings.show(request, visitor)


@route(pages, "POST", "/settings", public=True)
@signed_in
def post_settings(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import settings

    return settings.save(request, visitor)


@route(pages, "POST", "/settings/preview", public=True)
@signed_in
def post_preview(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import settings

    return settings.preview(request, visitor)


@route(pages, "POST", "/settings/sessions/{session}/end", public=True)
@signed_in
def end_session(request: Request, visitor: Visitor, session: str) -> Response:
    from chalicelib.web import team_settings

    return team_settings.end_session(request, visitor, session)


@route(pages, "POST", "/settings/people", public=True)
@signed_in
def add_person(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import team_settings

    return team_settings.add_person(request, visitor)


@route(pages, "POST", "/settings/people/{person}", public=True)
@signed_in
def change_person(request: Request, visitor: Visitor, person: str) -> Response:
    from chalicelib.web import team_settings

    return team_settings.change_person(request, visitor, person)


@route(pages, "POST", "/settings/keys", public=True)
@signed_in
def add_key(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import team_settings

    return team_settings.add_key(request, visitor)


@route(pages, "POST", "/settings/keys/{key}/revoke", public=True)
@signed_in
def revoke_key(request: Request, visitor: Visitor, key: str) -> Response:
    from chalicelib.web import team_settings

    return team_settings.revoke_key(request, visitor, key)


@route(pages, "GET", "/f/{token}", public=True)
@open_to_all
def get_candidate_page(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.show(request, token)


@route(pages, "POST", "/f/{token}", public=True)
@open_to_all
def post_answer(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.answer(request, token)


@route(pages, "GET", "/f/{token}/calendar.ics", public=True)
@open_to_all
def get_calendar(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.calendar(request, token)


@route(pages, "POST", "/f/{token}/keep_no_longer", public=True)
@open_to_all
def post_keep_no_longer(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.keep_no_longer(request, token)


@route(pages, "POST", "/f/{token}/stop", public=True)
@open_to_all
def post_stop(request: Request, token: str) -> Response:
    from chalicelib.web import candidate_page

    return candidate_page.stop(request, token)


@route(pages, "POST", "/holding-notices", public=True)
@signed_in
def post_holding_notices(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import notices

    return notices.send(request, visitor)


@route(pages, "GET", "/sign-in", public=True)
@open_to_all
def get_sign_in(request: Request) -> Response:
    from chalicelib.web import sign_in

    return sign_in.form(request)


@route(pages, "POST", "/sign-in", public=True)
@open_to_all
def post_sign_in(request: Request) -> Response:
    from chalicelib.web import sign_in

    return sign_in.send_link(request)


@route(pages, "GET", "/invitations/{token}", public=True)
@open_to_all
def get_invitation(request: Request, token: str) -> Response:
    from chalicelib.web import sign_in

    return sign_in.show_invitation(request, token)


@route(pages, "POST", "/invitations/{token}", public=True)
@open_to_all
def post_invitation(request: Request, token: str) -> Response:
    from chalicelib.web import sign_in

    return sign_in.accept_invitation(request, token)


@route(pages, "GET", "/sign-in/{token}", public=True)
@open_to_all
def get_sign_in_link(request: Request, token: str) -> Response:
    from chalicelib.web import sign_in

    return sign_in.show(request, token)


@route(pages, "POST", "/sign-in/{token}", public=True)
@open_to_all
def post_sign_in_link(request: Request, token: str) -> Response:
    from chalicelib.web import sign_in

    return sign_in.sign_in(request, token)


@route(pages, "POST", "/sign-out", public=True)
@signed_in
def sign_out(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import sign_in

    return sign_in.sign_out(request, visitor, everywhere=False)


@route(pages, "POST", "/sign-out-everywhere", public=True)
@signed_in
def sign_out_everywhere(request: Request, visitor: Visitor) -> Response:
    from chalicelib.web import sign_in

    return sign_in.sign_out(request, visitor, everywhere=True)


@route(pages, "GET", "/static/{name}", public=True)
@open_to_all
def get_static(request: Request, name: str) -> Response:
    from chalicelib.web import static_files

    return static_files.get(request, name)


@route(pages, "GET", "/reports/risk", public=True)
def get_report(request: Request) -> Response:
    from chalicelib.web import report_page

    return report_page.show(request)


@route(pages, "GET", "/reports/risk.csv", public=True)
def get_report_csv(request: Request) -> Response:
    from chalicelib.web import report_page

    return report_page.spreadsheet(request)


@route(pages, "GET", "/docs", public=True)
def get_docs(request: Request) -> Response:  # noqa: ARG001
    from chalicelib.web import docs_page

    return docs_page.show()
