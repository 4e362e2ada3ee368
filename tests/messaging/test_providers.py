"""What is sent to SNS and SES, and what each error of the SDK means."""

from decimal import Decimal

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)

from chalicelib import wiring
from chalicelib.messaging.providers import Channels, classify_error
from chalicelib.rules.model import Message

URL = "https://sns.us-east-1.amazonaws.com"


class Edge:
    """A client of the SDK that records its calls."""

    def __init__(self):
        self.asked = []

    def __getattr__(self, operation):
        return lambda **params: self.asked.append((operation, params)) or {"MessageId": "m-1"}


def answered(code, status):
    return ClientError({"Error": {"Code": code, "Message": "said so"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Publish")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (answered("Throttling", 400), "retrying"),
        (answered("TooManyRequestsException", 429), "retrying"),
        (answered("RequestLimitExceeded", 503), "retrying"),
        (answered("ServiceUnavailable", 503), "retrying"),
        (answered("503", 503), "unknown"),
        (answered("InternalError", 500), "unknown"),
        (answered("504", 504), "unknown"),
        (answered("InvalidParameter", 400), "failed"),
        (answered("MessageRejected", 400), "failed"),
        (answered("AccessDenied", 403), "failed"),
        (EndpointConnectionError(endpoint_url=URL), "retrying"),
        (ConnectTimeoutError(endpoint_url=URL), "retrying"),
        (NoCredentialsError(), "retrying"),
        (ParamValidationError(report="no"), "failed"),
        (ReadTimeoutError(endpoint_url=URL), "unknown"),
        (ConnectionClosedError(endpoint_url=URL), "unknown"),
        (SSLError(endpoint_url=URL, error="cut"), "unknown"),
    ],
)
def test_in_doubt_a_message_may_have_been_sent(error, status):
    """Only what is provably not sent may be sent again."""
    verdict = classify_error(error)
    assert verdict.status == status and verdict.reason


def test_a_text_is_transactional_and_its_price_bounded():
    """SNS would send it as promotional by default, and a text to some countries costs a dollar."""
    sns = Edge()
    channels = Channels(
        sns, Edge(), email_from="no-reply@heardback.example", sms_sender="Heardback", sms_max_price_usd=Decimal("0.50")
    )
    assert channels.send(Message("sms", "+12025550100", "Hi")) == "m-1"
    [(operation, asked)] = sns.asked
    assert (operation, asked["PhoneNumber"], asked["Message"]) == ("publish", "+12025550100", "Hi")
    values = {name: attribute["StringValue"] for name, attribute in asked["MessageAttributes"].items()}
    assert values == {"AWS.SNS.SMS.SMSType": "Transactional", "AWS.SNS.SMS.MaxPrice": "0.50", "AWS.SNS.SMS.SenderID": "Heardback"}


def test_a_mail_can_be_unsubscribed_with_one_click():
    """RFC 8058: both headers, or mail programs show no button and people press "spam"."""
    ses = Edge()
    message = Message("email", "sam@example.com", "text", "subject", "<p>html</p>", "https://heardback.example/u/token")
    Channels(Edge(), ses, email_from="Heardback <no-reply@heardback.example>").send(message)
    [(operation, asked)] = ses.asked
    simple = asked["Content"]["Simple"]
    assert operation == "send_email" and asked["Destination"] == {"ToAddresses": ["sam@example.com"]}
    assert simple["Body"]["Text"]["Data"] == "text" and simple["Body"]["Html"]["Data"] == "<p>html</p>"
    assert {header["Name"]: header["Value"] for header in simple["Headers"]} == {
        "List-Unsubscribe": "<https://heardback.example/u/token>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_the_clients_try_once(stack):
    """Measured: one publish whose answers are all lost is accepted three times in the SDK's default mode."""
    for client in (wiring.sns(), wiring.ses()):
        assert client.meta.config.retries["total_max_attempts"] == 1
        assert client.meta.config.connect_timeout <= 1 and client.meta.config.read_timeout <= 5
