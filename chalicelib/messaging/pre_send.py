"""Checks claimed messages before they are sent: opt-outs, money and limits of a day, how often the person was written to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.errors import HeardbackError
from chalicelib.messaging import frequency_cap, opt_outs
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.eligibility import price_of
from chalicelib.messaging.opt_outs import Standing
from chalicelib.messaging.plans import Draft, Held
from chalicelib.messaging.sms_budget import SmsBudget, Wanted
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message, MessageChannel
from chalicelib.storage import recipients, table
from chalicelib.storage.recipients import Address

NOT_READ = "what was sent today and this month could not be read"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PreSend:
    """The checks of one invocation. Each message is held by the first check that it fails."""

    budget: SmsBudget
    employers: Mapping[str, Employer | None]
    clock: Callable[[], datetime]
    noted: set[str] = field(default_factory=set)
    """Ids of the messages that are noted at their person's addresses."""

    def held(self, drafts: Sequence[Draft], pool: ThreadPoolExecutor) -> dict[str, Held]:
        """What may not go out, by message id. What cannot be checked now is tried again in a minute."""
        try:
            known = _read_standing(drafts)
        except HeardbackError:
            return {draft.item.id: Held("opt-outs could not be read", later=True) for draft in drafts}
        reasons = {draft.item.id: known.block_reason(_address(draft), draft.item.PK) for draft in drafts}
        held = {message_id: Held(reason) for message_id, reason in reasons.items() if reason}
        held |= self._over_budget([draft for draft in drafts if draft.item.id not in held])
        return held | self._over_frequency_cap([draft for draft in drafts if draft.item.id not in held], known, pool)

    def settle(self, result: SendResult) -> None:
        """What was held, or the provider provably did not take, is given back; what may have gone out counts."""
        if not result.tried or result.status in ("retrying", "failed"):
            self._give_back(result.draft)

    def _give_back(self, draft: Draft) -> None:
        self.budget.put_back(draft.item.id)
        if draft.item.id in self.noted:
            frequency_cap.take_back(draft)

    def _over_budget(self, drafts: Sequence[Draft]) -> dict[str, Held]:
        """Messages that nothing is left for. They are tried again: others may return what they hold."""
        wanted: dict[tuple[str, MessageChannel], list[Wanted]] = {}
        for draft in drafts:
            message, employer_id = draft.message, draft.item.employer_id
            wanted.setdefault((employer_id, message.channel), []).append(_wanted(draft.item.id, message))
        reasons: dict[str, str] = {}
        for (employer_id, _), wanting in wanted.items():
            employer = self.employers.get(employer_id)
            try:
                reasons |= self.budget.allow(employer, wanting, self.clock()) if employer else _all(wanting)
            except HeardbackError:
                reasons |= _all(wanting)
        return {message_id: Held(reason, later=True) for message_id, reason in reasons.items()}

    def _over_frequency_cap(self, drafts: Sequence[Draft], known: Standing, pool: ThreadPoolExecutor) -> dict[str, Held]:
        """Notes messages at their persons' addresses. Returns those that are too many, and those that an opt-out met meanwhile.

        An opt-out that was read while one message was noted stops every message to that address or about that case.
        """
        countable = [draft for draft in drafts if frequency_cap.must_count(draft, known)]
        deciding, seen = frozenset(draft.item.id for draft in countable), list[Standing]()
        noted = pool.map(lambda draft: self._note(draft, deciding, seen), countable)
        held = {draft.item.id: found for draft, found in zip(countable, noted, strict=True) if found}
        for draft in drafts:
            reasons = (standing.block_reason(_address(draft), draft.item.PK) for standing in seen)
            if draft.item.id not in held and (reason := next(filter(None, reasons), None)):
                held[draft.item.id] = Held(reason)
        return held

    def _note(self, draft: Draft, deciding: frozenset[str], seen: list[Standing]) -> Held | None:
        try:
            held = frequency_cap.note(draft, deciding, seen, self.clock())
        except HeardbackError:
            return Held("how often this person was written to could not be read", later=True)
        if held is None:
            self.noted.add(draft.item.id)
            return None
        log.info(
            "a person is not written to again", extra={"over_cap": int(held.reason == frequency_cap.TOO_OFTEN and not held.later)}
        )
        return held


def _wanted(message_id: str, message: Message) -> Wanted:
    price = price_of(message.to, message.text) if message.channel == "sms" else 0
    return Wanted(message_id, message.channel, price)


def _all(wanting: Sequence[Wanted]) -> dict[str, str]:
    return {one.message_id: NOT_READ for one in wanting}


def _read_standing(drafts: Sequence[Draft]) -> Standing:
    """Reads what is known of all addresses of the persons.

    Also of those not used now: STOP at a number ends the mail of what was texted there. Consistently, at twice the price:
    an opt-out of a second ago counts.
    """
    keys = opt_outs.keys_of_all(address for draft in drafts for address in (_address(draft), *draft.people))
    stops = [key for draft in drafts for key in opt_outs.keys_of_stops(draft.stopped_at)]
    return opt_outs.standing(keys, table.get_many(dict.fromkeys([*keys, *stops])))


def _address(draft: Draft) -> Address:
    return recipients.canonical(draft.message.channel, draft.message.to)
