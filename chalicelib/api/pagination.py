"""Lists in pages, filtered after reading: newest first, or by name. A cursor holds the last position that was read.

A filter reads on until the page is full, at most SCANNED_MOST records a request. A page of a rare filter may be short,
even empty, and still say `has_more`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.api.json_text import dump
from chalicelib.api.query_params import LIMIT_MOST, PAGING
from chalicelib.api.request import Request
from chalicelib.config import settings
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.key_ring import KeyRing
from chalicelib.signing import BadToken, sign_token, verify_token
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key

SCANNED_MOST = 2_000
_STRIDE = 100
Read = Callable[[Sequence[str]], Sequence[Any]]
"""Ids -> records as clients see them, in order; None for a record that is gone or does not pass the filters."""


def paginate(
    request: Request, query: dict[str, Any], ids_after: Callable[[str | None], Iterator[str]], read: Read
) -> dict[str, Any]:
    """Makes one page. `ids_after(start)` yields ids after `start`, newest first; `read` turns them into records."""
    bound_to = _bound(request, query)
    start = _start(request, query, bound_to)
    found: list[Any] = []
    limit, stream, scanned, last = query["limit"], ids_after(start), 0, start
    while scanned < SCANNED_MOST and (some := list(islice(stream, min(_STRIDE, max(limit + 1, 25))))):
        scanned += len(some)
        for one, record in zip(some, read(some), strict=True):
            if record is not None and len(found) == limit:
                return page_of(found, encode_cursor(last, keys=settings().sign, bound_to=bound_to))
            if record is not None:
                found.append(record)
            last = one
    more = last is not None and next(stream, None) is not None
    return page_of(found, encode_cursor(last, keys=settings().sign, bound_to=bound_to) if more else None)


def paginate_rows(
    request: Request, query: dict[str, Any], read: Callable[[str | None], tuple[Sequence[tuple[str, Any]], str | None]]
) -> dict[str, Any]:
    """Makes one page of one read. `read(start)` returns rows after `start`, and the position to continue after, or None.

    A row is (position, record as clients see it); the record is None where it is gone or does not pass the filters.
    """
    bound_to = _bound(request, query)
    start = _start(request, query, bound_to)
    rows, following = read(start)
    found: list[Any] = []
    last = start
    for position, record in rows:
        if record is not None and len(found) == query["limit"]:
            return page_of(found, encode_cursor(last, keys=settings().sign, bound_to=bound_to))
        if record is not None:
            found.append(record)
        last = position
    return page_of(found, encode_cursor(following, keys=settings().sign, bound_to=bound_to) if following else None)


def paginate_few(request: Request, records: Sequence[Any]) -> dict[str, Any]:
    """Makes one page of a list that is read whole: up to a hundred, unless the client asks for fewer."""
    query = request.read_query(PAGING)
    if "limit" not in request.query:
        query["limit"] = LIMIT_MOST
    rows = [(str(number), one) for number, one in enumerate(records, 1)]
    return paginate_rows(request, query, lambda start: (rows[int(start or 0) :], None))


def position_of(request: Request, query: dict[str, Any]) -> Any:
    """Returns the position in the cursor of a request; None on the first page. Raises Unprocessable."""
    return _start(request, query, _bound(request, query))


def _start(request: Request, query: dict[str, Any], bound_to: str) -> Any:
    if "cursor" not in query:
        return None
    return decode_cursor(query["cursor"], keys=settings().sign, bound_to=bound_to, now=request.now)


def _bound(request: Request, query: dict[str, Any]) -> str:
    filters = {name: str(value) for name, value in sorted(query.items()) if name not in ("cursor", "limit")}
    return f"{request.employer_id} {request.path} {dump(filters)}"


def ids_of_kind(employer_id: str, kind: str) -> Callable[[str | None], Iterator[str]]:
    """Yields all ids of a kind of one employer, from the listing index, which lags by moments."""

    def stream(start: str | None) -> Iterator[str]:
        key: dict[str, Any] | None = None
        while True:
            condition = Item.list_at < start if start else None
            raws, key = table.query_index(
                "listing", keys.list_key(employer_id, kind), condition, limit=_STRIDE, forward=False, start=key
            )
            yield from (_listed(raw) for raw in raws)
            if key is None:
                return

    return stream


def partitions(employer_id: str, kind: str) -> dict[str, str]:
    """Returns {id: PK} of all items of a kind, for kinds of which an employer has some thousands at most."""
    rows = table.all_of_index("listing", keys.list_key(employer_id, kind))
    return {_listed(row): str(row["PK"]["S"]) for row in rows}


def _listed(raw: dict[str, Any]) -> str:
    return str(raw["list_at"]["S"])


def ids_in(known: Iterable[str]) -> Callable[[str | None], Iterator[str]]:
    """Yields ids that the caller has already, newest first."""
    newest_first = sorted(known, reverse=True)
    return lambda start: iter([one for one in newest_first if start is None or one < start])


def items_of(keys: Sequence[Key]) -> list[Item | None]:
    """Reads items consistently, in the order of their keys; None for a missing one."""
    found = table.get_many(keys)
    return [found.get(key) for key in keys]


def encode_cursor(position: Any, *, keys: KeyRing, bound_to: str) -> str:
    """Makes a signed cursor. `bound_to` names the employer, the route and the filters that it is valid for."""
    return sign_token(keys, "cursor:" + bound_to, json.dumps(position).encode())


def decode_cursor(cursor: str, *, keys: KeyRing, bound_to: str, now: datetime) -> Any:
    """Reads the position in a cursor. Raises Unprocessable for one that was edited or is another list's."""
    try:
        return json.loads(verify_token(keys, "cursor:" + bound_to, cursor, now))
    except BadToken:
        raise Unprocessable(
            "The cursor is not one of this list with these filters.",
            errors=[FieldError("?cursor", "is not a cursor of this list")],
        ) from None


def page_of(data: list[Any], next_cursor: str | None, **also: Any) -> dict[str, Any]:
    """Makes the body of every list. `also` is what a list tells beside its rows."""
    return {"data": data, "next_cursor": next_cursor, "has_more": next_cursor is not None, **also}
