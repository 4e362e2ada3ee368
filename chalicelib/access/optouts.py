"""Who wants no more messages: kept by keyed hash of the address, for every employer of the deployment.

STOP or unsubscribe ends all nudges to that person on both channels, so an unsubscribe link carries the hashes of all the
addresses that the person had when it was made, and senders ask about all the addresses that the person has now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from pynamodb.attributes import UnicodeAttribute

from chalicelib.config import settings
from chalicelib.errors import ConditionLost
from chalicelib.signing import BadToken, keyed_hash, seal, unseal
from chalicelib.table import InstantAttribute, Item, Key, Transaction, get_many

Channel = Literal["email", "sms"]
Address = tuple[Channel, str]
"""("email", "dana@example.com") or ("sms", "+12025550123")."""

LINK_LASTS = timedelta(days=400)
_PURPOSE = "unsubscribe"
_LETTERS: dict[Channel, bytes] = {"email": b"e", "sms": b"s"}
_HASH_BYTES = 16


class OptOutItem(Item):
    """PK OPT#<keyed hash of an address>, SK OPT. Never expires."""

    kind = "OPT"
    channel = UnicodeAttribute()
    source = UnicodeAttribute()
    """How it was said: link, one_click, stop_word, complaint, ..."""
    opted_out_at = InstantAttribute()


def addresses_of(email: str | None, phone: str | None) -> list[Address]:
    """All the addresses of a person: what to ask `opted_out` about before sending to any of them."""
    found: list[Address] = []
    if email:
        found.append(("email", email))
    if phone:
        found.append(("sms", phone))
    return found


def hash_of(channel: Channel, address: str) -> str:
    """Equal for spellings of an address that reach the same person: email is compared without case."""
    folded = address.strip().casefold() if channel == "email" else address.strip()
    return keyed_hash(settings().secret, f"opt-out:{channel}", folded)


def key_of(channel: Channel, address: str) -> Key:
    """Where an opt-out of this address would lie: for senders that read it together with other items."""
    return (f"OPT#{hash_of(channel, address)}", "OPT")


def opted_out(addresses: Iterable[Address]) -> set[Address]:
    """Those of the addresses that want nothing more, by one consistent batched read per 100."""
    keys = {key_of(*address): address for address in addresses}
    return {keys[key] for key in get_many(keys)} if keys else set()


def opt_out(addresses: Iterable[Address], source: str, now: datetime) -> None:
    """Records that a person wants nothing more, at all the addresses at once. Saying it again changes nothing."""
    record([(channel, hash_of(channel, address)) for channel, address in addresses], source, now)


def record(hashes: Iterable[tuple[Channel, str]], source: str, now: datetime) -> None:
    """The same by the hashes that a link carries."""
    pending = {f"OPT#{digest}": channel for channel, digest in hashes}
    while pending:
        transaction = Transaction()
        for pk, channel in pending.items():
            transaction.create(OptOutItem(PK=pk, SK="OPT", channel=channel, source=source, opted_out_at=now))
        try:
            transaction.commit()
            return
        except ConditionLost as lost:  # was said before: the first time stands
            pending = {pk: channel for pk, channel in pending.items() if (pk, "OPT") not in lost.failed}


def unsubscribe_token(email: str | None, phone: str | None, now: datetime) -> str:
    """Opaque and signed; carries keyed hashes and their channels only."""
    parts = [_LETTERS[channel] + bytes.fromhex(hash_of(channel, address)) for channel, address in addresses_of(email, phone)]
    payload = b"".join(parts)
    return seal(settings().secret, _PURPOSE, payload, now + LINK_LASTS)


def unsubscribe_url(email: str | None, phone: str | None, now: datetime) -> str:
    """The link for a person's messages: `GET` shows a button, `POST` acts at once (RFC 8058)."""
    return f"{settings().base_url}/u/{unsubscribe_token(email, phone, now)}"


def read_token(token: str, now: datetime) -> list[tuple[Channel, str]]:
    """The hashes in a link's token. Raises BadToken, Expired."""
    payload = unseal(settings().secret, _PURPOSE, token, now)
    step = 1 + _HASH_BYTES
    channels = {letter: channel for channel, letter in _LETTERS.items()}
    parts = [payload[begin : begin + step] for begin in range(0, len(payload), step)]
    if not parts or any(len(part) != step or part[:1] not in channels for part in parts):
        raise BadToken
    return [(channels[part[:1]], part[1:].hex()) for part in parts]
