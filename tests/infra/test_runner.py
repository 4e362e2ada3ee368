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


def clean_environment() -> dict[str, str]:
    """Return the environment without what another test may have set for its own engines."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HEARDBACK_"))}


class Run:
    """One run of the runner on a data directory."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        (data / "ready.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "infra.local", "--port", "0", "--console-port", "0", "--data", str(data), *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=clean_environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        until = time.monotonic() + 30
        while not (data / "ready.json").exists():
            assert self.process.poll() is None, self.process.communicate()[0]
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


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A run that several tests look at."""
    run = Run(tmp_path_factory.mktemp("runner") / "data")
    yield run
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


@pytest.mark.long
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


@pytest.mark.long
def test_an_engine_is_mended_while_a_job_waits_for_another(start):
    """The pump waits for a queue that does not answer; meanwhile the table's engine must come back."""
    run = start()
    key = book(run)
    engines = run.engines()
    os.kill(engines["ministack"], signal.SIGSTOP)
    try:
        time.sleep(1.2)  # the pump polls the queue once a second
        os.kill(engines["dynoxide"], signal.SIGKILL)
        until = time.monotonic() + 4
        while run.engines()["dynoxide"] == engines["dynoxide"]:
            assert time.monotonic() < until, "not mended while the pump waits"
            time.sleep(0.05)
    finally:
        os.kill(engines["ministack"], signal.SIGCONT)
    assert len(run.api("GET", "/v1/applications", key=key)["data"]) == 1
    assert run.console("POST", "/tick")["sent"] == 1


@pytest.mark.long
def test_the_data_is_private_also_where_it_was_not(start, tmp_path):
    """Others on this machine must not read texts and addresses. Data of an older version is open to them."""
    run = start()
    book(run)
    run.console("POST", "/tick")
    run.stop()
    data = tmp_path / "data"
    for path in (data, *data.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o666)
    run = start()
    run.console("POST", "/clock", {"advance_hours": 1})
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in data.iterdir()}
    assert oct(data.stat().st_mode & 0o777) == "0o700"
    assert {"dynamodb.db", "outbox.jsonl", "secrets.json", "clock.json", "ready.json", "pids.json", "lock"} <= modes.keys()
    assert {name: mode for name, mode in modes.items() if mode not in ("0o600", "0o700")} == {}


def test_a_folder_that_holds_other_things_keeps_its_rights_and_is_named(start, tmp_path):
    """Somebody may name a shared folder: closing it would lock others out. What we write there is private all the same."""
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    (data / "somebody's").write_text("x")
    run = start()
    assert data.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o077 for path in data.iterdir() if path.name != "somebody's"} == {0}
    run.stop()
    assert f"{data} is open to other users of this machine" in run.process.stdout.read()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no loopback address but 127.0.0.1")
def test_no_web_page_finds_the_engines(running):
    """Both answer to every Origin. They listen on an address and a port that a page would have to guess together."""
    commands = [command_of(pid) for pid in running.engines().values()]
    assert not any("127.0.0.1" in command for command in commands)
    listening = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        address, state, inode = line.split()[1], line.split()[3], line.split()[9]
        if state == "0A":
            raw, port = address.split(":")
            listening[inode] = (".".join(str(int(raw[at : at + 2], 16)) for at in (6, 4, 2, 0)), int(port, 16))
    for pid in running.engines().values():
        sockets = {str(path.readlink()).strip("socket:[]") for path in Path(f"/proc/{pid}/fd").iterdir()}
        hosts = {host for inode, (host, _) in listening.items() if inode in sockets}
        assert hosts and all(host.startswith("127.") and host != "127.0.0.1" for host in hosts), hosts


