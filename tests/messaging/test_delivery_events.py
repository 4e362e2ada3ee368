"""STOP ends all messages, a bounce ends an address, and no payload stops the batch."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.errors import WriteUnknown
from chalicelib.messaging import delivery_events, opt_outs
from chalicelib.storage import recipients, table
from infra.local import events
from infra.local.feedback import Feedback

PHONE, EMAIL = "+12025560777", "sam.seven@example.com"


@pytest.fixture
def feedback(stack: Any) -> Feedback:
    """Texts and mail events as the local console makes them."""
    return Feedback(stack.app, stack.clock, lambda: stack.outbox)


def text(feedback: Feedback, body: str, number: str = PHONE, **more: str) -> dict[str, int]:
    return feedback.inbound_sms({"from": number, "body": body, **more})["counts"]


def texted(sending: Any, **more: Any) -> Any:
    """An application about which the number has had one text."""
    application = sending.interviewed(**{"phone": PHONE, **more})
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.statuses(application) == ["sent"]
    return application


@pytest.mark.parametrize("body", ["STOP", "please stop texting me", "Revoke.", "opt out", "ARRET"])
def test_stop_ends_texts_of_every_employer_and_all_of_what_was_texted(sending: Any, feedback: Feedback, body: str) -> None:
    """One word is enough, whichever employer sent the text."""
    stopped = texted(sending)
    other = sending.interviewed(sending.new_employer(name="Other"), phone=PHONE)
    assert text(feedback, body) == {"stop": 1}
    for _ in range(20):
        sending.clock.advance(hours=6)
        sending.run()
    assert sending.statuses(stopped) == ["sent", "suppressed"] and set(sending.statuses(other)) == {"suppressed"}
    assert [entry["body"][:9] for entry in sending.outbox] == ["Heardback"] * 2  # the nudge, and the one confirmation
    assert "opted out" in sending.outbox[-1]["body"]


def test_a_stop_that_is_delivered_twice_gets_one_reply(sending: Any, feedback: Feedback) -> None:
    """SNS delivers at least once, and people repeat themselves."""
    texted(sending)
    for again in ("a", "a", "b"):
        text(feedback, "STOP", id=again)
    assert len(sending.outbox) == 2


def test_start_revokes_an_earlier_stop_in_any_order(sending: Any, feedback: Feedback) -> None:
    """SNS delivers in any order: what the person said last counts."""
    address = ("sms", PHONE)
    said = sending.clock()
    for order in ((0, 1), (1, 0)):
        for place in order:
            sending.clock.set(said + timedelta(minutes=place))
            text(feedback, ("STOP", "START")[place])
            text(feedback, ("STOP", "START")[place])
        assert recipients.opted_out([address]) == set()
    sending.clock.set(said + timedelta(minutes=5))
    text(feedback, "STOP")
    sending.clock.set(said + timedelta(minutes=3))
    text(feedback, "START")
    assert recipients.opted_out([address]) == {address}


def test_the_senders_clock_orders_stop_and_start(sending: Any, feedback: Feedback) -> None:
    """A machine whose clock is slow must not take a STOP for older than the START before it."""
    text(feedback, "START")
    stop = {"originationNumber": PHONE, "messageBody": "STOP", "inboundMessageId": "in-1"}
    said = sending.clock() + timedelta(minutes=1)
    record = {"Sns": {"Message": json.dumps(stop), "Timestamp": said.isoformat()}}
    delivery_events.take_texts([record], said - timedelta(minutes=4), wiring.channels())
    assert recipients.opted_out([("sms", PHONE)]) == {("sms", PHONE)}


def test_a_stop_delivered_after_a_later_start_changes_nothing(sending: Any, feedback: Feedback) -> None:
    """SNS delivers in any order: what the person said last counts."""
    application = texted(sending, email=EMAIL)
    said = sending.clock()
    sending.clock.set(said + timedelta(minutes=2))
    text(feedback, "START")
    sending.clock.set(said + timedelta(minutes=1))
    text(feedback, "STOP")
    assert recipients.opted_out([("sms", PHONE), ("email", EMAIL)]) == set()
    assert sending.now(application).stopped_at is None


@pytest.mark.parametrize("stopped_first", [True, False])
@pytest.mark.parametrize("source", ["one_click", "complaint", "candidate_page"])
def test_start_revokes_stop_and_nothing_else(sending: Any, feedback: Feedback, source: str, *, stopped_first: bool) -> None:
    """A mailbox that was unsubscribed, or whose owner complained, gets no mail after START either."""
    sending.interviewed(phone=PHONE, email=EMAIL)
    ways = [lambda: text(feedback, "STOP"), lambda: opt_outs.opt_out([("email", EMAIL)], source, sending.clock())]
    for way in ways if stopped_first else reversed(ways):
        way()
        sending.clock.advance(minutes=1)
    text(feedback, "START")
    assert recipients.opted_out([("sms", PHONE), ("email", EMAIL)]) == {("email", EMAIL)}


def test_yes_and_no_change_the_application(sending: Any, feedback: Feedback) -> None:
    """The candidate says whether they heard, and the tally follows."""
    application = sending.interviewed(phone=PHONE)
    sending.clock.advance(hours=48)
    sending.run()
    assert text(feedback, "Yes!", id="one") == text(feedback, "Yes!", id="one") == {"yes": 1}
    assert (sending.now(application).wait_state, sending.now(application).answered_by) == ("answered", "candidate")
    assert len(table.query(application.PK, "STA#")) == 1


def test_other_texts_are_shown_to_the_recruiter(employer: Any, feedback: Feedback, clock: Any) -> None:
    """ "I will stop by tomorrow" is no opt-out, and a person should read it."""
    made = employer.post(
        "/v1/interviews",
        {
            "application": {"candidate": {"name": "Sam", "phone": PHONE}, "job_title": "Engineer"},
            "stage": "final",
            "start_at": clock.text(hours=-1),
            "end_at": clock.text(),
        },
    ).json
    for _ in range(2):
        assert text(feedback, "I will stop by tomorrow", id="one") == {"shown": 1}
    assert recipients.opted_out([("sms", PHONE)]) == set()
    for path in ("/v1/replies", f"/v1/applications/{made['application_id']}/replies"):
        [reply] = employer.get(path).json["data"]
        assert (reply["body"], reply["from"], reply["understood_as"]) == ("I will stop by tomorrow", PHONE, None)


def test_help_says_who_we_are_once_a_day(sending: Any, feedback: Feedback) -> None:
    """Two automatic senders must not reply to each other for ever."""
    texted(sending)
    for again in ("a", "b"):
        assert text(feedback, "HELP", id=again) == {"help": 1}
    [_, answer] = sending.outbox
    assert "support@heardback.example" in answer["body"]


def test_a_permanent_bounce_ends_mail_to_that_address_only(sending: Any, feedback: Feedback) -> None:
    """The person opted out of nothing: their number still gets texts."""
    mailed = sending.interviewed(email=EMAIL)
    sending.clock.advance(hours=48)
    sending.run()
    assert feedback.ses_event({"type": "Bounce", "to": EMAIL}) == feedback.ses_event({"type": "Bounce", "to": EMAIL})
    [message] = sending.messages(mailed)
    assert (message.status, message.bounce, message.bounced_at) == ("sent", "permanent 5.1.1", sending.clock())
    again = sending.interviewed(sending.new_employer(), email=EMAIL)
    texted = sending.interviewed(sending.new_employer(), email=EMAIL, phone=PHONE)
    sending.clock.advance(days=4)
    sending.run()
    assert [(one.status, one.reason) for one in sending.messages(again)] == [("suppressed", "the address bounced")]
    assert sending.statuses(texted) == ["sent"]


@pytest.mark.parametrize(
    ("event", "statuses"),
    [
        ({"type": "Bounce", "permanent": False}, ["sent", "sent"]),
        ({"type": "Delivery"}, ["sent", "sent"]),
        ({"type": "Complaint"}, ["sent", "suppressed"]),
    ],
)
def test_transient_events_are_stored_and_a_complaint_is_an_opt_out(
    sending: Any, feedback: Feedback, event: Any, statuses: Any
) -> None:
    """A full mailbox is emptied one day; a person who reports spam wants no more."""
    application = sending.interviewed(email=EMAIL)
    sending.clock.advance(hours=48)
    sending.run()
    feedback.ses_event({**event, "to": EMAIL})
    [message] = sending.messages(application)
    noted = (message.bounced_at, message.delivered_at, message.complained_at)
    assert noted.count(sending.clock()) == 1 and message.status == "sent"
    sending.clock.advance(days=5)
    sending.run()
    assert sending.statuses(application) == statuses


BAD = [
    "",
    "{",
    "[]",
    "null",
    "5",
    '"STOP"',
    "{}",
    '{"originationNumber": "STOP", "messageBody": "STOP", "inboundMessageId": "1"}',
    '{"originationNumber": "+12025560777", "messageBody": null, "inboundMessageId": "1"}',
    '{"notificationType": "Bounce"}',
    '{"notificationType": "Bounce", "mail": {}, "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{}]}}',
    '{"eventType": "Complaint", "complaint": {"complainedRecipients": {}}, "mail": []}',
    '{"eventType": "Nonsense"}',
    "\ud800",
]


def test_a_mail_that_ses_could_not_render_counts_as_rejected(sending: Any) -> None:
    """SES answers a bulk send before it renders: the mail was taken, and never left."""
    people = [sending.interviewed(email=f"sam{number}@example.com") for number in range(2)]
    sending.clock.advance(hours=48)
    sending.deliver(*[one.key for one in people])
    tags = {name: [value] for name, value in sending.outbox[0]["tags"].items()}
    event = {"eventType": "Rendering Failure", "mail": {"tags": tags}, "failure": {"errorMessage": "x", "templateName": ""}}
    record = {"Sns": {"Message": json.dumps(event), "Timestamp": table.stored_instant(sending.clock())}}
    assert delivery_events.take_mail([record], sending.clock()) == {"reject": 1}
    told = [message.bounce for one in people for message in sending.messages(one)]
    assert sorted(map(str, told)) == ["None", "rejected: not rendered"]


@pytest.mark.parametrize("kind", ["Send", "Open", "Click", "DeliveryDelay", "Delivery Delay", "Subscription"])
def test_events_without_use_are_passed_over_and_not_parked(stack: Any, kind: str) -> None:
    notification = events.notification(json.dumps({"eventType": kind, "mail": {}}), "t", stack.clock())
    assert stack.app.mail_events(notification, events.Context()) == {"passed_over": 1}
    assert table.query(f"PARKED#{stack.clock():%Y-%m-%d}") == []


@pytest.mark.parametrize("handler", ["inbound_sms", "mail_events"])
def test_an_unreadable_event_is_parked_and_the_others_are_worked(stack: Any, handler: str) -> None:
    """A broken payload must not stop the next person's STOP."""
    good = {
        "inbound_sms": {"originationNumber": PHONE, "messageBody": "STOP", "inboundMessageId": "1"},
        "mail_events": {
            "notificationType": "Complaint",
            "mail": {},
            "complaint": {"complainedRecipients": [{"emailAddress": EMAIL}]},
        },
    }
    records = [events.notification(body, "t", stack.clock())["Records"][0] for body in [*BAD, json.dumps(good[handler])]]
    counts = getattr(stack.app, handler)({"Records": [*records[:3], {**records[0], "Sns": None}, *records[3:]]}, events.Context())
    assert counts["parked"] == len(BAD) + 1
    assert sum(counts.values()) == len(BAD) + 2
    assert recipients.opted_out([("sms", PHONE), ("email", EMAIL)])
    kept = table.query(f"PARKED#{stack.clock():%Y-%m-%d}")
    assert len(kept) == len({*BAD}) + 1 and all(item.expires_at for item in kept)


def test_a_stop_that_could_not_be_written_comes_again(stack: Any, faults: Any) -> None:
    """A STOP must never be lost."""
    faults.answer("TransactWriteItems", 500, "InternalServerError", times=None)
    told = json.dumps({"originationNumber": PHONE, "messageBody": "STOP", "inboundMessageId": "1"})
    with pytest.raises(WriteUnknown):
        stack.app.inbound_sms(events.notification(told, "t", stack.clock()), events.Context())
    faults.clear()
    stack.app.inbound_sms(events.notification(told, "t", stack.clock()), events.Context())
    assert recipients.opted_out([("sms", PHONE)])
