"""A person who is erased is gone from what their hiring system told of them, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.applications.privacy.conftest import everything
from tests.engines import Crash
from tests.integrations.payloads import ashby, ashby_schedule, greenhouse, held

__all__ = ["everything"]

PLANTED = ("zebulon", "quixworth", "plantedmail", "5550177", "918273645", "771199")
"""Name, address, number, and the ids of application and interview at the system."""
WHO = {"first_name": "Zebulon", "last_name": "Quixworth", "email": "Zebulon@plantedmail.example", "phone": "(202) 555-0177"}


def _left(everything: Any) -> list[str]:
    return [text for text in everything() if any(one in text.lower() for one in PLANTED)]


def _tell_all(ats: Any) -> str:
    """Events of every fate about one person: done, waiting, unmapped; and one of somebody else. The person's candidate id."""
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


def test_nothing_of_the_person_is_left_in_what_a_system_told(connect: Callable[..., Any], everything: Any) -> None:
    """Erasure that forgets the copy in the next drawer is none: the whole table is searched for what was planted."""
    ats = connect("greenhouse")
    candidate = _tell_all(ats)
    assert len(_left(everything)) > 8
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    assert _left(everything) == []
    assert {one["note"] for one in ats.events("ignored")} == {"the person was erased here, and the body with them"}
    assert len(ats.events("ignored")) == 4, "that something came is still known, and a repeat is still a repeat"
    assert [one["candidate"]["name"] for one in ats.applications()] == ["Giuseppe Hurley"], "others stay as they are"
    assert len(ats.events("done")) == 1


def test_an_event_that_comes_late_brings_nobody_back(connect: Callable[..., Any], everything: Any) -> None:
    """The system still has the person, and says so with every change; a new application is told anew."""
    ats = connect("greenhouse")
    assert ats.employer.delete(f"/v1/candidates/{_tell_all(ats)}").status == 200
    told = greenhouse("reject_candidate", ref=918273645, status="rejected", stage="Later", interviews=held(771199), **WHO)
    ats.tell(told)
    assert _left(everything) == []
    assert len(ats.applications()) == 1
    ats.tell(greenhouse(ref=31, interviews=held(32), **WHO))
    assert len(ats.applications()) == 2


def test_names_and_mergers_that_were_told_alone_are_forgotten_too(connect: Callable[..., Any], everything: Any) -> None:
    """They name no application; told again under either id they find an empty mark, until there is a new application."""
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


def test_an_event_that_waits_to_be_worked_finds_nobody(connect: Callable[..., Any], everything: Any) -> None:
    """It came before the erasure and would be worked after it."""
    ats = connect("greenhouse")
    candidate = _tell_all(ats)
    assert ats.send(greenhouse("application_updated", "2026-06-02T13:00:00Z", ref=918273645, **WHO)).status == 200
    assert ats.send(greenhouse("application_updated", "2026-06-02T13:00:00Z", ref=5, stage="Next")).status == 200
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    ats.work()
    assert _left(everything) == []
    assert len(ats.events("done")) == 2


def test_a_revoked_connection_forgets_too(connect: Callable[..., Any], everything: Any) -> None:
    """What came through it stays when it is revoked, and goes with the person."""
    ats = connect("greenhouse")
    candidate = _tell_all(ats)
    assert ats.employer.delete(f"/v1/integrations/{ats.id}").status == 204
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    assert _left(everything) == []


def test_erasing_twice_and_through_two_systems(connect: Callable[..., Any], everything: Any) -> None:
    """The same person, told of by two systems, is one person here."""
    first, second = connect("greenhouse"), connect("ashby")
    candidate = _tell_all(first)
    event = ashby("applicationUpdate", "2026-06-01T12:00:00.000Z")
    event["data"]["application"]["candidate"] |= {"name": "Zebulon Quixworth", "primaryEmailAddress": {"value": WHO["email"]}}
    second.tell(event, ashby_schedule())
    for _ in range(2):
        assert first.employer.delete(f"/v1/candidates/{candidate}").status == 200
    assert _left(everything) == []


@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
def test_a_forgetting_that_is_cut_off_is_finished_by_asking_again(
    connect: Callable[..., Any], everything: Any, faults: Any, run_ticks: Any, clock: Any, kind: str, after: int
) -> None:
    """A process may die between any two writes, and must not leave what nobody would find any more."""
    ats = connect("greenhouse")
    candidate = _tell_all(ats)
    getattr(faults, kind)("TransactWriteItems", after=after)
    with pytest.raises(Crash):
        ats.employer.delete(f"/v1/candidates/{candidate}")
    faults.clear()
    clock.advance(minutes=3)
    run_ticks()
    assert ats.employer.delete(f"/v1/candidates/{candidate}").status == 200
    assert _left(everything) == []
