"""An employer with a connection; events posted to its public door and worked from the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integrations import payloads


class Connection:
    """connection.send(payload) -> the door's answer; connection.work() until nothing is due."""

    def __init__(self, api: Any, employer: Any, system: str, run_ticks: Any, **fields: Any) -> None:
        self.api, self.employer, self.system, self.work = api, employer, system, run_ticks
        self.secret = payloads.SECRET
        made = employer.post("/v1/integrations", {"system": system, "secret": self.secret, **fields})
        assert made.status == 201, made
        self.id = made.json["id"]
        self.path = "/" + made.json["url"].split("/", 3)[3]

    def send(self, payload: dict[str, Any], *, secret: str | None = None, headers: dict[str, str] | None = None) -> Any:
        raw, sent = payloads.signed(self.system, payload, secret or self.secret)
        return self.api.post(self.path, raw, headers={**sent, **(headers or {})})

    def tell(self, *some: dict[str, Any]) -> None:
        """Sends and works each in turn."""
        for payload in some:
            answer = self.send(payload)
            assert answer.status == 200, answer
            self.work()

    def events(self, status: str) -> list[dict[str, Any]]:
        return self.employer.get(f"/v1/integrations/{self.id}/events", query={"status": status}).json["data"]

    def applications(self) -> list[dict[str, Any]]:
        return self.employer.get("/v1/applications").json["data"]

    def application(self) -> dict[str, Any]:
        found = self.applications()
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def connect(api: Any, employer: Any, run_ticks: Any) -> Callable[..., Connection]:
    """connect("greenhouse", emails_rejections=True)"""
    return lambda system, **fields: Connection(api, employer, system, run_ticks, **fields)
