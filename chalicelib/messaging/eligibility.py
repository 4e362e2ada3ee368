"""Where an employer may send at all: verified addresses while on trial, countries for texts, the monthly cap for texts."""

from __future__ import annotations

from chalicelib.api.validators import country_of
from chalicelib.applications.employers import senders
from chalicelib.rules.model import Candidate, Employer, MessageChannel
from chalicelib.rules.reminders import next_step
from chalicelib.storage.sms_spend import CAP_REACHED

ON_TRIAL = "on trial: not one of the employer's verified addresses"
NO_NUMBER = "no texts to this country without a number of the employer's own: the operator sets sms_origination_number"


def channel_for(candidate: Candidate, employer: Employer, pays_texts: bool = True) -> MessageChannel | None:
    """Chooses the channel by the rules, and email instead where the employer may not text this number now."""
    wished = next_step.channel(candidate)
    if wished == "sms" and candidate.email and not (pays_texts and _may_text(candidate.phone or "", employer)):
        return "email"
    return wished


def place_block_reason(employer: Employer, channel: str | None, to: str | None, pays_texts: bool = True) -> str | None:
    """Says why this employer may not send to this address, whatever it is about. None where it may."""
    if to and not employer.may_write_to(to):
        return ON_TRIAL
    if channel == "sms" and to and not _may_text(to, employer):
        if country_of(to) in employer.policy.sms_countries:
            return NO_NUMBER
        return f"no texts to {country_of(to) or 'this number'}: the policy's sms_countries do not name it"
    return CAP_REACHED if channel == "sms" and not pays_texts else None


def _may_text(phone: str, employer: Employer) -> bool:
    country = country_of(phone)
    return country in employer.policy.sms_countries and not senders.lacks_number(employer, [country])
