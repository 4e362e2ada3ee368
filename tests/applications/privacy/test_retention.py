"""The nightly retention rule: an interrupted pass continues, also where the rule has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.applications.privacy import retention
from chalicelib.applications.privacy.items import RetentionItem
from chalicelib.storage import ids, keys


def test_a_longer_period_does_not_break_an_interrupted_pass(employer: Any, api: Any, clock: Any) -> None:
    """The stored position is then younger than every candidate to erase. Other employers' passes must run too."""
    assert employer.patch("/v1/employer", {"policy": {"retention_months": 24}}).status == 200
    other = api.new_employer(policy={"retention_months": 6})
    inactive = other.post("/v1/candidates", {"name": "Rita Inactive"}).json["id"]
    now = clock() + timedelta(days=200)
    stopped_at = ids.new_id("cand", now - timedelta(days=190))
    key = (f"{keys.employer_pk(employer.employer_id)}#RETENTION", "RETENTION")
    RetentionItem(*key, after=stopped_at).save()
    assert retention.run(now) == {"retention_erased": 1, "retention_failed": 0}
    assert other.get(f"/v1/candidates/{inactive}").status == 404
    assert RetentionItem.get(*key).after is None, "the next night starts from the beginning"
