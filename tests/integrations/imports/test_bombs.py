"""A file that is made to do harm is refused, and harms nobody else meanwhile. On AWS a function of its own reads workbooks."""

from __future__ import annotations

import base64
import http.client
import io
import json
import os
import random
import threading
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from chalicelib import config, wiring
from chalicelib.integrations.imports import workbook_function
from chalicelib.integrations.imports.file_quota import MOST
from infra.local import events
from infra.local.server import ApiServer
from tests.integrations.imports.conftest import XLSX, xlsx_of

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
FOOT = "</row></sheetData></worksheet>"
AT_THE_SAME_TIME = 5
"""Requests of another employer that must be through while the bomb is in work. Seen: 30."""


def with_sheet(sheet: str) -> bytes:
    """Return a workbook whose sheet is this XML."""
    good, bad = io.BytesIO(xlsx_of(["Name"], ["Ada"])), io.BytesIO()
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for part in source.namelist():
            target.writestr(part, sheet if part == SHEET else source.read(part))
    return bad.getvalue()


def bomb() -> bytes:
    """Return a small file that is long in work: 300,000 cells in one place, which no limit on sizes catches."""
    draw = random.Random(7)
    cells = (f'<c r="A1" t="inlineStr"><is><t>x{draw.randrange(100)}</t></is></c>' for _ in range(300_000))
    return with_sheet(HEAD + "".join(cells) + FOOT)


@pytest.fixture
def port(stack: Any) -> Iterator[int]:
    server = ApiServer(stack.app.app, 0)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server.port
    server.stop()
    thread.join()


def ask(port: int, key: str, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    wire.request(method, path, body, {"Authorization": f"Bearer {key}", **headers})
    status = wire.getresponse().status
    wire.close()
    return status


def test_others_requests_and_texts_go_on_while_a_bomb_is_being_refused(port, api, employer, stack, clock, outbox):
    """By order, not by the clock: another employer's requests and text are through before the bomb is refused."""
    victim = api.new_employer(policy={"sms_countries": ["US"]})
    candidate = {"name": "Sam", "phone": "+12025550123", "sms_consent": {"given_at": clock.text(), "source": "form"}}
    times = {"start_at": clock.text(hours=-50), "end_at": clock.text(hours=-49)}
    booked = victim.post(
        "/v1/interviews", {"application": {"candidate": candidate, "job_title": "Welder"}, "stage": "final", **times}
    )
    assert booked.status == 201
    clock.advance(hours=4)
    refused: list[int] = []
    raw = bomb()

    def throw() -> None:
        refused.append(ask(port, employer.key, "POST", "/v1/imports?dry_run=true&profile=applicants", raw, **XLSX))

    thread = threading.Thread(target=throw)
    thread.start()
    stack.pumps.tick()
    stack.pumps.deliver()
    texted_meanwhile = thread.is_alive() and len(outbox.sms)
    through = 0
    while thread.is_alive():
        through += ask(port, victim.key, "GET", "/v1/risk") == 200
    thread.join()
    assert refused == [422]
    assert texted_meanwhile == 1
    assert through > AT_THE_SAME_TIME


def test_a_sheet_full_of_failed_formulas_is_read(send):
    """Reading took the product of rows and failed cells: such a sheet ran out of time."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="B{n}" t="e"><v>#N/A</v></c></row>' for n in range(2, 15_000))
    names = '<c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t>Job</t></is></c>'
    found = send(with_sheet(f"{HEAD}{names}</row>{rows}</sheetData></worksheet>"), dry_run="true", profile="applicants")
    assert found.status in (200, 422) and "memory or time" not in json.dumps(found.json), found


class Function:
    """The function that reads workbooks, asked through botocore and run here: what Lambda answers is the test's to say."""

    def __init__(self, app: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status, self.error = 200, ""
        self._app = app

    def answer(self, params: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        request = json.loads(params["body"])
        self.asked.append({"path": params["url_path"], "bytes": len(params["body"]), **request})
        parsed: dict[str, Any] = {"StatusCode": self.status, "ResponseMetadata": {"HTTPStatusCode": self.status}}
        if self.status != 200:
            return AWSResponse("", self.status, {}, None), {**parsed, "Error": {"Code": self.error, "Message": ""}}
        if self.error:
            parsed["FunctionError"] = self.error
        parsed["Payload"] = io.BytesIO(json.dumps(self._app.read_workbook(request, events.Context())).encode())
        return AWSResponse("", 200, {}, None), parsed


@pytest.fixture
def function(stack: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    """The API as on AWS, where a function of its own reads workbooks."""
    found, client = Function(stack.app), wiring.lambda_()
    monkeypatch.setenv("HEARDBACK_WORKBOOK_FUNCTION", "read-workbook")
    config.forget()
    client.meta.events.register("before-call.lambda.Invoke", found.answer, unique_id="workbooks")
    yield found
    client.meta.events.unregister("before-call.lambda.Invoke", unique_id="workbooks")
    monkeypatch.delenv("HEARDBACK_WORKBOOK_FUNCTION")
    config.forget()


NAMES = xlsx_of(["Name", "Job", "Applied"], ["Ada", "Welder", "2026-01-05"])


def test_the_function_reads_what_a_process_of_the_machine_reads(send, function):
    there = send(NAMES, dry_run="true", profile="applicants")
    assert function.asked[0]["path"].endswith("/functions/read-workbook/invocations")
    assert base64.b64decode(function.asked[0]["file"]) == NAMES
    os.environ.pop("HEARDBACK_WORKBOOK_FUNCTION")
    config.forget()
    here = send(NAMES, dry_run="true", profile="applicants")
    assert (there.status, there.json) == (here.status, here.json) and len(function.asked) == 1
    os.environ["HEARDBACK_WORKBOOK_FUNCTION"] = "read-workbook"


def test_the_largest_file_fits_into_one_request_of_lambda(send, function):
    raw = with_sheet(f"{HEAD}{FOOT}") + bytes(4 * 1024 * 1024)
    assert send(raw[: 4 * 1024 * 1024], dry_run="true", profile="applicants", headers=XLSX).status == 422
    assert function.asked[0]["bytes"] < 6 * 1024 * 1024


@pytest.mark.parametrize("raw", [b"PK\x03\x04 not a zip", with_sheet(f"{HEAD}{FOOT}")])
def test_what_the_function_refuses_is_refused_in_the_same_words(send, function, raw):
    told = send(raw, dry_run="true", profile="applicants", headers=XLSX)
    assert told.status == 422 and told.json["code"] == "unreadable_file" and told.json["errors"][0]["message"], told


def test_a_file_that_kills_the_function_is_refused_and_killed_once(send, function):
    function.error = "Unhandled"
    told = send(NAMES, dry_run="true", profile="applicants")
    assert told.status == 422 and "memory or time" in told.json["errors"][0]["message"]
    assert len(function.asked) == 1


def test_a_function_that_is_busy_is_no_fault_of_the_file(send, function):
    """Nor does it count in the employer's quota of files that cannot be read."""
    function.status, function.error = 429, "TooManyRequestsException"
    for times in range(1, MOST + 2):
        told = send(NAMES, dry_run="true", profile="applicants")
        assert (told.status, told.headers["Retry-After"], len(function.asked)) == (503, "60", times)


def test_more_text_than_a_response_holds_is_refused(send, function, monkeypatch):
    monkeypatch.setattr(workbook_function, "RESPONSE_MOST", 10)
    told = send(NAMES, dry_run="true", profile="applicants")
    assert told.status == 422 and "split the file" in told.json["errors"][0]["message"]
