"""Reads a candidate from what an ATS says, and keeps the candidate's record in line with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.api.phone_numbers import PhoneNumber, read_phone_number
from chalicelib.api.validators import read_email
from chalicelib.applications.candidates import service
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.errors import Conflict
from chalicelib.integrations.ats.ats_state import KnownApplication
from chalicelib.rules.employer import Employer

ANONYMOUS = "Anonymised candidate"
Json = dict[str, Any]
_EMPTIED = ("email", "phone", "phone_extension", "timezone", "locale", "sms_consent")


def candidate_input(known: KnownApplication, system: str, countries: Sequence[str]) -> CandidateInput | None:
    """Return the candidate of an application; None without a name, and without any data where they are gone.

    What is not a valid address or number is left out. The first of `countries` reads numbers without a country code.
    """
    person, candidate = known.wanted.person, known.wanted.candidate
    if not person:
        return None
    external_ids = ({"system": system, "id": candidate},) if candidate else ()
    if known.candidate_gone:
        return CandidateInput(name=ANONYMOUS, external_ids=external_ids)
    phone = _read_phone(person.get("phone"), next(iter(countries), None))
    return CandidateInput(
        name=person["name"],
        email=_read_email(person.get("email")),
        phone=phone.e164 if phone else None,
        phone_extension=phone.extension if phone else None,
        external_ids=external_ids,
    )


def person_json(candidate: CandidateInput | None) -> Json | None:
    """Return the part of a candidate that we remember having applied."""
    if candidate is None:
        return None
    extension = {"phone_extension": candidate.phone_extension} if candidate.phone_extension else {}
    return {"name": candidate.name, "email": candidate.email, "phone": candidate.phone, **extension}


def reconcile_candidate(employer: Employer, candidate_id: str, before: Json, applied: Json, now: datetime) -> None:
    """Change fields that are still as the ATS gave them last; empty the record of a candidate who is gone."""
    former, present = before.get("person") or {}, applied.get("person") or {}
    candidate = service.read(employer.id, candidate_id)
    if applied.get("gone"):
        wanted: Json = {"name": ANONYMOUS} | dict.fromkeys(
            ("email", "phone", "phone_extension", "timezone", "locale", "sms_consent")
        )
    else:
        wanted = {
            name: value
            for name, value in present.items()
            if value and former.get(name) not in (None, value) and getattr(candidate, name) == former[name]
        }
    if "phone" in wanted:
        wanted["phone_extension"] = present.get("phone_extension")
    changed = {name: value for name, value in wanted.items() if getattr(candidate, name) != value}
    if changed:
        try:
            service.change(employer, candidate_id, changed, now, lambda _: None)
        except Conflict:
            return  # another candidate has that address: only the recruiter can merge the two


def _read_email(value: str | None) -> str | None:
    try:
        return read_email(value) if value else None
    except ValueError:
        return None


def _read_phone(value: str | None, country: str | None) -> PhoneNumber | None:
    """Read a number that can exist. Recruiters write numbers as they dial them: "330-281-8004" is one of their country."""
    try:
        return read_phone_number(value, country) if value else None
    except ValueError:
        return None
