"""Faults of calls to AWS. Drawn before the run, so that a shrunk history keeps the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "crash_before",  # the process dies before the call leaves it
    "crash_after",  # the service did it, the process dies before the response arrives
    "lose",  # done, and the response is lost: a time-out
    "drop",  # not done, and no response: the same time-out
    "late",  # a time-out now; the request arrives minutes later and is done
    "refuse",  # no connection: certainly not done
    "throttle",  # refused for now
    "conflict",  # another transaction holds an item (transactions; elsewhere a throttle)
    "internal",  # 500, not done
    "internal_done",  # 500, but done
    "unavailable",  # 503, refused
    "reject",  # a provider will never take this message (elsewhere a throttle)
    "freeze",  # the machine stops for a while before the call
    "freeze_after",  # the machine stops for a while before the response arrives
    "partial",  # only a part of a batch is served
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]


Where = Literal["any", "read", "write", "send", "contact"]
WHERE: dict[str, Where] = {
    "BatchGetItem": "read",
    "GetObject": "read",
    "TransactWriteItems": "write",
    "Publish": "send",
    "SendEmail": "send",
    "SendBulkEmail": "send",
}


def kinds_of(operation: str, request: Mapping[str, Any]) -> tuple[Where, ...]:
    """Tells what a call is, beside any call. A write of a contact is also known by what it writes: its place among the writes of
    a delivery depends on what else that sends."""
    kind = WHERE.get(operation)
    if kind == "write" and any("Put" in one and _is_contact(one["Put"]["Item"]) for one in request["TransactItems"]):
        return kind, "contact"
    return (kind,) if kind else ()


def _is_contact(item: Mapping[str, Any]) -> bool:
    return item["SK"]["S"].startswith("CON#")


@dataclass(frozen=True)
class Fault:
    """Meets calls `first` to `first + times - 1` of a process: of all its calls, batched reads, writes, sends or new contacts.

    `size` is between 0 and 1: how long, or how much.
    """

    kind: Kind
    first: int
    times: int = 1
    where: Where = "any"
    size: float = 0.5

    def applies_to(self, call: int, places: Mapping[Where, int]) -> bool:
        """Whether it meets a call: that number of its process, with its place among the calls of each of its kinds."""
        place = call if self.where == "any" else places.get(self.where)
        return place is not None and self.first <= place < self.first + self.times

    def __str__(self) -> str:
        return f"!{self.kind}@{self.where}{self.first}{f'x{self.times}' if self.times > 1 else ''}"
