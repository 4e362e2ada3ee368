"""Nudges are sent inside the recipient's hours, never late, and by the policy as it is at that moment."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.messaging import opt_outs
from chalicelib.messaging.notices import request as notices

FRIDAY_EVENING = datetime(2026, 6, 5, 21, 58, tzinfo=UTC)
"""17:58 in New York."""


def step_of(sending, application):
    item = sending.now(application)
    return item.step, item.due_at and item.due_at[:16]


def test_after_the_window_closed_a_nudge_waits_for_the_next_day(sending):
    """Nobody is texted at 18:04 on a Friday because a worker was slow."""
    application = sending.interviewed(ended=FRIDAY_EVENING - timedelta(hours=48))
    sending.clock.set(FRIDAY_EVENING + timedelta(minutes=6))
    sending.run()
    assert sending.outbox == []
    assert step_of(sending, application) == ("nudge_1", "2026-06-08T14:00")
    sending.clock.set(datetime(2026, 6, 8, 14, 0, tzinfo=UTC))
    sending.run()
    assert sending.statuses(application) == ["sent"]


def test_the_window_is_in_the_candidates_time_zone(sending):
    """10:00 in New York is 07:00 in Los Angeles."""
    application = sending.interviewed(zone="America/Los_Angeles")
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.outbox == []
    sending.clock.advance(hours=3)
    sending.run()
    assert sending.statuses(application) == ["sent"]


def test_a_text_abroad_without_a_time_zone_wakes_nobody(sending):
    """A Berlin employer, a New York number: it goes once it is ten in Honolulu, and not before."""
    berlin = sending.new_employer(timezone="Europe/Berlin")
    application = sending.interviewed(berlin)
    assert step_of(sending, application) == ("nudge_1", "2026-06-04T20:00")
    sending.clock.set(datetime(2026, 6, 4, 19, 59, tzinfo=UTC))
    sending.run()
    assert sending.outbox == []
    sending.clock.set(datetime(2026, 6, 4, 20, 0, tzinfo=UTC))
    sending.run()
    assert sending.statuses(application) == ["sent"]


def test_a_reminder_that_waited_until_the_window_closed_waits_for_the_next_shared_hour(sending):
    """The worker was slow, and it is 18:00 in New York."""
    berlin = sending.new_employer(timezone="Europe/Berlin")
    application = sending.interviewed(berlin)
    sending.clock.set(datetime(2026, 6, 4, 22, 0, tzinfo=UTC))
    sending.run()
    assert sending.outbox == []
    assert step_of(sending, application) == ("nudge_1", "2026-06-05T20:00")


def test_an_email_without_a_time_zone_keeps_to_the_employers_clock(sending):
    berlin = sending.new_employer(timezone="Europe/Berlin")
    application = sending.interviewed(berlin, phone="", email="sam@example.com", ended=sending.clock() - timedelta(hours=12))
    assert step_of(sending, application) == ("nudge_1", "2026-06-04T08:00")


def test_texts_that_turn_to_mail_leave_the_clock_of_the_number(sending):
    """The month's money for texts is spent, so an email goes, in the morning of the employer."""
    berlin = sending.new_employer(timezone="Europe/Berlin", countries=[])
    application = sending.interviewed(
        berlin, phone="+12025569999", email="sam@example.com", ended=sending.clock() - timedelta(hours=12)
    )
    assert step_of(sending, application) == ("nudge_1", "2026-06-04T08:00")
    sending.clock.set(datetime(2026, 6, 4, 8, 0, tzinfo=UTC))
    sending.run()
    assert [message["channel"] for message in sending.outbox] == ["email"]


def test_a_holding_notice_by_text_wakes_nobody_abroad(sending):
    berlin = sending.new_employer(timezone="Europe/Berlin")
    application = sending.interviewed(berlin)
    notice, _ = notices.ask(berlin, application.id, sending.clock() + timedelta(days=4), sending.clock())
    sending.run()
    assert sending.outbox == []
    sending.clock.set(datetime(2026, 6, 2, 20, 0, tzinfo=UTC))
    sending.run()
    assert [message.id for message in sending.messages(application) if message.status == "sent"] == [notice.id]


def test_a_window_that_opens_once_a_week_is_not_missed_by_an_outage(sending):
    """It opens on Wednesdays. The first was missed; the second is not too late."""
    weekly = {"max_nudges": 1, "candidate_window": {"days": ["wed"]}}
    employer = sending.new_employer(policy=weekly)
    application = sending.interviewed(employer)
    sending.clock.set(datetime(2026, 6, 10, 21, 59, tzinfo=UTC))
    sending.run()
    assert sending.statuses(application) == ["sent"]


def test_a_window_changed_after_planning_applies(sending):
    """The policy is read at send time."""
    application = sending.interviewed()
    window = {"days": ["wed", "fri"], "start": "11:00", "end": "12:00"}
    sending.change_employer(sending.employer, policy={"candidate_window": window})
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.outbox == []
    assert step_of(sending, application) == ("nudge_1", "2026-06-05T15:00")


