"""Recounts an employer's waits, and repairs its tally where that differs.

Every change of a wait writes the tally (`applications.tally_items`). Reading it takes some 460 small items at most
(a year back, the promised days ahead), however many candidates an employer has. A recount reads every wait: it may stop
at any page, be stored, and go on in a later run.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications import groups, tally_items
from chalicelib.applications.items import WaitItem
from chalicelib.applications.mappers import wait_of
from chalicelib.applications.tally_items import Day, by_item, day_of, days
from chalicelib.reputation.counters import RecountItem, listed, waits_in
from chalicelib.rules import tally as rules
from chalicelib.rules.tally import Tally
from chalicelib.storage import keys, table
from chalicelib.storage.table import Transaction

_READERS = 8
_PAGE = 200
_PART_BYTES = 300_000
"""An item holds 400 KB. A state of twenty groups over a year is a few parts."""
_SK = "RECOUNT#"


@dataclass(frozen=True, slots=True)
class Recount:
    """The result of a recount: how many waits there are, and what each day's tally lacked, groups included.

    A day of a group is named "yyyy-mm-dd <group>", one of answers without a decision "yyyy-mm-dd not yet".
    """

    waits: int
    differences: Tally
    repaired: tuple[str, ...]
    unlisted: tuple[WaitItem, ...] = ()
    """Answered waits that the report cannot name: older code wrote them."""
    read: int = 0
    """How many waits this run has read: fewer than `waits` where it went on with a recount, more where it counted twice."""
    finished: bool = True
    """False where it was stored, for a later run to go on with."""


_Place = tuple[str | None, str]
"""(group, or None for the employer; sort key of the item)"""
_Counts = dict[_Place, dict[str, int]]


@dataclass(slots=True)
class _Count:
    """One count so far: of all applications up to `after` in the listing. `suspects`: what a count before this one found."""

    revs: dict[_Place, int]
    """`rev` of each tally item before the count."""
    suspects: _Counts | None = None
    after: str | None = None
    waits: int = 0
    truth: dict[str | None, Tally] = field(default_factory=dict)

    def take(self, item: WaitItem) -> None:
        self.waits += 1
        one = by_item(rules.tally([(wait_of(item), bool(item.reachable))]))
        for of in {None, item.group}:
            _add_to(self.truth.setdefault(of, {}), one)


def recount(employer_id: str, unlisted_since: datetime | None = None, most: int | None = None) -> Recount:
    """Count every wait of an employer again, and repair the days that differ, in the tallies of its groups too.

    `unlisted_since`: collect the answered waits due since then that are not in the waiting index.
    `most`: after so many waits, at the end of a page of applications, the count is stored, and the next call goes on with it.

    Only days whose `rev` did not change during the count are compared, however many nights it takes. A difference must be
    found by two counts, because the listing index lags behind a write.
    """
    unlisted: list[WaitItem] = []
    count, stored = _load(employer_id)
    count = count or _Count(_revs(_all_days(employer_id)))
    read = 0
    while True:
        more, ended = _go_on(employer_id, count, None if most is None else most - read, unlisted, unlisted_since)
        read += more
        if not ended:
            _store(employer_id, count, stored)
            return Recount(count.waits, {}, (), tuple(unlisted), read, finished=False)
        differences, found = _differences(employer_id, count)
        if not differences or count.suspects is not None:
            break
        count = _Count(_revs(_all_days(employer_id)), suspects=differences)
    suspects = count.suspects or {}
    differences = {place: counts for place, counts in differences.items() if suspects.get(place) == counts}
    repaired = tuple(
        _named(place)
        for place, counts in sorted(differences.items(), key=lambda one: (one[0][0] or "", one[0][1]))
        if tally_items.repair(employer_id, place, _rev(found.get(place)), counts)
    )
    _store(employer_id, None, stored)
    named = {_named(place): counts for place, counts in differences.items()}
    return Recount(count.waits, named, repaired, tuple(unlisted), read)


def _go_on(
    employer_id: str, count: _Count, most: int | None, unlisted: list[WaitItem], since: datetime | None
) -> tuple[int, bool]:
    """Count pages of applications until `most` waits are read. Returns how many were, and whether no page is left."""
    before = count.waits
    with ThreadPoolExecutor(_READERS) as readers:
        for rows in listed(keys.list_key(employer_id, "APP"), _PAGE, count.after):
            if most is not None and count.waits - before >= most:
                return count.waits - before, False
            for items in readers.map(waits_in, [row["PK"]["S"] for row in rows]):
                for item in items:
                    count.take(item)
                    if since and count.suspects is None and _is_unlisted(item, since):
                        unlisted.append(item)
            count.after = rows[-1]["list_at"]["S"]
    return count.waits - before, True


def _differences(employer_id: str, count: _Count) -> tuple[_Counts, dict[_Place, Day]]:
    """Return what the tally lacks on the days that nobody wrote since the count began, and the tally."""
    after = _all_days(employer_id)
    places = {(of, day): counts for of, tally in count.truth.items() for day, counts in tally.items()}
    differences = {
        place: difference
        for place in {*count.revs, *after, *places}
        if _rev(found := after.get(place)) == count.revs.get(place, 0)
        and (difference := _less(places.get(place, {}), found.counts if found else {}))
    }
    return differences, after


def _is_unlisted(item: WaitItem, since: datetime) -> bool:
    return item.state == "answered" and item.waiting_key is None and bool(item.word_due_at >= since)


def _named(place: _Place) -> str:
    group, sk = place
    day = day_of(sk)
    return " ".join([day, *([group] if group else []), *(["not yet"] if sk != day else [])])


def _add_to(tally: Tally, one: Tally) -> None:
    for day, codes in one.items():
        of_day = tally.setdefault(day, {})
        for code, number in codes.items():
            of_day[code] = of_day.get(code, 0) + number


def _less(right: dict[str, int], found: dict[str, int]) -> dict[str, int]:
    missing = {code: right.get(code, 0) - found.get(code, 0) for code in {*right, *found}}
    return {code: number for code, number in missing.items() if number}


def _all_days(employer_id: str) -> dict[_Place, Day]:
    known = groups.names_of(employer_id)
    return {(group, day): found for group in (None, *known) for day, found in days(employer_id, group=group).items()}


def _revs(all_days: dict[_Place, Day]) -> dict[_Place, int]:
    return {place: day.rev for place, day in all_days.items()}


def _rev(day: Day | None) -> int:
    return day.rev if day else 0


def _load(employer_id: str) -> tuple[_Count | None, int]:
    """Read a recount that has not come to its end, and of how many parts it is."""
    parts = [one for one in table.query(keys.risk_pk(employer_id), _SK) if isinstance(one, RecountItem)]
    if not parts:
        return None, 0
    told: dict[str, Any] = json.loads(zlib.decompress(b"".join(bytes(one.part) for one in parts)))
    truth: dict[str | None, Tally] = {}
    for group, day, counts in told["truth"]:
        truth.setdefault(group, {})[day] = counts
    revs = {(group, sk): rev for group, sk, rev in told["revs"]}
    suspects = None if told["suspects"] is None else {(group, sk): counts for group, sk, counts in told["suspects"]}
    return _Count(revs, suspects, told["after"], told["waits"], truth), len(parts)


def _store(employer_id: str, count: _Count | None, stored: int) -> None:
    """Replace the stored parts by those of a count, or by none."""
    transaction = Transaction()
    blob = _encoded(count) if count else b""
    parts = [blob[begin : begin + _PART_BYTES] for begin in range(0, len(blob), _PART_BYTES)]
    for number in range(max(len(parts), stored)):
        key = keys.risk_pk(employer_id), f"{_SK}{number:02}"
        if number < len(parts):
            transaction.put(RecountItem(*key, part=parts[number]))
        else:
            transaction.delete(RecountItem(*key))
    if len(transaction):
        transaction.commit()


def _encoded(count: _Count) -> bytes:
    told = {
        "after": count.after,
        "waits": count.waits,
        "revs": _rows(count.revs.items()),
        "truth": [[of, day, counts] for of, tally in count.truth.items() for day, counts in tally.items()],
        "suspects": None if count.suspects is None else _rows(count.suspects.items()),
    }
    return zlib.compress(json.dumps(told).encode())


def _rows(places: Iterable[tuple[_Place, Any]]) -> list[list[Any]]:
    return [[group, sk, value] for (group, sk), value in places]
