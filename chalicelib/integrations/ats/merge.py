"""Merges what an ATS says of one application, so that order and repetition do not matter. Pure.

Events come twice, late, and in any order. So every event is taken apart into facts, each with the instant it speaks of, and of
every field the latest value counts (ties go to the higher rank, then to the greater text). Merging is associative, commutative
and idempotent, and what our records should say (`wanted`) is a function of the merged state alone. The state is plain JSON,
because the table stores it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.rules.model import Decided, Stage
from chalicelib.storage.table import read_instant, stored_instant

Json = dict[str, Any]
Status = Literal["active", "withdrawn", "rejected", "hired", "deleted"]
_RANK = {"active": 0, "withdrawn": 2, "rejected": 4, "hired": 6, "deleted": 8}
"""Of two statuses with the same instant the higher rank counts. Ranks are even: taking a status back ranks one above it."""
STATUSES_MOST = 200
"""Kept of one application. Older ones do not change its present status."""
ASSUMED_LENGTH = timedelta(hours=1)
"""The length of an interview of which only the end is known."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one event says of one application."""

    application: str
    at: datetime
    status: Status | None = None
    since: datetime | None = None
    """Since when the application has the status, where the event says so."""
    fields: Json = field(default_factory=dict)
    """May hold person, candidate, job_title, moved, offered; recruiter and hiring_manager as emails."""
    interviews: dict[str, Json] = field(default_factory=dict)
    """By the system's own id: start_at, end_at, stage, cancelled."""
    held: tuple[str, ...] = ()
    """Interviews that are over by `at`."""
    takes_back: Status | None = None
    """The status that an "unreject" ends: some systems send it with the very instant of the rejection."""

    @property
    def rank(self) -> int:
        return _RANK[self.takes_back] + 1 if self.takes_back else _RANK[self.status or "active"]


@dataclass(frozen=True, slots=True)
class WantedInterview:
    """An interview as our records should have it. `first_at` is when we first learned of it."""

    ref: str
    stage: Stage
    start_at: datetime
    end_at: datetime
    first_at: datetime
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What our records should say of one application."""

    person: Json | None = None
    candidate: str | None = None
    job_title: str | None = None
    recruiter: str | None = None
    hiring_manager: str | None = None
    """Emails of people at the employer, in canonical form."""
    interviews: tuple[WantedInterview, ...] = ()
    status: Status = "active"
    decided: Decided | None = None
    decided_at: datetime | None = None


# --- merging facts ----------------------------------------------------------------------------------------------------


def merge(state: Json, facts: Iterable[Fact]) -> Json:
    """Merge facts into a state and return the new one: the latest value of every field. `state` is left unchanged."""
    new: Json = json.loads(json.dumps(state)) if state else {"fields": {}, "interviews": {}, "statuses": []}
    for fact in facts:
        at = stored_instant(fact.at)
        if fact.status:
            row = [at, fact.rank, fact.status, stored_instant(fact.since) if fact.since else None]
            new["statuses"] = sorted([*(one for one in new["statuses"] if one != row), row], key=_status_order)[-STATUSES_MOST:]
        for name, value in fact.fields.items():
            if name == "person":
                new["person"] = merge_people(new.get("person"), person_fields(at, value))
            else:
                _keep_latest(new["fields"], name, at, value)
        _merge_interviews(new["interviews"], fact, at)
    return new


def _merge_interviews(interviews: Json, fact: Fact, at: str) -> None:
    for ref, fields in fact.interviews.items():
        interview = interviews.setdefault(ref, {"fields": {}, "first_at": at, "held_at": None})
        interview["first_at"] = min(interview["first_at"], at)
        for name, value in fields.items():
            _keep_latest(interview["fields"], name, at, value)
        if ref in fact.held:
            interview["held_at"] = min(interview["held_at"] or at, at)


def person_fields(at: str, person: Json) -> Json:
    """Return a person's known fields, each as [instant, value]."""
    return {name: [at, value] for name, value in person.items() if value}


def merge_people(*some: Json | None) -> Json:
    """Merge what several events say of one person: the latest value of every field."""
    merged: Json = {}
    for fields in some:
        for name, (at, value) in (fields or {}).items():
            _keep_latest(merged, name, at, value)
    return merged


def person_of(fields: Json | None) -> Json | None:
    """Return the values of a person's fields; None where the name is not known."""
    known = {name: (fields or {}).get(name, (None, None))[1] for name in ("name", "email", "phone")}
    return known if known["name"] else None


