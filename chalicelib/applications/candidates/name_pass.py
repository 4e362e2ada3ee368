"""The nightly pass over an employer's names: enters candidates that are not entered, and deletes entries that find nobody.

Versions before the search write candidates, and erase them, without entries; during a deployment they run beside this one.
A pass reads all candidates, then all entries, in pieces (`nightly_pass.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from chalicelib.applications import nightly_pass
from chalicelib.applications.candidates import name_index
from chalicelib.applications.candidates.items import CandidateItem, NameItem, NamePassItem
from chalicelib.applications.nightly_pass import NightlyPass
from chalicelib.errors import ConditionFailed
from chalicelib.rules.name_search import BUCKETS, indexed_words, words_of
from chalicelib.storage import keys, table
from chalicelib.storage.table import TRANSACTION_MOST, Item, Key, Transaction

READ_MOST = 20_000
"""Records of one employer that one run reads: a minute or two where all of them are entered."""
RUN_MOST = 100_000
"""Records that one run reads over all employers. The next run continues with the others."""
_PAGE = 100
_LAST = "\U0010ffff"


def run(now: datetime) -> dict[str, int]:
    """Continues the pass of every employer. Counts `names_entered`, `names_deleted` and `names_failed` employers."""
    counts = Counter(names_entered=0, names_deleted=0, names_failed=0)
    nightly_pass.run(NightlyPass("names", NamePassItem, _state_key, "CAND ", _step), now, counts, each=READ_MOST, most=RUN_MOST)
    return dict(counts)


def _step(employer_id: str, after: str, now: datetime, counts: Counter[str]) -> tuple[int, str | None]:  # noqa: ARG001
    phase, _, place = after.partition(" ")
    step = _enter_page if phase == "CAND" else _check_page
    return step(employer_id, place, counts)


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
