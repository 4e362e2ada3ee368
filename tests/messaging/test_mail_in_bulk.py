"""All mails of a chunk go by one call, and each has its own outcome."""

from botocore.exceptions import ClientError

from chalicelib import wiring
from chalicelib.jobs import worker
from chalicelib.jobs.registry import Registry
from chalicelib.messaging import delivery, mail_requests
from chalicelib.messaging.mail_requests import Mail
from chalicelib.messaging.providers import Channels, NotSent
from chalicelib.rules.model import Message
from tests.messaging.test_providers import Edge

TAGS = {"employer": "emp_1", "message": "msg_1"}


def mail(number=1, *, html="<p>{{text}} & 'more'</p>", employer=None, text="text", link="https://heardback.example/u/token"):
    return Mail(Message("email", f"sam{number}@example.com", text, f"subject {number}", html, link), TAGS, employer)


def channels(ses):
    return Channels(Edge(), ses, email_from="Heardback <no-reply@heardback.example>", configuration_set="heardback-prod")


class Refusing(Edge):
    """Refuses bulk sends."""

    def __init__(self, code, status):
        super().__init__()
        self.error = ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "SendBulkEmail")

    def send_bulk_email(self, **params):
        self.asked.append(("send_bulk_email", params))
        raise self.error


def mailed(sending, count, **fields):
    return [sending.interviewed(email=f"sam{number}@example.com", **fields) for number in range(count)]


def due(sending, people):
    sending.clock.advance(hours=48)
    return sending.deliver(*[application.key for application in people])


def test_a_chunk_of_mails_is_one_call(sending):
    """A call for each mail is what sending takes longest for."""
    people = mailed(sending, 20)
    assert due(sending, people) == []
    assert sending.faults.seen["SendBulkEmail"] == 1 and sending.faults.seen["SendEmail"] == 0
    assert sorted(entry["to"] for entry in sending.outbox) == sorted(f"sam{number}@example.com" for number in range(20))
    assert [sending.statuses(one) for one in people] == [["sent"]] * 20


def test_a_hundred_mails_take_a_tenth_of_a_call_each_at_most(sending):
    """The budget of a whole run, whatever its chunks are."""
    mailed(sending, 60)
    sending.clock.advance(hours=48)
    sending.tick()
    while records := sending.received(100):
        worker.run(records, handlers=Registry([delivery.handler(wiring.channels())]), clock=sending.clock)
    assert len(sending.outbox) == 60
    assert sending.faults.seen["SendBulkEmail"] + sending.faults.seen["SendEmail"] <= 60 / 10


def test_mails_sent_together_read_as_mails_sent_alone(sending):
    """Nothing is lost by the template: words, sender, headers, and the tags that bring bounces back."""
    people = mailed(sending, 3)
    sending.clock.advance(hours=48)
    sending.deliver(people[0].key)
    sending.deliver(people[1].key, people[2].key)
    alone, *together = sending.outbox
    assert sending.faults.seen["SendEmail"] == sending.faults.seen["SendBulkEmail"] == 1
    for entry in together:
        assert entry.keys() == alone.keys() and entry["from"] == alone["from"] and entry["subject"] == alone["subject"]
        assert entry["headers"].keys() == alone["headers"].keys() == {"List-Unsubscribe", "List-Unsubscribe-Post"}
        assert entry["tags"].keys() == alone["tags"].keys() and len(entry["body"]) == len(alone["body"])
    links = {entry["headers"]["List-Unsubscribe"] for entry in sending.outbox}
    assert len(links) == 3, "each person's own"


def test_each_employer_mails_in_its_own_name(sending):
    """Sender and Reply-To belong to a call: mails of two senders never share one."""
    own = {"email_from": "jobs@bluefern.example", "email_reply_to": "people@bluefern.example"}
    other = sending.new_employer(name="Blue Fern", **own)
    people = [*mailed(sending, 2), *(sending.interviewed(other, email=f"kim{number}@example.com") for number in range(2))]
    due(sending, people)
    assert sending.faults.seen["SendBulkEmail"] == 2
    by_sender = {entry["to"]: (entry["from"], entry["reply_to"]) for entry in sending.outbox}
    assert by_sender["kim0@example.com"] == ("Blue Fern <jobs@bluefern.example>", ["people@bluefern.example"])
    assert by_sender["sam0@example.com"][1] == [] and "bluefern" not in by_sender["sam0@example.com"][0]


