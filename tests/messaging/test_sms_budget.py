"""Texts cost no more than an employer's monthly cap, and go to the countries of its policy only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.messaging import opt_outs
from chalicelib.messaging.message_list import shown_status
from chalicelib.messaging.sms_budget import BLOCK, SmsBudget, Wanted
from chalicelib.storage import sms_spend, table
from chalicelib.storage.sms_spend import MICRO, Amount, key_of, spent_usd
from tests.messaging.conftest import Sending

EVERY_DAY = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "21:00"}


def texts(*ids: str, price: str = "1") -> list[Wanted]:
    return [Wanted(one, "sms", int(Decimal(price) * MICRO)) for one in ids]


@pytest.fixture
def priced(sending: Any, text_costs: Any) -> Any:
    """A text counts for a dollar."""
    text_costs("1")
    return sending


def test_texts_stop_at_the_months_cap_and_go_on_with_the_next(priced: Any) -> None:
    """The bill is what was agreed. Candidates with an address get mail instead; other messages say why they were not sent."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 3, "candidate_window": EVERY_DAY})
    texted = [priced.interviewed(employer) for _ in range(5)]
    priced.clock.advance(hours=48)
    priced.run()
    waiting = [one for application in texted for one in priced.messages(application) if one.status != "sent"]
    assert [shown_status(one) for one in waiting] == ["queued"] * 2  # until it is clear whether others needed the rest
    both = priced.interviewed(employer, phone="+12025560999", email="sam@example.com", ended=priced.clock() - timedelta(hours=48))
    priced.clock.advance(minutes=2)
    priced.run()
    outcomes = [(one.status, one.reason) for application in texted for one in priced.messages(application)]
    assert outcomes.count(("sent", None)) == 3
    assert outcomes.count(("suppressed", "the month's cap on what texts may cost is reached")) == 2
    assert [(one.channel, one.status) for one in priced.messages(both)] == [("email", "sent")]
    assert spent_usd(employer.id, priced.clock()) == 3.0
    priced.clock.advance(days=30)
    again = priced.interviewed(employer, ended=priced.clock() - timedelta(hours=48))
    priced.run()
    assert priced.statuses(again) == ["sent"]


def test_a_cap_that_is_raised_pays_for_the_next_text(priced: Any) -> None:
    """An employer who raises the cap need not wait for the next month."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 0})
    early, late = (priced.interviewed(employer) for _ in range(2))
    priced.clock.advance(hours=48)
    priced.deliver(early.key)
    assert (priced.statuses(early), spent_usd(employer.id, priced.clock())) == (["suppressed"], 0)
    priced.change_employer(employer, policy={"sms_monthly_cap_usd": 5})
    priced.deliver(late.key)
    assert priced.statuses(late) == ["sent"]


def test_unused_money_is_given_back(priced: Any) -> None:
    """Of a block for three texts, one is sent, one is opted out and one refused."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 500}, limits={"sms_monthly_cap_usd": 500})
    sent, out, refused = (priced.interviewed(employer) for _ in range(3))
    opt_outs.opt_out([("sms", out.phone)], "link", priced.clock())
    priced.clock.advance(hours=48)
    priced.faults.answer("Publish", 400, "InvalidParameter", where=refused.phone[1:])
    priced.deliver(refused.key, sent.key, out.key)
    assert sorted(status for one in (sent, out, refused) for status in priced.statuses(one)) == ["failed", "sent", "suppressed"]
    assert spent_usd(employer.id, priced.clock()) == 1.0


def test_a_text_with_an_unknown_outcome_counts_as_spent(priced: Any) -> None:
    """The provider may have taken it, and then bills it."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 500}, limits={"sms_monthly_cap_usd": 500})
    application = priced.interviewed(employer)
    priced.clock.advance(hours=48)
    priced.faults.lose_response("Publish")
    priced.deliver(application.key)
    assert (priced.statuses(application), spent_usd(employer.id, priced.clock())) == (["unknown"], 1.0)


def test_a_worker_reserves_for_its_own_records_only(priced: Any) -> None:
    """The block of a worker that dies is lost to the month, so it is no larger than needed."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 10_000}, limits={"sms_monthly_cap_usd": 10_000})
    assert SmsBudget({employer.id: 3}).allow(employer, texts("a"), priced.clock()) == {}
    assert spent_usd(employer.id, priced.clock()) == 3.0
    assert SmsBudget({employer.id: 900}).allow(employer, texts("b"), priced.clock()) == {}
    assert spent_usd(employer.id, priced.clock()) == 3.0 + BLOCK


