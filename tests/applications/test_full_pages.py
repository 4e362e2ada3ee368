"""A filtered list reads on until its page is full; that of the overdue reads no others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.reputation.loading import a_load, load


@pytest.mark.parametrize("wanted", ["overdue=true", "stage=final", "decided=rejected", "overdue=true&stage=final&loop=waiting"])
def test_the_first_page_is_full_where_matches_lie_behind_the_first_read(wanted: str, employer: Any, clock: Any) -> None:
    """Who asks for the overdue must not see an empty page because the latest applications are on time."""
    late = [a_load(clock.now - timedelta(days=3, hours=hour), stage="final", decided="rejected") for hour in range(30)]
    on_time = [a_load(clock.now + timedelta(hours=1 + number % 40), stage="screen") for number in range(150)]
    load(employer.employer_id, [*late, *on_time])
    page = employer.get(f"/v1/applications?{wanted}").json
    assert [len(page["data"]), page["has_more"]] == [25, True]
    rest = employer.get(f"/v1/applications?{wanted}&cursor={page['next_cursor']}").json
    assert [len(rest["data"]), rest["has_more"]] == [5, False]
    assert {one["id"] for one in page["data"] + rest["data"]} == {one.application_id for one in late}


def _paged(asker: Any, path: str, between: Any = lambda: None) -> list[str]:
    """The ids of all pages of a list; `between` is done after each."""
    met, cursor = [], ""
    while True:
        page = asker.get(f"{path}{cursor and f'&cursor={cursor}'}").json
        met += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            return met
        cursor = page["next_cursor"]
        between()


def test_thirty_overdue_behind_three_thousand_newer_ones_fill_the_first_page_and_cost_what_they_are(
    employer: Any, operator: Any, clock: Any, meter: Any
) -> None:
    """The employer's latest 2,000 applications do not match, and the size of the employer does not count."""
    late = [a_load(clock.now - timedelta(days=3, hours=hour), stage="final") for hour in range(30)]
    load(employer.employer_id, late)
    meter.reset()
    first = employer.get("/v1/applications?overdue=true").json
    alone = (meter.total, sum(meter.read_units.values()))
    load(employer.employer_id, [a_load(clock.now + timedelta(hours=1 + number % 40), stage="screen") for number in range(3_000)])
    meter.reset()
    page = employer.get("/v1/applications?overdue=true").json
    assert (meter.total, sum(meter.read_units.values())) == alone
    assert [len(page["data"]), page["has_more"], page["data"]] == [25, True, first["data"]]
    oldest_due_first = [one.application_id for one in reversed(late)]
    assert _paged(employer, "/v1/applications?overdue=true&limit=7") == oldest_due_first
    assert operator.new_employer().get("/v1/applications?overdue=true").json["data"] == []


def test_no_overdue_application_is_lost_or_doubled_while_others_are_answered_and_become_overdue(
    employer: Any, clock: Any
) -> None:
    """What stays overdue is met once, in pages of any stage and reach; what became so is met after it; what ended is not met."""
    late = [a_load(clock.now - timedelta(hours=3 + number // 4), reachable=number % 3 > 0) for number in range(24)]
    soon = [a_load(clock.now + timedelta(minutes=30)) for _ in range(3)]
    load(employer.employer_id, [*soon, *late])
    order = sorted(late, key=lambda one: (one.wait.word_due_at, one.application_id))
    answered = iter([order[2], order[12], order[20]])
    told: list[str] = []

    def meanwhile() -> None:
        clock.advance(hours=1)
        if one := next(answered, None):
            assert employer.patch(f"/v1/applications/{one.application_id}", {"status": "withdrawn"}).status == 200
            told.append(one.application_id)

    met = _paged(employer, "/v1/applications?overdue=true&limit=5", meanwhile)
    assert len(told) == 3 and len(met) == len(set(met))
    assert set(met) == {one.application_id for one in [*late, *soon]} - set(told[1:])
    assert set(met[-3:]) == {one.application_id for one in soon}


def test_a_cursor_of_another_order_is_refused_among_the_overdue(employer: Any, clock: Any) -> None:
    """Continued in the order by due hour, a place in the order by age would lose some."""
    load(employer.employer_id, [a_load(clock.now - timedelta(days=4, hours=hour)) for hour in range(3)])
    overdue, newest = "/v1/applications?overdue=true&limit=1", "/v1/applications?limit=1"
    for one, other in ((overdue, newest), (newest, overdue)):
        refused = employer.get(f"{other}&cursor={employer.get(one).json['next_cursor']}")
        assert refused.status == 422 and refused.json["errors"][0]["pointer"] == "?cursor"