def test_each_entry_has_its_own_outcome(sending):
    """One refused mail changes nothing for the others; one in doubt is never sent again."""
    people = mailed(sending, 5)
    sending.faults.refuse_entries({1: "ACCOUNT_THROTTLED", 2: "MESSAGE_REJECTED", 3: "FAILED"})
    due(sending, people)
    assert [sending.statuses(one)[0] for one in people] == ["sent", "retrying", "failed", "unknown", "sent"]
    sending.clock.advance(minutes=2)
    sending.run()
    assert [sending.statuses(one)[0] for one in people] == ["sent", "sent", "failed", "unknown", "sent"]
    assert sorted(entry["to"] for entry in sending.outbox) == [f"sam{number}@example.com" for number in (0, 1, 4)]


def test_a_lost_answer_leaves_each_of_its_mails_unknown(sending):
    """The call may have sent them all: none is sent again."""
    people = mailed(sending, 4)
    sending.faults.lose_response("SendBulkEmail")
    due(sending, people)
    sending.clock.advance(minutes=20)
    sending.run()
    assert [sending.statuses(one) for one in people] == [["unknown"]] * 4
    assert len(sending.outbox) == 4


def test_a_throttled_call_is_made_again_a_minute_later(sending):
    """It sent nothing, and SES says so."""
    people = mailed(sending, 4)
    sending.faults.throttle("SendBulkEmail", code="TooManyRequestsException", status=429)
    due(sending, people)
    assert [sending.statuses(one) for one in people] == [["retrying"]] * 4
    sending.clock.advance(minutes=2)
    sending.run()
    assert [sending.statuses(one) for one in people] == [["sent"]] * 4 and len(sending.outbox) == 4


def test_a_refused_call_is_no_verdict_on_its_mails(sending):
    """One address that SES takes for none makes it refuse the whole call: each mail is then sent alone."""
    people = mailed(sending, 4)
    sending.faults.answer("SendBulkEmail", 400, "BadRequestException")
    sending.faults.answer("SendEmail", 400, "BadRequestException", where="sam2@example.com")
    due(sending, people)
    assert [sending.statuses(one)[0] for one in people] == ["sent", "sent", "failed", "sent"]


def test_a_role_without_the_right_sends_each_mail_alone():
    """A deployment of an older template goes on sending. It asks once."""
    ses = Refusing("AccessDeniedException", 403)
    sender = channels(ses)
    mails = [mail(1), mail(2)]
    assert sender.together(mails) == [[0, 1]]
    try:
        sender.send_together(mails)
    except NotSent as refused:
        assert refused.status == "failed"
    assert sender.together(mails) == [[0], [1]]


def test_an_entry_without_a_status_may_have_been_sent():
    """A short or strange answer is no refusal."""
    ses = Edge()
    ses.send_bulk_email = lambda **_: {"BulkEmailEntryResults": [{"Status": "SUCCESS", "MessageId": "m-1"}, {"Status": "NEW"}]}
    first, *others = channels(ses).send_together([mail(1), mail(2), mail(3)])
    assert first == "m-1" and [one.status for one in others] == ["unknown", "unknown"]


def test_what_one_call_carries_is_bounded():
    """By number, by size, and by what its mails have in common."""
    many = [mail(number) for number in range(45)]
    plain = [mail(number, html=None) for number in range(2)]
    long = [mail(html="x" * (mail_requests.ENTRY_BYTES_MOST + 1))]
    groups = channels(Edge()).together([*many, *plain, *long])
    assert sorted(map(len, groups)) == [1, 2, 5, 20, 20]
    assert sorted(place for group in groups for place in group) == list(range(48))
    heavy = channels(Edge()).together([mail(html="x" * 100_000) for _ in range(10)])
    assert max(map(len, heavy)) * 100_000 <= mail_requests.BYTES_MOST


def test_words_are_data_and_no_template():
    """A name with braces in it is shown as it was written."""
    ses = Edge()
    channels(ses).send_together([mail(1, text="Hi {{html}}"), mail(2)])
    [(operation, asked)] = ses.asked
    assert operation == "send_bulk_email" and asked["ConfigurationSetName"] == "heardback-prod"
    template = asked["DefaultContent"]["Template"]["TemplateContent"]
    assert template == {"Subject": "{{subject}}", "Text": "{{text}}", "Html": "{{html}}"}
    assert (
        "Hi {{html}}" in asked["BulkEmailEntries"][0]["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
    )


def test_the_sdk_knows_every_field_of_a_bulk_send(stack):
    """The clients that send check no parameters: the SDK's model does it here."""
    from botocore.validate import ParamValidator

    asked = mail_requests.bulk([mail(1), mail(2)], "no-reply@heardback.example") | {"ConfigurationSetName": "x"}
    shape = wiring.ses().meta.service_model.operation_model("SendBulkEmail").input_shape
    assert not ParamValidator().validate(asked, shape).has_errors()
