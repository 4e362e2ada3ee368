"""The app's settings on one machine, and what its engines need before it starts: table, queues, sender."""

from __future__ import annotations

import hashlib
import json
import os
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from infra.local.engines import REGION
from infra.local.events import ACCOUNT

TABLE = "heardback"
INBOUND_MAIL = {
    "HEARDBACK_INBOUND_MAIL_DOMAIN": "reply.heardback.example",
    "HEARDBACK_INBOUND_MAIL_BUCKET": "heardback-inbound-mail",
}
"""The settings with which mail comes to us. Without them it does not."""
QUEUE = "heardback-reminders"
BACKGROUND_QUEUES = {
    "HEARDBACK_WEBHOOK_QUEUE_URL": "heardback-webhooks",
    "HEARDBACK_ATS_QUEUE_URL": "heardback-ats",
    "HEARDBACK_IMPORT_QUEUE_URL": "heardback-imports",
    "HEARDBACK_RECORD_QUEUE_URL": "heardback-records",
}
"""Setting -> queue of what may be slow."""
DEAD_LETTERS = "heardback-dead-letters"
EMAIL_FROM = "Heardback <no-reply@heardback.example>"
VISIBILITY_SECONDS = 12 * 60
"""Six times as long as the functions of the queues may run."""
RECEIVES_AT_MOST = 5


def environment(dynamodb_url: str, ministack_url: str, base_url: str, secret: str, operator_key: str) -> dict[str, str]:
    """The settings of config.py and of the SDK, without anything of the user's own AWS account."""
    engines = {urlsplit(url).hostname or "" for url in (dynamodb_url, ministack_url)}
    here = ",".join(("127.0.0.1", "localhost", *sorted(engines - {"127.0.0.1", "localhost"})))
    return {
        "HEARDBACK_TABLE": TABLE,
        "HEARDBACK_QUEUE_URL": f"{ministack_url}/{ACCOUNT}/{QUEUE}",
        "HEARDBACK_DEAD_LETTER_QUEUE_URL": f"{ministack_url}/{ACCOUNT}/{DEAD_LETTERS}",
        **{setting: f"{ministack_url}/{ACCOUNT}/{name}" for setting, name in BACKGROUND_QUEUES.items()},
        "HEARDBACK_SECRET": secret,
        "HEARDBACK_OPERATOR_KEY_SHA256": hashlib.sha256(operator_key.encode()).hexdigest(),
        "HEARDBACK_BASE_URL": base_url,
        "HEARDBACK_EMAIL_FROM": EMAIL_FROM,
        "HEARDBACK_SMS_SENDER": "Heardback",
        "HEARDBACK_SENDS_PER_SECOND": "0",
        "HEARDBACK_CHUNKS_AT_ONCE": "1",  # a kill loses one chunk
        "HEARDBACK_SEEKERS_OPEN": "true",
        "HEARDBACK_SMS_PRICE_USD": "0",
        "HEARDBACK_SUPPORT_EMAIL": "support@heardback.example",
        "HEARDBACK_REQUESTS_PER_SECOND": os.environ.get("HEARDBACK_REQUESTS_PER_SECOND", "0"),
        "AWS_ENDPOINT_URL": ministack_url,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": here,
        "no_proxy": here,
    }


def set_environment(values: dict[str, str]) -> None:
    """Set the environment, and remove what a shell may have set for a real account: it would win over a key pair."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        os.environ.pop(name, None)
    os.environ.update(values)


def prepare() -> None:
    """Make the table, the queues and the verified sender where they are missing.

    Also after a restart of MiniStack, which loses its queues; the table has everything that matters.
    """
    from chalicelib import config, wiring  # reads settings: after the environment is set
    from chalicelib.storage import table

    wiring.start()
    table.create_table()
    sqs = wiring.sqs()
    sqs.create_queue(QueueName=DEAD_LETTERS)
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{DEAD_LETTERS}", "maxReceiveCount": RECEIVES_AT_MOST}
    attributes = {"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": json.dumps(redrive)}
    for name in (QUEUE, *BACKGROUND_QUEUES.values()):
        sqs.create_queue(QueueName=name, Attributes=attributes)
    verify_senders(wiring.ses())
    if bucket := config.settings().inbound_mail_bucket:
        wiring.s3().create_bucket(Bucket=bucket)


def verify_senders(ses: Any) -> None:
    """Verifies the sender of each mail before it goes: on AWS that is done with the domain of `email_from`."""
    verified = {identity["IdentityName"] for identity in ses.list_email_identities().get("EmailIdentities", [])}

    def verify(params: dict[str, Any], **_: Any) -> None:
        address = parseaddr(params.get("FromEmailAddress", ""))[1]
        if address and address not in verified:
            verified.add(address)
            ses.create_email_identity(EmailIdentity=address)

    verify({"FromEmailAddress": EMAIL_FROM})
    for operation in ("SendEmail", "SendBulkEmail"):
        event, name = f"provide-client-params.sesv2.{operation}", f"verify-senders-{operation}"
        ses.meta.events.unregister(event, unique_id=name)
        ses.meta.events.register(event, verify, unique_id=name)
