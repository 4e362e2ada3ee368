"""The recruiter and the hiring manager of a hiring system become owner and decider here, where they are on the team."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engines import code_for, join
from tests.integrations.ats.payloads import ashby, ashby_schedule, greenhouse, held, lever, workable
from tests.integrations.ats.vendor_api import Vendor

ROBIN, DANA = "robin@example.com", "dana@example.com"
Json = dict[str, Any]


@pytest.fixture
def team(employer: Any, outbox: Any) -> dict[str, str]:
    """The ids of two people who accepted, by email."""
    join(employer, outbox, ROBIN, "Robin Hale")
    join(employer, outbox, DANA, "Dana Wells", "manager")
    return {one["email"]: one["id"] for one in employer.get("/v1/people").json["data"]}


def event(at: str = "2026-06-02T12:00:00Z", recruiter: str | None = ROBIN, manager: str | None = DANA) -> Json:
    made = greenhouse("application_updated", at, interviews=held())
    application = made["payload"]["application"]
    application["candidate"]["recruiter"] = {"id": 55, "email": recruiter} if recruiter else None
    application["jobs"][0]["hiring_team"] = {"hiring_managers": [{"user_id": 8}, {"user_id": 9, "email": manager}]}
    return made


def roles(ats: Any) -> tuple[str | None, str | None]:
    application = ats.application()
    return application["owner_id"], application["decider_id"]


def test_greenhouses_recruiter_and_hiring_manager(connect: Callable[..., Any], team: dict[str, str]) -> None:
    """Spelled otherwise, they are the same people."""
    ats = connect("greenhouse")
    ats.tell(event(recruiter=" Robin@EXAMPLE.com"))
    assert roles(ats) == (team[ROBIN], team[DANA])


def test_ashbys_hiring_team(connect: Callable[..., Any], team: dict[str, str]) -> None:
    """Its events name the team of each application."""
    ats = connect("ashby")
    members = [{"email": ROBIN, "role": "Recruiter"}, {"email": DANA, "role": "Hiring Manager"}, {"role": "Coordinator"}]
    ats.tell(ashby(hiringTeam=members), ashby_schedule())
    assert roles(ats) == (team[ROBIN], team[DANA])


def test_levers_owner_and_hiring_manager(connect: Callable[..., Any], team: dict[str, str], vendor: Vendor) -> None:
    """Both are read from its API, expanded."""
    vendor.answers |= {
        "/opportunities/op-1": {
            "data": {
                "id": "op-1",
                "name": "Lee Sample",
                "emails": ["lee@example.com"],
                "applications": [],
                "posting": "po-1",
                "stage": {"id": "s2", "text": "Interview"},
                "owner": {"id": "u1", "email": ROBIN},
            }
        },
        "/opportunities/op-1/interviews": {
            "data": [{"id": "iv-1", "subject": "Interview", "date": 1780394400000, "duration": 60}]
        },
        "/postings/po-1": {"data": {"text": "Baker", "hiringManager": {"id": "u2", "email": DANA}}},
    }
    ats = connect("lever", api_key="a-key-of-the-tests")
    ats.tell(lever())
    assert roles(ats) == (team[ROBIN], team[DANA])
    assert any("expand=stage&expand=owner" in path for path, _ in vendor.asked)


@pytest.mark.parametrize("answer", ["members", "scope missing", "none"])
def test_workables_members_of_the_job(connect: Callable[..., Any], team: dict[str, str], vendor: Vendor, answer: str) -> None:
    """A token without the scope to read them knows nobody, and still brings the interview."""
    members = [{"email": ROBIN, "collaboration_role": "recruiter"}, {"email": DANA, "collaboration_role": "hiring_manager"}]
    told = {"members": {"members": members}, "scope missing": (403, {}), "none": (404, {})}[answer]
    scheduled = {"id": "ev1", "type": "interview", "starts_at": "2026-06-02T09:00:00Z", "ends_at": "2026-06-02T10:00:00Z"}
    vendor.answers |= {
        "/candidates/cand1": {"candidate": workable()["data"]},
        "/events": {"events": [{**scheduled, "candidate": {"id": "cand1"}}]},
        "/jobs/GROOV001/members": told,
    }
    ats = connect("workable", api_key="a-key-of-the-tests", subdomain="acme")
    ats.tell(workable())
    assert roles(ats) == ((team[ROBIN], team[DANA]) if answer == "members" else (None, None))


def test_a_repeat_does_not_overwrite_what_a_person_set(connect: Callable[..., Any], team: dict[str, str]) -> None:
    """Set or emptied here, it stays, until the system names somebody else."""
    ats = connect("greenhouse")
    ats.tell(event())
    path = f"/v1/applications/{ats.application()['id']}"
    ats.employer.patch(path, {"owner_id": team[DANA], "decider_id": None})
    ats.tell(event("2026-06-02T12:10:00Z"))
    assert roles(ats) == (team[DANA], None)
    ats.tell(event("2026-06-02T12:20:00Z", recruiter=DANA, manager=ROBIN))
    assert roles(ats) == (team[DANA], team[ROBIN])


def test_nobody_is_made_of_an_unknown_email(
    connect: Callable[..., Any], employer: Any, outbox: Any, team: dict[str, str]
) -> None:
    """Nor of an invitation that is open. Who accepts later owns with the next event."""
    employer.post("/v1/people", {"name": "Kit Poe", "email": "kit@example.com"})
    ats = connect("greenhouse")
    ats.tell(event(recruiter="kit@example.com", manager="stranger@example.com"))
    assert roles(ats) == (None, None) and len(employer.get("/v1/people").json["data"]) == 3
    join(employer, outbox, "kit@example.com")
    kit = next(one for one in employer.get("/v1/people").json["data"] if one["email"] == "kit@example.com")
    employer.post(f"/v1/people/{kit['id']}/invitation")
    employer.using(None).post("/v1/invitations/accept", {"email": "kit@example.com", "code": code_for(outbox, "kit@example.com")})
    ats.tell(event("2026-06-02T12:10:00Z", recruiter="kit@example.com"))
    assert roles(ats) == (kit["id"], team[DANA])


def test_an_owner_who_left_is_not_put_back(connect: Callable[..., Any], team: dict[str, str], run_ticks: Any) -> None:
    """The system still names them; here nobody has the email."""
    ats = connect("greenhouse")
    ats.tell(event())
    ats.employer.delete(f"/v1/people/{team[ROBIN]}")
    run_ticks()
    assert roles(ats) == (None, team[DANA])
    ats.tell(event("2026-06-02T12:10:00Z"))
    assert roles(ats) == (None, team[DANA])


@pytest.mark.parametrize("odd", [None, 5, [], {"email": ["x"]}, {"email": "@" * 400}, {"email": "\x00@"}])
def test_odd_shapes_name_nobody(connect: Callable[..., Any], team: dict[str, str], odd: Any) -> None:
    """Any value may be of another type."""
    made = event()
    made["payload"]["application"]["candidate"]["recruiter"] = odd
    made["payload"]["application"]["jobs"][0]["hiring_team"] = {"hiring_managers": odd, "recruiters": [odd]}
    ats = connect("greenhouse")
    ats.tell(made)
    assert roles(ats) == (None, None)
