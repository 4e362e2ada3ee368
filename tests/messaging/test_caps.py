"""Manners and money: nobody is written to too often, no month costs more than was agreed, no country by surprise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.contacts import service as contacts
from chalicelib.jobs import scheduler
from chalicelib.messaging import frequency_cap, opt_outs
from chalicelib.messaging.message_list import shown_status
from chalicelib.messaging.sms_budget import BLOCK, SmsBudget
from chalicelib.storage import recipients, sms_spend, table
from chalicelib.storage.sms_spend import MICRO, key_of, spent_usd
from tests.engines import Crash
from tests.messaging.conftest import Sending

PHONE = "+12025560555"
EVERY_DAY = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "21:00"}


@pytest.fixture
def priced(sending: Any, text_costs: Any) -> Any:
    """Texts are reckoned at a dollar."""
    text_costs("1")
    return sending


def _given(number: int) -> dict[str, str]:
    """One person, of whom some employers know the number only and others the address as well."""
    return {"phone": PHONE, **({"email": "sam@example.com"} if number % 2 else {})}


def test_a_person_gets_three_messages_a_week_from_all_employers_together(sending: Any) -> None:
    """Five employers do not know of each other; the person knows all five. All are due in the same minute."""
    applications = [sending.interviewed(sending.new_employer(name=f"Employer {number}"), **_given(number)) for number in range(5)]
    sending.clock.advance(hours=48)
    sending.run()
    fates = [(one.status, one.reason) for application in applications for one in sending.messages(application)]
    assert len(sending.outbox) == fates.count(("sent", None)) == 3
    assert fates.count(("suppressed", frequency_cap.TOO_OFTEN)) == 2


def test_a_week_later_there_is_room_again(sending: Any) -> None:
    """The bound is three, not fewer, and for a week, not for ever. Who was held back gets their second nudge."""
    applications = [sending.interviewed(sending.new_employer(), **_given(number)) for number in range(5)]
    sending.clock.advance(hours=48)
    for application in applications:
        sending.deliver(application.key)
    assert [sending.statuses(one)[0] for one in applications] == ["sent"] * 3 + ["suppressed"] * 2
    sending.clock.advance(days=7, minutes=1)
    late = sending.interviewed(sending.new_employer(), phone=PHONE, ended=sending.clock() - timedelta(hours=48))
    sending.deliver(late.key)
    assert sending.statuses(late) == ["sent"]


def test_what_was_sent_while_nobody_else_knew_the_person_counts(sending: Any) -> None:
    """A first employer's nudges cost no note; when a second employer comes, they are remembered all the same."""
    first = sending.interviewed(sending.new_employer(policy={"second_nudge_days": 1, "candidate_window": EVERY_DAY}), phone=PHONE)
    sending.clock.advance(hours=48)
    sending.deliver(first.key)
    sending.clock.advance(days=1)
    sending.deliver(first.key)
    assert sending.statuses(first) == ["sent", "sent"]
    ended = sending.clock() - timedelta(hours=48)
    later = [sending.interviewed(sending.new_employer(), phone=PHONE, ended=ended) for _ in range(2)]
    sending.deliver(*[one.key for one in later])
    assert sorted(sending.statuses(later[0]) + sending.statuses(later[1])) == ["sent", "suppressed"]


def test_a_text_to_one_address_counts_for_mail_to_the_other(sending: Any) -> None:
    """The first employer knows number and address and texts; the second knows the address only, and is told of the texts."""
    employer = sending.new_employer(policy={"second_nudge_days": 1, "candidate_window": EVERY_DAY})
    first = sending.interviewed(employer, phone=PHONE, email="sam@example.com")
    sending.clock.advance(hours=48)
    sending.deliver(first.key)
    sending.clock.advance(days=1)
    sending.deliver(first.key)
    ended = sending.clock() - timedelta(hours=48)
    later = [sending.interviewed(sending.new_employer(), email="sam@example.com", ended=ended) for _ in range(2)]
    for one in later:
        sending.deliver(one.key)
    assert [sending.statuses(one) for one in later] == [["sent"], ["suppressed"]]


