"""Signed read-only links to the report page: a link shows one employer's report for fifteen minutes.

A link changes nothing and names no candidate. It carries the employer's id and its end, under a MAC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from chalicelib import signing
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.strict_json import pointer
from chalicelib.config import settings
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.key_ring import KeyRing
from chalicelib.reputation import responses

VALID_FOR = timedelta(minutes=15)
_PURPOSE = "report link"


@dataclass(frozen=True, slots=True)
class ReportLink:
    """A new link's token, and the UTC instant at which it ends."""

    token: str
    expires_at: datetime


def create(request: Request) -> Response:
    """POST /v1/report_links"""
    request.read_query({})
    if request.raw_body.strip() and (given := request.json()) != {}:
        names = list(given)[:50] if isinstance(given, dict) else []
        faults = [FieldError(pointer("", name), "is not a field of this body") for name in names]
        raise Unprocessable("A report link takes no fields.", errors=faults or [FieldError("", "must be {}")])
    link = new_link(request.employer_id, request.now, settings().sign)
    url = f"{settings().base_url}/reports/risk?token={quote(link.token)}"
    return Response(201, responses.ReportLink(url, link.expires_at))


def new_link(employer_id: str, now: datetime, keys: KeyRing) -> ReportLink:
    """Make a token for the report page, valid for fifteen minutes from `now` (in whole seconds)."""
    expires_at = (now.astimezone(UTC) + VALID_FOR).replace(microsecond=0)
    return ReportLink(signing.sign_token(keys, _PURPOSE, employer_id.encode(), expires_at), expires_at)


def employer_of(token: str, now: datetime, keys: KeyRing) -> str:
    """Return the employer id of a token. Raises signing.BadToken, or signing.Expired after its end."""
    return signing.verify_token(keys, _PURPOSE, token, now).decode()
