"""The nightly job: stores the day's snapshot of every employer, then recounts its waits and repairs its tally.

Idempotent: a snapshot is stored once a day, and an employer whose snapshot is marked as recounted is skipped.
A run that stops early is run again, and goes on within an employer where it stopped.
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
from chalicelib.applications import groups, tally_items
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.reputation import counters, heard_back, reviews, week_people
from chalicelib.reputation.counters import SnapshotItem
from chalicelib.reputation.recount import Recount, recount
from chalicelib.reputation.serializers import serialize_risk
from chalicelib.rules.risk.learning import LOOKBACK
from chalicelib.rules.risk.report import assess
from chalicelib.rules.tally import without_not_yet
from chalicelib.storage import keys, outbox, table

MAX_RECOUNT = 100_000
"""After this many waits a run stores the recount that it is in: it must end within a Lambda's 15 minutes."""
_BATCH = 100
_COUNTED = ("employers", "snapshots", "recounted", "waits", "different", "named", "failed", "left")
Work = Callable[[str, datetime, Counter[str]], None]
_log = logging.getLogger("heardback")


def run(now: datetime, max_recount: int = MAX_RECOUNT) -> dict[str, int]:
    """Store snapshots for all employers, then recount. The day is the UTC date of `now`.

    Counts: `employers`, `snapshots` written, `recounted`, `waits` read, `different` tallies, older answers `named` in the
    waiting index, `failed` employers, and `left` for another run. An employer that fails is logged and skipped.
    """
    counts = Counter(dict.fromkeys(_COUNTED, 0))
    pending: list[str] = []
    for employer_ids in _employers():
        counts["employers"] += len(employer_ids)
        pending += _store_snapshots(employer_ids, now, counts)
    for employer_id in sorted(pending, key=lambda one: zlib.crc32(f"{now.date()}{one}".encode())):  # another order each night
        if counts["waits"] >= max_recount:
            counts["left"] += 1
        else:
            _catch_errors(partial(_recount, most=max_recount - counts["waits"]), employer_id, now, counts)
    _log.info("nightly %s", " ".join(f"{name}={count}" for name, count in counts.items()))
    return dict(counts)


def _employers() -> Iterator[list[str]]:
    for rows in counters.listed(keys.list_key("operator", "EMP"), _BATCH):
        yield [row["PK"]["S"].partition("#")[2] for row in rows]


def _store_snapshots(employer_ids: list[str], now: datetime, counts: Counter[str]) -> list[str]:
    """Store the snapshots that are missing. Returns the employers that are not recounted today."""
    stored = table.get_many(_key(employer_id, now) for employer_id in employer_ids)
    missing = [employer_id for employer_id in employer_ids if _key(employer_id, now) not in stored]
    listening = outbox.listening(missing)
    for employer_id in missing:
        _catch_errors(partial(_store_snapshot, has_listeners=employer_id in listening), employer_id, now, counts)
    return [employer_id for employer_id in employer_ids if not _recounted(stored.get(_key(employer_id, now)))]


def _recounted(snapshot: table.Item | None) -> bool:
    return isinstance(snapshot, SnapshotItem) and snapshot.recounted_at is not None


def _store_snapshot(employer_id: str, now: datetime, counts: Counter[str], *, has_listeners: bool = False) -> None:
    risk = to_json(serialize_risk(assess(tally_items.read(employer_id, now), now)))
    events = list(_band_events(employer_id, now, risk)) if has_listeners else []
    for group in groups.names_of(employer_id):
        of_group = to_json(serialize_risk(assess(tally_items.read(employer_id, now, group), now)))
        counters.keep_snapshot(employer_id, now, of_group, group=group)
    _refresh_published(employer_id, now)
    _learn_scale(employer_id, now)
    counts["snapshots"] += counters.keep_snapshot(employer_id, now, risk, events)


def _refresh_published(employer_id: str, now: datetime) -> None:
    """Renew the public heard-back rate of an employer that takes part. One on trial again or suspended is taken off."""
    if heard_back.find(employer_id) is None:
        return
    item = table.get(keys.employer_pk(employer_id), "EMP")
    if isinstance(item, EmployerItem):
        employer = employer_of(item)
        if employer.trial or employer.suspended:
            heard_back.leave(employer_id, now)
        else:
            heard_back.refresh(employer, now)


def _learn_scale(employer_id: str, now: datetime) -> None:
    """Store the review scale that the employer's own reviews have taught, for the call list; none while they are too few."""
    if not reviews.read(employer_id, now - LOOKBACK):
        return
    _, scale = reviews.learn(employer_id, tally_items.read(employer_id, now), now)
    action = EmployerItem.review_days.set(round(scale.used, 1)) if scale.used else EmployerItem.review_days.remove()
    transaction = table.Transaction()
    transaction.update(EmployerItem(keys.employer_pk(employer_id), "EMP"), [action], EmployerItem.PK.exists())
    transaction.commit()


def _band_events(employer_id: str, now: datetime, risk: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the event that the band differs from that of the last snapshot. Another method is no change of the employer's."""
    today = now.astimezone(UTC).date().isoformat()
    for last in counters.snapshots(employer_id, "0000", today, 1):
        if last.risk["band"] != risk["band"] and last.risk.get("method") == risk["method"]:
            about = {"from": last.risk["band"], "to": risk["band"], "score": risk["score"], "method": risk["method"]}
            yield "risk.band_changed", about


def _recount(employer_id: str, now: datetime, counts: Counter[str], *, most: int) -> None:
    found = recount(employer_id, week_people.shown_since(now), most)
    counts["waits"] += found.read
    counts["named"] += week_people.enter(employer_id, found.unlisted)
    if not found.finished:
        counts["left"] += 1
        return
    counts["recounted"] += 1
    if without_not_yet(found.differences):
        counts["different"] += 1
        _alarm(employer_id, found)
    elif found.differences:
        _log.info("not_yet_filled employer=%s days=%d", employer_id, len(found.repaired))
    counters.mark_recounted(SnapshotItem(*_key(employer_id, now)), now, "repaired" if found.differences else "right")


def _alarm(employer_id: str, found: Recount) -> None:
    """Log one line, which the alarm on `tally_difference` counts: a wrong tally is our bug."""
    _log.error(
        "tally_difference employer=%s waits=%d days=%s repaired=%s",
        employer_id,
        found.waits,
        ",".join(sorted(found.differences)),
        ",".join(found.repaired),
    )


def _catch_errors(
    work: Callable[[str, datetime, Counter[str]], None], employer_id: str, now: datetime, counts: Counter[str]
) -> None:
    try:
        work(employer_id, now, counts)
    except Exception:
        counts["failed"] += 1
        _log.exception("nightly_failed employer=%s", employer_id)


def _key(employer_id: str, now: datetime) -> table.Key:
    return counters.snapshot_key(employer_id, now.astimezone(UTC).date().isoformat())
