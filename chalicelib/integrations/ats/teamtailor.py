"""Teamtailor signs in three ways, one each for a webhook of a company, of a partner, and of older make:

    TT-Signature            Base64 of "t=<seconds>,v2=<hex>": the HMAC of "<seconds>.<raw body>"
    Teamtailor-Signature    Base64 of the hexadecimal HMAC of the resource's id, which is `resource_id` in the body
    `signature` in the body the same

The latter two cover the id only, so of a body nothing else is believed, whichever way it came, and the application or candidate
is read from the API. Interviews are not in that API: its `interviews` are evaluations, without an hour, and in no public page.
So decisions reach applications that are known here already, by their id or by person and job title.
https://partner.teamtailor.com/company_webhooks, https://docs.teamtailor.com
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.integrations.ats.http_client import Asker
from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import Reading, Unmapped, dig, instant, listed, needed, person, text
from chalicelib.integrations.ats.signatures import is_base64_hex_of, is_hex_of, is_stamped, tokens

NAME = "teamtailor"
ASKS_BACK = True
BASE = "https://api.{region}teamtailor.com/v1"
VERSION = "20240904"
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_APPLICATION = ("job_application.create", "job_application.update", "job_application.destroy")
_CANDIDATE = ("candidate.update", "candidate.destroy")


def verify_signature(secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
    ref, in_body = _resource(body), dig(body, "signature")
    of_id = (headers.get("teamtailor-signature"), in_body if isinstance(in_body, str) else None)
    return ref is not None and any(
        is_stamped(headers.get("tt-signature"), one, raw)
        or any(is_base64_hex_of(given, one, ref.encode()) or is_hex_of(given, one, ref.encode()) for given in of_id)
        for one in tokens(secret)
    )


def event_id(headers: Mapping[str, str], body: Any) -> str | None:
    """None: a signature may be the same for every event of a resource, so only the very same body is the same event."""
    return None


def _resource(body: Any) -> str | None:
    ref = dig(body, "payload", "data", "id") or dig(body, "data", "id") or dig(body, "resource_id")
    ref = str(ref) if isinstance(ref, int) and not isinstance(ref, bool) else ref
    return ref if isinstance(ref, str) and _ID.fullmatch(ref) else None


def _event(body: Any) -> str | None:
    return text(dig(body, "payload", "event_name") or dig(body, "event_name") or dig(body, "event"))


def asker(api_key: str, subdomain: str | None) -> Asker:
    """`subdomain` is the region: none for Europe, "na" for North America. A key is refused in another's."""
    region = f"{subdomain}." if subdomain else ""
    return Asker(BASE.format(region=region), {"Authorization": f"Token token={api_key}", "X-Api-Version": VERSION})


def fetch(ask: Asker, body: Any) -> Any:
    """The application with its candidate, job and stage, or the candidate, as they are now. Raises AskAgain, Unmapped."""
    event, ref = _event(body), _resource(body)
    if ref is None or event not in (*_APPLICATION, *_CANDIDATE):
        return {}
    if event in _CANDIDATE:
        found = ask.get(f"/candidates/{ref}")
    else:
        found = ask.get(f"/job-applications/{ref}", include="candidate,job,stage")
    return {"document": found} if dig(found, "data") else {"gone": True}


def read(body: Any, received_at: datetime, fetched: Any = None) -> Reading:
    """Raises Unmapped. What was fetched is as of `received_at`, the instant of asking."""
    event, ref = _event(body), _resource(body)
    if event not in (*_APPLICATION, *_CANDIDATE):
        raise Unmapped(f"there is no mapping for {event!r}")
    document, gone = dig(fetched, "document"), dig(fetched, "gone")
    if document is None and not gone:
        raise Unmapped("without an API key an event of Teamtailor's proves nothing: it is not covered by its signature")
    if event in _CANDIDATE:
        return _candidate(needed(ref, "candidate"), document, received_at)
    ref = needed(ref, "application")
    return Reading(facts=(Fact(ref, received_at, "deleted"),) if gone else _application(ref, document, received_at))


def _candidate(ref: str, document: Any, now: datetime) -> Reading:
    if document is None:
        return Reading(people_gone=(ref,))
    who = _person(dig(document, "data", "attributes"))
    return Reading(people=((ref, now, who),)) if who else Reading(note="a candidate without a name")


def _application(ref: str, document: Any, now: datetime) -> tuple[Fact, ...]:
    included = {text(one.get("type")): one for one in listed(dig(document, "included"))}
    stage, title = dig(included.get("stages"), "attributes"), text(dig(included.get("jobs"), "attributes", "title"))
    who, candidate = _person(dig(included.get("candidates"), "attributes")), text(dig(included.get("candidates"), "id"))
    fields: dict[str, Any] = {"person": who} if who else {}
    fields |= {"candidate": candidate} if candidate else {}
    fields |= {"job_title": title} if title else {}
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
