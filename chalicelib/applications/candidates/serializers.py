"""Builds responses about candidates."""

from __future__ import annotations

from chalicelib.api.caching import etag
from chalicelib.applications.candidates.items import CandidateItem, KeepItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.responses import Candidate, ExternalIdOut, KeptInMind, SmsConsent
from chalicelib.applications.serializers import candidate_in_brief
from chalicelib.auth.actors import stored_actor
from chalicelib.storage.table import read_instant


def serialize_candidate(item: CandidateItem) -> Candidate:
    consent = item.sms_consent
    return Candidate(
        id=item.id,
        name=item.name,
        email=item.email,
        phone=item.phone,
        phone_extension=item.phone_extension,
        timezone=item.timezone,
        locale=item.locale,
        sms_consent=SmsConsent(given_at=read_instant(consent["given_at"]), source=consent["source"]) if consent else None,
        external_ids=[ExternalIdOut(**one) for one in item.external_ids],
        created_at=item.created_at,
        recorded_by=stored_actor(item.recorded_by),
        updated_at=item.updated_at,
    )


def candidate_etag(item: CandidateItem) -> str:
    return etag(item.id, int(item.revision))


def serialize_kept_in_mind(keep: KeepItem, item: ApplicationItem) -> KeptInMind:
    return KeptInMind(
        application_id=item.id,
        contact_id=keep.contact_id,
        job_title=keep.job_title,
        candidate=candidate_in_brief(item),
        since=keep.since,
        until=keep.until,
    )
