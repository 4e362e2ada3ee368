"""What all pages share: who may open them, their frame and headers, and errors as pages."""

from __future__ import annotations

import functools
import logging
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from chalicelib.api import forms, idempotency, idempotency_record
from chalicelib.api.forms import Form
from chalicelib.api.idempotency_record import Slot
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth import sessions
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.errors import ApiError, ConditionFailed, Conflict, Forbidden, HeardbackError, NotFound, TableError, Unprocessable
from chalicelib.storage.ids import is_id

if TYPE_CHECKING:
    from chalicelib.rules.copy.language import Catalogue

View = Callable[..., Response]
_log = logging.getLogger("heardback")
_OWN_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9_~.,:;@!$&'()*+=/?%-]{0,500}", re.ASCII)
_TRIES, _PAUSE_SECONDS = 30, 0.1
"""How long a second press waits for what the first one is doing, such as handing over a mail."""
_CONFLICTS = {"duplicate_person": "This person is already on your team", "own_role": "Another manager has to do this"}
_OF_EVERYBODY = ("/sign-out", "/sign-out-everywhere")
_AGAIN = "Others changed the same records at the same time, or the table did not answer. Please try again."


def signed_in(view: View) -> View:
    """Decorate a view for people at an employer. It gets the visitor; everybody else is sent to the sign-in page."""

    @functools.wraps(view)
    def handle(request: Request, **params: str) -> Response:
        visitor: Visitor | None = None
        try:
            visitor = sessions.read(request.headers, request.method, request.now)
            if visitor and visitor.employer.seeker and request.path not in _OF_EVERYBODY:
                response = see_other(request, "/my")
            else:
                response = view(request, visitor, **params) if visitor else signed_out(request)
        except Exception as error:  # the one place where errors become pages
            response = error_page(error, request, visitor)
        if visitor and visitor.set_cookie:
            response.headers.setdefault("Set-Cookie", visitor.set_cookie)
        return response

    return handle


def for_seekers(view: View) -> View:
    """Decorate a view for job seekers. Who is not signed in may start; people of employers are sent to their own pages."""

    @functools.wraps(view)
    def handle(request: Request, **params: str) -> Response:
        visitor: Visitor | None = None
        try:
            visitor = sessions.read(request.headers, request.method, request.now)
            if visitor is None:
                response = signed_out(request, _to_start if settings().seekers_open else _to_sign_in)
            else:
                response = view(request, visitor, **params) if visitor.employer.seeker else see_other(request, "/")
        except Exception as error:  # the one place where errors become pages
            response = error_page(error, request, visitor)
        if visitor and visitor.set_cookie:
            response.headers.setdefault("Set-Cookie", visitor.set_cookie)
        return response

    return handle


def _to_sign_in(request: Request) -> Response:
    """Redirect to the sign-in page, which leads back to the page that was asked for."""
    return see_other(request, f"/sign-in{_back(request)}")


def _to_start(request: Request) -> Response:
    """Redirect to the sign-up of job seekers, which leads back to the link that somebody came with."""
    return see_other(request, f"/my/start{_back(request) if request.path.startswith('/my/link/') else ''}")


def _back(request: Request) -> str:
    """Return the query by which a sign-in leads back to the page that was asked for; empty for the first page."""
    asked = f"{request.path}?{urlencode(request.query, doseq=True)}" if request.query else request.path
    back = safe_path(asked) if request.method == "GET" and not request.headers.get("hx-request") else "/"
    return "" if back == "/" else f"?next={quote(back, safe='')}"


def signed_out(request: Request, leads_to: Callable[[Request], Response] = _to_sign_in) -> Response:
    """Answer somebody who is not signed in, or no longer: what they have just typed is kept on the page."""
    from chalicelib.web import kept_form  # late: only a form that cannot be saved needs it

    if request.path in _OF_EVERYBODY or not (kept := kept_form.of(request)):
        return leads_to(request)
    words = "Sign in again in a new tab. Then come back to this one and save again: what you typed is still here."
    return _kept_page(request, None, 403, "You have been signed out", words, kept)


