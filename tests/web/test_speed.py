"""The first pages of People and Today cost the same, however many people there are: counted, not timed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reputation.loading import load, random_loads

FEW = 100
MANY = [2_000, pytest.param(5_000, marks=pytest.mark.long)]
SIZE_MOST = 100 * 1024
REQUESTS = {"/": 14, "/people": 6}
"""The most requests to DynamoDB, the visitor's session in it."""


def _cost(browser: Any, path: str, meter: Any) -> tuple[int, float, int]:
    meter.reset()
    assert browser.open(path).status == 200
    return meter.total, sum(meter.read_units.values()), len(browser.html.encode())


@pytest.mark.parametrize("people", MANY)
def test_the_first_pages_cost_the_same_with_many_people(
    people: int, signed_in: Any, employer: Any, clock: Any, meter: Any
) -> None:
    """Twenty or fifty times as many people: as many requests, hardly more units, and at most 100 KB."""
    load(employer.employer_id, random_loads(FEW, clock.now, answered=0.3, rejected=0.3))
    browser = signed_in()
    before = {path: _cost(browser, path, meter) for path in REQUESTS}
    load(employer.employer_id, random_loads(people - FEW, clock.now, seed=1, answered=0.3, rejected=0.3))
    for path, (few, units_of_few, _) in before.items():
        many, units, size = _cost(browser, path, meter)
        assert many <= REQUESTS[path] and many <= few + 2
        assert units <= 1.5 * units_of_few + 10
        assert size <= SIZE_MOST
        assert path == "/" or "1 to 50 of more than 1,000, newest first" in browser.text
