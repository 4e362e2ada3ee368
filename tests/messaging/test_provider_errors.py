"""What an error of the provider means for the message: refused, failed or unknown."""

from datetime import timedelta

import pytest

from chalicelib.storage import table


def due(sending, **person):
    application = sending.interviewed(**person)
    sending.clock.advance(hours=48)
    return application


@pytest.mark.parametrize(("code", "status"), [("Throttling", 400), ("ThrottledException", 429), ("ServiceUnavailable", 503)])
def test_a_refused_message_is_tried_again(sending, code, status):
    """A busy provider costs a minute, not the message."""
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


def test_a_refused_connection_is_tried_again(sending):
    """Nothing was sent over the network, so nobody can have got it."""
    application = due(sending)
    sending.faults.refuse_connection("Publish")
    sending.run()
    sending.clock.advance(minutes=1)
    sending.run()
    assert sending.statuses(application) == ["sent"] and len(sending.outbox) == 1


@pytest.mark.parametrize(("code", "status"), [("InvalidParameter", 400), ("OptedOut", 400), ("AuthorizationError", 403)])
def test_other_errors_of_the_request_fail_the_message(sending, code, status):
    """A recruiter can correct an invalid number; another attempt cannot."""
    application = due(sending)
    sending.faults.answer("Publish", status, code)
    sending.run()
    [message] = sending.messages(application)
    assert message.status == "failed" and code in message.reason and message.settled_at
    sending.clock.advance(hours=2)
    sending.run()
    assert sending.outbox == []


@pytest.mark.parametrize("person", [{}, {"email": "sam@example.com"}], ids=["text", "mail"])
def test_after_a_lost_response_nothing_is_sent_again(sending, person):
    """Two texts for one reminder are worse than none."""
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
def test_other_errors_of_the_provider_leave_it_unknown(sending, code, status):
    """It may have been sent before the provider failed."""
    application = due(sending)
    sending.faults.answer("Publish", status, code)
    sending.run()
    assert sending.statuses(application) == ["unknown"]
    assert sending.faults.seen["Publish"] == 1


def test_an_unknown_first_nudge_does_not_stop_the_second(sending):
    """Five days later the candidate still waits, whatever became of the first text."""
    application = due(sending)
    sending.faults.lose_response("Publish")
    sending.run()
    sending.clock.advance(days=5)
    sending.run()
    assert sending.statuses(application) == ["unknown", "sent"]


def test_one_bad_number_does_not_stop_the_others(sending):
    """Each message of a chunk has an outcome of its own."""
    people = [sending.interviewed() for _ in range(3)]
    sending.clock.advance(hours=48)
    sending.faults.answer("Publish", 400, "InvalidParameter", where=people[1].phone.removeprefix("+"))
    sending.run()
    assert [sending.statuses(one) for one in people] == [["sent"], ["failed"], ["sent"]]


def test_retries_end_within_the_hour(sending):
    """A reminder that arrives hours later is a surprise."""
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
