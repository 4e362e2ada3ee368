"""The People page: everybody with an application, found by name, and the form that adds an interview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from chalicelib.api import pagination
from chalicelib.api.pagination import decode_cursor, encode_cursor
from chalicelib.api.query_params import cursor_text, one_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import groups
from chalicelib.applications.candidates import search
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.serializers import loop_of
from chalicelib.applications.tally_items import group_key
from chalicelib.auth.sessions import Visitor
from chalicelib.config import settings
from chalicelib.rules.copy.letters import REASONS
from chalicelib.rules.model import LOOP_STATES, is_overdue
from chalicelib.rules.name_search import words_of
from chalicelib.storage import keys, table
from chalicelib.web import formatting, ownership, page_support
from chalicelib.web.labels import LOOPS
from chalicelib.web.today import days

SHOWN = 50
COUNTED_MOST = 1_000
"""Applications that are counted for the total: each page of a longer list says "more than 1,000"."""
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form asks for; empty is everybody. `owner` is a person's id, `job` a part of the job title."""

    q: str = ""
    loop: str = ""
    job: str = ""
    owner: str = ""
    group: str = ""

    @property
    def values(self) -> dict[str, str]:
        """Return the chosen filters as the query of the page's address."""
        return {name: value for name in ("q", "loop", "job", "owner", "group") if (value := getattr(self, name))}

    @property
    def is_no_name(self) -> bool:
        """Whether the search has no letter or digit ("---"): no name is found by it."""
        return bool(self.q) and not words_of(self.q)

    @property
    def is_rare(self) -> bool:
        """Whether applications are left out, so that a page may have to read more than it shows."""
        return bool(self.loop or self.has_more)

    @property
    def has_more(self) -> bool:
        """Whether a filter is chosen that only applications have."""
        return bool(self.job or self.owner or self.group)

    def bound_to(self, employer_id: str) -> str:
        """Return what a cursor is bound to: as the version before wrote it, where that knows the filters."""
        more = (self.job, self.owner, self.group) if self.has_more else ()
        return "|".join(("people", employer_id, self.q, self.loop, *more))

    def fits(self, item: ApplicationItem, now: datetime) -> bool:
        return (
            (not self.loop or loop_of(item, now) == self.loop)
            and self.job.casefold() in item.job_title.casefold()
            and self.owner in ("", item.owner_id)
            and (not self.group or group_key(item.group or "") == group_key(self.group))
        )


def show(request: Request, visitor: Visitor) -> Response:
    """GET /people"""
    query = request.read_query(_QUERY)
    start = query.pop("cursor", None)
    wanted = Wanted(**query)
    bound_to = wanted.bound_to(visitor.employer.id)
    if start is not None:
        start = decode_cursor(start, keys=settings().sign, bound_to=bound_to, now=request.now)
    start, number = _place(start, wanted)
    read = _without if wanted.loop == NONE else _with
    rows, following = ([], None) if wanted.is_no_name else read(request, visitor, wanted, start)
    if wanted.q and not (wanted.is_no_name or wanted.is_rare) and start is None:
        rows += _without(request, visitor, wanted, None)[0]
    after = f"{following}#{number + len(rows)}" if number and not wanted.q else following
    more = encode_cursor(after, keys=settings().sign, bound_to=bound_to) if following else None
    values = wanted.values
    in_place = bool(request.headers.get("hx-request"))
    return page_support.page(
        "people_rows.html" if in_place else "people.html",
        request,
        visitor,
        rows=rows,
        team=[] if in_place else ownership.people_of_team(visitor),
        groups=[] if in_place else groups.names_of(visitor.employer.id),
        wanted=wanted,
        q=wanted.q,
        loop=wanted.loop,
        loops={**LOOPS, NONE: "No application yet"},
        first=start is None,
        shown=_shown(visitor.employer.id, wanted, number, len(rows), is_last=following is None),
        can_tell=any(row.application_id for row in rows),
        letter_reasons=REASONS,
        **days(visitor.employer, request.now),
        start_over="/people" + (f"?{urlencode(values)}" if values else ""),
        more=f"/people?{urlencode({**values, 'cursor': more})}" if more else None,
    )


