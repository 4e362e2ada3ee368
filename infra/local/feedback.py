"""Replies, bounces, complaints and what became of texts, passed to the handlers in app.py in AWS's shapes."""

from __future__ import annotations

import email
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from infra.local import events
from infra.local.console import Refused

HEARDBACK_NUMBER = "+12025550199"
TEXT_EVENTS = {"SUCCESS", "FAILURE"}
_MAIL_FIELDS = dict.fromkeys(("from", "to", "text", "subject", "raw", "id", "source"))
_LINE_FIELDS = {"to", "status", "reason"}
MAIL_EVENTS = {"Bounce", "Complaint", "Delivery", "Reject"}


class Feedback:
    """`app` is the module app.py. `outbox` tells which mail is meant: the last one to that address."""

    def __init__(self, app: Any, clock: Callable[[], datetime], outbox: Callable[[], list[dict[str, Any]]]) -> None:
        self._app = app
        self._clock = clock
        self._outbox = outbox

    def inbound_sms(self, body: Any) -> dict[str, Any]:
        """{from, body, id?}: a text to our number. The same `id` again is the same text, delivered twice."""
        given = body if isinstance(body, dict) else {}
        texts = all(isinstance(given.get(name), str) for name in ("from", "body"))
        if not texts or given.keys() - {"from", "body", "id"}:
            raise Refused(400, 'Send {"from": "+12025550101", "body": "STOP"}, and the same "id" to have it delivered twice.')
        text = {
            "originationNumber": given["from"].replace(" ", ""),
            "destinationNumber": HEARDBACK_NUMBER,
            "messageKeyword": "KEYWORD",
            "messageBody": given["body"],
            "inboundMessageId": str(given.get("id") or uuid.uuid4()),
            "previousPublishedMessageId": str(uuid.uuid4()),
        }
        return self._tell(self._app.inbound_sms, text, "heardback-inbound-sms")

    def inbound_mail(self, body: Any) -> dict[str, Any]:
        """{from, to, text, subject?, in_answer?, verdicts?, id?}: a mail to one of our addresses; or {raw, to, …}: a whole .eml.

        `in_answer`: with the reference of the last mail to `from`, as mail programs answer. `verdicts`: what SES found, PASS
        where nothing is said. The same `id` again is the same mail, told twice.
        """
        given = body if isinstance(body, dict) else {}
        known = _MAIL_FIELDS.keys() | {"in_answer", "verdicts"}
        if (
            not isinstance(given.get("to"), str)
            or given.keys() - known
            or any(not isinstance(given.get(name, ""), str) for name in _MAIL_FIELDS)
        ):
            raise Refused(400, 'Send {"from": "jane@example.com", "to": "r-…@reply.heardback.example", "text": "Thank you"}.')
        raw = given["raw"].encode() if "raw" in given else self._written(given)
        message_id = str(given.get("id") or uuid.uuid4().hex)
        sender = parseaddr(email.message_from_bytes(raw)["from"] or "")[1]
        return self.arrived(raw, given["to"], given.get("source", sender), message_id, given.get("verdicts") or {})

    def arrived(self, raw: bytes, to: str, source: str, message_id: str, verdicts: dict[str, str]) -> dict[str, Any]:
        """What SES does with a mail: it puts it into the bucket, and tells the topic."""
        notice = self.put(raw, to, source, message_id, verdicts)
        return self._tell(self._app.inbound_mail, notice, "heardback-inbound-mail")

    def put(self, raw: bytes, to: str, source: str, message_id: str, verdicts: dict[str, str]) -> dict[str, Any]:
        """Puts a mail into the bucket, and returns what SES tells of it."""
        from chalicelib import config, wiring

        bucket = config.settings().inbound_mail_bucket
        if not bucket:
            raise Refused(501, "No mail comes here: HEARDBACK_INBOUND_MAIL_DOMAIN is not set.")
        wiring.s3().put_object(Bucket=bucket, Key=f"mail/{message_id}", Body=raw)
        found = {f"{name}Verdict": {"status": verdicts.get(name, "PASS")} for name in ("spam", "virus", "spf", "dkim", "dmarc")}
        action = {"type": "S3", "bucketName": bucket, "objectKey": f"mail/{message_id}"}
        at = self._clock().isoformat()
        return {
            "notificationType": "Received",
            "mail": {"messageId": message_id, "source": source, "destination": [to], "timestamp": at},
            "receipt": {"recipients": [to], "timestamp": at, "action": action, **found},
        }

    def _written(self, given: dict[str, Any]) -> bytes:
        """A mail as a mail program writes it: with the references of the mail that it answers."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = given.get("from", ""), given["to"], given.get("subject", "Re: your interview")
        mail["Message-ID"] = f"<{uuid.uuid4().hex}@mail.example>"
        if given.get("in_answer", True):
            sent = [one for one in self._outbox() if one.get("channel") == "email" and one["to"] == parseaddr(mail["from"])[1]]
            if references := (sent[-1].get("headers") or {}).get("References") if sent else None:
                mail["References"] = f"{references} <{sent[-1].get('message_id', '')}@email.amazonses.com>"
        mail.set_content(given.get("text", ""))
        return mail.as_bytes()

    def ses_event(self, body: Any) -> dict[str, Any]:
        """A whole SES notification; or {type: Bounce|Complaint|Delivery|Reject, to, permanent?} about the last mail to it."""
        if not isinstance(body, dict):
            raise Refused(400, 'Send SES\'s own notice, or {"type": "Bounce", "to": "jane@example.com"}.')
        notice = body if body.keys() & {"notificationType", "eventType"} else self._notice(body)
        return self._tell(self._app.mail_events, notice, "heardback-mail-events")

    def sms_event(self, body: Any) -> dict[str, Any]:
        """A whole line of SNS's delivery log; or {to, status: SUCCESS|FAILURE, reason?} about the last text to that number."""
        if not isinstance(body, dict):
            raise Refused(400, 'Send SNS\'s own line, or {"to": "+12025550101", "status": "FAILURE", "reason": "…"}.')
        line = body if body.keys() & {"notification", "delivery"} else self.line_about(body)
        event = events.delivery_log(json.dumps(line), self._clock())
        return {"counts": self._app.text_events(event, events.Context())}

    def line_about(self, given: dict[str, Any]) -> dict[str, Any]:
        """The line of SNS's delivery log about the last text to a number."""
        to, status, reason = given.get("to"), given.get("status"), given.get("reason", "Phone carrier has blocked this message")
        if not isinstance(to, str) or status not in TEXT_EVENTS or not isinstance(reason, str) or given.keys() - _LINE_FIELDS:
            raise Refused(400, 'Send {"to": "+12025550101", "status": "FAILURE", "reason": "Phone number is opted out"}.')
        number = to.replace(" ", "")
        sent = [entry for entry in self._outbox() if entry.get("channel") == "sms" and entry["to"] == number]
        has_arrived = status == "SUCCESS"
        return {
            "notification": {
                "messageId": (sent[-1].get("message_id") if sent else None) or str(uuid.uuid4()),
                "timestamp": self._clock().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.000"),
            },
            "delivery": {
                "numberOfMessageParts": 1,
                "destination": number,
                "priceInUSD": 0.00645,
                "smsType": "Transactional",
                "providerResponse": "Message has been accepted by phone" if has_arrived else reason,
                "dwellTimeMs": 599,
            },
            "status": status,
        }

    def _notice(self, given: dict[str, Any]) -> dict[str, Any]:
        kind, to = given.get("type"), given.get("to")
        if kind not in MAIL_EVENTS or not isinstance(to, str) or given.keys() - {"type", "to", "permanent"}:
            raise Refused(400, 'Send {"type": "Bounce", "to": "jane@example.com", "permanent": true}.')
        sent = [entry for entry in self._outbox() if entry.get("channel") == "email" and entry["to"] == to]
        tags = {name: [value] for name, value in (sent[-1].get("tags") or {}).items()} if sent else {}
        at, permanent = self._clock().isoformat(), given.get("permanent", True)
        told: dict[str, dict[str, Any]] = {
            "Bounce": {
                "bounceType": "Permanent" if permanent else "Transient",
                "bounceSubType": "General",
                "bouncedRecipients": [{"emailAddress": to, "status": "5.1.1" if permanent else "4.4.7"}],
            },
            "Complaint": {"complainedRecipients": [{"emailAddress": to}], "complaintFeedbackType": "abuse"},
            "Delivery": {"recipients": [to]},
            "Reject": {"reason": "Bad content"},
        }
        return {
            "eventType": kind,
            kind.lower(): {**told[kind], "timestamp": at, "feedbackId": str(uuid.uuid4())},
            "mail": {"messageId": str(uuid.uuid4()), "destination": [to], "tags": tags},
        }

    def _tell(self, handler: Callable[[Any, Any], Any], told: dict[str, Any], topic: str) -> dict[str, Any]:
        event = events.notification(json.dumps(told), topic, self._clock())
        return {"counts": handler(event, events.Context())}
