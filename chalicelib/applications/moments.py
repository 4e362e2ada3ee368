"""When time alone will change an application: entries in the due index, in a shard of the employer's own.

The change feed reads there which applications became waiting, due or overdue, or are no longer snoozed, so that nothing has to be
written at that moment. Three items of a case have an entry while it is to come: the interview whose end begins the open wait, the
open wait, and the item of a snooze.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from chalicelib.applications.aggregate import ApplicationCase, CaseChange
from chalicelib.applications.items import ApplicationItem, InterviewItem, SnoozeItem, WaitItem
from chalicelib.rules.model import OVERDUE_AFTER, ChangeType, truncated_to_hour
from chalicelib.storage import table
from chalicelib.storage.table import Item, assign, read_instant, stored_instant

_FIRST_SHARD = 1_000_000
"""Shards of jobs are below: the scheduler never reads these."""
_BEGINS, _DUE, _AWAKE = "b", "d", "s"
"""Older code takes the last for the first, and tells clients once more of an application that is waiting."""


@lru_cache(1024)
def shard_of(employer_id: str) -> int:
    """Returns an employer's shard. Two employers share one by chance of 1 to 2^112 only."""
    return _FIRST_SHARD + int.from_bytes(sha256(employer_id.encode()).digest()[:14])


def overdue_at(word_due_at: datetime) -> datetime:
    """Returns when an application counts as overdue, here and in the API."""
    return truncated_to_hour(word_due_at) + OVERDUE_AFTER


def update(change: CaseChange, now: datetime) -> None:
    """Sets the entries of a changed case. Those that have passed are left as they are: nothing reads them again."""
    case, application = change.after, change.after.application
    for wait in case.waits.values():
        _set(wait, application, wait.word_due_at if wait.state == "open" else None, _DUE)
    if isinstance(snooze := case.lists.get("SNOOZE"), SnoozeItem):
        _set(snooze, application, application.snooze_until, _AWAKE)
    begins, passed = application.wait_cause if application.wait_state == "open" else None, stored_instant(now)
    for interview in case.interviews.values():
        if interview.id == begins:
            if interview.end_at > now:
                _set(interview, application, interview.end_at, _BEGINS)
        elif interview.due_at and interview.due_at > passed:
            _set(interview, application, None, _BEGINS)


def _set(item: InterviewItem | WaitItem | SnoozeItem, application: ApplicationItem, at: datetime | None, kind: str) -> None:
    if at is None:
        assign(item, due_shard=None, due_at=None)
    else:
        item.due_shard = shard_of(application.employer_id)
        item.due_at = f"{stored_instant(at)}#{application.id}#{kind}"


def to_come(case: ApplicationCase, now: datetime) -> tuple[int, ...]:
    """Returns when time alone will change a case next, in whole seconds since 1970, not later than it does."""
    application = case.application
    if application.wait_state != "open":
        return ()
    moments = [application.wait_since, application.word_due_at, overdue_at(application.word_due_at)]
    moments += [application.snooze_until] if application.snooze_until else []
    return tuple(dict.fromkeys(int(moment.timestamp()) for moment in moments if moment > now))


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry of the index. `place` orders entries, and tells each from all others."""

    place: str
    application_id: str
    at: datetime
    kind: str

    def passed_within(self, after: datetime, until: datetime) -> list[tuple[datetime, tuple[ChangeType, ...]]]:
        """Returns what happens to the application in after < instant <= until. The end of a snooze has no event."""
        return [(at, events) for at, events in self._times() if after < at <= until]

    def next_after(self, now: datetime) -> datetime | None:
        """Returns when something happens next after an instant."""
        return min((at for at, _ in self._times() if at > now), default=None)

    def _times(self) -> list[tuple[datetime, tuple[ChangeType, ...]]]:
        if self.kind == _DUE:
            return [(self.at, ("application.due",)), (overdue_at(self.at), ("application.overdue",))]
        return [(self.at, () if self.kind == _AWAKE else ("interview.waiting",))]


def read(employer_id: str, after: str, most: int) -> tuple[list[Moment], bool]:
    """Reads up to `most` entries after a place, in order, in one request. Returns also whether there may be more."""
    rows, more = table.query_index("due", str(shard_of(employer_id)), Item.due_at > after, limit=most)
    return [_moment(row) for row in rows if row["PK"]["S"].startswith(f"EMP#{employer_id}#")], more is not None


def _moment(row: dict[str, Any]) -> Moment:
    place = str(row["due_at"]["S"])
    at, application_id, kind = place.split("#")
    return Moment(place, application_id, read_instant(at), kind)
