"""Reading other people's JSON: anything may be missing, or of another type, and nothing of it may raise anything but Unmapped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.integrations.ats.merge import Fact
from chalicelib.rules.model import Stage
from chalicelib.storage.table import stored_instant

Json = dict[str, Any]
TEXT_MOST = 200


class Unmapped(Exception):
    """The event is genuine, and says something that has no place in our records. The message says what, for a person to read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an event says: facts about applications; people who are gone, who became another (`merges`: the former and the
    present id), or who are told anew at some instant; interviews that are off; or nothing that concerns us (`note` says why)."""

    facts: tuple[Fact, ...] = ()
    people_gone: tuple[str, ...] = ()
    merges: tuple[tuple[str, str], ...] = ()
    people: tuple[tuple[str, datetime, Json], ...] = ()
    interviews_gone: tuple[str, ...] = ()
    note: str | None = None


def dig(data: Any, *path: str | int) -> Any:
    """What lies at a path, or None where the path ends early."""
    for step in path:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and -len(data) <= step < len(data) else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


def text(value: Any) -> str | None:
    """A line of text without control characters, at most 200 long; numbers are ids and welcome."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    line = " ".join("".join(char if char.isprintable() else " " for char in str(value)[:2000]).split())
    return line[:TEXT_MOST] or None


def listed(value: Any) -> list[Json]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def needed(value: Any, what: str) -> str:
    """Raises Unmapped where it is missing."""
    found = text(value)
    if found is None:
        raise Unmapped(f"the event names no {what}")
    return found


_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?", re.ASCII)
_YEARS = timedelta(days=3653)


def instant(value: Any, now: datetime) -> datetime | None:
    """ISO 8601 text, or milliseconds since 1970; UTC where no offset is given. None for what is no instant within ten years."""
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


def stored(value: datetime | None) -> str | None:
    return stored_instant(value) if value else None


def person(name: Any, email: Any = None, phone: Any = None) -> Json | None:
    """A person as facts keep it; addresses are checked when they are used."""
    known = text(name)
    return {"name": known, "email": text(email), "phone": text(phone)} if known else None


_SCREEN = re.compile(r"screen|phone|recruiter|intro|sourc|first call|pre-?interview", re.IGNORECASE)
_FINAL = re.compile(r"final|on-?site|executive|last round|partner round|founder|ceo", re.IGNORECASE)
_NO_CONVERSATION = re.compile(r"(application|resume|résumé|cv) review|take.?home|reference check|background check", re.IGNORECASE)


def stage_of(*names: Any) -> Stage:
    """screen, interview or final by the words of a stage's or an interview's name: the first name that says something."""
    for name in names:
        words = text(name) or ""
        if _FINAL.search(words):
            return "final"
        if _SCREEN.search(words):
            return "screen"
    return "interview"


def is_conversation(name: Any) -> bool:
    """Whether an "interview" of that name is one: reviewing a résumé is a step of the plan and nobody waits after it."""
    return not _NO_CONVERSATION.search(text(name) or "")
