"""The tally as it is read back, recounted and repaired: a wrong count would send recruiters to the wrong people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pynamodb.expressions.operand import Path

from chalicelib.applications.tally_items import TallyItem, add
from chalicelib.reputation import counters
from chalicelib.rules import tally as rules
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction
from tests.reputation.loading import a_load, load, random_loads

AS_OF = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.fixture
def employer_id(stack):
    return ids.new_id("emp", AS_OF)


def damage(employer_id, day, **counts):
    """What a fault of ours would leave behind."""
    transaction = Transaction()
    add(transaction, employer_id, {day: counts})
    transaction.commit()


def test_the_tally_read_back_is_the_tally_of_the_waits(employer_id):
    """The report rests on it: what was counted in is what is read out."""
    loads = load(employer_id, random_loads(200, AS_OF, days=300, answered=0.4, unreachable=0.2))
    assert counters.read(employer_id, AS_OF) == rules.tally((x.wait, x.reachable) for x in loads)


def test_what_lapsed_more_than_a_day_ago_is_not_read(employer_id):
    """A report must not grow with the years that an employer has been with us."""
    load(employer_id, [a_load(AS_OF - timedelta(days=days)) for days in (365, 368, 800)])
    assert list(counters.read(employer_id, AS_OF)) == ["2025-11-23"]


def test_codes_that_came_to_zero_are_not_there(employer_id):
    """A wait that moved on leaves a zero in the item: it means nothing, and a reader must not trip over it."""
    damage(employer_id, "2026-11-20", ir09=1)
    damage(employer_id, "2026-11-20", ir09=-1)
    assert counters.read(employer_id, AS_OF) == {}


def test_a_right_tally_is_left_alone(employer_id):
    """The recount runs every night: where nothing is wrong it must write nothing."""
    load(employer_id, random_loads(80, AS_OF, answered=0.5, unreachable=0.1))
    before = table.query_range(keys.tally_pk(employer_id), "0", "9")
    found = counters.recount(employer_id)
    assert (found.waits, found.differences, found.repaired) == (80, {}, ())
    assert table.query_range(keys.tally_pk(employer_id), "0", "9") == before


def test_a_wrong_tally_is_found_and_repaired(employer_id):
    """A fault of ours must not stay in the score for ninety days."""
    loads = load(employer_id, random_loads(60, AS_OF, answered=0.3))
    damage(employer_id, "2026-11-20", ir09=3, as1=2)
    damage(employer_id, "2024-01-01", fr09=1)
    found = counters.recount(employer_id)
    assert found.differences == {"2026-11-20": {"ir09": -3, "as1": -2}, "2024-01-01": {"fr09": -1}}
    assert found.repaired == ("2024-01-01", "2026-11-20")
    assert counters.read(employer_id, AS_OF) == rules.tally((x.wait, x.reachable) for x in loads)
    assert counters.recount(employer_id).differences == {}


def test_a_day_that_is_written_meanwhile_is_not_repaired(employer_id, monkeypatch):
    """A write between reading and repairing carries its own count: repairing over it would make a wrong tally of a right one."""
    load(employer_id, random_loads(10, AS_OF))
    damage(employer_id, "2026-11-01", ir09=1)
    repair = counters._repair

    def overtaken(*args):
        transaction = Transaction()
        transaction.update(TallyItem(keys.tally_pk(employer_id), "2026-11-01"), [Path("rev").add(1)])
        transaction.commit()
        return repair(*args)

    monkeypatch.setattr(counters, "_repair", overtaken)
    found = counters.recount(employer_id)
    assert found.differences == {"2026-11-01": {"ir09": -1}}
    assert found.repaired == ()
    assert counters.read(employer_id, AS_OF)["2026-11-01"]["ir09"] == 1


def test_a_day_written_while_we_count_is_not_judged(employer_id, monkeypatch):
    """An employer that works through the night must not be told that its tally is wrong."""
    load(employer_id, random_loads(10, AS_OF))
    late = a_load(AS_OF - timedelta(days=3))
    waits_of = counters.waits_of

    def and_one_more(employer_id):
        yield from waits_of(employer_id)
        load(employer_id, [replace(late, application_id=ids.new_id("app", AS_OF))])

    monkeypatch.setattr(counters, "waits_of", and_one_more)
    assert counters.recount(employer_id).differences == {}
