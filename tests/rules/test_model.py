"""The records that the rules talk about: defaults, and what each can say of itself."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules import model
from chalicelib.rules.employer import Employer, Limits, Policy
from chalicelib.rules.model import CallBack, Candidate, Contact, Interview, Wait, is_overdue, truncated_to_hour

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = ("mon", "tue", "wed", "thu", "fri")


def test_the_policy_that_an_employer_starts_with() -> None:
    """Documented in the API: a changed default would change every employer that never chose."""
    assert asdict(Policy()) == {
        "word_due_hours": 48,
        "candidate_nudge": "call",
        "max_nudges": 2,
        "second_nudge_days": 5,
        "candidate_window": {"days": WEEK, "start": "10:00", "end": "18:00"},
        "digest_time": "09:00",
        "digest_days": WEEK,
        "escalate_to": (),
        "report_to": (),
        "escalate_after_business_days": 5,
        "holidays": None,
        "promise_default_days": 7,
        "sms_monthly_cap_usd": 25,
        "sms_countries": (),
        "jurisdiction": None,
        "headcount": None,
        "retention_months": None,
        "link_seekers": False,
        "language": "en",
        "tell_next_step": False,
        "clock_hours": None,
        "date_order": None,
    }


def test_the_enums_have_these_values() -> None:
    """Clients and stored records use them."""
    assert model.STAGES == ("screen", "interview", "final")
    assert model.DECIDED == ("advancing", "offer", "rejected")
    assert model.LOOP_STATES == ("idle", "booked", "waiting", "answered", "closed")
    assert (*WEEK, "sat", "sun") == model.WEEKDAYS and model.BUSINESS_DAYS == WEEK
    assert model.MESSAGE_CHANNELS == ("sms", "email") and model.AUDIENCES == ("candidate", "employer")
    assert model.SCOPES == ("report", "read", "write", "manage")
    statuses = "queued sending sent delivered retrying failed expired cancelled suppressed unknown"
    assert " ".join(model.MESSAGE_STATUSES) == statuses
    assert " ".join(model.ATS_EVENT_STATUSES) == "queued done waiting ignored unmapped failed"
    assert model.EVENT_TYPES[-1] == "webhook_endpoint.test" and len(model.EVENT_TYPES) == 26
    assert (timedelta(days=365), timedelta(days=30)) == (model.LAPSE_AFTER, model.MAX_PROMISE)


def test_a_new_employer_is_on_trial_and_nobody_listens() -> None:
    """It may write to its own verified addresses only, in any spelling."""
    new = Employer("emp_1", "Acme", "UTC")
    assert new.trial and not new.suspended and not new.webhooks and not new.webhooks_ended
    verified = replace(new, verified=("dana@example.com",))
    assert verified.may_write_to("Dana@Example.com") and not verified.may_write_to("sam@example.com")
    assert replace(new, trial=False).may_write_to("sam@example.com")


def test_a_call_back_without_number_and_address_gives_way_whole() -> None:
    """Never one person's name with another's number."""
    other = CallBack("Dana", "+12025550101")
    for own in (CallBack("Sam", "+12025550102"), CallBack("Sam", None, "sam@example.com")):
        assert own.or_else(other) is own
    assert CallBack("Sam").or_else(other) is other


def test_a_candidate_is_reachable_by_phone_or_email() -> None:
    """A number counts as a landline until it is known to take texts."""
    nobody = Candidate("cand_1", "Sam")
    assert not nobody.reachable and not nobody.phone_takes_texts
    assert replace(nobody, phone="+12025550123").reachable and replace(nobody, email="sam@example.com").reachable


def test_word_is_due_48_hours_after_the_end_or_on_the_named_day() -> None:
    """An interview that was logged after it began was booked at its start."""
    interview = Interview("int_1", "final", NINE, NINE + timedelta(hours=1), NINE + timedelta(days=1))
    assert interview.status == "scheduled" and interview.word_due_at == NINE + timedelta(hours=49)
    assert replace(interview, next_word_by=NINE).word_due_at == NINE
    assert interview.invited_at == NINE
    assert replace(interview, booked_at=NINE - timedelta(days=1)).invited_at == NINE - timedelta(days=1)


@pytest.mark.parametrize(
    ("outcome", "reached"), [("reached", True), ("sent", True), ("voicemail", False), ("no_answer", False), ("bounced", False)]
)
def test_an_attempt_is_not_a_contact(outcome: str, reached: bool) -> None:
    """Only "reached" and "sent" bring word."""
    assert Contact("con_1", "call", outcome, NINE, NINE).reached is reached  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("decision", "final"), [("advancing", True), ("offer", True), ("rejected", True), ("pending", False), (None, False)]
)
def test_a_decision_is_final_and_a_not_yet_is_not(decision: str | None, final: bool) -> None:
    """A contact starts neither voided nor with a named day."""
    contact = Contact("con_1", "call", "reached", NINE, NINE, decision)  # type: ignore[arg-type]
    assert contact.final is final and not contact.voided and not contact.promise_named


def test_a_wait_that_a_contact_opened_was_promised() -> None:
    """One that an interview opened was not."""
    assert Wait("con_1", "final", NINE, NINE).promised and not Wait("int_1", "final", NINE, NINE).promised


def test_overdue_begins_one_hour_past_the_hour_in_which_word_was_due() -> None:
    """Due 09:59 counts from 09:00."""
    due = NINE + timedelta(minutes=59, seconds=59, microseconds=1)
    assert truncated_to_hour(due) == NINE
    assert is_overdue(due, NINE + timedelta(hours=1)) and not is_overdue(due, NINE + timedelta(minutes=59))


def test_an_operators_limits_begin_like_this() -> None:
    """What an employer may use before anybody set anything."""
    given = Limits()
    assert (given.sms_countries, given.sms_monthly_cap_usd, given.sms_per_day) == ((), 100, 1000)
    assert (given.emails_per_day, given.users, given.api_keys) == (10_000, 500, 50)
