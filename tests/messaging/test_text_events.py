"""A text that failed after SNS took it says so, and the person gets a mail; late, lost and doubled lines harm nothing."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications.privacy import erasure
from chalicelib.errors import HeardbackError, Unavailable
from chalicelib.messaging import text_events
from chalicelib.messaging.message_list import serialize_message
from chalicelib.storage import recipients, table
from infra.local import events
from infra.local.console import Refused
from infra.local.feedback import Feedback

PHONE, OTHER_PHONE, EMAIL = "+12025560888", "+12025560889", "sam.eight@example.com"
BLOCKED, OPTED_OUT = "Phone carrier has blocked this message", "Phone number is opted out"


@pytest.fixture
def feedback(stack: Any) -> Feedback:
    return Feedback(stack.app, stack.clock, lambda: stack.outbox)


def fate(feedback: Feedback, status: str = "FAILURE", reason: str = BLOCKED, to: str = PHONE) -> dict[str, int]:
    return feedback.sms_event({"to": to, "status": status, "reason": reason})["counts"]


def texted(sending: Any, **more: Any) -> Any:
    application = sending.interviewed(**{"phone": PHONE, "email": EMAIL, **more})
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.statuses(application) == ["sent"] and sending.outbox[-1]["channel"] == "sms"
    return application


def shown(sending: Any, application: Any) -> list[tuple[str, str, str | None]]:
    told = [serialize_message(item) for item in sending.messages(application)]
    return [(one.channel, one.status, one.reason) for one in sorted(told, key=lambda one: (one.created_at, one.step))]


def test_a_text_that_failed_says_why_and_the_mail_goes_instead(sending, feedback):
    """SNS answers with a message id before it knows: without the log the message would be "sent" for ever."""
    application = texted(sending)
    assert fate(feedback) == {"failed": 1}
    sending.run()
    assert shown(sending, application) == [("sms", "failed", BLOCKED), ("email", "sent", None)]
    assert (sending.outbox[-1]["channel"], sending.outbox[-1]["to"]) == ("email", EMAIL)
    assert "Dana" in sending.outbox[-1]["body"]


def test_after_the_mail_in_its_place_the_second_message_says_still(sending, feedback):
    """The text failed and nobody read it; the mail was read."""
    texted(sending)
    fate(feedback)
    sending.run()
    assert "still no" not in sending.outbox[-1]["body"].lower()
    sending.clock.advance(days=5)
    sending.run()
    assert "still no" in sending.outbox[-1]["body"].lower()


def test_after_a_text_that_failed_without_a_mail_the_second_message_is_the_first(sending, feedback):
    texted(sending, email=None)
    fate(feedback)
    sending.run()
    sending.clock.advance(days=5)
    sending.run()
    assert len(sending.outbox) == 2 and "still no" not in sending.outbox[-1]["body"].lower()


def test_a_text_that_arrived_is_delivered(sending, feedback):
    application = texted(sending)
    assert fate(feedback, "SUCCESS") == {"delivered": 1}
    assert shown(sending, application) == [("sms", "delivered", None)]
    [item] = sending.messages(application)
    assert item.delivered_at == sending.clock() and item.status == "sent", "older code finds it as it always did"


@pytest.mark.parametrize("timestamp", ["yesterday", None, 5, ""])
def test_a_line_whose_time_cannot_be_read_counts_from_its_arrival(sending, feedback, timestamp):
    application = texted(sending)
    line = feedback.line_about({"to": PHONE, "status": "SUCCESS"})
    line["notification"]["timestamp"] = timestamp
    assert feedback.sms_event(line) == {"counts": {"delivered": 1}}
    [item] = sending.messages(application)
    assert item.delivered_at == sending.clock()


def test_every_line_counts_once(sending, feedback):
    """CloudWatch delivers at least once."""
    application = texted(sending)
    assert [fate(feedback), fate(feedback), fate(feedback, "SUCCESS")] == [{"failed": 1}, {"known": 1}, {"known": 1}]
    sending.run()
    assert fate(feedback) == {"known": 1}
    sending.run()
    assert len(sending.outbox) == 2 and len(sending.messages(application)) == 2


def test_what_arrived_can_not_fail_afterwards(sending, feedback):
    application = texted(sending)
    fate(feedback, "SUCCESS")
    assert fate(feedback) == {"known": 1}
    sending.run()
    assert [one[1] for one in shown(sending, application)] == ["delivered"] and len(sending.outbox) == 1


def test_a_failure_three_days_late_sends_nothing(sending, feedback):
    """Carriers may take 72 hours: a reminder that old would look careless."""
    application = texted(sending)
    item = sending.messages(application)[0]
    sending.clock.set(item.not_after)
    assert fate(feedback) == {"failed": 1}
    sending.run()
    assert [one[:2] for one in shown(sending, application) if one[1] == "failed"] == [("sms", "failed")]
    assert not [one for one in sending.messages(application) if one.step == "nudge_1_by_mail"]


def test_nobody_is_written_to_who_has_heard_meanwhile(sending, feedback):
    application = texted(sending)
    sending.heard(application)
    fate(feedback)
    sending.run()
    assert len(sending.outbox) == 1 and [one[1] for one in shown(sending, application)] == ["failed"]


def test_word_between_the_failure_and_the_mail_stops_the_mail(sending, feedback):
    """Every check is repeated when the mail is sent."""
    application = texted(sending)
    fate(feedback)
    sending.heard(application)
    sending.run()
    assert len(sending.outbox) == 1 and [one[1] for one in shown(sending, application)] == ["failed", "cancelled"]


def test_the_mail_waits_for_the_persons_morning(sending, feedback):
    """A line that comes at night wakes nobody."""
    texted(sending)
    sending.clock.advance(hours=10)
    fate(feedback)
    sending.run()
    assert len(sending.outbox) == 1
    for _ in range(16):
        sending.clock.advance(hours=1)
        sending.run()
    assert [entry["channel"] for entry in sending.outbox] == ["sms", "email"]


def test_without_an_email_nothing_else_is_sent(sending, feedback):
    application = texted(sending, email=None)
    fate(feedback)
    sending.run()
    assert shown(sending, application) == [("sms", "failed", BLOCKED)] and len(sending.outbox) == 1


def test_a_number_that_aws_knows_as_opted_out_is_texted_by_nobody(sending, feedback):
    """AWS hears a STOP that we do not: where it answers STOP itself, or for another program of the account."""
    first = texted(sending)
    assert fate(feedback, reason=OPTED_OUT) == {"failed": 1}
    assert recipients.opted_out([("sms", PHONE)])
    other = sending.interviewed(sending.new_employer(name="Other"), phone=PHONE)
    sending.run()
    for _ in range(16):
        sending.clock.advance(hours=6)
        sending.run()
    assert [entry["channel"] for entry in sending.outbox][:2] == ["sms", "email"], "the mail goes: it was not opted out of"
    assert shown(sending, first)[1][:2] == ("email", "sent")
    assert {one[1] for one in shown(sending, other)} == {"suppressed"}


def test_a_stop_after_an_earlier_text_ends_the_mail_of_that_application_too(sending, feedback):
    """The STOP that AWS swallowed answered the first reminder: it ends all about that application, as our own STOP does."""
    application = texted(sending)
    fate(feedback, "SUCCESS")
    for _ in range(30):
        sending.clock.advance(hours=6)
        sending.run()
        if len(sending.outbox) == 2:
            break
    assert fate(feedback, reason=OPTED_OUT) == {"failed": 1}
    for _ in range(8):
        sending.run()
        sending.clock.advance(hours=6)
    assert [entry["channel"] for entry in sending.outbox] == ["sms", "sms"]
    assert shown(sending, application)[-1] == ("email", "suppressed", "opted out")


@pytest.mark.parametrize(("behind", "is_out"), [(4, True), (14, True), (16, False)])
def test_a_worker_whose_clock_is_behind_puts_no_opt_out_before_a_start(sending, feedback, behind, is_out):
    """SNS says when it refused a text. A time that is far ahead of ours is no time that it can know."""
    texted(sending, email=None)
    feedback.inbound_sms({"from": PHONE, "body": "START"})
    sending.clock.advance(minutes=1)
    text, refused_at = sending.outbox[0], sending.clock()
    line = {
        "notification": {"messageId": text["message_id"], "timestamp": f"{refused_at:%Y-%m-%d %H:%M:%S.%f}"},
        "delivery": {"destination": PHONE, "providerResponse": OPTED_OUT},
        "status": "FAILURE",
    }
    packed = {"messageType": "DATA_MESSAGE", "logEvents": [{"message": json.dumps(line)}]}
    event = {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(packed).encode())).decode()}}
    assert text_events.take(event, refused_at - timedelta(minutes=behind)) == {"failed": 1}
    assert bool(recipients.opted_out([("sms", PHONE)])) == is_out


def test_an_opted_out_mailbox_gets_no_mail_instead(sending, feedback):
    from chalicelib.messaging import opt_outs

    application = texted(sending)
    opt_outs.opt_out([("email", EMAIL)], "link", sending.clock())
    fate(feedback)
    sending.run()
    assert len(sending.outbox) == 1 and shown(sending, application)[-1] == ("email", "suppressed", "opted out")


@pytest.mark.parametrize("words", ["When do I hear?", "HELP"])
def test_an_opted_out_number_is_known_by_an_automatic_answer_too(sending, feedback, words):
    """The STOP came after the reminder, and the first text that the carrier refused was our answer."""
    application = texted(sending, email=None)
    fate(feedback, "SUCCESS")
    feedback.inbound_sms({"from": PHONE, "body": words})
    assert len(sending.outbox) == 2
    assert fate(feedback) == {"passed_over": 1} and not recipients.opted_out([("sms", PHONE)])
    assert fate(feedback, reason=OPTED_OUT) == fate(feedback, reason=OPTED_OUT) == {"opted_out": 1}
    assert recipients.opted_out([("sms", PHONE)])
    for _ in range(30):
        sending.clock.advance(hours=6)
        sending.run()
    assert len(sending.outbox) == 2 and "suppressed" in [one[1] for one in shown(sending, application)]


def test_a_line_about_another_message_to_the_number_changes_nothing(sending, feedback, stack):
    """The log is the account's: other stages and programs text the same people."""
    application = texted(sending)
    line = {
        "notification": {"messageId": "somebody-elses", "timestamp": "2026-06-05 15:00:00.000"},
        "delivery": {"destination": PHONE, "providerResponse": OPTED_OUT},
        "status": "FAILURE",
    }
    assert feedback.sms_event(line)["counts"] == {"passed_over": 1}
    assert feedback.sms_event({**line, "delivery": {"destination": "+1XXX5550100"}})["counts"] == {"passed_over": 1}
    assert shown(sending, application)[0][1] == "sent" and not recipients.opted_out([("sms", PHONE)])


