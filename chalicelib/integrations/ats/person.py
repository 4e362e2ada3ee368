"""A person as an applicant tracking system tells it, made fit for our records: what is no address is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.api.validators import read_email
from chalicelib.applications.candidates.service import CandidateInput
from chalicelib.integrations.ats.merge import Wanted

ANONYMOUS = "Anonymised candidate"


def person(want: Wanted, system: str, countries: Sequence[str], *, gone: bool = False) -> CandidateInput | None:
    """None where no name is known; nameless where the person is gone. The first of `countries` reads numbers that were
    written without their own."""
    told = want.person
    if not told:
        return None
    ids = ({"system": system, "id": want.candidate},) if want.candidate else ()
    if gone:
        return CandidateInput(name=ANONYMOUS, external_ids=ids)
    phone = _phone(told.get("phone"), next(iter(countries), None))
    return CandidateInput(name=told["name"], email=_email(told.get("email")), phone=phone, external_ids=ids)


def kept(known: CandidateInput | None) -> dict[str, Any] | None:
    """What of a person we remember having applied."""
    return {"name": known.name, "email": known.email, "phone": known.phone} if known else None


def _email(value: str | None) -> str | None:
    try:
        return read_email(value) if value else None
    except ValueError:
        return None


def _phone(value: str | None, country: str | None) -> str | None:
    """E.164. Recruiters write numbers as they dial them: "330-281-8004" is read as a number of the employer's country."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value or "", country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
