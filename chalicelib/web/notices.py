"""Send a holding notice ("no decision yet, you will hear by that day") to all ticked candidates."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.sessions import Visitor
from chalicelib.messaging.notices import request as notice_request
from chalicelib.storage import keys, table
from chalicelib.storage.table import stored_instant
from chalicelib.web import contacts, page_support


@dataclass(frozen=True, slots=True)
class Line:
    """The result for one candidate; `why` where the notice was refused."""

    application_id: str
    name: str
    why: str | None


def send(request: Request, visitor: Visitor) -> Response:
    """POST /holding-notices: `application` once for each ticked candidate, and `promised`, the day."""
    from chalicelib.messaging.notices.schema import HoldingNoticesIn  # late: it imports pydantic, 96 ms of a cold start

    given = page_support.form(request, visitor)
    by = contacts.promised_at(given.one("promised"), visitor.employer)
    body = {"application_ids": given.get("application", []), "next_word_by": stored_instant(by)}
    wanted = validate(HoldingNoticesIn, body, request.now)
    rows = notice_request.ask_many(
        visitor.employer, dict.fromkeys(wanted.application_ids or []), wanted.next_word_by, request.now
    )
    key_of = {row.application_id: (keys.case_pk(visitor.employer.id, row.application_id), "APP") for row in rows}
    found = table.get_many(key_of.values())
    lines = []
    for row in rows:
        item = found.get(key_of[row.application_id])
        name = item.name if isinstance(item, ApplicationItem) else "Somebody who is not on your list"
        lines.append(Line(row.application_id, name, row.detail if row.status == "refused" else None))
    return page_support.page("notices.html", request, visitor, lines=lines, by=by, back=contacts.back_of(given))