def test_messages_noted_at_an_address_count_for_a_person_with_one_application(sending: Any) -> None:
    """Three notices of one employer fill the week: the nudge after them is one too many."""
    application = sending.interviewed(phone=PHONE)
    sending.clock.advance(hours=48)
    key = recipients.key_of("sms", PHONE)
    at = table.stored_instant(sending.clock() - timedelta(days=1))
    recipients.write_notes(table.get_many([key]), {key: [[f"msg_{number}", at] for number in range(3)]})  # type: ignore[arg-type]
    sending.deliver(application.key)
    assert [(one.status, one.reason) for one in sending.messages(application)] == [("suppressed", frequency_cap.TOO_OFTEN)]


def test_a_message_that_is_not_noted_yet_holds_up_nobody(sending: Any) -> None:
    """Two workers with a message each to one person: were both held by the other's, neither would be sent."""
    often = sending.new_employer(policy={"second_nudge_days": 1, "candidate_window": EVERY_DAY})
    first = sending.interviewed(often, phone=PHONE)
    other = sending.new_employer(policy={"candidate_window": EVERY_DAY})
    second = sending.interviewed(other, email="sam@example.com", ended=sending.clock() + timedelta(days=1))
    sending.clock.advance(hours=48)
    sending.deliver(first.key)
    sending.clock.advance(days=1)
    sending.deliver(first.key)
    assert sending.statuses(first) == ["sent", "sent"]
    candidates.change(other, second.candidate_id, {"phone": PHONE}, sending.clock(), lambda _: None)
    sending.faults.crash_before("BatchGetItem", where="OPT#")
    with pytest.raises(Crash):
        sending.deliver(second.key)  # claimed, and its worker died before the note
    assert sending.statuses(second) == ["sending"]
    third = sending.interviewed(sending.new_employer(), phone=PHONE, ended=sending.clock() - timedelta(hours=48))
    sending.deliver(third.key)
    assert sending.statuses(third) == ["sent"]


def test_waits_of_one_application_are_counted_together(sending: Any) -> None:
    """An employer who says "not yet, tomorrow" every day does not get a nudge for each of its promises."""
    employer = sending.new_employer(policy={"candidate_window": EVERY_DAY})
    application = sending.interviewed(employer, phone=PHONE)
    sending.clock.advance(hours=48)
    for _ in range(4):
        sending.deliver(application.key)
        told = {"channel": "call", "outcome": "reached", "next_word_by": sending.clock() + timedelta(hours=23)}
        contacts.log_contact(employer, application.id, told, sending.clock())
        sending.clock.advance(days=1)
    assert sending.statuses(application) == ["sent", "sent", "sent", "suppressed"]


def test_what_the_provider_refused_does_not_count(sending: Any) -> None:
    """Nobody was written to. The same message tried again is not two either."""
    applications = [sending.interviewed(sending.new_employer(), phone=PHONE) for _ in range(4)]
    sending.clock.advance(hours=48)
    sending.faults.throttle("Publish", "Throttling", times=2)
    sending.deliver(*[one.key for one in applications[:2]])
    assert [sending.statuses(one) for one in applications[:2]] == [["retrying"], ["retrying"]]
    sending.clock.advance(minutes=2)
    sending.run()
    assert sorted(status for one in applications for status in sending.statuses(one)) == ["sent"] * 3 + ["suppressed"]


def test_many_workers_at_once_write_to_a_person_three_times(sending: Any) -> None:
    """Each sees the others' notes, or loses to them and looks again."""
    applications = [sending.interviewed(sending.new_employer(), **_given(number)) for number in range(8)]
    sending.clock.advance(hours=48)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: sending.deliver(one.key), applications))
    assert len(sending.outbox) == 3
    sending.clock.advance(minutes=2)
    sending.run()
    assert len(sending.outbox) == 3
    assert sorted(sending.statuses(one)[0] for one in applications) == ["sent"] * 3 + ["suppressed"] * 5


