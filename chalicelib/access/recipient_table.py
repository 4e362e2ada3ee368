"""What is known of an address that the deployment writes to, beside its opt-out: kept on the same item, by keyed hash, so that
the one read before a send tells both.

How many applications carry it, and which, is written when an application gets the address. When it was written to is noted only
where several applications carry it: a reminder to somebody with one application, which is nearly everybody, costs no write here.
It belongs to no employer, for a person's patience and a STOP belong to none either. It holds no address and no name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from pynamodb.expressions.operand import Path

from chalicelib.access.optouts import Address, OptOutItem, key_of
from chalicelib.table import Key, Transaction, query_range

PLACES = 32
"""`c0` ... hold partitions of cases, by hash, and are read raw: the item stays small for a number that a thousand
applications share. Then some are not found by it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An application, by the partition of its case, that carries an address from now on. `late`: it was there before."""

    address: Address
    case_pk: str
    late: bool


def note(transaction: Transaction, arrivals: Iterable[Arrival]) -> None:
    """Which applications carry which addresses from now on."""
    by_key: dict[Key, list[Arrival]] = {}
    for arrival in arrivals:
        by_key.setdefault(key_of(*arrival.address), []).append(arrival)
    for key, come in by_key.items():
        cases = [arrival.case_pk for arrival in come]
        late = [OptOutItem.late.set(True)] if any(arrival.late for arrival in come) else []
        places = {f"c{crc32(pk.encode()) % PLACES}": pk for pk in cases}
        transaction.update(OptOutItem(*key), [Path("n").add(len(Counter(cases))), Path("c").set(Path("c") | cases[0]),
                                              *late, *(Path(place).set(pk) for place, pk in sorted(places.items()))])


def cases_of(address: Address) -> list[str]:
    """Partitions of the cases that carry, or carried, an address."""
    return cases_at(key_of(*address))


def cases_at(key: Key) -> list[str]:
    """The same by the key of the address's item."""
    pk, sk = key
    raws = query_range(pk, sk, sk)
    return [value["S"] for raw in raws for name, value in sorted(raw.items()) if name[0] == "c" and name[1:].isdigit()]


Notes = Sequence[Sequence[str]]
"""[[message id, when], ...]: stored instants."""


def write_notes(items: Mapping[Key, OptOutItem | None], notes: Mapping[Key, Notes]) -> None:
    """Sets the notes of what was written to some addresses, if nobody has since they were read. Raises ConditionLost."""
    transaction = Transaction()
    for key, new in notes.items():
        item = items.get(key)
        old = item.written if item is not None else None
        same = OptOutItem.written.does_not_exist() if old is None else OptOutItem.written == old
        transaction.update(OptOutItem(*key), [OptOutItem.written.set([list(one) for one in new])], same)
    transaction.commit()
