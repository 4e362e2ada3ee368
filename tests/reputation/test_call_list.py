"""The call list equals a brute-force sort of the same waits, over all pages."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.applications import tally_items
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.tally_items import add
from chalicelib.reputation import call_list
from chalicelib.reputation.call_list import Bookmark, Filters
from chalicelib.rules import tally as rules
from chalicelib.rules.risk.model import days_overdue
from chalicelib.rules.risk.ranking import Outlook, delay_cost, outlook, rank_key
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction
from tests.reputation.loading import Load, a_load, items_of, load, random_loads

AS_OF = datetime(2026, 11, 23, 14, 30, 5, 123456, tzinfo=UTC)


def ahead_of(loads: list[Load]) -> Outlook:
    """What the list of these waits is ranked by."""
    return outlook(rules.tally((x.wait, x.reachable) for x in loads), AS_OF)


def by_brute_force(loads: list[Load], filters: Filters = Filters()) -> list[str]:  # noqa: B008 - frozen
    """The whole list, from all waits, by the definition."""
    ahead = ahead_of(loads)
    fitting = [
        x
        for x in loads
        if x.wait.state == "open"
        and x.reachable == filters.reachable
        and x.wait.since <= AS_OF
        and filters.stage in (None, x.wait.stage)
        and filters.decided in (None, x.decided)
        and delay_cost(x.wait.stage, days_overdue(x.wait.word_due_at, AS_OF), ahead) > 0
    ]
    return [
        x.application_id
        for x in sorted(fitting, key=lambda x: rank_key(x.wait.stage, x.wait.word_due_at, AS_OF, ahead, x.application_id))
    ]


def all_pages(employer_id: str, limit: int, filters: Filters = Filters()) -> tuple[list[str], list[int]]:  # noqa: B008 - frozen
    found: list[str] = []
    ranks: list[int] = []
    at = Bookmark.first(tally_items.read(employer_id, AS_OF), AS_OF, None)
    for _ in range(500):
        page = call_list.page(employer_id, tally_items.read(employer_id, AS_OF), at, filters, limit)
        assert len(page.rows) <= limit
        found += [row.application.id for row in page.rows]
        ranks += [row.rank for row in page.rows]
        if page.next_start is None:
            return found, ranks
        at = replace(at, start=page.next_start, number=len(found) + 1)
    raise AssertionError("the list never ends")


@pytest.fixture
def employer_id(stack: object) -> str:
    return ids.new_id("emp", AS_OF)


@pytest.mark.parametrize("seed", range(6))
def test_pages_put_together_are_the_sorted_list_of_all_waits(employer_id, seed):
    """No candidate is missed or repeated, whatever the page size."""
    chance = random.Random(seed)  # noqa: S311
    count, days = chance.choice([(40, 3), (120, 1), (300, 90), (300, 300), (250, 20), (60, 60)])
    loads = load(
        employer_id,
        random_loads(count, AS_OF, seed=seed, days=days, answered=0.2, unreachable=0.1, rejected=0.15, to_the_hour=seed % 2 == 0),
    )
    expected = by_brute_force(loads)
    for limit in (1 if count < 100 else 7, 10, 25, 100):
        found, ranks = all_pages(employer_id, limit)
        assert found == expected
        assert ranks == list(range(1, len(expected) + 1))


@pytest.mark.parametrize(
    "filters",
    [
        Filters(reachable=False),
        Filters(decided="rejected"),
        Filters(stage="final"),
        Filters(stage="screen", decided="rejected"),
        Filters(reachable=False, stage="interview"),
    ],
)
def test_a_filter_gives_its_part_of_the_same_order(employer_id, filters):
    """ "Rejected, not told" matters most: a filter must not lose or reorder candidates."""
    loads = load(employer_id, random_loads(400, AS_OF, seed=7, days=60, answered=0.1, unreachable=0.3, rejected=0.1))
    for limit in (5, 40):
        found, _ = all_pages(employer_id, limit, filters)
        assert found == by_brute_force(loads, filters)


def test_many_waits_in_one_hour_come_in_the_order_of_their_ids(employer_id):
    """After a hiring day hundreds are due in one hour: their order must be stable."""
    loads = load(
        employer_id,
        [
            *(
                a_load(AS_OF - timedelta(days=days), stage=stage)
                for days in (30, 17, 5)
                for stage in ("screen", "final")
                for _ in range(130)
            ),
            *random_loads(60, AS_OF, seed=3, days=60),
        ],
    )
    expected = by_brute_force(loads)
    for limit in (50, 100):
        assert all_pages(employer_id, limit)[0] == expected


def test_who_was_answered_meanwhile_drops_out_and_the_page_is_filled(employer_id):
    """The index lags behind the table: a candidate who was just told must not be called again."""
    loads = load(employer_id, random_loads(80, AS_OF, seed=1, days=40))
    expected = by_brute_force(loads)
    told = set(expected[2:30:3])
    for application_id in told:
        item = table.get(keys.case_pk(employer_id, application_id), "APP")
        assert isinstance(item, ApplicationItem)
        item.wait_state = "answered"
        item.save()
    still = [application_id for application_id in expected if application_id not in told]
    tally = tally_items.read(employer_id, AS_OF)
    page = call_list.page(employer_id, tally, Bookmark.first(tally, AS_OF, None), Filters(), 25)
    assert [row.application.id for row in page.rows] == still[:25]
    assert all_pages(employer_id, 10)[0] == still


def test_an_interview_that_has_not_ended_owes_no_word_yet(employer_id):
    """Nobody should be called about an interview that is still going on."""
    begun = a_load(AS_OF + timedelta(hours=47), since=AS_OF - timedelta(hours=1))
    not_begun = a_load(AS_OF + timedelta(hours=49), since=AS_OF + timedelta(hours=1))
    load(employer_id, [begun, not_begun])
    assert all_pages(employer_id, 10)[0] == [begun.application_id]


def answered(employer_id: str, one: Load) -> None:
    """Writes what a logged contact changes: application, wait and tally together."""
    told = replace(one.wait, state="answered", answered_at=AS_OF, answered_by="contact")
    application, waiting = items_of(employer_id, replace(one, wait=told, decided=None))
    transaction = Transaction()
    transaction.put(application)
    transaction.put(waiting)
    add(transaction, employer_id, rules.difference(rules.tally([(one.wait, True)]), rules.tally([(told, True)])))
    transaction.commit()


@pytest.mark.parametrize("seed", range(4))
def test_calling_down_the_list_while_it_changes_repeats_nobody_and_skips_nobody(employer_id, seed):
    """Two recruiters call at once and a third logs interviews: the pages are still one ordered list."""
    chance = random.Random(seed)  # noqa: S311
    loads = load(employer_id, random_loads(150, AS_OF, seed=seed, days=chance.choice([2, 30]), to_the_hour=seed % 2 == 0))
    by_id = {one.application_id: one for one in loads}
    met: list[str] = []
    told: set[str] = set()
    at = Bookmark.first(tally_items.read(employer_id, AS_OF), AS_OF, None)
    while True:
        page = call_list.page(employer_id, tally_items.read(employer_id, AS_OF), at, Filters(), chance.choice([1, 6, 20]))
        met += [row.application.id for row in page.rows]
        if page.next_start is None:
            break
        at = replace(at, start=page.next_start, number=len(met) + 1)
        gone = chance.sample([one for one in loads if one.application_id not in told], 5)
        for one in gone:
            answered(employer_id, one)
        told |= {one.application_id for one in gone}
        fresh = load(employer_id, random_loads(3, AS_OF, seed=chance.randint(0, 10**9), days=30))
        by_id |= {one.application_id: one for one in fresh}
    assert len(met) == len(set(met))
    places = [rank_key(by_id[x].wait.stage, by_id[x].wait.word_due_at, AS_OF, at.ahead, x) for x in met]
    assert places == sorted(places)
    assert set(by_brute_force(loads)) - told <= set(met)
