"""Checks spending and frequency: what texts cost against what was reserved, and how often each person was written to.

Both are counted from provider calls, apart from the code under test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from chalicelib.config import settings
from chalicelib.messaging.frequency_cap import TOO_OFTEN
from tests.simulation import promised, truth
from tests.simulation.ledger import SLACK, Claimed, crashed, faults_met, raw_number, text
from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Key, Table, Write

MICRO = 1_000_000
DEPLOYMENT = "DEPLOYMENT#SPEND"
WEEK = 7 * 86400.0
MOST = 3
_NEVER_TRIED = ("suppressed", "cancelled", "expired")
LATE = 3600.0
"""How long after it was allowed a message may still reach a provider, clocks' skew included."""


@dataclass
class Caps:
    """The counts of one history."""

    table: Table
    wrong: Callable[[str], None]
    running: Callable[[], Process | None]
    budget: int = 1000 * MICRO
    """What all employers' texts may cost in a month."""
    held: Counter[str] = field(default_factory=Counter)
    """Why messages were held back."""
    _spent: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By owner (the partition of the item that counts) and month."""
    _caps: dict[str, int] = field(default_factory=dict)
    """The highest monthly cap that each employer ever had."""
    _reached: list[tuple[Key, float, frozenset[tuple[str, str]]]] = field(default_factory=list)
    """Messages that may have reached a person: message, time, all addresses of the person."""
    _people: set[frozenset[tuple[str, str]]] = field(default_factory=set)
    """Sets of addresses that belonged to one person when a message was claimed."""
    limits: dict[str, dict[str, int]] = field(default_factory=dict)
    """The operator's limits by employer."""
    _sent_on: Counter[tuple[str, str, date]] = field(default_factory=Counter)
    """Messages by employer, channel and day."""
    _may_be_lost: bool = False
    """Whether money reserved or a message noted by a worker may remain though nothing was sent."""

    def __post_init__(self) -> None:
        for key, item in self.table.items.items():
            if key[1] == "EMP":
                self._note_cap(item)

    @property
    def price(self) -> int:
        return int(settings().sms_price_usd * MICRO)

    def committed(self, write: Write) -> None:
        kind = write.key[1].partition("#")[0]
        if kind == "EMP" and write.after:
            self._note_cap(write.after)
        elif kind == "SPEND":
            self._check_spend(write)
        elif kind == "MSG" and text(write.before, "st") in ("unknown", "sent") and text(write.after, "st") == "failed":
            # a person, or the delivery log, says that it did not arrive
            self._reached = [reached for reached in self._reached if reached[0] != write.key]
        elif kind == "MSG" and text(write.after, "st") == "suppressed" != text(write.before, "st"):
            reason = text(write.after, "reason") or ""
            self.held[reason] += 1
            if reason == TOO_OFTEN:
                self._check_held_for_frequency(write.key)

    def _check_spend(self, write: Write) -> None:
        """Checks what is reserved of an employer's month, or of the deployment's."""
        before, after = (raw_number(item, "reserved") or 0 for item in (write.before, write.after))
        employer_id = write.key[0].split("#")[1]
        whole = write.key[0].startswith("DEPLOYMENT#")
        if after > before and after > (self.budget if whole else self._caps[employer_id]):
            self.wrong(f"more is reserved for texts than the {'deployment' if whole else 'month'}'s cap allows")
        if any((raw_number(write.after, name) or 0) < 0 for name in ("reserved", "texts", "mails")):
            self.wrong("more was given back than was reserved for messages")

    def _check_held_for_frequency(self, key: Key) -> None:
        """A message is held back for frequency only if three were sent, or tried, before.

        A note whose response was lost counts too, though its message was never sent.
        """
        if self._may_be_lost or faults_met(self.running(), "TransactWriteItems", 0):
            return
        carried = {pk: self._carried(pk) for pk, sk in self.table.items if sk == "APP"}
        linked = [{address for _, address in who} for who in self._people] + list(carried.values())
        to = text(self.table.items[key], "to")
        addresses = carried.get(key[0], set()) | ({to} if to else set())  # which the record may have lost since it was claimed
        for _ in linked:  # what was sent to a person with both addresses counts at both
            addresses = addresses.union(*(who for who in linked if not addresses.isdisjoint(who)))
        messages = [(pk, item) for (pk, sk), item in self.table.items.items() if sk.startswith("MSG#") and (pk, sk) != key]
        tried = [
            item
            for pk, item in messages
            if not addresses.isdisjoint({text(item, "to"), *carried.get(pk, ())}) and text(item, "st") not in _NEVER_TRIED
        ]
        own = [item for item in tried if text(item, "e") == text(self.table.items[key], "e")]
        own_or_erased = own or self._reached_by(_employer(key), addresses)
        if not own_or_erased and promised.OWN_MESSAGE in promised.DEMANDED:
            self.wrong("an employer's only message of the week was held back for frequency")
        count = len(tried) + self._gone(key, addresses)
        if count < MOST and all("to" in item for _, item in messages):  # erased persons have no address
            self.wrong(f"a message was held back for frequency though the person was written to {count} times")

    def _gone(self, key: Key, addresses: set[str]) -> int:
        """Messages of job seekers who erased everything since. They reached these addresses within a week, and still count."""
        process = self.running()
        since = (process.began_at if process else 0.0) - WEEK - LATE
        mine = (who for known, at, who in self._reached if known not in self.table.items and at > since)
        return sum(any(address in addresses for _, address in who) for who in mine)

    def _reached_by(self, employer_id: str, addresses: set[str]) -> bool:
        """Whether a message of this employer went to one of these within a week. Those of people erased since count."""
        process = self.running()
        since = (process.began_at if process else 0.0) - WEEK - LATE
        mine = (who for known, at, who in self._reached if _employer(known) == employer_id and at > since)
        return any(address in addresses for who in mine for _, address in who)

    def _check_day(self, request: Call, employer_id: str) -> None:
        """Checks the operator's limits of messages a day. Calls near midnight may count for either day."""
        days = {datetime.fromtimestamp(request.at + by, UTC).date() for by in (-SLACK, SLACK)}
        if len(days) > 1 or promised.LIMITS not in promised.DEMANDED:
            return
        counted = (employer_id, request.channel, days.pop())
        self._sent_on[counted] += 1
        sent = self._sent_on[counted]
        name = "sms_per_day" if request.channel == "sms" else "emails_per_day"
        if sent > self.limits.get(employer_id, {}).get(name, sent):
            self.wrong(f"an employer sent more than {name} allows")

    def _carried(self, pk: str) -> set[str]:
        """The addresses of a case's candidate."""
        return {found for name in ("email", "phone") if (found := text(self.table.items[pk, "APP"], name))}

    def _note_cap(self, item: Any) -> None:
        model = truth.model(item)
        employer = truth.employer_of(model)
        cap = employer.policy.sms_monthly_cap_usd
        self._caps[model.id] = max(self._caps.get(model.id, 0), int(Decimal(str(cap)) * MICRO))
        limits = employer.limits
        self.limits[model.id] = {"sms_per_day": limits.sms_per_day, "emails_per_day": limits.emails_per_day}

    def claimed(self, claimed: Claimed) -> None:
        self._people.add(frozenset(claimed.addresses))

    def called(self, request: Call, key: Key, claimed: Claimed) -> None:
        """Counts a provider call. What the provider refused, or never got, costs nothing and reaches nobody."""
        item = self.table.items[key]
        if not request.taken:
            self._may_be_lost |= request.heard == "nothing"
            return
        self._check_day(request, _employer(key))
        if request.channel == "sms":
            self._pay(f"EMP#{_employer(key)}#SPEND", request.at)
            self._pay(DEPLOYMENT, request.at)
        if text(item, "aud") == "candidate":
            self._reach(key, request.at, frozenset(claimed.addresses))

    def replied(self, request: Call) -> None:
        """Counts an automatic reply, which no employer pays."""
        if request.taken:
            self._pay(DEPLOYMENT, request.at)
        else:
            self._may_be_lost |= request.heard == "nothing"

    def _pay(self, owner: str, at: float) -> None:
        """Counts a text in the month of the call, or of its reservation, which may be minutes earlier."""
        for moment in (at, at - LATE, at + 600):
            month = f"SPEND#{datetime.fromtimestamp(moment, UTC):%Y-%m}"
            reserved = raw_number(self.table.items.get((owner, month)), "reserved") or 0
            if self._spent[owner, month] + self.price <= reserved:
                self._spent[owner, month] += self.price
                return
        self.wrong("a text was sent that no money was reserved for")

    def _reach(self, key: Key, at: float, people: frozenset[tuple[str, str]]) -> None:
        since = at - WEEK + LATE
        lately = [
            (known, when, who)
            for known, when, who in self._reached
            if when > since and not people.isdisjoint(who) and "to" in self.table.items.get(known, {})
        ]
        if not _in_some_order([*lately, (key, at, people)], at):
            self.wrong(f"a person was written to {len(lately) + 1} times in seven days")
        self._reached.append((key, at, people))

    def ended(self, process: Process) -> None:
        """A worker that died, or lost a response of the table, may have left money reserved and messages noted."""
        if crashed(process) or faults_met(process, "TransactWriteItems", 0) or faults_met(process, "GetItem", 0):
            self._may_be_lost = True

    def left(self) -> None:
        """Checks at the end that what is reserved was spent, unless a worker lost it."""
        for (pk, sk), item in self.table.items.items():
            if sk.startswith("SPEND#") and not self._may_be_lost:
                spent = sum(amount for (owner, _), amount in self._spent.items() if owner == pk)
                if raw_number(item, "reserved") > spent:
                    self.wrong("money that was reserved for texts was neither spent nor given back")


def _employer(key: Key) -> str:
    return key[0].split("#")[1]


def _in_some_order(messages: list[tuple[Key, float, frozenset[tuple[str, str]]]], at: float) -> bool:
    """Tells whether there is an order in which the cap allows all of these messages.

    Messages of about the same time are allowed in one order and may reach the provider in another. One can have been the last
    where fewer than three others share an address with it, or where its employer had sent none of those.
    """
    left = list(messages)
    while recent := [one for one in left if one[1] > at - LATE]:
        last = next((one for one in recent if _may_be_last(one, left)), None)
        if last is None:
            return False
        left.remove(last)
    return True


def _may_be_last(message: tuple[Key, float, frozenset[tuple[str, str]]], all_of_them: list[Any]) -> bool:
    key, at, people = message
    near = [one for one in all_of_them if one[0] != key and abs(one[1] - at) < WEEK - LATE]
    others = [known for known, _, who in near if not people.isdisjoint(who)]
    own = promised.OWN_MESSAGE not in promised.DEMANDED or _employer(key) in map(_employer, others)
    return len(others) < MOST or not own
