"""The Today page: who is waiting past the due day, what that costs, and who to call first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from chalicelib.api.query_params import cursor_text
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import feedback, tally_items
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.serializers import is_snoozed
from chalicelib.auth.sessions import Visitor
from chalicelib.messaging import inbox
from chalicelib.messaging.inbox import Entry
from chalicelib.reputation import call_list, trend
from chalicelib.reputation.call_list import Bookmark, Filters, Page, Row
from chalicelib.rules.copy.letters import REASONS
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import MAX_PROMISE, is_promise
from chalicelib.rules.risk.model import DUE_SOON_WITHIN
from chalicelib.rules.risk.ranking import ranked_cells
from chalicelib.rules.risk.report import Risk, assess
from chalicelib.rules.tally import OpenCell, Tally
from chalicelib.rules.tally import cells as tally_cells
from chalicelib.storage import keys, table
from chalicelib.storage.ids import is_id
from chalicelib.web import call_scripts, formatting, get_started, page_support, today_filters, today_lists
from chalicelib.web.labels import DECIDED, REPLY_KINDS

SHOWN = 25
REPLIES_SHOWN = 5
ASKED_SHOWN = 10
TREND_DAYS = 30


@dataclass(frozen=True, slots=True)
class Card:
    """One candidate to call, with the texts that the page shows."""

    row: Row
    application: ApplicationItem
    stage: str
    decided: str | None
    decided_code: str | None
    began: str
    late: str
    due: datetime
    script: list[str]
    attempts: str
    snoozed: str
    """Until when it is left out of the list; "" where it is not."""
    back_since: str = ""
    """Since when it is in the list again, where it was put off before."""
    said: Entry | None = None
    """The newest reply of this candidate that nobody has seen."""


@cache
def _readers() -> ThreadPoolExecutor:
    """Return the threads for parallel reads of one page. The call list has its own: these wait for it."""
    return ThreadPoolExecutor(8, thread_name_prefix="today")


class _Beside:
    """What the first page shows beside the list, being read. Disputes and who was not told are left out of a filtered page."""

    def __init__(self, employer: Employer, wanted: Filters, now: datetime) -> None:
        self._employer_id, read = employer.id, _readers().submit
        self.replies = read(inbox.unseen, employer.id, inbox.LOOKED_AT)
        self.asked = read(feedback.open_requests, employer, now, ASKED_SHOWN)
        self.call_backs = read(today_lists.call_backs_of, employer.id, wanted, now)
        unfiltered = wanted == Filters()
        self.disputes = read(today_lists.disputed, employer.id) if unfiltered else None
        self._untold = read(today_lists.untold, employer.id) if unfiltered else None

    def not_told(self, at: Bookmark) -> today_lists.NotTold:
        """Return who was rejected and not told."""
        return today_lists.not_told_of(self._employer_id, self._untold.result(), at) if self._untold else today_lists.NotTold()


def show(request: Request, visitor: Visitor) -> Response:
    """GET /"""
    query = request.read_query({**today_filters.FILTERS, "cursor": cursor_text, "done": _short})
    wanted, employer = today_filters.wanted_of(query, visitor), visitor.employer
    snapshots = _readers().submit(trend.read, employer.id, request.now, TREND_DAYS)
    beside = _Beside(employer, wanted, request.now) if "cursor" not in query else None
    tally = tally_items.read(employer.id, request.now)
    of_list = tally_items.read(employer.id, request.now, wanted.group) if wanted.group else tally
    at = _bookmark(request, visitor, wanted, query, of_list)
    whole = at.number == 1 and wanted == Filters()
    ranked = ranked_cells(tally, at.as_of, at.ahead) if whole else None  # the list and the score need the same order
    listed = _readers().submit(call_list.page, employer.id, of_list, at, wanted, SHOWN, ranked)  # it reads while this computes
    ahead = at.ahead if at.number == 1 and not wanted.group else None  # a group's outlook is its own
    risk = assess(tally, request.now, employer.review_days, ahead, ranked)
    not_told = beside.not_told(at) if beside else today_lists.NotTold()
    page = listed.result()
    unseen = beside.replies.result() if beside else []
    said = {entry.application.id: entry for entry in reversed(unseen)}
    cards = [card_of(row, employer, request.now, said.get(row.application.id)) for row in page.rows]
    return page_support.page(
        "today.html",
        request,
        visitor,
        **figures(risk, employer, request.now),
        **days(employer, request.now),
        trend=trend.trend_of(snapshots.result(), risk),
        not_told=not_told,
        call_backs=beside.call_backs.result() if beside else [],
        disputed=beside.disputes.result() if beside and beside.disputes else [],
        unreachable=_unreachable(tally, request.now) if wanted == Filters() and at.number == 1 else 0,
        cards=cards,
        replies=unseen[:REPLIES_SHOWN],
        reply_kinds=REPLY_KINDS,
        asked=beside.asked.result() if beside else feedback.OpenRequests(),
        rejected=[card for card in cards if card.decided_code == "rejected" and card.application.email],
        letter_reasons=REASONS,
        more=_more(visitor, wanted, at, page),
        first=at.number == 1,
        done=_done(employer.id, query),
        steps=[] if risk.tally.waits or risk.tally.waiting or wanted != Filters() else get_started.steps(visitor),
        **today_filters.filter_values(wanted),
    )


def _short(value: str) -> str:
    return value[:70]


def figures(risk: Risk, employer: Employer, now: datetime) -> dict[str, Any]:
    """Return the template values of the page's head: score and tally."""
    return {"risk": risk, "band": formatting.BANDS[risk.band], "summary": summary_of(risk, employer, now)}


