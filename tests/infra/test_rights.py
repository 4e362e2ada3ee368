"""Every AWS request of a handler is allowed by its role, which a local engine would not check."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib import config, wiring
from chalicelib.messaging import reply_addresses
from infra.aws.package import SECRETS_USED, role_of
from infra.local import events
from infra.local.environment import INBOUND_MAIL
from infra.local.feedback import Feedback
from tests.integrations.webhooks.conftest import URL, certificate, internet, receiver

__all__ = ["certificate", "internet", "receiver"]
Right = tuple[str, str]
"""("dynamodb:Query", "index")"""
_OPERATIONS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
_ONE_ACTION = {"SendMessageBatch": "SendMessage"}
QUEUES = {
    "heardback-reminders": "DueQueue",
    "heardback-dead-letters": "DeadLetterQueue",
    "heardback-webhooks": "WebhookQueue",
    "heardback-ats": "AtsQueue",
    "heardback-imports": "ImportQueue",
    "heardback-records": "RecordQueue",
}
WORKERS = {
    "heardback-reminders": ("Deliver", "deliver"),
    "heardback-webhooks": ("SendWebhooks", "send_webhooks"),
    "heardback-ats": ("ProcessAts", "process_ats"),
    "heardback-imports": ("ImportRows", "import_rows"),
    "heardback-records": ("UpdateRecords", "update_records"),
}
"""Queue -> its function in the template, and in app.py."""


def allowed(template: dict[str, Any], function: str) -> set[Right]:
    rights: set[Right] = set()
    for policy in template["Resources"][role_of(template, function)]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                rights.update((action, kind_of(resource)) for action in actions for resource in resources)
    return rights


def kind_of(resource: Any) -> str:
    text = json.dumps(resource)
    if ":dynamodb:" in text:
        return "index" if "/index/" in text else "table"
    return next((kind for kind in QUEUES.values() if kind in text), "")


class Watch:
    """Records each AWS request and the handler that made it."""

    def __init__(self, clients: list[Any]) -> None:
        self.asked: dict[str, set[Right]] = {}
        self._who = ""
        for client in clients:
            client.meta.events.register("provide-client-params.*.*", self._note, unique_id=f"rights-{id(self)}")
        self._clients = clients

    def end(self) -> None:
        for client in self._clients:
            client.meta.events.unregister("provide-client-params.*.*", unique_id=f"rights-{id(self)}")

    @contextmanager
    def handler(self, name: str) -> Iterator[None]:
        """Within it, the process has the secrets that the function is told to use, and no others."""
        self._who = name
        os.environ["HEARDBACK_SECRETS_USED"] = SECRETS_USED[name]
        config.forget()
        try:
            yield
        finally:
            self._who = ""
            del os.environ["HEARDBACK_SECRETS_USED"]
            config.forget()

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if self._who:
            service = {"sesv2": "ses"}.get(model.service_model.service_name, model.service_model.service_name)
            self.asked.setdefault(self._who, set()).update(
                (f"{service}:{action}", kind) for action, kind in _rights_of(service, model.name, params)
            )


def _rights_of(service: str, operation: str, params: dict[str, Any]) -> list[Right]:
    if service == "sqs":
        return [(_ONE_ACTION.get(operation, operation), QUEUES[params["QueueUrl"].rpartition("/")[2]])]
    if service != "dynamodb":
        return [(operation, "")]
    if operation == "TransactWriteItems":
        return [(_OPERATIONS[kind], "table") for item in params["TransactItems"] for kind in item]
    return [(operation, "index" if "IndexName" in params else "table")]


@pytest.fixture
def takes_mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A deployment to which mail comes."""
    for name, value in INBOUND_MAIL.items():
        monkeypatch.setenv(name, value)
    config.forget()
    yield
    monkeypatch.undo()
    config.forget()


@pytest.fixture
def watch(stack: Any) -> Iterator[Watch]:
    watching = Watch([stack.table.client(), wiring.sqs(), wiring.sns(), wiring.ses(), wiring.s3()])
    yield watching
    watching.end()


