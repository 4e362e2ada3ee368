"""One person gets three messages in seven days from all employers together; each employer keeps one of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.contacts import service as contacts
from chalicelib.messaging import frequency_cap, opt_outs
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.plans import Draft
from chalicelib.rules.model import Message
from chalicelib.storage import recipients, table
from chalicelib.storage.recipients import Address
from tests.engines import Crash

PHONE = "+12025560555"
EVERY_DAY = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "21:00"}


def _given(number: int) -> dict[str, str]:
    """One person: some employers know only the number, others the email address too."""
    return {"phone": PHONE, **({"email": "sam@example.com"} if number % 2 else {})}


def test_a_person_gets_three_messages_a_week_from_all_employers_together(sending: Any) -> None:
    """Two of one employer and three of another, all due in the same minute: the first three go out, and one each at least."""
    employers = [sending.new_employer(name=f"Employer {number}") for number in range(2)]
    applications = [sending.interviewed(employers[number % 2], phone=PHONE) for number in range(5)]
    sending.clock.advance(hours=48)
    sending.run()
    outcomes = [(one.status, one.reason) for application in applications for one in sending.messages(application)]
    sent = outcomes.count(("sent", None))
    assert len(sending.outbox) == sent and sent in (3, 4), "four where the last one is an employer's only one"
    assert outcomes.count(("suppressed", frequency_cap.TOO_OFTEN)) == 5 - sent


def test_each_employer_keeps_one_message_a_week_of_its_own(sending: Any) -> None:
    """Others have used up the three. What an employer is told of that says nothing of them."""
    employers = [sending.new_employer(name=f"Employer {number}") for number in range(5)]
    applications = [sending.interviewed(employer, **_given(number)) for number, employer in enumerate(employers)]
    sending.clock.advance(hours=48)
    sending.run()
    assert [sending.statuses(one) for one in applications] == [["sent"]] * 5
    ended = sending.clock() - timedelta(hours=48)
    again = [sending.interviewed(employer, phone=PHONE, ended=ended) for employer in employers]
    sending.run()
    assert {(one.status, one.reason) for application in again for one in sending.messages(application)} == {
        ("suppressed", "frequency cap")
    }
    sending.clock.advance(days=7, minutes=1)
    last = sending.interviewed(employers[0], phone=PHONE, ended=sending.clock() - timedelta(hours=48))
    sending.deliver(last.key)
    assert sending.statuses(last) == ["sent"]


def test_notes_of_older_code_count_for_no_employer(sending: Any) -> None:
    """Both kinds of notes stand beside each other for a week."""
    first, second = (sending.interviewed(phone=PHONE) for _ in range(2))
    sending.clock.advance(hours=48)
    key = recipients.key_of("sms", PHONE)
    at = table.stored_instant(sending.clock() - timedelta(days=1))
    recipients.write_notes(table.get_many([key]), {key: [[f"msg_{number}", at] for number in range(3)]})  # type: ignore[arg-type]
    sending.deliver(first.key)
    sending.deliver(second.key)
    assert [sending.statuses(one) for one in (first, second)] == [["sent"], ["suppressed"]]


def test_after_seven_days_the_next_message_is_sent(sending: Any) -> None:
    """The cap is three, not fewer, and for a week, not for ever."""
    applications = [sending.interviewed(phone=PHONE) for _ in range(5)]
    sending.clock.advance(hours=48)
    for application in applications:
        sending.deliver(application.key)
    assert [sending.statuses(one)[0] for one in applications] == ["sent"] * 3 + ["suppressed"] * 2
    sending.clock.advance(days=7, minutes=1)
    late = sending.interviewed(sending.new_employer(), phone=PHONE, ended=sending.clock() - timedelta(hours=48))
    sending.deliver(late.key)
    assert sending.statuses(late) == ["sent"]


def test_messages_about_the_only_application_count_later(sending: Any) -> None:
    """The nudges of a first employer are not noted; when a second one comes, they count all the same."""
    first = sending.interviewed(sending.new_employer(policy={"second_nudge_days": 1, "candidate_window": EVERY_DAY}), phone=PHONE)
    sending.clock.advance(hours=48)
    sending.deliver(first.key)
    sending.clock.advance(days=1)
    sending.deliver(first.key)
    assert sending.statuses(first) == ["sent", "sent"]
    ended = sending.clock() - timedelta(hours=48)
    other = sending.new_employer()
    later = [sending.interviewed(other, phone=PHONE, ended=ended) for _ in range(2)]
    sending.deliver(*[one.key for one in later])
    assert sorted(sending.statuses(later[0]) + sending.statuses(later[1])) == ["sent", "suppressed"]


def test_a_text_to_one_address_counts_for_mail_to_the_other(sending: Any) -> None:
    """The first employer texts; the second knows only the email address of the same person."""
    employer, other = (sending.new_employer(policy={"second_nudge_days": 1, "candidate_window": EVERY_DAY}) for _ in range(2))
    first = sending.interviewed(employer, phone=PHONE, email="sam@example.com")
    sending.clock.advance(hours=48)
    sending.deliver(first.key)
    sending.clock.advance(days=1)
    sending.deliver(first.key)
    ended = sending.clock() - timedelta(hours=48)
    later = sending.interviewed(other, email="sam@example.com", ended=ended)
    for _ in range(2):
        sending.deliver(later.key)
        sending.clock.advance(days=1)
    assert sending.statuses(later) == ["sent", "suppressed"]


def test_messages_noted_at_an_address_count_for_a_person_with_one_application(sending: Any) -> None:
    """Three notices of one employer fill the week: the nudge after them is one too many."""
    application = sending.interviewed(phone=PHONE)
    sending.clock.advance(hours=48)
    key = recipients.key_of("sms", PHONE)
    at = table.stored_instant(sending.clock() - timedelta(days=1))
    recipients.write_notes(
        table.get_many([key]), {key: [[f"msg_{number}", f"{at} {application.employer_id}"] for number in range(3)]}
    )  # type: ignore[arg-type]
    sending.deliver(application.key)
    assert [(one.status, one.reason) for one in sending.messages(application)] == [("suppressed", frequency_cap.TOO_OFTEN)]


def test_a_message_that_is_not_noted_yet_holds_up_nobody(sending: Any) -> None:
    """Two workers with one message each to a person: held by each other's, neither would be sent."""
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


