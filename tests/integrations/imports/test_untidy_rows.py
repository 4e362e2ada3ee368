"""Two thousand untidy rows, all kinds mixed: every row is accounted for, and the same files again change nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chalicelib.reputation import counters, recount
from chalicelib.storage import keys, table
from tests.integrations.imports.untidy import PROFILE, sheet

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-15")
OUTCOMES = ("created", "updated", "matched", "unchanged", "failed")


@pytest.fixture
def take(employer: Any, send: Any, run_ticks: Any) -> Any:
    """take(sheet, encoding) -> counts of the finished import, every row of which is accounted for"""
    saved = employer("PUT", "/v1/import_profiles/untidy", PROFILE, headers={"Content-Type": "application/json"})
    assert saved.status == 200, saved

    def run(made: Any, encoding: str) -> dict[str, int]:
        asked = {} if encoding.startswith("utf") else {"encoding": encoding}
        answer = send(made.raw(encoding), profile="untidy", on_fault="skip_row", **asked)
        assert answer.status == 202, answer
        run_ticks()
        found = employer.get(answer.headers["Location"]).json
        assert found["state"] == "finished", found
        counted = {name: found[name] for name in OUTCOMES}
        assert sum(counted.values()) == found["rows"] == found["done"]
        assert found["rows"] + found["faulty_rows"] + found["blank_rows"] == len(made.rows)
        return counted

    return run


def _records(employer_id: str) -> dict[str, Any]:
    """All candidates, applications and interviews as they are stored."""
    found: dict[str, Any] = {}
    for kind in ("CAND", "APP", "INT"):
        for rows in counters.listed(keys.list_key(employer_id, kind), 500):
            some = [(row["PK"]["S"], row["SK"]["S"]) for row in rows]
            found |= {str(key): item.attribute_values for key, item in table.get_many(some).items()}
    return found


def _total(counts: list[dict[str, int]], *names: str) -> int:
    return sum(count[name] for count in counts for name in names)


@pytest.mark.parametrize("rows", [100, pytest.param(2_000, marks=pytest.mark.long)])
def test_untidy_rows_twice_change_nothing_the_second_time(take: Any, employer: Any, clock: Any, rows: int, capsys: Any) -> None:
    """All kinds mixed, in five encodings; then some people are corrected, and exactly their rows are updates."""
    sheets = [(sheet(seed, rows // len(ENCODINGS), clock.now), encoding) for seed, encoding in enumerate(ENCODINGS, 1)]
    begun = time.perf_counter()
    first = [take(*one) for one in sheets]
    assert _total(first, "created") > rows / 3
    before = _records(employer.employer_id)
    again = [take(*one) for one in sheets]
    taken = time.perf_counter() - begun
    assert _total(again, "created", "updated", "matched") == 0
    assert _records(employer.employer_id) == before
    assert recount.recount(employer.employer_id).differences == {}
    corrected = [(made.corrected(), encoding) for made, encoding in sheets]
    third = [take(*one) for one in corrected]
    assert _total(third, "created") == 0
    assert _total(third, "updated") > 0
    numbers = {made.rows[at]["Phone"] for made, _ in corrected for at in made.corrected_rows}
    assert len(numbers & {one.get("phone") for one in _records(employer.employer_id).values()}) == _total(
        third, "updated", "matched"
    )
    if rows > 1_000:
        with capsys.disabled():
            print(f"\n{rows} untidy rows twice in {taken:.0f} s: {first}, then {again}")  # noqa: T201 - figures for people
