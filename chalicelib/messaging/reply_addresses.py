"""The addresses that answers by mail go to, and the mark in a mail by which an answer names its application.

Reply-To is one address an employer, because SES takes it for a whole bulk call and refuses it as a header of one mail
(docs/decisions/reply-addresses.md). Which application is meant stands in References, which SES takes for each mail and mail
programs copy into the answer (RFC 5322, 3.6.4). Both are signed by a keyed hash, and read in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from chalicelib.config import settings
from chalicelib.signing import equal_in_constant_time, keyed_hash
from chalicelib.storage.ids import is_id

_SIGNED = 20
"""Characters of the hash, 80 bits: with the id a local part of 49 characters, of the 64 that there may be."""
_ADDRESS = re.compile(rf"r-([0-9a-z]{{26}})-([0-9a-f]{{{_SIGNED}}})")
_REFERENCE = re.compile(rf"<a-([0-9a-z]{{26}})-([0-9a-f]{{{_SIGNED}}})@")
_INVITATION = re.compile(rf"i-([0-9a-z]{{26}})-([0-9a-f]{{{_SIGNED}}})")
_PURPOSE = "reply address"


class Thread(NamedTuple):
    """Where answers to a mail go, and the reference that they bring back."""

    reply_to: str
    reference: str


def thread_of(employer_id: str, application_id: str) -> Thread | None:
    """What a mail about an application carries. None where no mail comes to us."""
    domain = settings().inbound_mail_domain
    if not domain:
        return None
    signed = _signature(employer_id, application_id)
    return Thread(f"r-{_bare(employer_id)}-{_signature(employer_id)}@{domain}", f"<a-{_bare(application_id)}-{signed}@{domain}>")


def employer_at(address: str) -> str | None:
    """The id of the employer whose address this is. None where it is not ours, or forged."""
    local, _, domain = address.strip().lower().rpartition("@")
    found = _ADDRESS.fullmatch(local)
    if found is None or domain != settings().inbound_mail_domain:
        return None
    employer_id = f"emp_{found[1].upper()}"
    genuine = is_id(employer_id, "emp") and equal_in_constant_time(found[2], _signature(employer_id))
    return employer_id if genuine else None


def invitation_address(employer_id: str, changed: int) -> str | None:
    """The address that a job seeker forwards invitations to, after so many changes. None where no mail comes to us."""
    domain = settings().inbound_mail_domain
    return f"i-{_bare(employer_id)}-{_signature('invitations', employer_id, str(changed))}@{domain}" if domain else None


def seeker_at(address: str) -> str | None:
    """The id of the tenant that an address for invitations names. Whether it is genuine, `invitation_address` tells."""
    local, _, domain = address.strip().lower().rpartition("@")
    found = _INVITATION.fullmatch(local)
    return f"emp_{found[1].upper()}" if found is not None and domain == settings().inbound_mail_domain else None


def application_in(references: Iterable[str], employer_id: str) -> str | None:
    """The id of the employer's application that the latest genuine reference names. None where there is none."""
    for reference in reversed(list(references)):
        found = _REFERENCE.match(reference.lower())
        if found is None:
            continue
        application_id = f"app_{found[1].upper()}"
        genuine = equal_in_constant_time(found[2], _signature(employer_id, application_id))
        if is_id(application_id, "app") and genuine:
            return application_id
    return None


def is_ours(address: str) -> bool:
    """Whether an address is in the domain that mail comes to: what is from there is a loop."""
    return address.strip().lower().rpartition("@")[2] == settings().inbound_mail_domain


def _bare(any_id: str) -> str:
    return any_id.partition("_")[2].lower()


def _signature(*parts: str) -> str:
    return keyed_hash(settings().hash_secret, _PURPOSE, "|".join(parts))[:_SIGNED]
