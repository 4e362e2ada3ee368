"""Transactions commit in another order than their stamps: the feed loses none, however a client polls."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.applications.changes import entries
from chalicelib.storage.feed import SETTLED_AFTER, FeedItem, feed_pk, place_at
from chalicelib.storage.table import Transaction

_NUMBERS = count()
BEGIN = datetime(2026, 6, 2, 14, tzinfo=UTC)
EMPLOYER = "emp_01KT0000000000000000000000"


def commit(number: int, stamp: datetime, *, employer: str = EMPLOYER) -> None:
    """An entry of one record, that becomes visible now although it was stamped then."""
    transaction = Transaction()
    sk = f"{place_at(stamp)}#{number:010}"
    transaction.create(FeedItem(feed_pk(employer), sk, at=stamp, rows=[["candidate", f"cand_{number:026}"]]))
    transaction.commit()


def stored(position: entries.Position) -> entries.Position:
    return entries.from_json(entries.as_json(position))


def poll(position: entries.Position, most: int, now: datetime, *, employer: str = EMPLOYER):
    """All pages: (numbers of records, position)."""
    found: list[int] = []
    for _ in range(1000):
        page = entries.read(employer, stored(position), most, now)
        found += [int(change.id[5:]) for change in page.changes]
        position = page.position
        if not page.more:
            return found, position
    raise AssertionError("pages without end")


def test_an_entry_that_commits_late_is_told(empty_table):
    position = entries.start(EMPLOYER, BEGIN).position
    commit(1, BEGIN + timedelta(seconds=1))
    told, position = poll(position, 10, BEGIN + timedelta(seconds=2))
    assert told == [1]
    commit(2, BEGIN + timedelta(seconds=0.5))
    told, position = poll(position, 10, BEGIN + timedelta(seconds=20))
    assert 2 in told
    assert poll(position, 10, BEGIN + timedelta(seconds=21))[0] == []


def test_an_entry_that_commits_after_the_token_was_given_is_told(empty_table):
    """Its stamp is older than the token, and a list that was read right after the token did not show its record."""
    position = entries.start(EMPLOYER, BEGIN).position
    commit(1, BEGIN - timedelta(seconds=5))
    assert poll(position, 10, BEGIN + timedelta(seconds=1))[0] == [1]


def test_a_token_that_is_read_again_tells_the_same(empty_table):
    """A client that lost the answer asks again with the same token."""
    position = entries.start(EMPLOYER, BEGIN).position
    for number in range(5):
        commit(number, BEGIN + timedelta(seconds=number))
    first, _ = poll(position, 2, BEGIN + timedelta(seconds=9))
    assert poll(position, 2, BEGIN + timedelta(seconds=9))[0] == first == [0, 1, 2, 3, 4]


def test_a_burst_that_no_page_holds_is_told_whole_within_half_a_minute(empty_table):
    """Forty writes a second, and a client that asks each second for small pages."""
    position, told = entries.start(EMPLOYER, BEGIN).position, []
    for second in range(4):
        for number in range(40):
            commit(second * 40 + number, BEGIN + timedelta(seconds=second, milliseconds=number * 20))
        some, position = poll(position, 8, BEGIN + timedelta(seconds=second + 1))
        told += some
    some, _ = poll(position, 8, BEGIN + SETTLED_AFTER + timedelta(seconds=5))
    assert set(told + some) == set(range(160))


def any_history(seed: int, most: int, writes: int) -> None:
    """Entries that commit up to 20 seconds after their stamp, and a client that polls at any time, with pages of any size."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    employer = f"emp_{next(_NUMBERS):026}"
    stamps = [BEGIN + timedelta(seconds=chance.random() * chance.choice((5, 60))) for _ in range(writes)]
    commits = [(stamp + timedelta(seconds=chance.random() ** 3 * 20), number, stamp) for number, stamp in enumerate(stamps)]
    polls = [(BEGIN + timedelta(seconds=chance.random() * 90), -1, BEGIN) for _ in range(chance.randint(0, 40))]
    position, told = entries.start(employer, BEGIN).position, set()
    for at, number, stamp in sorted([*commits, *polls]):
        if number >= 0:
            commit(number, stamp, employer=employer)
        elif chance.random() < 0.5:
            page = entries.read(employer, stored(position), most, at)
            told |= {int(change.id[5:]) for change in page.changes}
            position = page.position
        else:
            some, position = poll(position, most, at, employer=employer)
            told |= set(some)
    some, position = poll(position, most, BEGIN + timedelta(seconds=200), employer=employer)
    assert told | set(some) == set(range(writes)), seed
    assert poll(position, most, BEGIN + timedelta(seconds=300), employer=employer)[0] == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), most=st.integers(1, 30))
def test_no_order_of_commits_loses_a_change(empty_table, seed, most):
    any_history(seed, most, 25)


@pytest.mark.long
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), most=st.integers(1, 100))
def test_no_order_of_many_commits_loses_a_change(empty_table, seed, most):
    any_history(seed, most, 150)
