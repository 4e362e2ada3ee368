"""What the API says about risk: the score, and the call list as JSON and as a spreadsheet."""

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
from chalicelib.reputation.call_list import Bookmark, Row, Wanted
from chalicelib.reputation.serializers import serialize_risk, serialize_row
from chalicelib.reputation.waiting_index import pool
from chalicelib.rules.model import DECIDED, STAGES
from chalicelib.rules.risk.report import assess
from chalicelib.rules.tally import Tally
from chalicelib.storage.table import Key

CSV_ROWS_AT_MOST = 1000
_FILTERS = {"reachable": true_or_false, "decided": one_of(*DECIDED), "stage": one_of(*STAGES)}
_ahead: ContextVar[tuple[str, Future[Tally]] | None] = ContextVar("tally_ahead", default=None)


def tally_ahead(request: Request) -> Iterable[Key]:
    """Begins to read the tally while the key is still being checked: one round trip less. It adds no keys to that check.

    The employer is only claimed at this point; nothing is shown unless the key turns out to be that employer's.
    """
    employer_id = request.claimed_employer_id or ""
    _ahead.set((employer_id, pool().submit(counters.read, employer_id, request.now)))
    return ()


def tally_of(request: Request) -> Tally:
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
    """GET /v1/call_list. A cursor pins the instant of the first page, so that later pages neither repeat nor skip."""
    query = request.read_query({**PAGING, **_FILTERS})
    wanted = _wanted(query)
    bound_to, secret, at = _bound_to(request, wanted), settings().secret, Bookmark(request.now)
    if "cursor" in query:
        at = Bookmark.unpacked(decode_cursor(query["cursor"], secret=secret, bound_to=bound_to, now=request.now))
    page = rank.page(request.employer_id, tally_of(request), at.as_of, wanted, query["limit"], at.start, at.number)
    following = at.after(page)
    cursor = encode_cursor(following, secret=secret, bound_to=bound_to) if following else None
    return Response(body=page_of([serialize_row(row) for row in page.rows], cursor))


def call_list_csv(request: Request) -> Response:
    """GET /v1/call_list.csv: the first thousand rows at once."""
    wanted, tally = _wanted(request.read_query(_FILTERS)), tally_of(request)
    rows: list[Row] = []
    start = None
    while len(rows) < CSV_ROWS_AT_MOST:
        page = rank.page(request.employer_id, tally, request.now, wanted, CSV_ROWS_AT_MOST - len(rows), start, len(rows) + 1)
        rows += page.rows
        start = page.next_start
        if start is None:
            break
    return Response(
        body=spreadsheet.csv_text([to_json(serialize_row(row)) for row in rows]),
        headers={
            "Content-Type": "text/csv; charset=utf-8; header=present",
            "Content-Disposition": f'attachment; filename="call-list-{request.now:%Y-%m-%d}.csv"',
        },
    )


def _wanted(query: dict[str, Any]) -> Wanted:
    return Wanted(query.get("reachable", True), query.get("stage"), query.get("decided"))


def _bound_to(request: Request, wanted: Wanted) -> str:
    return f"call_list|{request.employer_id}|{wanted.reachable}|{wanted.stage}|{wanted.decided}"
