"""What a provider's answer says about the message: refused, failed, or nobody knows."""

from datetime import timedelta

import pytest

from chalicelib.storage import table


def due(sending, **person):
    application = sending.interviewed(**person)
    sending.clock.advance(hours=48)
    return application


@pytest.mark.parametrize(("code", "status"), [("Throttling", 400), ("ThrottledException", 429), ("ServiceUnavailable", 503)])
def test_what_was_provably_refused_is_tried_again(sending, code, status):
    """Candidates: a busy provider costs a minute, not the message."""
    application = due(sending)
    sending.faults.answer("Publish", status, code)
    sending.run()
    [message] = sending.messages(application)
    assert (message.status, message.attempts, message.settled_at) == ("retrying", 1, None)
    assert code in message.reason
    sending.clock.advance(minutes=1)
    sending.run()
    [message] = sending.messages(application)
    assert (message.status, message.attempts, message.reason, message.due_at) == ("sent", 2, None, None)
    assert len(sending.outbox) == 1


def test_a_connection_that_never_came_about_is_tried_again(sending):
    """Nothing was written to the wire, so nobody can have got it."""
    application = due(sending)
    sending.faults.refuse_connection("Publish")
    sending.run()
    sending.clock.advance(minutes=1)
    sending.run()
    assert sending.statuses(application) == ["sent"] and len(sending.outbox) == 1


@pytest.mark.parametrize(("code", "status"), [("InvalidParameter", 400), ("OptedOut", 400), ("AuthorizationError", 403)])
def test_other_refusals_end_it_with_the_reason(sending, code, status):
    """Recruiters: "invalid number" is theirs to mend; trying again is not."""
    application = due(sending)
    sending.faults.answer("Publish", status, code)
    sending.run()
    [message] = sending.messages(application)
    assert message.status == "failed" and code in message.reason and message.settled_at
    sending.clock.advance(hours=2)
    sending.run()
    assert sending.outbox == []


@pytest.mark.parametrize("person", [{}, {"email": "sam@example.com"}], ids=["text", "mail"])
def test_a_lost_answer_is_never_sent_again(sending, person):
    """Candidates: two texts for one reminder are worse than none."""
    application = due(sending, **person)
    operation = "SendEmail" if person else "Publish"
    sending.faults.lose_response(operation)
    sending.run()
    [message] = sending.messages(application)
    assert message.status == "unknown" and message.reason.startswith("no answer")
    sending.clock.advance(hours=3)
    sending.run()
    assert len(sending.outbox) == 1 and sending.faults.seen[operation] == 1


@pytest.mark.parametrize(("code", "status"), [("InternalError", 500), ("InternalFailure", 503)])
def test_other_faults_of_the_provider_leave_it_unknown(sending, code, status):
    """It may have gone out before the provider fell over."""
    application = due(sending)
    sending.faults.answer("Publish", status, code)
    sending.run()
    assert sending.statuses(application) == ["unknown"]
    assert sending.faults.seen["Publish"] == 1


def test_an_unknown_first_nudge_does_not_stop_the_second(sending):
    """Five days later the silence is as long for them, whatever became of the first text."""
    application = due(sending)
    sending.faults.lose_response("Publish")
    sending.run()
    sending.clock.advance(days=5)
    sending.run()
    assert sending.statuses(application) == ["unknown", "sent"]


def test_one_bad_number_does_not_hold_up_its_neighbours(sending):
    """A chunk is sent together and judged one by one."""
    people = [sending.interviewed() for _ in range(3)]
    sending.clock.advance(hours=48)
    sending.faults.answer("Publish", 400, "InvalidParameter", where=people[1].phone.removeprefix("+"))
    sending.run()
    assert [sending.statuses(one) for one in people] == [["sent"], ["failed"], ["sent"]]


def test_retries_end_within_the_hour(sending):
    """A reminder refused all morning would arrive as a surprise."""
    application = due(sending)
    sending.faults.answer("Publish", 400, "Throttling", times=None)
    began = sending.clock()
    sending.run()
    while (message := sending.messages(application)[0]).status == "retrying":
        sending.clock.set(table.read_instant(message.due_at))
        sending.run()
    sending.clock.advance(hours=2)
    sending.run()
    [message] = sending.messages(application)
    assert message.status == "failed" and message.reason.startswith("out of attempts")
    assert message.settled_at < began + timedelta(hours=1)
    assert 4 <= message.attempts == sending.faults.seen["Publish"] <= 8
