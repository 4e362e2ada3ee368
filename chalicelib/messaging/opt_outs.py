"""Opt-outs by keyed hash of the address, for all employers of the deployment.

Each acts on what said it. STOP ends texts to its number, and everything about the applications that were texted there. An
unsubscribe link, a complaint or a STOP by mail ends mail to its address; a STOP from a candidate's former address also ends the
mail about the application that it answers. A permanent bounce marks an address as dead.
The items hold no address and belong to no candidate, so they remain after a candidate's erasure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.items import ApplicationItem
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, Unavailable
from chalicelib.rules.model import MessageChannel
from chalicelib.signing import BadToken, sign_token, verify_token
from chalicelib.storage import recipients
from chalicelib.storage.feed import Change
from chalicelib.storage.outbox import news_of_opt_out
from chalicelib.storage.recipients import (
    CHANNEL_CODES,
    Address,
    OptOutItem,
    addresses_of,
    canonical,
    hash_of,
    hashes_of,
    key_of,
    keys_of,
)
from chalicelib.storage.table import Condition, Item, Key, Transaction, get_many

OPTED_OUT = "opted out"
STOP_WORD = "stop_word"
BY_PAGE = "candidate_page"
LINK_LASTS = timedelta(days=400)
_PURPOSE = "unsubscribe"
_DIGEST_PURPOSE = "unsubscribe digest"
_HASH_BYTES = 16
_TRIES = 6
_FEEDS_MOST = 90


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of some addresses.

    `out`: opted out. `dead`: bounced. Both stop messages to this address alone.
    `shared`: several applications share them, or messages to them are noted. All are in canonical form.
    `stopped`: partitions of cases about which a number was texted that said STOP. Nothing about them is sent.
    `stopped_mail`: partitions of cases that a former address said STOP to. Nothing about them is mailed.
    """

    out: frozenset[Address]
    dead: frozenset[Address]
    shared: frozenset[Address] = frozenset()
    stopped: frozenset[str] = frozenset()
    stopped_mail: frozenset[str] = frozenset()

    def block_reason(self, to: Address, case_pk: str) -> str | None:
        """Says why nothing about this case may be sent to `to`. None where it may."""
        to = canonical(*to)
        if to in self.out or case_pk in self.stopped or (to[0] == "email" and case_pk in self.stopped_mail):
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
    out = [item for item in found.values() if isinstance(item, OptOutItem) and item.is_out]
    return Standing(
        frozenset(address for address, item in known if item.is_out),
        frozenset(address for address, item in known if item.bounced_at),
        frozenset(address for address, item in known if applications[address] > 1 or item.written),
        frozenset(pk for item in out for pk in item.stopped or ()),
        frozenset(pk for item in out for pk in item.stopped_mail or ()),
    )


def keys_of_all(addresses: Iterable[Address]) -> dict[Key, Address]:
    """Maps the keys of all items of some addresses to the address in canonical form."""
    return {key: canonical(*address) for address in dict.fromkeys(addresses) for key in keys_of(*address)}


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
        renewed = [OptOutItem.opted_out_at.set(now), OptOutItem.source.set(source), OptOutItem.not_by_stop_alone.remove()]
        actions += renewed if news else []
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


def opt_in(address: Address, at: datetime, told: Sequence[Change] = ()) -> None:
    """Revokes opt-outs from before `at`, at this address only: somebody texted START. `told` is what the feeds are told.

    It is kept: a STOP that was sent before it and is delivered after it changes nothing. At the same instant STOP wins.
    """
    for key in keys_of(*address):
        transaction = Transaction()
        transaction.update(
            OptOutItem(*key),
            [OptOutItem.opted_in_at.set(at), OptOutItem.channel.set(address[0])],
            OptOutItem.opted_in_at.does_not_exist() | (OptOutItem.opted_in_at < at),
        )
        for change in told:
            transaction.tell(change)
        with suppress(ConditionFailed):  # a later START is recorded
            transaction.commit()


