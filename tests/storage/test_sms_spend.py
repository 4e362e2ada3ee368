"""What a month's item says is used, and how much is reserved under a ceiling: to the last text, mail and millionth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import config
from chalicelib.errors import Unavailable
from chalicelib.rules.employer import Employer
from chalicelib.storage import sms_spend
from chalicelib.storage.sms_spend import Amount, SpendItem

NOW = datetime(2026, 6, 2, 14, tzinfo=UTC)
TODAY, TOMORROW = "2026-06-02", "2026-06-03"
KEY = ("EMP#emp_one#SPEND", "SPEND#2026-06")
MOST = Amount(1_000, 10, 20)


@pytest.fixture
def prices(empty_table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """prices(HEARDBACK_SMS_PRICE_USD="0.02") sets what texts cost."""

    def set_to(**names: str) -> None:
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        config.forget()

    yield set_to
    monkeypatch.undo()
    config.forget()


def used(**fields: Any) -> SpendItem:
    return SpendItem(*KEY, **fields)


def stored(table: Any, key: tuple[str, str] = KEY) -> tuple[Any, ...] | None:
    item = table.get(*key)
    return item and tuple(getattr(item, name) for name in ("reserved", "texts", "mails", "day", "rev"))


def test_amounts_are_compared_part_by_part() -> None:
    one, other = Amount(5, 2, 9), Amount(3, 4, 9)
    assert (one + other, one - other) == (Amount(8, 6, 18), Amount(2, -2, 0))
    assert one.at_most(other) == Amount(3, 2, 9) and one.at_least(other) == Amount(5, 4, 9)
    assert Amount(-1, -1, -1).at_most(other) == Amount(0, 0, 0) and Amount(5, 5, 5).at_most(Amount(-1, 5, -9)) == Amount(0, 5, 0)
    assert Amount(3, 2, 1).covers(Amount(3, 2, 1))
    assert [Amount(3, 2, 1).covers(more) for more in (Amount(4, 2, 1), Amount(3, 3, 1), Amount(3, 2, 2))] == [False] * 3
    assert [bool(some) for some in (Amount(), Amount(1), Amount(0, 1), Amount(0, 0, 1))] == [False, True, True, True]


def test_a_months_item_is_the_employers_or_the_deployments(prices: Any) -> None:
    """Where texts cost nothing, none is read."""
    assert sms_spend.key_of("emp_one", NOW) == KEY
    assert sms_spend.deployment_key(NOW) == ("DEPLOYMENT#SPEND", "SPEND#2026-06")
    prices(HEARDBACK_SMS_PRICE_USD="0.02", HEARDBACK_SMS_MONTHLY_BUDGET_USD="7.5")
    assert sms_spend.keys_of("emp_one", NOW) == [KEY] and sms_spend.keys_of(None, NOW) == []
    assert sms_spend.deployment_cap() == 7_500_000
    prices(HEARDBACK_SMS_MONTHLY_BUDGET_USD="0")
    assert sms_spend.deployment_cap() is None
    prices(HEARDBACK_SMS_PRICE_USD="0", HEARDBACK_SMS_MONTHLY_BUDGET_USD="7.5")
    assert sms_spend.keys_of("emp_one", NOW) == [] and sms_spend.deployment_cap() is None


def test_the_cap_is_reached_where_not_one_text_more_fits(prices: Any) -> None:
    """The cheapest of the employer's countries decides."""
    prices(HEARDBACK_SMS_PRICE_USD="0.02", HEARDBACK_SMS_PRICES="US=0.5,FR=0.25")
    employer = Employer("emp_one", "A", "UTC")
    object.__setattr__(employer.policy, "sms_countries", ("US", "FR"))
    object.__setattr__(employer.policy, "sms_monthly_cap_usd", 3)
    assert sms_spend.cap_of(employer) == 3_000_000
    reached = [sms_spend.is_reached(used(reserved=2_750_000 + more), employer) for more in (-1, 0, 1)]
    assert reached == [False, False, True] and not sms_spend.is_reached(None, employer)