def _kept_page(
    request: Request,
    visitor: Visitor | None,
    status: int,
    title: str,
    words: str,
    kept: list[tuple[str, str]],
    *,
    again: bool = True,
) -> Response:
    """Render what was typed, and a button that sends the same form again where that may help."""
    from chalicelib.web import kept_form

    values = {"title": title, "words": words, "kept": kept, "typed": kept_form.typed(kept), "again": again}
    return page("kept_form.html", request, visitor, status, **values)


def safe_path(text: str) -> str:
    """Return a path of our own pages, or "/" for anything else: a sign-in must not lead to another site."""
    return text if _OWN_PATH.fullmatch(text) and not text.startswith(("/sign-", "/v1/")) else "/"


def open_to_all(view: View) -> View:
    """Decorate a view that needs no sign-in: its errors become pages."""

    @functools.wraps(view)
    def handle(request: Request, **params: str) -> Response:
        try:
            return view(request, **params)
        except Exception as error:
            return error_page(error, request, None)

    return handle


def form(request: Request, visitor: Visitor) -> Form:
    """Return the posted form of a signed-in visitor, checked for its token. Raises Forbidden."""
    given = forms.read(request)
    forms.demand(given, visitor.session.id, request)
    demand_active(visitor)
    return given


def demand_active(visitor: Visitor) -> None:
    """Raise Forbidden for people of a suspended employer."""
    if visitor.employer.suspended:
        raise Forbidden("This employer is suspended: it can read and not write.", code="suspended")


def once(request: Request, visitor: Visitor, given: Form, save: Callable[[], Response], *state: str) -> Response:
    """Run what a button does, once: the same press of the same page gets the first one's response.

    `save` commits through `request.committer`. `state` lists what must not have changed since, for a press to be a repeat.
    """
    return pressed_once(idempotency_record.form_slot(request, visitor.employer.id, visitor.session.id, given, *state), save)


def pressed_once(slot: Slot, save: Callable[[], Response]) -> Response:
    """Run what a button does, once a slot. A second press waits for the first one's response."""
    try:
        return idempotency.once(slot, save)
    except ApiError as error:  # the first press may have changed what this one was refused for, or still be under way
        for _ in range(_TRIES if error.code == "idempotency_in_flight" else 1):
            if (known := slot.read()) and known.answer is not None:
                return slot.replay(known)
            time.sleep(_PAUSE_SECONDS)
        raise


def made_once(
    request: Request, visitor: Visitor, given: Form, make: Callable[[], Response], present: Callable[[str], bool]
) -> dict[str, Any]:
    """Make one record a press, however often the press arrives. Where that record was removed since, it is another press."""
    removed: list[str] = []
    while True:
        response = once(request, visitor, given, make, *removed)
        made: dict[str, Any] = response.body
        if "Idempotency-Replayed" not in response.headers or present(made["id"]):
            return made
        removed.append(made["id"])


def origin(request: Request, visitor: Visitor) -> Origin:
    """Return who asks and from which network, for the audit log."""
    return Origin(visitor.actor, truncated(request.source_ip))


def managers_only(visitor: Visitor) -> None:
    """Raise Forbidden unless the visitor is a manager."""
    if not visitor.is_manager:
        raise Forbidden("This is for managers. Ask one of yours to change it, or to make you one.", code="managers_only")


def demand_id(value: str, prefix: str) -> str:
    """Return an id of a path. Raises NotFound where it cannot be one."""
    if not is_id(value, prefix):
        raise NotFound
    return value


