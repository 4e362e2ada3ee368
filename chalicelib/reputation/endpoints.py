"""Endpoints of risk and call list, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from contextvars import ContextVar
from typing import Any

from chalicelib.api.pagination import decode_cursor, encode_cursor, page_of
from chalicelib.api.query_params import PAGING, one_of, true_or_false
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.serialize import to_json
from chalicelib.config import settings
from chalicelib.reputation import call_list as rank
from chalicelib.reputation import counters, spreadsheet
from chalicelib.reputation.call_list import Bookmark, Filters, Row
from chalicelib.reputation.serializers import serialize_risk, serialize_row
from chalicelib.reputation.waiting_index import pool
from chalicelib.rules.model import DECIDED, STAGES
from chalicelib.rules.risk.report import assess
from chalicelib.rules.tally import Tally
from chalicelib.storage.table import Key

MAX_CSV_ROWS = 1000
_QUERY = {"reachable": true_or_false, "decided": one_of(*DECIDED), "stage": one_of(*STAGES)}
_ahead: ContextVar[tuple[str, Future[Tally]] | None] = ContextVar("tally_ahead", default=None)


def tally_ahead(request: Request) -> Iterable[Key]:
    """Start to read the tally while the API key is checked: one round trip less. Adds no keys to that read.

    The employer is only claimed at this point. Nothing is shown unless the key is that employer's.
    """
    employer_id = request.claimed_employer_id or ""
    _ahead.set((employer_id, pool().submit(counters.read, employer_id, request.now)))
    return ()


def tally_of(request: Request) -> Tally:
    """Return the tally that `tally_ahead` began to read, or read it."""
    ahead = _ahead.get()
    _ahead.set(None)
    if ahead and ahead[0] == request.employer_id:
        return ahead[1].result()
    return counters.read(request.employer_id, request.now)


def risk(request: Request) -> Response:
    """GET /v1/risk"""
    request.read_query({})
    return Response(body=serialize_risk(assess(tally_of(request), request.now)))


def call_list(request: Request) -> Response:
    """GET /v1/call_list. A cursor keeps the instant of the first page, so that no row is repeated or skipped."""
    query = request.read_query({**PAGING, **_QUERY})
    filters = _filters(query)
    bound_to, secret, at = _bound_to(request, filters), settings().secret, Bookmark(request.now)
    if "cursor" in query:
        at = Bookmark.from_json(decode_cursor(query["cursor"], secret=secret, bound_to=bound_to, now=request.now))
    page = rank.page(request.employer_id, tally_of(request), at.as_of, filters, query["limit"], at.start, at.number)
    following = at.after(page)
    cursor = encode_cursor(following, secret=secret, bound_to=bound_to) if following else None
    return Response(body=page_of([serialize_row(row) for row in page.rows], cursor))


def call_list_csv(request: Request) -> Response:
    """GET /v1/call_list.csv: the first thousand rows."""
    filters, tally = _filters(request.read_query(_QUERY)), tally_of(request)
    rows: list[Row] = []
    start = None
    while len(rows) < MAX_CSV_ROWS:
        page = rank.page(request.employer_id, tally, request.now, filters, MAX_CSV_ROWS - len(rows), start, len(rows) + 1)
        rows += page.rows
        start = page.next_start
        if start is None:
            break
    return Response(
        body=spreadsheet.call_list_csv([to_json(serialize_row(row)) for row in rows]),
        headers={
            "Content-Type": "text/csv; charset=utf-8; header=present",
            "Content-Disposition": f'attachment; filename="call-list-{request.now:%Y-%m-%d}.csv"',
        },
    )


def _filters(query: dict[str, Any]) -> Filters:
    return Filters(query.get("reachable", True), query.get("stage"), query.get("decided"))


def _bound_to(request: Request, filters: Filters) -> str:
    return f"call_list|{request.employer_id}|{filters.reachable}|{filters.stage}|{filters.decided}"
