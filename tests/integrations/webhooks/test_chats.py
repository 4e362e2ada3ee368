"""A team's chat gets counts and a link by webhook: of the digest, disputes and replies. Its URL is a secret."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from chalicelib.rules.copy import chat
from chalicelib.storage import table
from infra.local.feedback import Feedback
from tests.integrations.webhooks.conftest import HOST, URL
from tests.integrations.webhooks.test_webhooks import PERSON, interviewed

__all__ = ["interviewed"]

SECRET_URL = f"https://{HOST}/services/T00/B00/very-secret-path"
TODAY, INBOX = "http://heardback.example/", "http://heardback.example/inbox"


@pytest.fixture
def slack(employer: Any, internet: Any) -> Any:
    made = employer.post("/v1/webhook_endpoints", {"url": SECRET_URL, "format": "slack"})
    assert made.status == 201, made
    return made.json


def lines(receiver: Any) -> list[str]:
    return [json.loads(body)["text"] for _, _, body in receiver.got]


def test_a_channel_gets_the_mornings_counts_though_nobody_gets_the_digest_by_mail(
    employer: Any, slack: Any, interviewed: Any, receiver: Any, clock: Any, run_ticks: Any, outbox: Any
) -> None:
    """Once a morning, at the digest's hour, and nothing where there is nothing to say."""
    clock.advance(days=1)
    run_ticks()
    assert receiver.got == []
    interviewed()
    interviewed(name="Bea Sample", email="bea@example.com", phone=None)
    clock.advance(days=2, hours=1)
    run_ticks()
    clock.advance(minutes=10)
    run_ticks()
    [said] = lines(receiver)
    assert said == "This morning: 2 replies are overdue."
    [(path, _, body)] = receiver.got
    assert path == "/services/T00/B00/very-secret-path" and f"<{TODAY}|Open Today>" in body.decode()
    assert not [one for one in outbox if one["to"] not in (PERSON["email"], PERSON["phone"], "bea@example.com")]


def test_disputes_and_replies_are_told_at_once_without_a_name_or_a_word(
    employer: Any, slack: Any, interviewed: Any, receiver: Any, clock: Any, run_ticks: Any, stack: Any
) -> None:
    """And no other event: a channel is for people."""
    application = interviewed()
    clock.advance(hours=50)
    run_ticks()
    Feedback(stack.app, stack.clock, lambda: stack.outbox).inbound_sms({"from": PERSON["phone"], "body": "Zebra wants word"})
    employer.post(f"/v1/applications/{application['id']}/contacts", {"channel": "call", "outcome": "reached"})
    employer.post(f"/v1/applications/{application['id']}/statements", {"heard": False})
    run_ticks()
    told = [line for line in lines(receiver) if "This morning" not in line]
    assert sorted(told) == [
        "A candidate says that nobody got in touch, although a contact was logged.",
        "A candidate sent a message.",
    ]
    sent = b" ".join(body for _, _, body in receiver.got).decode()
    assert INBOX in sent
    assert not [word for word in ("Zebulon", "Quixworth", "planted", "2025550177", "Zebra", "Welder", "app_") if word in sent]


def test_teams_gets_an_adaptive_card(employer: Any, internet: Any, receiver: Any, run_ticks: Any) -> None:
    """As its Workflows take it; the test event shows that it works."""
    made = employer.post("/v1/webhook_endpoints", {"url": SECRET_URL, "format": "teams", "events": ["digest.ready"]}).json
    event = employer.post(f"/v1/webhook_endpoints/{made['id']}/test").json
    receiver.answers = [202]
    run_ticks()
    [(_, headers, body)] = receiver.got
    [card] = json.loads(body)["attachments"]
    assert json.loads(body)["type"] == "message" and card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["type"] == "AdaptiveCard" and card["content"]["actions"][0]["url"] == INBOX
    assert "test from Heardback" in card["content"]["body"][0]["text"] and headers["Content-Type"] == "application/json"
    assert employer.get(f"/v1/events/{event['id']}").json["deliveries"][0]["status"] == "delivered"


