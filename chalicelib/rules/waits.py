"""Computes the waits of an application from its interviews, contacts and statements, in order of time.

Every write folds all facts again, so late, repeated, corrected, voided and disputed facts need no special handling.

* An interview opens a wait. Contacts count from its start; the answer is owed from its end.
* An invitation to another interview after the wait began answers it. An interview booked before the wait began replaces it:
  the earlier wait is not counted.
* A cancelled interview counts as never booked: the wait before it is open again, with its old deadline. One that the candidate
  missed opens no wait, and its invitation stays word.
* A contact that reached the candidate answers. A "not yet" answers too, and opens a wait for the promised day.
* "I heard" answers. Where a linked record names the day to which they were put off, it opens a wait for that day.
* "They did not get in touch" disputes the contact that claims otherwise; the fold then ignores that contact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from operator import itemgetter

from chalicelib.rules.model import (
    DECIDED,
    LAPSE_AFTER,
    AnsweredBy,
    ApplicationStatus,
    Contact,
    Decided,
    Interview,
    Stage,
    Statement,
    Wait,
)

_IN_ORDER = itemgetter(0, 1, 2, 3)
"""All of an event but its handler."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The waits of an application in the order in which they opened, and what the fold found.

    `origin` is the interview that led to the latest wait, also through promises: it names the person to call.
    `told` is the last decision that the candidate was told, with its instant, whether or not a wait was open then.
    `reached` are the contacts that reached the candidate and were not voided, bounced or disputed; `heard` are the statements
    "I heard" that were not voided, and that no later "not heard" contradicts.
    """

    waits: tuple[Wait, ...] = ()
    disputed: frozenset[str] = frozenset()
    origin: str | None = None
    reached: frozenset[str] = frozenset()
    heard: frozenset[str] = frozenset()
    told: tuple[Decided, datetime] | None = None

    @property
    def open(self) -> Wait | None:
        """Returns the open wait, if any. Its interview may not have ended yet."""
        return self.waits[-1] if self.waits and self.waits[-1].state == "open" else None


def fold(
    interviews: Iterable[Interview],
    contacts: Iterable[Contact],
    statements: Iterable[Statement],
    *,
    status: ApplicationStatus,
    as_of: datetime,
) -> Folded:
    """Folds the facts of one application. `as_of` decides only whether an open wait has lapsed."""
    booked = [interview for interview in interviews if interview.status != "cancelled"]
    kept = [contact for contact in contacts if not contact.voided]
    said = [statement for statement in statements if not statement.voided]
    bounced = _bounced(kept) if kept else set()
    reaching = [contact for contact in kept if contact.reached and contact.id not in bounced]
    contradictions = _Contradictions()
    while True:
        known = len(contradictions.refuted)
        timeline = _Timeline(contradictions)
        for *_, handle in sorted(_events(timeline, booked, reaching, said), key=_IN_ORDER):
            handle()
        if len(contradictions.refuted) == known:
            believed = [contact for contact in reaching if contact.id not in contradictions.refuted]
            heard = [one for one in said if one.heard and one.id not in contradictions.refuted]
            return Folded(
                tuple([_closed(wait, status, as_of) for wait in timeline.waits]),
                frozenset(contradictions.refuted & {contact.id for contact in kept}),
                timeline.origin,
                frozenset([contact.id for contact in believed]),
                frozenset([statement.id for statement in heard]),
                _told(believed, heard) if believed or heard else None,
            )


def _bounced(contacts: Sequence[Contact]) -> set[str]:
    """Returns the sent contacts that bounced: each bounce undoes the latest earlier send on its channel."""
    undone: set[str] = set()
    for bounce in sorted((c for c in contacts if c.outcome == "bounced"), key=lambda c: c.occurred_at):
        earlier = [
            c
            for c in contacts
            if c.outcome == "sent" and c.channel == bounce.channel and c.occurred_at <= bounce.occurred_at and c.id not in undone
        ]
        if earlier:
            undone.add(max(earlier, key=lambda c: (c.occurred_at, c.recorded_at, c.id)).id)
    return undone


def _told(contacts: Iterable[Contact], statements: Iterable[Statement]) -> tuple[Decided, datetime] | None:
    """Returns the last decision among them, with its instant. Within an instant they follow each other as in `_events`."""
    said = [(one.occurred_at, 2, one.recorded_at, one.id, one.decision) for one in contacts]
    said += [(one.at, 3, one.recorded_at, one.id, one.decision) for one in statements]
    for at, *_, said_then in sorted(said, key=lambda one: one[:4], reverse=True):
        decision = next((word for word in DECIDED if word == said_then), None)
        if decision:
            return decision, at
    return None


def _closed(wait: Wait, status: ApplicationStatus, as_of: datetime) -> Wait:
    """Drops the open wait of a withdrawn or closed application; lapses one that is 365 days overdue."""
    if wait.state != "open":
        return wait
    if status != "active":
        return replace(wait, state="dropped")
    return replace(wait, state="lapsed") if as_of >= wait.word_due_at + LAPSE_AFTER else wait


@dataclass(slots=True)
class _Contradictions:
    """The contacts that "not heard" disputes. A statement concerns one wait: the first that it contradicts."""

    refuted: set[str] = field(default_factory=set)
    about: dict[str, str] = field(default_factory=dict)

    def refute(self, statement_id: str, wait_cause: str, fact_id: str) -> None:
        if self.about.setdefault(statement_id, wait_cause) == wait_cause:
            self.refuted.add(fact_id)


@dataclass(slots=True)
class _Answer:
    """The wait that was answered last, and the fact that answered it."""

    wait_cause: str
    fact_id: str


class _Timeline:
    """One pass over the facts in order. At most one wait is live: the last of `waits`."""

    def __init__(self, contradictions: _Contradictions) -> None:
        self.waits: list[Wait] = []
        self.origin: str | None = None
        self._stage: Stage | None = None
        self._live = False
        self._last_answer: _Answer | None = None
        self._contradictions = contradictions

    def invited(self, interview: Interview) -> None:
        """Answers the live wait where the invitation came after it began."""
        if self._live and self.waits[-1].since < interview.invited_at:
            self._answer(interview.invited_at, "interview", interview.id, "invited")

    def started(self, interview: Interview) -> None:
        """Opens this interview's wait; a live wait, whose interview was booked with it, is removed."""
        if self._live:
            self.waits.pop()
        self._open(Wait(interview.id, interview.stage, interview.end_at, interview.word_due_at))
        self.origin = interview.id
        self._last_answer = None

    def contacted(self, contact: Contact) -> None:
        """Answers the live wait, and opens a promise where the contact made one."""
        if contact.id in self._contradictions.refuted:
            return
        answers = self._live
        if answers:
            self._answer(contact.occurred_at, "contact", contact.id, contact.decision or "pending")
        if not contact.final and contact.promised_by and self._stage and (answers or contact.promise_named):
            self._open(Wait(contact.id, self._stage, contact.occurred_at, contact.promised_by))

    def heard(self, statement: Statement) -> None:
        """Answers the live wait by what the candidate says, and opens a promise where they were put off to a day."""
        if not self._live or statement.id in self._contradictions.refuted:
            return
        self._answer(statement.at, "candidate", statement.id, statement.decision)
        if statement.promised_by and self._stage:
            self._open(Wait(statement.id, self._stage, statement.at, statement.promised_by))

    def not_heard(self, statement: Statement) -> None:
        """Disputes what answered the latest wait, or the promise that is not due yet; a broken promise disputes nothing."""
        last = self._last_answer
        if self._live:
            promise = self.waits[-1]
            if promise.promised and statement.at < promise.word_due_at:
                about = last.wait_cause if last and last.fact_id == promise.cause else promise.cause
                self._contradictions.refute(statement.id, about, promise.cause)
        elif last:
            self._contradictions.refute(statement.id, last.wait_cause, last.fact_id)

    def _open(self, wait: Wait) -> None:
        self.waits.append(wait)
        self._live = True
        self._stage = wait.stage

    def _answer(self, at: datetime, by: AnsweredBy, fact_id: str, answer: str | None) -> None:
        wait = self.waits[-1]
        self.waits[-1] = Wait(wait.cause, wait.stage, wait.since, wait.word_due_at, "answered", at, by, answer)
        self._live = False
        self._last_answer = _Answer(wait.cause, fact_id) if by != "interview" else None


def _events(
    timeline: _Timeline, interviews: Iterable[Interview], contacts: Iterable[Contact], statements: Iterable[Statement]
) -> Iterable[tuple[datetime, int, datetime, str, Callable[[], None]]]:
    """Yields (when, order within the instant, when recorded, id, handler) of each fact."""
    for interview in interviews:
        yield interview.invited_at, 0, interview.booked_at, interview.id, partial(timeline.invited, interview)
        if interview.status == "scheduled":
            yield interview.start_at, 1, interview.booked_at, interview.id, partial(timeline.started, interview)
    for contact in contacts:
        yield contact.occurred_at, 2, contact.recorded_at, contact.id, partial(timeline.contacted, contact)
    for statement in statements:
        handle = timeline.heard if statement.heard else timeline.not_heard
        yield statement.at, 3, statement.recorded_at, statement.id, partial(handle, statement)
