"""At an interview's end a candidate is told what happens next, where the employer wants it: once, by mail, in the window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.applications import service
from chalicelib.applications.interviews import changes
from chalicelib.messaging import opt_outs

TELLS = {"tell_next_step": True}


def unchecked(*_):
    """Accepts any state."""


WEDNESDAY = datetime(2026, 6, 3, 15, 0, tzinfo=UTC)
"""11:00 in New York; the clock starts on Tuesday at 10:00."""


@pytest.fixture
def acme(sending):
    return sending.new_employer(name="Acme", policy=TELLS)


def booked(sending, employer, end=WEDNESDAY, **more):
    return sending.interviewed(employer, email="sam@example.com", ended=end, **more)


def at(sending, instant):
    sending.clock.set(instant)
    sending.run()


def steps(sending, application):
    return [(message.step, message.status) for message in reversed(sending.messages(application))]


def test_it_goes_at_the_interviews_end_and_once(sending, acme):
    """The day, the person to ask, and the candidate's page. The nudges come afterwards."""
    made = booked(sending, acme)
    at(sending, WEDNESDAY - timedelta(minutes=1))
    assert sending.outbox == []
    for minutes in (0, 1, 60):
        at(sending, WEDNESDAY + timedelta(minutes=minutes))
    [mail] = sending.outbox
    assert mail["subject"] == "Your interview with Acme: what happens next"
    for part in ("by Fri, Jun 5 at 11:00 AM", "call Dana: +1 202-555-0100", "/f/", "Unsubscribe"):
        assert part in mail["body"]
    at(sending, WEDNESDAY + timedelta(hours=48))
    assert steps(sending, made) == [("what_next", "sent"), ("nudge_1", "sent")]
    assert "Still" not in sending.outbox[1]["body"]


def test_only_an_employer_that_wants_it_sends_it(sending):
    """It is opt-in."""
    made = booked(sending, sending.new_employer())
    at(sending, WEDNESDAY)
    assert steps(sending, made) == []


def test_it_waits_for_the_window_and_is_left_out_where_that_opens_too_late(sending, acme):
    """Nobody gets it at night; on Monday, 12 hours before word is due or later, it says nothing new."""
    evening = booked(sending, acme, datetime(2026, 6, 3, 23, 0, tzinfo=UTC))
    at(sending, datetime(2026, 6, 3, 23, 0, tzinfo=UTC))
    assert steps(sending, evening) == []
    at(sending, datetime(2026, 6, 4, 14, 0, tzinfo=UTC))
    assert steps(sending, evening) == [("what_next", "sent")]
    friday = sending.interviewed(acme, email="kim@example.com", ended=datetime(2026, 6, 5, 23, 0, tzinfo=UTC))
    at(sending, datetime(2026, 6, 8, 14, 0, tzinfo=UTC))
    assert [step for step, _ in steps(sending, friday)] == ["nudge_1"]


def test_it_is_a_mail_also_to_who_gets_texts(sending, acme):
    """A text has no room for it. Without an address there is none."""
    both = booked(sending, acme, phone="+12025560199")
    text_only = sending.interviewed(acme, phone="+12025560198", ended=WEDNESDAY)
    at(sending, WEDNESDAY)
    assert [entry["channel"] for entry in sending.outbox] == ["email"]
    assert steps(sending, both) == [("what_next", "sent")] and steps(sending, text_only) == []


@pytest.mark.parametrize("event", ["told", "cancelled", "moved", "closed", "policy", "opted out", "suspended"])
def test_what_happens_first_takes_it_back(sending, acme, event):
    """Checked when it is due."""
    made = booked(sending, acme)
    interview = made.wait_cause
    sending.clock.set(WEDNESDAY - timedelta(minutes=30))
    if event == "told":
        sending.heard(made, acme)
    elif event == "cancelled":
        changes.cancel_interview(acme, interview, sending.clock())
    elif event == "moved":
        later = WEDNESDAY + timedelta(days=1)
        changes.change_interview(
            acme, interview, {"start_at": later - timedelta(hours=1), "end_at": later}, sending.clock(), unchecked
        )
    elif event == "closed":
        service.change_application(acme, made.id, {"status": "closed"}, sending.clock(), lambda _: None)
    elif event == "policy":
        sending.change_employer(acme, policy={})
    elif event == "suspended":
        sending.change_employer(acme, suspended=True)
    else:
        opt_outs.opt_out([("email", "sam@example.com")], "link", sending.clock())
    at(sending, WEDNESDAY)
    assert sending.outbox == []
    if event == "moved":
        at(sending, WEDNESDAY + timedelta(days=1))
        assert len(sending.outbox) == 1


def test_a_refused_mail_is_tried_again_and_not_after_word_was_given(sending, acme):
    """At most once, and with every check again."""
    made = booked(sending, acme)
    sending.faults.throttle("SendEmail", "TooManyRequestsException", status=429, times=2)
    at(sending, WEDNESDAY)
    assert steps(sending, made) == [("what_next", "retrying")]
    sending.heard(made, acme)
    at(sending, WEDNESDAY + timedelta(minutes=5))
    assert steps(sending, made) == [("what_next", "cancelled")] and sending.outbox == []


def test_it_counts_in_the_weeks_three(sending, acme):
    """Each interview of a week is told about at its end; the fourth mail to the person is held back."""
    made = booked(sending, acme)
    at(sending, WEDNESDAY)
    for hours in (1, 2, 3):
        end = WEDNESDAY + timedelta(hours=hours)
        changes.change_interview(
            acme, made.wait_cause, {"start_at": end - timedelta(minutes=30), "end_at": end}, sending.clock(), unchecked
        )
        at(sending, end)
    assert [status for _, status in steps(sending, made)] == ["sent", "sent", "sent", "suppressed"]
    assert sending.messages(made)[0].reason == "frequency cap"
