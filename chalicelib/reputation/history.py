"""The history of the score: one snapshot a UTC day, newest first, stored by the nightly job."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chalicelib.api.pagination import decode_cursor, encode_cursor, page_of
from chalicelib.api.query_params import PAGING, text
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import groups
from chalicelib.config import settings
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.reputation import counters
from chalicelib.reputation.counters import SnapshotItem


def snapshots(request: Request) -> Response:
    """GET /v1/risk/history: the UTC dates `from` to `to`, both included."""
    query = request.read_query({**PAGING, "from": _date, "to": _date, "group": text})
    first, last = query.get("from", date.min), query.get("to", date.max)
    if first > last:
        raise Unprocessable(errors=[FieldError("?to", "must not be before from")])
    group = groups.demand(request.employer_id, query["group"]) if "group" in query else None
    bound_to = f"risk_history|{request.employer_id}|{first}|{last}" + (f"|{group}" if group else "")
    if "cursor" in query:
        last = date.fromisoformat(decode_cursor(query["cursor"], keys=settings().sign, bound_to=bound_to, now=request.now))
    found = counters.snapshots(request.employer_id, first.isoformat(), last.isoformat(), query["limit"] + 1, group)
    shown = found[: query["limit"]]
    following = None
    if len(found) > len(shown):
        before = date.fromisoformat(shown[-1].date) - timedelta(days=1)
        following = encode_cursor(before.isoformat(), keys=settings().sign, bound_to=bound_to)
    return Response(body=page_of([_as_json(item) for item in shown], following))


def _as_json(item: SnapshotItem) -> dict[str, Any]:
    return {
        "date": item.date,
        "heard_on_time": None,
        "late_now": None,
        "horizon_days": None,
        **item.risk,
        "tally": {"not_yet": None, **item.risk["tally"]},
    }


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value) if len(value) == 10 else date.fromisoformat("")
    except ValueError:
        raise ValueError("must be a date, yyyy-mm-dd") from None