def test_whoever_may_be_over_the_cap_is_decided_once_the_others_have_gone_out(sending: Any) -> None:
    """A message that is being sent may yet fail: the next one waits for it, and is not given up."""
    first, second = (sending.interviewed(phone=PHONE) for _ in range(2))
    sending.clock.advance(hours=48)
    key = recipients.key_of("sms", PHONE)
    at = f"{table.stored_instant(sending.clock() - timedelta(days=1))} {first.employer_id}"
    recipients.write_notes(table.get_many([key]), {key: [[f"msg_{number}", at] for number in range(2)]})  # type: ignore[arg-type]
    sending.faults.crash_before("BatchGetItem", where="OPT#")
    with pytest.raises(Crash):
        sending.deliver(first.key)
    assert sending.statuses(first) == ["sending"]
    sending.deliver(second.key)
    [waiting] = sending.messages(second)
    assert (waiting.status, waiting.reason) == ("retrying", frequency_cap.TOO_OFTEN) and sending.outbox == []
    for _ in range(2):  # the claim expires, then the other one is tried again
        sending.clock.advance(minutes=15)
        sending.run()
    assert sending.statuses(first) == ["unknown"]
    assert [(one.status, one.reason) for one in sending.messages(second)] == [("suppressed", frequency_cap.TOO_OFTEN)]


def test_waits_of_one_application_are_counted_together(sending: Any) -> None:
    """An employer who promises "tomorrow" every day must not cause a nudge for each promise."""
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
    """Nobody got a message, and the second attempt at one is not a second message."""
    applications = [sending.interviewed(phone=PHONE) for _ in range(4)]
    sending.clock.advance(hours=48)
    sending.faults.throttle("Publish", "Throttling", times=2)
    sending.deliver(*[one.key for one in applications[:2]])
    assert [sending.statuses(one) for one in applications[:2]] == [["retrying"], ["retrying"]]
    sending.clock.advance(minutes=2)
    sending.run()
    assert sorted(status for one in applications for status in sending.statuses(one)) == ["sent"] * 3 + ["suppressed"]


def test_many_workers_at_once_send_a_person_three_messages(sending: Any) -> None:
    """Each sees the others' notes, or its own note fails and it reads again."""
    applications = [sending.interviewed(phone=PHONE) for _ in range(8)]
    sending.clock.advance(hours=48)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: sending.deliver(one.key), applications))
    assert len(sending.outbox) == 3
    sending.clock.advance(minutes=2)
    sending.run()
    assert len(sending.outbox) == 3
    assert sorted(sending.statuses(one)[0] for one in applications) == ["sent"] * 3 + ["suppressed"] * 5


def test_a_stop_that_one_message_meets_while_it_is_noted_holds_the_other_too(sending: Any) -> None:
    """Opt-outs had been read for both. The first note is written; the second one finds it, reads again, and with it the STOP."""
    applications = [sending.interviewed(phone=PHONE) for _ in range(2)]
    sending.clock.advance(hours=48)

    def stop() -> None:
        opt_outs.opt_out([("sms", PHONE)], "stop_word", sending.clock())

    sending.faults.before("TransactWriteItems", stop, where='"PK":{"S":"OPT#')
    sending.deliver(*[one.key for one in applications])
    assert [sending.statuses(one) for one in applications] == [["suppressed"], ["suppressed"]]
    assert sending.outbox == []


def test_a_message_that_was_not_sent_takes_back_its_own_note_alone(sending: Any) -> None:
    """At each of the person's addresses, in any spelling."""
    now = table.stored_instant(sending.clock())
    addresses: tuple[Address, ...] = (("sms", PHONE), ("email", "Sam@example.com"))
    for address in addresses:
        other, mine = ["msg_other", f"{now} emp_one"], ["msg_mine", f"{now} emp_two"]
        recipients.OptOutItem(*recipients.key_of(*address), written=[other, mine]).save()
    item = MessageItem("case", "MSG#msg_mine", id="msg_mine", employer_id="emp_two")
    frequency_cap.take_back(Draft(item, Message("sms", PHONE, "text"), addresses))
    for address in addresses:
        found: Any = table.get(*recipients.key_of(*address))
        assert found.written == [["msg_other", f"{now} emp_one"]]
