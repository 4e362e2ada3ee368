"""A holding notice whose text failed later goes by mail instead, once, with every check: the candidate still hears the day."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications.contacts import service
from chalicelib.applications.privacy import erasure
from chalicelib.messaging import opt_outs
from chalicelib.messaging.notices import request
from chalicelib.storage import table
from infra.local.feedback import Feedback
from tests.engines import Crash

PHONE, EMAIL = "+12025560777", "sam.seven@example.com"


@pytest.fixture
def feedback(stack: Any) -> Feedback:
    return Feedback(stack.app, stack.clock, lambda: stack.outbox)


def fail(feedback: Feedback, status: str = "FAILURE") -> dict[str, int]:
    counts: dict[str, int] = feedback.sms_event({"to": PHONE, "status": status, "reason": "Blocked"})["counts"]
    return counts


@pytest.fixture
def texted(sending: Any) -> Any:
    """Somebody with both addresses, whose holding notice went as a text; the day is a week away."""

    def text(**days: float) -> Any:
        application = sending.interviewed(phone=PHONE, email=EMAIL)
        sending.clock.advance(hours=1)
        by = sending.clock() + timedelta(**(days or {"days": 7}))
        request.ask(sending.employer, application.id, by, sending.clock())
        sending.run()
        assert [entry["channel"] for entry in sending.outbox] == ["sms"] and sending.now(application).word_due_at == by
        return application

    return text


def shown(sending: Any, application: Any) -> list[tuple[str, str]]:
    found = sorted(sending.messages(application), key=lambda item: (item.created_at, item.channel == "email"))
    return [(item.channel, item.status) for item in found]


def test_the_mail_names_the_same_day_and_is_the_promise(sending: Any, feedback: Feedback, texted: Any) -> None:
    """The text's contact is bounced, the mail's stands."""
    application = texted()
    by = sending.now(application).word_due_at
    assert fail(feedback) == {"failed": 1}
    assert sending.now(application).word_due_at != by
    sending.run()
    assert shown(sending, application) == [("sms", "failed"), ("email", "sent")]
    mail = sending.outbox[-1]
    assert (mail["channel"], mail["to"]) == ("email", EMAIL) and "You will hear by" in mail["body"]
    assert sorted(contact.outcome for contact in table.query(application.PK, "CON#")) == ["bounced", "sent"]
    assert sending.now(application).word_due_at == by


def test_doubled_and_late_lines_send_one_mail(sending: Any, feedback: Feedback, texted: Any) -> None:
    """Before the mail goes, after it went, and after it came back."""
    application = texted()
    assert [fail(feedback), fail(feedback)] == [{"failed": 1}, {"known": 1}]
    sending.run()
    assert fail(feedback) == {"known": 1}
    sending.run()
    feedback.ses_event({"to": EMAIL, "type": "Bounce"})
    sending.clock.advance(hours=1)
    assert [fail(feedback), fail(feedback, "SUCCESS")] == [{"known": 1}, {"known": 1}]
    sending.run()
    assert len(sending.outbox) == 2 and len(sending.messages(application)) == 2


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_process_that_dies_loses_neither_mail_nor_taking_back(
    sending: Any, feedback: Feedback, texted: Any, faults: Any, lost: int
) -> None:
    """The line comes again. Whichever of the three writes was the first not to happen: outcome, contact, mail."""
    application = texted()
    deadline_told = sending.now(application).word_due_at
    faults.crash_before("TransactWriteItems", after=lost - 1)
    with contextlib.suppress(Crash):
        fail(feedback)
    faults.clear()
    fail(feedback)
    assert sending.now(application).word_due_at != deadline_told
    sending.run()
    assert shown(sending, application) == [("sms", "failed"), ("email", "sent")]


def test_asked_again_meanwhile_the_mail_is_the_notice(sending: Any, feedback: Feedback, texted: Any) -> None:
    """Another request for the same day finds the mail that is on its way."""
    application = texted()
    by = sending.now(application).word_due_at
    fail(feedback)
    found, is_new = request.ask(sending.employer, application.id, by, sending.clock())
    assert (found.channel, is_new) == ("email", False)
    sending.run()
    assert request.ask(sending.employer, application.id, by, sending.clock())[1] is False
    assert len(sending.outbox) == 2


def test_an_opted_out_mailbox_gets_none(sending: Any, feedback: Feedback, texted: Any) -> None:
    application = texted()
    opt_outs.opt_out([("email", EMAIL)], "link", sending.clock())
    fail(feedback)
    sending.run()
    assert len(sending.outbox) == 1 and shown(sending, application)[-1] == ("email", "suppressed")


@pytest.mark.parametrize("when", ["before the line", "before the mail"])
def test_an_erased_candidate_gets_none(sending: Any, feedback: Feedback, texted: Any, when: str) -> None:
    application = texted()
    if when == "before the mail":
        fail(feedback)
    erasure.erase(sending.employer, application.candidate_id, sending.clock(), lambda _: None)
    fail(feedback)
    sending.run()
    assert len(sending.outbox) == 1


@pytest.mark.parametrize("when", ["before the line", "before the mail"])
def test_a_notice_that_was_undone_goes_by_no_mail(sending: Any, feedback: Feedback, texted: Any, when: str) -> None:
    application = texted()
    [contact] = table.query(application.PK, "CON#")
    if when == "before the mail":
        fail(feedback)
    service.void_contact(sending.employer, application.id, contact.id, sending.clock())
    fail(feedback)
    sending.run()
    assert len(sending.outbox) == 1
    mails = [(one.status, one.reason) for one in sending.messages(application) if one.text_id]
    assert mails == ([("cancelled", "the notice was undone")] if when == "before the mail" else [])


@pytest.mark.parametrize("when", ["before the line", "before the mail"])
def test_who_has_heard_meanwhile_gets_none(sending: Any, feedback: Feedback, texted: Any, when: str) -> None:
    application = texted()
    if when == "before the mail":
        fail(feedback)
    sending.heard(application)
    fail(feedback)
    sending.run()
    assert len(sending.outbox) == 1


def test_no_mail_promises_a_day_that_has_passed(sending: Any, feedback: Feedback, texted: Any) -> None:
    """Nor does one go more than 72 hours after the request."""
    application = texted(hours=3)
    sending.clock.advance(hours=3)
    fail(feedback)
    sending.run()
    assert len(sending.outbox) == 1 and shown(sending, application)[0] == ("sms", "failed")
    assert not [item for item in sending.messages(application) if item.text_id]


def test_a_mail_that_waits_for_the_morning_past_the_day_is_not_sent(sending: Any, feedback: Feedback, texted: Any) -> None:
    """The line came at night, and the day is over before the candidate's morning."""
    application = texted(hours=20)
    sending.clock.advance(hours=12)
    fail(feedback)
    sending.run()
    [mail] = [item for item in sending.messages(application) if item.text_id]
    assert mail.status == "expired" and len(sending.outbox) == 1


