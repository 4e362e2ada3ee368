"""Records what a history did to messages, apart from the code under test: claims, provider calls and responses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Item, Key

NOTICE, LETTER = "holding_notice", "letter"
SLACK = 430.0
"""A clock may be five minutes wrong, and a delivery may last two."""


def text(item: Item | None, name: str) -> str | None:
    return item[name]["S"] if item and name in item else None


@dataclass
class Claimed:
    """One claim of one message: its process, its time, and the calls made under it."""

    token: str
    process: Process | None
    at: float
    channel: str
    to: str
    addresses: tuple[tuple[str, str], ...]
    calls: list[Call] = field(default_factory=list)


@dataclass
class Reminder:
    """One step of one wait, or one digest to one address: it must reach a person at most once."""

    calls: list[Call] = field(default_factory=list)


@dataclass
class Ledger:
    claimed: dict[Key, Claimed] = field(default_factory=dict)
    """Messages that are being sent now."""
    erased: dict[Key, Claimed] = field(default_factory=dict)
    """Messages whose person was erased while they were being sent."""
    reminders: dict[tuple[str, ...], Reminder] = field(default_factory=dict)
    claims: dict[str, float] = field(default_factory=dict)
    """When each claim comes due: until then its worker may still be sending."""
    unknowns: dict[Key, str] = field(default_factory=dict)
    """Why each unknown message is unknown."""
    facts: dict[object, set[Key]] = field(default_factory=dict)
    """The facts that each request wrote."""
    automatic_replies: Counter[object] = field(default_factory=Counter)
    """Automatic answers to each text from a person."""
    statuses: dict[Key, str] = field(default_factory=dict)

    def reminder(self, key: Key, item: Item) -> Reminder:
        """Returns the reminder of a message: the same for all messages of one step of one wait.

        A wait is an interview and its end: moved, it may be reminded of again. A notice counts by its deadline too.
        """
        step = text(item, "step") or ""
        which = text(item, "to") if text(item, "aud") == "employer" else text(item, "due") if step in (NOTICE, LETTER) else ""
        wait = (text(item, "cause") or "", text(item, "since") or "")
        return self.reminders.setdefault((key[0], *wait, step, which or ""), Reminder())


def faults_met(process: Process | None, operation: str, since: float) -> list[str]:
    """Returns the faults that a process met at calls of one operation since a moment."""
    found: list[tuple[float, str, str]] = process.notes.get("faults_met", []) if process else []
    return [kind for at, kind, name in found if name == operation and at >= since]


def crashed(process: Process | None) -> bool:
    return process is not None and process.crashed


def raw_number(item: Item | None, name: str) -> Any:
    return int(item[name]["N"]) if item and name in item else None
