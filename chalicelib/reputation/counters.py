"""Reads, recounts and repairs the tally, and stores the daily snapshots of the risk.

Every change of a wait writes the tally (`applications.tally_items`). Reading it takes some 460 small items at most
(a year back, the promised days ahead), however many candidates an employer has.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path

from chalicelib.applications import groups
from chalicelib.applications.items import WaitItem
from chalicelib.applications.mappers import wait_of
from chalicelib.applications.tally_items import Day, TallyItem, by_item, day_of, days, group_key
from chalicelib.errors import ConditionFailed
from chalicelib.rules import tally as rules
from chalicelib.rules.model import Wait
from chalicelib.rules.tally import Tally
from chalicelib.storage import keys, table
from chalicelib.storage.outbox import emit
from chalicelib.storage.table import InstantAttribute, Item, Transaction

_READERS = 8


@dataclass(frozen=True, slots=True)
class Recount:
    """The result of a recount: how many waits it read, and what each day's tally lacked, groups included.

    A day of a group is named "yyyy-mm-dd <group>", one of answers without a decision "yyyy-mm-dd not yet".
    """

    waits: int
    differences: Tally
    repaired: tuple[str, ...]
    unlisted: tuple[WaitItem, ...] = ()
    """Answered waits that the report cannot name: older code wrote them."""


_Place = tuple[str | None, str]
"""(group, or None for the employer; sort key of the item)"""


def recount(employer_id: str, unlisted_since: datetime | None = None) -> Recount:
    """Count every wait of an employer again, and repair the days that differ, in the tallies of its groups too.

    `unlisted_since`: collect the answered waits due since then that are not in the waiting index.

    Only days whose `rev` did not change during the count are compared. A difference must be found by two counts,
    because the listing index lags behind a write.
    """
    unlisted: list[WaitItem] = []
    waits, suspects, _ = _differences(employer_id, unlisted, unlisted_since)
    if not suspects:
        return Recount(waits, {}, (), tuple(unlisted))
    waits, again, found = _differences(employer_id)
    differences = {place: counts for place, counts in again.items() if suspects.get(place) == counts}
    repaired = tuple(
        _named(place)
        for place, counts in sorted(differences.items(), key=lambda one: (one[0][0] or "", one[0][1]))
        if _repair(employer_id, place, found.get(place, Day(0, {})), counts)
    )
    return Recount(waits, {_named(place): counts for place, counts in differences.items()}, repaired, tuple(unlisted))


def _named(place: _Place) -> str:
    group, sk = place
    day = day_of(sk)
    return " ".join([day, *([group] if group else []), *(["not yet"] if sk != day else [])])


def _differences(
    employer_id: str, unlisted: list[WaitItem] | None = None, since: datetime | None = None
) -> tuple[int, dict[_Place, dict[str, int]], dict[_Place, Day]]:
    known = groups.names_of(employer_id)
    before = _all_days(employer_id, known)
    count, truth = 0, dict[str | None, Tally]()
    for item in _all_waits(employer_id):
        count += 1
        if unlisted is not None and since and _is_unlisted(item, since):
            unlisted.append(item)
        one = by_item(rules.tally([(wait_of(item), bool(item.reachable))]))
        for of in {None, item.group}:
            _add_to(truth.setdefault(of, {}), one)
    after = _all_days(employer_id, known)
    places = {(of, day): counts for of, tally in truth.items() for day, counts in tally.items()}
    differences = {
        place: difference
        for place in {*before, *after, *places}
        if _rev(found := after.get(place)) == _rev(before.get(place))
        and (difference := _less(places.get(place, {}), found.counts if found else {}))
    }
    return count, differences, after


def _is_unlisted(item: WaitItem, since: datetime) -> bool:
    return item.state == "answered" and item.waiting_key is None and bool(item.word_due_at >= since)


def _add_to(tally: Tally, one: Tally) -> None:
    for day, codes in one.items():
        of_day = tally.setdefault(day, {})
        for code, number in codes.items():
            of_day[code] = of_day.get(code, 0) + number


def _less(right: dict[str, int], found: dict[str, int]) -> dict[str, int]:
    missing = {code: right.get(code, 0) - found.get(code, 0) for code in {*right, *found}}
    return {code: number for code, number in missing.items() if number}


def _all_days(employer_id: str, known: list[str]) -> dict[_Place, Day]:
    return {(group, day): found for group in (None, *known) for day, found in days(employer_id, group=group).items()}


def _rev(day: Day | None) -> int:
    return day.rev if day else 0


def waits_of(employer_id: str) -> Iterator[tuple[Wait, bool]]:
    """Yield every wait of an employer, and whether its candidate is reachable, found by the listing index."""
    yield from ((wait_of(item), bool(item.reachable)) for item in _all_waits(employer_id))


def _all_waits(employer_id: str) -> Iterator[WaitItem]:
    with ThreadPoolExecutor(_READERS) as readers:
        for rows in listed(keys.list_key(employer_id, "APP"), 200):
            for items in readers.map(_waits, [row["PK"]["S"] for row in rows]):
                yield from items


def _waits(pk: str) -> list[WaitItem]:
    return [item for item in table.query(pk, "WAIT#") if isinstance(item, WaitItem)]


def listed(list_key: str, page_of: int) -> Iterator[list[dict[str, Any]]]:
    """Yield the raw keys of a listing, page by page."""
    start = None
    while True:
        rows, start = table.query_index("listing", list_key, limit=page_of, start=start)
        if rows:
            yield rows
        if not start:
            return


def _repair(employer_id: str, place: _Place, found: Day, missing: dict[str, int]) -> bool:
    """Correct one day's counts unless the day was written meanwhile. Returns whether it was corrected."""
    group, sk = place
    transaction = Transaction()
    rev = Path("rev")
    actions = [Path(code).add(count) for code, count in sorted(missing.items())]
    unchanged = rev == found.rev if found.rev else rev.does_not_exist()
    item = TallyItem(keys.tally_pk(employer_id, group and group_key(group)), sk)
    transaction.update(item, [*actions, rev.add(1)], unchanged)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


