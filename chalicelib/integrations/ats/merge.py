"""What an applicant tracking system says of one application, merged so that order and repetition do not matter.

Events come twice, late, and in any order. So nothing is acted upon by itself: every event is taken apart into facts, each
with the instant it speaks of, and of every field the latest stands (ties go to the higher rank, then to the text). Merging
is associative, commutative and idempotent; what should be in our records is a pure function of what was merged.
Plain JSON all through: this is what the table keeps.
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
"""At the same instant the higher stands. An even number: taking a status back ranks one above it."""
STATUSES_MOST = 200
"""Of one application. Older ones say nothing about where it stands."""
ABOUT_AN_HOUR = timedelta(hours=1)
"""How long an interview is taken to have lasted of which only the end is known."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one event says of one application. `fields` may hold person, candidate, job_title, moved, offered; `since` is
    since when the status stands, where that is told; `takes_back` is the status that an "unreject" ends, which some systems tell
    with the very instant of the rejection; `interviews` by the system's own id: start_at, end_at, stage, cancelled;
    `held` names those that are over by `at`."""

    application: str
    at: datetime
    status: Status | None = None
    since: datetime | None = None
    fields: Json = field(default_factory=dict)
    interviews: dict[str, Json] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    takes_back: Status | None = None

    @property
    def rank(self) -> int:
        return _RANK[self.takes_back] + 1 if self.takes_back else _RANK[self.status or "active"]


def merged(known: Json, facts: Iterable[Fact]) -> Json:
    """What is known, and the facts: of every field the latest. `known` is left as it was."""
    state: Json = json.loads(json.dumps(known)) if known else {"fields": {}, "interviews": {}, "statuses": []}
    for fact in facts:
        at = stored_instant(fact.at)
        if fact.status:
            told = [at, fact.rank, fact.status, stored_instant(fact.since) if fact.since else None]
            state["statuses"] = sorted([*(one for one in state["statuses"] if one != told), told], key=_told)[-STATUSES_MOST:]
        for name, value in fact.fields.items():
            if name == "person":
                state["person"] = later(state.get("person"), told_person(at, value))
            else:
                _latest(state["fields"], name, at, value)
        for ref, fields in fact.interviews.items():
            interview = state["interviews"].setdefault(ref, {"fields": {}, "first_at": at, "held_at": None})
            interview["first_at"] = min(interview["first_at"], at)
            for name, value in fields.items():
                _latest(interview["fields"], name, at, value)
            if ref in fact.held:
                interview["held_at"] = min(interview["held_at"] or at, at)
    return state


def told_person(at: str, person: Json) -> Json:
    """A person field by field, each with the instant at which it was told; what is not told says nothing."""
    return {name: [at, value] for name, value in person.items() if value}


def later(*some: Json | None) -> Json:
    """Of several tellings of a person the latest of every field."""
    registers: Json = {}
    for told in some:
        for name, (at, value) in (told or {}).items():
            _latest(registers, name, at, value)
    return registers


def person_of(registers: Json | None) -> Json | None:
    """The person as told; None where no name is."""
    known = {name: (registers or {}).get(name, (None, None))[1] for name in ("name", "email", "phone")}
    return known if known["name"] else None


def _told(one: Any) -> tuple[str, int, str]:
    at, rank, _, since = one
    return at, rank, since or ""


def _latest(registers: Json, name: str, at: str, value: Any) -> None:
    """Keeps the later of two values; at the same instant the greater text: never the one that came last."""
    known = registers.get(name)
    if known is None or (at, json.dumps(value, sort_keys=True)) > (known[0], json.dumps(known[1], sort_keys=True)):
        registers[name] = [at, value]


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
    interviews: tuple[WantedInterview, ...] = ()
    status: Status = "active"
    decided: Decided | None = None
    decided_at: datetime | None = None


def wanted(state: Json) -> Wanted:
    """The records that follow from what was merged."""
    fields = state.get("fields", {})
    status, since = _standing(state.get("statuses", []))
    decided, decided_at = _decision(fields, status, since)
    interviews = [_interview(ref, one) for ref, one in sorted(state.get("interviews", {}).items())]
    return Wanted(
        person=person_of(state.get("person")),
        candidate=_value(fields, "candidate"),
        job_title=_value(fields, "job_title"),
        interviews=tuple(one for one in interviews if one),
        status=status,
        decided=decided,
        decided_at=decided_at,
    )


def _standing(told: list[Any]) -> tuple[Status, datetime | None]:
    """The status that was told last, and since when: as told with it, else when it was first told without another between."""
    if not told:
        return "active", None
    status, since = told[-1][2], told[-1][3]
    if since is None:
        since = next((later[0] for one, later in zip(told[-2::-1], told[:0:-1], strict=True) if one[2] != status), told[0][0])
    return status, read_instant(since)


def _decision(fields: Json, status: Status, since: datetime | None) -> tuple[Decided | None, datetime | None]:
    """A rejection or a hire as long as it stands; else an offer or a move to another stage, whichever is later. Being decided
    is not having been told."""
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
    """None while nobody knows when it is: an interview that only has a name starts no clock."""
    fields, held_at = one["fields"], one["held_at"]
    start, end = _value(fields, "start_at"), _value(fields, "end_at")
    if not (start and end) and held_at:
        end_at = read_instant(held_at)
        start_at = end_at - ABOUT_AN_HOUR
    elif start and end and start < end:
        start_at, end_at = read_instant(start), read_instant(end)
    else:
        return None
    first = min(read_instant(one["first_at"]), end_at)
    stage: Stage = _value(fields, "stage") or "interview"
    return WantedInterview(ref, stage, start_at, end_at, first, bool(_value(fields, "cancelled")))


def _value(registers: Json, name: str) -> Any:
    return registers[name][1] if name in registers else None


def nameless(state: Json) -> Json:
    """The same, without the person: of somebody who is gone."""
    return {name: told for name, told in state.items() if name != "person"}


def without(want: Wanted, off: Mapping[str, datetime]) -> Wanted:
    """The same without the interviews that were called off before they ended (what was held is owed word), and without a move
    to another stage from before the last one ended: that led to the interview, and says nothing about it."""
    on = [one for one in want.interviews if not one.cancelled and not (one.ref in off and off[one.ref] < one.end_at)]
    kept = _one_a_start(on)
    if want.decided == "advancing" and any(one.end_at >= (want.decided_at or one.end_at) for one in kept):
        return replace(want, interviews=kept, decided=None, decided_at=None)
    return replace(want, interviews=kept)


def _one_a_start(interviews: list[WantedInterview]) -> tuple[WantedInterview, ...]:
    """Those that take place, one a start: two panels at the same hour are one interview, over when the last is."""
    kept: dict[datetime, WantedInterview] = {}
    for one in interviews:
        same = kept.get(one.start_at)
        kept[one.start_at] = replace(same, end_at=max(same.end_at, one.end_at)) if same else one
    return tuple(kept.values())
