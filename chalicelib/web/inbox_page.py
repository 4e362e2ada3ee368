"""The Inbox: what candidates said, by text or on their own page, newest first; all of it, or what nobody has seen yet."""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import urlencode

from chalicelib.api.pagination import decode_cursor, encode_cursor
from chalicelib.api.query_params import cursor_text, one_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.errors import FieldError, NotFound, Unprocessable
from chalicelib.messaging import inbox
from chalicelib.messaging.inbox import Entry
from chalicelib.messaging.message_list import newest_first
from chalicelib.messaging.reply_store import ReplyItem
from chalicelib.web import page_support
from chalicelib.web.labels import REPLY_KINDS

SHOWN = 25
SCANNED_MOST = 500
"""Entries that one page reads to fill itself where most of them have been seen."""
_QUERY = {"cursor": cursor_text, "show": one_of("new")}


def show(request: Request, visitor: Visitor) -> Response:
    """GET /inbox"""
    query = request.read_query(_QUERY)
    chosen = {"show": query["show"]} if "show" in query else {}
    bound_to = "|".join(("inbox", visitor.employer.id, *chosen.values()))
    start: Any = None
    if "cursor" in query:
        start = decode_cursor(query["cursor"], keys=settings().sign, bound_to=bound_to, now=request.now)
    entries, following = _page_of(visitor.employer.id, start, new_alone=bool(chosen))
    cursor = encode_cursor(following, keys=settings().sign, bound_to=bound_to) if following else None
    return page_support.page(
        "inbox.html",
        request,
        visitor,
        entries=entries,
        kinds=REPLY_KINDS,
        new_alone=bool(chosen),
        unseen=[entry.item.id for entry in entries if entry.item.seen_at is None],
        first=start is None,
        back=_path({**chosen, **({"cursor": query["cursor"]} if "cursor" in query else {})}),
        start_over=_path(chosen),
        more=_path({**chosen, "cursor": cursor}) if cursor else None,
    )


def _path(values: dict[str, str]) -> str:
    return "/inbox" + (f"?{urlencode(values)}" if values else "")


def _page_of(employer_id: str, start: Any, *, new_alone: bool) -> tuple[list[Entry], str | None]:
    """Returns a page of entries, and the place after which the next one starts; None on the last."""
    stream = newest_first(employer_id, ReplyItem.kind, start)
    found: list[Entry] = []
    read, last = 0, start
    while read < (SCANNED_MOST if new_alone else 1) and (places := list(islice(stream, SHOWN + 1))):
        read += len(places)
        for place, entry in zip(places, inbox.at_places(places), strict=True):
            if len(found) == SHOWN:
                return found, last
            if entry is not None and not (new_alone and entry.item.seen_at):
                found.append(entry)
            last = place
    return found, last if next(stream, None) is not None else None


def mark_seen(request: Request, visitor: Visitor, reply: str) -> Response:
    """POST /inbox/{reply}/seen"""
    given = page_support.form(request, visitor)
    inbox.mark_seen(visitor.employer.id, reply, visitor.actor, request.now)
    return page_support.see_other(request, _back_of(given.one("back")))


def mark_page_seen(request: Request, visitor: Visitor) -> Response:
    """POST /inbox/seen: what one page showed as new, and nothing that has arrived since."""
    given = page_support.form(request, visitor)
    listed = given.get("reply", [])
    if not 1 <= len(listed) <= SHOWN:
        raise Unprocessable(errors=[FieldError("/reply", f"takes from 1 to {SHOWN} replies")])
    for reply in listed:
        try:
            inbox.mark_seen(visitor.employer.id, reply, visitor.actor, request.now)
        except NotFound:  # erased since the page was opened
            continue
    return page_support.see_other(request, _back_of(given.one("back")))


def _back_of(back: str) -> str:
    return back if back.startswith("/inbox?") and page_support.safe_path(back) == back else "/inbox"
