"""The retention rule by night: a pass that was cut off goes on, whatever became of the rule meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.applications.privacy import retention
from chalicelib.applications.privacy.items import RetentionItem
from chalicelib.storage import ids, keys


def test_a_longer_rule_does_not_stop_a_pass_that_was_cut_off(employer: Any, api: Any, clock: Any) -> None:
    """The place where it stopped is then younger than anybody who is over: that night must not fail, for anybody."""
    assert employer.patch("/v1/employer", {"policy": {"retention_months": 24}}).status == 200
    other = api.new_employer(policy={"retention_months": 6})
    rested = other.post("/v1/candidates", {"name": "Rita Rested"}).json["id"]
    now = clock() + timedelta(days=200)
    stopped_at = ids.new_id("cand", now - timedelta(days=190))
    key = (f"{keys.employer_pk(employer.employer_id)}#RETENTION", "RETENTION")
    RetentionItem(*key, after=stopped_at).save()
    assert retention.run(now) == {"retention_erased": 1, "retention_failed": 0}
    assert other.get(f"/v1/candidates/{rested}").status == 404
    assert RetentionItem.get(*key).after is None, "the next night begins anew"