def page(template: str, request: Request, visitor: Visitor | None, status: int = 200, **values: Any) -> Response:
    """Render a page, with what every page shows. `in_words` is the language of a candidate's page."""
    from chalicelib.web import render  # late: only pages need it

    in_words: Catalogue | None = values.pop("in_words", None)
    common: dict[str, Any] = {
        "visitor": visitor,
        "now": request.now,
        "here": request.path,
        "form_token": forms.token(visitor.session.id, request) if visitor else "",
        "zone": visitor.employer.timezone if visitor else "UTC",
    }
    if in_words:
        common |= {"page_language": in_words.language, "page_direction": in_words.direction, "say": in_words.say}
    return Response(status, render.html(template, **{**common, **values}), dict(render.HEADERS))


def see_other(request: Request, path: str) -> Response:
    """Redirect to a page of ours: by 303, or by htmx's header where its script sent the request."""
    from chalicelib.web import render

    if request.headers.get("hx-request"):
        return Response(200, "", {**render.HEADERS, "HX-Redirect": render.url(path)})
    return Response(303, "", {**render.HEADERS, "Location": render.url(path)})


def message(
    request: Request,
    visitor: Visitor | None,
    status: int,
    title: str,
    *paragraphs: str,
    in_words: Catalogue | None = None,
) -> Response:
    """Render a page that only shows a message; for htmx, a note in place."""
    template = "note.html" if request.headers.get("hx-request") else "said.html"
    return page(template, request, visitor, status, in_words=in_words, title=title, paragraphs=paragraphs)


def unknown(request: Request) -> Response:
    """Answer an address that leads nowhere: a page for people, an error for programs. Raises NotFound.

    Who is signed in keeps the navigation.
    """
    if "text/html" not in request.headers.get("accept", ""):
        raise NotFound("There is nothing at this path.")
    visitor = sessions.read(request.headers, request.method, request.now)
    response = error_page(NotFound(), request, visitor)
    if visitor and visitor.set_cookie:
        response.headers.setdefault("Set-Cookie", visitor.set_cookie)
    return response


def _title(error: ApiError) -> str:
    """Return the heading of an error's page, in words for people."""
    if isinstance(error, Forbidden):
        return "You cannot do this"
    return _CONFLICTS.get(error.code, "Not possible") if isinstance(error, Conflict) else error.title


def error_page(error: Exception, request: Request, visitor: Visitor | None) -> Response:
    """Render any error as a page. An error that is not a HeardbackError is our bug: it is logged and not shown."""
    if isinstance(error, NotFound):
        begin = "my interviews" if visitor and visitor.employer.seeker else "Today"
        words = f"Check that the whole address was copied, or start again from {begin}."
        return message(request, visitor, 404, "Page not found", words)
    if isinstance(error, ApiError):
        faults = [f"{fault.pointer.strip('/?').replace('/', ', ').replace('_', ' ')}: {fault.message}" for fault in error.errors]
        if request.method == "POST" and visitor and not request.headers.get("hx-request"):
            from chalicelib.web import kept_form

            kept = kept_form.of(request)
            if kept and error.code == "stale_form":
                words = "This page was open for too long, or you signed in again meanwhile. What you typed is still here."
                return _kept_page(request, visitor, error.status, "Not saved yet", words, kept)
            if kept and isinstance(error, Unprocessable) and faults:
                words = "Please go back and correct this: " + "; ".join(faults)
                return _kept_page(request, visitor, error.status, "Not saved", words, kept, again=False)
        if isinstance(error, Unprocessable) and faults and request.method == "POST":
            way = "refresh the list" if request.headers.get("hx-request") else "go back"
            return message(request, visitor, error.status, "Not saved", f"Please {way} and correct this:", *faults)
        return message(request, visitor, error.status, _title(error), error.detail, *faults)
    if isinstance(error, ConditionFailed | TableError | HeardbackError):
        return message(request, visitor, 503, "That did not work just now", _AGAIN)
    _log.error("request %s failed", request.request_id, exc_info=error)
    return message(request, visitor, 500, "Something went wrong here", f"It has been logged as {request.request_id}.")
