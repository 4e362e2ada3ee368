"""Events may come twice, late, and in any order: our records are the same in the end."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chalicelib.integrations.ats import merge
from chalicelib.integrations.ats.items import EventItem
from chalicelib.integrations.ats.process_event import process_event
from chalicelib.storage import keys, table
from chalicelib.storage.table import read_instant
from tests.engines import START
from tests.integrations.ats.conftest import Connection
from tests.integrations.ats.payloads import ashby, ashby_schedule, greenhouse, held, lever, teamtailor, workable
from tests.integrations.ats.vendor_api import Vendor

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
    greenhouse("application_updated", "2026-06-02T10:30:00Z", ref=99, interviews=held(8), first_name="Beppe", job="Illustrator"),
    {"action": "interview_deleted", "payload": {"interview": {"id": 7}}},
    {"action": "candidate_anonymized", "payload": {"candidate_id": 265772}},
    {"action": "merge_candidate", "payload": {"person": {"id": 265772, "new_candidate_id": 457456}}},
    {"action": "candidate_anonymized", "payload": {"candidate_id": 457456, "anonymized_fields": ["full_name"]}},
    {"action": "update_candidate", "payload": {"candidate": {"id": 265772, "first_name": "Josephine", "last_name": "Hurley"}}},
    {"action": "delete_application", "payload": {"application": {"id": 99}}},
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
    {"action": "candidateMerge", "data": {"deletedCandidate": {"id": "cand-1"}, "mergedCandidate": {"id": "cand-2"}}},
    {"action": "candidateDelete", "data": {"candidate": {"id": "cand-2"}}},
]
LEVER = [
    lever("applicationCreated", 1780300000000),
    lever("interviewCreated", 1780310000000, interviewId="iv-1"),
    lever("candidateStageChange", 1780320000000, toStageId="s1"),
    lever("interviewUpdated", 1780330000000, interviewId="iv-1"),
    lever("interviewDeleted", 1780340000000, interviewId="iv-9"),
    lever("candidateStageChange", 1780400000000, toStageId="s2"),
    lever("candidateArchiveChange", 1780403000000),
    lever("candidateHired", 1780404000000),
]
WORKABLE = [
    workable("candidate_created", "2026-06-01T09:00:00Z", stage="Applied"),
    workable("candidate_moved", "2026-06-01T10:00:00Z", stage="Phone Screen"),
    workable("candidate_moved", "2026-06-01T11:00:00Z", stage="Interview"),
    workable("candidate_moved", "2026-06-02T12:30:00Z", stage="Offer"),
    workable("candidate_moved", "2026-06-02T13:00:00Z", stage="Offer", disqualified=True),
]
TEAMTAILOR = [
    teamtailor("job_application.create"),
    *({**teamtailor("job_application.update"), "n": n} for n in range(3)),
    teamtailor("candidate.update", "9"),
    {**teamtailor("candidate.update", "9"), "n": 1},
]
POOLS = {"greenhouse": GREENHOUSE, "ashby": ASHBY, "lever": LEVER, "workable": WORKABLE, "teamtailor": TEAMTAILOR}
EXAMPLES = int(os.environ.get("HEARDBACK_ORDERS", "20"))
"""Of each of two settings in the long test; `make mutations` runs 200."""


def _of_lever(talks: list[dict[str, Any]], **archived: Any) -> dict[str, Any]:
    return {
        "/opportunities/op-1": {
            "data": {
                "id": "op-1",
                "name": "Lee Sample",
                "emails": ["lee@example.com"],
                "contact": "c-1",
                "phones": [],
                "posting": "po-1",
                "stage": {"id": "s2", "text": "Offer" if archived else "On-site"},
                "archived": archived or None,
            }
        },
        "/opportunities/op-1/interviews": {"data": talks},
        "/postings/po-1": {"data": {"id": "po-1", "text": "Engineer"}},
        "/archive_reasons/ar-1": {"data": {"id": "ar-1", "text": "Underqualified", "type": "non-hired"}},
    }


def _of_workable(*talks: tuple[str, str, bool], **more: Any) -> dict[str, Any]:
    day, who = "2026-06-02T", {"id": "cand1"}
    events = [
        {
            "id": ref,
            "type": "interview",
            "title": "Panel",
            "starts_at": f"{day}09:00:00Z",
            "ends_at": f"{day}{end}:00Z",
            "cancelled": off,
            "candidate": who,
        }
        for ref, end, off in talks
    ]
    return {"/candidates/cand1": {"candidate": {**workable()["data"], **more}}, "/events": {"events": events}}


def _of_teamtailor(name: str, kind: str, **attributes: Any) -> dict[str, Any]:
    who = {"id": "9", "type": "candidates", "attributes": {"first-name": "Tea", "last-name": name, "email": "tea@example.com"}}
    return {
        "/candidates/9": {"data": who},
        "/job-applications/4711": {
            "data": {"id": "4711", "type": "job-applications", "attributes": {"rejected-at": None, **attributes}},
            "included": [
                who,
                {"id": "5", "type": "jobs", "attributes": {"title": "Tailor"}},
                {"id": "6", "type": "stages", "attributes": {"name": kind, "stage-type": kind}},
            ],
        },
    }


TALK = {"id": "iv-1", "subject": "On-site", "date": 1780398000000, "duration": 60, "canceledAt": None}
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "lever": [
        _of_lever([TALK]),
        _of_lever([{**TALK, "duration": 90}, {**TALK, "id": "iv-2", "canceledAt": 1780390000000}]),
        _of_lever([TALK], archivedAt=1780403000000, reason="ar-1"),
    ],
    "workable": [
        _of_workable(("e1", "10:00", False)),
        _of_workable(("e1", "10:30", False), ("e2", "11:00", True)),
        _of_workable(("e1", "10:00", False), disqualified=True, disqualified_at="2026-06-02T13:00:00Z"),
    ],
    "teamtailor": [
        _of_teamtailor("Sample", "interview"),
        _of_teamtailor("Married", "offer", **{"changed-stage-at": "2026-06-02T12:00:00Z"}),
        _of_teamtailor("Sample", "interview", **{"rejected-at": "2026-06-02T13:00:00Z"}),
    ],
    "greenhouse": [{}],
    "ashby": [{}],
}
"""What a system's API answers, at one time and at another."""
SYSTEM_KEYS = {
    "lever": {"api_key": "k" * 20},
    "teamtailor": {"api_key": "k" * 20},
    "workable": {"api_key": "k" * 20, "subdomain": "acme"},
}


