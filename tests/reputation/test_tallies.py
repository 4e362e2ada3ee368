"""The tally is read, recounted and repaired: a wrong count would put the wrong candidates first."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.applications import tally_items
from chalicelib.applications.tally_items import add
from chalicelib.reputation import recount
from chalicelib.rules import tally as rules
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction
from infra.local.environment import TABLE
from tests.reputation.loading import a_load, load, random_loads

AS_OF = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.fixture
def employer_id(stack):
    return ids.new_id("emp", AS_OF)


def damage(employer_id, day, **counts):
    """Writes what a bug of ours would leave."""
    transaction = Transaction()
    add(transaction, employer_id, {day: counts})
    transaction.commit()


def test_the_tally_read_back_is_the_tally_of_the_waits(employer_id):
    """The report is computed from it."""
    loads = load(employer_id, random_loads(200, AS_OF, days=300, answered=0.4, unreachable=0.2))
    assert tally_items.read(employer_id, AS_OF) == rules.tally((x.wait, x.reachable) for x in loads)


def test_what_lapsed_more_than_a_day_ago_is_not_read(employer_id):
    """Reading must not cost more with every year."""
    load(employer_id, [a_load(AS_OF - timedelta(days=days)) for days in (365, 368, 800)])
    assert list(tally_items.read(employer_id, AS_OF)) == ["2025-11-23"]


def test_codes_that_came_to_zero_are_not_there(employer_id):
    """A moved wait leaves a zero, which is not a count."""
    damage(employer_id, "2026-11-20", ir09=1)
    damage(employer_id, "2026-11-20", ir09=-1)
    assert tally_items.read(employer_id, AS_OF) == {}


def test_a_correct_tally_is_not_written(employer_id):
    """The recount writes nothing where nothing is wrong."""
    load(employer_id, random_loads(80, AS_OF, answered=0.5, unreachable=0.1))
    before = table.query_range(keys.tally_pk(employer_id), "0", "9")
    found = recount.recount(employer_id)
    assert (found.waits, found.differences, found.repaired) == (80, {}, ())
    assert table.query_range(keys.tally_pk(employer_id), "0", "9") == before


def test_a_wrong_tally_is_repaired(employer_id):
    """A bug of ours must not change the score for ninety days."""
    loads = load(employer_id, random_loads(60, AS_OF, answered=0.3))
    damage(employer_id, "2026-11-20", ir09=3, as1=2)
    damage(employer_id, "2024-01-01", fr09=1)
    found = recount.recount(employer_id)
    assert found.differences == {"2026-11-20": {"ir09": -3, "as1": -2}, "2024-01-01": {"fr09": -1}}
    assert found.repaired == ("2024-01-01", "2026-11-20")
    assert tally_items.read(employer_id, AS_OF) == rules.tally((x.wait, x.reachable) for x in loads)
    assert recount.recount(employer_id).differences == {}


@contextmanager
def meanwhile(event, action):
    """Runs an action at each such event of the DynamoDB client: what another process does at that moment."""
    events = table.client().meta.events
    events.register_first(event, action)
    try:
        yield
    finally:
        events.unregister(event, action)


def test_a_day_that_is_written_meanwhile_is_not_repaired(employer_id):
    """A write between count and repair updates the day itself: a repair on top of it would make the tally wrong."""
    load(employer_id, random_loads(10, AS_OF))
    damage(employer_id, "2026-11-01", ir09=1)
    key = {"PK": {"S": keys.tally_pk(employer_id)}, "SK": {"S": "2026-11-01"}}

    def write_the_day(**_):
        values = {":one": {"N": "1"}}
        table.client().update_item(TableName=TABLE, Key=key, UpdateExpression="ADD rev :one", ExpressionAttributeValues=values)

    with meanwhile("before-call.dynamodb.TransactWriteItems", write_the_day):
        found = recount.recount(employer_id)
    assert found.differences == {"2026-11-01": {"ir09": -1}}
    assert found.repaired == ()
    assert tally_items.read(employer_id, AS_OF)["2026-11-01"]["ir09"] == 1


def test_a_day_written_during_the_count_is_not_compared(employer_id):
    """An employer that works at night must not be told that its tally is wrong."""
    load(employer_id, random_loads(10, AS_OF))
    late = a_load(AS_OF - timedelta(days=3))

    def book_another(parsed, **_):
        if any("list_at" in item for item in parsed.get("Items", ())):  # the count has just listed the applications
            load(employer_id, [replace(late, application_id=ids.new_id("app", AS_OF))])

    with meanwhile("after-call.dynamodb.Query", book_another):
        assert recount.recount(employer_id).differences == {}


def test_answers_without_a_decision_from_before_they_were_counted_are_filled_in_and_no_fault(employer_id):
    """The first night after the switch must not wake anybody: nothing was counted wrong."""
    loads = load(employer_id, random_loads(60, AS_OF, answered=0.5))
    counted = rules.tally((x.wait, x.reachable) for x in loads)
    for day, codes in counted.items():
        damage(employer_id, day, **{code: -count for code, count in codes.items() if code.startswith("n")})
    assert tally_items.read(employer_id, AS_OF) == rules.without_not_yet(counted) != counted
    found = recount.recount(employer_id)
    assert found.differences and rules.without_not_yet(found.differences) == {}
    assert tally_items.read(employer_id, AS_OF) == counted
