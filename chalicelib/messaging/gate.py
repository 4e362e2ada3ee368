"""The one gate that every outgoing message passes. `delivery.py` and `send_now.py` hand over only what it lets through.

block_reason   before a claim, while a nudge, notice or digest is planned: may this employer send there at all?
Gate.check     after a claim, for its messages together: opt-outs, money for texts, frequency
allow          for one message that somebody asked for just now: quotas

A new rule about who may be sent what belongs here: one that depends on the employer alone into `block_reason`, one that
reads the table or counts into `pre_send.py` or `QUOTAS`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.auth import rate_limit
from chalicelib.errors import HeardbackError
from chalicelib.messaging import eligibility, opt_outs
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.eligibility import UNLIMITED_ROOM, Room
from chalicelib.messaging.plans import Draft, Held
from chalicelib.messaging.pre_send import PreSend
from chalicelib.messaging.sms_budget import OVER_DAY, UNLIMITED, SmsBudget, ceiling_of
from chalicelib.rules.canonical import canonical_phone, mailbox
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message, MessageChannel
from chalicelib.storage import recipients, sms_spend
from chalicelib.storage.sms_spend import Amount
from chalicelib.storage.table import Key

Purpose = Literal[
    "sign_in",
    "invitation",
    "verify_address",
    "access_changed",
    "automatic_reply",
    "seeker_sign_up",
    "phone_code",
    "test_reminder",
    "test_text",
]
SUSPENDED = "the employer is suspended"
NO_ROOM_FOR_TEXT = "the month's money or the day's texts are used up"
TOO_MANY_MAILS = "too many mails within the hour"
ASKED_BY_KEY = 20
"""Mails an hour to people who may not have asked for them: invitations of an employer on trial, verifications."""
INVITATIONS_AN_HOUR = 100
SIGN_INS_AN_HOUR = 100
"""Mails that strangers can cause for one employer by entering its people's addresses."""
SIGN_UPS_AN_HOUR = 300
"""Mails to new addresses of job seekers, of the whole deployment."""
CODES_A_DAY = 3
"""Texted codes to one number, and for one job seeker: numbers may be strangers'."""
CODES_OF_NETWORK = 10
CODES_AN_HOUR = 60
"""Texted codes of the whole deployment: each costs money."""
TEST_TEXTS_A_DAY = 3
"""To one number, and of one employer: a manager enters the number, which may be a stranger's."""


@dataclass(frozen=True)
class OnDemand:
    """A message that answers what somebody did just now. An automatic reply to a text belongs to no employer.

    `requester` is the network from which it was asked for.
    """

    purpose: Purpose
    message: Message
    employer: Employer | None = None
    requester: str = ""


@dataclass(frozen=True)
class Quota:
    """At most so many messages within an hour of the clock, or a UTC day. `name` is part of the stored counter's key."""

    name: str
    most: int
    counted_for: Callable[[OnDemand], str]
    applies: Callable[[OnDemand], bool] = lambda _: True
    of_a_day: bool = False


def _mailbox(one: OnDemand) -> str:
    return mailbox(one.message.to)


def _employer(one: OnDemand) -> str:
    return one.employer.id if one.employer else ""


def _number(one: OnDemand) -> str:
    return canonical_phone(one.message.to)


def _deployment(_: OnDemand) -> str:
    return "deployment"


def _requester(one: OnDemand) -> str:
    return one.requester


def _is_known(one: OnDemand) -> bool:
    return bool(one.requester)


def _on_trial(one: OnDemand) -> bool:
    return one.employer is None or one.employer.trial


