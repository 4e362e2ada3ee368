"""Where an employer may send at all (trial, countries), and what is left for it: money, and the day's messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.api.phone_numbers import country_of
from chalicelib.applications.employers import senders
from chalicelib.messaging.sms_budget import OVER_DAY, UNLIMITED, ceiling_of
from chalicelib.rules.copy.gsm7 import segments
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Candidate, MessageChannel
from chalicelib.rules.reminders import next_step
from chalicelib.storage import sms_spend
from chalicelib.storage.sms_spend import CAP_REACHED
from chalicelib.storage.table import Item, Key

ON_TRIAL = "on trial: not one of the employer's verified addresses"
NO_NUMBER = "no texts to this country without a number of the employer's own: the operator sets sms_origination_number"
DEPLOYMENT_CAP_REACHED = "this deployment's monthly budget for texts is used up"


@dataclass(frozen=True, slots=True)
class Room:
    """What was left when a worker read it: money of the employer's month and of the deployment's, texts and mails of the day."""

    micro: int = UNLIMITED
    deployment_micro: int = UNLIMITED
    texts: int = UNLIMITED
    mails: int = UNLIMITED

    def money_block_reason(self, number: str) -> str | None:
        """Says why no money is left for a text to this number."""
        price = price_of(number)
        if price > self.micro:
            return CAP_REACHED
        return DEPLOYMENT_CAP_REACHED if price > self.deployment_micro else None

    def day_block_reason(self, channel: MessageChannel | None) -> str | None:
        """Says why nothing more goes out today by this channel."""
        left = {"sms": self.texts, "email": self.mails}
        return OVER_DAY[channel] if channel and left[channel] < 1 else None


UNLIMITED_ROOM = Room()


def room_of(employer: Employer, items: Mapping[Key, Item], now: datetime) -> Room:
    """Returns what is left for an employer by the items that say what was used."""
    item = items.get(sms_spend.key_of(employer.id, now))
    left = ceiling_of(employer) - sms_spend.used(item, sms_spend.counted_day(item, now))
    cap = sms_spend.deployment_cap()
    spent = sms_spend.used(items.get(sms_spend.deployment_key(now)), "").micro
    return Room(left.micro, UNLIMITED if cap is None else cap - spent, left.texts, left.mails)


def price_of(number: str, text: str = "") -> int:
    """Returns what a text counts for, in millionths of a dollar: the price of its country for each segment."""
    return sms_spend.micro_price(country_of(number)) * segments(text)


def channel_for(candidate: Candidate, employer: Employer, room: Room = UNLIMITED_ROOM) -> MessageChannel | None:
    """Chooses the channel by the rules, and email instead where the employer may not text this number now."""
    wished = next_step.channel(candidate)
    if wished == "sms" and candidate.email and not _may_text_now(candidate.phone or "", employer, room):
        return "email"
    return wished


def place_block_reason(
    employer: Employer, channel: MessageChannel | None, to: str | None, room: Room = UNLIMITED_ROOM
) -> str | None:
    """Says why this employer may not send to this address, whatever it is about. None where it may."""
    if to and not employer.may_write_to(to):
        return ON_TRIAL
    if channel != "sms" or not to:
        return None
    if not _may_text(to, employer):
        if country_of(to) in employer.policy.sms_countries:
            return NO_NUMBER
        return f"no texts to {country_of(to) or 'this number'}: the policy's sms_countries do not name it"
    return room.money_block_reason(to)


def _may_text_now(phone: str, employer: Employer, room: Room) -> bool:
    return _may_text(phone, employer) and not room.money_block_reason(phone) and not room.day_block_reason("sms")


def _may_text(phone: str, employer: Employer) -> bool:
    country = country_of(phone)
    return country in employer.policy.sms_countries and not senders.lacks_number(employer, [country])
