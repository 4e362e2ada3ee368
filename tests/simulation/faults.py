"""What can go wrong on the wire, at one call of one process. Drawn beforehand, so that a shrunk history keeps the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "crash_before",  # the process dies before the call leaves it
    "crash_after",  # the service has done it, the process dies before it hears
    "lose",  # done, and the answer is lost: a time-out
    "drop",  # not done, and no answer: the same time-out
    "late",  # a time-out now; the request arrives and is done minutes later
    "refuse",  # no connection: provably not done
    "throttle",  # refused for now
    "conflict",  # another transaction holds an item (transactions; elsewhere a throttle)
    "internal",  # 500, not done
    "internal_done",  # 500, done all the same
    "unavailable",  # 503, refused
    "reject",  # a provider will never take this message (elsewhere a throttle)
    "freeze",  # the machine stands still before the call
    "freeze_after",  # the machine stands still before it hears the answer
    "partial",  # only a part of a batch is served
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]


Where = Literal["any", "read", "write", "send"]
WHERE: dict[str, Where] = {
    "BatchGetItem": "read",
    "TransactWriteItems": "write",
    "Publish": "send",
    "SendEmail": "send",
}


@dataclass(frozen=True)
class Fault:
    """Befalls the calls `first` … `first + times - 1` of a process: of all, its batched reads, its writes, its sends.
    `size` is between 0 and 1: how long, how much."""

    kind: Kind
    first: int
    times: int = 1
    where: Where = "any"
    size: float = 0.5

    def befalls(self, call: int, number_of_kind: int, operation: str) -> bool:
        if self.where == "any":
            return self.first <= call < self.first + self.times
        return WHERE.get(operation) == self.where and self.first <= number_of_kind < self.first + self.times

    def __str__(self) -> str:
        return f"!{self.kind}@{self.where}{self.first}{f'x{self.times}' if self.times > 1 else ''}"
