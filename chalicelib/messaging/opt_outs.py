"""Who wants no more messages: kept by keyed hash of the address, for every employer of the deployment.

STOP or unsubscribe ends all nudges to that person on both channels, so an unsubscribe link carries the hashes of all the
addresses that the person had when it was made, and senders ask about all the addresses that the person has now.
An address that no longer exists (a hard bounce) is dead by itself: its person said nothing, and may have another.
The items hold no address and belong to no candidate, so they outlive a candidate's erasure.
"""

from __future__ import annotations

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
from chalicelib.storage.recipients import _LETTERS, Address, OptOutItem, addresses_of, hash_of, key_of
from chalicelib.storage.recipients import opted_out as opted_out
from chalicelib.storage.table import Condition, Item, Key, Transaction, get_many

OPTED_OUT = "opted out"
STOP_WORD = "stop_word"
LINK_LASTS = timedelta(days=400)
_PURPOSE = "unsubscribe"
_HASH_BYTES = 16
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of some addresses: which opted out (which silences their person), which are dead (alone), and which
    were, or may be, written to often: several applications share them, or what was written lately is noted."""

    out: frozenset[Address]
    dead: frozenset[Address]
    shared: frozenset[Address] = frozenset()

    def block_reason(self, to: Address, people: Iterable[Address]) -> str | None:
        """Why nothing may be sent to `to`, one of a person's addresses `people`; None where it may."""
        if to in self.out or not self.out.isdisjoint(people):
            return OPTED_OUT
        return "the address bounced" if to in self.dead else None


def standing(keys: Mapping[Key, Address], found: Mapping[Key, Item]) -> Standing:
    """For senders that read several things at once: `keys` are those of the addresses, `found` what was read."""
    known = [(keys[key], item) for key, item in found.items() if key in keys and isinstance(item, OptOutItem)]
    return Standing(
        frozenset(address for address, item in known if item.is_out),
        frozenset(address for address, item in known if item.bounced_at),
        frozenset(address for address, item in known if int(item.applications or 0) > 1 or item.written),
    )


def opt_out(addresses: Iterable[Address], source: str, now: datetime) -> bool:
    """Records that a person wants nothing more, at all the addresses at once. Saying it again changes nothing.

    True where that was news for any of them.
    """
    return record([(channel, hash_of(channel, address)) for channel, address in addresses], source, now)


def record(hashes: Iterable[tuple[MessageChannel, str]], source: str, now: datetime) -> bool:
    """The same by the hashes that a link carries. `now` is when it was said: a START after it stands."""
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
                news = _say_again(transaction, item, source, now) or news
        try:
            transaction.commit()
            return news or bool(fresh)
        except ConditionFailed as lost:  # known already: what it says is read, and the first time stands
            fresh = {key: channel for key, channel in fresh.items() if key not in lost.failed}
    raise Unavailable


def _say_again(transaction: Transaction, item: OptOutItem, source: str, now: datetime) -> bool:
    """An address that is known already: the first time stands, the latest is noted. True where a START is taken back by it."""
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
    """START from a number takes back what was said before `at`, at this address only. It is known for good: a STOP sent before
    it and delivered after it changes nothing. In doubt (the same instant) STOP stands."""
    transaction = Transaction()
    transaction.update(
        OptOutItem(*key_of(*address)),
        [OptOutItem.opted_in_at.set(at), OptOutItem.channel.set(address[0])],
        OptOutItem.opted_in_at.does_not_exist() | (OptOutItem.opted_in_at < at),
    )
    with suppress(ConditionFailed):  # a later START is known
        transaction.commit()


def take_back(addresses: Iterable[Address], at: datetime) -> None:
    """The same START for the person's other addresses, where a STOP alone silenced them: it said that it undoes the STOP. What
    was said by a link or a complaint stands."""
    keys = {key_of(*address): address for address in addresses}
    for key, item in get_many(keys).items():
        if isinstance(item, OptOutItem) and item.is_out and item.source == STOP_WORD and not item.not_by_stop_alone:
            opt_in(keys[key], at)


def mark_dead(address: Address, at: datetime) -> None:
    """Mail to this address was returned for good: nothing more is sent to it. The first time stands."""
    item = OptOutItem(*key_of(*address))
    transaction = Transaction()
    actions = [OptOutItem.bounced_at.set(at), OptOutItem.channel.set(address[0])]
    transaction.update(item, actions, OptOutItem.bounced_at.does_not_exist())
    with suppress(ConditionFailed):
        transaction.commit()


def unsubscribe_token(email: str | None, phone: str | None, now: datetime) -> str:
    """Opaque and signed; carries keyed hashes and their channels only."""
    parts = [_LETTERS[channel] + bytes.fromhex(hash_of(channel, address)) for channel, address in addresses_of(email, phone)]
    payload = b"".join(parts)
    return sign_token(settings().secret, _PURPOSE, payload, now + LINK_LASTS)


def unsubscribe_url(email: str | None, phone: str | None, now: datetime) -> str:
    """The link for a person's messages: `GET` shows a button, `POST` acts at once (RFC 8058)."""
    return f"{settings().base_url}/u/{unsubscribe_token(email, phone, now)}"


def read_token(token: str, now: datetime) -> list[tuple[MessageChannel, str]]:
    """The hashes in a link's token. Raises BadToken, Expired."""
    payload = verify_token(settings().secret, _PURPOSE, token, now)
    step = 1 + _HASH_BYTES
    channels = {letter: channel for channel, letter in _LETTERS.items()}
    parts = [payload[begin : begin + step] for begin in range(0, len(payload), step)]
    if not parts or any(len(part) != step or part[:1] not in channels for part in parts):
        raise BadToken
    return [(channels[part[:1]], part[1:].hex()) for part in parts]
