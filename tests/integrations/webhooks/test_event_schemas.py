"""Every type of event is in the document's `webhooks`, and what is sent fits. The receiver of all tests here checks it too."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.integrations.webhooks.payloads import EVENT_DATA
from chalicelib.openapi.webhook_events import WHEN
from chalicelib.rules.model import EVENT_TYPES
from infra.local import events
from infra.local.feedback import Feedback
from tests.integrations.webhooks.conftest import URL, document, event_faults
from tests.integrations.webhooks.test_webhooks import PERSON, interviewed

__all__ = ["interviewed"]


def test_every_type_of_event_is_described() -> None:
    """When it happens, and its data."""
    assert EVENT_DATA.keys() == WHEN.keys() == set(EVENT_TYPES)


PROMISED = """
    interview.booked interview.moved interview.cancelled interview.no_show interview.reinstated interview.waiting
    application.decided application.closed application.withdrawn application.overdue
    contact.recorded contact.disputed contact.voided candidate.updated candidate.erased candidate.opted_out
    reply.received message.sent message.delivered message.failed message.unknown risk.band_changed
"""


@pytest.mark.parametrize("name", PROMISED.split())
def test_every_promised_event_is_typed_and_has_an_example_that_fits(name: str) -> None:
    """By the names that receivers were promised: one that is renamed or dropped fails here, whatever the code lists."""
    described = document()["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]
    [sample] = described["examples"].values()
    assert sample["value"]["type"] == name and event_faults(sample["value"]) == []
    assert event_faults({**sample["value"], "data": {}}), "its data is typed"


def test_an_event_with_a_name_in_it_does_not_fit() -> None:
    """The schemas are strict: what they do not name is a fault."""
    event = {"id": "evt_1", "type": "candidate.updated", "timestamp": "2026-06-04T09:00:00.000Z", "data": {"candidate_id": "c"}}
    assert event_faults(event) == []
    assert event_faults({**event, "data": {"candidate_id": "c", "name": "Sam"}})
    assert event_faults({**event, "data": {}})


def test_events_about_messages_and_replies_fit(
    employer: Any, internet: Any, interviewed: Any, stack: Any, run_ticks: Any
) -> None:
    """A nudge that was sent and delivered, a text that answers it, a test event, and another band overnight."""
    made = employer.post("/v1/webhook_endpoints", {"url": URL}).json
    employer.post(f"/v1/webhook_endpoints/{made['id']}/test")
    feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)
    application = interviewed()
    stack.clock.advance(hours=50)
    run_ticks()
    feedback.sms_event({"to": PERSON["phone"], "status": "SUCCESS"})
    feedback.inbound_sms({"from": PERSON["phone"], "body": "When do I hear?"})
    employer.post(f"/v1/applications/{application['id']}/contacts", {"channel": "call", "outcome": "reached"})
    employer.post(f"/v1/applications/{application['id']}/statements", {"heard": False})
    for number in range(6):
        interviewed(name=f"Sam {number}", email=f"sam{number}@example.com", phone=f"+1202555018{number}")
    for _ in range(10):
        stack.app.nightly(events.schedule(stack.clock(), "nightly"), events.Context(900))
        stack.clock.advance(days=1)
    run_ticks()
    told = employer.get("/v1/events", query={"limit": "100"}).json["data"]
    wanted = {
        "message.sent",
        "message.delivered",
        "reply.received",
        "contact.disputed",
        "risk.band_changed",
        "webhook_endpoint.test",
    }
    assert wanted <= {event["type"] for event in told}
    assert [fault for event in told for fault in event_faults(event)] == []
