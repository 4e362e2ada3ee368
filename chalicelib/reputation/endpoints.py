"""Endpoints of risk and call list, as JSON and as files for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.api import spreadsheet
from chalicelib.api.caching import link_to_next
from chalicelib.api.pagination import page_of
from chalicelib.api.query_params import PAGING, cursor_text, one_of, read_owner, true_or_false
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.serialize import to_json
from chalicelib.applications.tally_items import group_key
from chalicelib.config import settings
from chalicelib.reputation import call_list as rank
from chalicelib.reputation.call_list import Bookmark, Filters, Page, Row
from chalicelib.reputation.call_list_cells import COLUMNS, rows_as_cells
from chalicelib.reputation.serializers import serialize_risk, serialize_row
from chalicelib.reputation.tally_of_request import GROUP, tally_of
from chalicelib.rules.model import DECIDED, STAGES
from chalicelib.rules.risk.report import assess
from chalicelib.rules.tally import Tally

ROWS_OF_A_FILE_MOST = 1000
_QUERY = {
    **GROUP,
    "reachable": true_or_false,
    "decided": one_of(*DECIDED),
    "stage": one_of(*STAGES),
    "snoozed": true_or_false,
}


def _query(request: Request) -> dict[str, Callable[[str], Any]]:
    return {**_QUERY, "owner": read_owner(request.caller.actor)}


def risk(request: Request) -> Response:
    """GET /v1/risk"""
    request.read_query(GROUP)
    return Response(body=serialize_risk(assess(tally_of(request), request.now, request.employer.review_days)))


def call_list(request: Request) -> Response:
    """GET /v1/call_list. A cursor keeps the instant of the first page, so that no row is repeated or skipped."""
    query = request.read_query({**PAGING, **_query(request), **spreadsheet.FORMAT})
    if "format" in query:
        return _file(request, query)
    filters, tally = _filters(query), tally_of(request)
    at, bound_to = _bookmark(request, query, tally)
    page = rank.page(request.employer_id, tally, at, filters, query["limit"])
    rows, following = [serialize_row(row, request.now) for row in page.rows], _cursor(at, page, bound_to)
    return Response(body=page_of(rows, following, horizon_days=at.ahead.horizon_days))


def call_list_csv(request: Request) -> Response:
    """GET /v1/call_list.csv: the first thousand rows, or the next ones after a cursor."""
    return _file(
        request, request.read_query({**_query(request), **spreadsheet.FORMAT, "limit": _file_limit, "cursor": cursor_text})
    )


def _file_limit(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 4 and 1 <= int(value) <= ROWS_OF_A_FILE_MOST):
        raise ValueError(f"must be a whole number from 1 to {ROWS_OF_A_FILE_MOST}")
    return int(value)


def _file(request: Request, query: dict[str, Any]) -> Response:
    """Return rows as a file. Where there are more, the file's last line, `X-Has-More` and `Link` say so."""
    filters, tally = _filters(query), tally_of(request)
    at, bound_to = _bookmark(request, query, tally)
    most = int(query.get("limit", ROWS_OF_A_FILE_MOST)) if "limit" in request.query else ROWS_OF_A_FILE_MOST
    rows: list[Row] = []
    here = at
    while True:
        page = rank.page(request.employer_id, tally, here, filters, most - len(rows))
        rows += page.rows
        if page.next_start is None or len(rows) >= most:
            break
        here = replace(here, start=page.next_start, number=here.number + len(page.rows))
    cursor = _cursor(at, Page(rows, page.next_start), bound_to)
    notice = (
        f"More candidates are waiting than these {len(rows)}. The next part is at the address in the Link header."
        if cursor
        else ""
    )
    cells = rows_as_cells(to_json([serialize_row(row, request.now) for row in rows]))
    table = spreadsheet.Table(f"call-list-{request.now:%Y-%m-%d}", COLUMNS, cells, notice)
    response = spreadsheet.spreadsheet(table, query.get("format", "csv"), request.now)
    response.headers["X-Has-More"] = "true" if cursor else "false"
    if cursor:
        response.headers["Link"] = link_to_next(request, cursor, settings().base_url)
    return response


def _bookmark(request: Request, query: dict[str, Any], tally: Tally) -> tuple[Bookmark, str]:
    """Return where the page begins, and what its cursors are bound to."""
    bound_to = _bound_to(request, _filters(query))
    if "cursor" not in query:
        return Bookmark.first(tally, request.now, request.employer.review_days), bound_to
    return rank.open_cursor(query["cursor"], bound_to, request.now), bound_to


def _cursor(at: Bookmark, page: Page, bound_to: str) -> str | None:
    return rank.cursor_after(at, page, bound_to)


def _filters(query: dict[str, Any]) -> Filters:
    chosen, group = (query.get("reachable", True), query.get("stage"), query.get("decided")), query.get("group")
    return Filters(*chosen, query.get("owner"), query.get("snoozed", False), group_key(group) if group else None)


def _bound_to(request: Request, filters: Filters) -> str:
    return f"call_list|{request.employer_id}|{filters.bound_to}"