def test_a_day_counts_for_itself_and_a_faster_clock_has_begun_the_next() -> None:
    known = used(reserved=5, texts=2, mails=3, day=TOMORROW)
    assert [sms_spend.counted_day(item, NOW) for item in (None, used(reserved=5), used(day="2026-06-01"), known)] == [
        TODAY,
        TODAY,
        TODAY,
        TOMORROW,
    ]
    assert sms_spend.used(known, TOMORROW) == Amount(5, 2, 3) and sms_spend.used(known, TODAY) == Amount(5)
    assert sms_spend.used(used(reserved=5, day=TODAY), TODAY) == Amount(5) and sms_spend.used(None, TODAY) == Amount()


def test_what_is_reserved_is_added_up_to_the_ceiling(empty_table: Any) -> None:
    """Up to what is wanted, as long as the least fits; at the ceiling nothing more."""
    reserve = sms_spend.reserve
    assert reserve(KEY, Amount(600, 4, 0), Amount(100, 1), MOST, NOW) == (Amount(600, 4), TODAY)
    assert stored(empty_table) == (600, 4, 0, TODAY, 1)
    assert reserve(KEY, Amount(600, 4, 0), Amount(401, 1), MOST, NOW) == (Amount(), TODAY)
    assert reserve(KEY, Amount(600, 4, 0), Amount(400, 1), MOST, NOW) == (Amount(400, 4), TODAY)
    assert stored(empty_table) == (1_000, 8, 0, TODAY, 2)
    assert reserve(KEY, Amount(1, 1), Amount(1, 1), MOST, NOW) == (Amount(), TODAY)
    assert reserve(KEY, Amount(0, 0, 30), Amount(0, 0, 1), MOST, NOW) == (Amount(0, 0, 20), TODAY)
    assert reserve(KEY, Amount(0, 5, 1), Amount(0, 1), MOST, NOW) == (Amount(0, 2), TODAY)
    assert stored(empty_table) == (1_000, 10, 20, TODAY, 4)


def test_the_next_day_counts_anew_and_the_months_money_goes_on(empty_table: Any) -> None:
    later = NOW + timedelta(days=1)
    sms_spend.reserve(KEY, Amount(600, 10, 5), Amount(600, 10, 5), MOST, NOW)
    assert sms_spend.reserve(KEY, Amount(600, 3), Amount(1, 1), MOST, later) == (Amount(400, 3), TOMORROW)
    assert stored(empty_table) == (1_000, 3, 0, TOMORROW, 2)
    assert sms_spend.reserve(KEY, Amount(0, 8), Amount(0, 1), MOST, NOW) == (Amount(0, 7), TOMORROW), "a slow clock"
    sms_spend.give_back(KEY, Amount(100, 5, 0), TODAY)
    assert stored(empty_table) == (900, 10, 0, TOMORROW, 4), "yesterday's texts make no room today"
    sms_spend.give_back(KEY, Amount(0, 5, 0), TODAY)
    assert stored(empty_table) == (900, 10, 0, TOMORROW, 4)
    sms_spend.give_back(KEY, Amount(100, 5, 0), TOMORROW)
    assert stored(empty_table) == (800, 5, 0, TOMORROW, 5)
    assert sms_spend.spent_usd("emp_one", NOW) == 0.0008
    assert sms_spend.spent_usd("emp_two", NOW) == sms_spend.spent_usd("emp_one", NOW + timedelta(days=40)) == 0.0


def test_money_alone_has_no_day(empty_table: Any) -> None:
    """The deployment's item counts money alone."""
    key = sms_spend.deployment_key(NOW)
    assert sms_spend.reserve(key, Amount(70), Amount(10), Amount(100), NOW)[0] == Amount(70)
    assert sms_spend.reserve(key, Amount(70), Amount(10), Amount(100), NOW)[0] == Amount(30)
    assert sms_spend.reserve(key, Amount(70), Amount(10), Amount(100), NOW)[0] == Amount()
    assert stored(empty_table, key) == (100, None, None, None, 2)
    sms_spend.give_back(("EMP#nobody#SPEND", "SPEND#2026-06"), Amount(1), TODAY)
    assert stored(empty_table, ("EMP#nobody#SPEND", "SPEND#2026-06")) is None


