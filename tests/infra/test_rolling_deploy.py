"""During a deployment the version before and this version share one table. Neither harms what the other wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chalicelib.reputation import nightly

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("all_due_shards")]  # both versions must agree on them
FIRST_VERSION = "9fae3f7"
"""The last commit of version 0.1.0, before the packages were renamed."""
FROM_TOMORROW = {"from_tomorrow": {"S": "kept"}}
_WORKER = """
import json, sys
from datetime import datetime
import app
from chalicelib import wiring
from infra.local import outbox
from infra.local.pumps import Pumps
from tests.engines import Api
now = [datetime.fromisoformat(sys.argv[1])]
wiring.set_clock(lambda: now[0])
wiring.start()
sent = []
outbox.watch(wiring.sns(), wiring.ses(), sent.append, wiring.now)
pumps = Pumps(app, wiring.sqs(), sys.argv[2], wiring.now)
for line in sys.stdin:
    asked = json.loads(line)
    if "now" in asked:
        now[0] = datetime.fromisoformat(asked["now"])
    if asked["do"] == "call":
        answer = Api(app.app, asked["key"])(asked["method"], asked["path"], asked["body"])
        said = {"status": answer.status, "json": answer.json}
    else:
        pumps.until_nothing_is_due()
        said = {"sent": [one["to"] for one in sent]}
        sent.clear()
    print("said " + json.dumps(said), flush=True)
"""


class Before:
    """The version before, in a process of its own, on the same table and queues."""

    def __init__(self, folder: Path, stack: Any, ministack_url: str) -> None:
        self._clock = stack.clock
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, self._clock.now.isoformat(), ministack_url],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ask(self, **what: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({**what, "now": self._clock.now.isoformat()}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("said "):
                return json.loads(line[5:])
        raise AssertionError("the version before did not answer")

    def call(self, key: str, method: str, path: str, body: Any = None) -> Any:
        answer = self._ask(do="call", key=key, method=method, path=path, body=body)
        assert answer["status"] < 300, answer
        return answer["json"]

    def run_ticks(self) -> list[str]:
        sent: list[str] = self._ask(do="ticks")["sent"]
        return sent

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(20)


@pytest.fixture(scope="module")
def code_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the last tag, else of FIRST_VERSION, else (without git history) this very code."""
    folder = tmp_path_factory.mktemp("before")
    version = _git("describe", "--tags", "--abbrev=0").strip().decode() or FIRST_VERSION
    tree = subprocess.run(["git", "archive", version], cwd=ROOT, capture_output=True, check=False)
    if tree.returncode == 0:
        subprocess.run(["tar", "-x", "-C", str(folder)], input=tree.stdout, check=True)
    else:
        for name in ("app.py", "chalicelib", "infra", "tests"):
            (folder / name).symlink_to(ROOT / name)
    return folder


def _git(*command: str) -> bytes:
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, check=False).stdout


@pytest.fixture
def before(code_before: Path, stack: Any, engines: Any) -> Iterator[Before]:
    code = Before(code_before, stack, engines[1].url)
    yield code
    code.end()


def body(clock: Any, name: str, phone: str) -> dict[str, Any]:
    person = {"name": name, "phone": phone, "sms_consent": {"given_at": clock.text(), "source": "form"}}
    return {
        "application": {"candidate": person, "job_title": "Welder"},
        "stage": "final",
        "start_at": clock.text(hours=-2),
        "end_at": clock.text(hours=-1),
    }


@pytest.fixture
def company(api: Any) -> Any:
    return api.new_employer(policy={"sms_countries": ["US"]})


def counts(employer: Any) -> tuple[int, int]:
    shown = employer.get("/v1/risk").json["tally"]
    return shown["waiting"], shown["overdue"]


def test_the_old_code_reads_and_answers_what_the_new_code_wrote(before, company, clock):
    """While both versions run, a request may reach either; after a rollback, only the old one."""
    made = company.post("/v1/interviews", body(clock, "Sam Sample", "+12025550111"))
    assert made.status == 201, made
    application = made.json["application"]["id"]
    assert before.call(company.key, "GET", f"/v1/applications/{application}")["loop"] == "waiting"
    before.call(
        company.key,
        "POST",
        f"/v1/applications/{application}/contacts",
        {"channel": "call", "outcome": "reached", "decision": "rejected"},
    )
    assert company.get(f"/v1/applications/{application}").json["loop"] == "answered"
    assert counts(company) == (0, 0)


def test_the_new_code_reads_and_answers_what_the_old_code_wrote(before, company, clock):
    """The table keeps what old versions wrote."""
    made = before.call(company.key, "POST", "/v1/interviews", body(clock, "Sam Sample", "+12025550112"))
    application = made["application"]["id"]
    assert company.get(f"/v1/applications/{application}").json["loop"] == "waiting"
    clock.advance(hours=50)
    assert counts(company) == (1, 1)
    answer = company.post(
        f"/v1/applications/{application}/contacts", {"channel": "call", "outcome": "reached", "decision": "rejected"}
    )
    assert answer.status == 201
    assert before.call(company.key, "GET", f"/v1/applications/{application}")["loop"] == "answered"


