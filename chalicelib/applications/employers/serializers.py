"""Builds responses about employers and their own addresses."""

from __future__ import annotations

from typing import Any

from chalicelib.api.caching import etag
from chalicelib.applications.employers import limits, policies
from chalicelib.applications.employers.responses import Employer, OwnAddressOut
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.storage.table import Item, read_instant


def serialize_employer(item: EmployerItem, spent: Item | None = None) -> Employer:
    """Return an employer with its whole policy and its warnings; `spent` as in `policies.warnings`."""
    employer = employer_of(item)
    return Employer(
        id=item.id,
        name=item.name,
        timezone=item.timezone,
        call_back_name=item.call_back_name,
        call_back_phone=item.call_back_phone,
        call_back_email=item.call_back_email,
        sms_origination_number=item.sms_origination_number,
        email_from=item.email_from,
        email_reply_to=item.email_reply_to,
        digest_to=item.digest_to,
        policy=employer.policy,
        limits=employer.limits,
        trial=bool(item.trial),
        suspended=bool(item.suspended),
        warnings=[*policies.warnings(employer, spent), *limits.warnings(item)],
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def employer_etag(item: EmployerItem) -> str:
    return etag(item.id, int(item.revision))


def serialize_address(entry: dict[str, Any]) -> OwnAddressOut:
    verified_at = entry["verified_at"]
    return OwnAddressOut(
        channel=entry["channel"],
        address=entry["address"],
        verified=verified_at is not None,
        verified_by=entry["verified_by"],
        added_at=read_instant(entry["added_at"]),
        verified_at=read_instant(verified_at) if verified_at else None,
    )
