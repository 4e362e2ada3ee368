"""One item for each address that the deployment may write to, by keyed hash: how many applications carry it, and which.

It is written when an application gets an address, not when a message is sent: so that a reminder to somebody with one
application, which is nearly everybody, costs no write here. It belongs to no employer, for a person's patience and a
STOP belong to none either. It holds no address and no name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from zlib import crc32

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.operand import Path

from chalicelib.access.optouts import Address, hash_of
from chalicelib.table import InstantAttribute, Item, Key, Transaction, query_range

PLACES = 32
"""For cases, by hash: the item stays small for a number that a thousand applications share. Then some are not found by it."""


class RecipientItem(Item):
    """PK WHO#<keyed hash of an address>, SK WHO. Its places `c0` ... hold partitions of cases, read raw."""

    kind = "WHO"
    applications = NumberAttribute(attr_name="n", default=0)
    """Never fewer than carry the address now: it is counted up only."""
    last = InstantAttribute(null=True)
    last_but_one = InstantAttribute(null=True)
    last_but_two = InstantAttribute(null=True)
    """When the latest messages were claimed for it."""


def key_of(address: Address) -> Key:
    return f"WHO#{hash_of(*address)}", "WHO"


def note(transaction: Transaction, arrivals: Iterable[tuple[Address, str]]) -> None:
    """Applications (by the partition of their case) that carry an address from now on."""
    by_key: dict[Key, list[str]] = {}
    for address, case_pk in arrivals:
        by_key.setdefault(key_of(address), []).append(case_pk)
    for key, cases in by_key.items():
        places = {f"c{crc32(pk.encode()) % PLACES}": pk for pk in cases}
        transaction.update(RecipientItem(*key), [Path("n").add(len(Counter(cases))),
                                                 *(Path(place).set(pk) for place, pk in sorted(places.items()))])


def cases_of(address: Address) -> list[str]:
    """Partitions of the cases that carry, or carried, an address."""
    pk, sk = key_of(address)
    raws = query_range(pk, sk, sk)
    return [value["S"] for raw in raws for name, value in sorted(raw.items()) if name[0] == "c" and name[1:].isdigit()]
