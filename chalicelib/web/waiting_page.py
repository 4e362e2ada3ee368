"""Everybody who waits, as a table: for lists too long for cards. Several are told "not yet" at once; the list is a file too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from chalicelib.api.query_params import cursor_text, one_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.spreadsheet import Table, spreadsheet
from chalicelib.applications import tally_items
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.reputation import call_list
from chalicelib.reputation.call_list import Bookmark, Filters, Row
from chalicelib.rules.canonical import dialled_phone
from chalicelib.rules.risk.report import assess
from chalicelib.web import formatting, page_support, render, today, today_filters, today_lists
from chalicelib.web.labels import DECIDED

SHOWN = 100
FILE_MOST = 10_000
COLUMNS = ("Name", "Job title", "Stage", "Should hear by", "Hours late", "Decided", "Phone", "Email", "Tried", "Link")


def show(request: Request, visitor: Visitor) -> Response:
    """GET /waiting"""
    query = request.read_query({**today_filters.FILTERS, "cursor": cursor_text, "tick": one_of("all")})
    wanted, employer = today_filters.wanted_of(query, visitor), visitor.employer
    tally = tally_items.read(employer.id, request.now)
    listed = tally_items.read(employer.id, request.now, wanted.group) if wanted.group else tally
    bound_to = f"waiting|{employer.id}|{wanted.bound_to}"
    at = Bookmark.first(listed, request.now, employer.review_days)
    if "cursor" in query:
        at = call_list.open_cursor(query["cursor"], bound_to, request.now)
    page = call_list.page(employer.id, listed, at, wanted, SHOWN)
    cursor = call_list.cursor_after(at, page, bound_to)
    chosen = today_filters.parameters_of(wanted)
    here = {**chosen, "cursor": query["cursor"]} if "cursor" in query else chosen
    return page_support.page(
        "waiting.html",
        request,
        visitor,
        cards=[today.card_of(row, employer, request.now) for row in page.rows],
        waiting=assess(tally, request.now, employer.review_days).tally.waiting,
        first=at.number == 1,
        call_backs=today_lists.call_backs_of(employer.id, wanted, request.now) if "cursor" not in query else [],
        number=at.number,
        ticked=query.get("tick") == "all",
        tick_all=_path("/waiting", {**here, "tick": "all"}),
        tick_none=_path("/waiting", here),
        file=_path("/waiting/file", chosen),
        start_over=_path("/waiting", chosen),
        as_cards=_path("/", chosen),
        more=_path("/waiting", {**chosen, "cursor": cursor}) if cursor else None,
        stage=wanted.stage,
        back=_path("/waiting", chosen),
        **today_filters.form_values(wanted, visitor),
        **today.days(employer, request.now),
    )


def _path(path: str, values: dict[str, str]) -> str:
    return path + (f"?{urlencode(values)}" if values else "")


def download(request: Request, visitor: Visitor) -> Response:
    """GET /waiting/file: the whole list, in its order, as a workbook."""
    wanted = today_filters.wanted_of(request.read_query(today_filters.FILTERS), visitor)
    rows = [_cells(row, visitor, request) for row in _all_rows(visitor, wanted, request)]
    table = Table(f"waiting-{request.now:%Y-%m-%d}", COLUMNS, rows)
    response = spreadsheet(table, "xlsx", request.now)
    response.headers = {**render.HEADERS, **response.headers}
    return response


def _all_rows(visitor: Visitor, wanted: Filters, request: Request) -> list[Row]:
    tally = tally_items.read(visitor.employer.id, request.now, wanted.group)
    at = Bookmark.first(tally, request.now, visitor.employer.review_days)
    rows: list[Row] = []
    while len(rows) < FILE_MOST:
        page = call_list.page(visitor.employer.id, tally, at, wanted, call_list.MAX_READ)
        rows += page.rows
        if page.next_start is None:
            break
        at = replace(at, number=len(rows) + 1, start=page.next_start)
    return rows


def _cells(row: Row, visitor: Visitor, request: Request) -> list[Any]:
    item = row.application
    phone = dialled_phone(item.phone, item.phone_extension) if item.phone else ""
    return [
        item.name,
        item.job_title,
        formatting.STAGE_NAMES[item.wait_stage],
        item.word_due_at.astimezone(ZoneInfo(visitor.employer.timezone)),
        row.overdue_hours,
        DECIDED.get(row.decided or "", ""),
        formatting.readable_phone(phone) if phone else "",
        item.email or "",
        formatting.tried(item.attempts, request.now),
        f"{settings().base_url}/applications/{item.id}",
    ]
