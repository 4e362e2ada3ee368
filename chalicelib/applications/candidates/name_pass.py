"""The nightly pass over an employer's names: enters candidates that are not entered, and deletes entries that find nobody.

Versions before the search write candidates, and erase them, without entries; during a deployment they run beside this one.
A pass reads all candidates, then all entries, up to a limit a run, and stores where it stopped. A finished one begins again
after a week.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.candidates import name_index
from chalicelib.applications.candidates.items import CandidateItem, NameItem, NamePassItem
from chalicelib.errors import ConditionFailed, HeardbackError
from chalicelib.rules.name_search import BUCKETS, indexed_words, words_of
from chalicelib.storage import keys, table
from chalicelib.storage.table import TRANSACTION_MOST, Item, Key, Transaction

READ_MOST = 20_000
"""Records of one employer that one run reads: a minute or two where all of them are entered."""
RUN_MOST = 100_000
"""Records that one run reads over all employers. The next run continues with the others."""
EVERY = timedelta(days=7)
_PAGE = 100
_LAST = "\U0010ffff"
_log = logging.getLogger("heardback")


def run(now: datetime) -> dict[str, int]:
    """Continues the pass of every employer. Counts `names_entered`, `names_deleted` and `names_failed` employers."""
    counts = Counter(names_entered=0, names_deleted=0, names_failed=0)
    left = RUN_MOST
    for employer_id, state in _employers(now):
        if left <= 0:
            break
        try:
            left -= _pass(employer_id, state, now, min(left, READ_MOST), counts)
        except HeardbackError:
            _log.exception("names could not be entered employer=%s", employer_id)
            counts["names_failed"] += 1
    return dict(counts)


def _employers(now: datetime) -> Iterator[tuple[str, NamePassItem | None]]:
    """Yields employers whose pass is not finished, or was so a week ago."""
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("listing", keys.list_key("operator", "EMP"), limit=_PAGE, start=start)
        employer_ids = [row["PK"]["S"].partition("#")[2] for row in rows]
        states = table.get_many([_state_key(one) for one in employer_ids])
        for employer_id in employer_ids:
            state = states.get(_state_key(employer_id))
            known = state if isinstance(state, NamePassItem) else None
            if known is None or known.finished_at is None or known.finished_at <= now - EVERY:
                yield employer_id, known
        if not start:
            return


def _pass(employer_id: str, state: NamePassItem | None, now: datetime, most: int, counts: Counter[str]) -> int:
    """Reads up to `most` records from where the pass stopped. Returns how many it has read."""
    after: str | None = (state.after if state else None) or "CAND "
    read = 0
    while after is not None and read < most:
        phase, _, place = after.partition(" ")
        step = _enter_page if phase == "CAND" else _check_page
        count, after = step(employer_id, place, counts)
        read += count
    transaction = Transaction()
    if after is None:
        actions = [NamePassItem.after.remove(), NamePassItem.finished_at.set(now)]
    else:
        actions = [NamePassItem.after.set(after), NamePassItem.finished_at.remove()]
    transaction.update(NamePassItem(*_state_key(employer_id)), actions)
    transaction.commit()
    return read


def _state_key(employer_id: str) -> Key:
    return f"{keys.employer_pk(employer_id)}#NAMES", "NAMEPASS"


# --- candidates without entries ---------------------------------------------------------------------------------------


def _enter_page(employer_id: str, place: str, counts: Counter[str]) -> tuple[int, str | None]:
    """Enters those of the next hundred candidates that are not. Returns how many it read, and where to continue."""
    condition = Item.list_at > place if place else None
    rows, more = table.query_index("listing", keys.list_key(employer_id, "CAND"), condition, limit=_PAGE)
    found = table.get_many([(row["PK"]["S"], "CAND") for row in rows]).values()
    wanted = [item for item in found if isinstance(item, CandidateItem) and not name_index.is_current(item)]
    counts["names_entered"] += _enter(wanted)
    return len(rows), f"CAND {rows[-1]['list_at']['S']}" if more and rows else "NAME 0 "


def _enter(people: Sequence[CandidateItem]) -> int:
    """Enters candidates, as many in a transaction as it holds. Returns how many."""
    left, entered = [_entering(person) for person in people], 0
    while left:
        some: list[Transaction] = []
        while left and sum(map(len, (*some, left[0]))) <= TRANSACTION_MOST:
            some.append(left.pop(0))
        entered += _commit(some)
    return entered


def _entering(person: CandidateItem) -> Transaction:
    """The revision stays, because clients see no change: another write of the candidate takes its entries along."""
    transaction, before = Transaction(), table.snapshot(person)
    name_index.enter(transaction, person, before)
    transaction.update(person, table.changes(person, before), CandidateItem.revision == person.revision)
    return transaction


def _commit(some: Sequence[Transaction]) -> int:
    """Commits all together, or one by one where somebody else has written one of them. Returns how many were written."""
    together = Transaction()
    for one in some:
        together.absorb(one)
    try:
        together.commit()
    except ConditionFailed:
        return sum(_commit([one]) for one in some) if len(some) > 1 else 0
    return len(some)


# --- entries that find nobody -----------------------------------------------------------------------------------------


def _check_page(employer_id: str, place: str, counts: Counter[str]) -> tuple[int, str | None]:
    """Deletes those of the next hundred entries that find nobody. Returns how many it read, and where to continue."""
    number, _, last = place.partition(" ")
    pk = keys.names_pk(employer_id, int(number))
    items, more = table.query_page(pk, f"{last} " if last else "NAME#", f"NAME#{_LAST}", _PAGE)
    entries = [item for item in items if isinstance(item, NameItem)]
    people = table.get_many([_candidate_key(employer_id, entry) for entry in entries])
    for entry in entries:
        candidate = people.get(_candidate_key(employer_id, entry))
        if not isinstance(candidate, CandidateItem) or entry.word not in indexed_words(words_of(candidate.name)):
            counts["names_deleted"] += _delete(entry, _candidate_key(employer_id, entry), candidate)
    if more and items:
        return len(items), f"NAME {number} {items[-1].SK}"
    following = int(number) + 1
    return 1 + len(items), f"NAME {following} " if following < BUCKETS else None


def _delete(entry: NameItem, key: Key, candidate: Item | None) -> bool:
    """Deletes an entry, unless somebody has written the candidate since it was read."""
    transaction = Transaction()
    transaction.delete(entry)
    if isinstance(candidate, CandidateItem):
        transaction.check(candidate, CandidateItem.revision == candidate.revision)
    else:
        transaction.check(CandidateItem(*key), CandidateItem.PK.does_not_exist())
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _candidate_key(employer_id: str, entry: NameItem) -> Key:
    return keys.candidate_pk(employer_id, entry.candidate_id), "CAND"
