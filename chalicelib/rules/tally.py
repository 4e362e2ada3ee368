"""Counts waits by day, stage and lateness, and computes the difference between two counts.

A tally has one entry for each UTC date of `word_due_at`. Each entry counts under codes of three or four characters. The codes
are attribute names in the table, because DynamoDB's ADD works on top-level attributes only:

    ir09   open, stage interview, reachable (`u`: not reachable), due in the hour from 09:00 UTC
    as3    answered, stage screen, lateness bucket 3
    ns3    of these, the ones that told no decision ("not yet")

The versions before 2026-12 refuse the third kind of code: the table keeps it where they do not read
(docs/decisions/not-yet-counts-apart.md).

Dropped and lapsed waits are not counted. Answered waits are not told apart by whether the candidate is reachable.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple

from chalicelib.rules.model import STAGES, Stage, Wait

Tally = dict[str, dict[str, int]]
"""{"yyyy-mm-dd": {code: count}}, without zeros."""

WeekPart = Literal["on_time", "late", "not_yet", "waiting"]
"""What became of those who were due an answer in a week: a part of the report's bar."""

LATENESS_UPPER_DAYS = (0, 1, 3, 7, 14, 30)
"""Upper edges, inclusive, of the lateness buckets 0 to 5, in days; bucket 6 holds what is later still."""
LATENESS_LOWER_DAYS = (0, 0, 1, 3, 7, 14, 30)
"""Lower edges of the buckets. Figures use them, so no answer counts as later than it was."""
_UPPER_EDGES = tuple(timedelta(days=days) for days in LATENESS_UPPER_DAYS)

_LETTERS: dict[Stage, str] = {stage: stage[0] for stage in STAGES}
_OPEN_CODES: dict[str, tuple[Stage, bool, int]] = {
    f"{_LETTERS[stage]}{'r' if reachable else 'u'}{hour:02}": (stage, reachable, hour)
    for stage in STAGES
    for reachable in (True, False)
    for hour in range(24)
}
_ANSWERED_CODES: dict[str, tuple[Stage, int]] = {
    f"a{_LETTERS[stage]}{bucket}": (stage, bucket) for stage in STAGES for bucket in range(len(LATENESS_LOWER_DAYS))
}
_NOT_YET_CODES: dict[str, tuple[Stage, int]] = {f"n{code[1:]}": meaning for code, meaning in _ANSWERED_CODES.items()}


class OpenCell(NamedTuple):
    """`count` open waits of one stage whose `word_due_at` lies in the hour from `hour` (UTC)."""

    stage: Stage
    reachable: bool
    hour: datetime
    count: int  # type: ignore[assignment] # hides tuple.count, which nobody calls


class AnsweredCell(NamedTuple):
    """`count` answered waits of one stage that were due on `due_on` (UTC) and answered in one lateness bucket."""

    stage: Stage
    due_on: date
    bucket: int
    count: int  # type: ignore[assignment] # hides tuple.count, which nobody calls


def lateness_bucket(lateness: timedelta) -> int:
    """Returns the bucket of `answered_at - word_due_at`: a microsecond past the deadline is late."""
    return bisect_left(_UPPER_EDGES, lateness)


def answered_part(wait: Wait) -> WeekPart | None:
    """Returns the part of its week's bar that an answered wait stands in; None for every other wait."""
    if wait.state != "answered" or wait.answered_at is None:
        return None
    if wait.not_yet:
        return "not_yet"
    return "late" if lateness_bucket(wait.answered_at - wait.word_due_at) else "on_time"


def tally_key(wait: Wait, reachable: bool) -> tuple[str, str] | None:
    """Returns the date and the code under which a wait is counted; None where it is not counted.

    Raises ValueError for an answered wait without `answered_at`.
    """
    due = wait.word_due_at.astimezone(UTC)
    if wait.state == "open":
        return due.date().isoformat(), f"{_LETTERS[wait.stage]}{'r' if reachable else 'u'}{due.hour:02}"
    if wait.state == "answered":
        if wait.answered_at is None:
            raise ValueError(f"the wait caused by {wait.cause} is answered without an instant")
        return due.date().isoformat(), f"a{_LETTERS[wait.stage]}{lateness_bucket(wait.answered_at - due)}"
    return None


_HOURS = tuple(timedelta(hours=hour) for hour in range(24))


def tally(waits: Iterable[tuple[Wait, bool]]) -> Tally:
    """Counts waits, each given with whether its candidate can be reached. Answers without a decision are counted apart too."""
    counts: Tally = {}
    for wait, reachable in waits:
        key = tally_key(wait, reachable)
        if key is not None:
            due_on, code = key
            of_date = counts.setdefault(due_on, {})
            for one in (code, f"n{code[1:]}") if wait.not_yet else (code,):
                of_date[one] = of_date.get(one, 0) + 1
    return counts


def difference(before: Tally, after: Tally) -> Tally:
    """Returns what to add to `before` to get `after`, without zeros: no change writes nothing."""
    return add(after, {due_on: {code: -count for code, count in codes.items()} for due_on, codes in before.items()})


def add(counts: Tally, difference: Tally) -> Tally:
    """Returns a new tally: `counts` with a difference added, without zeros."""
    total = {due_on: dict(codes) for due_on, codes in counts.items()}
    for due_on, codes in difference.items():
        of_date = total.setdefault(due_on, {})
        for code, count in codes.items():
            of_date[code] = of_date.get(code, 0) + count
    kept = {due_on: {code: count for code, count in codes.items() if count} for due_on, codes in total.items()}
    return {due_on: codes for due_on, codes in kept.items() if codes}


def cells(counts: Tally) -> Iterator[OpenCell | AnsweredCell]:
    """Yields every count of waits with the meaning of its date and code. Raises ValueError for an unknown code."""
    for due_on, codes in counts.items():
        midnight = datetime.fromisoformat(due_on).replace(tzinfo=UTC)
        for code, count in codes.items():
            if code in _OPEN_CODES:
                stage, reachable, hour = _OPEN_CODES[code]
                yield OpenCell(stage, reachable, midnight + _HOURS[hour], count)
            elif code in _ANSWERED_CODES:
                stage, bucket = _ANSWERED_CODES[code]
                yield AnsweredCell(stage, midnight.date(), bucket, count)
            elif code not in _NOT_YET_CODES:
                raise ValueError(f"the tally of {due_on} counts under {code!r}, which is not a code")


def not_yet_cells(counts: Tally) -> Iterator[AnsweredCell]:
    """Yields the answers that told no decision, which `cells` counts too. Negative counts are of answers from before."""
    for due_on, codes in counts.items():
        for code, count in codes.items():
            if code in _NOT_YET_CODES and count > 0:
                stage, bucket = _NOT_YET_CODES[code]
                yield AnsweredCell(stage, date.fromisoformat(due_on), bucket, count)


def without_not_yet(counts: Tally) -> Tally:
    """Returns a tally without the counts of answers that told no decision."""
    return _kept(counts, not_yet=False)


def only_not_yet(counts: Tally) -> Tally:
    """Returns the counts of answers that told no decision alone."""
    return _kept(counts, not_yet=True)


def _kept(counts: Tally, *, not_yet: bool) -> Tally:
    kept = {on: {code: n for code, n in codes.items() if (code in _NOT_YET_CODES) == not_yet} for on, codes in counts.items()}
    return {due_on: codes for due_on, codes in kept.items() if codes}
