"""The report page's door: by key, or by a signed link; and a page of words where a link is over or was never one of ours."""

from __future__ import annotations

from urllib.parse import quote

from chalicelib import ids, signing, table
from chalicelib.access.authentication import authenticate
from chalicelib.access.call import Call, Reply
from chalicelib.access.table import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.errors import Fault, Forbidden, Unprocessable
from chalicelib.http import instant, text
from chalicelib.reputation import links, tallies
from chalicelib.reputation import report as report_page
from chalicelib.rules.records import Employer
from chalicelib.strict_json import pointer

_NO_KEY = "This report opens with a link from your hiring system, or with your API key."
_NOT_OURS = "This link is not one of ours. Perhaps it was cut short on its way: ask for a new one."
_OVER = "This link is over: links to this report work for fifteen minutes. Ask for a new one."


def new_link(call: Call) -> Reply:
    """POST /v1/report_links"""
    call.read_query({})
    if call.raw_body.strip() and (given := call.json()) != {}:
        fields = list(given)[:50] if isinstance(given, dict) else []
        faults = [Fault(pointer("", name), "is not a field of this body") for name in fields] or [Fault("", "must be {}")]
        raise Unprocessable("A report link takes no fields.", errors=faults)
    link = links.new_link(call.employer_id, call.now, settings().secret)
    url = f"{settings().base_url}/reports/risk?token={quote(link.token)}"
    return Reply(201, {"url": url, "expires_at": instant(link.expires_at)})


def report(call: Call) -> Reply:
    """GET /reports/risk"""
    query = call.read_query({"token": text})
    if "token" in query:
        return _by_link(call, query["token"])
    if "authorization" not in call.headers:
        return _words(401, "A key is needed", _NO_KEY, {"WWW-Authenticate": "Bearer"})
    return _shown(_by_key(call), call)


def _by_key(call: Call) -> Employer:
    caller, _ = authenticate(call.headers.get("authorization"), settings().operator_key_sha256)
    if "read" not in caller.scopes and not caller.operator:
        raise Forbidden("This key lacks the scope 'read'.", code="missing_scope")
    return caller.owner


def _by_link(call: Call, token: str) -> Reply:
    try:
        employer_id = links.employer_of(token, call.now, settings().secret)
    except signing.Expired:
        return _words(410, "This link is over", _OVER)
    except signing.BadToken:
        return _words(403, "This link does not work", _NOT_OURS)
    item = table.get(ids.employer_pk(employer_id), "EMP")
    if not isinstance(item, EmployerItem):
        return _words(403, "This link does not work", _NOT_OURS)
    return _shown(employer_of(item), call)


def _shown(employer: Employer, call: Call) -> Reply:
    html = report_page.html(employer, tallies.read(employer.id, call.now), call.now)
    return Reply(200, html, _headers())


def _words(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, report_page.words(title, detail), _headers() | (headers or {}))


def _headers() -> dict[str, str]:
    """Nothing on the page may be fetched, framed, kept or passed on: the link stands in its address."""
    return {
        "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "X-Robots-Tag": "noindex",
        "Content-Security-Policy": f"default-src 'none'; style-src '{report_page.style_hash()}'; "
                                   "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