def start(number: str, at: datetime) -> None:
    """Revokes what STOP did at a number: texts to it, and the mail of the applications that were texted there.

    What was said about a mailbox stays. Older code opted out mailboxes with the number, at the same instant: these come back.
    """
    before = [item for item in get_many(keys_of("sms", number)).values() if isinstance(item, OptOutItem)]
    stops = {item.opted_out_at for item in before if item.is_out and item.source == STOP_WORD}
    cases = get_many((pk, "APP") for pk in recipients.cases_of(("sms", number))) if stops else {}
    opt_in(("sms", number), at, _changes(cases.values(), at))
    if not stops:
        return
    mails = {address for case in cases.values() for address in addresses_of(getattr(case, "email", None), None)}
    keys = keys_of_all(mails)
    for key, item in get_many(keys).items():
        if isinstance(item, OptOutItem) and item.is_out and _only_by_stop(item) and item.opted_out_at in stops:
            opt_in(keys[key], at)


def _changes(cases: Iterable[Item], at: datetime) -> list[Change]:
    """Returns what the feeds tell of a START: of the first employers only, as many as one transaction holds."""
    found = sorted((one for one in cases if isinstance(one, ApplicationItem)), key=lambda one: str(one.employer_id))
    employers = set(list(dict.fromkeys(one.employer_id for one in found))[:_FEEDS_MOST])
    told = [one for one in found if one.employer_id in employers]
    people = [Change(one.employer_id, "candidate", one.candidate_id, None, at) for one in told]
    return people + [Change(one.employer_id, "application", one.id, one.id, at) for one in told]


def _only_by_stop(item: OptOutItem) -> bool:
    return item.source == STOP_WORD and not item.not_by_stop_alone


def stop_cases(address: Address, case_pks: Iterable[str], *, mail_alone: bool = False) -> None:
    """Ends all messages about applications that were sent to an address, or all mails, while the address is opted out.

    The address's item lists them, and each application names the address's item, so that it is read before a send also where
    the address is removed from the application later. START needs to change neither.
    """
    key, digest = key_of(*address), hash_of(*address)
    name = "stopped_mail" if mail_alone else "stopped"
    attribute = getattr(OptOutItem, name)
    for case_pk in case_pks:
        for _ in range(_TRIES):
            found = get_many([key, (case_pk, "APP")])
            item, application = found.get(key), found.get((case_pk, "APP"))
            transaction = Transaction()
            listed = getattr(item, name, None) or None
            if case_pk not in (listed or []):
                transaction.update(OptOutItem(*key), [attribute.set([*(listed or []), case_pk])], _same(attribute, listed))
            if isinstance(application, ApplicationItem) and digest not in (named := application.stopped_at or []):
                stopped_at = ApplicationItem.stopped_at.set([*named, digest])
                same = _same(ApplicationItem.stopped_at, application.stopped_at)
                transaction.update(ApplicationItem(*application.key), [stopped_at], ApplicationItem.PK.exists() & same)
            with suppress(ConditionFailed):  # read again what changed meanwhile
                transaction.commit()
                break
        else:
            raise Unavailable


def stop_by_link(case_pk: str, reached: Sequence[Address], now: datetime) -> bool:
    """Ends all messages about the application of a candidate's link, for whoever pressed Stop there.

    `reached` are the addresses that may have got the link. One alone is opted out, for all employers. Of several nobody
    knows which one speaks, and an employer could have entered a stranger's beside its own. Returns whether one was opted out.
    """
    speaker = reached[0] if len(reached) == 1 else _link_of(case_pk)
    opt_out([speaker], BY_PAGE, now)
    stop_cases(speaker, [case_pk])
    return len(reached) == 1


def is_stopped(application: ApplicationItem) -> bool:
    """Whether somebody who got messages about an application has ended all of them, wherever they go now."""
    found = get_many(keys_of_stops(application.stopped_at or ())).values()
    return any(isinstance(one, OptOutItem) and one.is_out and application.PK in (one.stopped or ()) for one in found)


def _link_of(case_pk: str) -> Address:
    """Returns an address that stands for whoever has an application's link. Nothing is ever sent to it."""
    return "email", f"{case_pk.rpartition('#')[2]}@link.invalid"


