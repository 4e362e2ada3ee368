"""Connections and events, as the employer manages them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.integrations.ats.payload import Unmapped
from chalicelib.integrations.ats.systems import SYSTEMS
from tests.applications.privacy.conftest import everything
from tests.integrations.ats.payloads import SAMPLES, SECRET, greenhouse, held, lever

__all__ = ["everything"]


def test_a_secret_that_we_made_is_shown_once_and_the_url_holds_no_name(employer: Any) -> None:
    """It is pasted into the ATS's settings page once."""
    made = employer.post("/v1/integrations", {"system": "greenhouse"})
    assert len(made.json["secret"]) == 64 and employer.employer_id not in made.json["url"]
    shown = employer.get(f"/v1/integrations/{made.json['id']}").json
    assert "secret" not in shown and "api_key" not in shown
    assert [one["id"] for one in employer.get("/v1/integrations").json["data"]] == [made.json["id"]]


def test_a_connection_is_listed_after_fifty_newer_ones_were_revoked(employer: Any, clock: Any) -> None:
    """Revoked connections do not push an active one off the first page of the list."""
    kept = employer.post("/v1/integrations", {"system": "greenhouse"}).json["id"]
    clock.advance(minutes=1)
    for _ in range(50):
        tried = employer.post("/v1/integrations", {"system": "greenhouse"}).json["id"]
        assert employer.delete(f"/v1/integrations/{tried}").status == 204
    assert [one["id"] for one in employer.get("/v1/integrations").json["data"]] == [kept]


def test_secrets_are_encrypted_and_bound_to_their_connection(stack: Any, connect: Callable[..., Any], everything: Any) -> None:
    """A copy of the table lets nobody forge events or call an ATS. In another item a secret cannot be decrypted."""
    first, second = connect("lever", api_key="planted-api-key-1"), connect("greenhouse")
    assert first.employer.patch(f"/v1/integrations/{first.id}", {"secret": "planted-secret-2"}).status == 200
    assert first.send(lever(), secret="planted-secret-2").status == 200
    found = everything()
    assert not [text for text in found if "planted-" in text or SECRET in text]
    items = [stack.table.get(f"EMP#{ats.employer.employer_id}#ATS#{ats.id}", "ATS") for ats in (first, second)]
    items[1].secret = items[0].secret
    items[1].save()
    assert second.send(greenhouse(), secret="planted-secret-2").status == 503
    items[1].secret = "kept before secrets were locked"
    items[1].save()
    assert second.send(greenhouse(), secret="kept before secrets were locked").status == 200


def test_no_answer_export_or_log_shows_a_secret(employer: Any, run_ticks: Any, caplog: Any) -> None:
    """A reader of records must not be able to act as the company in its ATS."""
    caplog.set_level(0)
    body = {"system": "lever", "secret": "planted-secret-1", "api_key": "planted-api-key-1"}
    made = employer.post("/v1/integrations", body)
    path = f"/v1/integrations/{made.json['id']}"
    answers = [
        made,
        employer.get("/v1/integrations"),
        employer.get(path),
        employer.get("/v1/export"),
        employer.get("/v1/events"),
        employer.patch(path, {"api_key": "planted-api-key-2"}),
        employer.post(path + "/test", {"payload": lever()}),
        employer.get(path + "/events"),
        employer.patch(path, {"secret": "planted-é-3"}),
    ]
    run_ticks()
    assert {answer.status for answer in answers} == {200, 201, 422}
    assert not [answer for answer in answers if "planted-" in str(answer.json) + str(answer.headers)]
    assert "planted-" not in caplog.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"system": "taleo"}, "/system"),
        ({"system": "lever", "secret": "12345678"}, "/api_key"),
        ({"system": "workable"}, "/secret"),
        ({"system": "workable", "secret": "12345678"}, "/api_key"),
        ({"system": "workable", "secret": "12345678", "api_key": "12345678"}, "/subdomain"),
        ({"system": "workable", "secret": "12345678", "subdomain": "evil.example/"}, "/subdomain"),
        ({"system": "ashby", "secret": "short"}, "/secret"),
        ({"system": "ashby", "api_key": "a\r\nHost: evil"}, "/api_key"),
        ({"system": "lever", "secret": "12345678 short", "api_key": "12345678"}, "/secret"),
        ({"system": "teamtailor", "secret": "12345678", "api_key": None}, "/api_key"),
        ({"system": "greenhouse", "client_id": "12345678"}, "/api_key"),
    ],
)
def test_each_error_of_a_connection_names_its_field(employer: Any, body: dict[str, Any], pointer: str) -> None:
    answer = employer.post("/v1/integrations", body)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_a_change_must_leave_a_connection_complete(connect: Callable[..., Any]) -> None:
    ats = connect("lever", api_key="k" * 20)
    path = f"/v1/integrations/{ats.id}"
    for change, pointer in (({"secret": "12345678 short"}, "/secret"), ({"api_key": None}, "/api_key")):
        response = ats.employer.patch(path, change)
        assert (response.status, response.json["errors"][0]["pointer"]) == (422, pointer)
    assert ats.employer.patch(path, {"secret": "12345678,87654321"}).status == 200
    assert ats.employer.get(path).json["has_api_key"]