def test_what_cannot_be_counted_waits_a_minute(priced: Any) -> None:
    """A slow table must neither raise a bill nor pass the operator's limits of a day."""
    employer = priced.new_employer()
    texted, mailed = priced.interviewed(employer), priced.interviewed(employer, email="sam@example.com")
    priced.clock.advance(hours=48)
    priced.faults.answer("TransactWriteItems", 500, "InternalServerError", times=6, where="SPEND#")
    priced.deliver(texted.key, mailed.key)
    assert (priced.statuses(texted), priced.statuses(mailed)) == (["retrying"], ["retrying"])
    priced.clock.advance(minutes=1)
    priced.run()
    assert (priced.statuses(texted), priced.statuses(mailed)) == (["sent"], ["sent"])


def test_the_employer_is_told_that_the_cap_is_reached(api: Any, stack: Any, text_costs: Any) -> None:
    """The API and the digest warn until the month is over: texts must not stop unnoticed."""
    text_costs("1")
    employer = api.new_employer(
        policy={"sms_monthly_cap_usd": 2, "digest_days": EVERY_DAY["days"]},
        trial=False,
        call_back_phone="+12025550100",
        digest_to=["hiring@example.com"],
    )
    employer_id = employer.get("/v1/employer").json["id"]
    two = Amount(2 * MICRO, texts=2)
    sms_spend.reserve(key_of(employer_id, stack.clock()), two, two, two, stack.clock())
    [warning] = employer.get("/v1/employer").json["warnings"]
    assert warning["code"] == "sms_cap_reached" and "($2.00)" in warning["detail"]
    end = stack.clock() - timedelta(hours=50)
    employer.post(
        "/v1/interviews",
        {
            "application": {"candidate": {"name": "Sam Sample", "email": "sam@example.com"}, "job_title": "Cook"},
            "stage": "screen",
            "start_at": (end - timedelta(hours=1)).isoformat(),
            "end_at": end.isoformat(),
        },
    )
    stack.clock.advance(days=1)
    Sending.run(Sending(stack))
    assert "candidates with an email address get an email instead" in stack.outbox.to("hiring@example.com")[-1]["body"]
    raised = employer.patch("/v1/employer", {"policy": {"sms_monthly_cap_usd": 3}}).json
    assert raised["warnings"] == []
    employer.patch("/v1/employer", {"policy": {"sms_monthly_cap_usd": 2}})
    stack.clock.advance(days=31)
    assert employer.get("/v1/employer").json["warnings"] == []


def test_many_workers_at_once_never_spend_more_than_the_cap(sending: Any) -> None:
    """Each worker holds a block of its own, and the table adds them up."""
    employer = sending.new_employer(policy={"sms_monthly_cap_usd": 100})
    now = sending.clock()

    def work(number: int) -> int:
        budget = SmsBudget({employer.id: 40})
        wanted = [texts(*(f"{number} {turn} {one}" for one in range(1 + number % 7)), price="0.75") for turn in range(10)]
        granted = sum(len(some) - len(budget.allow(employer, some, now)) for some in wanted)
        if number % 3:
            budget.give_back()  # the others die
        return granted

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(work, range(16)))
    known: Any = table.get(*key_of(employer.id, now))
    assert granted * Decimal("0.75") <= Decimal(int(known.reserved)) / 1_000_000 <= 100
    assert SmsBudget().allow(employer, texts("without", "price", price="0"), now) == {}


def test_a_number_abroad_gets_mail_or_says_why_not(sending: Any) -> None:
    """A text abroad costs ten times as much, and other laws apply there."""
    with_mail = sending.interviewed(phone="+447400123456", email="sam@example.co.uk", zone="America/New_York")
    without = sending.interviewed(phone="+447400123457", zone="America/New_York")
    sending.clock.advance(hours=48)
    sending.run()
    assert [(one.channel, one.status) for one in sending.messages(with_mail)] == [("email", "sent")]
    [message] = sending.messages(without)
    assert (message.status, message.reason) == ("suppressed", "no texts to GB: the policy's sms_countries do not name it")
