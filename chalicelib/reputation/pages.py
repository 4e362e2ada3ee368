"""The report page's door: by key, by a signed link, or signed in; a page of words where a link is over or not one of ours."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from chalicelib import ids, signing, table
from chalicelib.access.authentication import authenticate
from chalicelib.access.call import Call, Reply
from chalicelib.access.signin import forms, sessions
from chalicelib.access.signin.sessions import Visitor
from chalicelib.access.table import EmployerItem, employer_of
from chalicelib.applications.law.duties import Unmet, unmet
from chalicelib.config import settings
from chalicelib.errors import Fault, Forbidden, Unprocessable
from chalicelib.http import instant, text
from chalicelib.reputation import links, tallies, trend
from chalicelib.reputation import report as report_page
from chalicelib.reputation.report import Sources
from chalicelib.rules.records import Employer
from chalicelib.strict_json import pointer
from chalicelib.web import render

TREND_DAYS = 90

_NO_KEY = "This report opens when you are signed in, with a link from your hiring system, or with your API key."
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
    return _opened(call, _page)


def spreadsheet(call: Call) -> Reply:
    """GET /reports/risk.csv"""
    return _opened(call, _csv)


def _opened(call: Call, shown: Callable[[Sources, Call, Visitor | None], Reply]) -> Reply:
    query = call.read_query({"token": text})
    if "token" in query:
        return _by_link(call, query["token"], shown)
    if "authorization" in call.headers:
        return shown(_sources(_by_key(call), call), call, None)
    visitor = sessions.read(call)
    if visitor is None:
        return _words(call, 401, "Sign in, or use a key", _NO_KEY, {"WWW-Authenticate": "Bearer"})
    reply = shown(_sources(visitor.employer, call), call, visitor)
    if visitor.set_cookie:
        reply.headers["Set-Cookie"] = visitor.set_cookie
    return reply


def _by_key(call: Call) -> Employer:
    caller, _ = authenticate(call.headers.get("authorization"), settings().operator_key_sha256)
    if "read" not in caller.scopes and not caller.operator:
        raise Forbidden("This key lacks the scope 'read'.", code="missing_scope")
    return caller.owner


def _by_link(call: Call, token: str, shown: Callable[[Sources, Call, Visitor | None], Reply]) -> Reply:
    try:
        employer_id = links.employer_of(token, call.now, settings().secret)
    except signing.Expired:
        return _words(call, 410, "This link is over", _OVER)
    except signing.BadToken:
        return _words(call, 403, "This link does not work", _NOT_OURS)
    item = table.get(ids.employer_pk(employer_id), "EMP")
    if not isinstance(item, EmployerItem):
        return _words(call, 403, "This link does not work", _NOT_OURS)
    return shown(_sources(employer_of(item), call), call, None)


def _sources(employer: Employer, call: Call) -> Sources:
    by_law = unmet(employer.id, call.now) if employer.policy.jurisdiction else Unmet()
    return Sources(employer, tallies.read(employer.id, call.now), trend.read(employer.id, call.now, TREND_DAYS), call.now, by_law)


def _page(sources: Sources, call: Call, visitor: Visitor | None) -> Reply:
    token = f"?token={quote(call.query['token'][0])}" if "token" in call.query else ""
    html = report_page.html(sources, visitor=visitor, here=call.path, zone=sources.employer.timezone,
                            form_token=forms.token(visitor.session.id, call) if visitor else "", csv=f"/reports/risk.csv{token}")
    return Reply(200, html, dict(render.HEADERS))


def _csv(sources: Sources, call: Call, _: Visitor | None) -> Reply:
    return Reply(200, report_page.csv_text(sources), {
        **render.HEADERS, "Content-Type": "text/csv; charset=utf-8; header=present",
        "Content-Disposition": f'attachment; filename="risk-{call.now:%Y-%m-%d}.csv"'})


def _words(call: Call, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, report_page.said(title, detail, call.path), dict(render.HEADERS) | (headers or {}))
