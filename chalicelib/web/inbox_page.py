"""The Inbox: what candidates said, by text or on their own page, newest first."""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import urlencode

from chalicelib.api.pagination import decode_cursor, encode_cursor
from chalicelib.api.query_params import cursor_text
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.messaging import inbox
from chalicelib.messaging.message_list import newest_first
from chalicelib.messaging.reply_store import ReplyItem
from chalicelib.web import page_support
from chalicelib.web.labels import REPLY_KINDS

SHOWN = 25


def show(request: Request, visitor: Visitor) -> Response:
    """GET /inbox"""
    query = request.read_query({"cursor": cursor_text})
    bound_to = f"inbox|{visitor.employer.id}"
    start: Any = None
    if "cursor" in query:
        start = decode_cursor(query["cursor"], keys=settings().sign, bound_to=bound_to, now=request.now)
    places = list(islice(newest_first(visitor.employer.id, ReplyItem.kind, start), SHOWN + 1))
    entries = [entry for entry in inbox.at_places(places[:SHOWN]) if entry]
    cursor = encode_cursor(places[SHOWN - 1], keys=settings().sign, bound_to=bound_to) if len(places) > SHOWN else None
    return page_support.page(
        "inbox.html",
        request,
        visitor,
        entries=entries,
        kinds=REPLY_KINDS,
        first=start is None,
        more=f"/inbox?{urlencode({'cursor': cursor})}" if cursor else None,
    )


def mark_seen(request: Request, visitor: Visitor, reply: str) -> Response:
    """POST /inbox/{reply}/seen"""
    page_support.form(request, visitor)
    inbox.mark_seen(visitor.employer.id, reply, visitor.actor, request.now)
    return page_support.see_other(request, "/inbox")
