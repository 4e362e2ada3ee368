"""What each part of storage/fast_path gains: CPU microseconds an operation, with HEARDBACK_FAST_PATH=0 and 1.

No engine is needed: responses are made up below botocore, so that only this process's CPU is measured. Each way runs in
processes of its own, in turn; the fastest of five rounds counts.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROUNDS = 5
NOW = datetime(2026, 6, 2, 14, tzinfo=UTC)


def run() -> list[dict[str, Any]]:
    """Measures both ways; returns one row an operation."""
    found: dict[str, dict[str, list[float]]] = {"0": {}, "1": {}}
    for _ in range(ROUNDS):
        for switch in ("0", "1"):
            done = subprocess.run(
                [sys.executable, "-m", "bench.fast_path"],
                env={**os.environ, **_environment(), "HEARDBACK_FAST_PATH": switch},
                cwd=Path(__file__).parents[1],
                capture_output=True,
                check=True,
                text=True,
            )
            for name, micros in json.loads(done.stdout).items():
                found[switch].setdefault(name, []).append(micros)
    return [{"what": name, "off": min(off), "on": min(found["1"][name])} for name, off in found["0"].items()]


def markdown(rows: list[dict[str, Any]]) -> str:
    """Renders the rows as a table."""
    lines = ["| CPU, µs each | off | on | on / off |", "| --- | --- | --- | --- |"]
    lines += [f"| {row['what']} | {row['off']:.0f} | {row['on']:.0f} | {row['on'] / row['off']:.2f} |" for row in rows]
    return "\n".join(lines)


def _environment() -> dict[str, str]:
    from infra.local.environment import environment

    return environment("http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1", "s" * 32, "operator-key")


def _respond_with(client: Any, service: str, body: bytes, content_type: str) -> None:
    from botocore.awsrequest import AWSResponse

    class Raw(io.BytesIO):
        def stream(self, **_: Any) -> Any:
            yield self.read()

    def respond(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, {"Content-Type": content_type}, Raw(body))

    client.meta.events.register_first(f"before-send.{service}", respond)


def _measures() -> dict[str, tuple[Callable[[], Any], int]]:
    from chalicelib import wiring
    from chalicelib.applications.items import ApplicationItem
    from chalicelib.storage import table
    from chalicelib.storage.table import Transaction

    wiring.start()
    key = ("EMP#emp_1#CASE#1", "APP")
    values: dict[str, Any] = {
        "id": "app_1",
        "employer_id": "emp_1",
        "candidate_id": "cand_1",
        "job_title": "Welder",
        "external_ids": [{"system": "ats", "id": "1"}],
        "status": "active",
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
        "revision": 1,
        "nudges": {},
        "name": "Sam",
        "email": "sam@example.com",
        "phone": "+12025550123",
        "timezone": "Europe/Berlin",
    }
    item = ApplicationItem(*key, **values)
    raw = item.to_raw_data()
    page = json.dumps({"Items": [raw] * 10, "Count": 10, "ScannedCount": 10}).encode()

    def read_attributes() -> None:
        for _ in range(20):
            assert item.name and item.email and item.timezone and item.version and item.phone

    def build() -> Transaction:
        transaction = Transaction()
        transaction.create(item)
        actions = [ApplicationItem.version.set(2), ApplicationItem.updated_at.set(NOW)]
        transaction.update(ApplicationItem("a", "b"), actions, ApplicationItem.version == 1)
        return transaction

    _respond_with(table.client(), "dynamodb.Query", page, "application/x-amz-json-1.0")
    _respond_with(table.client(), "dynamodb.TransactWriteItems", b"{}", "application/x-amz-json-1.0")
    published = b"<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
    _respond_with(wiring.sns(), "sns.Publish", published, "text/xml")
    text = {"PhoneNumber": "+12025550123", "Message": "Hi Sam, please call Dana."}
    return {
        "make an application's item": (lambda: ApplicationItem(*key, **values), 2000),
        "write it": (item.to_raw_data, 2000),
        "read it": (lambda: ApplicationItem.from_raw_data(raw), 2000),
        "ask 100 attributes": (read_attributes, 500),
        "build a create and an update": (build, 1000),
        "query 10 applications, all of it": (lambda: table.query(key[0]), 200),
        "commit a create and an update, all of it": (lambda: build().commit(), 200),
        "publish a text, all of it": (lambda: wiring.sns().publish(**text), 200),
    }


def _main() -> None:
    found = {}
    for name, (operation, times) in _measures().items():
        for _ in range(times // 10):
            operation()
        begun = time.process_time()
        for _ in range(times):
            operation()
        found[name] = (time.process_time() - begun) / times * 1e6
    print(json.dumps(found))


if __name__ == "__main__":
    _main()
