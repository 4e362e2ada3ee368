"""The operator's limits of texts and mails a day, and the deployment's budget for texts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib import config
from chalicelib.messaging.message_list import shown_status
from chalicelib.messaging.sms_budget import SmsBudget, Wanted
from chalicelib.rules.sms_prices import PRICES
from chalicelib.storage import sms_spend, table
from chalicelib.storage.sms_spend import MICRO, Amount

EVERY_DAY = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "21:00"}


def wanted(count: int, channel: Any = "sms", price: str = "0", name: str = "") -> list[Wanted]:
    return [Wanted(f"{name} {number}", channel, int(Decimal(price) * MICRO)) for number in range(count)]


def due_now(sending: Any, employer: Any, count: int, **person: Any) -> list[Any]:
    ended, zone = sending.clock() - timedelta(hours=48), person.pop("zone", "America/New_York")
    return [
        sending.interviewed(employer, ended=ended, zone=zone, **{key: value.format(number) for key, value in person.items()})
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("limit", "person"), [("sms_per_day", {"phone": "+120255607{:02}"}), ("emails_per_day", {"email": "sam{}@example.com"})]
)
def test_what_is_over_the_limit_of_a_day_goes_out_the_next_day(sending: Any, limit: str, person: Any) -> None:
    """The operator pays no more than it said, and nobody is forgotten: the rest is due again when the day is over."""
    employer = sending.new_employer(limits={limit: 2}, policy={"candidate_window": EVERY_DAY}, timezone="UTC")
    sending.clock.advance(hours=3)
    assert sending.clock().hour < 21
    first = due_now(sending, employer, 2, **person)
    sending.run()
    others = due_now(
        sending, employer, 3, **{key: value.replace("07", "08").replace("sam", "kim") for key, value in person.items()}
    )
    sending.run()
    assert [sending.statuses(one) for one in first] == [["sent"]] * 2
    assert [sending.statuses(one) for one in others] == [[]] * 3
    sending.clock.advance(hours=24)
    sending.run()
    assert sorted(map(sending.statuses, others)) == [[], ["sent"], ["sent"]]


def test_a_person_with_an_address_gets_mail_where_the_days_texts_are_used_up(sending: Any) -> None:
    """A mail today is better than a text tomorrow."""
    employer = sending.new_employer(limits={"sms_per_day": 0}, policy={"candidate_window": EVERY_DAY})
    [both] = due_now(sending, employer, 1, phone="+12025560999", email="sam@example.com")
    sending.run()
    assert [(one.channel, one.status) for one in sending.messages(both)] == [("email", "sent")]


def test_another_employer_is_not_concerned(sending: Any) -> None:
    """Each employer has a day of its own."""
    limited = sending.new_employer(limits={"sms_per_day": 1}, policy={"candidate_window": EVERY_DAY})
    other = sending.new_employer(policy={"candidate_window": EVERY_DAY})
    due_now(sending, limited, 2)
    served = due_now(sending, other, 3)
    sending.run()
    assert [sending.statuses(one) for one in served] == [["sent"]] * 3
    assert len(sending.outbox) == 4


def test_many_workers_at_once_send_no_more_than_the_limit(sending: Any) -> None:
    """Each holds a block of its own; the table adds them up. Some die with their block."""
    employer = sending.new_employer(limits={"sms_per_day": 70, "emails_per_day": 40})
    now = sending.clock()

    def work(number: int) -> Any:
        budget = SmsBudget({employer.id: 20})
        texts, mails = wanted(9, name=f"t{number}"), wanted(4, "email", name=f"m{number}")
        granted = 9 - len(budget.allow(employer, texts, now)), 4 - len(budget.allow(employer, mails, now))
        if number % 3:
            budget.give_back()
        return granted

    with ThreadPoolExecutor(8) as pool:
        texts, mails = map(sum, zip(*pool.map(work, range(16)), strict=True))
    known: Any = table.get(*sms_spend.key_of(employer.id, now))
    assert 0 < texts <= known.texts <= 70 and 0 < mails <= known.mails <= 40


def test_midnight_begins_a_new_count_and_gives_nothing_back_to_it(sending: Any) -> None:
    """What yesterday's worker returns after midnight must not make room today; a clock that is behind counts for today."""
    employer = sending.new_employer(limits={"sms_per_day": 20})
    evening = sending.clock().replace(hour=23, minute=59)
    late = SmsBudget({employer.id: 20})
    assert late.allow(employer, wanted(5, name="late"), evening) == {}
    morning = evening + timedelta(minutes=2)
    today = SmsBudget({employer.id: 1})
    assert len(today.allow(employer, wanted(21, name="today"), morning)) == 1
    late.put_back("late 0")
    late.give_back()
    assert len(SmsBudget().allow(employer, wanted(1, name="more"), morning)) == 1
    assert len(SmsBudget().allow(employer, wanted(1, name="slow clock"), evening)) == 1


def test_a_month_counted_by_older_code_goes_on(sending: Any) -> None:
    """Its item has money and no day."""
    employer, now = sending.new_employer(policy={"sms_monthly_cap_usd": 3}), sending.clock()
    key = sms_spend.key_of(employer.id, now)
    sms_spend.SpendItem(*key, reserved=2 * MICRO, rev=7).save()
    budget = SmsBudget()
    assert len(budget.allow(employer, wanted(2, price="1"), now)) == 1
    budget.give_back()
    known: Any = table.get(*key)
    assert (int(known.reserved), int(known.texts)) == (3 * MICRO, 1)


