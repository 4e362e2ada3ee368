"""Reads other systems' JSON. Any value may be missing or of another type; nothing but Unmapped is ever raised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.integrations.ats.merge import Fact
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.model import Stage
from chalicelib.storage.table import stored_instant

Json = dict[str, Any]
TEXT_MOST = 200


class Unmapped(Exception):
    """A genuine event says something that has no place in our records. The message says what, for a person to read."""


class KeyRefused(Unmapped):
    """The system refused our API key."""


@dataclass(frozen=True, slots=True)
class Need:
    """Events that a connection cannot do without: any of `kinds` tells of it. Where others come and these do not for
    `expected_within`, the subscription is missing."""

    what: str
    kinds: tuple[str, ...]
    expected_within: timedelta = timedelta(days=7)
    tells_who: bool = False
    """Whether they tell who the applicant is."""


DECISIONS_TAKE = timedelta(days=30)
"""How long a company may go without a rejection or a hire while its webhooks work."""
TEST_NAMES = frozenset({"ping", "test"})


def is_test(kind: str | None) -> bool:
    """Whether an event is named as a trial of the webhook."""
    return kind in TEST_NAMES


@dataclass(frozen=True, slots=True)
class Reading:
    """What one event says."""

    facts: tuple[Fact, ...] = ()
    """About applications."""
    people_gone: tuple[str, ...] = ()
    """Candidates who were deleted or anonymised."""
    merges: tuple[tuple[str, str], ...] = ()
    """Merged candidates: (former id, present id)."""
    people: tuple[tuple[str, datetime, Json], ...] = ()
    """Candidates' names and addresses, of no application in particular: (id, instant, person)."""
    interviews_gone: tuple[str, ...] = ()
    note: str | None = None
    """Why the event does not concern us."""


def dig(data: Any, *path: str | int) -> Any:
    """Return what is at a path; None where the path ends early."""
    for step in path:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and -len(data) <= step < len(data) else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


def text(value: Any) -> str | None:
    """Return one line of text without control characters, at most 200 long. Numbers are accepted: many ids are."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    line = " ".join("".join(char if char.isprintable() else " " for char in str(value)[:2000]).split())
    return line[:TEXT_MOST] or None


def objects(value: Any) -> list[Json]:
    """Return the objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def required(value: Any, what: str) -> str:
    """Return a text. Raises Unmapped where it is missing."""
    found = text(value)
    if found is None:
        raise Unmapped(f"the event names no {what}")
    return found


def present_fields(**values: Any) -> Json:
    """Return the values that are there."""
    return {name: value for name, value in values.items() if value}


_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?", re.ASCII)
_YEARS = timedelta(days=3653)


def instant(value: Any, now: datetime) -> datetime | None:
    """Read ISO 8601 text (UTC without an offset) or milliseconds since 1970. None for anything else, or over ten years away."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value / 1000, UTC)
        elif isinstance(value, str) and _INSTANT.fullmatch(value.strip()):
            found = datetime.fromisoformat(value.strip().replace(" UTC", "Z").replace("UTC", "Z"))
        else:
            return None
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if abs(found - now) < _YEARS else None


def times(start: datetime | None, end: datetime | None) -> Json:
    """Return an interview's fields `start_at` and `end_at` where both are known."""
    return {"start_at": stored_instant(start), "end_at": stored_instant(end)} if start and end else {}


def person(name: Any, email: Any = None, phone: Any = None) -> Json | None:
    """Return a person as facts hold it; None without a name. Addresses are validated when they are used."""
    found = text(name)
    return {"name": found, "email": text(email), "phone": text(phone)} if found else None


def email_of(value: Any) -> str | None:
    """Return the canonical email of somebody at the employer; None for anything else. It only finds people who are known."""
    found = text(value)
    return canonical_email(found) if found and "@" in found else None


_SCREEN = re.compile(r"screen|phone|recruiter|intro|sourc|first call|pre-?interview", re.IGNORECASE)
_FINAL = re.compile(r"final|on-?site|executive|last round|partner round|founder|ceo", re.IGNORECASE)
_NO_CONVERSATION = re.compile(r"(application|resume|résumé|cv) review|take.?home|reference check|background check", re.IGNORECASE)


def stage_of(*names: Any) -> Stage:
    """Classify names of a stage or an interview as screen, interview or final: the first name that matches decides."""
    for name in names:
        words = text(name) or ""
        if _FINAL.search(words):
            return "final"
        if _SCREEN.search(words):
            return "screen"
    return "interview"


def is_conversation(name: Any) -> bool:
    """Whether an "interview" of that name is one. Nobody waits to hear after a résumé review."""
    return not _NO_CONVERSATION.search(text(name) or "")
