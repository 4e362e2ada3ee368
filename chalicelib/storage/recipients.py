"""Recipients: opt-outs, applications and recent messages of each address, in one item, so that one read before a send is enough.

The item belongs to no employer, because STOP and the frequency cap hold for all employers. It is found by a keyed hash and
holds no address and no name. Which applications have the address is written when an application gets it. Messages are
recorded only for an address with several applications: a reminder to a person with one application, which is nearly
everybody, costs no write here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from zlib import crc32

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path

from chalicelib.config import settings
from chalicelib.rules.canonical import canonical_email, canonical_phone, spellings_of_phone
from chalicelib.rules.model import MessageChannel
from chalicelib.signing import keyed_hash
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, get_many, query_range

Address = tuple[MessageChannel, str]
"""("email", "dana@example.com") or ("sms", "+12025550123")."""
CHANNEL_CODES: dict[MessageChannel, bytes] = {"email": b"e", "sms": b"s"}
"""One byte a channel, in unsubscribe links."""
PLACES = 32
"""Attributes `c0` to `c31` hold the partitions of cases, by hash. So the item stays small for a number that a thousand
applications share; some of those are then not found by it. Those that were texted are: `texted` holds them."""

TEXTED_MOST = 100
"""The most cases that are remembered as texted at one number. The frequency cap makes that more than half a year."""


class OptOutItem(Item):
    """PK OPT#<keyed hash of an address>, SK OPT. Never expires. The item also exists without an opt-out: `is_out` tells."""

    kind = "OPT"
    channel = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    """How the person opted out: link, one_click, stop_word, complaint, ..."""
    opted_out_at = InstantAttribute(null=True)
    """When the present opt-out began."""
    said_at = InstantAttribute(null=True)
    """When the person last opted out: events arrive in any order, and the latest one counts."""
    opted_in_at = InstantAttribute(null=True)
    """When START undid an opt-out. Kept, so that an older STOP that arrives later changes nothing."""
    not_by_stop_alone = BooleanAttribute(null=True)
    """Whether the person later opted out in another way than STOP: START does not undo that."""
    bounced_at = InstantAttribute(null=True)
    """When mail to it bounced permanently."""
    applications = NumberAttribute(null=True, attr_name="n")
    """How many applications have or had the address: never fewer than have it now."""
    first_case = UnicodeAttribute(null=True, attr_name="c")
    """Partition of the first case with the address. Messages sent while it was the only one are not recorded here."""
    late = BooleanAttribute(null=True, attr_name="l")
    """Whether an existing case got the address later. Messages about that case are recorded at its other addresses."""
    written = JSONAttribute(null=True, attr_name="w")
    """[[message id, when], ...]: recent messages to a person with several applications."""
    texted = JSONAttribute(null=True, attr_name="t")
    """Of a number that several applications share: partitions of the cases about which it was texted, oldest first."""
    stopped = JSONAttribute(null=True, attr_name="s")
    """Of a number: partitions of the cases about which it was texted before it said STOP. They get no mail while it is out."""
    stopped_mail = JSONAttribute(null=True, attr_name="sm")
    """Of a mailbox: partitions of the cases to which it said STOP after their candidate got another one. While it is out,
    nothing about them is mailed to anyone."""

    @property
    def is_out(self) -> bool:
        """Whether the address is opted out now."""
        said_at = self.said_at or self.opted_out_at
        return said_at is not None and (self.opted_in_at is None or self.opted_in_at <= said_at)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An application, by the partition of its case, that has got an address. `late`: the application existed before."""

    address: Address
    case_pk: str
    late: bool


def note(transaction: Transaction, arrivals: Iterable[Arrival]) -> None:
    """Adds to a transaction which applications have got which addresses."""
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
    """Lists the partitions of cases that have or had an address, in any spelling."""
    return list(dict.fromkeys(pk for key in keys_of(*address) for pk in cases_at(key)))


def all_cases_of(address: Address) -> list[str] | None:
    """Lists the same where every case is certainly found; None where two share a place, so that one of them may be missing."""
    found: list[str] = []
    counted = 0
    for pk, sk in keys_of(*address):
        for raw in query_range(pk, sk, sk):
            counted += int(raw["n"]["N"]) if "n" in raw else 0
            found += _cases_in(raw)
    cases = list(dict.fromkeys(found))
    return cases if len(cases) >= counted else None


def cases_at(key: Key) -> list[str]:
    """Lists the same, by the key of the address's item.

    Two cases may share a place, and then the later one is there. The first case, and those that were texted, are never lost.
    """
    pk, sk = key
    found: list[str] = []
    for raw in query_range(pk, sk, sk):
        found += _cases_in(raw)
    return list(dict.fromkeys(found))


def _cases_in(raw: Mapping[str, Any]) -> list[str]:
    places = [value["S"] for name, value in sorted(raw.items()) if name[0] == "c" and (name == "c" or name[1:].isdigit())]
    return places + (json.loads(raw["t"]["S"]) if "t" in raw else [])


Notes = Sequence[Sequence[str]]
"""[[message id, when], ...], with stored instants."""


def write_notes(
    items: Mapping[Key, OptOutItem | None], notes: Mapping[Key, Notes], texted: Mapping[Key, str] = MappingProxyType({})
) -> None:
    """Records recent messages of some addresses. Raises ConditionFailed where others have done so since they were read.

    `texted` tells the case of a text by the key of its number.
    """
    transaction = Transaction()
    for key, new in notes.items():
        item = items.get(key)
        old = item.written if item is not None else None
        same = OptOutItem.written.does_not_exist() if old is None else OptOutItem.written == old
        actions = [OptOutItem.written.set([list(one) for one in new])]
        if case_pk := texted.get(key):
            earlier = [pk for pk in (item.texted if item is not None else None) or [] if pk != case_pk]
            actions.append(OptOutItem.texted.set([*earlier, case_pk][-TEXTED_MOST:]))
        transaction.update(OptOutItem(*key), actions, same)
    transaction.commit()


def addresses_of(email: str | None, phone: str | None) -> list[Address]:
    """Lists all addresses of a person in canonical form, to pass to `opted_out` before sending to any of them."""
    found: list[Address] = []
    if email:
        found.append(canonical("email", email))
    if phone:
        found.append(canonical("sms", phone))
    return found


def canonical(channel: MessageChannel, address: str) -> Address:
    """Returns an address in canonical form: equal for every spelling of one mailbox or number."""
    return channel, canonical_email(address) if channel == "email" else canonical_phone(address)


def hash_of(channel: MessageChannel, address: str) -> str:
    """Returns the keyed hash of an address in canonical form."""
    return _hash(*canonical(channel, address))


def hashes_of(channel: MessageChannel, address: str) -> list[str]:
    """Lists the hashes under which items of an address are stored: the canonical one, and those of longer spellings.

    Items from before there was a canonical form are found under the number as it was given.
    """
    if channel == "email":
        return [hash_of(channel, address)]
    return [_hash(channel, spelling) for spelling in spellings_of_phone(address)]


def _hash(channel: MessageChannel, text: str) -> str:
    return keyed_hash(settings().hash_secret, f"opt-out:{channel}", text)


def key_of(channel: MessageChannel, address: str) -> Key:
    """Returns the primary key of an address's item, for writing."""
    return (f"OPT#{hash_of(channel, address)}", "OPT")


def keys_of(channel: MessageChannel, address: str) -> list[Key]:
    """Lists the primary keys to read for an address: one, and a second for some Mexican, Argentinian, Brazilian numbers."""
    return [(f"OPT#{digest}", "OPT") for digest in hashes_of(channel, address)]


def opted_out(addresses: Iterable[Address]) -> set[Address]:
    """Returns those of the addresses that are opted out, by one consistent batched read per 100."""
    wanted = {address: keys_of(*address) for address in addresses}
    found = get_many(dict.fromkeys(key for keys in wanted.values() for key in keys)) if wanted else {}
    out = {key for key, item in found.items() if isinstance(item, OptOutItem) and item.is_out}
    return {address for address, keys in wanted.items() if not out.isdisjoint(keys)}