def test_the_url_is_never_shown_stored_or_logged_in_the_clear(
    api: Any, employer: Any, slack: Any, receiver: Any, clock: Any, run_ticks: Any, caplog: Any
) -> None:
    """Anyone who has it can post into the channel. It can be replaced, and still is none of another employer's business."""
    caplog.set_level(logging.INFO)
    place = f"/v1/webhook_endpoints/{slack['id']}"
    receiver.answers = [500, 500, 500]
    employer.post(f"{place}/test")
    run_ticks()
    changed = employer.patch(place, {"url": SECRET_URL.replace("very", "much-more")})
    shown = [
        slack,
        changed.json,
        employer.get(place).json,
        employer.get("/v1/webhook_endpoints").json,
        employer.get("/v1/export").json,
    ]
    audit = employer.get("/v1/audit").json
    stored = [item.serialize() for item in table.query(f"EMP#{employer.employer_id}")]
    assert slack["url"] == f"https://{HOST}/…" and slack["format"] == "slack" and changed.status == 200
    for told in (*shown, audit, stored, caplog.text):
        assert "secret-path" not in str(told)
    clock.advance(hours=1)
    run_ticks()
    assert receiver.got[-1][0] == "/services/T00/B00/much-more-secret-path"
    assert api.new_employer(name="Other").get(place).status == 404


def test_a_channel_that_fails_is_retried_and_ended_as_others_are(
    employer: Any, slack: Any, receiver: Any, clock: Any, run_ticks: Any
) -> None:
    """Slack answers 410 where the channel is archived."""
    place = f"/v1/webhook_endpoints/{slack['id']}"
    event = employer.post(f"{place}/test").json
    receiver.answers = [429, 200]
    run_ticks()
    clock.advance(minutes=10)
    run_ticks()
    [one] = employer.get(f"/v1/events/{event['id']}").json["deliveries"]
    assert (one["status"], one["attempts"]) == ("delivered", 2)
    receiver.answers = [410]
    employer.post(f"{place}/test")
    run_ticks()
    assert employer.get(place).json["enabled"] is False


def test_a_channel_gets_no_other_events_and_no_private_address(employer: Any, internet: Any, slack: Any) -> None:
    """Neither when it is made nor by a change."""
    internet.names["intern.example.com"] = ["10.0.0.7"]
    for wanted in ({"events": ["candidate.updated"]}, {"format": "irc"}, {"url": "https://intern.example.com/x"}):
        refused = employer.post("/v1/webhook_endpoints", {"url": URL, "format": "slack", **wanted})
        assert refused.status == 422, refused
    place = f"/v1/webhook_endpoints/{slack['id']}"
    assert employer.patch(place, {"events": ["message.sent"]}).status == 422
    assert employer.patch(place, {"events": ["reply.received"]}).json["events"] == ["reply.received"]


def test_a_program_may_have_the_counts_too(
    employer: Any, internet: Any, interviewed: Any, receiver: Any, clock: Any, run_ticks: Any
) -> None:
    """The event is signed and typed as all are."""
    employer.post("/v1/webhook_endpoints", {"url": URL, "events": ["digest.ready"]})
    interviewed()
    clock.advance(days=3)
    run_ticks()
    [event] = [json.loads(body) for _, _, body in receiver.got]
    assert event["data"] == {"overdue": 1, "due_soon": 0, "rejected_not_told": 0, "replies": 0}


def test_zero_counts_are_left_out_and_one_is_singular() -> None:
    counts = {"overdue": 1, "due_soon": 0, "rejected_not_told": 2, "replies": 1}
    assert chat.digest_line(counts) == "This morning: 1 reply is overdue, 2 rejections are not told yet, 1 message is new."
