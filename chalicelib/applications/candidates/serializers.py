"""Candidates as clients see them."""

from __future__ import annotations

from typing import Any

from chalicelib.api.caching import etag
from chalicelib.api.json_text import instant
from chalicelib.applications.items import ApplicationItem, CandidateItem, KeepItem
from chalicelib.storage.table import read_instant

Json = dict[str, Any]


def candidate_json(item: CandidateItem) -> Json:
    consent = item.sms_consent
    return {
        "id": item.id,
        "name": item.name,
        "email": item.email,
        "phone": item.phone,
        "timezone": item.timezone,
        "locale": item.locale,
        "sms_consent": {"given_at": instant(read_instant(consent["given_at"])), "source": consent["source"]} if consent else None,
        "external_ids": item.external_ids,
        "created_at": instant(item.created_at),
        "updated_at": instant(item.updated_at),
    }


def candidate_etag(item: CandidateItem) -> str:
    return etag(item.id, int(item.revision))


def keep_json(keep: KeepItem, item: ApplicationItem) -> Json:
    return {
        "application_id": item.id,
        "contact_id": keep.contact_id,
        "job_title": keep.job_title,
        "candidate": {"id": item.candidate_id, "name": item.name, "email": item.email, "phone": item.phone},
        "since": instant(keep.since),
        "until": instant(keep.until),
    }
