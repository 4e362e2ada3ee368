"""Creates one of everything beside the sample employer's records, so that ids exist."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

SECRET = "sample-signing-secret"
"""Of a stack that lives for a minute."""


def seed(api: str, console: str, key: str) -> dict[str, list[str]]:
    """Create records over HTTP; `key` has every scope. Return ids by the path parameters that take them."""
    now = datetime.now(UTC)

    def asked(method: str, path: str, body: Any, kind: str = "application/json", **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            path if "://" in path else api + path,
            raw,
            method=method,
            headers={"Authorization": f"Bearer {key}", "Content-Type": kind, **headers},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def at(**later: float) -> str:
        return (now + timedelta(**later)).isoformat()

    for number in range(30):  # enough for a second page
        begins = -80 if number % 3 else 120
        who = {"name": f"Ann Sample {number}", "email": f"ann{number}@example.com", "phone": f"+120255502{number:02}"}
        booked = asked(
            "POST",
            "/v1/interviews",
            {
                "start_at": at(hours=begins),
                "end_at": at(hours=begins + 1),
                "stage": ("screen", "interview", "final")[number % 3],
                "application": {"job_title": "Welder", "candidate": who},
            },
        )
        asked("POST", f"/v1/applications/{booked['application_id']}/contacts", {"channel": "call", "outcome": "voicemail"})
    asked("POST", f"/v1/applications/{booked['application_id']}/statements", {"heard": False})
    asked("POST", "/v1/people", {"name": "Max Sample", "email": "max@example.com"})
    asked("PATCH", "/v1/employer", {"policy": {"jurisdiction": "CA-ON", "headcount": 40}})
    asked("PUT", "/v1/postings", {"job_title": "Welder", "jurisdiction": "CA-ON"})
    asked("POST", "/v1/observed_reviews", {"posted_at": at(days=-3), "rating": 1, "mentions_silence": True, "source": "a site"})
    asked("PUT", "/v1/import_profiles/ours", {"columns": {"name": ["Who"], "email": ["Mail"]}})
    imported = asked("POST", "/v1/imports", b"name,email\nFay File,fay@example.com\n", "text/csv")
    endpoint = asked("POST", "/v1/webhook_endpoints", {"url": "https://hooks.example.com/"})
    told = asked("POST", f"/v1/webhook_endpoints/{endpoint['id']}/test", {})
    connection = asked("POST", "/v1/integrations", {"system": "greenhouse", "secret": SECRET})
    event = json.dumps({"action": "new_thing"}).encode()
    asked("POST", connection["url"], event, Signature="sha256 " + hmac.new(SECRET.encode(), event, hashlib.sha256).hexdigest())
    asked("POST", console + "/inbound_sms", {"from": "+12025550201", "body": "NO"})
    asked("POST", console + "/tick", {})
    events = asked("GET", f"/v1/integrations/{connection['id']}/events?status=unmapped", None)["data"]
    links = re.findall(r"/u/([\w.~-]+)", json.dumps(asked("GET", console + "/outbox", None)))
    return {
        "integration_id": [connection["id"]],
        "event_id": [event["id"] for event in events],
        "told": [told["id"]],
        "import_id": [imported["id"]],
        "endpoint_id": [endpoint["id"]],
        "name": ["ours"],
        "token": links[:20],
        "message_id": [one["id"] for one in asked("GET", "/v1/messages", None)["data"]],
    }
