"""`make kills`: kills (-9) the runner and both engines at random while thousands of reminders are due, and restarts
them until all is done. Then it counts. Exits non-zero where a rule was broken.

    every reminder has exactly one message item          none lost, none doubled
    sent <= provider calls <= sent + unknown             nobody texted twice
    unknown <= kills * what a worker is sending          a kill loses one chunk at most
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
    """A runner that is killed and restarted on one data directory."""

    def __init__(self, data: Path, reminders: int, seed: int) -> None:
        self.data, self.reminders, self.dice = data, reminders, random.Random(seed)
        self.kills: Counter[str] = Counter()
        self.run = self._start()
        self.run.console("POST", "/clock", {"now": NOW.isoformat()})

    def _start(self) -> Run:
        """Start the runner and read its log: a full pipe would block it."""
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
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = "http://{}:{}".format(
            *(command[command.index(name) + 1] for name in ("--host", "--port"))
        )
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")
        table.bind(TABLE, REGION)

    def kill_one(self) -> None:
        """Kill one of the three at random. A killed runner is restarted; a killed engine must be restarted by the runner."""
        victim = self.dice.choice(["runner", "dynoxide", "ministack"])
        self.kills[victim] += 1
        if victim == "runner":
            self.run.process.kill()
            self.run.process.wait()
            self.run = self._start()
        else:
            with contextlib.suppress(ProcessLookupError):  # killed a moment ago and not yet restarted
                os.kill(self.run.engines()[victim], signal.SIGKILL)

    def kill(self, times: int) -> None:
        """Kill while ticks run without a pause, so that something is always being sent."""
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
        """Let claims of killed workers expire (15 minutes) and retries end (an hour), until nothing is open."""
        for _ in range(12):
            self._console("/clock", {"advance_hours": 0.4})
            for _ in range(60):
                if self._console("/tick").get("due", 0) == 0:
                    break
            if self.count()["made"] == self.reminders and not self.count()["open"]:
                return

    def _console(self, path: str, body: Any = None) -> Any:
        """A tick returns when nothing is due any more, which takes long with thousands."""
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
        counts["made"], counts["doubled"] = len(places), sum(number > 1 for number in places.values())
        return counts

    def calls(self) -> Counter[str]:
        """Provider calls by number, as recorded where the SDK sends them."""
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
        "every reminder has a message item": counts["made"] == drill.reminders,
        "none has two": counts["doubled"] == 0,
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