def test_both_versions_count_a_not_yet_and_the_night_completes_what_the_old_code_left_out(before, company, clock):
    """The old code refuses codes that it does not know: new counts stand where it does not read."""
    logged = {"channel": "call", "outcome": "reached", "decision": "pending"}
    ours, theirs = (company.post("/v1/interviews", body(clock, f"Sam {n}", f"+1202555011{n}")).json for n in (3, 4))
    clock.advance(hours=50)
    assert company.post(f"/v1/applications/{ours['application']['id']}/contacts", logged).status == 201
    assert company.get("/v1/risk").json["tally"]["not_yet"] == 1
    assert before.call(company.key, "GET", "/v1/risk")["tally"]["answered"] == 1
    before.call(company.key, "POST", f"/v1/applications/{theirs['application']['id']}/contacts", logged)
    shown = company.get("/v1/risk").json["tally"]
    assert (shown["answered"], shown["not_yet"]) == (2, 1)
    assert nightly.run(clock.now)["different"] == 0
    assert company.get("/v1/risk").json["tally"]["not_yet"] == 2
    assert before.call(company.key, "GET", "/v1/risk")["tally"]["answered"] == 2


def test_both_senders_together_send_everything_once(before, company, clock, outbox, run_ticks):
    """Two versions of the scheduler and the worker run at the same time. Both honour the claims in the table."""
    numbers = [f"+120255501{number:02}" for number in range(20, 28)]
    for place, number in enumerate(numbers):
        given = body(clock, f"Sam Sample {place}", number)
        if place % 2:
            before.call(company.key, "POST", "/v1/interviews", given)
        else:
            assert company.post("/v1/interviews", given).status == 201
    clock.advance(hours=48)
    assert sorted(at_once(before, run_ticks, outbox)) == numbers
    outbox.clear()
    clock.advance(days=7)
    assert sorted(at_once(before, run_ticks, outbox)) == numbers, "the second nudge, once each"


def at_once(before: Before, run_ticks: Any, outbox: Any) -> list[str]:
    """Run both senders in the same minute. Return the addresses that they sent to."""
    with ThreadPoolExecutor() as pool:
        theirs = pool.submit(before.run_ticks)
        run_ticks()
        sent = theirs.result()
    return sent + [entry["to"] for entry in outbox]


def test_old_code_keeps_what_newer_code_wrote_into_the_same_item(stack, company, clock, run_ticks):
    """An attribute that this code does not know survives its writes to the item."""
    made = company.post("/v1/interviews", body(clock, "Sam Sample", "+12025550131")).json
    _mark_everything(stack)
    clock.advance(hours=48)
    run_ticks()
    application = made["application"]["id"]
    assert company.post(f"/v1/applications/{application}/contacts", {"channel": "call", "outcome": "voicemail"}).status == 201
    assert (
        company.post(
            f"/v1/applications/{application}/contacts", {"channel": "call", "outcome": "reached", "decision": "pending"}
        ).status
        == 201
    )
    assert company.patch("/v1/employer", {"call_back_name": "Acme Robots"}).status == 200
    lost = [key for key, kept in _marks(stack).items() if not kept]
    assert lost == []


def test_old_code_passes_over_a_kind_that_newer_code_invented(stack, company, clock, outbox):
    """An item of an unknown kind in an application's partition breaks neither reading nor sending."""
    made = company.post("/v1/interviews", body(clock, "Sam Sample", "+12025550132")).json
    case = next(pk for pk, sk in _marks(stack) if sk == "APP")
    stack.table.client().put_item(
        TableName="heardback",
        Item={
            "PK": {"S": case},
            "SK": {"S": "NOVELTY#1"},
            "due_shard": {"N": "3"},
            "due_at": {"S": "2026-01-01T00:00:00.000000Z"},
        },
    )
    clock.advance(hours=48)
    for _ in range(3):  # not until nothing is due: the unknown item stays due
        stack.pumps.tick()
        stack.pumps.drain()
    assert [entry["to"] for entry in outbox] == ["+12025550132"]
    assert company.get(f"/v1/applications/{made['application']['id']}").status == 200


_written: set[tuple[str, str]] = set()


def _mark_everything(stack: Any) -> None:
    _written.clear()
    for pk, sk in _marks(stack):
        stack.table.client().update_item(
            TableName="heardback",
            Key={"PK": {"S": pk}, "SK": {"S": sk}},
            UpdateExpression="SET from_tomorrow = :kept",
            ExpressionAttributeValues={":kept": FROM_TOMORROW["from_tomorrow"]},
        )
        _written.add((pk, sk))


def _marks(stack: Any) -> dict[tuple[str, str], bool]:
    """All items by key, and whether each still has its mark (True where it was never marked)."""
    items = [
        item
        for page in stack.table.client().get_paginator("scan").paginate(TableName="heardback", ConsistentRead=True)
        for item in page["Items"]
    ]
    return {(key := (item["PK"]["S"], item["SK"]["S"])): "from_tomorrow" in item or key not in _written for item in items}
