"""One employer's workbooks that cannot be read hold the readers for a bounded part of an hour, and cost others nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.integrations.imports.file_quota import MOST
from tests.integrations.imports.conftest import XLSX, xlsx_of

GOOD = xlsx_of(["Name", "Job", "Applied"], ["Ada", "Welder", "2026-01-05"])
BROKEN = b"PK\x03\x04 no workbook"
HOW = {"dry_run": "true", "profile": "applicants"}


@pytest.fixture
def broken(send: Any) -> Any:
    return lambda tenant=None: send(BROKEN, tenant=tenant, headers=XLSX, **HOW)


def test_after_ten_unreadable_workbooks_an_hour_the_next_is_429(broken: Any, send: Any, api: Any, clock: Any) -> None:
    """A good one is refused too: what a file is shows only when it is read. CSV and others go on; so does the next hour."""
    clock.set(clock().replace(minute=30))
    assert [broken().status for _ in range(MOST)] == [422] * MOST
    refused = send(GOOD, **HOW)
    assert (refused.status, refused.json["code"], refused.headers["Retry-After"]) == (429, "too_many_unreadable_files", "1800")
    assert send(b"Name,Job,Applied\nAda,Welder,2026-01-05\n", **HOW).status == 200
    other = api.new_employer()
    assert send(GOOD, tenant=other, **HOW).status == 200 and broken(other).status == 422
    clock.advance(minutes=30)
    assert send(GOOD, **HOW).status == 200


def test_workbooks_that_can_be_read_count_nothing(send: Any, broken: Any) -> None:
    """Nor does one that was read and whose columns or rows are wrong."""
    wrong = xlsx_of(["Name", "Email"], ["Ada", "nowhere"])
    statuses = [send(GOOD if number % 2 else wrong, **HOW).status for number in range(MOST + 2)]
    assert set(statuses) <= {200, 422} and 200 in statuses
    assert broken().status == 422


def test_bombs_thrown_at_the_same_moment_are_counted_before_they_are_read(broken: Any, api: Any, send: Any) -> None:
    """Two employers throw twenty each: each has ten read."""
    tenants = [api.new_employer(), api.new_employer()]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda number: (number % 2, broken(tenants[number % 2]).status), range(4 * MOST)))
    for tenant in range(2):
        own = [status for whose, status in statuses if whose == tenant]
        assert (own.count(422), own.count(429)) == (MOST, MOST)


@pytest.mark.long  # the SDK's own retries of a throttled write take seconds
def test_a_count_that_cannot_be_taken_back_fails_no_import(send: Any, faults: Any) -> None:
    """The import is done; what was counted stays."""
    faults.throttle("TransactWriteItems", times=None, where="LIMIT#", after=1)
    assert send(GOOD, **HOW).status == 200