def test_texts_stop_at_the_months_cap_and_go_on_with_the_next(priced: Any) -> None:
    """The bill is what was agreed; who has an address gets a mail instead; and each that was not sent says why."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 3, "candidate_window": EVERY_DAY})
    texted = [priced.interviewed(employer) for _ in range(5)]
    priced.clock.advance(hours=48)
    priced.run()
    waiting = [one for application in texted for one in priced.messages(application) if one.status != "sent"]
    assert [shown_status(one) for one in waiting] == ["queued"] * 2  # until it is clear whether others needed the rest
    both = priced.interviewed(employer, phone="+12025560999", email="sam@example.com", ended=priced.clock() - timedelta(hours=48))
    priced.clock.advance(minutes=2)
    priced.run()
    fates = [(one.status, one.reason) for application in texted for one in priced.messages(application)]
    assert fates.count(("sent", None)) == 3
    assert fates.count(("suppressed", "the month's cap on what texts may cost is reached")) == 2
    assert [(one.channel, one.status) for one in priced.messages(both)] == [("email", "sent")]
    assert spent_usd(employer.id, priced.clock()) == 3.0
    priced.clock.advance(days=30)
    again = priced.interviewed(employer, ended=priced.clock() - timedelta(hours=48))
    priced.run()
    assert priced.statuses(again) == ["sent"]


def test_a_cap_that_is_raised_pays_for_the_next_text(priced: Any) -> None:
    """Whoever hears of the cap from us and raises it need not wait for the month's end."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 0})
    early, late = (priced.interviewed(employer) for _ in range(2))
    priced.clock.advance(hours=48)
    priced.deliver(early.key)
    assert (priced.statuses(early), spent_usd(employer.id, priced.clock())) == (["suppressed"], 0)
    priced.change_employer(employer, policy={"sms_monthly_cap_usd": 5})
    priced.deliver(late.key)
    assert priced.statuses(late) == ["sent"]


def test_what_a_worker_reserved_and_did_not_use_is_given_back(priced: Any) -> None:
    """Blocks are for saving requests, not money: of a block for three, one is used, one opted out and one refused."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 500})
    sent, out, refused = (priced.interviewed(employer) for _ in range(3))
    opt_outs.opt_out([("sms", out.phone)], "link", priced.clock())
    priced.clock.advance(hours=48)
    priced.faults.answer("Publish", 400, "InvalidParameter", where=refused.phone[1:])
    priced.deliver(refused.key, sent.key, out.key)
    assert sorted(status for one in (sent, out, refused) for status in priced.statuses(one)) == ["failed", "sent", "suppressed"]
    assert spent_usd(employer.id, priced.clock()) == 1.0


def test_a_text_of_which_nobody_knows_whether_it_went_is_reckoned(priced: Any) -> None:
    """The provider may have taken it, and will bill it then."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 500})
    application = priced.interviewed(employer)
    priced.clock.advance(hours=48)
    priced.faults.lose_response("Publish")
    priced.deliver(application.key)
    assert (priced.statuses(application), spent_usd(employer.id, priced.clock())) == (["unknown"], 1.0)


def test_a_worker_reserves_for_its_own_records_only(priced: Any) -> None:
    """When it dies, its block is lost to the month: so it is no larger than what it had to send."""
    employer = priced.new_employer(policy={"sms_monthly_cap_usd": 10_000})
    assert len(SmsBudget(Decimal(1), {employer.id: 3}).allow(employer, ["a"], priced.clock())) == 1
    assert spent_usd(employer.id, priced.clock()) == 3.0
    assert len(SmsBudget(Decimal(1), {employer.id: 900}).allow(employer, ["b"], priced.clock())) == 1
    assert spent_usd(employer.id, priced.clock()) == 3.0 + BLOCK


def test_when_spending_cannot_be_read_texts_wait_and_mails_go(priced: Any) -> None:
    """A slow table neither lets a bill grow nor holds up what costs nothing."""
    employer = priced.new_employer()
    texted, mailed = priced.interviewed(employer), priced.interviewed(employer, email="sam@example.com")
    priced.clock.advance(hours=48)
    priced.faults.answer("TransactWriteItems", 500, "InternalServerError", times=9, where="SPEND#")
    priced.deliver(texted.key, mailed.key)
    assert (priced.statuses(texted), priced.statuses(mailed)) == (["retrying"], ["sent"])


