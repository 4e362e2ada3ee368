"""Replies, bounces and complaints, passed to the handlers in app.py in the shapes of SNS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from infra.local import events
from infra.local.console import Refused

HEARDBACK_NUMBER = "+12025550199"
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

    def ses_event(self, body: Any) -> dict[str, Any]:
        """A whole SES notification; or {type: Bounce|Complaint|Delivery|Reject, to, permanent?} about the last mail to it."""
        if not isinstance(body, dict):
            raise Refused(400, 'Send SES\'s own notice, or {"type": "Bounce", "to": "jane@example.com"}.')
        notice = body if body.keys() & {"notificationType", "eventType"} else self._notice(body)
        return self._tell(self._app.mail_events, notice, "heardback-mail-events")

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
