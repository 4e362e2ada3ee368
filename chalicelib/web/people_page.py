"""The People page: everybody with an application, found by name, and the form that adds an interview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from chalicelib.api import pagination
from chalicelib.api.pagination import decode_cursor, encode_cursor
from chalicelib.api.query_params import cursor_text, one_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.candidates import search
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.serializers import loop_of
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.rules.copy.letters import REASONS
from chalicelib.rules.model import LOOP_STATES, is_overdue
from chalicelib.rules.name_search import words_of
from chalicelib.storage import keys
from chalicelib.web import formatting, page_support
from chalicelib.web.labels import LOOPS
from chalicelib.web.today import days

SHOWN = 50
SCANNED_MOST = 1_000
"""Applications that one page reads to fill itself where a filter is rare."""
_STRIDE = 100
NONE = "none"
_NAME_MOST = 100


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One application, or a candidate without any, as the list shows it."""

    name: str
    path: str
    job_title: str
    standing: str
    due: str
    late: bool
    application_id: str = ""
    """Set where a letter can tell this person a rejection: they wait, have an email, and nothing else is decided."""


def show(request: Request, visitor: Visitor) -> Response:
    """GET /people"""
    query = request.read_query({"q": _name, "loop": _loop, "cursor": cursor_text})
    q, loop = query.get("q", ""), query.get("loop", "")
    bound_to = f"people|{visitor.employer.id}|{q}|{loop}"
    start = (
        decode_cursor(query["cursor"], keys=settings().sign, bound_to=bound_to, now=request.now) if "cursor" in query else None
    )
    rows, following = _without(visitor.employer.id, q, start) if loop == NONE else _with(request, visitor, q, loop, start)
    if q and not loop and start is None:
        rows += _without(visitor.employer.id, q, None)[0]
    more = encode_cursor(following, keys=settings().sign, bound_to=bound_to) if following else None
    values = {name: value for name, value in (("q", q), ("loop", loop)) if value}
    template = "people_rows.html" if request.headers.get("hx-request") else "people.html"
    return page_support.page(
        template,
        request,
        visitor,
        rows=rows,
        q=q,
        loop=loop,
        loops={**LOOPS, NONE: "No application yet"},
        first=start is None,
        can_tell=any(row.application_id for row in rows),
        letter_reasons=REASONS,
        **days(visitor.employer, request.now),
        start_over="/people" + (f"?{urlencode(values)}" if values else ""),
        more=f"/people?{urlencode({**values, 'cursor': more})}" if more else None,
    )


def _name(value: str) -> str:
    """Reads the text of the search box. An empty one, or one without letters, searches for nothing."""
    value = "".join(char for char in value if char.isprintable()).strip()[:_NAME_MOST]
    return value if words_of(value) else ""


def _loop(value: str) -> str:
    """Reads the filter; empty shows everybody."""
    return one_of(*LOOP_STATES, NONE)(value) if value else ""


def _with(request: Request, visitor: Visitor, q: str, loop: str, start: Any) -> tuple[list[PersonRow], Any]:
    """Returns a page of applications, and where the next one starts."""
    found, following = _found(visitor.employer.id, q, start) if q else _newest(request, visitor, loop, start)
    return [_row(item, request, visitor) for item in found if not loop or loop_of(item, request.now) == loop], following


def _without(employer_id: str, q: str, start: Any) -> tuple[list[PersonRow], Any]:
    """Returns candidates without any application: entered by a program, or left after a merger."""
    if q:
        rows, following = search.find_candidates(employer_id, words_of(q), SHOWN, start)
        found = [item for _, item in rows if item]
    else:
        found, following = _newest_candidates(employer_id, start)
    return [_candidate_row(item) for item in found if not (item.applications or item.past)], following


def _newest_candidates(employer_id: str, start: Any) -> tuple[list[CandidateItem], Any]:
    stream = pagination.ids_of_kind(employer_id, "CAND")(start)
    ids = list(islice(stream, SCANNED_MOST))
    items = pagination.items_of([(keys.candidate_pk(employer_id, one), "CAND") for one in ids])
    return [item for item in items if isinstance(item, CandidateItem)], ids[-1] if next(stream, None) is not None else None


def _candidate_row(item: CandidateItem) -> PersonRow:
    return PersonRow(item.name, f"/candidates/{item.id}", "", "No interviews yet", "", False)


def _found(employer_id: str, q: str, start: Any) -> tuple[list[ApplicationItem], Any]:
    rows, following = search.find_applications(employer_id, words_of(q), SHOWN, start)
    return [item for _, item in rows if item], following


def _newest(request: Request, visitor: Visitor, loop: str, start: Any) -> tuple[list[ApplicationItem], Any]:
    """Returns a page of applications, newest first, and the id to continue after."""
    stream = pagination.ids_of_kind(visitor.employer.id, "APP")(start)
    found: list[ApplicationItem] = []
    read, last = 0, start
    while read < SCANNED_MOST and (some := list(islice(stream, _STRIDE if loop else SHOWN + 1))):
        read += len(some)
        for one, item in zip(some, _applications(visitor.employer.id, some), strict=True):
            wanted = item is not None and (not loop or loop_of(item, request.now) == loop)
            if item is not None and wanted and len(found) == SHOWN:
                return found, last
            if item is not None and wanted:
                found.append(item)
            last = one
    return found, last if next(stream, None) is not None else None


def _applications(employer_id: str, ids: Sequence[str]) -> list[ApplicationItem | None]:
    items = pagination.items_of([(keys.case_pk(employer_id, one), "APP") for one in ids])
    return [item if isinstance(item, ApplicationItem) else None for item in items]


def _row(item: ApplicationItem, request: Request, visitor: Visitor) -> PersonRow:
    loop = loop_of(item, request.now)
    late = item.wait_state == "open" and is_overdue(item.word_due_at, request.now)
    due = formatting.moment(item.word_due_at, visitor.employer.timezone) if item.wait_state == "open" else ""
    can_tell = loop == "waiting" and item.email and item.decided in (None, "rejected")
    is_late = bool(late and loop == "waiting")
    return PersonRow(
        item.name, f"/applications/{item.id}", item.job_title, LOOPS[loop], due, is_late, item.id if can_tell else ""
    )
