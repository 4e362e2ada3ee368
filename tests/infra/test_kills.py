"""`kill -9` of the local runner at any moment, and a full disk: the next start comes up, or says why not in a sentence."""

from __future__ import annotations

import json
import random
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.demo import SAMPLES
from infra.local.files import Unwritable
from infra.local.outbox import Outbox
from tests.infra.test_runner import ROOT, ask, clean_environment

START_WITHIN = 30
FRIDAY = 4
KILLS = 20


class Life:
    """One run of the runner, from its start to its kill."""

    def __init__(self, data: Path, log: Path) -> None:
        self.data, self.log = data, log
        command = [
            sys.executable,
            "-m",
            "infra.local",
            "--port",
            "0",
            "--console-port",
            "0",
            "--data",
            str(data),
            "--seed",
            "demo",
        ]
        (data / "ready.json").unlink(missing_ok=True)
        with log.open("w") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=clean_environment(), stdout=output, stderr=subprocess.STDOUT)

    def wait_until_ready(self) -> dict[str, Any]:
        until = time.monotonic() + START_WITHIN
        while not (self.data / "ready.json").exists():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)
        found: dict[str, Any] = json.loads((self.data / "ready.json").read_text())
        return found

    def post_in_background(self, path: str, body: Any = None, times: int = 1) -> None:
        url = self.wait_until_ready()["console"] + path

        def work() -> None:
            with suppress(OSError, ValueError):  # it is killed
                for _ in range(times):
                    ask("POST", url, body, {})

        threading.Thread(target=work, daemon=True).start()

    def kill_after(self, seconds: float) -> None:
        time.sleep(seconds)
        self.process.kill()
        self.process.wait()


def while_it_starts(life: Life, draw: random.Random) -> None:
    life.kill_after(draw.uniform(0, 3.5))


def while_it_ticks(life: Life, draw: random.Random) -> None:
    console = life.wait_until_ready()["console"]
    to_texting_hours(console)
    life.post_in_background("/tick")
    life.kill_after(draw.uniform(0, 0.4))


def while_it_sends(life: Life, _: random.Random) -> None:
    """As soon as a text went out, however slow the machine is; or after five seconds, where none is due any more."""
    console = life.wait_until_ready()["console"]
    to_texting_hours(console)
    before, until = texts_of(life), time.monotonic() + 5
    life.post_in_background("/tick")
    while texts_of(life) == before and time.monotonic() < until:
        time.sleep(0.005)
    life.kill_after(0)


def while_the_clock_moves(life: Life, draw: random.Random) -> None:
    life.post_in_background("/clock", {"advance_hours": 0.1}, times=50)
    life.kill_after(draw.uniform(0, 0.2))


def while_it_stops(life: Life, draw: random.Random) -> None:
    life.wait_until_ready()
    life.process.send_signal(signal.SIGTERM)
    life.kill_after(draw.uniform(0, 1.2))


def texts_of(life: Life) -> int:
    """How many texts the outbox holds."""
    outbox = life.data / "outbox.jsonl"
    return outbox.read_text().count('"sms"') if outbox.exists() else 0


def to_texting_hours(console: str) -> None:
    """To the next day on which texts go to all of the US."""
    day = datetime.fromisoformat(ask("GET", console + "/clock", None, {})["now"]) + timedelta(days=1)
    while day.weekday() > FRIDAY:
        day += timedelta(days=1)
    ask("POST", console + "/clock", {"now": day.replace(hour=21).isoformat()}, {})


MOMENTS: tuple[Callable[[Life, random.Random], None], ...] = (
    while_it_starts,
    while_it_sends,
    while_the_clock_moves,
    while_it_starts,
    while_it_ticks,
    while_it_stops,
)


