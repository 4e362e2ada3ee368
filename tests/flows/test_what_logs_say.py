"""Logs never hold a name, number, address, note or secret: more people read logs than records."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.storage import keys, table
from infra.local import events
from infra.local.feedback import Feedback
from tests.engines import OPERATOR_KEY, SECRET

NAME, EMAIL, PHONE = "Zebulon Quixworth", "zebulon@quixworth.example", "+12025550177"
NOTE, REPLY, CALL_BACK = "limps since the accident", "I am on my honeymoon", "Wilhelmina"
PLANTED = ("zebulon", "quixworth", "2025550177", "limps", "honeymoon", "wilhelmina", "2025550142", "boss@", OPERATOR_KEY, SECRET)


class Reader(logging.Handler):
    """Collects every log line with its extras and traceback, as the deployed functions write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._text = logging.Formatter("%(levelname)s %(name)s %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self._text.format(record) + json.dumps(vars(record), default=repr))

    def holding(self, words: tuple[str, ...]) -> list[str]:
        return [line for line in self.lines if any(word.lower() in line.lower() for word in words)]


@pytest.fixture
def read_logs() -> Iterator[Reader]:
    """Our and Chalice's logs from INFO on, as deployed; the SDK's from WARNING on."""
    reader, root = Reader(), logging.getLogger()
    level = root.level
    root.addHandler(reader)
    root.setLevel(logging.INFO)
    yield reader
    root.removeHandler(reader)
    root.setLevel(level)


@pytest.fixture
def somebody(api: Any, clock: Any) -> tuple[Any, dict[str, Any]]:
    employer = api.new_employer(
        call_back_name=CALL_BACK, call_back_phone="+12025550142", digest_to=["boss@quixworth.example"], trial=False
    )
    made = employer.post(
        "/v1/interviews",
        {
            "application": {
                "job_title": "Cook",
                "candidate": {
                    "name": NAME,
                    "email": EMAIL,
                    "phone": PHONE,
                    "sms_consent": {"given_at": clock.text(days=-9), "source": "form"},
                },
            },
            "stage": "final",
            "start_at": clock.text(hours=-1),
            "end_at": clock.text(),
        },
    )
    assert made.status == 201, made
    return employer, made.json["application"]


def test_no_log_names_anybody_when_all_goes_well(
    somebody: Any, stack: Any, clock: Any, outbox: Any, run_ticks: Any, read_logs: Reader
) -> None:
    """The main job, a reply, STOP, a bounce, a contact, an erasure."""
    employer, application = somebody
    feedback = Feedback(stack.app, clock, lambda: outbox)
    clock.advance(hours=49)
    run_ticks()
    feedback.inbound_sms({"from": PHONE, "body": REPLY})
    feedback.inbound_sms({"from": PHONE, "body": "STOP"})
    clock.advance(days=5)
    run_ticks()
    contact = {"channel": "call", "outcome": "reached", "decision": "rejected", "note": NOTE}
    assert employer.post(f"/v1/applications/{application['id']}/contacts", contact).status == 201
    assert employer.delete(f"/v1/candidates/{application['candidate']['id']}").status == 200
    assert outbox.to(PHONE) and outbox.to("boss@quixworth.example")
    assert len(read_logs.lines) > 2
    assert read_logs.holding(PLANTED) == []


def test_no_log_names_anybody_when_it_goes_wrong(
    somebody: Any, stack: Any, clock: Any, faults: Any, run_ticks: Any, read_logs: Reader
) -> None:
    """Providers quote the address that they refuse, libraries the value that failed; our logs quote neither."""
    employer, application = somebody
    said = {"message": f"Email address is not verified: {EMAIL} {PHONE}"}
    clock.advance(hours=49)
    faults.answer("Publish", 500, "InternalError", said)
    faults.answer("SendEmail", 400, "MessageRejected", said, times=None)
    run_ticks()
    faults.answer("TransactWriteItems", 400, "ValidationException", said)
    assert employer.post("/v1/candidates", {"name": f"{NAME} Jr", "email": f"jr.{EMAIL}"}).status == 500
    assert employer.post("/v1/candidates", {"name": NAME, "email": f"{EMAIL} and more", "note": NOTE}).status == 422
    Feedback(stack.app, clock, list).inbound_sms({"from": PHONE, "body": REPLY})
    for malformed in ("not JSON", json.dumps({"originationNumber": PHONE}), json.dumps({"bounce": EMAIL})):
        stack.app.mail_events(events.notification(malformed, "mail-events", clock()), events.Context())
    # a record that cannot be planned, and a library that says whose it was
    item: Any = table.get(keys.case_pk(employer.employer_id, application["id"]), "APP")
    table.client().update_item(
        TableName=table.Item.Meta.table_name,
        Key={"PK": {"S": item.PK}, "SK": {"S": "APP"}},
        UpdateExpression="SET tz = :zone",
        ExpressionAttributeValues={":zone": {"S": f"Nowhere/{EMAIL}"}},
    )
    clock.advance(days=5)
    run_ticks()
    table.client().update_item(
        TableName=table.Item.Meta.table_name, Key={"PK": {"S": item.PK}, "SK": {"S": "APP"}}, UpdateExpression="REMOVE tz"
    )
    faults.before("SendEmail", lambda: _fail(f"unencodable: {EMAIL} of {NAME}"))
    run_ticks()
    assert any("Redacted: " in line for line in read_logs.lines), "something was logged with its traceback"
    assert read_logs.holding(PLANTED) == []


def _fail(message: str) -> None:
    raise ValueError(message)
