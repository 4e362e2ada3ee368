"""Who may open the report page: by API key, by a signed link, or signed in. A bad link gets a page that explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from chalicelib import signing
from chalicelib.api import forms
from chalicelib.api.query_params import Reader, one_of, text
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.spreadsheet import FORMAT
from chalicelib.api.spreadsheet import spreadsheet as to_file
from chalicelib.applications import groups, tally_items
from chalicelib.applications.law.due_list import Unmet, unmet
from chalicelib.auth import sessions
from chalicelib.auth.authenticate import authenticate
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.errors import FieldError, Forbidden, Unprocessable
from chalicelib.reputation import experience, heard_back, report_links, report_shares, trend
from chalicelib.reputation.report_shares import Shared
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, table
from chalicelib.web import page_support, render, report
from chalicelib.web.report import Sources

TREND_DAYS = 90
_READERS = 8
_PAGE_QUERY = {"token": text, "group": text}
_FILE_QUERY = {**_PAGE_QUERY, **FORMAT, "table": one_of(*report.TABLES)}

_NO_KEY = "Sign in to see this report, or use a link from your hiring system or an API key."
_NOT_OURS = "Part of the link may be missing. Copy the whole link, or ask for a new one."
_OVER = "This link has expired or was ended. Ask for a new one."


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
        shared = _shown_by(token, request)
    except signing.Expired:
        return _message(request, 410, "This link has expired", _OVER)
    except signing.BadToken:
        return _message(request, 403, "This link does not work", _NOT_OURS)
    item = table.get(keys.employer_pk(shared.employer_id), "EMP")
    if not isinstance(item, EmployerItem):
        return _message(request, 403, "This link does not work", _NOT_OURS)
    return render_as(_sources(employer_of(item), request, shared.group), request, None)


def _shown_by(token: str, request: Request) -> Shared:
    """Return what a link shows: one of fifteen minutes, or a shared one. Raises signing.Expired, signing.BadToken."""
    try:
        return Shared(report_links.employer_of(token, request.now, settings().sign), None)
    except signing.Expired:
        raise
    except signing.BadToken:
        return report_shares.shown_by(token, request.now, settings().sign)


def _sources(employer: Employer, request: Request, only: str | None = None) -> Sources:
    """Read a report. `only` is the group that a link is bound to: another cannot be asked for by it."""
    group = only or (request.query.get("group") or [""])[0] or None
    names = groups.names_of(employer.id)
    if group:
        group = groups.demand(employer.id, group)
    by_law = unmet(employer.id, request.now) if employer.policy.jurisdiction and not group else Unmet()
    with ThreadPoolExecutor(_READERS) as readers:
        of_groups = readers.map(lambda one: tally_items.read(employer.id, request.now, one), [] if group else names)
        found = readers.submit(experience.read, employer.id, group)
        tally = tally_items.read(employer.id, request.now, group)
        points = trend.read(employer.id, request.now, TREND_DAYS, group)
        tallies = dict(zip(() if group else names, of_groups, strict=True))
    return Sources(employer, tally, points, request.now, by_law, group, tallies, found.result())


def _page(sources: Sources, request: Request, visitor: Visitor | None) -> Response:
    kept: dict[str, str] = {name: request.query[name][0] for name in ("token", "group") if name in request.query}
    token = f"?{urlencode(kept)}" if kept else ""
    may_share = visitor is not None and visitor.is_manager
    html = report.html(
        sources,
        visitor=visitor,
        here=request.path,
        zone=sources.employer.timezone,
        form_token=forms.token(visitor.session.id, request) if visitor else "",
        may_choose="token" not in kept,
        shares=report_shares.listed(sources.employer.id, request.now) if may_share else [],
        share_days=report_shares.DAYS,
        rate=heard_back.find(sources.employer.id) if may_share else None,
        csv=f"/reports/risk.csv{token}",
        xlsx=f"/reports/risk.csv?format=xlsx{token.replace('?', '&')}",
    )
    return Response(200, html, dict(render.HEADERS))


def share(request: Request, visitor: Visitor) -> Response:
    """POST /reports/share: make a link, or end one. Managers only."""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    if given.has("end"):
        report_shares.end(visitor.employer.id, page_support.demand_id(given.one("end"), "share"))
        return page_support.see_other(request, "/reports/risk")
    days, group = given.one("days"), given.one("group") or None
    if days not in [str(one) for one in report_shares.DAYS]:
        raise Unprocessable(errors=[FieldError("/days", f"must be one of {', '.join(map(str, report_shares.DAYS))}")])
    group = groups.demand(visitor.employer.id, group) if group else None
    _, token = report_shares.create(visitor.employer.id, int(days), group, visitor.person.name, request.now, settings().sign)
    return page_support.page("shared.html", request, visitor, address=report_shares.url_of(token), days=days, group=group)


def _file(sources: Sources, request: Request, visitor: Visitor | None) -> Response:
    """Return one table, or the whole report: as CSV two tables in one, as XLSX a sheet for each. A link shows no names."""
    query = request.read_query(_FILE_QUERY)
    wanted, which = query.get("format", "csv"), query.get("table")
    if wanted == "xlsx" and which is None:
        from chalicelib.web import report_workbook

        response = report_workbook.response(sources, with_people=visitor is not None)
    else:
        response = to_file(report.table(sources, which), wanted, request.now)
    response.headers = {**render.HEADERS, **response.headers}
    return response


def _message(request: Request, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    return Response(status, report.message(title, detail, request.path), dict(render.HEADERS) | (headers or {}))
