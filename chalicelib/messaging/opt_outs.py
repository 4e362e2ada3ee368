"""Opt-outs by keyed hash of the address, for all employers of the deployment.

STOP or unsubscribe ends all messages to a person on both channels. So an unsubscribe link carries the hashes of all addresses
that the person had when it was made, and senders check all addresses that the person has now. An address that bounced
permanently is dead alone: its person opted out of nothing and may have another address.
The items hold no address and belong to no candidate, so they remain after a candidate's erasure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, Unavailable
from chalicelib.rules.model import MessageChannel
from chalicelib.signing import BadToken, sign_token, verify_token
from chalicelib.storage.outbox import news_of_opt_out
from chalicelib.storage.recipients import CHANNEL_CODES, Address, OptOutItem, addresses_of, canonical, hashes_of, key_of, keys_of
from chalicelib.storage.table import Condition, Item, Key, Transaction, get_many

OPTED_OUT = "opted out"
STOP_WORD = "stop_word"
LINK_LASTS = timedelta(days=400)
_PURPOSE = "unsubscribe"
_HASH_BYTES = 16
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of some addresses.

    `out`: opted out, which stops all messages to their person. `dead`: bounced, which stops messages to this address alone.
    `shared`: several applications share them, or messages to them are noted. All are in canonical form.
    """

    out: frozenset[Address]
    dead: frozenset[Address]
    shared: frozenset[Address] = frozenset()

    def block_reason(self, to: Address, people: Iterable[Address]) -> str | None:
        """Says why nothing may be sent to `to`, one of a person's addresses `people`. None where it may."""
        to, theirs = canonical(*to), {canonical(*one) for one in people}
        if to in self.out or not self.out.isdisjoint(theirs):
            return OPTED_OUT
        return "the address bounced" if to in self.dead else None

    def is_shared(self, people: Iterable[Address]) -> bool:
        """Whether several applications have one of these addresses, in any spelling."""
        return not self.shared.isdisjoint(canonical(*one) for one in people)


def standing(keys: Mapping[Key, Address], found: Mapping[Key, Item]) -> Standing:
    """Reads the standing of addresses from items read before. `keys` gives each item key's address (`keys_of_all`)."""
    known = [(canonical(*keys[key]), item) for key, item in found.items() if key in keys and isinstance(item, OptOutItem)]
    applications: Counter[Address] = Counter()
    for address, item in known:
        applications[address] += int(item.applications or 0)
    return Standing(
        frozenset(address for address, item in known if item.is_out),
        frozenset(address for address, item in known if item.bounced_at),
        frozenset(address for address, item in known if applications[address] > 1 or item.written),
    )


def keys_of_all(addresses: Iterable[Address]) -> dict[Key, Address]:
    """Maps the keys of all items of some addresses to the address in canonical form."""
    return {key: canonical(*address) for address in addresses for key in keys_of(*address)}


def opt_out(addresses: Iterable[Address], source: str, now: datetime) -> bool:
    """Opts a person out at all the addresses at once. True where any was not opted out."""
    hashes = [(channel, digest) for channel, address in addresses for digest in hashes_of(channel, address)]
    return record(dict.fromkeys(hashes), source, now)


def record(hashes: Iterable[tuple[MessageChannel, str]], source: str, now: datetime) -> bool:
    """Opts out by the hashes that a link carries. Idempotent.

    `now` is when the person said so: a later START counts.
    """
    pending = {(f"OPT#{digest}", "OPT"): channel for channel, digest in hashes}
    fresh = dict(pending)
    for _ in range(_TRIES):
        found = get_many(pending.keys() - fresh.keys())
        transaction, news = Transaction(), False
        for key, channel in pending.items():
            item = found.get(key)
            if key in fresh:
                said = {"channel": channel, "source": source, "opted_out_at": now, "said_at": now}
                unheard = OptOutItem.opted_out_at.does_not_exist() & OptOutItem.opted_in_at.does_not_exist()
                actions = [getattr(OptOutItem, name).set(value) for name, value in said.items()]
                transaction.update(OptOutItem(*key), actions, unheard)
                news_of_opt_out(transaction, key[0], now)
            elif isinstance(item, OptOutItem):
                news = _repeat(transaction, item, source, now) or news
        try:
            transaction.commit()
            return news or bool(fresh)
        except ConditionFailed as lost:  # known already: read it, and keep the time of the first opt-out
            fresh = {key: channel for key, channel in fresh.items() if key not in lost.failed}
    raise Unavailable


