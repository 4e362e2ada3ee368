"""Computes a Monday at 10:00: reminders fall due when send windows open, and the provider accepts a number a second.

Second by second, with the code's numbers: a tick a minute, its limit, the queue's depth, the delays within the
minute, the back-off of refusals. Deterministic; no engine.
"""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass, field
from datetime import timedelta

from bench.ground import table
from chalicelib.jobs.scheduler import QUEUED_MOST
from chalicelib.messaging.claims import FIRST_RETRY, LONGEST_RETRY
from chalicelib.messaging.messages import RETRY_WITHIN

ZONES = {"New York": (0, 0.47), "Chicago": (3600, 0.29), "Denver": (7200, 0.07), "Los Angeles": (10800, 0.17)}
"""Second at which the window opens after New York's, and the share of people (of the US, roughly: an assumption)."""
WORKERS_PER_SECOND = 1_000
"""What ten concurrent deliver functions take from the queue: more than any provider's rate here."""
SECONDS = 6 * 3600


@dataclass
class Outcome:
    late: list[int] = field(default_factory=list)
    refused: int = 0
    failed: int = 0

    def percentile(self, share: float) -> float:
        found = sorted(self.late)
        return found[min(len(found) - 1, int(len(found) * share))] / 60 if found else math.nan


def simulate(count: int, provider: float, *, paced: bool, most: int = QUEUED_MOST, seed: int = 1) -> Outcome:
    """`count` reminders over the zones; the provider takes `provider` a second and refuses the rest. Retries as in the code."""
    chance, outcome = random.Random(seed), Outcome()
    opening = [(second, round(count * share)) for second, share in ZONES.values()]
    due: list[int] = []  # second at which each became due, oldest first
    queued: list[tuple[int, int]] = []  # (visible at, due since), a heap
    retries: list[tuple[int, int, int, int]] = []  # (due at, attempt, due since, first tried), a heap
    again: list[tuple[int, int, int]] = []  # retries that a tick has queued
    for now in range(SECONDS):
        due += [second for second, many in opening if second == now for _ in range(many)]
        if now % 60 == 0:
            room = min(most, max(0, math.ceil(provider * 60) - len(queued))) if paced else most
            while retries and retries[0][0] <= now and room:
                _, attempt, since, first = heapq.heappop(retries)
                again.append((attempt, since, first))
                room -= 1
            for place, since in enumerate(due[:room]):
                heapq.heappush(queued, (now + (int(place / provider) if paced else 0), since))
            del due[:room]
        left, hands = provider, WORKERS_PER_SECOND
        chance.shuffle(again)
        while hands and (again or (queued and queued[0][0] <= now)):
            hands -= 1
            attempt, since, first = again.pop() if again else (1, heapq.heappop(queued)[1], now)
            if left >= 1:
                left -= 1
                outcome.late.append(now - since)
                continue
            outcome.refused += 1
            at = now + min(FIRST_RETRY * 2 ** (attempt - 1), LONGEST_RETRY) / timedelta(seconds=1)
            if at >= first + RETRY_WITHIN / timedelta(seconds=1):
                outcome.failed += 1
            else:
                heapq.heappush(retries, (int(at), attempt + 1, since, first))
        if not (due or queued or retries or again) and now > max(second for second, _ in opening):
            break
    return outcome


def markdown(
    cases: tuple[tuple[int, float], ...] = (
        (3_000, 14),
        (10_000, 14),
        (25_000, 14),
        (25_000, 100),
        (100_000, 100),
        (150_000, 100),
    ),
) -> str:
    rows = [["due that morning", "provider, per second", "", "late p50, min", "p99", "max", "refused calls", "failed"]]
    for count, provider in cases:
        for paced in (False, True):
            one = simulate(count, provider, paced=paced)
            rows.append(
                [
                    f"{count:,}",
                    f"{provider:g}",
                    "spread" if paced else "all at once",
                    f"{one.percentile(0.5):.1f}",
                    f"{one.percentile(0.99):.1f}",
                    f"{one.percentile(1):.1f}",
                    f"{one.refused:,}",
                    f"{one.failed:,}",
                ]
            )
    return table(rows)