def test_the_mail_counts_in_the_cap_of_a_week(sending: Any, feedback: Feedback, texted: Any) -> None:
    """Four notices to one person are due at the same moment. The text that failed counts too, as for reminders: two go out."""
    applications = [texted()]
    fail(feedback)
    for _ in range(3):
        applications.append(sending.interviewed(phone=PHONE, email=EMAIL))
        sending.clock.advance(minutes=1)
        request.ask(sending.employer, applications[-1].id, sending.clock() + timedelta(days=6), sending.clock())
    sending.run()
    ended = [status for one in applications for _, status in shown(sending, one)]
    assert sorted(ended) == ["failed", "sent", "sent", "suppressed", "suppressed"]


def test_no_mail_goes_instead_while_another_notice_is_on_its_way(sending: Any, feedback: Feedback) -> None:
    """The line of the log comes twice; meanwhile the candidate got an address, and a recruiter asked again."""
    application = sending.interviewed(phone=PHONE)
    by = sending.clock() + timedelta(days=7)
    request.ask(sending.employer, application.id, by, sending.clock())
    sending.run()
    assert fail(feedback) == {"failed": 1} and shown(sending, application) == [("sms", "failed")]
    again, is_new = request.ask(sending.employer, application.id, by, sending.clock())
    assert (again.status, is_new) == ("retrying", True)
    item = sending.now(application)
    item.email = EMAIL
    item.save()
    assert fail(feedback) == {"known": 1}
    assert sorted(shown(sending, application)) == [("sms", "failed"), ("sms", "retrying")]
