"""A job seeker's tenant: an employer's item with a marker, whose one candidate is the seeker.

It stays on trial for ever, and its only verified addresses are the seeker's own mailbox and confirmed number. So the gate lets
nothing out to anybody else, whatever else goes wrong.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.candidates.items import MatchItem
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.users import PersonItem
from chalicelib.rules.copy.language import language_of
from chalicelib.rules.model import Language
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key, stored_instant

NAME = "your own interviews"
"""Stands where an employer's name does: in the sign-in mail, and where a number is asked who is meant."""
LISTED = keys.list_key("seekers", "EMP")
LIMITS = {
    "sms_countries": [],
    "sms_monthly_cap_usd": 2,
    "sms_per_day": 5,
    "emails_per_day": 20,
    "users": 1,
    "api_keys": 0,
}
"""What one seeker can use at most. Texts go only to the country of the confirmed number."""
_SYSTEM = "heardback-seeker"
Entry = dict[str, Any]


def new_item(employer_id: str, person_id: str, now: datetime) -> EmployerItem:
    """Makes the tenant of a seeker who signs up. The caller fills in what the seeker gave."""
    return EmployerItem(
        keys.employer_pk(employer_id),
        "EMP",
        id=employer_id,
        name=NAME,
        list_key=LISTED,
        list_at=employer_id,
        countries=[],
        digest_to=[],
        policy={},
        limits=dict(LIMITS),
        trial=True,
        suspended=False,
        seeker={"person_id": person_id, "consents": []},
        created_at=now,
        updated_at=now,
        revision=1,
    )


def language(item: EmployerItem) -> Language:
    """Returns the language in which the seeker is written to."""
    return language_of((item.seeker or {}).get("locale"))


def verified(channel: str, address: str, now: datetime) -> Entry:
    """Makes the entry of an address that the seeker has shown to be theirs."""
    at = stored_instant(now)
    return {"channel": channel, "address": address, "added_at": at, "verified_at": at, "verified_by": "code"}


def phone_of(item: EmployerItem) -> str | None:
    """Returns the seeker's confirmed number."""
    return next((one["address"] for one in item.addresses or () if one["channel"] == "sms"), None)


def phone_consent(item: EmployerItem) -> Entry | None:
    """Returns the consent to texts, as it was recorded last."""
    given = [one for one in (item.seeker or {}).get("consents", ()) if one["what"] == "sms"]
    return given[-1] if given else None


def as_candidate(item: EmployerItem, person: PersonItem) -> CandidateInput:
    """Returns the seeker as the candidate of their own tenant. One external id finds it, whatever else changes."""
    consent, phone = phone_consent(item), phone_of(item)
    return CandidateInput(
        name=person.name,
        email=person.email,
        phone=phone,
        timezone=item.timezone,
        locale=(item.seeker or {}).get("locale"),
        sms_consent={"given_at": consent["given_at"], "source": "code"} if consent and phone else None,
        external_ids=({"system": _SYSTEM, "id": person.id},),
    )


def candidate_key(employer_id: str, person_id: str) -> Key:
    """Returns the key of what leads to the seeker's candidate."""
    [key] = unique_keys.external_keys(employer_id, [{"system": _SYSTEM, "id": person_id}])
    return key


def candidate_id(employer_id: str, person_id: str) -> str | None:
    """Finds the seeker's candidate; None before the first interview and the first number."""
    found = table.get(*candidate_key(employer_id, person_id))
    return found.record_id if isinstance(found, MatchItem) else None