def keys_of_stops(stopped_at: Iterable[str]) -> list[Key]:
    """The items of the numbers and mailboxes that said STOP to an application, by the hashes that the application names."""
    return [(f"OPT#{digest}", "OPT") for digest in stopped_at]


def mark_dead(address: Address, at: datetime) -> None:
    """Marks an address that bounced permanently: nothing more is sent to it. The first time is kept."""
    item = OptOutItem(*key_of(*address))
    transaction = Transaction()
    actions = [OptOutItem.bounced_at.set(at), OptOutItem.channel.set(address[0])]
    transaction.update(item, actions, OptOutItem.bounced_at.does_not_exist())
    with suppress(ConditionFailed):
        transaction.commit()


def unsubscribe_token(email: str, now: datetime) -> str:
    """Makes a signed token of the keyed hash of an email address."""
    payload = b"".join(CHANNEL_CODES["email"] + bytes.fromhex(digest) for digest in hashes_of("email", email))
    return sign_token(settings().sign, _PURPOSE, payload, now + LINK_LASTS)


def unsubscribe_url(email: str, now: datetime) -> str:
    """Makes the unsubscribe link of an address: `GET` shows a button, `POST` acts at once (RFC 8058)."""
    return f"{settings().base_url}/u/{unsubscribe_token(email, now)}"


def digest_url(employer_id: str, escalation: bool, email: str, now: datetime) -> str:
    """Makes the link that ends one employer's digest, or its escalations, to one address."""
    payload = (b"x" if escalation else b"d") + bytes.fromhex(hash_of("email", email)) + employer_id.encode()
    return f"{settings().base_url}/u/{sign_token(settings().sign, _DIGEST_PURPOSE, payload, now + LINK_LASTS)}"


def owner_digest_url(employer_id: str, email: str, now: datetime) -> str:
    """Makes the link that ends the digest of what one person owns, and nothing else."""
    payload = b"o" + bytes.fromhex(hash_of("email", email)) + employer_id.encode()
    return f"{settings().base_url}/u/{sign_token(settings().sign, _DIGEST_PURPOSE, payload, now + LINK_LASTS)}"


def weekly_report_url(employer_id: str, email: str, now: datetime) -> str:
    """Makes the link that ends one employer's weekly report to one address, and nothing else."""
    payload = b"r" + bytes.fromhex(hash_of("email", email)) + employer_id.encode()
    return f"{settings().base_url}/u/{sign_token(settings().sign, _DIGEST_PURPOSE, payload, now + LINK_LASTS)}"


def end_digest(token: str, now: datetime, *, act: bool) -> str:
    """Ends the digest that a link names, and says what it is; without `act` only reads the link. Raises BadToken, Expired."""
    payload = verify_token(settings().sign, _DIGEST_PURPOSE, token, now)
    kind, digest, employer_id = payload[:1], payload[1 : 1 + _HASH_BYTES].hex(), payload[1 + _HASH_BYTES :].decode()
    if act and kind == b"o":
        from chalicelib.applications import team

        team.end_digest(employer_id, lambda address: hash_of("email", address) == digest, now)
    elif act:
        from chalicelib.applications.employers import service as employers

        lists: dict[bytes, employers.DigestList] = {b"x": "escalate_to", b"r": "report_to"}
        list_name = lists.get(kind, "digest_to")
        employers.end_digest(employer_id, list_name, lambda address: hash_of("email", address) == digest, now)
    return "weekly report" if kind == b"r" else "digest"


def read_token(token: str, now: datetime) -> list[tuple[MessageChannel, str]]:
    """Reads the hashes of mailboxes in a link's token. Raises BadToken, Expired.

    Older links also carry a number that the record paired with the mailbox. The link came by mail, so it speaks for no number.
    """
    payload = verify_token(settings().sign, _PURPOSE, token, now)
    step = 1 + _HASH_BYTES
    channels = {letter: channel for channel, letter in CHANNEL_CODES.items()}
    parts = [payload[begin : begin + step] for begin in range(0, len(payload), step)]
    if not parts or any(len(part) != step or part[:1] not in channels for part in parts):
        raise BadToken
    return [(channel, part[1:].hex()) for part in parts if (channel := channels[part[:1]]) == "email"]