@dataclass(frozen=True)
class Telling:
    """Some events of one system, in two orders.

    The answers of an API change once. So each order has a part before the change and a part after it, of the same events.
    """

    system: str
    answers: tuple[int, int]
    first: tuple[list[int], list[int]]
    second: tuple[list[int], list[int]]


@st.composite
def tellings(draw: st.DrawFn) -> Telling:
    system = draw(st.sampled_from(sorted(POOLS)))
    some = draw(st.lists(st.integers(0, len(POOLS[system]) - 1), min_size=1, max_size=8, unique=True))
    before = draw(st.integers(0, len(some) - 1)) if system in SYSTEM_KEYS else 0
    answer = st.integers(0, len(ANSWERS[system]) - 1)

    def told() -> tuple[list[int], list[int]]:
        early, late = some[:before], some[before:]
        repeated = st.lists(st.sampled_from(early), max_size=2) if early else st.just([])
        return (
            list(draw(st.permutations([*early, *draw(repeated)]))),
            list(draw(st.permutations([*late, *draw(st.lists(st.sampled_from(some), max_size=3))]))),
        )

    return Telling(system, (draw(answer), draw(answer)), told(), told())


_SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_PHASES = [Phase.explicit, Phase.generate]
"""Without shrinking: each example writes whole records, so it would take an hour."""


@pytest.mark.parametrize("system", sorted(POOLS))
def test_any_order_and_repetition_end_in_the_same_state(api: Any, vendor: Vendor, clock: Any, system: str) -> None:
    """An ATS retries for hours, the queue keeps no order, and an API answers as of now."""
    some = list(range(0, len(POOLS[system]), 2 if len(POOLS[system]) > 10 else 1))
    half = len(some) // 2 if system in SYSTEM_KEYS else 0
    early, late = some[:half], some[half:]
    backwards = [*early[::-1], *early[:1]], [*late[::-1], *some[:2]]
    told = Telling(system, (0, len(ANSWERS[system]) - 1), (early, late), backwards)
    first, second = (_after(api, vendor, clock, told, order, emails=True) for order in (told.first, told.second))
    assert first == second, told