DAMAGED = [
    ("pids.json", b"{", "pids.json cannot be read (it is not JSON): it is made again", True),
    pytest.param("pids.json", b'{"": 1, "dynoxide": -1, "ministack": "x"}', "", True, marks=pytest.mark.long),
    pytest.param(
        "outbox.jsonl", b'{"to": "a"}\nhalf\n{"to": "b"}\n', "left out 1 damaged line(s): 2", True, marks=pytest.mark.long
    ),
    ("clock.json", b"{", "clock.json cannot be read (it is not JSON): delete it", False),
    ("secrets.json", b"{}", "secrets.json is damaged (it holds no secret): put a copy of it back", False),
    pytest.param(
        "secrets.json",
        b'{"secret": "short", "operator_key": 5}',
        "secrets.json is damaged (it holds no secret)",
        False,
        marks=pytest.mark.long,
    ),
    pytest.param("dynamodb.db", b"no database" * 1000, "dynoxide ended at once", False, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("name", "content", "said", "goes_on"), DAMAGED)
def test_a_damaged_file_is_mended_or_named_in_a_sentence(start, tmp_path, name, content, said, goes_on):
    """A full disk, an editor or another version may have damaged it: no stack trace, and nothing is lost by a guess."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "lock").touch()
    (data / name).write_bytes(content)
    if goes_on:
        run = start()
        run.stop()
        printed = run.process.stdout.read()
    else:
        command = [sys.executable, "-m", "infra.local", "--port", "0", "--console-port", "0", "--data", str(data)]
        ended = subprocess.run(
            command, cwd=ROOT, env=clean_environment(), text=True, capture_output=True, timeout=30, check=False
        )
        assert ended.returncode == 1
        printed = ended.stderr
        assert (data / name).read_bytes() == content, "left for its owner to look at"
    assert said in printed
    assert "Traceback" not in printed


@pytest.mark.long
def test_the_demo_is_seeded_once_its_lines_work_on_a_moved_clock_and_fresh_begins_anew(start):
    """A second start does not double the sample, and says that the clock was moved; `--fresh` removes the sample's key."""
    run = start("--seed", "demo")
    key = run.ready["employer_key"]
    names = {row["candidate"]["name"] for row in run.api("GET", "/v1/applications?limit=100", key="employer_key")["data"]}
    run.console("POST", "/clock", {"advance_hours": 100})
    run.stop(signal.SIGINT)
    assert "Clock" not in run.process.stdout.read()

    run = start("--seed", "demo")
    again = run.api("GET", "/v1/applications?limit=100", key="employer_key")["data"]
    assert (run.ready["employer_key"], len(again), {row["candidate"]["name"] for row in again}) == (key, len(names), names)
    now = datetime.fromisoformat(run.console("GET", "/clock")["now"])
    before = len(run.console("GET", "/outbox")["data"])
    told = demo.lines_to_try(run.ready).partition("\n\n  export")[2]
    said = subprocess.run(["bash", "-ec", "export" + told], text=True, capture_output=True, timeout=60, check=True).stdout
    assert '"overdue":false' in said and '"due": ' in said
    sent = run.console("GET", "/outbox")["data"][before:]
    assert "ines@example.com" in [one["to"] for one in sent] or not 8 <= local_hour(run, now) < 21
    run.stop(signal.SIGINT)
    assert f"Clock     moved: it is {now.day} {now:%B %Y}" in run.process.stdout.read()

    run = start("--fresh")
    assert "employer_key" not in run.ready
    assert run.console("GET", "/outbox") == {"data": []}
    assert run.api("GET", "/v1/risk", key=key)["status"] == 401


def local_hour(run: Run, now: datetime) -> int:
    return now.astimezone(ZoneInfo(run.api("GET", "/v1/employer", key="employer_key")["timezone"])).hour


def test_two_runs_never_share_a_data_directory(running):
    """Two engines would corrupt one database."""
    second = subprocess.run(
        [sys.executable, "-m", "infra.local", "--port", "0", "--console-port", "0", "--data", str(running.data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert "in use by another run" in second.stderr
    assert running.console("GET", "/clock")


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
    ended = subprocess.run(command, cwd=ROOT, env=clean_environment(), text=True, capture_output=True, timeout=30, check=False)
    assert ended.returncode in (1, 2)
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
