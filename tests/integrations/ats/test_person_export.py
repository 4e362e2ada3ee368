"""The export of a person holds what hiring systems sent of them, and of nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.integrations.ats.conftest import Connection
from tests.integrations.ats.payloads import greenhouse, held

WHO = {"first_name": "Zebulon", "last_name": "Quixworth", "email": "Zebulon@plantedmail.example", "phone": "(202) 555-0177"}
NAMESAKE = {**WHO, "email": "other@example.com", "phone": "(202) 555-0188", "candidate_id": 7}


def _export(employer: Any, email: str) -> dict[str, Any]:
    (candidate,) = employer.get("/v1/candidates", query={"email": email}).json["data"]
    answer = employer.get(f"/v1/candidates/{candidate['id']}/export")
    assert answer.status == 200, answer
    return dict(answer.json)


def test_the_raw_events_of_a_person_are_in_their_export(connect: Callable[..., Any]) -> None:
    """Processed, waiting and unreadable ones, by address, by name with number, and by the ATS's own id."""
    ats = connect("greenhouse")
    told = greenhouse(ref=918273645, interviews=held(771199), **WHO)
    by_name = {"action": "scorecard_made", "payload": {"who": "Quixworth, Zebulon", "number": "+1 202 555 0177"}}
    by_id = {"action": "offer_made", "payload": {"application": {"id": 918273645}}}
    ats.tell_together(told, by_name, by_id)
    found = _export(ats.employer, "zebulon@plantedmail.example")
    assert sorted(json.dumps(one["body"]) for one in found["ats_events"]) == sorted(map(json.dumps, (told, by_name, by_id)))
    assert {one["system"] for one in found["ats_events"]} == {"greenhouse"}
    event = found["ats_events"][0]
    assert ats.employer.get(event["body_at"]).json["body"] == event["body"]
    assert found["ats_records"][0]["ref"] == "918273645"
    assert "Quixworth" in json.dumps(found["ats_records"])


def test_a_namesakes_and_another_employers_events_are_not(connect: Callable[..., Any], api: Any, stack: Any) -> None:
    """Erasure empties a namesake's body too; an export must not show one. An id of an ATS may also be somebody else's."""
    ats = connect("greenhouse")
    ats.tell(greenhouse(ref=918273645, interviews=held(771199), **WHO))
    ats.tell(greenhouse(ref=5, interviews=held(6), **NAMESAKE))
    ats.tell(greenhouse(ref=8, interviews=held(918273645), candidate_id=9))
    other = Connection(api, api.new_employer(), "greenhouse", stack)
    other.tell(greenhouse(ref=918273645, interviews=held(771199), **{**WHO, "phone": "(202) 555-0199"}))
    found = _export(ats.employer, "zebulon@plantedmail.example")
    assert [one["ref"] for one in found["ats_records"]] == ["918273645", "265772"] and len(found["ats_events"]) == 1
    assert "0188" not in json.dumps(found) and "0199" not in json.dumps(found) and "giuseppe" not in json.dumps(found).lower()


def test_one_who_came_by_the_api_has_no_event(connect: Callable[..., Any]) -> None:
    ats = connect("greenhouse")
    ats.tell(greenhouse(ref=918273645, interviews=held(771199), **WHO))
    made = ats.employer.post("/v1/candidates", {"name": "Sam Sample", "email": "sam@example.com"}).json
    found = ats.employer.get(f"/v1/candidates/{made['id']}/export").json
    assert (found["ats_events"], found["ats_records"]) == ([], [])


def test_bodies_beyond_what_a_response_holds_are_named_by_their_path(connect: Callable[..., Any]) -> None:
    """Lambda responds with 6 MB at most; nothing is left out in silence."""
    ats = connect("greenhouse")
    ats.tell(greenhouse(ref=918273645, interviews=held(771199), **WHO))
    for number in range(4):
        padding = {"action": "note_made", "payload": {"who": WHO["email"], "text": f"{number}" * 900_000}}
        assert ats.send(padding).status == 200
    found = _export(ats.employer, "zebulon@plantedmail.example")["ats_events"]
    assert len(found) == 5
    assert [one["body"] is None for one in found].count(True) == 2
    left_out = next(one for one in found if one["body"] is None)
    assert ats.employer.get(left_out["body_at"]).json["body"]