@pytest.mark.long
@pytest.mark.parametrize("emails_rejections", [False, True])
@settings(max_examples=EXAMPLES, suppress_health_check=_SLOW, phases=_PHASES)
@given(tellings())
def test_many_orders_and_repetitions_end_in_the_same_state(
    api: Any, vendor: Vendor, clock: Any, emails_rejections: bool, told: Telling
) -> None:
    first, second = (_after(api, vendor, clock, told, order, emails_rejections) for order in (told.first, told.second))
    assert first == second, told


def _after(api: Any, vendor: Vendor, clock: Any, told: Telling, order: tuple[list[int], list[int]], emails: bool) -> Any:
    clock.set(START)
    employer = api.new_employer()
    _known(employer, told.system)
    ats = Connection(api, employer, told.system, None, emails_rejections=emails, **SYSTEM_KEYS.get(told.system, {}))
    for answer, part in zip(told.answers, order, strict=True):
        vendor.answers = ANSWERS[told.system][answer]
        for number in part:
            said = ats.send(POOLS[told.system][number])
            assert said.status == 200
            if said.json["new"]:
                if told.system in SYSTEM_KEYS:
                    clock.advance(minutes=1)
                _work(ats)
    assert ats.events("unmapped") == [] and ats.events("failed") == [] and ats.events("queued") == []
    return _state(employer)


def _known(employer: Any, system: str) -> None:
    """Teamtailor has no interviews: a recruiter enters one."""
    if system == "teamtailor":
        made = employer.post(
            "/v1/interviews",
            {
                "stage": "interview",
                "start_at": "2026-06-02T09:00:00Z",
                "end_at": "2026-06-02T10:00:00Z",
                "application": {"candidate": {"name": "Tea Sample", "email": "tea@example.com"}, "job_title": "Tailor"},
            },
        )
        assert made.status == 201


def _work(ats: Connection) -> None:
    for one in ats.events("queued"):
        event = table.get(f"EMP#{ats.employer.employer_id}#ATS#{ats.id}", f"EVT#{one['id']}")
        assert isinstance(event, EventItem) and event.due_at
        process_event(event, read_instant(event.due_at) + timedelta(minutes=1 if ats.system in SYSTEM_KEYS else 0))


def _state(employer: Any) -> Any:
    """Everything that matters, without our own ids and the instants at which we learned it; what was undone is not there,
    nor are the shells of applications whose interviews are all off: they may never have been opened."""
    applications = []
    for case in employer.get("/v1/applications").json["data"]:
        contacts = employer.get(f"/v1/applications/{case['id']}/contacts").json["data"]
        interviews = employer.get("/v1/interviews", query={"application_id": case["id"]}).json["data"]
        shown = {
            name: case[name]
            for name in (
                "loop",
                "status",
                "decided",
                "decided_at",
                "stage",
                "word_due_at",
                "answered_at",
                "answered_by",
                "external_ids",
                "job_title",
                "next_reminder_at",
            )
        }
        person = {name: case["candidate"][name] for name in ("name", "email", "phone")}
        word = sorted((c["occurred_at"], c["decision"]) for c in contacts if c["status"] == "recorded")
        held_ones = sorted((i["start_at"], i["end_at"], i["stage"]) for i in interviews if i["status"] == "scheduled")
        if not held_ones and not word and case["loop"] in ("idle", "closed"):
            continue
        applications.append((str(shown), str(person), word, held_ones))
    tally = {
        row["SK"]["S"]: {k: v["N"] for k, v in row.items() if k not in ("PK", "SK", "rev") and v["N"] != "0"}
        for row in table.query_range(keys.tally_pk(employer.employer_id), "0000", "9999-12-31")
    }
    return sorted(applications), {day: counts for day, counts in tally.items() if counts}


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4))
def test_merging_facts_depends_on_their_time_and_not_on_their_order(order: list[int], again: list[int]) -> None:
    """The latest value of every field counts, also where instants are equal."""
    at = read_instant("2026-06-02T12:00:00.000000Z")
    statuses: list[Any] = ["active", "rejected", "hired"]
    some = [
        merge.Fact(
            "a",
            at.replace(minute=n // 2),
            statuses[n % 3],
            None,
            {"job_title": str(n)},
            {"i": {"stage": "screen" if n % 2 else "final"}},
            ("i",) if n > 2 else (),
        )
        for n in range(6)
    ]
    assert merge.merge({}, [some[n] for n in [*order, *again]]) == merge.merge({}, some)
