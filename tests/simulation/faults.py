"""Faults of calls to AWS. Drawn before the run, so that a shrunk history keeps the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


Where = Literal["any", "read", "write", "send"]
WHERE: dict[str, Where] = {
    "BatchGetItem": "read",
    "GetObject": "read",
    "TransactWriteItems": "write",
    "Publish": "send",
    "SendEmail": "send",
    "SendBulkEmail": "send",
}


@dataclass(frozen=True)
class Fault:
    """Meets calls `first` to `first + times - 1` of a process: of all its calls, batched reads, writes or sends.

    `size` is between 0 and 1: how long, or how much.
    """

    kind: Kind
    first: int
    times: int = 1
    where: Where = "any"
    size: float = 0.5

    def applies_to(self, call: int, number_of_kind: int, operation: str) -> bool:
        if self.where == "any":
            return self.first <= call < self.first + self.times
        return WHERE.get(operation) == self.where and self.first <= number_of_kind < self.first + self.times

    def __str__(self) -> str:
        return f"!{self.kind}@{self.where}{self.first}{f'x{self.times}' if self.times > 1 else ''}"
