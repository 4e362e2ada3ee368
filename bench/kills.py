"""`make kills`: kill -9 of the runner and of both engines at random moments while thousands of reminders are due, restarts,
until all is done; then the counts. Exits non-zero where a promise was broken.

    every reminder has exactly one message item          none lost, none born twice
    sent <= provider calls <= sent + unknown             nobody texted twice
    unknown <= kills * what a worker has in its hands    a kill costs a chunk, not a morning
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.ground import AS_OF, due_reminders
from chalicelib.jobs import worker
from tests.infra.test_runner import Run

NOW = AS_OF + timedelta(minutes=5)
_DONE = {"sent", "failed", "expired", "cancelled", "suppressed", "unknown"}


class Drill:
    """One data directory, many lives."""

    def __init__(self, data: Path, reminders: int, seed: int) -> None:
        self.data, self.reminders, self.dice = data, reminders, random.Random(seed)
        self.kills: Counter[str] = Counter()
        self.run = self._start()
        self.run.console("POST", "/clock", {"now": NOW.isoformat()})

    def _start(self) -> Run:
        """A new life, whose log is read away: a full pipe would hold it up."""
        run = Run(self.data, "--seed", "none")
        threading.Thread(target=lambda: run.process.stdout and run.process.stdout.read(), daemon=True).start()
        return run

    def load(self) -> None:
        """An employer over HTTP, and its due reminders straight into the runner's own table."""
        made = self.run.api(
            "POST",
            "/v1/employers",
            {
                "name": "Acme Robotics (sample)",
                "timezone": "America/New_York",
                "trial": False,
                "call_back_name": "Dana",
                "call_back_phone": "+12025550100",
            },
        )
        self.employer_id = made["id"]
        self._bind()
        due_reminders(self.employer_id, self.reminders)

    def _bind(self) -> None:
        from chalicelib.storage import table
        from infra.local.environment import REGION, TABLE

        command = Path(f"/proc/{self.run.engines()['dynoxide']}/cmdline").read_text().split("\0")
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = f"http://127.0.0.1:{command[command.index('--port') + 1]}"
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")
        table.bind(TABLE, REGION)

    def kill_one(self) -> None:
        """Of the three at random; a killed runner is started again, a killed engine the runner must mend itself."""
        victim = self.dice.choice(["runner", "dynoxide", "ministack"])
        self.kills[victim] += 1
        if victim == "runner":
            self.run.process.kill()
            self.run.process.wait()
            self.run = self._start()
        else:
            with contextlib.suppress(ProcessLookupError):  # killed a moment ago and not yet mended
                os.kill(self.run.engines()[victim], signal.SIGKILL)

    def kill(self, times: int) -> None:
        """Kills while ticks are asked for without a pause, so that something is always in somebody's hands."""
        done = threading.Event()
        asking = threading.Thread(target=self._tick_until, args=(done,))
        asking.start()
        for _ in range(times):
            time.sleep(self.dice.uniform(0.3, 2.5))
            self.kill_one()
        time.sleep(2)
        done.set()
        asking.join()

    def _tick_until(self, done: threading.Event) -> None:
        while not done.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):  # it was killed
                self._console("/tick")

    def settle(self) -> None:
        """Lets claims of the dead run out (15 minutes) and retries end (an hour), until nothing is open."""
        for _ in range(12):
            self._console("/clock", {"advance_hours": 0.4})
            for _ in range(60):
                if self._console("/tick").get("due", 0) == 0:
                    break
            if self.count()["born"] == self.reminders and not self.count()["open"]:
                return

    def _console(self, path: str, body: Any = None) -> Any:
        """A tick answers when nothing is due any more: with thousands, that takes its time."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.run.ready["console"] + path, json.dumps(body).encode(), method="POST"
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=600) as answer:
            return json.load(answer)

    def count(self) -> Counter[str]:
        from chalicelib.storage import table

        self._bind()
        counts: Counter[str] = Counter()
        places: Counter[str] = Counter()
        start: dict[str, Any] = {}
        while True:
            page = table.client().scan(TableName=table.Item.Meta.table_name, ConsistentRead=True, **start)
            for raw in page["Items"]:
                if raw["SK"]["S"].startswith("MSG#"):
                    status = raw["st"]["S"]
                    places[raw["PK"]["S"]] += 1
                    counts[status] += 1
                    counts["open"] += status not in _DONE
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        counts["born"], counts["born_twice"] = len(places), sum(number > 1 for number in places.values())
        return counts

    def calls(self) -> Counter[str]:
        """Provider calls by number, as recorded at the SDK's edge."""
        lines = (self.data / "outbox.jsonl").read_text().splitlines()
        return Counter(json.loads(line)["to"] for line in lines if line.endswith("}"))


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.kills")
    asked.add_argument("--reminders", type=int, default=5000)
    asked.add_argument("--kills", type=int, default=12)
    asked.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = asked.parse_args()
    print(f"seed {options.seed}: {options.reminders} reminders, {options.kills} kills")
    with tempfile.TemporaryDirectory(prefix="heardback-kills-") as folder:
        drill = Drill(Path(folder) / "data", options.reminders, options.seed)
        try:
            drill.load()
            drill.kill(options.kills)
            drill.settle()
            return _judge(drill, options.kills)
        finally:
            drill.run.stop(signal.SIGTERM)


def _judge(drill: Drill, kills: int) -> int:
    counts, calls = drill.count(), drill.calls()
    taken, sent, unknown = sum(calls.values()), counts["sent"], counts["unknown"]
    promises = {
        "every reminder has a message item": counts["born"] == drill.reminders,
        "none has two": counts["born_twice"] == 0,
        "all have ended": counts["open"] == 0,
        "nobody was texted twice": max(calls.values(), default=0) <= 1,
        "sent <= provider calls": sent <= taken,
        "provider calls <= sent + unknown": taken <= sent + unknown,
        f"unknown <= kills * {worker.CHUNK}": unknown <= kills * worker.CHUNK,
    }
    print(f"killed {dict(drill.kills)}; messages {dict(counts)}; provider calls {taken}")
    for promise, kept in promises.items():
        print("kept  " if kept else "BROKEN", promise)
    return 0 if all(promises.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
