"""What a write to an application with a long past costs: counted, not timed."""

from __future__ import annotations

import sys
from typing import Any

CALLS_MOST = 100
"""Function calls for each interview of the past with its contact: read, folded and compared. 92 were seen, from 30 to 120."""


def _application(employer: Any, clock: Any, count: int) -> str:
    """Makes an application with as many interviews, and a call that nobody answered after each."""
    more: dict[str, Any] = {"application": {"candidate": {"name": f"Sam Sample {count}"}, "job_title": "Welder"}}
    for number in range(count):
        times = {"start_at": clock.text(hours=3 * number - 1000), "end_at": clock.text(hours=3 * number - 999)}
        made = employer.post("/v1/interviews", {"stage": "interview", **times, **more}).json["application"]["id"]
        call = {"channel": "call", "outcome": "no_answer", "occurred_at": times["end_at"]}
        assert employer.post(f"/v1/applications/{made}/contacts", call).status == 201
        more = {"application_id": made}
    return str(made)


def _cost(employer: Any, application_id: str, meter: Any) -> tuple[int, int, float]:
    """Returns function calls, requests and write units of one more contact; the first one imports."""
    for _ in range(2):
        calls = 0

        def seen(_frame: Any, event: str, _of: Any) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        meter.reset()
        sys.setprofile(seen)
        try:
            answer = employer.post(f"/v1/applications/{application_id}/contacts", {"channel": "call", "outcome": "no_answer"})
        finally:
            sys.setprofile(None)
        assert answer.status == 201
    return calls, meter.total, sum(meter.write_units.values())


def test_a_write_to_a_long_application_asks_and_writes_no_more_and_computes_in_proportion(
    employer: Any, clock: Any, meter: Any
) -> None:
    """All facts are read and folded at each write; nothing may compare each of them with each other one."""
    few, many = 5, 35
    calls_few, *few_costs = _cost(employer, _application(employer, clock, few), meter)
    calls_many, *many_costs = _cost(employer, _application(employer, clock, many), meter)
    assert many_costs == few_costs
    assert calls_many - calls_few <= CALLS_MOST * (many - few)