def without_person(state: Json) -> Json:
    """Return the state of an application whose candidate is gone."""
    return {name: value for name, value in state.items() if name != "person"}


def _status_order(row: Any) -> tuple[str, int, str]:
    at, rank, _, since = row
    return at, rank, since or ""


def _keep_latest(fields: Json, name: str, at: str, value: Any) -> None:
    """Keep the later of two values; at the same instant the greater text, never the one that arrived last."""
    known = fields.get(name)
    if known is None or (at, json.dumps(value, sort_keys=True)) > (known[0], json.dumps(known[1], sort_keys=True)):
        fields[name] = [at, value]


# --- from the merged state to our records -----------------------------------------------------------------------------


def wanted(state: Json) -> Wanted:
    """Derive what our records should say from the merged state."""
    fields = state.get("fields", {})
    status, since = _current_status(state.get("statuses", []))
    decided, decided_at = _decision(fields, status, since)
    interviews = [_interview(ref, one) for ref, one in sorted(state.get("interviews", {}).items())]
    return Wanted(
        person=person_of(state.get("person")),
        candidate=_value(fields, "candidate"),
        job_title=_value(fields, "job_title"),
        recruiter=_value(fields, "recruiter"),
        hiring_manager=_value(fields, "hiring_manager"),
        interviews=tuple(one for one in interviews if one),
        status=status,
        decided=decided,
        decided_at=decided_at,
    )


def without_called_off(want: Wanted, called_off: Mapping[str, datetime]) -> Wanted:
    """Leave out interviews that were called off before they ended, and a move to another stage from before the last one ended.

    Word is owed after an interview that was held. An earlier move led to the interview, and says nothing about it.
    """
    takes_place = [
        one for one in want.interviews if not one.cancelled and not (one.ref in called_off and called_off[one.ref] < one.end_at)
    ]
    kept = _one_per_start(takes_place)
    if want.decided == "advancing" and any(one.end_at >= (want.decided_at or one.end_at) for one in kept):
        return replace(want, interviews=kept, decided=None, decided_at=None)
    return replace(want, interviews=kept)


def _current_status(rows: list[Any]) -> tuple[Status, datetime | None]:
    """Return the latest status, and since when: as the event says, else since it was first said without another between."""
    if not rows:
        return "active", None
    status, since = rows[-1][2], rows[-1][3]
    if since is None:
        since = next((later[0] for one, later in zip(rows[-2::-1], rows[:0:-1], strict=True) if one[2] != status), rows[0][0])
    return status, read_instant(since)


def _decision(fields: Json, status: Status, since: datetime | None) -> tuple[Decided | None, datetime | None]:
    """Return a rejection or a hire while it is the status; else an offer or a move to another stage, whichever is later.

    A decision is not the same as having told the candidate.
    """
    if status in ("rejected", "hired"):
        decided: Decided = "rejected" if status == "rejected" else "offer"
        return decided, since
    moves: list[tuple[str, Decided]] = []
    for name, decision in (("moved", "advancing"), ("offered", "offer")):
        if _value(fields, name):
            moves.append((fields[name][0], decision))  # type: ignore[arg-type]
    at, latest = max(moves, default=(None, None))
    return latest, read_instant(at) if at else None


def _interview(ref: str, one: Json) -> WantedInterview | None:
    """None while its time is not known."""
    fields, held_at = one["fields"], one["held_at"]
    start, end = _value(fields, "start_at"), _value(fields, "end_at")
    if not (start and end) and held_at:
        end_at = read_instant(held_at)
        start_at = end_at - ASSUMED_LENGTH
    elif start and end and start < end:
        start_at, end_at = read_instant(start), read_instant(end)
    else:
        return None
    first = min(read_instant(one["first_at"]), end_at)
    stage: Stage = _value(fields, "stage") or "interview"
    return WantedInterview(ref, stage, start_at, end_at, first, bool(_value(fields, "cancelled")))


def _value(fields: Json, name: str) -> Any:
    return fields[name][1] if name in fields else None


def _one_per_start(interviews: list[WantedInterview]) -> tuple[WantedInterview, ...]:
    """Join interviews of one start: two panels at the same hour are one interview, over when the last one is."""
    kept: dict[datetime, WantedInterview] = {}
    for one in interviews:
        same = kept.get(one.start_at)
        kept[one.start_at] = replace(same, end_at=max(same.end_at, one.end_at)) if same else one
    return tuple(kept.values())
