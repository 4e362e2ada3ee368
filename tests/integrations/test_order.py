"""Events come twice, late, and in any order: what stands in our records in the end is the same."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chalicelib import ids, table
from chalicelib.integrations import facts, receive, work
from chalicelib.integrations.table import EventItem
from chalicelib.table import read_instant
from tests.integrations.conftest import Connection
from tests.integrations.payloads import ashby, ashby_schedule, greenhouse, held, signed

GREENHOUSE = [
    greenhouse("new_candidate_application", "2026-06-01T09:00:00Z", interviews=held(status="to_be_scheduled")),
    greenhouse("application_updated", "2026-06-01T12:00:00Z", interviews=held()),
    greenhouse("application_updated", "2026-06-01T12:30:00Z", interviews=held(status="complete"), phone="202-555-0177"),
    greenhouse("candidate_stage_change", "2026-06-01T15:00:00Z", stage="Face to Face", interviews=held(7, "scheduled", "Final")),
    greenhouse("application_updated", "2026-06-02T10:00:00Z", stage="Face to Face", interviews=held(7, name="Final")),
    greenhouse("reject_candidate", "2026-06-02T11:00:00Z", status="rejected", rejected_at="2026-06-02T11:00:00Z"),
    greenhouse("application_updated", "2026-06-02T11:20:00Z", status="rejected", rejected_at="2026-06-02T11:00:00Z"),
    greenhouse("unreject_candidate", "2026-06-02T12:00:00Z", first_name="Beppe"),
    greenhouse("hire_candidate", "2026-06-02T13:00:00Z", status="hired"),
    greenhouse("application_updated", "2026-06-02T10:30:00Z", ref=99, interviews=held(8), first_name="Beppe",
               job="Illustrator"),
    {"action": "interview_deleted", "payload": {"interview": {"id": 7}}},
    {"action": "candidate_anonymized", "payload": {"person": {"id": 265772}}},
    {"action": "merge_candidate", "payload": {"person": {"id": 1, "new_candidate_id": 265772}}},
]
ASHBY = [
    ashby("applicationSubmit", "2026-05-30T12:00:00.000Z", stage="Screen", kind="PreInterviewScreen"),
    ashby_schedule("interviewScheduleCreate", "2026-05-31T12:00:00.000Z"),
    ashby_schedule("interviewScheduleUpdate", "2026-06-01T12:00:00.000Z", start="2026-06-02T09:00:00.000Z"),
    ashby_schedule("interviewScheduleUpdate", "2026-06-01T18:00:00.000Z", status="Cancelled"),
    ashby_schedule("interviewScheduleUpdate", "2026-06-01T19:00:00.000Z", end="2026-06-02T12:00:00.000Z"),
    ashby("candidateStageChange", "2026-06-02T13:30:00.000Z", stage="Offer", kind="Offer"),
    ashby("applicationUpdate", "2026-06-02T13:40:00.000Z", status="Archived", kind="Archived"),
    ashby("applicationUpdate", "2026-06-02T13:50:00.000Z", status="Active"),
    ashby("candidateHire", "2026-06-02T13:55:00.000Z", status="Hired", kind="Hired"),
    ashby("candidateStageChange", "2026-06-02T13:55:00.000Z", status="Hired", kind="Hired"),
]
EXAMPLES = int(os.environ.get("HEARDBACK_ORDERS", "5"))
"""`make mutations` runs 200 of each."""
POOLS = {"greenhouse": GREENHOUSE, "ashby": ASHBY}


@st.composite
def tellings(draw: st.DrawFn) -> tuple[str, list[int], list[int]]:
    """One set of events, told in two orders, each with repetitions of its own."""
    system = draw(st.sampled_from(sorted(POOLS)))
    some = draw(st.lists(st.integers(0, len(POOLS[system]) - 1), min_size=1, max_size=8, unique=True))

    def told() -> list[int]:
        again = draw(st.lists(st.sampled_from(some), max_size=3))
        return list(draw(st.permutations([*some, *again])))

    return system, told(), told()


@pytest.mark.parametrize("mails", [False, True])
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
          phases=[Phase.explicit, Phase.generate])  # each example writes whole records: shrinking would take an hour
@given(tellings())
def test_any_order_and_repetition_end_in_the_same_state(api: Any, mails: bool, told: tuple[str, list[int], list[int]]) -> None:
    """The ATS tries again for hours; the queue keeps no order."""
    system, first, second = told
    assert _after(api, system, first, mails) == _after(api, system, second, mails)


def _after(api: Any, system: str, order: list[int], mails: bool) -> Any:
    employer = api.new_employer()
    ats = Connection(api, employer, system, None, emails_rejections=mails)
    for number in order:
        raw, _ = signed(system, POOLS[system][number])
        assert ats.send(POOLS[system][number]).status == 200
        known = SYSTEM_IDS[system](raw)
        event = table.get(f"EMP#{employer.employer_id}#ATS#{ats.id}", f"EVT#{known}")
        assert isinstance(event, EventItem)
        work.work(event, read_instant(event.due_at) if event.due_at else event.received_at)
    assert ats.events("unmapped") == [] and ats.events("failed") == []
    return _state(employer)


def _event_id(raw: bytes) -> str:
    return receive.event_id_of(b"body " + raw)


def _ashby_id(raw: bytes) -> str:
    body: Any = receive.parsed(raw)
    return receive.event_id_of(f"id {body['action']} {body['webhookActionId']}".encode())


SYSTEM_IDS = {"greenhouse": _event_id, "ashby": _ashby_id}


def _state(employer: Any) -> Any:
    """Everything that matters, without our own ids and the instants at which we learned it; what was undone is not there,
    nor are the shells of applications whose interviews are all off: they may never have been opened."""
    applications = []
    for case in employer.get("/v1/applications").json["data"]:
        if case["loop"] == "idle":
            continue
        contacts = employer.get(f"/v1/applications/{case['id']}/contacts").json["data"]
        interviews = employer.get("/v1/interviews", query={"application_id": case["id"]}).json["data"]
        shown = {name: case[name] for name in ("loop", "status", "decided", "decided_at", "stage", "word_due_at", "answered_at",
                                               "answered_by", "external_ids", "job_title", "next_reminder_at")}
        person = {name: case["candidate"][name] for name in ("name", "email", "phone")}
        word = sorted((c["occurred_at"], c["decision"]) for c in contacts if c["status"] == "recorded")
        held_ones = sorted((i["start_at"], i["end_at"], i["stage"]) for i in interviews if i["status"] == "scheduled")
        applications.append((str(shown), str(person), word, held_ones))
    tally = {row["SK"]["S"]: {k: v["N"] for k, v in row.items() if k not in ("PK", "SK", "rev") and v["N"] != "0"}
             for row in table.query_range(ids.tally_pk(employer.employer_id), "0000", "9999-12-31")}
    return sorted(applications), {day: counts for day, counts in tally.items() if counts}


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4))
def test_merging_facts_is_a_matter_of_time_not_of_order(order: list[int], again: list[int]) -> None:
    """The same in small: of every field the latest stands, ties included."""
    at = read_instant("2026-06-02T12:00:00.000000Z")
    statuses: list[Any] = ["active", "rejected", "hired"]
    some = [facts.Fact("a", at.replace(minute=n // 2), statuses[n % 3], None, {"job_title": str(n)},
                       {"i": {"stage": "screen" if n % 2 else "final"}}, ("i",) if n > 2 else ()) for n in range(6)]
    assert facts.merged({}, [some[n] for n in [*order, *again]]) == facts.merged({}, some)