def test_the_employer_is_told_that_the_cap_is_reached(api: Any, stack: Any, text_costs: Any) -> None:
    """Texts that quietly stop would be worse than a bill: the API warns, and so does the digest, until the month is over."""
    text_costs("1")
    employer = api.new_employer(
        policy={"sms_monthly_cap_usd": 2, "digest_days": EVERY_DAY["days"]},
        trial=False,
        call_back_phone="+12025550100",
        digest_to=["hiring@example.com"],
    )
    employer_id = employer.get("/v1/employer").json["id"]
    sms_spend.reserve(key_of(employer_id, stack.clock()), 2, MICRO, 2 * MICRO)
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
    assert "candidates with an email address get a mail instead of a text" in stack.outbox.to("hiring@example.com")[-1]["body"]
    raised = employer.patch("/v1/employer", {"policy": {"sms_monthly_cap_usd": 3}}).json
    assert raised["warnings"] == []
    employer.patch("/v1/employer", {"policy": {"sms_monthly_cap_usd": 2}})
    stack.clock.advance(days=31)
    assert employer.get("/v1/employer").json["warnings"] == []


def test_many_workers_at_once_never_spend_more_than_the_cap(sending: Any) -> None:
    """Each holds a block of its own, and the table adds them up."""
    employer = sending.new_employer(policy={"sms_monthly_cap_usd": 100})
    now = sending.clock()

    def work(number: int) -> int:
        purse = SmsBudget(Decimal("0.75"), {employer.id: 40})
        texts = [[f"{number} {turn} {one}" for one in range(1 + number % 7)] for turn in range(10)]
        granted = sum(len(purse.allow(employer, some, now)) for some in texts)
        if number % 3:
            purse.give_back()  # the others die
        return granted

    with ThreadPoolExecutor(8) as pool:
        granted = sum(pool.map(work, range(16)))
    known: Any = table.get(*key_of(employer.id, now))
    assert granted * Decimal("0.75") <= Decimal(int(known.reserved)) / 1_000_000 <= 100
    assert SmsBudget(Decimal(0)).allow(employer, ["without", "reckoning"], now) == {"without", "reckoning"}


def test_a_number_abroad_gets_a_mail_or_says_why_not(sending: Any) -> None:
    """A text abroad costs ten times as much, and other laws hold there."""
    with_mail = sending.interviewed(phone="+447400123456", email="sam@example.co.uk", zone="America/New_York")
    without = sending.interviewed(phone="+447400123457", zone="America/New_York")
    sending.clock.advance(hours=48)
    sending.run()
    assert [(one.channel, one.status) for one in sending.messages(with_mail)] == [("email", "sent")]
    [message] = sending.messages(without)
    assert (message.status, message.reason) == ("suppressed", "no texts to GB: the policy's sms_countries do not name it")


def test_an_address_that_is_only_known_is_not_opted_out(sending: Any) -> None:
    """How many applications share it lies on the same item: its being there says nothing."""
    sending.interviewed(phone=PHONE)
    sending.interviewed(sending.new_employer(), phone=PHONE)
    assert recipients.opted_out([("sms", PHONE)]) == set()
    assert opt_outs.opt_out([("sms", PHONE)], "link", sending.clock())
    assert recipients.opted_out([("sms", PHONE)]) == {("sms", PHONE)}


def test_one_reminder_is_queued_beside_a_flood_that_is_queued_already() -> None:
    """A hundred thousand of one employer do not delay another's one."""
    flood = [(f"EMP#big#CASE#{number:06}", "APP") for number in range(100_000)]
    order = scheduler.round_robin([*flood[:1000], ("EMP#small#CASE#1", "APP"), *flood[1000:]])
    for depth in (0, 1, 5_000):
        queued = scheduler.next_of(order, depth, 600)
        assert ("EMP#small#CASE#1", "APP") in queued[:2] and len(queued) == 600
    assert scheduler.next_of(order, 200_000, 600) == []
