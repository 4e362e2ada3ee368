"""What is asked after a claim is won and before anything is sent: who wants no more, what the month still pays for, and whether
the person was written to often enough. Each message is held back by the first that says no.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.errors import HeardbackError
from chalicelib.messaging import frequency_cap, opt_outs
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.opt_outs import OPTED_OUT, Standing
from chalicelib.messaging.plans import Draft
from chalicelib.messaging.sms_budget import SmsBudget
from chalicelib.rules.model import Employer
from chalicelib.storage import recipients, table
from chalicelib.storage.recipients import Address

MONEY_HELD = "over the month's cap on what texts may cost, or others hold the rest of it just now"
log = logging.getLogger(__name__)
Held = dict[str, SendResult]
"""By the message's id: what is not sent now, and why."""


@dataclass(frozen=True)
class Checks:
    """Of one invocation."""

    purse: SmsBudget
    employers: Mapping[str, Employer | None]
    clock: Callable[[], datetime]
    noted: set[str] = field(default_factory=set)
    """Messages that the person's patience was asked for."""

    def held(self, drafts: Sequence[Draft], pool: ThreadPoolExecutor) -> Held:
        """What may not go out. What cannot be asked now is asked again in a minute."""
        try:
            known = _standing(drafts)
        except HeardbackError:
            return {draft.item.id: _later(draft, "opt-outs could not be read") for draft in drafts}
        silent = {draft.item.id: known.silence(_address(draft), draft.people) for draft in drafts}
        held = {draft.item.id: _never(draft, reason) for draft in drafts if (reason := silent[draft.item.id])}
        held |= self._over_the_cap([draft for draft in drafts if draft.item.id not in held])
        often = [draft for draft in drafts if draft.item.id not in held and frequency_cap.is_over_cap(draft, known)]
        deciding = frozenset(draft.item.id for draft in often)
        asked = pool.map(lambda draft: self._too_often(draft, deciding), often)
        spent = [(draft, fate) for draft, fate in zip(often, asked, strict=True) if fate]
        gone = {address for draft, fate in spent if fate.reason == OPTED_OUT for address in draft.people}
        # said while another message to the same person was asked for
        spent += [
            (draft, _never(draft, OPTED_OUT))
            for draft in often
            if draft.item.id in self.noted and not gone.isdisjoint(draft.people)
        ]
        for draft, fate in spent:
            self._take_back(draft)
            held[draft.item.id] = fate
        return held

    def _over_the_cap(self, drafts: Sequence[Draft]) -> Held:
        """Texts that no money is left for. In a minute it is clear whether others needed theirs."""
        texts: dict[str, list[Draft]] = {}
        for draft in drafts:
            if draft.message.channel == "sms":
                texts.setdefault(draft.item.employer_id, []).append(draft)
        held: Held = {}
        for employer_id, wanting in texts.items():
            employer, reason = self.employers.get(employer_id), MONEY_HELD
            try:
                ids = [draft.item.id for draft in wanting]
                granted = self.purse.allow(employer, ids, self.clock()) if employer else set()
            except HeardbackError:
                granted, reason = set(), "the month's spending could not be read"
            held |= {draft.item.id: _later(draft, reason) for draft in wanting if draft.item.id not in granted}
        return held

    def _too_often(self, draft: Draft, deciding: frozenset[str]) -> SendResult | None:
        try:
            instead = frequency_cap.note(draft, deciding, self.clock())
        except HeardbackError:
            return _later(draft, "how often this person was written to could not be read")
        if instead is None:
            self.noted.add(draft.item.id)
            return None
        log.info("a person is not written to again", extra={"over_cap": int(instead[1] == frequency_cap.TOO_OFTEN)})
        return SendResult(draft, *instead, tried=False)

    def settle(self, fate: SendResult) -> None:
        """What was provably not taken costs nothing, and counts for nobody."""
        if fate.tried and fate.status in ("retrying", "failed"):
            self._take_back(fate.draft)

    def _take_back(self, draft: Draft) -> None:
        self.purse.put_back(draft.item.id)
        if draft.item.id in self.noted:
            frequency_cap.take_back(draft)


def _never(draft: Draft, reason: str) -> SendResult:
    return SendResult(draft, "suppressed", reason, tried=False)


def _later(draft: Draft, reason: str) -> SendResult:
    return SendResult(draft, "retrying", reason, tried=False)


def _standing(drafts: Sequence[Draft]) -> Standing:
    """What is known of all addresses of the persons, also of those that are not written to now, for STOP at the number ends the
    mails too. All are read consistently, at twice the price: a word said a second before is a word said."""
    keys = {recipients.key_of(*address): address for draft in drafts for address in (_address(draft), *draft.people)}
    return opt_outs.standing(keys, table.get_many(keys))


def _address(draft: Draft) -> Address:
    return (draft.message.channel, draft.message.to)
