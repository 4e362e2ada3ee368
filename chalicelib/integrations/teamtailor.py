"""Teamtailor: `signature` in the body is the Base64 of the hexadecimal HMAC of the resource's id, and covers nothing else.

So only the id is believed, and the application is read from the API. Interviews are not in it: decisions reach
applications that are known here already, by their id or by person and job title. https://partner.teamtailor.com/company_webhooks
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.integrations.asking import Asker
from chalicelib.integrations.facts import Fact, Status
from chalicelib.integrations.reading import Reading, Unmapped, dig, instant, listed, needed, person, text
from chalicelib.integrations.signatures import is_base64_hex_of, is_hex_of

NAME = "teamtailor"
ASKS_BACK = True
BASE = "https://api.teamtailor.com/v1"
VERSION = "20240404"
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)


def genuine(secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
    given, ref = dig(body, "signature"), _resource(body)
    if not isinstance(given, str) or ref is None:
        return False
    return is_base64_hex_of(given, secret, ref.encode()) or is_hex_of(given, secret, ref.encode())


def event_id(headers: Mapping[str, str], body: Any) -> str | None:
    """None: the signature is the same for every event of a resource, so only the very same body is the same event."""
    return None


def _resource(body: Any) -> str | None:
    ref = dig(body, "payload", "data", "id") or dig(body, "resource_id")
    ref = str(ref) if isinstance(ref, int) and not isinstance(ref, bool) else ref
    return ref if isinstance(ref, str) and _ID.fullmatch(ref) else None


def _event(body: Any) -> str | None:
    return text(dig(body, "payload", "event_name") or dig(body, "event_name") or dig(body, "event"))


def asker(api_key: str, subdomain: str | None) -> Asker:
    return Asker(BASE, {"Authorization": f"Token token={api_key}", "X-Api-Version": VERSION})


def fetch(ask: Asker, body: Any) -> Any:
    """The application with its candidate, job and stage, as they are now. Raises AskAgain, Unmapped."""
    event, ref = _event(body), _resource(body)
    if event not in ("job_application.create", "job_application.update", "job_application.destroy") or ref is None:
        return {}
    found = ask.get(f"/job-applications/{ref}", include="candidate,job,stage")
    return {"document": found} if dig(found, "data") else {"gone": True}


def read(body: Any, received_at: datetime, fetched: Any = None) -> Reading:
    """Raises Unmapped."""
    event = _event(body)
    if event not in ("job_application.create", "job_application.update", "job_application.destroy"):
        raise Unmapped(f"there is no mapping for {event!r}")
    ref = needed(_resource(body), "application")
    if dig(fetched, "gone"):
        return Reading(facts=(Fact(ref, received_at, "deleted"),))
    document = dig(fetched, "document")
    if document is None:
        raise Unmapped("without an API key an event of Teamtailor's proves nothing: it is not covered by its signature")
    included = {text(one.get("type")): one for one in listed(dig(document, "included"))}
    of = {kind: dig(included.get(kind), "attributes") for kind in ("candidates", "jobs", "stages")}
    name = " ".join(filter(None, (text(dig(of["candidates"], "first-name")), text(dig(of["candidates"], "last-name")))))
    who = person(name, dig(of["candidates"], "email"), dig(of["candidates"], "phone"))
    fields: dict[str, Any] = {"person": who} if who else {}
    fields |= {"candidate": ref_of} if (ref_of := text(dig(included.get("candidates"), "id"))) else {}
    fields |= {"job_title": title} if (title := text(dig(of["jobs"], "title"))) else {}
    status, since = _status(dig(document, "data", "attributes"), of["stages"], received_at)
    if status == "active" and text(dig(of["stages"], "stage-type")) == "offer":
        fields["offered"] = text(dig(of["stages"], "name")) or True
    return Reading(facts=(Fact(ref, received_at, status, since, fields),))


def _status(attributes: Any, stage: Any, now: datetime) -> tuple[Status, datetime | None]:
    rejected_at = instant(dig(attributes, "rejected-at"), now)
    if rejected_at:
        return "rejected", rejected_at
    if text(dig(stage, "stage-type")) == "hired":
        return "hired", instant(dig(attributes, "changed-stage-at"), now) or now
    return "active", None
