"""The first message to a candidate never says "still", whatever its step is called. A second one does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.messaging.messages import MessageItem

FIVE_DAYS = timedelta(days=5)


def words(sending: Any) -> list[str]:
    """What the messages so far say, by their openings."""
    said = []
    for message in sending.outbox:
        text = " ".join([message.get("subject") or "", message["body"]]).lower()
        said.append("still" if "still no" in text else "first")
    return said


def after(sending: Any, **time: float) -> None:
    sending.clock.advance(**time)
    sending.run()


def test_a_second_text_says_still(sending: Any) -> None:
    sending.interviewed()
    after(sending, hours=48)
    after(sending, days=5)
    assert words(sending) == ["first", "still"]


def test_a_second_mail_says_still(sending: Any) -> None:
    sending.interviewed(phone="", email="sam@example.com")
    after(sending, hours=48)
    after(sending, days=5)
    assert words(sending) == ["first", "still"]


def test_after_an_outage_the_second_step_is_the_first_message(sending: Any) -> None:
    """The first one expired; nobody has heard from us."""
    application = sending.interviewed()
    after(sending, days=7)
    assert (sending.statuses(application), words(sending)) == (["expired", "sent"], ["first"])


def test_after_a_refusal_for_good_the_second_step_is_the_first_message(sending: Any) -> None:
    application = sending.interviewed()
    sending.faults.answer("Publish", 400, "InvalidParameterValue")
    after(sending, hours=48)
    after(sending, days=5)
    assert (sending.statuses(application), words(sending)) == (["failed", "sent"], ["first"])


def test_after_a_message_that_was_held_back_the_second_step_is_the_first_message(sending: Any) -> None:
    """The employer was suspended."""
    employer = sending.change_employer(sending.employer, suspended=True)
    application = sending.interviewed(employer)
    after(sending, hours=48)
    sending.change_employer(employer, suspended=False)
    after(sending, days=5)
    assert (sending.statuses(application), words(sending)) == (["suppressed", "sent"], ["first"])


def test_after_a_mail_that_came_back_the_second_step_is_the_first_message(sending: Any) -> None:
    """The mailbox did not exist: nobody read it. It is suppressed itself; a text goes."""
    application = sending.interviewed(email="sam@example.com", consent=True, phone="+12025567777")
    sending.clock.advance(hours=48)
    [first] = _bounced(sending, application)
    after(sending, days=5)
    assert first.has_come_back and words(sending)[-1] == "first"


def _bounced(sending: Any, application: Any) -> list[MessageItem]:
    sending.run()
    [message] = sending.messages(application)
    message.update([MessageItem.bounced_at.set(sending.clock()), MessageItem.bounce.set("permanent 5.1.1")])
    return list(sending.messages(application))


def test_a_message_that_may_have_arrived_counts_as_the_first(sending: Any) -> None:
    """Its answer was lost. "No word yet" twice would be worse than "still" once too often."""
    application = sending.interviewed()
    sending.faults.lose_response("Publish")
    after(sending, hours=48)
    after(sending, days=5)
    assert sending.statuses(application) == ["unknown", "sent"]
    assert words(sending)[-1] == "still"


def test_a_second_message_that_was_refused_at_first_keeps_its_words(sending: Any) -> None:
    sending.interviewed()
    after(sending, hours=48)
    sending.faults.throttle("Publish")
    after(sending, days=5)
    after(sending, minutes=2)
    assert words(sending) == ["first", "still"]


def test_where_the_first_message_cannot_be_read_the_second_goes_without_still(sending: Any) -> None:
    """The table is throttled: the message is more important than its word."""
    sending.interviewed()
    after(sending, hours=48)
    sending.faults.throttle("BatchGetItem", "ProvisionedThroughputExceededException", times=None, where="MSG#")
    after(sending, days=5)
    assert words(sending) == ["first", "first"]