def test_only_managers_connect_and_tenants_are_separate(api: Any, employer: Any, connect: Callable[..., Any]) -> None:
    """A connection can change records."""
    ats = connect("greenhouse")
    other = api.new_employer(scopes=("read", "write"))
    assert other.post("/v1/integrations", {"system": "greenhouse"}).status == 403
    assert other.get(f"/v1/integrations/{ats.id}").status == 404
    assert other.get(f"/v1/integrations/{ats.id}/events").status == 404


def test_an_unmapped_event_is_stored_listed_and_can_be_replayed(connect: Callable[..., Any]) -> None:
    """No genuine event is lost."""
    ats = connect("greenhouse")
    ats.tell({"action": "offer_created", "payload": {}}, {"action": "candidate_stage_change", "payload": {"application": {}}})
    stuck = ats.events("unmapped")
    assert sorted(e["note"] for e in stuck) == ["the event names no application"] * 2
    whole = ats.employer.get(f"/v1/integrations/{ats.id}/events/{stuck[0]['id']}").json
    assert whole["body"]["action"] in ("offer_created", "candidate_stage_change")
    assert ats.employer.post(f"/v1/integrations/{ats.id}/replay", {"status": "unmapped"}).json == {"replayed": 2}
    ats.work()
    assert len(ats.events("unmapped")) == 2 and ats.events("queued") == []


def test_a_preview_shows_what_a_payload_would_do_and_changes_nothing(connect: Callable[..., Any]) -> None:
    """So that an employer can try it before the first real event."""
    ats = connect("greenhouse")
    shown = ats.employer.post(f"/v1/integrations/{ats.id}/test", {"payload": greenhouse(interviews=held())}).json
    would = shown["applications"][0]
    assert (shown["mapped"], would["would"], would["job_title"]) == (True, "open", "Designer")
    assert would["interviews"][0]["end_at"] == "2026-06-02T12:00:00.000Z"
    assert ats.applications() == []
    assert ats.employer.post(f"/v1/integrations/{ats.id}/test", {"payload": {"action": "x"}}).json["mapped"] is False


ANSWERS = {
    "opportunity": {"name": "x", "archived": {"archivedAt": 1}, "stage": {}},
    "candidate": {"name": "x"},
    "interviews": [{"id": "i", "date": 1780398000000, "duration": 5}],
    "events": [{"id": 1, "type": "call"}],
    "document": {"data": {}, "included": [{"type": "candidates", "attributes": {"first-name": "x"}}]},
}


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_a_genuine_event_of_any_shape_is_read_or_unmapped(system: str) -> None:
    """Vendors change shapes without notice: a field may be missing or of another type."""
    dice, now = random.Random(f"shapes {system}"), datetime(2026, 6, 2, 14, tzinfo=UTC)
    odd: list[Any] = [
        None,
        True,
        0,
        -1,
        1e308,
        10**400,
        "",
        "x" * 5000,
        "\ud800\x00",
        [],
        {},
        [[]],
        [None],
        {"id": {}},
        "2026-13-45T99:99:99Z",
    ]

    def bent(value: Any) -> Any:
        if dice.random() < 0.06:
            return dice.choice(odd)
        if isinstance(value, dict):
            return {k: bent(v) for k, v in value.items() if dice.random() > 0.03}
        return [bent(v) for v in value] if isinstance(value, list) else value

    for _ in range(1500):
        body = bent(dice.choice(SAMPLES[system]))
        fetched = bent(ANSWERS) if SYSTEMS[system].fetches else None
        try:
            SYSTEMS[system].read_event(body, now, fetched)
        except Unmapped:
            continue


def test_an_employer_connects_twenty_hiring_systems_at_most(api: Any, employer: Any) -> None:
    """Each is polled, and may add a warning to the employer's record, which every request reads."""
    made = [employer.post("/v1/integrations", {"system": "ashby"}) for _ in range(21)]
    assert [one.status for one in made] == [201] * 20 + [409]
    assert made[-1].json["code"] == "too_many_integrations"
    assert api.new_employer(name="Other").post("/v1/integrations", {"system": "ashby"}).status == 201
    assert employer.delete(f"/v1/integrations/{made[0].json['id']}").status == 204
    assert employer.post("/v1/integrations", {"system": "ashby"}).status == 201