@pytest.mark.parametrize(
    ("known", "gets"),
    [
        (None, Amount(400, 4)),
        (Amount(600, 4), Amount(400, 4)),
        (Amount(100, 0), Amount(400, 4)),
        (Amount(1_000, 10), Amount(400, 4)),
    ],
)
def test_what_was_read_earlier_is_read_anew_where_it_is_wrong(empty_table: Any, known: Amount | None, gets: Amount) -> None:
    """A worker may know of nothing, of too little or of too much."""
    sms_spend.reserve(KEY, Amount(600, 4), Amount(600, 4), MOST, NOW)
    item = (
        None
        if known is None
        else used(reserved=known.micro, texts=known.texts, mails=0, day=TODAY, rev=7 if known.micro == 1_000 else 1)
    )
    assert sms_spend.reserve(KEY, Amount(400, 4), Amount(400, 4), MOST, NOW, item) == (gets, TODAY)
    assert stored(empty_table) == (1_000, 8, 0, TODAY, 2)


def test_the_ceiling_holds_against_what_others_reserved_meanwhile(empty_table: Any) -> None:
    """A worker that read the item before them gets nothing where its least no longer fits."""
    key = sms_spend.deployment_key(NOW)
    sms_spend.reserve(key, Amount(70), Amount(70), Amount(100), NOW)
    before = SpendItem(*key, reserved=0, rev=1)
    assert sms_spend.reserve(key, Amount(50), Amount(50), Amount(100), NOW, before) == (Amount(), TODAY)
    assert sms_spend.reserve(key, Amount(50), Amount(30), Amount(100), NOW, before) == (Amount(30), TODAY)
    sms_spend.reserve(KEY, Amount(600, 6, 12), Amount(600, 6, 12), MOST, NOW)
    for wanted in (Amount(500, 1, 0), Amount(1, 5, 0), Amount(0, 0, 9)):
        nothing = used(reserved=0, texts=0, mails=0, day=TODAY, rev=1)
        assert sms_spend.reserve(KEY, wanted, wanted, MOST, NOW, nothing) == (Amount(), TODAY)
    assert stored(empty_table) == (600, 6, 12, TODAY, 1)


def test_texts_that_cost_nothing_reach_no_cap(prices: Any) -> None:
    """As on one machine, also where an item of a deployment that paid says more than the cap."""
    prices(HEARDBACK_SMS_PRICE_USD="0")
    assert not sms_spend.is_reached(used(reserved=10**9), Employer("emp_one", "A", "UTC"))


def others_write(faults: Any, times: int) -> None:
    """So many times another worker is first: it counts a text of the day before."""

    def write() -> None:
        actions = [SpendItem.reserved.add(1), SpendItem.texts.add(1), SpendItem.rev.add(1), SpendItem.day.set("2026-06-01")]
        SpendItem(*KEY).update(actions)

    faults.before("TransactWriteItems", write, times=times)


@pytest.mark.parametrize(("times", "gets"), [(5, Amount(600, 4)), (6, Amount())])
def test_money_is_asked_for_six_times_where_others_are_first(faults: Any, empty_table: Any, times: int, gets: Amount) -> None:
    others_write(faults, times)
    assert sms_spend.reserve(KEY, Amount(600, 4), Amount(600, 4), MOST, NOW) == (gets, TODAY)
    assert empty_table.get(*KEY).reserved == times + gets.micro


@pytest.mark.parametrize(("times", "left"), [(5, 605), (6, 1_006)])
def test_money_is_given_back_in_six_tries(faults: Any, empty_table: Any, times: int, left: int) -> None:
    """What cannot be given back counts as used, and its worker is told."""
    sms_spend.reserve(KEY, Amount(1_000), Amount(1_000), MOST, NOW)
    others_write(faults, times)
    if times == 6:
        with pytest.raises(Unavailable):
            sms_spend.give_back(KEY, Amount(400), TODAY)
    else:
        sms_spend.give_back(KEY, Amount(400), TODAY)
    assert empty_table.get(*KEY).reserved == left
