"""`python -m infra.local` as a whole: start, use over HTTP, kill, restart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.local import demo
from infra.local.data import command_of

ROOT = Path(__file__).resolve().parents[2]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Run:
    """One run of the runner on a data directory."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        (data / "ready.json").unlink(missing_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HEARDBACK_"))}
        command = [sys.executable, "-m", "infra.local", "--port", "0", "--console-port", "0", "--data", str(data), *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        until = time.monotonic() + 30
        while not (data / "ready.json").exists():
            assert self.process.poll() is None, self.process.stdout.read()
            assert time.monotonic() < until, "not ready in 30 s"
            time.sleep(0.05)
        self.ready = json.loads((data / "ready.json").read_text())

    def api(self, method: str, path: str, body: Any = None, key: str = "operator_key") -> Any:
        return ask(method, self.ready["api"] + path, body, {"Authorization": f"Bearer {self.ready.get(key, key)}"})

    def console(self, method: str, path: str, body: Any = None) -> Any:
        return ask(method, self.ready["console"] + path, body, {})

    def engines(self) -> dict[str, int]:
        return json.loads((self.data / "pids.json").read_text())

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


def ask(method: str, url: str, body: Any, headers: dict[str, str]) -> Any:
    raw = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    request = urllib.request.Request(url, raw, {"Content-Type": "application/json", **headers}, method=method)  # noqa: S310 - loopback
    try:
        with _OPENER.open(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error) | {"status": error.code}


@pytest.fixture
def start(tmp_path):
    runs: list[Run] = []

    def starting(*options: str) -> Run:
        runs.append(Run(tmp_path / "data", *options))
        return runs[-1]

    yield starting
    for run in runs:
        if run.process.poll() is None:
            run.stop(signal.SIGTERM)


def gone(pids: dict[str, int]) -> bool:
    until = time.monotonic() + 10
    while any(name in command_of(pid) for name, pid in pids.items()):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def book(run: Run, email: str = "ada@example.com") -> str:
    """An employer, and a candidate whose interview ended 49 hours ago, on a Tuesday at noon. Returns the employer's key."""
    noon = datetime(2026, 6, 2, 16, 0, tzinfo=UTC)
    run.console("POST", "/clock", {"now": noon.isoformat()})
    employer = run.api(
        "POST",
        "/v1/employers",
        {"name": "Acme Robotics", "timezone": "America/New_York", "call_back_phone": "+12025550100", "trial": False},
    )
    key = run.api("POST", "/v1/keys", {"employer_id": employer["id"], "scopes": ["read", "write"]})["secret"]
    ended = noon - timedelta(hours=49)
    run.api(
        "POST",
        "/v1/interviews",
        {
            "application": {"candidate": {"name": "Ada Marsh", "email": email}, "job_title": "Engineer"},
            "stage": "final",
            "start_at": (ended - timedelta(hours=1)).isoformat(),
            "end_at": ended.isoformat(),
        },
        key,
    )
    return key


def test_a_candidate_who_waits_gets_mail_and_everything_survives_a_kill(start):
    """After a kill nothing recorded is lost, nothing is sent twice, and no process is left running."""
    run = start()
    key = book(run)
    counts = run.console("POST", "/tick")
    assert (counts["sent"], counts["email"]) == (1, 1)
    engines = run.engines()
    run.stop(signal.SIGKILL)

    again = start()
    assert gone(engines)
    assert again.ready["operator_key"] == run.ready["operator_key"]
    assert again.console("POST", "/tick")["sent"] == 0
    (mail,) = again.console("GET", "/outbox")["data"]
    assert (mail["channel"], mail["to"], mail["at"][:16]) == ("email", "ada@example.com", "2026-06-02T16:00")
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert again.console("GET", "/clock")["now"].startswith("2026-06-02T16:")
    assert again.api("GET", "/v1/risk", key=key)["tally"]["overdue"] == 1
    engines = again.engines()
    assert again.stop() == 0
    assert gone(engines)
    assert not (again.data / "ready.json").exists()


def test_an_engine_that_is_killed_comes_back_with_its_records(start):
    """The runner restarts an engine that was killed."""
    run = start()
    key = book(run)
    before = run.engines()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 15
    while set(run.engines().values()) & set(before.values()) and time.monotonic() < until:
        time.sleep(0.1)
    assert len(run.api("GET", "/v1/applications", key=key)["data"]) == 1
    assert run.console("POST", "/tick")["sent"] == 1


def test_the_demo_is_seeded_once_and_fresh_begins_anew(start):
    """A second start does not double the sample; `--fresh` removes its key."""
    run = start("--seed", "demo")
    key = run.ready["employer_key"]
    names = {row["candidate"]["name"] for row in run.api("GET", "/v1/applications?limit=100", key="employer_key")["data"]}
    run.stop(signal.SIGTERM)
    run = start("--seed", "demo")
    again = run.api("GET", "/v1/applications?limit=100", key="employer_key")["data"]
    assert (run.ready["employer_key"], len(again), {row["candidate"]["name"] for row in again}) == (key, len(names), names)
    run.stop(signal.SIGTERM)
    run = start("--fresh")
    assert "employer_key" not in run.ready
    assert run.console("GET", "/outbox") == {"data": []}
    assert run.api("GET", "/v1/risk", key=key)["status"] == 401


def test_the_lines_to_try_work_after_the_clock_was_moved_and_the_start_says_that_it_was(start):
    """The printed commands also work after the clock was moved."""
    run = start("--seed", "demo")
    run.console("POST", "/clock", {"advance_hours": 100})
    run.stop(signal.SIGINT)
    assert "Clock" not in run.process.stdout.read()
    run = start("--seed", "demo")
    now = datetime.fromisoformat(run.console("GET", "/clock")["now"])
    before = len(run.console("GET", "/outbox")["data"])
    told = demo.lines_to_try(run.ready).partition("\n\n  export")[2]
    said = subprocess.run(["bash", "-ec", "export" + told], text=True, capture_output=True, timeout=60, check=True).stdout
    assert '"overdue":false' in said and '"due": ' in said
    sent = run.console("GET", "/outbox")["data"][before:]
    assert "ines@example.com" in [one["to"] for one in sent] or not 8 <= local_hour(run, now) < 21
    run.stop(signal.SIGINT)
    assert f"Clock     moved: it is {now.day} {now:%B %Y}" in run.process.stdout.read()


def local_hour(run: Run, now: datetime) -> int:
    return now.astimezone(ZoneInfo(run.api("GET", "/v1/employer", key="employer_key")["timezone"])).hour


def test_two_runs_never_share_a_data_directory(start):
    """Two engines would corrupt one database."""
    run = start()
    second = subprocess.run(
        [sys.executable, "-m", "infra.local", "--port", "0", "--console-port", "0", "--data", str(run.data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert "in use by another run" in second.stderr
    assert run.console("GET", "/clock")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "65536"], "'65536' is not a port: give a number from 0 to 65535"),
        (["--console-port", "-1"], "'-1' is not a port"),
        (
            ["--port", "0", "--console-port", "0", "--data", __file__],
            "test_runner.py cannot keep data (File exists): name another with --data",
        ),
    ],
)
def test_what_an_operator_mistypes_is_told_in_a_line(options, said):
    """A taken port gets one line that says what to do, not a stack trace."""
    command = [sys.executable, "-m", "infra.local", *options]
    ended = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=30, check=False)
    assert ended.returncode in (1, 2)
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
