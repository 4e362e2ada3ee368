"""What a history has done to messages, written down outside the code under test: who claimed, who called, what was heard."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Item, Key

NOTICE = "holding_notice"
SLACK = 430.0
"""A clock may be five minutes wrong, and a delivery last two."""


def text(item: Item | None, name: str) -> str | None:
    return item[name]["S"] if item and name in item else None


@dataclass
class Holding:
    """One claim of one message: by whom, since when, and the calls made under it."""

    token: str
    process: Process | None
    at: float
    channel: str
    to: str
    addresses: tuple[tuple[str, str], ...]
    calls: list[Call] = field(default_factory=list)


@dataclass
class Reminder:
    """One step of one wait, or one digest to one address: what must reach a person at most once."""

    calls: list[Call] = field(default_factory=list)


@dataclass
class Ledger:
    holdings: dict[Key, Holding] = field(default_factory=dict)
    """Of messages that are being sent now."""
    erased: dict[Key, Holding] = field(default_factory=dict)
    """Of those whose person was erased while they were being sent."""
    reminders: dict[tuple[str, ...], Reminder] = field(default_factory=dict)
    claims: dict[str, float] = field(default_factory=dict)
    """When each claim comes due: until then its holder may still be sending."""
    unknowns: dict[Key, str] = field(default_factory=dict)
    """Why each unknown message is unknown."""
    facts: dict[object, set[Key]] = field(default_factory=dict)
    """Those that each request wrote."""
    answers: Counter[object] = field(default_factory=Counter)
    """How often each text from a person was answered."""
    fates: dict[Key, str] = field(default_factory=dict)

    def reminder(self, key: Key, item: Item) -> Reminder:
        """Of a message: the same for all messages of one step of one wait, whatever their ids. Of a notice: of one deadline, for
        somebody asked for it, and when the interview is moved may ask anew."""
        step = text(item, "step") or ""
        which = text(item, "to") if text(item, "aud") == "employer" else text(item, "due") if step == NOTICE else ""
        return self.reminders.setdefault((key[0], text(item, "cause") or "", step, which or ""), Reminder())


def befallen(process: Process | None, operation: str, since: float) -> list[str]:
    """The faults that met a process at calls of that kind, from a moment on."""
    found: list[tuple[float, str, str]] = process.notes.get("befallen", []) if process else []
    return [kind for at, kind, name in found if name == operation and at >= since]


def crashed(process: Process | None) -> bool:
    return process is not None and process.crashed


def raw_number(item: Item | None, name: str) -> Any:
    return int(item[name]["N"]) if item and name in item else None
