"""A candidate waits, 48 hours pass, one message goes out."""

from chalicelib.messaging import nudges
from chalicelib.messaging.case import Case


def test_a_nudge_goes_by_text_where_there_is_consent(sending):
    """The one message that the product is about."""
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    sending.run()
    [text] = sending.outbox
    assert (text["channel"], text["to"]) == ("sms", application.phone)
    assert "Acme Robotics" in text["body"] and "Dana" in text["body"] and "+12025550100" in text["body"]
    [message] = sending.messages(application)
    assert (message.status, message.step, message.attempts) == ("sent", "nudge_1", 1)
    assert message.provider_message_id and message.settled_at and message.claim


def test_a_nudge_goes_by_mail_without_consent_to_texts(sending):
    """With an unsubscribe button that works with one click, as laws and mail programs want it."""
    application = sending.interviewed(phone="+12025560001", email="sam@example.com", consent=False)
    sending.clock.advance(hours=48)
    sending.run()
    [mail] = sending.outbox
    assert (mail["channel"], mail["to"]) == ("email", "sam@example.com")
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["headers"]["List-Unsubscribe"].startswith("<http://heardback.example/u/")
    assert mail["html"] and mail["body"]
    assert sending.statuses(application) == ["sent"]


def test_nothing_is_sent_before_word_is_due(sending):
    """Employers have 48 hours."""
    application = sending.interviewed()
    sending.clock.advance(hours=47, minutes=59)
    sending.run()
    assert sending.outbox == [] and sending.messages(application) == []


def test_the_second_nudge_is_the_last(sending):
    """A candidate gets two messages, however long the employer says nothing."""
    application = sending.interviewed()
    for _ in range(30):
        sending.clock.advance(days=1)
        sending.run()
    assert [text["to"] for text in sending.outbox] == [application.phone] * 2
    assert sending.statuses(application) == ["sent", "sent"]
    assert sending.now(application).step == "lapse"


def test_word_before_the_claim_stops_the_message(sending):
    """A candidate who was called an hour ago gets no text that says nobody called."""
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    sending.tick()
    sending.heard(application)
    sending.deliver(application.key)
    assert sending.outbox == [] and sending.messages(application) == []


def test_a_number_stored_before_it_was_refused_is_not_called(sending):
    """Premium-rate call-back numbers were accepted once. The address beside one still works."""
    dear = sending.change_employer(sending.employer, call_back_phone="+19005550100", call_back_email="dana@acme.example")
    application = sending.interviewed(dear, email="sam@example.com", phone="")
    sending.clock.advance(hours=48)
    sending.run()
    body = sending.outbox.to("sam@example.com")[0]["body"]
    assert "900555" not in body and "dana@acme.example" in body
    assert sending.statuses(application) == ["sent"]


def test_a_due_step_that_is_no_longer_next_sends_nothing(sending):
    """Another step is planned for its own time; where the wait has ended there is none."""
    for fields in ({"step": "nudge_2"}, {"wait_state": "answered"}):
        item = sending.now(sending.interviewed())
        for name, value in fields.items():
            setattr(item, name, value)
        plan = nudges.of_application(Case(item, sending.employer, sending.clock.advance(days=3)))
        assert plan is not None and (plan.outcome, list(plan.drafts)) == ("deferred", [])
