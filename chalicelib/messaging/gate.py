"""The one gate that every outgoing message passes. `delivery.py` and `send_now.py` hand over only what it lets through.

block_reason   before a claim, while a nudge, notice or digest is planned: may this employer send there at all?
Gate.check     after a claim, for its messages together: opt-outs, money for texts, frequency
allow          for one message that somebody asked for just now: quotas

A new rule about who may be sent what belongs here: one that depends on the employer alone into `block_reason`, one that
reads the table or counts into `pre_send.py` or `QUOTAS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.auth import rate_limit
from chalicelib.messaging import eligibility
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.eligibility import UNLIMITED_ROOM, Room
from chalicelib.messaging.plans import Draft, Held
from chalicelib.messaging.pre_send import PreSend
from chalicelib.messaging.sms_budget import SmsBudget
from chalicelib.rules.canonical import canonical_address
from chalicelib.rules.model import Employer, Message, MessageChannel
from chalicelib.storage import sms_spend
from chalicelib.storage.sms_spend import Amount

Purpose = Literal["sign_in", "verify_address", "access_changed", "automatic_reply"]
SUSPENDED = "the employer is suspended"
TOO_MANY_MAILS = "too many mails within the hour"
VERIFICATIONS_AN_HOUR = 20


@dataclass(frozen=True)
class OnDemand:
    """A message that answers what somebody did just now. An automatic reply to a text belongs to no employer."""

    purpose: Purpose
    message: Message
    employer_id: str = ""


@dataclass(frozen=True)
class Quota:
    """At most so many messages within an hour of the clock. `name` is part of the stored counter's key."""

    name: str
    most: int
    counted_for: Callable[[OnDemand], str]


def _to(one: OnDemand) -> str:
    return canonical_address(one.message.to)


def _employer(one: OnDemand) -> str:
    return one.employer_id


QUOTAS: Mapping[Purpose, tuple[Quota, ...]] = {
    "sign_in": (Quota("sign-in address", rate_limit.MAILS_TO_ONE_ADDRESS, _to),),
    "verify_address": (  # this mail goes to somebody who may not have asked for it
        Quota("verify address", rate_limit.MAILS_TO_ONE_ADDRESS, _to),
        Quota("verify employer", VERIFICATIONS_AN_HOUR, _employer),
    ),
    "access_changed": (  # a notice of security goes out on trial and while suspended too
        Quota("access address", rate_limit.MAILS_TO_ONE_ADDRESS, _to),
        Quota("access employer", VERIFICATIONS_AN_HOUR, _employer),
    ),
    "automatic_reply": (),  # one a text, or one a day: `inbound_sms.py` claims each before it asks here
}


def block_reason(employer: Employer, channel: MessageChannel | None, to: str | None, room: Room = UNLIMITED_ROOM) -> str | None:
    """Says why this employer may send nothing there, whatever it is about. None where it may."""
    return SUSPENDED if employer.suspended else eligibility.place_block_reason(employer, channel, to, room)


def allow(one: OnDemand, now: datetime) -> Held | None:
    """Counts a message against its quotas. Says why it may not go out, or None where it may. Raises HeardbackError."""
    for quota in QUOTAS[one.purpose]:
        if not rate_limit.allow_within_hour(quota.name, quota.counted_for(one), quota.most, now):
            return Held(TOO_MANY_MAILS)
    cap, price = sms_spend.deployment_cap(), _price(one.message)
    if cap is not None and price:
        amount = Amount(price)
        got, _ = sms_spend.reserve(sms_spend.deployment_key(now), amount, amount, Amount(cap), now)
        return None if got else Held(eligibility.DEPLOYMENT_CAP_REACHED)
    return None


def refused(one: OnDemand, now: datetime) -> None:
    """Gives back what a message was allowed that the provider provably did not take. Raises HeardbackError."""
    if sms_spend.deployment_cap() is not None and (price := _price(one.message)):
        sms_spend.give_back(sms_spend.deployment_key(now), Amount(price), "")


def _price(message: Message) -> int:
    return eligibility.price_of(message.to, message.text) if message.channel == "sms" else 0


class Gate:
    """The gate for the claimed messages of one invocation."""

    def __init__(self, budget: SmsBudget, employers: Mapping[str, Employer | None], clock: Callable[[], datetime]) -> None:
        self._pre_send = PreSend(budget, employers, clock)

    def check(self, drafts: Sequence[Draft], pool: ThreadPoolExecutor) -> dict[str, Held]:
        """The messages that may not go out now, by id, with why."""
        return self._pre_send.held(drafts, pool)

    def settle(self, result: SendResult) -> None:
        """Gives back what was counted for a message that the provider provably did not take."""
        self._pre_send.settle(result)