def _place(start: Any, wanted: Wanted) -> tuple[Any, int]:
    """Returns where a page begins, and the number of its first row: 0 where the cursor does not say, as those of a search."""
    if start is None:
        return None, 1
    position, _, number = str(start).partition("#") if not wanted.q else (str(start), "", "")
    return position, int(number) if number.isdecimal() else 0


def _shown(employer_id: str, wanted: Wanted, number: int, rows: int, *, is_last: bool) -> str:
    """Returns which rows the page shows, of how many where that is known or can be counted at little cost."""
    if not (number and rows):
        return ""
    last = number + rows - 1
    if is_last:
        total = f" of {last:,}"
    elif wanted.values:  # to count a filter is to read everything
        total = ""
    else:
        count = table.count_index("listing", keys.list_key(employer_id, "APP"), COUNTED_MOST + 1)
        total = f" of {count:,}" if count <= COUNTED_MOST else f" of more than {max(COUNTED_MOST, last):,}"
    return f"{number:,} to {last:,}{total}"


def _words(value: str) -> str:
    return "".join(char for char in value if char.isprintable()).strip()[:_NAME_MOST]


def _loop(value: str) -> str:
    """Reads the filter; empty shows everybody."""
    return one_of(*LOOP_STATES, NONE)(value) if value else ""


_QUERY = {"q": _words, "loop": _loop, "job": _words, "owner": _words, "group": _words, "cursor": cursor_text}


def _with(request: Request, visitor: Visitor, wanted: Wanted, start: Any) -> tuple[list[PersonRow], Any]:
    """Returns a page of applications, and where the next one starts."""
    found, following = _found(visitor.employer.id, wanted.q, start) if wanted.q else _newest(request, visitor, wanted, start)
    return [_row(item, request, visitor) for item in found if wanted.fits(item, request.now)], following


def _without(_: Request, visitor: Visitor, wanted: Wanted, start: Any) -> tuple[list[PersonRow], Any]:
    """Returns candidates without any application: entered by a program, or left after a merger."""
    employer_id = visitor.employer.id
    if wanted.q:
        rows, following = search.find_candidates(employer_id, words_of(wanted.q), SHOWN, start)
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


def _newest(request: Request, visitor: Visitor, wanted: Wanted, start: Any) -> tuple[list[ApplicationItem], Any]:
    """Returns a page of applications, newest first, and the id to continue after."""
    stream = pagination.ids_of_kind(visitor.employer.id, "APP")(start)
    found: list[ApplicationItem] = []
    read, last = 0, start
    while read < SCANNED_MOST and (some := list(islice(stream, _STRIDE if wanted.is_rare else SHOWN + 1))):
        read += len(some)
        for one, item in zip(some, _applications(visitor.employer.id, some), strict=True):
            fits = item is not None and wanted.fits(item, request.now)
            if item is not None and fits and len(found) == SHOWN:
                return found, last
            if item is not None and fits:
                found.append(item)
            last = one
    return found, last if next(stream, None) is not None else None


def _applications(employer_id: str, ids: Sequence[str]) -> list[ApplicationItem | None]:
    items = pagination.items_of([(keys.case_pk(employer_id, one), "APP") for one in ids])
    return [item if isinstance(item, ApplicationItem) else None for item in items]


def _row(item: ApplicationItem, request: Request, visitor: Visitor) -> PersonRow:
    loop = loop_of(item, request.now)
    is_open = item.wait_state == "open"
    late = is_open and is_overdue(item.word_due_at, request.now)
    due = formatting.moment(item.word_due_at, visitor.employer.timezone, request.now) if is_open else ""
    can_tell = loop == "waiting" and item.email and item.decided in (None, "rejected")
    is_late = bool(late and loop == "waiting")
    return PersonRow(
        item.name, f"/applications/{item.id}", item.job_title, LOOPS[loop], due, is_late, item.id if can_tell else ""
    )