# the deployment's budget


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch, text_costs: Any) -> Any:
    """A text costs a dollar, and all employers together may spend so much."""

    def of(dollars: str) -> None:
        monkeypatch.setenv("HEARDBACK_SMS_MONTHLY_BUDGET_USD", dollars)
        text_costs("1")

    yield of
    monkeypatch.undo()
    config.forget()


def test_all_employers_together_stay_within_the_deployments_budget(sending: Any, budget: Any) -> None:
    """Each is far below its own cap. Who has an address gets mail; the others are told why not, without a word about others."""
    budget("3")
    employers = [sending.new_employer(policy={"candidate_window": EVERY_DAY}) for _ in range(3)]
    texted = [one for employer in employers for one in due_now(sending, employer, 2)]
    sending.run()
    sending.clock.advance(minutes=2)
    sending.run()
    [both] = due_now(sending, employers[0], 1, phone="+12025560999", email="sam@example.com")
    sending.run()
    messages = [one for application in texted for one in sending.messages(application)]
    assert sorted(shown_status(one) for one in messages) == ["sent"] * 3 + ["suppressed"] * 3
    assert {one.reason for one in messages} == {None, "this deployment's monthly budget for texts is used up"}
    assert [(one.channel, one.status) for one in sending.messages(both)] == [("email", "sent")]
    used: Any = table.get(*sms_spend.deployment_key(sending.clock()))
    assert int(used.reserved) == 3 * MICRO
    assert sum(sms_spend.spent_usd(employer.id, sending.clock()) for employer in employers) == 3


def test_without_a_budget_nothing_is_counted_for_the_deployment(sending: Any, budget: Any) -> None:
    """No write for a budget that nobody set."""
    budget("0")
    due_now(sending, sending.employer, 1)
    sending.run()
    assert len(sending.outbox) == 1 and table.get(*sms_spend.deployment_key(sending.clock())) is None


def test_many_workers_of_many_employers_never_spend_more_than_the_budget(sending: Any, budget: Any) -> None:
    """Their blocks are added up on one item."""
    budget("40")
    employers = [sending.new_employer(policy={"sms_monthly_cap_usd": 25}) for _ in range(4)]
    now = sending.clock()

    def work(number: int) -> int:
        worker, employer = SmsBudget({one.id: 3 for one in employers}), employers[number % 4]
        granted = 5 - len(worker.allow(employer, wanted(5, price="1", name=str(number)), now))
        if number % 3:
            worker.give_back()
        return granted

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(work, range(16)))
    known: Any = table.get(*sms_spend.deployment_key(now))
    assert 0 < granted * MICRO <= int(known.reserved) <= 40 * MICRO


# prices


def test_a_text_is_priced_by_its_country(sending: Any, monkeypatch: Any, text_costs: Any) -> None:
    """One price for all let a text abroad cost ten times what it counted for. What is not known counts for the most."""
    monkeypatch.setenv("HEARDBACK_SMS_PRICES", "FR=0.2")
    text_costs("0.01")
    employer = sending.new_employer(
        countries=[], policy={"sms_countries": ["US", "DE", "FR", "LV"], "candidate_window": EVERY_DAY}
    )
    prices = {
        "+12025560123": PRICES["US"],
        "+4915112345678": PRICES["DE"],
        "+33612345678": Decimal("0.2"),
        "+37120000000": Decimal("0.50"),
    }
    spent = Decimal(0)
    for number, price in prices.items():
        [one] = due_now(sending, employer, 1, phone=number, zone="America/New_York")
        sending.run()
        assert sending.statuses(one)[:1] == ["sent"], number
        spent += price
        assert Decimal(str(sms_spend.spent_usd(employer.id, sending.clock()))) == spent, number


def test_a_dear_text_is_held_back_where_a_cheap_one_still_fits(sending: Any, text_costs: Any) -> None:
    """The cap is money, not a number of texts."""
    text_costs("0.01")
    cap, zone = float(PRICES["US"] * 2), "America/New_York"
    employer = sending.new_employer(
        policy={"sms_monthly_cap_usd": cap, "sms_countries": ["US", "DE"], "candidate_window": EVERY_DAY}
    )
    [dear] = due_now(sending, employer, 1, phone="+4915112345678", zone=zone)
    [cheap] = due_now(sending, employer, 1, phone="+12025560123", zone=zone)
    sending.run()
    assert [one.reason for one in sending.messages(dear)] == ["the month's cap on what texts may cost is reached"]
    assert sending.statuses(cheap) == ["sent"]


def test_an_amount_that_fits_in_part_is_reserved_in_part(sending: Any) -> None:
    """And nothing where not even the least of it fits."""
    key, most, now = sms_spend.key_of("emp_1", sending.clock()), Amount(texts=5), sending.clock()
    assert sms_spend.reserve(key, Amount(texts=3), Amount(texts=1), most, now)[0] == Amount(texts=3)
    assert sms_spend.reserve(key, Amount(texts=3), Amount(texts=1), most, now)[0] == Amount(texts=2)
    assert sms_spend.reserve(key, Amount(texts=3), Amount(texts=1), most, now)[0] == Amount()
    assert sms_spend.reserve(key, Amount(mails=3), Amount(mails=1), Amount(mails=9), now)[0] == Amount(mails=3)
