"""Employers and their own addresses as clients see them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chalicelib.api.caching import etag
from chalicelib.api.json_text import instant
from chalicelib.applications.employers import policies
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.storage.table import Item, read_instant


def employer_json(item: EmployerItem, spent: Item | None = None) -> dict[str, Any]:
    """An employer as clients see it, its whole policy and warnings included; `spent` as in `policies.warnings`."""
    employer = employer_of(item)
    return {
        "id": item.id,
        "name": item.name,
        "timezone": item.timezone,
        "call_back_name": item.call_back_name,
        "call_back_phone": item.call_back_phone,
        "call_back_email": item.call_back_email,
        "digest_to": item.digest_to,
        "policy": asdict(employer.policy),
        "trial": item.trial,
        "suspended": item.suspended,
        "warnings": policies.warnings(employer, spent),
        "created_at": instant(item.created_at),
        "updated_at": instant(item.updated_at),
    }


def employer_etag(item: EmployerItem) -> str:
    return etag(item.id, int(item.revision))


def address_json(entry: dict[str, Any]) -> dict[str, Any]:
    verified_at = entry["verified_at"]
    return {
        "channel": entry["channel"],
        "address": entry["address"],
        "verified": verified_at is not None,
        "verified_by": entry["verified_by"],
        "added_at": instant(read_instant(entry["added_at"])),
        "verified_at": instant(read_instant(verified_at)) if verified_at else None,
    }
