"""Send holding notices ("no decision yet, you will hear by that day"): first a preview with the count, then the sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.duties import lacks_of_notice
from chalicelib.applications.mappers import candidate_of
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.messaging import eligibility
from chalicelib.messaging.notices import request as notice_request
from chalicelib.messaging.notices.request import Recipients
from chalicelib.messaging.responses import NoticeRow
from chalicelib.rules.copy import notices as copy
from chalicelib.rules.model import STAGES, Message, Stage
from chalicelib.storage import keys, table
from chalicelib.storage.table import stored_instant
from chalicelib.web import contacts, page_support
from chalicelib.web.statutes_page import lacks_in_words

AT_ONCE = 100
"""Notices that one request asks for. Of a longer list the next ones follow with the next press, or by themselves with script."""
COUNTED_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """The result for one candidate; `why` where the notice was refused."""

    application_id: str
    name: str
    why: str | None


def preview(request: Request, visitor: Visitor) -> Response:
    """POST /holding-notices/preview: says how many would get a notice, and shows one. Sends nothing."""
    given = page_support.form(request, visitor)
    by = _by(given, visitor, request)
    to_all = given.one("who") == "all"
    ids = _everybody(visitor, given, request, COUNTED_MOST)[0] if to_all else _ticked(given)
    if not ids:
        raise Unprocessable(errors=[FieldError("/application", "select at least one person")])
    return page_support.page(
        "notices_preview.html",
        request,
        visitor,
        by=by,
        promised=given.one("promised"),
        count_of=len(ids),
        ids=[] if to_all else ids,
        stage=given.one("stage"),
        example=_example(visitor, ids[0], by),
        lacks=_lacks(visitor, ids[0]),
        back=contacts.back_of(given),
    )


def send(request: Request, visitor: Visitor) -> Response:
    """POST /holding-notices: `application` once for each candidate, or `who=all`; and `promised`, the day."""
    given = page_support.form(request, visitor)
    by = _by(given, visitor, request)
    after = None
    if given.one("who") == "all":
        ids, after = _everybody(visitor, given, request, AT_ONCE)
    else:
        ids = _ticked(given)
    rows = notice_request.ask_many(visitor.employer, dict.fromkeys(ids), by, request.now, by=visitor.actor)
    return page_support.page(
        "notices_state.html" if request.headers.get("hx-request") else "notices.html",
        request,
        visitor,
        lines=_lines(visitor, rows),
        done=_number(given, "done") + sum(row.status != "refused" for row in rows),
        refused=_number(given, "refused") + sum(row.status == "refused" for row in rows),
        by=by,
        promised=given.one("promised"),
        stage=given.one("stage"),
        after=after,
        back=contacts.back_of(given),
    )


def _number(given: Form, name: str) -> int:
    text = given.one(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _by(given: Form, visitor: Visitor, request: Request) -> datetime:
    """Return the instant by which word is promised. Raises Unprocessable."""
    from chalicelib.messaging.notices.schema import HoldingNoticeIn  # late: it imports pydantic, 96 ms of a cold start

    by = contacts.promised_at(given.one("promised"), visitor.employer)
    return validate(HoldingNoticeIn, {"next_word_by": stored_instant(by)}, request.now).next_word_by


def _ticked(given: Form) -> list[str]:
    """Return the ids that were ticked. Raises Unprocessable where there is none, or more than a page has."""
    ids = list(dict.fromkeys(given.get("application", [])))
    if not 0 < len(ids) <= AT_ONCE:
        raise Unprocessable(errors=[FieldError("/application", f"select from 1 to {AT_ONCE} people")])
    return ids


def _everybody(visitor: Visitor, given: Form, request: Request, most: int) -> tuple[list[str], str | None]:
    """Return the ids of undecided candidates who wait, and the last of them where there are more."""
    stage: Stage | None = next((one for one in STAGES if one == given.one("stage")), None)
    wanted = Recipients(stage=stage, after=given.one("after") or None, limit=most, undecided=True)
    return notice_request.recipients(visitor.employer.id, wanted, request.now)


def _example(visitor: Visitor, application_id: str, by: datetime) -> Message | None:
    """Return the notice to one of them as it will be sent; None where that one cannot be reached."""
    item = table.get(keys.case_pk(visitor.employer.id, application_id), "APP")
    if not isinstance(item, ApplicationItem) or item.wait_state != "open":
        return None
    candidate = candidate_of(item)
    channel = eligibility.channel_for(candidate, visitor.employer)
    words: dict[str, Any] = {"employer": visitor.employer, "candidate": candidate, "job_title": item.job_title}
    words |= {"stage": item.wait_stage, "next_word_by": by, "unsubscribe_url": None}
    return copy.holding_notice(channel, **words) if channel else None


def _lacks(visitor: Visitor, application_id: str) -> list[str]:
    """Return what the notice will lack of what the law asks for, to the first of them. It has no field for names."""
    item = table.get(keys.case_pk(visitor.employer.id, application_id), "APP") if visitor.employer.policy.jurisdiction else None
    return lacks_in_words(lacks_of_notice(visitor.employer, item, "pending", ())) if isinstance(item, ApplicationItem) else []


def _lines(visitor: Visitor, rows: list[NoticeRow]) -> list[Line]:
    key_of = {row.application_id: (keys.case_pk(visitor.employer.id, row.application_id), "APP") for row in rows}
    found = table.get_many(key_of.values())
    lines = []
    for row in rows:
        item = found.get(key_of[row.application_id])
        name = item.name if isinstance(item, ApplicationItem) else "Someone who is not on your list"
        lines.append(Line(row.application_id, name, row.detail if row.status == "refused" else None))
    return lines
