"""Teamtailor signs in three ways: webhooks of a company, of a partner, and older ones.

    TT-Signature            Base64 of "t=<seconds>,v2=<hex>": the HMAC of "<seconds>.<raw body>"
    Teamtailor-Signature    Base64 of the hexadecimal HMAC of the resource's id, which is `resource_id` in the body
    `signature` in the body the same

The latter two cover the id only. So only the id is taken from any body, and the application or candidate is read from the API.
That API has no interviews: its `interviews` are evaluations without a time. So decisions reach applications that are known here
already, by their id or by person and job title.
https://partner.teamtailor.com/company_webhooks, https://docs.teamtailor.com
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.errors import FieldError
from chalicelib.integrations.ats.credentials import missing_api_key, missing_secret, short_secrets, split_secrets
from chalicelib.integrations.ats.http_client import ApiClient
from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import (
    Need,
    Reading,
    Unmapped,
    dig,
    instant,
    is_test,
    objects,
    person,
    present_fields,
    required,
    text,
)
from chalicelib.integrations.ats.signatures import is_base64_of_hex_hmac, is_hex_hmac, is_timestamped_hmac

API_URL = "https://api.{region}teamtailor.com/v1"
API_VERSION = "20240904"
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_APPLICATION = ("job_application.create", "job_application.update", "job_application.destroy")
_CANDIDATE = ("candidate.update", "candidate.destroy")


class Teamtailor:
    """Teamtailor's events prove little: what they are about is fetched from its API."""

    name = "teamtailor"
    fetches = True
    signs_event_id = True
    without_api_key = "an event of Teamtailor's proves nothing by itself. Give `api_key`."
    needs = (Need("applications", ("job_application.create", "job_application.update"), tells_who=True),)

    def kind(self, body: Any) -> str | None:
        return _event(body)

    def credential_errors(self, given: Mapping[str, Any]) -> list[FieldError]:
        return [*missing_secret(self.name, given), *missing_api_key(self.name, given), *short_secrets(given)]

    def verify_signature(self, secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
        ref, in_body = _resource(body), dig(body, "signature")
        of_id = (headers.get("teamtailor-signature"), in_body if isinstance(in_body, str) else None)
        return ref is not None and any(
            is_timestamped_hmac(headers.get("tt-signature"), one, raw)
            or any(is_base64_of_hex_hmac(given, one, ref.encode()) or is_hex_hmac(given, one, ref.encode()) for given in of_id)
            for one in split_secrets(secret)
        )

    def event_id(self, headers: Mapping[str, str], body: Any) -> str | None:
        """None: a signature may be the same for every event of a resource, so only an equal body is the same event."""
        return None

    def signed_part(self, body: Any) -> bytes | None:
        """The id of the resource. Counted for `TT-Signature` too, which covers the body, so that one rule holds for all three."""
        return (_resource(body) or "").encode()

    def fetch(self, api_key: str, subdomain: str | None, body: Any) -> Any:
        """The application with its candidate, job and stage, or the candidate, as they are now.

        `subdomain` is the region: none for Europe, "na" for North America. A key is refused in another region.
        """
        event, ref = _event(body), _resource(body)
        if ref is None or event not in (*_APPLICATION, *_CANDIDATE):
            return {}
        url = API_URL.format(region=f"{subdomain}." if subdomain else "")
        teamtailor = ApiClient(url, {"Authorization": f"Token token={api_key}", "X-Api-Version": API_VERSION})
        if event in _CANDIDATE:
            found = teamtailor.get_record(f"/candidates/{ref}", "data")
        else:
            found = teamtailor.get_record(f"/job-applications/{ref}", "data", include="candidate,job,stage")
        return {"document": found} if found else {"gone": True}

    def read_event(self, body: Any, received_at: datetime, fetched: Any = None) -> Reading:
        """What was fetched is as of `received_at`, the time of the fetch."""
        event, ref = _event(body), _resource(body)
        if is_test(event):
            return Reading(note="a test of the webhook: it is about nobody")
        if event not in (*_APPLICATION, *_CANDIDATE):
            raise Unmapped(f"there is no mapping for {event!r}")
        document, gone = dig(fetched, "document"), dig(fetched, "gone")
        if document is None and not gone:
            raise Unmapped("without an API key an event of Teamtailor's proves nothing: it is not covered by its signature")
        if event in _CANDIDATE:
            return _candidate(required(ref, "candidate"), document, received_at)
        ref = required(ref, "application")
        return Reading(facts=(Fact(ref, received_at, "deleted"),) if gone else _application(ref, document, received_at))


def _resource(body: Any) -> str | None:
    ref = dig(body, "payload", "data", "id") or dig(body, "data", "id") or dig(body, "resource_id")
    ref = str(ref) if isinstance(ref, int) and not isinstance(ref, bool) else ref
    return ref if isinstance(ref, str) and _ID.fullmatch(ref) else None


def _event(body: Any) -> str | None:
    return text(dig(body, "payload", "event_name") or dig(body, "event_name") or dig(body, "event"))


def _candidate(ref: str, document: Any, now: datetime) -> Reading:
    if document is None:
        return Reading(people_gone=(ref,))
    found = _person(dig(document, "data", "attributes"))
    return Reading(people=((ref, now, found),)) if found else Reading(note="a candidate without a name")


def _application(ref: str, document: Any, now: datetime) -> tuple[Fact, ...]:
    included = {text(one.get("type")): one for one in objects(dig(document, "included"))}
    stage = dig(included.get("stages"), "attributes")
    fields = present_fields(
        person=_person(dig(included.get("candidates"), "attributes")),
        candidate=text(dig(included.get("candidates"), "id")),
        job_title=text(dig(included.get("jobs"), "attributes", "title")),
    )
    attributes = dig(document, "data", "attributes")
    status, since = _status(attributes, stage, now)
    fact = Fact(ref, now, status, since, fields)
    if status != "active" or text(dig(stage, "stage-type")) != "offer":
        return (fact,)
    moved_at = instant(dig(attributes, "changed-stage-at"), now) or now
    return fact, Fact(ref, moved_at, fields={"offered": text(dig(stage, "name")) or True})


def _person(attributes: Any) -> dict[str, Any] | None:
    name = " ".join(filter(None, (text(dig(attributes, "first-name")), text(dig(attributes, "last-name")))))
    return person(name, dig(attributes, "email"), dig(attributes, "phone"))


def _status(attributes: Any, stage: Any, now: datetime) -> tuple[Status, datetime | None]:
    rejected_at = instant(dig(attributes, "rejected-at"), now)
    if rejected_at:
        return "rejected", rejected_at
    if text(dig(stage, "stage-type")) == "hired":
        return "hired", instant(dig(attributes, "changed-stage-at"), now) or now
    return "active", None
