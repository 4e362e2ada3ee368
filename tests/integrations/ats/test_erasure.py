"""An erased person is also removed from what an ATS said of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.applications.privacy.conftest import everything
from tests.engines import Crash
from tests.integrations.ats.conftest import Connection
from tests.integrations.ats.payloads import ashby, ashby_schedule, greenhouse, held

__all__ = ["everything"]

PLANTED = ("zebulon", "quixworth", "plantedmail", "5550177", "918273645", "771199")
"""Name, address, number, and the ATS's ids of application and interview."""
WHO = {"first_name": "Zebulon", "last_name": "Quixworth", "email": "Zebulon@plantedmail.example", "phone": "(202) 555-0177"}


def _left(everything: Any) -> list[str]:
    return [text for text in everything() if any(one in text.lower() for one in PLANTED)]


def _tell_all(ats: Any) -> str:
    """Send events of one person (done, waiting, unmapped) and one of another. Returns our id of the person."""
    ats.tell_together(
        greenhouse(ref=918273645, interviews=held(771199), **WHO),
        greenhouse(ref=918273646, **WHO),
        {"action": "scorecard_made", "payload": {"who": "Quixworth, Zebulon"}},
        {"action": "offer_made", "payload": {"application": {"id": 918273645}}},
        greenhouse(ref=5, interviews=held(6), candidate_id=7),
    )
    found = ats.employer.get("/v1/candidates", query={"email": WHO["email"].lower()}).json["data"]
    assert len(found) == 1
    return str(found[0]["id"])


@pytest.fixture(scope="module")
def saved(saved_employer: tuple[Any, Any], stack_of_session: Any) -> tuple[Connection, str, Any]:
    """A connection whose events named the person, and our id of the person; made once."""
    employer, before = saved_employer
    stack_of_session.restore(before)
    ats = Connection(employer, employer, "greenhouse", stack_of_session)
    return ats, _tell_all(ats), stack_of_session.save()


@pytest.fixture
def known(saved: tuple[Connection, str, Any], stack: Any) -> tuple[Connection, str]:
    ats, candidate, tables = saved
    stack.restore(tables)
    return ats, candidate


def test_erasure_removes_everything_that_an_ats_said_of_the_person(known: tuple[Connection, str], everything: Any) -> None:
    """The whole table is searched for the planted texts."""
    ats, candidate = known
    assert len(_left(everything)) > 8
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    assert _left(everything) == []
    assert {one["note"] for one in ats.events("ignored")} == {"the person was erased here, and the body with them"}
    assert len(ats.events("ignored")) == 4, "that something came is still known, and a repeat is still a repeat"
    assert [one["candidate"]["name"] for one in ats.applications()] == ["Giuseppe Hurley"], "others stay as they are"
    assert len(ats.events("done")) == 1


def test_a_late_event_does_not_bring_the_person_back(known: tuple[Connection, str], everything: Any) -> None:
    """The ATS still has the person, and sends events about them. A new application is stored like any other."""
    ats, candidate = known
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    told = greenhouse("reject_candidate", ref=918273645, status="rejected", stage="Later", interviews=held(771199), **WHO)
    ats.tell(told)
    assert _left(everything) == []
    assert len(ats.applications()) == 1
    ats.tell(greenhouse(ref=31, interviews=held(32), **WHO))
    assert len(ats.applications()) == 2


def test_names_and_mergers_without_an_application_are_erased_too(connect: Callable[..., Any], everything: Any) -> None:
    """Sent again, under either id, they are ignored until there is a new application."""
    ats = connect("greenhouse")

    def named(ref: int, last_name: str) -> dict[str, Any]:
        return {
            "action": "update_candidate",
            "payload": {
                "candidate": {
                    "id": ref,
                    "first_name": "Zebulon",
                    "last_name": last_name,
                    "phone_numbers": [],
                    "email_addresses": [],
                }
            },
        }

    ats.tell(
        greenhouse(ref=918273645, interviews=held(771199), **WHO),
        named(265772, "Quixworth-Smith"),
        {"action": "merge_candidate", "payload": {"person": {"id": 265772, "new_candidate_id": 918273645}}},
    )
    assert ats.application()["candidate"]["name"] == "Zebulon Quixworth-Smith"
    assert ats.employer.delete(f"/v1/candidates/{ats.application()['candidate_id']}").status == 200
    assert _left(everything) == []
    ats.tell(named(265772, "Quixworth"), named(918273645, "Quixworth"))
    assert _left(everything) == [] and ats.applications() == []
    ats.tell(greenhouse(ref=31, interviews=held(32), **WHO))
    assert ats.application()["candidate"]["name"] == "Zebulon Quixworth"


def test_a_queued_event_of_an_erased_person_is_ignored(known: tuple[Connection, str], everything: Any) -> None:
    """It was received before the erasure, and is processed after it."""
    ats, candidate = known
    assert ats.send(greenhouse("application_updated", "2026-06-02T13:00:00Z", ref=918273645, **WHO)).status == 200
    assert ats.send(greenhouse("application_updated", "2026-06-02T13:00:00Z", ref=5, stage="Next")).status == 200
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    ats.work()
    assert _left(everything) == []
    assert len(ats.events("done")) == 2


def test_revoked_connections_are_erased_too(known: tuple[Connection, str], everything: Any) -> None:
    """What came through a connection stays when it is revoked."""
    ats, candidate = known
    assert ats.employer.delete(f"/v1/integrations/{ats.id}").status == 204
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    assert _left(everything) == []


def test_erasure_covers_two_systems_and_is_idempotent(
    connect: Callable[..., Any], known: tuple[Connection, str], everything: Any
) -> None:
    """The same person in two ATSs is one person here."""
    first, candidate = known
    second = connect("ashby")
    event = ashby("applicationUpdate", "2026-06-01T12:00:00.000Z")
    event["data"]["application"]["candidate"] |= {"name": "Zebulon Quixworth", "primaryEmailAddress": {"value": WHO["email"]}}
    second.tell(event, ashby_schedule())
    for _ in range(2):
        assert first.employer.delete(f"/v1/candidates/{candidate}").status == 200
    assert _left(everything) == []


@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
def test_an_interrupted_erasure_is_completed_by_the_next(
    known: tuple[Connection, str], everything: Any, faults: Any, run_ticks: Any, clock: Any, kind: str, after: int
) -> None:
    """A process may die between any two writes."""
    ats, candidate = known
    getattr(faults, kind)("TransactWriteItems", after=after)
    with pytest.raises(Crash):
        ats.employer.delete(f"/v1/candidates/{candidate}")
    faults.clear()
    clock.advance(minutes=3)
    run_ticks()
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    assert _left(everything) == []
