"""Sends texts by SNS and mail by SES, and says of each that was not sent whether another attempt can help.

SNS Publish, SESv2 SendEmail and SendBulkEmail take no idempotency token. So the clients, built in `wiring.py`, must try once only
(`total_max_attempts=1`), with short time-outs: the SDK's default mode would send a text three times when responses are lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

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

from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message

if TYPE_CHECKING:
    from chalicelib.messaging.mail_requests import Mail
    from chalicelib.messaging.reply_addresses import Thread

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
_DENIED = {"AccessDenied", "AccessDeniedException"}
_ENTRY_LATER = {"ACCOUNT_THROTTLED", "ACCOUNT_DAILY_QUOTA_EXCEEDED", "TRANSIENT_FAILURE"}
_ENTRY_NEVER = {
    "MESSAGE_REJECTED",
    "MAIL_FROM_DOMAIN_NOT_VERIFIED",
    "CONFIGURATION_SET_NOT_FOUND",
    "TEMPLATE_NOT_FOUND",
    "ACCOUNT_SUSPENDED",
    "INVALID_SENDING_POOL_NAME",
    "ACCOUNT_SENDING_PAUSED",
    "CONFIGURATION_SET_SENDING_PAUSED",
    "INVALID_PARAMETER",
}
"""SES's statuses of one entry of a bulk send. Any other, `FAILED` too, says not whether the mail went out."""
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
log = logging.getLogger(__name__)


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
        self._may_send_together = True
        self._mail_options: dict[str, Any] = {"ConfigurationSetName": configuration_set} if configuration_set else {}
        self._attributes = {
            "AWS.SNS.SMS.SMSType": _text("Transactional"),
            "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": f"{sms_max_price_usd:f}"},
        }
        if sms_number:
            self._attributes[ORIGINATION_NUMBER] = _text(sms_number)
        if sms_sender:
            self._attributes["AWS.SNS.SMS.SenderID"] = _text(sms_sender)

    def send(
        self,
        message: Message,
        tags: Mapping[str, str] | None = None,
        employer: Employer | None = None,
        thread: Thread | None = None,
    ) -> str:
        """Sends one message and returns the provider's id. Raises NotSent.

        `tags` come back with the delivery events of SES. It is sent by the number and addresses of `employer`, if any; answers to
        a mail go where `thread` says.
        """
        try:
            return (
                self._text(message, employer) if message.channel == "sms" else self._mail(message, tags or {}, employer, thread)
            )
        except (ClientError, BotoCoreError) as error:
            raise classify_error(error) from error

    def _text(self, message: Message, employer: Employer | None) -> str:
        attributes = self._attributes
        if employer is not None and employer.sender.sms_number:
            attributes = {**attributes, ORIGINATION_NUMBER: _text(employer.sender.sms_number)}
        return self._sns.publish(PhoneNumber=message.to, Message=message.text, MessageAttributes=attributes)["MessageId"]

    def _mail(self, message: Message, tags: Mapping[str, str], employer: Employer | None, thread: Thread | None) -> str:
        from chalicelib.messaging import mail_requests  # late: most requests send no mail

        mail = mail_requests.Mail(message, tags, employer, thread)
        return self._ses.send_email(**mail_requests.single(mail, self._email_from), **self._mail_options)["MessageId"]

    def together(self, mails: Sequence[Mail]) -> list[list[int]]:
        """Groups mails, by place: each group of two or more is for `send_together`."""
        if not self._may_send_together:
            return [[place] for place in range(len(mails))]
        from chalicelib.messaging import mail_requests

        return mail_requests.together(mails, self._email_from)

    def send_together(self, mails: Sequence[Mail]) -> list[str | NotSent]:
        """Sends one group by one call and returns for each mail the provider's id, or why it was not sent.

        Raises NotSent where the call as a whole failed. With the status `failed` it certainly sent none of them, for a reason
        that may be one mail's alone, or the missing right to send in bulk.
        """
        from chalicelib.messaging import mail_requests

        try:
            response = self._ses.send_bulk_email(**mail_requests.bulk(mails, self._email_from), **self._mail_options)
        except (ClientError, BotoCoreError) as error:
            self._note_denied(error)
            raise classify_error(error) from error
        results = response.get("BulkEmailEntryResults") or []
        return [classify_entry(results[place] if place < len(results) else {}) for place in range(len(mails))]

    def _note_denied(self, error: ClientError | BotoCoreError) -> None:
        """Sends no more in bulk from a process that may not."""
        if isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in _DENIED:
            self._may_send_together = False
            log.error("the role may not send mail in bulk: each mail goes alone until the stack is updated")


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


def classify_entry(result: Mapping[str, Any]) -> str | NotSent:
    """Returns the provider's id of one entry of a bulk send, or what its status means. In doubt it may have been sent."""
    status = str(result.get("Status") or "no status")
    if status == "SUCCESS":
        return str(result.get("MessageId") or "")
    text = f"{status}: {result.get('Error') or ''}".strip(": ")[:200]
    if status in _ENTRY_LATER:
        return NotSent("retrying", text)
    return NotSent("failed" if status in _ENTRY_NEVER else "unknown", text)


def _classify_response(error: ClientError) -> NotSent:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    text = f"{code}: {error.response.get('Error', {}).get('Message', '')}".strip(": ")[:200]
    if code in _THROTTLED or status == 429 or (status == 503 and code in _OUT_OF_SERVICE):
        return NotSent("retrying", text)
    return NotSent("failed" if 400 <= status < 500 else "unknown", text)
