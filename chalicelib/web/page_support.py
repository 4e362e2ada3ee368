"""Who may open a page, and what every page has in common: its headers, its navigation, its errors in words."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from chalicelib.api import forms
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth import sessions
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import ApiError, ConditionFailed, Forbidden, HeardbackError, NotFound, TableError, Unprocessable
from chalicelib.storage.ids import is_id
from chalicelib.web import render

View = Callable[..., Response]
_log = logging.getLogger("heardback")
_AGAIN = "Others changed the same records at the same time, or the table did not answer. Please try again."


def signed_in(view: View) -> View:
    """For pages of people at an employer: the view gets the visitor. Everybody else is led to the sign-in page."""

    @functools.wraps(view)
    def through(request: Request, **params: str) -> Response:
        visitor: Visitor | None = None
        try:
            visitor = sessions.read(request.headers, request.method, request.now)
            reply = view(request, visitor, **params) if visitor else see_other(request, "/sign-in")
        except Exception as error:  # the one place where errors become pages
            reply = of_error(error, request, visitor)
        if visitor and visitor.set_cookie:
            reply.headers.setdefault("Set-Cookie", visitor.set_cookie)
        return reply

    return through


def open_to_all(view: View) -> View:
    """For pages that need no signing in: their errors in words too."""

    @functools.wraps(view)
    def through(request: Request, **params: str) -> Response:
        try:
            return view(request, **params)
        except Exception as error:
            return of_error(error, request, None)

    return through


def form(request: Request, visitor: Visitor) -> Form:
    """The form of a signed-in visitor's page, for a write. Raises Forbidden."""
    given = forms.read(request)
    forms.demand(given, visitor.session.id, request)
    if visitor.employer.suspended:
        raise Forbidden("This employer is suspended: it can read and not write.", code="suspended")
    return given


def managers_only(visitor: Visitor) -> None:
    """Raises Forbidden."""
    if not visitor.is_manager:
        raise Forbidden("This is for managers. Ask one of yours to change it, or to make you one.", code="managers_only")


def demand_id(value: str, prefix: str) -> str:
    """An id from a path. Raises NotFound."""
    if not is_id(value, prefix):
        raise NotFound
    return value


def page(template: str, request: Request, visitor: Visitor | None, status: int = 200, **values: Any) -> Response:
    """A whole page."""
    common = {
        "visitor": visitor,
        "now": request.now,
        "here": request.path,
        "form_token": forms.token(visitor.session.id, request) if visitor else "",
        "zone": visitor.employer.timezone if visitor else "UTC",
    }
    return Response(status, render.html(template, **common, **values), dict(render.HEADERS))


def see_other(request: Request, path: str) -> Response:
    """To another page of ours, whether or not a script asked."""
    if request.headers.get("hx-request"):
        return Response(200, "", {**render.HEADERS, "HX-Redirect": render.url(path)})
    return Response(303, "", {**render.HEADERS, "Location": render.url(path)})


def words(request: Request, visitor: Visitor | None, status: int, title: str, *paragraphs: str) -> Response:
    """A page that only says something; where a script asked, the same as a note in place."""
    template = "note.html" if request.headers.get("hx-request") else "said.html"
    return page(template, request, visitor, status, title=title, paragraphs=paragraphs)


def of_error(error: Exception, request: Request, visitor: Visitor | None) -> Response:
    """Any error as a page. What is not one of the family is ours: logged, and its words stay inside."""
    if isinstance(error, NotFound):
        return words(request, visitor, 404, "There is nothing here", "Perhaps the address was cut short on its way.")
    if isinstance(error, ApiError):
        faults = [f"{fault.pointer.strip('/?').replace('/', ', ').replace('_', ' ')}: {fault.message}" for fault in error.errors]
        if isinstance(error, Unprocessable) and faults and request.method == "POST":
            way = "open the list anew" if request.headers.get("hx-request") else "go back"
            return words(request, visitor, error.status, "Not saved", f"Please {way}, and look at this:", *faults)
        return words(request, visitor, error.status, error.title, error.detail, *faults)
    if isinstance(error, ConditionFailed | TableError | HeardbackError):
        return words(request, visitor, 503, "That did not work just now", _AGAIN)
    _log.error("request %s failed", request.request_id, exc_info=error)
    return words(request, visitor, 500, "Something went wrong here", f"It has been logged as {request.request_id}.")