QUOTAS: Mapping[Purpose, tuple[Quota, ...]] = {
    "sign_in": (  # the sign-in page counts requests of a network itself, also those for unknown addresses
        Quota("sign-in address", rate_limit.MAILS_TO_ONE_ADDRESS, _mailbox),
        Quota("sign-in employer", SIGN_INS_AN_HOUR, _employer),
    ),
    "invitation": (  # this mail goes to somebody who may not have asked for it
        Quota("invite address", rate_limit.MAILS_TO_ONE_ADDRESS, _mailbox),
        Quota("invite employer on trial", ASKED_BY_KEY, _employer, _on_trial),
        Quota("invite employer", INVITATIONS_AN_HOUR, _employer),
        Quota("invite network", INVITATIONS_AN_HOUR, _requester, _is_known),
    ),
    "verify_address": (  # so may this one
        Quota("verify address", rate_limit.MAILS_TO_ONE_ADDRESS, _mailbox),
        Quota("verify employer", ASKED_BY_KEY, _employer),
        Quota("verify network", rate_limit.ASKED_FROM_ONE_PLACE, _requester, _is_known),
    ),
    "access_changed": (  # a notice of security goes out on trial and while suspended too
        Quota("access address", rate_limit.MAILS_TO_ONE_ADDRESS, _mailbox),
        Quota("access employer", ASKED_BY_KEY, _employer),
    ),
    "seeker_sign_up": (  # anybody can ask for this mail, to any address
        Quota("seeker address", rate_limit.MAILS_TO_ONE_ADDRESS, _mailbox, of_a_day=True),
        Quota("seeker network", rate_limit.ASKED_FROM_ONE_PLACE, _requester, _is_known),
        Quota("seeker deployment", SIGN_UPS_AN_HOUR, _deployment),
    ),
    "phone_code": (  # the number may be a stranger's
        Quota("phone code number", CODES_A_DAY, _number, of_a_day=True),
        Quota("phone code seeker", CODES_A_DAY, _employer, of_a_day=True),
        Quota("phone code network", CODES_OF_NETWORK, _requester, _is_known),
        Quota("phone code deployment", CODES_AN_HOUR, _deployment),
    ),
    "test_reminder": (  # people of the team send it to themselves
        Quota("test reminder address", rate_limit.MAILS_TO_ONE_ADDRESS, _mailbox),
        Quota("test reminder employer", ASKED_BY_KEY, _employer),
    ),
    "test_text": (  # the number may be a stranger's
        Quota("test text number", TEST_TEXTS_A_DAY, _number, of_a_day=True),
        Quota("test text employer", TEST_TEXTS_A_DAY, _employer, of_a_day=True),
        Quota("test text network", CODES_OF_NETWORK, _requester, _is_known),
        Quota("test text deployment", CODES_AN_HOUR, _deployment),
    ),
    "automatic_reply": (),  # one a text, or one a day: claimed by `automatic_answers` and `employer_choice` before they ask here
}
RESERVE = Quota("sign-in reserve", 1, _mailbox)
"""One mail an hour more for who signed in from the same network before: a stranger who uses up the quota locks nobody out."""
_TO_ENTERED_NUMBERS: frozenset[Purpose] = frozenset({"phone_code", "test_text"})
STOPPED_BY_SUSPENSION: frozenset[Purpose] = frozenset({"invitation", "verify_address", "test_reminder", "test_text"})
"""Mails to people who may not have asked, and tests. A suspended employer's people may sign in and read."""
_MAIL = Amount(mails=1)
log = logging.getLogger(__name__)


def block_reason(employer: Employer, channel: MessageChannel | None, to: str | None, room: Room = UNLIMITED_ROOM) -> str | None:
    """Says why this employer may send nothing there, whatever it is about. None where it may."""
    return SUSPENDED if employer.suspended else eligibility.place_block_reason(employer, channel, to, room)


def allow(one: OnDemand, now: datetime) -> Held | None:
    """Counts a message against its quotas. Says why it may not go out, or None where it may. Raises HeardbackError."""
    if one.employer and one.employer.suspended and one.purpose in STOPPED_BY_SUSPENSION:
        return Held(SUSPENDED)
    if one.purpose == "test_text" and one.employer and (reason := block_reason(one.employer, "sms", one.message.to)):
        return Held(reason)
    if (full := _full_quota(one, now)) and not _from_reserve(one, now):
        return Held(TOO_MANY_MAILS, most=full.most)
    # after the quotas, as the answer tells what a stranger has said
    if one.purpose in _TO_ENTERED_NUMBERS and recipients.opted_out([("sms", one.message.to)]):
        return Held(opt_outs.OPTED_OUT)
    if one.employer and one.message.channel == "email":
        return _count_mail(one.employer, now)
    if one.purpose != "test_text" or one.employer is None:
        return _count_in_budget(one, now)
    if held := _count_text(one.employer, one.message, now) or _count_in_budget(one, now):
        if held.reason != NO_ROOM_FOR_TEXT:
            _give_back(*_of_employer(one.employer, one.message, now), now)
        return held
    return None


