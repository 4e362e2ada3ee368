"""How the score went: one snapshot a UTC day, newest first, written by the nightly job."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chalicelib.access.call import Call, Reply
from chalicelib.config import settings
from chalicelib.errors import Fault, Unprocessable
from chalicelib.http import PAGING, decode_cursor, encode_cursor, page_of
from chalicelib.reputation import tallies
from chalicelib.reputation.tallies import SnapshotItem


def snapshots(call: Call) -> Reply:
    """GET /v1/risk/history, of the UTC dates `from` to `to`, both included."""
    query = call.read_query({**PAGING, "from": _date, "to": _date})
    first, last = query.get("from", date.min), query.get("to", date.max)
    if first > last:
        raise Unprocessable(errors=[Fault("?to", "must not be before from")])
    bound_to = f"risk_history|{call.employer_id}|{first}|{last}"
    if "cursor" in query:
        last = date.fromisoformat(decode_cursor(query["cursor"], secret=settings().secret, bound_to=bound_to, now=call.now))
    found = tallies.snapshots(call.employer_id, first.isoformat(), last.isoformat(), query["limit"] + 1)
    shown = found[:query["limit"]]
    following = None
    if len(found) > len(shown):
        before = date.fromisoformat(shown[-1].date) - timedelta(days=1)
        following = encode_cursor(before.isoformat(), secret=settings().secret, bound_to=bound_to)
    return Reply(body=page_of([_as_json(item) for item in shown], following))


def _as_json(item: SnapshotItem) -> dict[str, Any]:
    return {"date": item.date, **item.risk}


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value) if len(value) == 10 else date.fromisoformat("")
    except ValueError:
        raise ValueError("must be a date, yyyy-mm-dd") from None
