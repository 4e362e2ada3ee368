"""Notes what is overwritten otherwise: earlier times and states of interviews, earlier decisions and states of applications.

The timeline shows it. Each record keeps the latest `NOTES_MOST` changes, so that items stay small.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.applications.aggregate import CaseChange
from chalicelib.applications.items import ApplicationItem, InterviewItem
from chalicelib.storage.table import differing, stored_instant

NOTES_MOST = 20
_OF_INTERVIEW = ("status", "stage", "start_at", "end_at", "next_word_by")
_OF_APPLICATION = ("status", "decided")
Note = dict[str, Any]
"""{at, was: {field: former value}, by?: {type, id, name}}: instants in their stored form."""


def update(change: CaseChange, now: datetime) -> None:
    """Adds a note to every interview and to the application where a field of theirs changes."""
    if change.after.is_new:
        return
    application, former = change.after.application, change.application_before
    by = application.status_by if application.status != former.get("status") else application.decided_by
    _note(application, former, _OF_APPLICATION, now, by)
    for interview in change.interviews:
        if (before := change.before.attributes_of(interview)) is not None:
            _note(interview, before, _OF_INTERVIEW, now, interview.changed_by)


def _note(
    item: ApplicationItem | InterviewItem, before: dict[str, Any], names: tuple[str, ...], now: datetime, by: Note | None
) -> None:
    changed = differing(before, item.attribute_values, names)
    if not changed:
        return
    was = {name: _plain(before.get(name)) for name in names if name in changed}
    notes = [note for note in before.get("history") or [] if isinstance(note, dict)]
    item.history = [*notes, {"at": stored_instant(now), "was": was, **({"by": by} if by else {})}][-NOTES_MOST:]


def _plain(value: Any) -> Any:
    return stored_instant(value) if isinstance(value, datetime) else value
