"""An employer's logo: `/logo/{employer}/{name}` for everybody, and the form in Settings for managers."""

from __future__ import annotations

from chalicelib.api import forms
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.employers import logo
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.rules.logo import BYTES_MOST
from chalicelib.web import field_errors, page_support, settings
from chalicelib.web.static_files import CACHE_FOR_A_YEAR
from chalicelib.web.uploads import read_upload

BODY_MOST = BYTES_MOST + 16 * 1024
"""An image with the form around it. What is larger is not read."""
_FIELDS = {"logo": "Logo"}
_HEADERS = {
    "Cache-Control": CACHE_FOR_A_YEAR,
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Opened by itself it is an image and nothing else; no other site may show it."""


def get(request: Request, employer: str, name: str) -> Response:  # noqa: ARG001
    """GET /logo/{employer}/{name}. The name holds the content's hash, so an answer never goes stale."""
    item = logo.read(page_support.demand_id(employer, "emp"), name)
    return Response(200, item.data, {**_HEADERS, "Content-Type": item.media_type})


def save(request: Request, visitor: Visitor) -> Response:
    """POST /settings/logo: sets the logo, or removes it."""
    page_support.managers_only(visitor)
    try:
        if len(request.raw_body) > BODY_MOST:
            found = f"has about {len(request.raw_body):,} bytes; it may have at most {BYTES_MOST:,} (64 KB)"
            raise Unprocessable(errors=[FieldError("/logo", found)])
        given, _, raw = read_upload(request, "logo")
        forms.demand(given, visitor.session.id, request)
        page_support.demand_active(visitor)
        origin = page_support.origin(request, visitor)
        if given.one("do") == "remove":
            logo.remove(visitor.employer.id, origin, request.now)
        else:
            logo.put(visitor.employer.id, raw, origin, request.now)
    except Unprocessable as error:
        problems = field_errors.messages_of(error, _FIELDS, lambda path: path[1:])
        return settings.page(request, visitor, visitor.employer, 422, problems=problems)
    return page_support.see_other(request, "/settings?saved=yes")