def test_a_holiday_declared_after_planning_applies(sending):
    """Nobody is texted on the Fourth of July; in 2026 it is observed on a Friday."""
    sending.clock.set(datetime(2026, 7, 1, 14, 0, tzinfo=UTC))
    application = sending.interviewed()
    sending.change_employer(sending.employer, policy={"holidays": "US"})
    sending.clock.advance(hours=48)
    sending.run()
    assert step_of(sending, application) == ("nudge_1", "2026-07-06T14:00")


@pytest.mark.parametrize(
    ("days", "outcome", "next_step"),
    [
        (1, ["sent"], ("nudge_2", "2026-06-09T14:00")),
        (3, ["expired"], ("nudge_2", "2026-06-09T14:00")),
        (5, ["expired", "sent"], ("lapse", "2027-06-04T14:00")),
        (60, ["expired"], ("lapse", "2027-06-04T14:00")),
    ],
)
def test_after_an_outage_late_nudges_are_not_sent(sending, days, outcome, next_step):
    """A message about last week would read as a mistake: the next step follows, when it was planned."""
    application = sending.interviewed()
    sending.clock.advance(hours=48, days=days)
    sending.run()
    assert sending.statuses(application) == outcome
    assert len(sending.outbox) == outcome.count("sent")
    assert step_of(sending, application) == next_step


def test_an_expired_step_is_listed_with_its_recipient(sending):
    """The employer can see which messages were not sent, and to which candidates."""
    application = sending.interviewed()
    sending.clock.advance(days=5)
    sending.run()
    [message] = sending.messages(application)
    assert (message.to, message.status, message.reason, message.attempts) == (application.phone, "expired", "too late", 0)
    assert message.settled_at == sending.clock()


@pytest.mark.parametrize("policy", [{"candidate_nudge": "off"}, {"max_nudges": 0}])
def test_an_employer_that_turned_nudges_off_sends_none(sending, policy):
    """The policy holds for nudges that were planned before, too."""
    application = sending.interviewed()
    sending.change_employer(sending.employer, policy=policy)
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.outbox == [] and step_of(sending, application)[0] == "lapse"


def test_without_a_call_back_nothing_is_sent(sending):
    """A message that names nobody to call is useless; the list says why it was not sent."""
    application = sending.interviewed()
    sending.change_employer(sending.employer, call_back_phone=None)
    sending.clock.advance(hours=48)
    sending.run()
    [message] = sending.messages(application)
    assert sending.outbox == [] and step_of(sending, application)[0] == "nudge_2"
    assert (message.status, message.reason) == ("suppressed", "nobody to call back")


@pytest.mark.parametrize(("stopped", "status"), [("phone", "sent"), ("email", "suppressed")])
def test_an_opt_out_acts_on_its_own_address(sending, stopped, status):
    """A number that was never texted about this application says nothing about its mail."""
    application = sending.interviewed(phone="+12025560111", email="sam@example.com", consent=False)
    address = ("sms", application.phone) if stopped == "phone" else ("email", "SAM@example.com")
    opt_outs.opt_out([address], "link", sending.clock())
    sending.clock.advance(hours=48)
    sending.run()
    [message] = sending.messages(application)
    assert message.status == status and len(sending.outbox) == (status == "sent")
    assert (message.reason, message.attempts) == ((None, 1) if status == "sent" else ("opted out", 0))


def test_a_stop_between_claim_and_check_stops_the_message(sending):
    """An opt-out counts until the moment of sending."""
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    sending.faults.before(
        "BatchGetItem", lambda: opt_outs.opt_out([("sms", application.phone)], "stop_word", sending.clock()), where="OPT#"
    )
    sending.deliver(application.key)
    assert sending.statuses(application) == ["suppressed"] and sending.outbox == []


def test_a_wait_lapses_after_a_year(sending):
    """Nobody calls about last year's interview: the wait is no longer counted as open."""
    application = sending.interviewed()
    for days in (2, 5, 365):
        sending.clock.advance(days=days)
        sending.run()
    item = sending.now(application)
    assert (item.wait_state, item.step, item.due_at) == ("lapsed", None, None)


def test_a_promised_day_starts_a_wait_of_its_own(sending):
    """ "By Friday" ends the wait; after Friday the candidate is nudged again."""
    from chalicelib.applications.contacts import service as contacts

    application = sending.interviewed()
    contacts.log_contact(
        sending.employer,
        application.id,
        {"channel": "call", "outcome": "reached", "decision": "pending", "next_word_by": sending.clock() + timedelta(days=3)},
        sending.clock(),
    )
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.outbox == []
    sending.clock.advance(hours=24)
    sending.run()
    assert sending.statuses(application) == ["sent"]


def test_a_voided_contact_opens_the_wait_with_its_nudge_count(sending):
    """Logging and voiding contacts never leads to a third nudge."""
    from chalicelib.applications.contacts import service as contacts

    application = sending.interviewed()
    sending.clock.advance(hours=48)
    sending.run()
    for _ in range(2):
        _, contact = contacts.log_contact(
            sending.employer, application.id, {"channel": "call", "outcome": "reached", "decision": "rejected"}, sending.clock()
        )
        sending.run()
        contacts.void_contact(sending.employer, application.id, contact.id, sending.clock())
        sending.run()
    sending.clock.advance(days=5)
    sending.run()
    sending.clock.advance(days=30)
    sending.run()
    assert sending.statuses(application) == ["sent", "sent"] and len(sending.outbox) == 2
