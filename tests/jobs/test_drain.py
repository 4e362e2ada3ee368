"""A backlog is sent at the providers' rate, and other employers do not wait for it. In full size: python -m bench.drain"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from bench.drain import drain, fates

FLOOD, RATE = 60, 0.2


def test_a_backlog_is_sent_at_the_configured_rate_and_others_within_two_runs(sending: Any) -> None:
    """One employer's Monday morning must neither be refused by the provider nor delay another's single reminder."""
    flood = [sending.interviewed() for _ in range(FLOOD)]
    others = {}
    for seconds in (0, 65, 130):
        due_at = sending.clock() + timedelta(hours=48, seconds=seconds)
        one = sending.interviewed(sending.new_employer(), ended=due_at - timedelta(hours=48))
        others[one.phone] = due_at
    sending.clock.advance(hours=48)
    drained = drain(sending.clock(), RATE)
    numbers = Counter(to for _, to in drained.provider.taken)
    assert set(numbers) == {one.phone for one in flood} | others.keys() and set(numbers.values()) == {1}
    assert fates() == {"sent": FLOOD + len(others)}
    assert drained.per_minute[:5] == [12] * 5 and len(drained.per_minute) == 6
    assert all(drained.ticks_until(phone, due_at) <= 2 for phone, due_at in others.items())
