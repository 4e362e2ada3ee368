"""The nightly job: keeps the day's snapshot of every employer, then counts every wait again and repairs the tally.

It may run as often as it likes: a day's snapshot is written once, and an employer whose snapshot says that it was recounted
is passed over. So a run that stops early is simply run again.
"""

from __future__ import annotations

import logging
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from chalicelib.api.serialize import to_json
from chalicelib.reputation import counters
from chalicelib.reputation.counters import Recount, SnapshotItem
from chalicelib.reputation.serializers import serialize_risk
from chalicelib.rules.risk.report import assess
from chalicelib.storage import keys, outbox, table

RECOUNT_AT_MOST = 100_000
"""Waits that one run counts before it begins no further employer: minutes of reading, within a Lambda's quarter of an hour."""
_BATCH = 100
_log = logging.getLogger("heardback")


def run(now: datetime) -> dict[str, int]:
    """Snapshots for all employers, then recounts. `now`'s UTC date is the day.

    Counts: `employers`, `snapshots` written, `recounted`, `waits` counted, `different` tallies, `failed` employers,
    and `left` for another run. One employer that fails is logged and passed over.
    """
    counts = Counter(employers=0, snapshots=0, recounted=0, waits=0, different=0, failed=0, left=0)
    pending: list[str] = []
    for employer_ids in _employers():
        counts["employers"] += len(employer_ids)
        pending += _keep_snapshots(employer_ids, now, counts)
    for employer_id in sorted(pending, key=lambda one: zlib.crc32(f"{now.date()}{one}".encode())):  # nobody is always last
        if counts["waits"] >= RECOUNT_AT_MOST:
            counts["left"] += 1
        else:
            _guarded(_recount, employer_id, now, counts)
    _log.info("nightly %s", " ".join(f"{name}={count}" for name, count in counts.items()))
    return dict(counts)


def _employers() -> Iterator[list[str]]:
    for rows in counters.listed(keys.list_key("operator", "EMP"), _BATCH):
        yield [row["PK"]["S"].partition("#")[2] for row in rows]


def _keep_snapshots(employer_ids: list[str], now: datetime, counts: Counter[str]) -> list[str]:
    """Writes the snapshots that are missing; returns the employers that have not been recounted today."""
    kept = table.get_many(_key(employer_id, now) for employer_id in employer_ids)
    missing = [employer_id for employer_id in employer_ids if _key(employer_id, now) not in kept]
    listening = outbox.listening(missing)
    for employer_id in missing:
        _guarded(partial(_keep_snapshot, tells=employer_id in listening), employer_id, now, counts)
    return [employer_id for employer_id in employer_ids if not _recounted(kept.get(_key(employer_id, now)))]


def _recounted(snapshot: table.Item | None) -> bool:
    return isinstance(snapshot, SnapshotItem) and snapshot.recounted_at is not None


def _keep_snapshot(employer_id: str, now: datetime, counts: Counter[str], *, tells: bool = False) -> None:
    risk = to_json(serialize_risk(assess(counters.read(employer_id, now), now)))
    news = list(_band_news(employer_id, now, risk)) if tells else []
    counts["snapshots"] += counters.keep_snapshot(employer_id, now, risk, news)


def _band_news(employer_id: str, now: datetime, risk: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The band against that of the last snapshot, for those who listen."""
    today = now.astimezone(UTC).date().isoformat()
    for last in counters.snapshots(employer_id, "0000", today, 1):
        if last.risk["band"] != risk["band"]:
            about = {"from": last.risk["band"], "to": risk["band"], "score": risk["score"], "method": risk["method"]}
            yield "risk.band_changed", about


def _recount(employer_id: str, now: datetime, counts: Counter[str]) -> None:
    found = counters.recount(employer_id)
    counts["recounted"] += 1
    counts["waits"] += found.waits
    if found.differences:
        counts["different"] += 1
        _alarm(employer_id, found)
    counters.mark_recounted(SnapshotItem(*_key(employer_id, now)), now, "repaired" if found.differences else "right")


def _alarm(employer_id: str, found: Recount) -> None:
    """One line, which the alarm on `tally_difference` counts: the tally is written with every change, so this is our fault."""
    _log.error(
        "tally_difference employer=%s waits=%d days=%s repaired=%s",
        employer_id,
        found.waits,
        ",".join(sorted(found.differences)),
        ",".join(found.repaired),
    )


def _guarded(work: Callable[[str, datetime, Counter[str]], None], employer_id: str, now: datetime, counts: Counter[str]) -> None:
    try:
        work(employer_id, now, counts)
    except Exception:
        counts["failed"] += 1
        _log.exception("nightly_failed employer=%s", employer_id)


def _key(employer_id: str, now: datetime) -> table.Key:
    return counters.snapshot_key(employer_id, now.astimezone(UTC).date().isoformat())