class SnapshotItem(Item):
    """PK EMP#..#RISK, SK DAY#yyyy-mm-dd: the response of `GET /v1/risk` on a UTC date."""

    kind = "DAY"
    risk = JSONAttribute()
    as_of = InstantAttribute()
    recounted_at = InstantAttribute(null=True)
    recount = UnicodeAttribute(null=True)
    """"right", or "repaired"."""

    @property
    def date(self) -> str:
        return self.SK.partition("#")[2]


def snapshot_key(employer_id: str, date: str, group: str | None = None) -> table.Key:
    return (keys.risk_pk(employer_id, group and group_key(group)), f"DAY#{date}")


def keep_snapshot(
    employer_id: str,
    as_of: datetime,
    risk: dict[str, Any],
    events: Iterable[tuple[str, dict[str, Any]]] = (),
    group: str | None = None,
) -> bool:
    """Store the day's snapshot of all or of one group, with events. Returns False where it was stored before."""
    pk, sk = snapshot_key(employer_id, as_of.astimezone(UTC).date().isoformat(), group)
    transaction = Transaction()
    transaction.create(SnapshotItem(pk, sk, risk=risk, as_of=as_of))
    for kind, about in events:
        emit(transaction, employer_id, kind, about, as_of)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def mark_recounted(snapshot: SnapshotItem, now: datetime, outcome: str) -> None:
    """Mark a day's snapshot as recounted, so that later runs of the night skip this employer."""
    transaction = Transaction()
    transaction.update(snapshot, [SnapshotItem.recounted_at.set(now), SnapshotItem.recount.set(outcome)], Item.PK.exists())
    with contextlib.suppress(ConditionFailed):  # there is no snapshot: the next run writes it, and recounts
        transaction.commit()


def snapshots(employer_id: str, first: str, last: str, limit: int, group: str | None = None) -> list[SnapshotItem]:
    """Return at most `limit` snapshots of the UTC dates first..last, newest first: of all, or of one group."""
    dates = Item.SK.between(f"DAY#{first}", f"DAY#{last}")
    page = table.call(
        Item.table_connection().query,
        keys.risk_pk(employer_id, group and group_key(group)),
        range_key_condition=dates,
        limit=limit,
        scan_index_forward=False,
        consistent_read=True,
    )
    return [item for item in _items(page["Items"]) if isinstance(item, SnapshotItem)]


def _items(raws: Iterable[dict[str, Any]]) -> Iterator[Item]:
    return (item for raw in raws if (item := table.from_raw(raw)))