def _count_in_budget(one: OnDemand, now: datetime) -> Held | None:
    """Counts a text in what the whole deployment may spend in a month."""
    cap, price = sms_spend.deployment_cap(), _price(one.message)
    if cap is not None and price:
        amount = Amount(price)
        most = cap // 2 if one.purpose == "phone_code" else cap  # strangers' codes leave half to the employers' candidates
        got, _ = sms_spend.reserve(sms_spend.deployment_key(now), amount, amount, Amount(most), now)
        return None if got else Held(eligibility.DEPLOYMENT_CAP_REACHED)
    return None


def _full_quota(one: OnDemand, now: datetime) -> Quota | None:
    """Counts a message against each of its quotas; returns the one that is full.

    Then it uses up none: else somebody who may send nothing more could lock out whoever they name.
    """
    counted: list[Quota] = []
    for quota in QUOTAS[one.purpose]:
        if not quota.applies(one):
            continue
        if not _counts(quota, one, now):
            _take_back(counted, one, now)
            return quota
        counted.append(quota)
    return None


def _take_back(counted: Sequence[Quota], one: OnDemand, now: datetime) -> None:
    rate_limit.take_back([(quota.name, quota.counted_for(one)) for quota in counted if not quota.of_a_day], now)
    rate_limit.take_back([(quota.name, quota.counted_for(one)) for quota in counted if quota.of_a_day], now, of_a_day=True)


def _from_reserve(one: OnDemand, now: datetime) -> bool:
    known = one.purpose == "sign_in" and rate_limit.is_known(one.message.to, one.requester, now)
    return known and _counts(RESERVE, one, now)


def _counts(quota: Quota, one: OnDemand, now: datetime) -> bool:
    allow = rate_limit.allow_within_day if quota.of_a_day else rate_limit.allow_within_hour
    return allow(quota.name, quota.counted_for(one), quota.most, now)


def _count_mail(employer: Employer, now: datetime) -> Held | None:
    """Counts a mail about an account in the operator's limit of mails a day."""
    most = Amount(UNLIMITED, UNLIMITED, employer.limits.emails_per_day)
    got, _ = sms_spend.reserve(sms_spend.key_of(employer.id, now), _MAIL, _MAIL, most, now)
    return None if got else Held(OVER_DAY["email"])


def _count_text(employer: Employer, message: Message, now: datetime) -> Held | None:
    """Counts a text that an employer pays: in its month's money, and in the operator's limit of texts a day."""
    key, text = _of_employer(employer, message, now)
    got, _ = sms_spend.reserve(key, text, text, ceiling_of(employer), now)
    return None if got else Held(NO_ROOM_FOR_TEXT)


def refused(one: OnDemand, now: datetime) -> None:
    """Gives back what `allow` counted at `now` for a message that certainly did not go out. Its quotas stay used.

    Call it once a message. What cannot be given back stays reserved.
    """
    price = _price(one.message)
    if one.employer and (one.message.channel == "email" or one.purpose == "test_text"):
        _give_back(*_of_employer(one.employer, one.message, now), now)
    if price and sms_spend.deployment_cap() is not None:
        _give_back(sms_spend.deployment_key(now), Amount(price), now)


def _of_employer(employer: Employer, message: Message, now: datetime) -> tuple[Key, Amount]:
    """Where an employer's own message is counted, and as what."""
    amount = _MAIL if message.channel == "email" else Amount(_price(message), texts=1)
    return sms_spend.key_of(employer.id, now), amount


def _give_back(key: Key, amount: Amount, now: datetime) -> None:
    try:
        sms_spend.give_back(key, amount, sms_spend.counted_day(None, now))
    except HeardbackError:
        log.warning("what was reserved for a message was not given back")


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
        """Gives back what was counted for a message that was held, or that the provider provably did not take."""
        self._pre_send.settle(result)
