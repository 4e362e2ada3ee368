"""A filtered list reads on until its page is full."""

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
