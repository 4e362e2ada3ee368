"""An employer's retention rule: candidates without activity for a number of months are erased at night.

Activity is anything that the employer or the candidate did: a change of the record or an application, an interview, a
statement. Nobody is erased while something is still ahead: the day by which they are to hear, the end of a snooze, a deadline
of a statute, or the end of their consent to be kept in mind. A pass reads old enough candidates, oldest first, up to a limit a
night, and stores where it stopped.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.candidates.items import CandidateItem, KeepItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.privacy import erasure
from chalicelib.applications.privacy.items import RetentionItem
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import HeardbackError, NotFound
from chalicelib.rules.employer import Employer
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Key, Transaction, read_instant

READ_MOST = 5_000
"""Candidates of one employer that one run reads."""
ERASE_MOST = 2_000
"""Candidates that one run erases, over all employers: a few minutes of a Lambda's fifteen."""
MONTH = timedelta(days=30.4375)
_PAGE = 100
log = logging.getLogger("heardback")


def run(now: datetime) -> dict[str, int]:
    """Erases candidates whose time is over. Counts `retention_erased` and `retention_failed`; the next run continues."""
    counts = Counter(retention_erased=0, retention_failed=0)
    for employer in _employers_with_a_rule():
        if counts["retention_erased"] < ERASE_MOST:
            _pass(employer, now, counts)
    return dict(counts)


def _employers_with_a_rule() -> Iterable[Employer]:
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("listing", keys.list_key("operator", "EMP"), limit=_PAGE, start=start)
        items = table.get_many([(row["PK"]["S"], "EMP") for row in rows]).values()
        yield from (employer_of(item) for item in items if isinstance(item, EmployerItem) and item.policy.get("retention_months"))
        if not start:
            return


def _pass(employer: Employer, now: datetime, counts: Counter[str]) -> None:
    key = (f"{keys.employer_pk(employer.id)}#RETENTION", "RETENTION")
    state = table.get(*key)
    after = state.after if isinstance(state, RetentionItem) else None
    before, erased = cutoff(employer, now), 0
    for _ in range(READ_MOST // _PAGE):
        over, after = _page(employer, after, before, now)
        for candidate in over:
            erased += _erase(employer, candidate, now, counts)
        if after is None or counts["retention_erased"] >= ERASE_MOST:
            break
    _store_position(key, after, erased)


def cutoff(employer: Employer, now: datetime) -> datetime:
    """Computes the instant before which a last activity is too old."""
    return now - MONTH * (employer.policy.retention_months or 0)


def _page(employer: Employer, after: str | None, before: datetime, now: datetime) -> tuple[list[CandidateItem], str | None]:
    """Reads the next hundred old records: (those to erase, position to continue from or None)."""
    last = ids.new_id("cand", before)
    if after and after > last:  # the period was made longer since the pass stopped there
        return [], None
    condition = Item.list_at.between(after, last) if after else Item.list_at <= last
    rows, more = table.query_index("listing", keys.list_key(employer.id, "CAND"), condition, limit=_PAGE)
    found = table.get_many([(row["PK"]["S"], "CAND") for row in rows]).values()
    people = [item for item in found if isinstance(item, CandidateItem) and item.updated_at < before]
    cases = table.get_many([(keys.case_pk(employer.id, one), "APP") for item in people for one in item.applications])
    inactive = [
        item
        for item in people
        if all(_is_inactive(cases.get((keys.case_pk(employer.id, one), "APP")), before, now) for one in item.applications)
    ]
    kept = table.get_many([(keys.case_pk(employer.id, one), "KEEP") for item in inactive for one in item.applications])
    over = [
        item
        for item in inactive
        if not any(_is_kept(kept.get((keys.case_pk(employer.id, one), "KEEP")), now) for one in item.applications)
    ]
    return over, str(rows[-1]["list_at"]["S"]) if more and rows else None


def _is_inactive(item: Item | None, before: datetime, now: datetime) -> bool:
    """Whether an application has had no activity since, and nothing is still ahead."""
    if not isinstance(item, ApplicationItem):
        return True
    activity = (item.updated_at, item.wait_since, item.answered_at, item.decided_at)
    ahead = (item.word_due_at, item.snooze_until) if item.wait_state == "open" else ()
    owed = any(duty["met_at"] is None and read_instant(duty["due_at"]) > now for duty in item.duties or ())
    return not owed and all(at is None or at < before for at in activity) and all(at is None or at <= now for at in ahead)


def _is_kept(item: Item | None, now: datetime) -> bool:
    """Whether the candidate agreed to be kept in mind, and that has neither ended nor been taken back."""
    return isinstance(item, KeepItem) and item.list_key is not None and item.until > now


def _erase(employer: Employer, candidate: CandidateItem, now: datetime, counts: Counter[str]) -> int:
    try:
        erasure.erase(employer, candidate.id, now, lambda found: _check_unchanged(candidate, found), cause="retention")
    except NotFound:
        return 0
    except HeardbackError:
        log.exception("retention could not erase a candidate")
        counts["retention_failed"] += 1
        return 0
    counts["retention_erased"] += 1
    return 1


def _check_unchanged(read: CandidateItem, found: CandidateItem) -> None:
    if found.revision != read.revision:
        raise NotFound  # has become active


def _store_position(key: Key, after: str | None, erased: int) -> None:
    transaction = Transaction()
    move = RetentionItem.after.set(after) if after else RetentionItem.after.remove()
    transaction.update(RetentionItem(*key), [move, RetentionItem.erased.add(erased)])
    transaction.commit()
