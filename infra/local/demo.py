"""A sample employer with candidates in every state, and an empty one to try a first day on, made through the API itself.

All addresses are samples: example.com, 202 555 01xx.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

EMPLOYER = {
    "name": "Acme Robotics (sample)",
    "call_back_name": "Dana Reyes",
    "call_back_phone": "+12025550100",
    "call_back_email": "dana@example.com",
    "digest_to": ["recruiting@example.com"],
    "trial": False,
    "policy": {"candidate_window": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "21:00"}},
}
PERSON = {"name": "Robin Hale", "email": "robin@example.com", "role": "manager"}
"""The address that signs in to the pages; the mail with the link arrives in the console."""
EMPTY_EMPLOYER = {"name": "Blue Fern (empty sample)", "trial": False}
EMPTY_PERSON = {"name": "Sasha Lowe", "email": "sasha@example.com", "role": "manager"}
"""Signs in to an employer without any records: "Get started"."""
ZONES = ("America/New_York", "Europe/London", "Asia/Singapore", "Pacific/Auckland", "America/Los_Angeles")


@dataclass(frozen=True)
class Sample:
    """A candidate whose interview ended `hours_ago` (negative: in the future), and what happened since."""

    name: str
    job_title: str
    stage: str
    hours_ago: float
    phone: str | None = None
    told_after_hours: float | None = None
    decision: str | None = None
    decided: str | None = None


SAMPLES = (
    Sample("Ada Marsh", "Robotics Engineer", "final", 47, "+12025550101"),
    Sample("Ben Okafor", "Robotics Engineer", "interview", 72, "+12025550102"),
    Sample("Chloé Dubois", "Field Technician", "screen", 30, None),
    Sample("Diego Fuentes", "Field Technician", "final", 24 * 16, "+12025550103", decided="rejected"),
    Sample("Esther Cole", "Data Analyst", "interview", 24 * 9, "+12025550104"),
    Sample("Farid Haddad", "Data Analyst", "final", 24 * 20, None, told_after_hours=30, decision="rejected"),
    Sample("Grace Lind", "Robotics Engineer", "interview", 24 * 12, "+12025550105", told_after_hours=96, decision="advancing"),
    Sample("Hugo Martin", "Field Technician", "screen", -26, "+12025550106"),
)


def seed(api: str, kept: dict[str, str], now: datetime, keep: Callable[[dict[str, str]], None]) -> None:
    """Make the sample employer in a zone where it is day now, so that "48 hours later" is too. `kept` gets its key.

    `keep` stores what a run that is killed meanwhile leaves to the next one, which goes on with the same employer: a second one
    would text and mail everybody twice.
    """
    zone = next((zone for zone in ZONES if 9 <= now.astimezone(ZoneInfo(zone)).hour < 19), ZONES[0])
    if "sample_at" not in kept:
        kept["sample_at"] = now.isoformat()
    keys = []
    for name, fields, person in (("empty_employer", EMPTY_EMPLOYER, EMPTY_PERSON), ("sample_employer", EMPLOYER, PERSON)):
        if name not in kept:
            kept[name] = post(api, kept["operator_key"], "/v1/employers", {**fields, "timezone": zone})["id"]
            keep(kept)
        keys.append(_key(api, kept["operator_key"], kept[name], person))
    key = keys[-1]
    for sample in SAMPLES:
        _make(api, key, sample, datetime.fromisoformat(kept["sample_at"]))
    kept["employer_key"] = key
    keep(kept)


def _key(api: str, operator_key: str, employer_id: str, person: dict[str, str]) -> str:
    """Invite an employer's first manager. Return a new key of it."""
    key: str = post(api, operator_key, "/v1/keys", {"employer_id": employer_id, "scopes": ["read", "write", "manage"]})["secret"]
    _post_unless_there(api, key, "/v1/people", person)
    return key


def _make(api: str, key: str, sample: Sample, now: datetime) -> None:
    ended = now - timedelta(hours=sample.hours_ago)
    candidate: dict[str, Any] = {"name": sample.name, "email": f"{sample.name.split()[0].lower().replace('é', 'e')}@example.com"}
    if sample.phone:
        consent = {"given_at": _text(min(ended, now) - timedelta(days=7)), "source": "application form"}
        candidate |= {"phone": sample.phone, "sms_consent": consent}
    interview = post(
        api,
        key,
        "/v1/interviews",
        {
            "application": {"candidate": candidate, "job_title": sample.job_title},
            "stage": sample.stage,
            "start_at": _text(ended - timedelta(hours=1)),
            "end_at": _text(ended),
        },
    )
    application = f"/v1/applications/{interview['application']['id']}"
    if sample.told_after_hours is not None:
        _post_unless_there(
            api,
            key,
            f"{application}/contacts",
            {
                "channel": "call",
                "outcome": "reached",
                "decision": sample.decision,
                "thanked": True,
                "occurred_at": _text(ended + timedelta(hours=sample.told_after_hours)),
            },
        )
    if sample.decided:
        post(api, key, application, {"decided": sample.decided}, method="PATCH")


def _post_unless_there(api: str, key: str, path: str, body: dict[str, Any]) -> None:
    """Post what was perhaps posted by a run that was killed."""
    try:
        post(api, key, path, body, headers={"Idempotency-Key": "sample" + path.replace("/", "-")})
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.CONFLICT:
            raise


def _text(instant: datetime) -> str:
    return instant.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def post(
    api: str, key: str, path: str, body: dict[str, Any], method: str = "POST", headers: Mapping[str, str] | None = None
) -> Any:
    given = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(api + path, json.dumps(body).encode(), given, method=method)  # noqa: S310 - our own loopback
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


def lines_to_try(about: dict[str, str]) -> str:
    """The main job by curl, ready to paste."""
    api, console, key = about["api"], about["console"], about["employer_key"]
    return f"""
{PERSON["email"]} is invited: open the link of that mail in the console ({console}). Later, sign in at {api}/sign-in.
{EMPTY_PERSON["email"]} is invited to an empty employer: a first day from nothing.

Try (the sample employer's key):

  export KEY={key} NOW=$(curl -s {console}/clock | cut -d'"' -f4)
  curl -s -H "Authorization: Bearer $KEY" {api}/v1/risk
  curl -s -H "Authorization: Bearer $KEY" {api}/v1/call_list
  curl -s -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" {api}/v1/interviews -d '{{
    "application": {{"candidate": {{"name": "Ines Vogel", "email": "ines@example.com"}}, "job_title": "Data Analyst"}},
    "stage": "final", "start_at": "'${{NOW%T*}}'T00:00:00Z", "end_at": "'$NOW'"}}'
  curl -s {console}/clock -d '{{"advance_hours": 72}}'
  curl -s {console}/tick -X POST
  curl -s {console}/outbox"""