def _repeat(transaction: Transaction, item: OptOutItem, source: str, now: datetime) -> bool:
    """Notes a repeated opt-out; the time of the first is kept. True where it revokes a START."""
    news, actions = False, [OptOutItem.said_at.set(now)]
    if not item.is_out:
        news = item.opted_in_at is None or item.opted_in_at <= now
        anew = [OptOutItem.opted_out_at.set(now), OptOutItem.source.set(source), OptOutItem.not_by_stop_alone.remove()]
        actions += anew if news else []
    elif source != STOP_WORD:
        actions.append(OptOutItem.not_by_stop_alone.set(True))
    if not item.said_at or item.said_at < now:
        if news:
            news_of_opt_out(transaction, item.PK, now)
        transaction.update(
            OptOutItem(*item.key),
            actions,
            _same(OptOutItem.said_at, item.said_at) & _same(OptOutItem.opted_in_at, item.opted_in_at),
        )
    return news


def _same(attribute: Any, value: Any) -> Condition:
    return attribute.does_not_exist() if value is None else attribute == value


def opt_in(address: Address, at: datetime) -> None:
    """Revokes opt-outs from before `at`, at this address only: somebody texted START.

    It is kept: a STOP that was sent before it and is delivered after it changes nothing. At the same instant STOP wins.
    """
    for key in keys_of(*address):
        transaction = Transaction()
        transaction.update(
            OptOutItem(*key),
            [OptOutItem.opted_in_at.set(at), OptOutItem.channel.set(address[0])],
            OptOutItem.opted_in_at.does_not_exist() | (OptOutItem.opted_in_at < at),
        )
        with suppress(ConditionFailed):  # a later START is recorded
            transaction.commit()


def revoke_stop(addresses: Iterable[Address], at: datetime) -> None:
    """Revokes opt-outs at a person's other addresses that came from STOP alone. A link's or a complaint's stays."""
    keys = keys_of_all(addresses)
    for key, item in get_many(keys).items():
        if isinstance(item, OptOutItem) and item.is_out and item.source == STOP_WORD and not item.not_by_stop_alone:
            opt_in(keys[key], at)


def mark_dead(address: Address, at: datetime) -> None:
    """Marks an address that bounced permanently: nothing more is sent to it. The first time is kept."""
    item = OptOutItem(*key_of(*address))
    transaction = Transaction()
    actions = [OptOutItem.bounced_at.set(at), OptOutItem.channel.set(address[0])]
    transaction.update(item, actions, OptOutItem.bounced_at.does_not_exist())
    with suppress(ConditionFailed):
        transaction.commit()


def unsubscribe_token(email: str | None, phone: str | None, now: datetime) -> str:
    """Makes a signed token of the keyed hashes of a person's addresses, with their channels."""
    hashes = [(channel, digest) for channel, address in addresses_of(email, phone) for digest in hashes_of(channel, address)]
    parts = [CHANNEL_CODES[channel] + bytes.fromhex(digest) for channel, digest in hashes]
    payload = b"".join(parts)
    return sign_token(settings().secret, _PURPOSE, payload, now + LINK_LASTS)


def unsubscribe_url(email: str | None, phone: str | None, now: datetime) -> str:
    """Makes the unsubscribe link of a person: `GET` shows a button, `POST` acts at once (RFC 8058)."""
    return f"{settings().base_url}/u/{unsubscribe_token(email, phone, now)}"


def read_token(token: str, now: datetime) -> list[tuple[MessageChannel, str]]:
    """Reads the hashes in a link's token. Raises BadToken, Expired."""
    payload = verify_token(settings().secret, _PURPOSE, token, now)
    step = 1 + _HASH_BYTES
    channels = {letter: channel for channel, letter in CHANNEL_CODES.items()}
    parts = [payload[begin : begin + step] for begin in range(0, len(payload), step)]
    if not parts or any(len(part) != step or part[:1] not in channels for part in parts):
        raise BadToken
    return [(channels[part[:1]], part[1:].hex()) for part in parts]
