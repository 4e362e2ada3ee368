"""What comes back: STOP ends everything, a bounce ends an address, and no payload ends the batch."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.errors import WriteUnknown
from chalicelib.messaging import opt_outs
from chalicelib.storage import recipients, table
from infra.local import events
from infra.local.feedback import Feedback

PHONE, EMAIL = "+12025560777", "sam.seven@example.com"


@pytest.fixture
def feedback(stack: Any) -> Feedback:
    """What the console does, without the console."""
    return Feedback(stack.app, stack.clock, lambda: stack.outbox)


def text(feedback: Feedback, body: str, number: str = PHONE, **more: str) -> dict[str, int]:
    return feedback.inbound_sms({"from": number, "body": body, **more})["counts"]


@pytest.mark.parametrize("body", ["STOP", "please stop texting me", "Revoke.", "opt out", "ARRET"])
def test_stop_ends_both_channels_and_every_employer(sending: Any, feedback: Feedback, body: str) -> None:
    """One word is enough, whoever sent the text and whatever else is known of the person."""
    by_text = sending.interviewed(phone=PHONE)
    by_mail = sending.interviewed(sending.new_employer(name="Other"), phone=PHONE, email=EMAIL, consent=False)
    assert text(feedback, body) == {"stop": 1}
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.statuses(by_text) == sending.statuses(by_mail) == ["suppressed"]
    assert [entry["body"][:9] for entry in sending.outbox] == ["Heardback"]  # the one confirmation
    assert recipients.opted_out([("email", EMAIL)]) == {("email", EMAIL)}


def test_a_stop_that_comes_twice_is_answered_once(sending: Any, feedback: Feedback) -> None:
    """SNS delivers at least once, and people repeat themselves."""
    for again in ("a", "a", "b"):
        text(feedback, "STOP", id=again)
    assert len(sending.outbox) == 1


def test_start_takes_a_stop_back_whatever_comes_first(sending: Any, feedback: Feedback) -> None:
    """Feedback is delivered in any order: the latest word counts."""
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


def test_start_undoes_what_stop_did_to_the_mails_too(sending: Any, feedback: Feedback) -> None:
    """ "Reply START to undo this", said to somebody with an address as well: a reminder must come again."""
    application = sending.interviewed(phone=PHONE, email=EMAIL)
    text(feedback, "STOP")
    sending.clock.advance(hours=1)
    text(feedback, "START")
    assert "you may get reminders" in sending.outbox[-1]["body"] and not recipients.opted_out([("sms", PHONE), ("email", EMAIL)])
    sending.clock.advance(hours=47)
    sending.run()
    assert sending.statuses(application) == ["sent"]


def test_a_stop_that_is_told_after_its_start_ends_no_mails(sending: Any, feedback: Feedback) -> None:
    """Feedback is delivered in any order: the latest word counts, on both channels."""
    sending.interviewed(phone=PHONE, email=EMAIL)
    said = sending.clock()
    sending.clock.set(said + timedelta(minutes=2))
    text(feedback, "START")
    sending.clock.set(said + timedelta(minutes=1))
    text(feedback, "STOP")
    assert recipients.opted_out([("sms", PHONE), ("email", EMAIL)]) == set()


@pytest.mark.parametrize("stopped_first", [True, False])
@pytest.mark.parametrize("source", ["one_click", "complaint", "candidate_page"])
def test_start_undoes_a_stop_and_nothing_else(sending: Any, feedback: Feedback, source: str, *, stopped_first: bool) -> None:
    """Who unsubscribed or complained as well is not written to again, and is told nothing else."""
    sending.interviewed(phone=PHONE, email=EMAIL)
    ways = [lambda: text(feedback, "STOP"), lambda: opt_outs.opt_out([("email", EMAIL)], source, sending.clock())]
    for way in ways if stopped_first else reversed(ways):
        way()
        sending.clock.advance(minutes=1)
    text(feedback, "START")
    assert recipients.opted_out([("sms", PHONE), ("email", EMAIL)]) == {("email", EMAIL)}
    assert "we still send nothing" in sending.outbox[-1]["body"]


def test_yes_and_no_move_the_application(sending: Any, feedback: Feedback) -> None:
    """The candidate's own word counts: it closes the loop, and the tally with it."""
    application = sending.interviewed(phone=PHONE)
    sending.clock.advance(hours=48)
    sending.run()
    assert text(feedback, "Yes!", id="one") == text(feedback, "Yes!", id="one") == {"yes": 1}
    assert (sending.now(application).wait_state, sending.now(application).answered_by) == ("answered", "candidate")
    assert len(table.query(application.PK, "STA#")) == 1


def test_a_yes_that_comes_twice_moves_one_application(sending: Any, feedback: Feedback) -> None:
    """Somebody who waits for two employers and has heard from one: the other still owes them word."""
    cases = [sending.interviewed(of, phone=PHONE) for of in (sending.employer, sending.new_employer())]
    assert text(feedback, "yes", id="one") == text(feedback, "yes", id="one") == {"yes": 1}
    assert sorted(str(sending.now(case).wait_state) for case in cases) == ["answered", "open"]


def test_other_words_are_shown_to_the_recruiter(employer: Any, feedback: Feedback, clock: Any) -> None:
    """ "I will stop by tomorrow" is not a stop, and somebody ought to read it."""
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
    """Two machines must not talk to each other for ever."""
    for again in ("a", "b"):
        assert text(feedback, "HELP", id=again) == {"help": 1}
    [answer] = sending.outbox
    assert "support@heardback.example" in answer["body"]


def test_a_permanent_bounce_ends_the_address_and_only_that(sending: Any, feedback: Feedback) -> None:
    """The person said nothing: their number may still be written to."""
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
def test_what_passes_is_noted_and_a_complaint_is_a_stop(sending: Any, feedback: Feedback, event: Any, statuses: Any) -> None:
    """A full mailbox is emptied one day; a person who reports spam has said no."""
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


@pytest.mark.parametrize("handler", ["inbound_sms", "mail_events"])
def test_what_cannot_be_read_is_parked_and_counted_and_the_rest_goes_on(stack: Any, handler: str) -> None:
    """A stranger's payload must not keep the next person's STOP from being heard."""
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
    """The one thing that must never be dropped."""
    faults.answer("TransactWriteItems", 500, "InternalServerError", times=None)
    told = json.dumps({"originationNumber": PHONE, "messageBody": "STOP", "inboundMessageId": "1"})
    with pytest.raises(WriteUnknown):
        stack.app.inbound_sms(events.notification(told, "t", stack.clock()), events.Context())
    faults.clear()
    stack.app.inbound_sms(events.notification(told, "t", stack.clock()), events.Context())
    assert recipients.opted_out([("sms", PHONE)])
