"""Shared by all benchmarks: engines, due reminders, and how figures are printed."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

from chalicelib.storage import keys
from infra.local.engines import Engine, start_dynoxide, start_ministack
from infra.local.environment import environment, prepare, set_environment

AS_OF = datetime(2026, 6, 2, 14, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in New York: everybody's send window is open."""
SECRET = "a secret of the benches, longer than thirty-two characters"  # noqa: S105
OPERATOR_KEY = "hb_operator_" + "b" * 40
BASE_URL = "http://heardback.example"
VERSIONS = ("boto3", "botocore", "pynamodb", "chalice", "pydantic", "ministack")


@dataclass(frozen=True)
class Ground:
    """Two engines, and the app bound to them."""

    dynoxide: Engine
    ministack: Engine


@contextlib.contextmanager
def ground(*, on_disk: bool = True, database: Path | None = None) -> Iterator[Ground]:
    """dynoxide (on disk, as `make run` has it) and MiniStack, with table, queues and sender; the clock stands at AS_OF.

    `database` is a file to go on from.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heardback-bench-")))
        dynoxide = start_dynoxide(database=database or (folder / "dynamodb.db" if on_disk else None))
        stack.callback(dynoxide.stop)
        ministack = start_ministack()
        stack.callback(ministack.stop)
        as_on_aws = {"HEARDBACK_CHUNKS_AT_ONCE": "3", "HEARDBACK_SMS_PRICE_USD": "0.05"}
        set_environment(environment(dynoxide.url, ministack.url, BASE_URL, SECRET, OPERATOR_KEY) | as_on_aws)
        from chalicelib import wiring

        wiring.reset()
        wiring.set_clock(lambda: AS_OF)
        prepare()
        yield Ground(dynoxide, ministack)


def machine() -> dict[str, Any]:
    """The machine, printed with every result: figures of two machines cannot be compared."""
    versions = {}
    for name in VERSIONS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "load_at_start": load,
        "versions": versions,
    }


def peak_mb() -> float:
    """Peak memory of this process, from the kernel: `ru_maxrss` is inherited from the parent."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+)", status.read_text())):
        return int(found[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children so far; 0.0 where the kernel has no /proc."""
    found, pending = 0.0, [pid]
    while pending:
        folder = Path(f"/proc/{pending.pop()}")
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            found += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
            for task in (folder / "task").iterdir():
                pending += map(int, (task / "children").read_text().split())
    return found


def middle(values: Sequence[float], digits: int = 2) -> str:
    """median (min–max)"""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def table(rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = [[str(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *body))


def new_employer(employer_id: str | None = None) -> str:
    """An employer with a call-back number and money for all its texts, not in trial mode. Returns its id."""
    from chalicelib.auth.employers import EmployerItem
    from chalicelib.storage import ids

    employer_id = employer_id or ids.new_id("emp", AS_OF)
    EmployerItem(
        keys.employer_pk(employer_id),
        "EMP",
        id=employer_id,
        created_at=AS_OF,
        updated_at=AS_OF,
        revision=1,
        name="Acme Robotics",
        timezone="America/New_York",
        call_back_name="Dana",
        trial=False,
        countries=["US"],
        call_back_phone="+12025550100",
        digest_to=[],
        policy={"sms_monthly_cap_usd": 100_000},
        limits={"sms_monthly_cap_usd": 100_000, "sms_per_day": 10_000_000, "emails_per_day": 10_000_000},
        suspended=False,
    ).save()
    return employer_id


def due_reminders(
    employer_id: str, count: int, *, due_at: datetime = AS_OF, first: str = "+12025000000", by_mail: bool = False
) -> list[Any]:
    """Write `count` applications whose first nudge is due now, straight into the table. Return their keys (PK, SK)."""
    from chalicelib.applications.items import ApplicationItem
    from chalicelib.storage import ids
    from chalicelib.storage import table as ground_table

    since = due_at - timedelta(hours=48)
    items = []
    for number in range(count):
        application_id = ids.new_id("app", since)
        items.append(
            ApplicationItem(
                keys.case_pk(employer_id, application_id),
                "APP",
                id=application_id,
                employer_id=employer_id,
                candidate_id=application_id.replace("app_", "cand_"),
                job_title="Machinist",
                external_ids=[],
                status="active",
                created_at=since,
                updated_at=since,
                version=1,
                revision=1,
                name=f"Sam Sample {number}",
                **(
                    {"email": f"sam{number}@example.com"}
                    if by_mail
                    else {"phone": f"+{int(first) + number}", "phone_takes_texts": True, "sms_consent_at": since}
                ),
                wait_state="open",
                wait_cause=ids.case_id("int", application_id, since, set()),
                wait_stage="interview",
                wait_since=since,
                word_due_at=due_at,
                nudges={},
                step="nudge_1",
                not_after=due_at + timedelta(hours=72),
                due_shard=ids.due_shard(application_id),
                due_at=ground_table.stored_instant(due_at),
                list_key=keys.list_key(employer_id, "APP"),
                list_at=application_id,
            )
        )
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_put, [items[begin : begin + 25] for begin in range(0, len(items), 25)]))
    return [item.key for item in items]


def _put(items: list[Any]) -> None:
    from chalicelib.storage import table as ground_table

    requests = [{"PutRequest": {"Item": item.get_save_kwargs_from_instance()["Item"]}} for item in items]
    answer = ground_table.client().batch_write_item(RequestItems={ground_table.Item.Meta.table_name: requests})
    assert not answer.get("UnprocessedItems")


def write_line(path: Path | None, record: dict[str, Any]) -> None:
    """One JSON line a figure."""
    if path is not None:
        with path.open("a") as lines:
            lines.write(json.dumps(record, sort_keys=True) + "\n")
