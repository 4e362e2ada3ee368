"""A table that was restored from a backup sends nothing until an operator releases it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.jobs import restore_guard, scheduler
from chalicelib.messaging import opt_outs
from chalicelib.messaging.restored_table import release
from chalicelib.storage import table
from chalicelib.storage.table import Item
from infra.local.engines import REGION
from infra.local.environment import TABLE

RESTORED = "heardback-restored"


class Backup:
    """A backup of the whole table, and its restoration into another one."""

    def __init__(self) -> None:
        pages = table.client().get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        self._items = [item for page in pages for item in page["Items"]]

    def restore(self) -> None:
        """Into a new table with the same schema, to which the deployment is moved."""
        table.bind(RESTORED, REGION)
        table.create_table()
        for item in self._items:
            table.client().put_item(TableName=RESTORED, Item=item)


@pytest.fixture
def backup(sending: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Backup]]:
    """The table has recorded its id, as after the first run of the scheduler. Afterwards everything is as before."""
    restore_guard.forget_originals()
    monkeypatch.setattr(Item.Meta, "table_name", TABLE)
    monkeypatch.setattr(Item, "_connection", Item._connection)  # the connection that the other tests watch
    assert not restore_guard.is_restored_copy(sending.clock())
    yield Backup
    monkeypatch.undo()
    restore_guard.forget_originals()
    restore_guard.remember_original()
    if RESTORED in table.client().list_tables()["TableNames"]:
        table.client().delete_table(TableName=RESTORED)


def test_a_restored_table_sends_nothing_until_it_is_released(sending, backup):
    """It does not know what was sent since the backup: sending at once would text people twice."""
    told, late = sending.interviewed(), sending.interviewed(ended=sending.clock() + timedelta(hours=3))
    kept = backup()
    sending.clock.advance(hours=49)
    sending.run()
    assert sending.statuses(told) == ["sent"]
    stopped_at = sending.clock()

    kept.restore()
    sending.clock.advance(hours=2)
    sending.outbox.clear()
    sending.run()
    assert sending.tick()["queued"] == 0
    assert sending.deliver(told.key, late.key) == []
    assert sending.outbox == []

    assert release(stopped_at, sending.clock()) == {"passed_over": 1, "released": 1}
    sending.run()
    assert len(sending.outbox) == 1, "only what became due after the lost table stopped"
    assert sending.statuses(told) == ["expired"]
    assert sending.statuses(late) == ["sent"]


def test_what_reminds_nobody_is_not_passed_over(sending, backup):
    """The event for a webhook is due too, and is told after the release."""
    sending.interviewed(sending.new_employer(webhooks=True))
    kept = backup()
    stopped_at = sending.clock.advance(hours=49)
    kept.restore()
    assert release(stopped_at, sending.clock()) == {"passed_over": 1, "released": 1}


def test_an_expired_step_is_followed_by_the_next_one(sending, backup):
    """The candidate loses one nudge, not all of them."""
    told = sending.interviewed()
    kept = backup()
    sending.clock.advance(hours=48)
    sending.run()
    kept.restore()
    release(sending.clock(), sending.clock())
    sending.outbox.clear()
    sending.run()
    assert sending.outbox == []
    sending.clock.advance(days=7)
    sending.run()
    assert sending.statuses(told) == ["expired", "sent"]


def test_more_than_one_run_reads_is_expired(sending, backup, monkeypatch):
    """More may be due than one run of the scheduler reads: none of them may be texted twice."""
    monkeypatch.setattr(scheduler, "READ_MOST", 1)
    for _ in range(20):
        sending.interviewed()
    kept = backup()
    sending.clock.advance(hours=48)
    kept.restore()
    assert release(sending.clock(), sending.clock())["passed_over"] == 20


def test_an_opt_out_survives_the_restore(sending, backup):
    """A STOP holds for ever, whatever happens to our tables."""
    application = sending.interviewed(phone="+12025550199")
    opt_outs.opt_out([("sms", "+12025550199")], "stop_word", sending.clock())
    kept = backup()
    kept.restore()
    release(sending.clock(), sending.clock())
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.outbox == []
    assert sending.statuses(application) == ["suppressed"]


def test_clients_can_write_to_a_restored_table(sending, backup):
    """Employers go on working; only the sending waits."""
    application = sending.interviewed()
    kept = backup()
    kept.restore()
    sending.heard(application)
    assert sending.now(application).wait_state == "answered"


def test_a_table_that_a_new_deployment_takes_over_is_no_copy(sending, backup):
    """A deployment that was deleted and made again on its old table sends at once."""
    backup()
    restore_guard.forget_originals()
    assert not restore_guard.is_restored_copy(sending.clock())
    assert Item.Meta.table_name == TABLE


def test_only_one_of_two_releases_counts(sending, backup):
    """Two operators in the restore drill must not both believe that they did it."""
    kept = backup()
    kept.restore()
    assert restore_guard.is_restored_copy(sending.clock())
    assert release(sending.clock(), sending.clock())["released"] == 1
    assert not restore_guard.is_restored_copy(sending.clock())
