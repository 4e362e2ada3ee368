"""A holding notice to many at once: an honest "not yet, by that day", to those who are ticked."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib import ids, table
from chalicelib.access.call import Call, Reply
from chalicelib.access.signin.sessions import Visitor
from chalicelib.applications.table import ApplicationItem
from chalicelib.followups.notices import asking
from chalicelib.http import validate
from chalicelib.pages import contacts, door
from chalicelib.table import stored_instant


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one of them; `why` where it was refused."""

    application_id: str
    name: str
    why: str | None


def send(call: Call, visitor: Visitor) -> Reply:
    """POST /holding-notices: `application` once for each who is ticked, and `promised`, the day."""
    from chalicelib.followups.notices.schema import HoldingNoticesIn  # late: schemas bring pydantic, 96 ms of a cold start

    given = door.form(call, visitor)
    by = contacts.promised_at(given.one("promised"), visitor.employer)
    body = {"application_ids": given.get("application", []), "next_word_by": stored_instant(by)}
    wanted = validate(HoldingNoticesIn, body, call.now)
    rows = asking.ask_many(visitor.employer, dict.fromkeys(wanted.application_ids or []), wanted.next_word_by, call.now)
    keys = {str(row["application_id"]): (ids.case_pk(visitor.employer.id, str(row["application_id"])), "APP") for row in rows}
    found = table.get_many(keys.values())
    lines = []
    for row in rows:
        item = found.get(keys[str(row["application_id"])])
        name = item.name if isinstance(item, ApplicationItem) else "Somebody who is not on your list"
        lines.append(Line(str(row["application_id"]), name, str(row["detail"]) if row["status"] == "refused" else None))
    return door.page("notices.html", call, visitor, lines=lines, by=by, back=contacts.back_of(given))
