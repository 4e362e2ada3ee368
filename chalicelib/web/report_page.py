"""Who may open the report page: by API key, by a signed link, or signed in. A bad link gets a page that explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from chalicelib import signing
from chalicelib.api import forms
from chalicelib.api.query_params import Reader, one_of, text
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.spreadsheet import FORMAT
from chalicelib.api.spreadsheet import spreadsheet as to_file
from chalicelib.applications import tally_items
from chalicelib.applications.law.due_list import Unmet, unmet
from chalicelib.auth import sessions
from chalicelib.auth.authenticate import authenticate
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.errors import Forbidden
from chalicelib.reputation import report_links, trend
from chalicelib.rules.model import Employer
from chalicelib.storage import keys, table
from chalicelib.web import render, report
from chalicelib.web.report import Sources

TREND_DAYS = 90
_PAGE_QUERY = {"token": text}
_FILE_QUERY = {**_PAGE_QUERY, **FORMAT, "table": one_of(*report.TABLES)}

_NO_KEY = "This report opens when you are signed in, with a link from your hiring system, or with your API key."
_NOT_OURS = "This link is not one of ours. Perhaps it was cut short on its way: ask for a new one."
_OVER = "This link is over: links to this report work for fifteen minutes. Ask for a new one."


def show(request: Request) -> Response:
    """GET /reports/risk"""
    return _opened(request, _page)


def spreadsheet(request: Request) -> Response:
    """GET /reports/risk.csv"""
    return _opened(request, _file, _FILE_QUERY)


def _opened(
    request: Request,
    render_as: Callable[[Sources, Request, Visitor | None], Response],
    allowed: Mapping[str, Reader] = _PAGE_QUERY,
) -> Response:
    query = request.read_query(allowed)
    if "token" in query:
        return _by_link(request, query["token"], render_as)
    if "authorization" in request.headers:
        return render_as(_sources(_by_key(request), request), request, None)
    visitor = sessions.read(request.headers, request.method, request.now)
    if visitor is None:
        return _message(request, 401, "Sign in, or use a key", _NO_KEY, {"WWW-Authenticate": "Bearer"})
    response = render_as(_sources(visitor.employer, request), request, visitor)
    if visitor.set_cookie:
        response.headers["Set-Cookie"] = visitor.set_cookie
    return response


def _by_key(request: Request) -> Employer:
    caller, _ = authenticate(
        request.headers.get("authorization"), settings().operator_key_sha256, request.now, source_ip=request.source_ip
    )
    if not caller.may("report") and not caller.operator:
        raise Forbidden("This key lacks the scope 'report'.", code="missing_scope")
    return caller.owner


def _by_link(request: Request, token: str, render_as: Callable[[Sources, Request, Visitor | None], Response]) -> Response:
    try:
        employer_id = report_links.employer_of(token, request.now, settings().sign)
    except signing.Expired:
        return _message(request, 410, "This link is over", _OVER)
    except signing.BadToken:
        return _message(request, 403, "This link does not work", _NOT_OURS)
    item = table.get(keys.employer_pk(employer_id), "EMP")
    if not isinstance(item, EmployerItem):
        return _message(request, 403, "This link does not work", _NOT_OURS)
    return render_as(_sources(employer_of(item), request), request, None)


def _sources(employer: Employer, request: Request) -> Sources:
    by_law = unmet(employer.id, request.now) if employer.policy.jurisdiction else Unmet()
    tally = tally_items.read(employer.id, request.now)
    return Sources(employer, tally, trend.read(employer.id, request.now, TREND_DAYS), request.now, by_law)


def _page(sources: Sources, request: Request, visitor: Visitor | None) -> Response:
    token = f"?token={quote(request.query['token'][0])}" if "token" in request.query else ""
    html = report.html(
        sources,
        visitor=visitor,
        here=request.path,
        zone=sources.employer.timezone,
        form_token=forms.token(visitor.session.id, request) if visitor else "",
        csv=f"/reports/risk.csv{token}",
        xlsx=f"/reports/risk.csv?format=xlsx{token.replace('?', '&')}",
    )
    return Response(200, html, dict(render.HEADERS))


def _file(sources: Sources, request: Request, _: Visitor | None) -> Response:
    query = request.read_query(_FILE_QUERY)
    wanted = query.get("format", "csv")
    which = query.get("table", report.TABLES[0] if wanted == "xlsx" else None)
    response = to_file(report.table(sources, which), wanted, request.now)
    response.headers = {**render.HEADERS, **response.headers}
    return response


def _message(request: Request, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    return Response(status, report.message(title, detail, request.path), dict(render.HEADERS) | (headers or {}))
