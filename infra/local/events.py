"""Events in the shapes in which AWS passes them to the handlers in app.py."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from infra.local.engines import REGION

ACCOUNT = "000000000000"


class Context:
    """The invocation's context: time left and an id."""

    function_name = "local"
    memory_limit_in_mb = "512"

    def __init__(self, seconds: float = 120) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self.invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:local"
        self._milliseconds = int(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def schedule(now: datetime, rule: str = "tick") -> dict[str, Any]:
    """The event of an EventBridge rule; `time` is the moved clock's."""
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
    """The event of an SQS mapping, made from ReceiveMessage's answer."""
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


def delivery_log(line: str, now: datetime) -> dict[str, Any]:
    """The event of a subscription of CloudWatch Logs: one line of SNS's delivery log."""
    at = int(now.timestamp() * 1000)
    packed = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": f"sns/{REGION}/{ACCOUNT}/DirectPublishToPhoneNumber",
        "logStream": str(uuid.uuid4()),
        "subscriptionFilters": ["heardback"],
        "logEvents": [{"id": str(uuid.uuid4().int)[:56], "timestamp": at, "message": line}],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(packed).encode())).decode()}}


def notification(message: str, topic: str, now: datetime, subject: str = "") -> dict[str, Any]:
    """The event of an SNS subscription. `Subject` and `MessageAttributes` are always there: Chalice reads both."""
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
