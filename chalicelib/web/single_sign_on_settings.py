"""The settings of single sign-on: the employer's own provider, by which its people sign in."""

from __future__ import annotations

from chalicelib.accounts.single_sign_on import service
from chalicelib.accounts.single_sign_on.routes import serialize
from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.auth.sessions import Visitor
from chalicelib.auth.single_sign_on import SsoItem
from chalicelib.errors import NotFound, Unprocessable
from chalicelib.web import field_errors, page_support

PAGE = "/settings/single-sign-on"
FIELDS = {"issuer": "Issuer", "client_id": "Client ID", "client_secret": "Client secret", "domains": "Email domains"}


def show(request: Request, visitor: Visitor) -> Response:
    """GET /settings/single-sign-on: managers only."""
    page_support.managers_only(visitor)
    return _page(request, visitor, saved=request.query.get("saved") == ["yes"])


def save(request: Request, visitor: Visitor) -> Response:
    """POST /settings/single-sign-on: sets it up, or removes it."""
    from chalicelib.accounts.single_sign_on.schema import SingleSignOnIn  # late: it imports pydantic, 96 ms of a cold start

    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    origin = page_support.origin(request, visitor)
    if given.one("do") == "remove":
        service.remove(visitor.employer.id, origin, request.now)
        return page_support.see_other(request, f"{PAGE}?saved=yes")
    sent = {name: given.one(name) for name in ("issuer", "client_id", "client_secret")}
    domains = given.one("domains").lower().replace(",", " ").split()
    try:
        body = validate(SingleSignOnIn, {**sent, "domains": domains}, request.now)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, FIELDS, lambda path: path.split("/")[1])
        return _page(request, visitor, given, problems, 422)
    service.put(visitor.employer.id, body.model_dump(), origin, request.now)
    return page_support.see_other(request, f"{PAGE}?saved=yes")


def _page(
    request: Request,
    visitor: Visitor,
    given: Form | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
    *,
    saved: bool = False,
) -> Response:
    known = _known(visitor.employer.id)
    stored = {"issuer": known.issuer, "client_id": known.client_id, "domains": "\n".join(known.domains)} if known else {}
    typed = field_errors.typed(given, FIELDS, stored)
    return page_support.page(
        "single_sign_on.html",
        request,
        visitor,
        status,
        known=serialize(known) if known else None,
        callback_url=service.callback_url(visitor.employer.id),
        typed={**typed, "client_secret": ""},  # a secret is never sent back
        problems=problems or {},
        fields=FIELDS,
        saved=saved,
    )


def _known(employer_id: str) -> SsoItem | None:
    try:
        return service.read(employer_id)
    except NotFound:
        return None
