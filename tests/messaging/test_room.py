"""What is left of money and of the day decides whether, and by which channel, a message may go: at the last micro-dollar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import config
from chalicelib.messaging import eligibility, gate
from chalicelib.messaging.case import next_day
from chalicelib.messaging.eligibility import Room, channel_for, place_block_reason, price_of, room_of
from chalicelib.messaging.gate import OnDemand, Purpose
from chalicelib.rules.model import Candidate, Message
from chalicelib.storage import sms_spend
from chalicelib.storage.sms_spend import Amount, SpendItem, micro_price

US, GERMAN = "+12025550111", "+4915112345678"


@pytest.fixture
def priced(sending: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Texts cost two cents at least and half a dollar at most; the operator has its own price for France."""
    monkeypatch.setenv("HEARDBACK_SMS_PRICE_USD", "0.02")
    monkeypatch.setenv("HEARDBACK_SMS_PRICES", "FR=0.07")
    monkeypatch.setenv("HEARDBACK_SMS_MONTHLY_BUDGET_USD", "10")
    config.forget()
    yield sending
    monkeypatch.undo()
    config.forget()


def test_a_text_counts_for_the_price_of_its_country_for_each_segment(priced: Any) -> None:
    """The operator's own price, else the table's, else the most; never less than the least."""
    prices = [micro_price(country) for country in ("US", "DE", "FR", "XX", None)]
    assert prices == [20_000, 120_000, 70_000, 500_000, 500_000]
    assert (price_of(US), price_of(GERMAN), price_of(US, "x" * 161)) == (20_000, 120_000, 40_000)


def test_what_is_left_is_the_employers_and_the_deployments(priced: Any) -> None:
    """Money of the month, texts and mails of the day that the item is about."""
    now = priced.clock()
    employer = priced.new_employer(
        policy={"sms_monthly_cap_usd": 3}, limits={"sms_per_day": 50, "emails_per_day": 70, "sms_monthly_cap_usd": 3}
    )
    own = SpendItem(*sms_spend.key_of(employer.id, now), reserved=1_000_000, rev=1, day="2026-06-02", texts=4, mails=5)
    all_ = SpendItem(*sms_spend.deployment_key(now), reserved=9_990_000, rev=1)
    nothing = room_of(employer, {}, now)
    room = room_of(employer, {one.key: one for one in (own, all_)}, now)
    assert (nothing.micro, nothing.deployment_micro) == (3_000_000, 10_000_000)
    assert (room.micro, room.deployment_micro) == (2_000_000, 10_000)
    assert (nothing.texts - room.texts, nothing.mails - room.mails) == (4, 5)
    assert room.money_block_reason(US) == "this deployment's monthly budget for texts is used up"
    own.day = "2026-06-01"
    assert room_of(employer, {own.key: own}, now).texts == nothing.texts


@pytest.mark.parametrize(
    ("room", "reason"),
    [
        (Room(micro=20_000, deployment_micro=20_000), None),
        (Room(micro=19_999), "the month's cap on what texts may cost is reached"),
        (Room(deployment_micro=19_999), "this deployment's monthly budget for texts is used up"),
    ],
)
def test_a_text_needs_its_whole_price(priced: Any, room: Room, reason: str | None) -> None:
    """A candidate with an address is mailed instead."""
    assert room.money_block_reason(US) == reason
    assert place_block_reason(priced.employer, "sms", US, room) == reason
    assert place_block_reason(priced.employer, "email", "ann@example.com", room) is None
    ann = Candidate(
        "cand_one", name="Ann", email="ann@example.com", phone=US, sms_consent_at=priced.clock(), phone_takes_texts=True
    )
    assert channel_for(ann, priced.employer, room) == ("email" if reason else "sms")


def test_a_day_has_room_for_one_more_or_not(priced: Any) -> None:
    """Texts and mails are counted apart."""
    last, none = Room(texts=1, mails=1), Room(texts=0, mails=0)
    assert [last.day_block_reason(channel) for channel in ("sms", "email", None)] == [None, None, None]
    assert none.day_block_reason("sms") == eligibility.OVER_DAY["sms"] != none.day_block_reason("email")
    assert none.day_block_reason("email") == eligibility.OVER_DAY["email"] and none.day_block_reason(None) is None
    assert Room(texts=0).day_block_reason("email") is None


def test_amounts_are_compared_part_by_part() -> None:
    """Money, texts and mails never stand for one another."""
    one, other = Amount(5, 7, 11), Amount(6, 4, 11)
    assert (one + other, one - other) == (Amount(11, 11, 22), Amount(-1, 3, 0))
    assert (one.at_most(other), one.at_least(other)) == (Amount(5, 4, 11), Amount(6, 7, 11))
    assert one.at_most(Amount(-1, -2, -3)) == Amount(0, 0, 0)
    assert one.covers(one) and not one.covers(other) and not other.covers(one)
    for part in (Amount(6, 7, 11), Amount(5, 8, 11), Amount(5, 7, 12)):
        assert not one.covers(part) and part.covers(one)
    assert [bool(some) for some in (Amount(1), Amount(0, 1), Amount(0, 0, 1), Amount())] == [True, True, True, False]


def test_codes_for_phones_leave_half_of_the_deployments_budget(priced: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers ask for them; the other half is the candidates'."""
    monkeypatch.setenv("HEARDBACK_SMS_MONTHLY_BUDGET_USD", "0.08")
    config.forget()

    def held(purpose: Purpose, number: int) -> str | None:
        text = OnDemand(purpose, Message("sms", f"+1202555011{number}", "text"), requester=f"198.51.{number}.0/24")
        found = gate.allow(text, priced.clock())
        return found and found.reason

    over = "this deployment's monthly budget for texts is used up"
    assert [held("phone_code", number) for number in range(3)] == [None, None, over]
    assert [held("automatic_reply", number) for number in range(3)] == [None, None, over]


def test_the_counts_of_a_day_begin_again_at_midnight_in_utc() -> None:
    """Whatever hour, minute or second it is; the last day of a month is followed by the first."""
    for now in (datetime(2026, 6, 30, 14, 37, 12, 5, UTC), datetime(2026, 6, 30, tzinfo=UTC)):
        assert next_day(now) == datetime(2026, 7, 1, tzinfo=UTC)