def test_another_persons_text_is_not_touched(sending, feedback):
    other = sending.interviewed(phone=OTHER_PHONE)
    application = texted(sending)
    assert fate(feedback, to=OTHER_PHONE) == {"failed": 1}
    assert [one[1] for one in shown(sending, other)] == ["failed"]
    assert "failed" not in [one[1] for one in shown(sending, application)]


def test_a_line_about_a_text_that_is_still_being_settled_comes_again(sending, feedback, faults, monkeypatch):
    """The log may be quicker than our own transaction."""
    application = texted(sending)
    [item] = sending.messages(application)
    provider_id = item.provider_message_id
    item.status, item.provider_message_id = "sending", None
    item.save()
    with pytest.raises(Unavailable):
        fate(feedback)
    item.status, item.provider_message_id = "sent", provider_id
    item.save()
    assert fate(feedback) == {"failed": 1}


def test_an_erased_person_is_not_written_to(sending, feedback):
    application = texted(sending)
    erasure.erase(sending.employer, application.candidate_id, sending.clock(), lambda _: None)
    assert fate(feedback) == {"passed_over": 1}
    sending.run()
    assert len(sending.outbox) == 1


def test_a_lost_answer_of_the_table_brings_the_line_again(sending, feedback, faults):
    application = texted(sending)
    faults.lose_response("TransactWriteItems")
    with contextlib.suppress(HeardbackError):
        fate(feedback)
    fate(feedback)
    sending.run()
    assert [one[:2] for one in shown(sending, application)] == [("sms", "failed"), ("email", "sent")]


