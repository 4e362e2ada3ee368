"""Who may open a page, and what every page has in common: its headers, its navigation, its errors in words."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from chalicelib.access.call import Call, Reply
from chalicelib.access.signin import forms, sessions
from chalicelib.access.signin.forms import Form
from chalicelib.access.signin.sessions import Visitor
from chalicelib.errors import ApiError, ConditionLost, Forbidden, HeardbackError, NotFound, TableError, Unprocessable
from chalicelib.ids import is_id
from chalicelib.web import render

View = Callable[..., Reply]
_log = logging.getLogger("heardback")
_AGAIN = "Others changed the same records at the same time, or the table did not answer. Please try again."


def signed_in(view: View) -> View:
    """For pages of people at an employer: the view gets the visitor. Everybody else is led to the sign-in page."""

    @functools.wraps(view)
    def through(call: Call, **params: str) -> Reply:
        visitor: Visitor | None = None
        try:
            visitor = sessions.read(call)
            reply = view(call, visitor, **params) if visitor else see_other(call, "/sign-in")
        except Exception as error:  # the one place where errors become pages
            reply = of_error(error, call, visitor)
        if visitor and visitor.set_cookie:
            reply.headers.setdefault("Set-Cookie", visitor.set_cookie)
        return reply

    return through


def open_to_all(view: View) -> View:
    """For pages that need no signing in: their errors in words too."""

    @functools.wraps(view)
    def through(call: Call, **params: str) -> Reply:
        try:
            return view(call, **params)
        except Exception as error:
            return of_error(error, call, None)

    return through


def form(call: Call, visitor: Visitor) -> Form:
    """The form of a signed-in visitor's page, for a write. Raises Forbidden."""
    given = forms.read(call)
    forms.demand(given, visitor.session.id, call)
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


def page(template: str, call: Call, visitor: Visitor | None, status: int = 200, **values: Any) -> Reply:
    """A whole page."""
    common = {"visitor": visitor, "now": call.now, "here": call.path,
              "form_token": forms.token(visitor.session.id, call) if visitor else "",
              "zone": visitor.employer.timezone if visitor else "UTC"}  # fmt: skip
    return Reply(status, render.html(template, **common, **values), dict(render.HEADERS))


def see_other(call: Call, path: str) -> Reply:
    """To another page of ours, whether or not a script asked."""
    if call.headers.get("hx-request"):
        return Reply(200, "", {**render.HEADERS, "HX-Redirect": render.url(path)})
    return Reply(303, "", {**render.HEADERS, "Location": render.url(path)})


def words(call: Call, visitor: Visitor | None, status: int, title: str, *paragraphs: str) -> Reply:
    """A page that only says something; where a script asked, the same as a note in place."""
    template = "note.html" if call.headers.get("hx-request") else "said.html"
    return page(template, call, visitor, status, title=title, paragraphs=paragraphs)


def of_error(error: Exception, call: Call, visitor: Visitor | None) -> Reply:
    """Any error as a page. What is not one of the family is ours: logged, and its words stay inside."""
    if isinstance(error, NotFound):
        return words(call, visitor, 404, "There is nothing here", "Perhaps the address was cut short on its way.")
    if isinstance(error, ApiError):
        faults = [f"{fault.pointer.strip('/?').replace('/', ', ').replace('_', ' ')}: {fault.message}" for fault in error.errors]
        if isinstance(error, Unprocessable) and faults and call.method == "POST":
            way = "open the list anew" if call.headers.get("hx-request") else "go back"
            return words(call, visitor, error.status, "Not saved", f"Please {way}, and look at this:", *faults)
        return words(call, visitor, error.status, error.title, error.detail, *faults)
    if isinstance(error, ConditionLost | TableError | HeardbackError):
        return words(call, visitor, 503, "That did not work just now", _AGAIN)
    _log.error("request %s failed", call.request_id, exc_info=error)
    return words(call, visitor, 500, "Something went wrong here", f"It has been logged as {call.request_id}.")
