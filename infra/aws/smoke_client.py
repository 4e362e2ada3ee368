"""What the smoke test sees of a deployment: the API through its gateway, and the messages that the engine has captured."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CONSENT = {"given_at": "2026-01-05T09:00:00Z", "source": "application form"}
ZONES = ("America/New_York", "Europe/Paris", "Asia/Tokyo", "Australia/Sydney", "Pacific/Honolulu", "Asia/Dubai")


class Client:
    """A client of the deployed API. `base` and `key` are set once they are known."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls = 0
        self.base = self.key = ""

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, expect: int = 200) -> Any:
        """A call through the API Gateway."""
        self.calls += 1
        raw = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, method=method, data=raw, headers=headers)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        assert status == expect, f"{method} {path}: {status} {text.decode()}"
        return json.loads(text)

    def new_employer(self, operator_key: str) -> str:
        """An employer in a zone where it is midday now, so that its send window is open."""
        every_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        employer = self.call(
            "POST",
            "/v1/employers",
            {
                "name": "Acme Robotics",
                "timezone": midday_zone(),
                "call_back_name": "Dana",
                "call_back_phone": "+12025550100",
                "digest_to": [],
                "trial": False,
                "policy": {"sms_countries": ["US"], "candidate_window": {"days": every_day, "start": "08:00", "end": "21:00"}},
            },
            key=operator_key,
            expect=201,
        )
        wanted = {"scopes": ["read", "write"], "employer_id": employer["id"]}
        key: str = self.call("POST", "/v1/keys", wanted, key=operator_key, expect=201)["secret"]
        return key

    def book(self, name: str, **candidate: Any) -> Any:
        """An interview that ended 50 hours ago: word was due two hours ago."""
        end = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=50)
        return self.call(
            "POST",
            "/v1/interviews",
            {
                "application": {"candidate": {"name": name, **candidate}, "job_title": "Welder"},
                "stage": "final",
                "start_at": (end - timedelta(hours=1)).isoformat(),
                "end_at": end.isoformat(),
            },
            expect=201,
        )

    def location(self) -> str:
        """Where a new record is, by the response's header: it begins with the path of the public address."""
        body = json.dumps({"name": "Lee Sample"}).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base}/v1/candidates", body, headers)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            return str(answer.headers["Location"])

    def overdue(self) -> int:
        count: int = self.call("GET", "/v1/risk")["tally"]["overdue"]
        return count

    def settled(self, count: int) -> list[Any]:
        messages: list[Any] = self.call("GET", "/v1/messages")["data"]
        return messages if sum(message["status"] != "sending" for message in messages) >= count else []

    def messages_of(self, status: str) -> list[Any]:
        found: list[Any] = self.call("GET", f"/v1/messages?status={status}")["data"]
        return found

    def texts(self) -> list[Any]:
        return fetch_all(f"{self.url}/_ministack/sns/sms-messages", "sms_messages")

    def mails(self) -> list[Any]:
        return fetch_all(f"{self.url}/_ministack/ses/messages", "messages")


def midday_zone() -> str:
    """A time zone where it is about midday now. A text to a US number without one waits for all zones of the country."""
    return min(ZONES, key=lambda name: abs(datetime.now(ZoneInfo(name)).hour - 14))


def fetch_all(url: str, name: str) -> list[Any]:
    """Messages that the engine has captured, in all its accounts."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
        captured = json.loads(answer.read())[name]
    return [message for messages in captured.values() for message in messages] if isinstance(captured, dict) else captured
