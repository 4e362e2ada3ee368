"""Sends texts by SNS and mail by SES: one call each, and one error that says whether another attempt can help.

Neither SNS Publish nor SESv2 SendEmail takes an idempotency token. So the clients, built in `wiring.py`, must try once only
(`total_max_attempts=1`), with short time-outs: the SDK's default mode would send a text three times when responses are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from email.utils import formataddr
from typing import Any, Literal

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
)

from chalicelib.rules.copy.clean import clean
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message

_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "Throttled",
    "ThrottledException",
    "RequestThrottled",
    "RequestLimitExceeded",
    "RequestThrottledException",
    "TooManyRequestsException",
    "TooManyRequests",
    "SlowDown",
    "PriorRequestNotComplete",
    "BandwidthLimitExceeded",
    "LimitExceededException",
}
_OUT_OF_SERVICE = {"ServiceUnavailable", "ServiceUnavailableException"}
_NEVER_WRITTEN = (
    EndpointConnectionError,
    ConnectTimeoutError,
    ProxyConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
)

ORIGINATION_NUMBER = "AWS.MM.SMS.OriginationNumber"
"""SNS's attribute of the number that sends. Without it SNS chooses one of the account's."""

NotSentStatus = Literal["retrying", "failed", "unknown"]


class NotSent(Exception):
    """The provider did not take the message, or may not have.

    `status` is the message's new status: `retrying` where it was provably refused and a later attempt can help, `failed`
    where none can, `unknown` where it may have been sent.
    """

    def __init__(self, status: NotSentStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Channels:
    """The providers of both channels. `email_from` is a verified address, `sms_max_price_usd` what one text may cost."""

    def __init__(
        self,
        sns: Any,
        ses: Any,
        *,
        email_from: str,
        sms_sender: str | None = None,
        sms_number: str | None = None,
        sms_max_price_usd: Decimal = Decimal("0.50"),
        configuration_set: str | None = None,
    ) -> None:
        self._sns = sns
        self._ses = ses
        self._email_from = email_from
        self._mail_options: dict[str, Any] = {"ConfigurationSetName": configuration_set} if configuration_set else {}
        self._attributes = {
            "AWS.SNS.SMS.SMSType": _text("Transactional"),
            "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": f"{sms_max_price_usd:f}"},
        }
        if sms_number:
            self._attributes[ORIGINATION_NUMBER] = _text(sms_number)
        if sms_sender:
            self._attributes["AWS.SNS.SMS.SenderID"] = _text(sms_sender)

    def send(self, message: Message, tags: Mapping[str, str] | None = None, employer: Employer | None = None) -> str:
        """Sends one message and returns the provider's id. Raises NotSent.

        `tags` come back with the delivery events of SES. It is sent by the number and addresses of `employer`, if any.
        """
        try:
            return self._text(message, employer) if message.channel == "sms" else self._mail(message, tags or {}, employer)
        except (ClientError, BotoCoreError) as error:
            raise classify_error(error) from error

    def _text(self, message: Message, employer: Employer | None) -> str:
        attributes = self._attributes
        if employer is not None and employer.sender.sms_number:
            attributes = {**attributes, ORIGINATION_NUMBER: _text(employer.sender.sms_number)}
        return self._sns.publish(PhoneNumber=message.to, Message=message.text, MessageAttributes=attributes)["MessageId"]

    def _mail(self, message: Message, tags: Mapping[str, str], employer: Employer | None) -> str:
        body = {"Text": {"Data": message.text, "Charset": "UTF-8"}}
        if message.html:
            body["Html"] = {"Data": message.html, "Charset": "UTF-8"}
        simple: dict[str, Any] = {"Subject": {"Data": message.subject or "", "Charset": "UTF-8"}, "Body": body}
        if message.unsubscribe_url:
            simple["Headers"] = [
                {"Name": "List-Unsubscribe", "Value": f"<{message.unsubscribe_url}>"},
                {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
            ]
        options = dict(self._mail_options)
        if tags:
            options["EmailTags"] = [{"Name": name, "Value": value} for name, value in tags.items()]
        sender = self._email_from
        if employer is not None and employer.sender.email_from:
            sender = formataddr((clean(employer.name), employer.sender.email_from))
        if employer is not None and employer.sender.reply_to:
            options["ReplyToAddresses"] = [employer.sender.reply_to]
        return self._ses.send_email(
            FromEmailAddress=sender, Destination={"ToAddresses": [message.to]}, Content={"Simple": simple}, **options
        )["MessageId"]


_connect: Callable[[], Channels] | None = None


def connect_by(connect: Callable[[], Channels]) -> None:
    """Sets how this process reaches its providers: `wiring.py` knows, which builds the clients."""
    global _connect
    _connect = connect


def channels() -> Channels:
    """The providers of this process, for request handlers. Raises RuntimeError before `wiring.start`."""
    if _connect is None:
        raise RuntimeError("no providers: wiring.start() was not called")
    return _connect()


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def classify_error(error: ClientError | BotoCoreError) -> NotSent:
    """Says what an error of the SDK means for the message. In doubt it may have been sent."""
    if isinstance(error, ClientError):
        return _classify_response(error)
    if isinstance(error, ParamValidationError):
        return NotSent("failed", "not a request that the provider takes")
    if isinstance(error, _NEVER_WRITTEN):
        return NotSent("retrying", f"not reached: {type(error).__name__}")
    return NotSent("unknown", f"no answer: {type(error).__name__}")


def _classify_response(error: ClientError) -> NotSent:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    text = f"{code}: {error.response.get('Error', {}).get('Message', '')}".strip(": ")[:200]
    if code in _THROTTLED or status == 429 or (status == 503 and code in _OUT_OF_SERVICE):
        return NotSent("retrying", text)
    return NotSent("failed" if 400 <= status < 500 else "unknown", text)
