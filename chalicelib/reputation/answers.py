"""What the API says about risk: the score, and the call list as JSON and as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from contextvars import ContextVar
from typing import Any

from chalicelib.access.call import Call, Reply
from chalicelib.applications.law.duties import next_due_on
from chalicelib.config import settings
from chalicelib.http import PAGING, decode_cursor, encode_cursor, instant, one_of, page_of, true_or_false
from chalicelib.reputation import call_list as rank
from chalicelib.reputation import spreadsheet, tallies
from chalicelib.reputation.call_list import Bookmark, Row, Wanted
from chalicelib.reputation.waiting import pool
from chalicelib.rules.records import STAGES
from chalicelib.rules.risk import assess
from chalicelib.rules.tally import Tally
from chalicelib.table import Key

CSV_ROWS_AT_MOST = 1000
_FILTERS = {"reachable": true_or_false, "decided": one_of("advancing", "offer", "rejected"), "stage": one_of(*STAGES)}
_ahead: ContextVar[tuple[str, Future[Tally]] | None] = ContextVar("tally_ahead", default=None)


def tally_ahead(call: Call) -> Iterable[Key]:
    """Begins to read the tally while the key is still being checked: one round trip less. It adds no keys to that check.

    The employer is only claimed at this point; nothing is shown unless the key turns out to be that employer's.
    """
    employer_id = call.claimed_employer_id or ""
    _ahead.set((employer_id, pool().submit(tallies.read, employer_id, call.now)))
    return ()


def tally_of(call: Call) -> Tally:
    ahead = _ahead.get()
    _ahead.set(None)
    if ahead and ahead[0] == call.employer_id:
        return ahead[1].result()
    return tallies.read(call.employer_id, call.now)


def risk(call: Call) -> Reply:
    """GET /v1/risk"""
    call.read_query({})
    return Reply(body=assess(tally_of(call), call.now).as_json())


def call_list(call: Call) -> Reply:
    """GET /v1/call_list. A cursor pins the instant of the first page, so that later pages neither repeat nor skip."""
    query = call.read_query({**PAGING, **_FILTERS})
    wanted = _wanted(query)
    bound_to, secret, at = _bound_to(call, wanted), settings().secret, Bookmark(call.now)
    if "cursor" in query:
        at = Bookmark.unpacked(decode_cursor(query["cursor"], secret=secret, bound_to=bound_to, now=call.now))
    page = rank.page(call.employer_id, tally_of(call), at.as_of, wanted, query["limit"], at.start, at.number)
    following = at.after(page)
    cursor = encode_cursor(following, secret=secret, bound_to=bound_to) if following else None
    return Reply(body=page_of([as_json(row) for row in page.rows], cursor))


def call_list_csv(call: Call) -> Reply:
    """GET /v1/call_list.csv: the first thousand rows at once."""
    wanted, tally = _wanted(call.read_query(_FILTERS)), tally_of(call)
    rows: list[Row] = []
    start = None
    while len(rows) < CSV_ROWS_AT_MOST:
        page = rank.page(call.employer_id, tally, call.now, wanted, CSV_ROWS_AT_MOST - len(rows), start, len(rows) + 1)
        rows += page.rows
        start = page.next_start
        if start is None:
            break
    return Reply(body=spreadsheet.csv_text([as_json(row) for row in rows]), headers={
        "Content-Type": "text/csv; charset=utf-8; header=present",
        "Content-Disposition": f'attachment; filename="call-list-{call.now:%Y-%m-%d}.csv"'})


def as_json(row: Row) -> dict[str, Any]:
    """A row as clients see it."""
    item = row.application
    return {
        "rank": row.rank, "application_id": item.id,
        "candidate": {"id": item.candidate_id, "name": item.name, "phone": item.phone, "email": item.email},
        "job_title": item.job_title, "stage": item.wait_stage, "decided": row.decided,
        "waiting_since": instant(item.wait_since), "word_due_at": instant(item.word_due_at), "overdue_hours": row.overdue_hours,
        "statutory_due_on": next_due_on(item), "delay_costs": row.delay_costs, "avoids": row.avoids}


def _wanted(query: dict[str, Any]) -> Wanted:
    return Wanted(query.get("reachable", True), query.get("stage"), query.get("decided"))


def _bound_to(call: Call, wanted: Wanted) -> str:
    return f"call_list|{call.employer_id}|{wanted.reachable}|{wanted.stage}|{wanted.decided}"
