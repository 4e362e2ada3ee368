"""The digest's schedule follows the employer: due while it has recipients, and never lost by a change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.applications.digest_schedule import DigestItem, digest_key, move
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed
from chalicelib.storage import ids
from chalicelib.storage.table import Transaction, stored_instant
from tests.engines import Api

TOMORROW_AT_9 = datetime(2026, 6, 3, 13, tzinfo=UTC)  # the tests begin on a Tuesday at 10:00 in New York


def state(stack: Any, employer: Api) -> DigestItem:
    item = stack.table.get(*digest_key(employer.employer_id))
    assert isinstance(item, DigestItem)
    in_index = stack.table.query_index("due", str(ids.due_shard(employer.employer_id)))[0]
    listed = [raw["due_at"]["S"] for raw in in_index if raw["PK"]["S"] == item.PK]
    assert listed == ([stored_instant(item.planned_at)] if item.planned_at else [])
    return item


def test_a_digest_without_recipients_is_never_due(employer: Api, stack: Any) -> None:
    """The due index holds only what has something to do."""
    assert state(stack, employer).planned_at is None


def test_a_digest_is_due_at_its_time_in_the_employers_zone(api: Api, stack: Any) -> None:
    """09:00 in New York; an address for escalations is enough."""
    assert state(stack, api.new_employer(digest_to=["a@example.com"])).planned_at == TOMORROW_AT_9
    assert state(stack, api.new_employer(policy={"escalate_to": ["b@example.com"]})).planned_at == TOMORROW_AT_9


def test_a_change_that_the_digest_depends_on_moves_it(employer: Api, stack: Any, operator: Api) -> None:
    """No other change does."""
    employer.patch("/v1/employer", {"digest_to": ["a@example.com"]})
    assert state(stack, employer).planned_at == TOMORROW_AT_9
    version = state(stack, employer).version
    employer.patch("/v1/employer", {"call_back_name": "Renamed", "policy": {"max_nudges": 1}})
    assert state(stack, employer).version == version
    employer.patch("/v1/employer", {"policy": {"digest_time": "11:30"}})
    assert state(stack, employer).planned_at == datetime(2026, 6, 2, 15, 30, tzinfo=UTC)
    employer.patch("/v1/employer", {"timezone": "Europe/Berlin"})
    assert state(stack, employer).planned_at == datetime(2026, 6, 3, 9, 30, tzinfo=UTC)
    employer.patch("/v1/employer", {"policy": {"digest_days": ["fri"]}})
    assert state(stack, employer).planned_at == datetime(2026, 6, 5, 9, 30, tzinfo=UTC)
    path = f"/v1/employers/{employer.employer_id}"
    operator.patch(path, {"suspended": True})
    assert state(stack, employer).planned_at is None
    operator.patch(path, {"suspended": False})
    assert state(stack, employer).planned_at is not None
    employer.patch("/v1/employer", {"digest_to": None})
    assert state(stack, employer).planned_at is None


def test_holidays_move_the_digest(employer: Api, stack: Any, clock: Any) -> None:
    """Nobody reads a digest on the third of July when the fourth is a Saturday."""
    clock.set(datetime(2026, 7, 2, 14, tzinfo=UTC))
    employer.patch("/v1/employer", {"digest_to": ["a@example.com"], "policy": {"holidays": "US"}})
    assert state(stack, employer).planned_at == datetime(2026, 7, 6, 13, tzinfo=UTC)


def test_a_change_does_not_drop_a_digest_that_is_due_already(employer: Api, stack: Any, clock: Any) -> None:
    """It is 09:00:30, the tick has not come yet, and somebody saves the settings."""
    employer.patch("/v1/employer", {"digest_to": ["a@example.com"]})
    clock.set(TOMORROW_AT_9)
    employer.patch("/v1/employer", {"digest_to": ["a@example.com", "b@example.com"], "policy": {"digest_time": "10:00"}})
    assert state(stack, employer).planned_at == TOMORROW_AT_9


def test_a_change_and_the_sender_never_undo_each_other(employer: Api, stack: Any, clock: Any, faults: Any) -> None:
    """The sender moves the digest between our read and our write: we read again."""
    employer.patch("/v1/employer", {"digest_to": ["a@example.com"]})
    clock.set(TOMORROW_AT_9)
    later = datetime(2026, 6, 4, 13, tzinfo=UTC)

    def send() -> None:
        item = stack.table.get(f"EMP#{employer.employer_id}", "EMP")
        assert isinstance(item, EmployerItem)
        transaction = Transaction()
        move(transaction, state(stack, employer), employer_of(item), later, DigestItem.sent_at.set(clock()))
        transaction.commit()

    before = state(stack, employer)
    faults.before("TransactWriteItems", send)
    employer.patch("/v1/employer", {"policy": {"digest_time": "10:00"}})
    after = state(stack, employer)
    assert after.sent_at == TOMORROW_AT_9
    assert after.planned_at == datetime(2026, 6, 3, 14, tzinfo=UTC)
    stale = Transaction()
    move(stale, before, employer_of(stack.table.get(f"EMP#{employer.employer_id}", "EMP")), None)
    with pytest.raises(ConditionFailed):
        stale.commit()
