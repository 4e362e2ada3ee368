"""Builds responses about a job seeker."""

from __future__ import annotations

from chalicelib.accounts.seekers.responses import Consent, Seeker
from chalicelib.api.caching import etag
from chalicelib.applications.seekers import tenant
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.users import PersonItem
from chalicelib.messaging import reply_addresses
from chalicelib.storage.table import read_instant


def serialize_seeker(item: EmployerItem, person: PersonItem) -> Seeker:
    return Seeker(
        id=person.id,
        name=person.name,
        email=person.email,
        timezone=item.timezone,
        locale=(item.seeker or {}).get("locale"),
        phone=tenant.phone_of(item),
        invitation_address=reply_addresses.invitation_address(item.id, int(item.invitation_address or 0)),
        created_at=person.created_at,
    )


def seeker_etag(item: EmployerItem, person: PersonItem) -> str:
    return etag(person.id, int(person.revision), int(item.revision), int(item.invitation_address or 0))


def serialize_consents(item: EmployerItem) -> list[Consent]:
    given = (item.seeker or {}).get("consents", ())
    return [Consent(one["what"], one["wording"], read_instant(one["given_at"])) for one in given]