@pytest.mark.parametrize(
    "line", ["", "not json", "[]", "{}", '{"status":"SUCCESS"}', '{"notification":{},"delivery":{},"status":"ODD"}']
)
def test_a_line_that_is_none_is_parked_and_the_others_are_taken(sending, stack, line):
    application = texted(sending)
    event = events.delivery_log(line, sending.clock())
    assert stack.app.text_events(event, events.Context()) == {"parked": 1}
    assert shown(sending, application)[0][1] == "sent"


def test_a_trial_of_the_subscription_holds_no_line(stack):
    """CloudWatch sends one when the filter is made."""
    told = base64.b64encode(gzip.compress(json.dumps({"messageType": "CONTROL_MESSAGE", "logEvents": []}).encode())).decode()
    assert stack.app.text_events({"awslogs": {"data": told}}, events.Context()) == {}


def test_the_console_says_what_it_takes(feedback):
    for body in (None, {}, {"to": PHONE}, {"to": PHONE, "status": "ODD"}, {"to": PHONE, "status": "FAILURE", "more": 1}):
        with pytest.raises(Refused):
            feedback.sms_event(body)


def test_a_holding_notice_that_failed_is_no_promise(sending, feedback):
    """The promise counts only where the person got it: the wait opens again with its old deadline."""
    from chalicelib.messaging.notices import request

    application = sending.interviewed(phone=PHONE)
    sending.clock.advance(hours=1)
    deadline = sending.now(application).word_due_at
    request.ask(sending.employer, application.id, sending.clock() + timedelta(days=7), sending.clock())
    for _ in range(24):
        sending.run()
        if sending.outbox:
            break
        sending.clock.advance(hours=1)
    assert sending.now(application).word_due_at != deadline
    assert fate(feedback) == {"failed": 1}
    assert sending.now(application).word_due_at == deadline
    assert [contact.outcome for contact in table.query(application.PK, "CON#")] == ["bounced"]
