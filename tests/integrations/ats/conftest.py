"""An employer with a connection to an ATS, and the vendors' APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import pytest

from chalicelib.jobs.queue import body_of
from chalicelib.storage import table
from chalicelib.storage.table import stored_instant
from infra.local.environment import QUEUE
from infra.local.events import Context, queue_records
from tests.integrations.ats import payloads
from tests.integrations.ats.vendor_api import Harvest, Vendor, serving

ROUNDS_MOST = 5


class Connection:
    """connection.send(payload) -> the webhook's response; connection.work() processes what is due."""

    def __init__(self, api: Any, employer: Any, system: str, stack: Any, **fields: Any) -> None:
        self.api, self.employer, self.system, self.stack = api, employer, system, stack
        self.secret = payloads.SECRET
        made = employer.post("/v1/integrations", {"system": system, "secret": self.secret, **fields})
        assert made.status == 201, made
        self.id = made.json["id"]
        self.path = "/" + made.json["url"].split("/", 3)[3]

    def send(self, payload: dict[str, Any], *, secret: str | None = None, headers: dict[str, str] | None = None) -> Any:
        raw, sent = payloads.signed(self.system, payload, secret or self.secret)
        return self.api.post(self.path, raw, headers={**sent, **(headers or {})})

    def work(self) -> None:
        """Deliver the queue records of what is due here, until nothing is: the scheduler has tests of its own."""
        pk = f"EMP#{self.employer.employer_id}#ATS#{self.id}"
        for _ in range(ROUNDS_MOST):
            due = [item for item in table.query(pk) if item.due_at and item.due_at <= stored_instant(self.stack.clock())]
            if not due:
                return
            records = [{"MessageId": item.SK, "ReceiptHandle": item.SK, "Body": body_of(item.key)} for item in due]
            response = self.stack.app.deliver(queue_records(records, QUEUE), Context())
            assert response == {"batchItemFailures": []}
        raise AssertionError(f"still due: {[item.SK for item in due]}")

    def tell(self, *some: dict[str, Any]) -> None:
        """Send and process one event after the other."""
        for payload in some:
            self.tell_together(payload)

    def tell_together(self, *some: dict[str, Any]) -> None:
        """Send all events, then process them."""
        for payload in some:
            response = self.send(payload)
            assert response.status == 200, response
        self.work()

    def events(self, status: str) -> list[dict[str, Any]]:
        return self.employer.get(f"/v1/integrations/{self.id}/events", query={"status": status}).json["data"]

    def applications(self) -> list[dict[str, Any]]:
        return self.employer.get("/v1/applications").json["data"]

    def application(self) -> dict[str, Any]:
        found = self.applications()
        assert len(found) == 1, found
        return found[0]


def any_order(count: int) -> list[Any]:
    """Return all orders of so many events. All but three are marked `long`."""
    orders = list(permutations(range(count)))
    quick = {orders[0], orders[len(orders) // 2], orders[-1]}
    return [one if one in quick else pytest.param(one, marks=pytest.mark.long) for one in orders]


@pytest.fixture
def connect(api: Any, employer: Any, stack: Any) -> Callable[..., Connection]:
    """connect("greenhouse", emails_rejections=True)"""
    return lambda system, **fields: Connection(api, employer, system, stack, **fields)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with serving(Vendor(), monkeypatch) as fake:
        yield fake


@pytest.fixture
def harvest(monkeypatch: pytest.MonkeyPatch) -> Iterator[Harvest]:
    with serving(Harvest(), monkeypatch) as fake:
        yield fake