@pytest.mark.long
def test_a_kill_at_any_moment_loses_nothing_sends_nothing_twice_and_shows_no_stack_trace(tmp_path):
    """While it starts, sends, moves its clock, ticks, and stops."""
    draw = random.Random(20261)  # noqa: S311 - one seed, one history
    for number in range(KILLS):
        MOMENTS[number % len(MOMENTS)](Life(tmp_path / "data", tmp_path / f"{number}.log"), draw)
    sent = last_life_of(tmp_path)
    assert {one["to"] for one in sent if one["channel"] == "sms"}, "texts went out between the kills"


@pytest.mark.long
@pytest.mark.parametrize("seconds", [0, 0.05, 0.1, 0.15, 0.2, 0.3])
def test_a_kill_while_the_sample_is_made_makes_no_second_sample(tmp_path, seconds):
    """A second employer would text and mail everybody once more. The invitation goes out before its candidates are made."""
    life = Life(tmp_path / "data", tmp_path / "0.log")
    outbox, until = life.data / "outbox.jsonl", time.monotonic() + START_WITHIN
    while not (outbox.exists() and outbox.stat().st_size) and time.monotonic() < until:
        time.sleep(0.005)
    life.kill_after(seconds)
    last_life_of(tmp_path)


def last_life_of(folder: Path) -> list[dict[str, Any]]:
    """Start once more, send what is due, and check it all. Return what was sent in all lives."""
    last = Life(folder / "data", folder / "last.log")
    try:
        about = last.wait_until_ready()
        to_texting_hours(about["console"])
        ask("POST", about["console"] + "/tick", None, {})
        sent: list[dict[str, Any]] = ask("GET", about["console"] + "/outbox", None, {})["data"]
        key = {"Authorization": f"Bearer {about['employer_key']}"}
        people = ask("GET", about["api"] + "/v1/candidates?limit=100", None, key)["data"]
    finally:
        last.process.send_signal(signal.SIGTERM)
        last.process.wait(20)
    assert not [path.name for path in folder.glob("*.log") if "Traceback" in path.read_text()]
    assert Counter(one["name"] for one in people) == Counter(sample.name for sample in SAMPLES)
    messages = Counter((one["channel"], one["to"], re.sub(r"https?://\S+", "", one["body"]), one["at"][:10]) for one in sent)
    assert [what for what, count in messages.items() if count > 1] == []
    return sent


@pytest.fixture
def small_files() -> Iterator[Callable[[int], Callable[[], None]]]:
    """small_files(bytes): what a child process calls first, so that no file of it grows further."""
    yield lambda most: lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.mark.parametrize(
    ("most", "said"),
    [
        (0, "secrets.json cannot be written (File too large): make room on its disk"),
        (4096, "dynoxide ended at once, by SIGXFSZ: a file may not grow any more"),
        (120_000, "dynoxide ended at once, by SIGXFSZ: a file may not grow any more"),
    ],
)
def test_a_start_without_room_says_so_in_a_sentence(tmp_path, small_files, most, said):
    """As on a full disk: the first file, the database's beginning, and the table's making fail."""
    command = [sys.executable, "-m", "infra.local", "--port", "0", "--console-port", "0", "--data", str(tmp_path / "data")]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**clean_environment(), "PYTHONDONTWRITEBYTECODE": "1"},  # a compiled module cut short would break every later start
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=small_files(most),
    )
    assert ended.returncode == 1
    assert said in ended.stderr and "Traceback" not in ended.stderr + ended.stdout
    assert not list((tmp_path / "data").glob("*.new")), "half a file"


def test_an_entry_that_finds_no_room_leaves_no_half_line(tmp_path):
    """The next entry would be appended to it, and both would be lost."""
    path = tmp_path / "outbox.jsonl"
    outbox = Outbox(path)
    outbox.add({"to": "ada@example.com"})
    before, kept = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, kept[1]))
    try:
        with pytest.raises(Unwritable, match=r"outbox\.jsonl cannot be written"):
            outbox.add({"to": "bob@example.com", "body": "x" * 100})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert path.read_bytes() == before
    outbox.add({"to": "cleo@example.com"})
    assert [one["to"] for one in Outbox(path).entries()] == ["ada@example.com", "cleo@example.com"]
