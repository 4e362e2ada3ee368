"""Exports as JSON: everything about one candidate, or everything of an employer, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.api.json_text import dump, instant
from chalicelib.api.serialize import to_json
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.candidates.serializers import serialize_candidate
from chalicelib.applications.contacts.responses import serialize_contact, serialize_statement
from chalicelib.applications.employers.serializers import serialize_employer
from chalicelib.applications.interviews.serializers import serialize_interview
from chalicelib.applications.items import ApplicationItem, ContactItem, InterviewItem, StatementItem, WaitItem
from chalicelib.applications.law import evidence
from chalicelib.applications.privacy.elsewhere import exporters
from chalicelib.applications.privacy.erasure import person_of
from chalicelib.applications.privacy.items import ErasureItem
from chalicelib.applications.privacy.serializers import serialize_erasure
from chalicelib.applications.responses import Interview, Statement
from chalicelib.applications.serializers import serialize_application
from chalicelib.auth.employers import EmployerItem
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item

LINES = "application/x-ndjson"
_SECTIONS = ("CAND", "APP", "POSTING", "ERASURE")
"""Kinds of items, in the order in which they are exported."""
_INTERNAL = frozenset(
    {
        "PK",
        "SK",
        "due_shard",
        "due_at",
        "waiting_key",
        "waiting_at",
        "list_key",
        "list_at",
        "expires_at",
        "employer_id",
        "version",
        "revision",
        "claim",
    }
)
Json = dict[str, Any]


def of_candidate(candidate: CandidateItem, now: datetime) -> Json:
    """Exports everything stored about one person, notes, messages and what an ATS sent included."""
    person = person_of(candidate.employer_id, candidate)
    elsewhere = {name: found for export in exporters() for name, found in export(candidate.employer_id, person).items()}
    return {
        "exported_at": instant(now),
        "candidate": to_json(serialize_candidate(candidate)),
        "applications": [found for one in candidate.applications if (found := _case(candidate.employer_id, one, now))],
        **elsewhere,
    }


def _case(employer_id: str, application_id: str, now: datetime) -> Json | None:
    """Exports one application with everything in its partition."""
    items = table.query(keys.case_pk(employer_id, application_id))
    application = next((item for item in items if isinstance(item, ApplicationItem)), None)
    if application is None:
        return None
    found: dict[str, list[Json]] = {name: [] for name in ("interviews", "contacts", "statements", "waits", "messages")}
    for item in items:
        if item.kind not in _DERIVED:
            found.setdefault(_NAMES.get(item.kind, item.kind.lower()), []).append(_shown(item, application, now))
    kept = [entry.entry for entry in evidence.read(employer_id, application.id)]
    return {
        **to_json(serialize_application(application, now)),
        **({"company": application.company} if application.company else {}),
        **({"experience_given_at": instant(application.experience_at)} if application.experience_at else {}),
        **found,
        "evidence": kept,
    }


_DERIVED = ("APP", "DUTY", "STUB", "OWNER", "SNOOZE", "GWAIT", "FBMAIL", "LINKED")
"""Kinds that say nothing of their own, and the application itself."""
_NAMES = {
    "INT": "interviews",
    "CON": "contacts",
    "STA": "statements",
    "WAIT": "waits",
    "MSG": "messages",
    "REPLY": "replies",
    "CHECKIN": "check_ins",
}


def _shown(item: Item, application: ApplicationItem, now: datetime) -> Json:
    match item:
        case InterviewItem():
            return _without_application(serialize_interview(item, application, now))
        case ContactItem():
            return dict(to_json(serialize_contact(item)))
        case StatementItem():
            shown = _without_application(serialize_statement(item, application, now))
            del shown["application_id"]
            return {**shown, "feedback": item.feedback, "own": bool(item.own)}
        case WaitItem():
            return _plain(item)
    return _plain(item)


def _without_application(record: Interview | Statement) -> Json:
    """Returns a record without its application, which contains it here."""
    return {name: value for name, value in to_json(record).items() if name != "application"}


def _plain(item: Item) -> Json:
    """Exports an item of any package by its attribute names, without the table's own attributes."""
    values = {name: value for name, value in item.attribute_values.items() if name not in _INTERNAL}
    return {name: instant(value) if isinstance(value, datetime) else value for name, value in values.items()}


def page(employer: EmployerItem, start: str | None, limit: int, now: datetime) -> tuple[str, str | None]:
    """Writes lines of an employer's export: (text, position to continue from, "<section> <position>", or None).

    The last page ends with {"type": "end"}.
    """
    lines: list[Json] = []
    if start is None:
        lines.append({"type": "employer", "exported_at": instant(now), "employer": to_json(serialize_employer(employer))})
    section, _, after = (start or f"{_SECTIONS[0]} ").partition(" ")
    for kind in _SECTIONS[_SECTIONS.index(section) :]:
        positions = list(_positions(employer.id, kind, after if kind == section else "", limit + 1))
        lines += _lines(employer.id, kind, positions[:limit], now)
        if len(positions) > limit:
            return _text(lines), f"{kind} {positions[limit - 1][1]}"
        limit -= len(positions)
        if limit <= 0 and kind != _SECTIONS[-1]:
            return _text(lines), f"{_SECTIONS[_SECTIONS.index(kind) + 1]} "
    return _text([*lines, {"type": "end"}]), None


def _text(lines: list[Json]) -> str:
    return "".join(dump(line) + "\n" for line in lines)


def _positions(employer_id: str, kind: str, after: str, most: int) -> Iterator[tuple[str, str]]:
    """Yields (PK, position) of the listing, oldest first."""
    condition = Item.list_at > after if after else None
    start: dict[str, Any] | None = None
    count = 0
    while count < most:
        rows, start = table.query_index("listing", keys.list_key(employer_id, kind), condition, limit=most - count, start=start)
        count += len(rows)
        yield from ((row["PK"]["S"], row["list_at"]["S"]) for row in rows)
        if not start:
            return


def _lines(employer_id: str, kind: str, positions: list[tuple[str, str]], now: datetime) -> list[Json]:
    if kind == "APP":
        cases = (_case(employer_id, position, now) for _, position in positions)
        return [{"type": "application", "application": case} for case in cases if case]
    found = table.get_many([(pk, kind) for pk, _ in positions])
    items = [found[pk, kind] for pk, _ in positions if (pk, kind) in found]
    return [_line(item) for item in items]


def _line(item: Item) -> Json:
    match item:
        case CandidateItem():
            return {"type": "candidate", "candidate": to_json(serialize_candidate(item))}
        case ErasureItem():
            return {"type": "erasure", "erasure": to_json(serialize_erasure(item))}
    return {"type": item.kind.lower(), item.kind.lower(): _plain(item)}