@pytest.mark.usefixtures("internet")
def test_each_handler_may_do_what_it_does(template, watch, stack, api, clock, takes_mail):
    """Run an interview with mails, texts, webhooks, an import, bounces, STOPs, dead letters and nightly jobs."""
    with watch.handler("APIHandler"):
        company = api.new_employer(policy={"sms_countries": ["US"], "digest_time": "11:00"}, digest_to=["dana@example.com"])
        made = [
            company.post(
                "/v1/interviews",
                {
                    "application": {
                        "candidate": {
                            "name": f"Sam {n}",
                            "email": f"sam{n}@example.com",
                            "phone": f"+1202555012{n}",
                            "sms_consent": {"given_at": clock.text(), "source": "form"},
                        },
                        "job_title": "Welder",
                    },
                    "stage": "final",
                    "start_at": clock.text(hours=-2),
                    "end_at": clock.text(hours=-1),
                },
            )
            for n in range(3)
        ]
        application = made[0].json["application"]["id"]
        for path in (
            "/healthz",
            "/v1/risk",
            "/v1/risk/history",
            "/v1/call_list",
            "/v1/applications",
            "/v1/messages",
            f"/v1/applications/{application}",
            f"/v1/applications/{application}/contacts",
            "/v1/employer",
            "/v1/keys",
        ):
            assert company.get(path).status == 200, path
        assert company.post("/v1/webhook_endpoints", {"url": URL}).status == 201
        rows = (
            b"name,email,candidate_ref,job_title,application_ref,stage,interview_start,interview_end\n"
            b"Ann,ann@example.com,c1,Welder,a1,final,2026-05-01T09:00:00Z,2026-05-01T10:00:00Z\n"
        )
        sent_file = company.post("/v1/imports", rows, headers={"Content-Type": "text/csv"})
        assert sent_file.status == 202, sent_file
    clock.advance(hours=48)
    for _ in range(3):
        _a_minute(watch, stack, clock)
        clock.advance(hours=6)
    sent = company.get("/v1/messages", query={"status": "sent"}).json["data"]
    assert {message["channel"] for message in sent} == {"sms", "email"}
    bounce = {
        "eventType": "Bounce",
        "mail": {"messageId": sent[0]["provider_message_id"], "timestamp": clock.text()},
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "feedbackId": "f1",
            "timestamp": clock.text(),
            "bouncedRecipients": [{"emailAddress": "dana@example.com"}],
        },
    }
    with watch.handler("MailEvents"):
        stack.app.mail_events(events.notification(json.dumps(bounce), "heardback-mail-events", clock()), events.Context())
    for number, word in enumerate(("HELP", "STOP")):
        said = {
            "originationNumber": "+12025550121",
            "destinationNumber": "+12025550199",
            "messageBody": word,
            "messageKeyword": word,
            "inboundMessageId": f"in{number}",
        }
        with watch.handler("InboundSms"):
            stack.app.inbound_sms(events.notification(json.dumps(said), "heardback-inbound-sms", clock()), events.Context())
    notice = _mail_in_the_bucket(stack, company.employer_id or "", application)
    with watch.handler("InboundMail"):
        told = stack.app.inbound_mail(events.notification(notice, "heardback-inbound-mail", clock()), events.Context())
        assert told == {"shown": 1}
    number = next(message["to"] for message in sent if message["channel"] == "sms")
    line = Feedback(stack.app, stack.clock, lambda: stack.outbox)
    for reason in ("Phone carrier has blocked this message", "Phone number is opted out"):
        with watch.handler("TextEvents"):
            line.sms_event({"to": number, "status": "FAILURE", "reason": reason})
    with watch.handler("APIHandler"):
        told = company.post(
            f"/v1/applications/{application}/contacts", {"channel": "call", "outcome": "reached", "decision": "rejected"}
        )
        assert told.status == 201
    letter = {"MessageId": "m1", "ReceiptHandle": "r1", "Body": json.dumps({"pk": "EMP#x", "sk": "MSG#y"})}
    with watch.handler("DeadLetters"):
        stack.app.dead_letters(events.queue_records([letter], "heardback-dead-letters"), events.Context())
    with watch.handler("Nightly"):
        stack.app.nightly(events.schedule(clock(), "nightly"), events.Context(900))

    functions = {"APIHandler", "Tick", "MailEvents", "InboundSms", "InboundMail", "TextEvents", "DeadLetters", "Nightly"}
    assert watch.asked.keys() == functions | {"Deliver", "SendWebhooks", "ImportRows"}
    too_much = {name: sorted(asked - allowed(template, name)) for name, asked in watch.asked.items()}
    assert not any(too_much.values()), too_much


def _mail_in_the_bucket(stack: Any, employer_id: str, application_id: str) -> str:
    """What SES tells of an answer that it has put there."""
    wiring.s3().create_bucket(Bucket=INBOUND_MAIL["HEARDBACK_INBOUND_MAIL_BUCKET"])
    thread = reply_addresses.thread_of(employer_id, application_id)
    assert thread is not None
    raw = f"From: sam0@example.com\nReferences: {thread.reference}\n\nHello".encode()
    reader = Feedback(stack.app, stack.clock, lambda: stack.outbox)
    return json.dumps(reader.put(raw, thread.reply_to, "sam0@example.com", "m1", {}))


def _a_minute(watch: Watch, stack: Any, clock: Any) -> None:
    with watch.handler("Tick"):
        stack.pumps.tick()
    for queue, (function, name) in WORKERS.items():
        records = [
            {"MessageId": f"m{number}", "ReceiptHandle": "r", "Body": message["Body"]}
            for number, message in enumerate(_received(stack, queue))
        ]
        if records:
            with watch.handler(function):
                getattr(stack.app, name)(events.queue_records(records, queue), events.Context())


def _received(stack: Any, queue: str) -> list[dict[str, Any]]:
    [url] = [one for one in stack.queues if one.endswith(queue)]
    found: list[dict[str, Any]] = []
    while page := stack.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        found += page
        for message in page:
            stack.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found
