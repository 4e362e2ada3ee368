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

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path

from chalicelib.config import settings
from chalicelib.rules.model import MessageChannel
from chalicelib.signing import keyed_hash
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, get_many, query_range

Address = tuple[MessageChannel, str]
"""("email", "dana@example.com") or ("sms", "+12025550123")."""
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
        transaction.update(
            OptOutItem(*key),
            [
                Path("n").add(len(Counter(cases))),
                Path("c").set(Path("c") | cases[0]),
                *late,
                *(Path(place).set(pk) for place, pk in sorted(places.items())),
            ],
        )


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


# <<<chalicelib.storage.recipients


_LETTERS: dict[MessageChannel, bytes] = {"email": b"e", "sms": b"s"}


class OptOutItem(Item):
    """PK OPT#<keyed hash of an address>, SK OPT. Never expires. Its being there says nothing yet: `is_out` does."""

    kind = "OPT"
    channel = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    """How it was said: link, one_click, stop_word, complaint, ..."""
    opted_out_at = InstantAttribute(null=True)
    """Since when."""
    said_at = InstantAttribute(null=True)
    """When it was last said: feedback comes in any order, and the latest word counts."""
    opted_in_at = InstantAttribute(null=True)
    """When START took an opt-out back: kept, so that an older STOP that arrives later changes nothing."""
    not_by_stop_alone = BooleanAttribute(null=True)
    """Whether it was said again, after the first time, by something else than STOP: START does not undo that."""
    bounced_at = InstantAttribute(null=True)
    """When mail to it was returned for good."""
    applications = NumberAttribute(null=True, attr_name="n")
    """Never fewer than carry the address now (`recipient_table`): it lies here so that one read before a send tells all."""
    first_case = UnicodeAttribute(null=True, attr_name="c")
    """Partition of the first case that carried it. What was written about that one while it was the only one is noted nowhere."""
    late = BooleanAttribute(null=True, attr_name="l")
    """Whether a case came by it that was there before. What was written about that one is noted at other addresses."""
    written = JSONAttribute(null=True, attr_name="w")
    """[[message id, when], ...]: what was written lately to a person with several applications."""

    @property
    def is_out(self) -> bool:
        said_at = self.said_at or self.opted_out_at
        return said_at is not None and (self.opted_in_at is None or self.opted_in_at <= said_at)


def addresses_of(email: str | None, phone: str | None) -> list[Address]:
    """All the addresses of a person: what to ask `opted_out` about before sending to any of them."""
    found: list[Address] = []
    if email:
        found.append(("email", email))
    if phone:
        found.append(("sms", phone))
    return found


def hash_of(channel: MessageChannel, address: str) -> str:
    """Equal for spellings of an address that reach the same person: email is compared without case."""
    folded = address.strip().casefold() if channel == "email" else address.strip()
    return keyed_hash(settings().secret, f"opt-out:{channel}", folded)


def key_of(channel: MessageChannel, address: str) -> Key:
    """Where an opt-out of this address would lie: for senders that read it together with other items."""
    return (f"OPT#{hash_of(channel, address)}", "OPT")


def opted_out(addresses: Iterable[Address]) -> set[Address]:
    """Those of the addresses that opted out, by one consistent batched read per 100."""
    keys = {key_of(*address): address for address in addresses}
    found = get_many(keys) if keys else {}
    return {keys[key] for key, item in found.items() if isinstance(item, OptOutItem) and item.is_out}