def days(employer: Employer, now: datetime) -> dict[str, Any]:
    """Return the first and the last day that a promise may name."""
    day = now.astimezone(ZoneInfo(employer.timezone)).date()
    return {"today": day.isoformat(), "last_day": (day + MAX_PROMISE - timedelta(days=1)).isoformat()}


def summary_of(risk: Risk, employer: Employer, now: datetime) -> str:
    """Return the tally as sentences."""
    overdue, soon = risk.tally.overdue, risk.tally.waiting - risk.tally.overdue
    if not risk.tally.waiting:
        return "Nobody is waiting to hear."
    if not overdue:
        are = "1 person is" if soon == 1 else f"{soon:,} people are"
        return f"Nobody is waiting past the day they should have heard. {are} due to hear within two days."
    are = "1 person is waiting past the day they" if overdue == 1 else f"{overdue:,} people are waiting past the day they"
    since = formatting.long_day(now - timedelta(hours=risk.tally.longest_overdue_hours), employer.timezone, now)
    told = f"{are} should have heard" + (f", since {since}." if overdue == 1 else f"; the longest since {since}.")
    return told + (f" {formatting.count(soon, 'more is', 'more are')} due to hear within two days." if soon else "")


def card_of(row: Row, employer: Employer, now: datetime, said: Entry | None = None) -> Card:
    """Return a row of the call list with the texts that the page shows."""
    item = row.application
    began = formatting.day(item.wait_since, employer.timezone, now)
    hours = row.overdue_hours
    until = formatting.moment(item.snooze_until, employer.timezone, now) if item.snooze_until else ""
    late = f"{formatting.span(hours)} past due" if hours else f"due {formatting.moment(item.word_due_at, employer.timezone, now)}"
    return Card(
        row=row,
        application=item,
        stage=formatting.STAGE_NAMES[item.wait_stage],
        decided_code=row.decided,
        decided=DECIDED.get(row.decided or ""),
        late=late,
        due=item.word_due_at,
        began=f", promised a reply on {began}" if is_promise(item.wait_cause) else f" on {began}",
        script=call_scripts.for_call(item, row.decided, employer, now),
        attempts=formatting.tried(item.attempts, now),
        snoozed=until if is_snoozed(item, now) else "",
        back_since="" if is_snoozed(item, now) else until,
        said=said,
    )


def _unreachable(tally: Tally, now: datetime) -> int:
    """Count the waiting candidates without phone and email: the summary counts them, the cards leave them out."""
    lost = [cell for cell in tally_cells(tally) if isinstance(cell, OpenCell) and not cell.reachable]
    return sum(cell.count for cell in lost if cell.hour <= now + DUE_SOON_WITHIN)


def _more(visitor: Visitor, wanted: Filters, at: Bookmark, page: Page) -> str | None:
    """Return the path of the next page; None on the last."""
    cursor = call_list.cursor_after(at, page, _bound_to(visitor, wanted))
    if cursor is None:
        return None
    back = str(today_filters.filter_values(wanted)["back"])
    return f"{back}{'&' if '?' in back else '?'}{urlencode({'cursor': cursor})}"


def _bookmark(request: Request, visitor: Visitor, wanted: Filters, query: dict[str, Any], tally: Tally) -> Bookmark:
    if "cursor" not in query:
        return Bookmark.first(tally, request.now, visitor.employer.review_days)
    return call_list.open_cursor(query["cursor"], _bound_to(visitor, wanted), request.now)


def _bound_to(visitor: Visitor, wanted: Filters) -> str:
    return f"today|{visitor.employer.id}|{wanted.bound_to}"


def _done(employer_id: str, query: dict[str, Any]) -> dict[str, str] | None:
    """Return the contact just logged and whose it is, to offer the undo until the next page."""
    application_id, _, contact_id = str(query.get("done", "")).partition(".")
    if not (is_id(application_id, "app") and is_id(contact_id, "con")):
        return None
    item = table.get(keys.case_pk(employer_id, application_id), "APP")
    if not isinstance(item, ApplicationItem):
        return None
    return {"application_id": application_id, "contact_id": contact_id, "name": item.name}
