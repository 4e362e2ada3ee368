"""Events as AWS would hand them to the handlers in app.py: shapes only, no decisions."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from infra.local.engines import REGION

ACCOUNT = "000000000000"


class Context:
    """What a handler may ask its invocation: time left and an id."""

    function_name = "local"
    memory_limit_in_mb = "512"

    def __init__(self, seconds: float = 120) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self.invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:local"
        self._milliseconds = int(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def schedule(now: datetime, rule: str = "tick") -> dict[str, Any]:
    """What an EventBridge rule sends; `time` is by the moved clock."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }


def queue_records(messages: Iterable[Mapping[str, Any]], queue_name: str) -> dict[str, Any]:
    """What an SQS mapping sends, made of what ReceiveMessage answered."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": dict(message.get("Attributes", {})),
                "messageAttributes": dict(message.get("MessageAttributes", {})),
                "md5OfBody": message.get("MD5OfBody") or hashlib.md5(message["Body"].encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue_name}",
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def notification(message: str, topic: str, now: datetime, subject: str = "") -> dict[str, Any]:
    """What an SNS subscription sends. `Subject` and `MessageAttributes` are always there: Chalice reads both."""
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
    published = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "MessageAttributes": {},
    }
    return {
        "Records": [
            {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": f"{arn}:{uuid.uuid4()}", "Sns": published}
        ]
    }
