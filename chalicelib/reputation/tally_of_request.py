"""Reads the tally that a request asks for, while its credential is checked.

A module of its own, because the routes name it where they are declared: it brings little to a cold start.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from contextvars import ContextVar

from chalicelib.api.query_params import text
from chalicelib.api.request import Request
from chalicelib.applications import groups, tally_items
from chalicelib.rules.tally import Tally
from chalicelib.storage.table import Key

GROUP = {"group": text}
_ahead: ContextVar[tuple[str, str | None, Future[Tally]] | None] = ContextVar("tally_ahead", default=None)


def tally_ahead(request: Request) -> Iterable[Key]:
    """Start to read the tally while the API key is checked: one round trip less. Adds no keys to that read.

    The employer is only claimed at this point. Nothing is shown unless the key is that employer's.
    """
    from chalicelib.reputation.waiting_index import pool

    employer_id, group = request.claimed_employer_id or "", _group(request)
    _ahead.set((employer_id, group, pool().submit(tally_items.read, employer_id, request.now, group)))
    return ()


def tally_of(request: Request) -> Tally:
    """Return the tally that `tally_ahead` began to read, or read it: the employer's, or that of `?group=`.

    Raises Unprocessable, which names the groups, for an unknown one.
    """
    ahead, group = _ahead.get(), _group(request)
    _ahead.set(None)
    if ahead and ahead[:2] == (request.employer_id, group):
        tally = ahead[2].result()
    else:
        tally = tally_items.read(request.employer_id, request.now, group)
    if group and not tally:
        groups.demand(request.employer_id, group)
    return tally


def _group(request: Request) -> str | None:
    """Return the group that the query names, before the query is checked."""
    return (request.query.get("group") or [""])[0] or None
