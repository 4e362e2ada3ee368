"""The nightly pass: waits that a version before the change feed wrote get their moments."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.applications import moment_pass
from chalicelib.storage.feed import feed_pk
from chalicelib.storage.table import Item
from tests.applications.changes.test_changes import changes, token_for_now, told
from tests.operations import interview_body


def booked(employer: Any, clock: Any, name: str, hours: float) -> dict[str, Any]:
    body = interview_body(clock, name=name, hours=hours)
    body["application"]["candidate"] |= {"email": f"{name.lower()}@example.com", "phone": None}
    answer = employer.post("/v1/interviews", body)
    assert answer.status == 201, answer
    return answer.json


def as_an_older_version_wrote(employer: Any) -> None:
    """Without moments, and without a feed."""
    for raw in Item.scan():
        is_own = raw.PK.startswith(f"EMP#{employer.employer_id}#CASE#")
        if is_own and raw.SK.startswith(("WAIT#", "INT#", "SNOOZE")):
            raw.update(actions=[Item.due_at.remove(), Item.due_shard.remove()])
    for item in Item.query(feed_pk(employer.employer_id)):
        item.delete()


def test_old_waits_are_told_of_by_the_clock_after_a_night(employer: Any, clock: Any) -> None:
    """One is to begin, one is to be due, one is snoozed. What has passed before is left as it is."""
    ahead, waits, late, asleep = (
        booked(employer, clock, name, hours)["application_id"]
        for name, hours in (("Ann", 3), ("Bob", -5), ("Cy", -90), ("Di", -99))
    )
    employer.patch(f"/v1/applications/{asleep}", {"snooze_until": clock.text(hours=20)})
    as_an_older_version_wrote(employer)
    since = token_for_now(employer)
    assert moment_pass.run(clock()) == {"moments_entered": 3, "moments_failed": 0}
    rows, since = changes(employer, since)
    assert {row["id"] for row in rows} == {ahead, waits, asleep}
    clock.advance(hours=50)
    rows, since = changes(employer, since)
    assert told(rows) == {
        ("application", ahead): ["interview.waiting"],
        ("application", waits): ["application.due", "application.overdue"],
        ("application", asleep): [],
    }
    clock.advance(days=9)
    assert late not in {row["id"] for row in changes(employer, since)[0]}


def test_a_second_night_finds_nothing_to_do(employer: Any, clock: Any) -> None:
    made = booked(employer, clock, "Ann", 3)
    as_an_older_version_wrote(employer)
    tag = employer.get(f"/v1/interviews/{made['id']}").json["updated_at"]
    assert moment_pass.run(clock())["moments_entered"] == 1
    assert moment_pass.run(clock.advance(days=8))["moments_entered"] == 0
    assert employer.get(f"/v1/interviews/{made['id']}").json["updated_at"] == tag


def test_a_pass_that_was_cut_off_goes_on_where_it_stopped(
    employer: Any, api: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One employer's many waits take no run from the others'."""
    other = api.new_employer()
    for number, tenant in enumerate((employer, employer, employer, other)):
        booked(tenant, clock, f"Person{number}", -3)
    for tenant in (employer, other):
        as_an_older_version_wrote(tenant)
    monkeypatch.setattr(moment_pass, "READ_MOST", 30)
    monkeypatch.setattr(moment_pass, "_PAGE", 1)
    first = moment_pass.run(clock())["moments_entered"]
    found = [first, *(moment_pass.run(clock())["moments_entered"] for _ in range(3))]
    assert 2 <= first < 4 and sum(found) == 4


def test_an_old_wait_that_was_answered_or_erased_meanwhile_is_left_alone(employer: Any, clock: Any, faults: Any) -> None:
    """The index still lists it."""
    made = booked(employer, clock, "Ann", -3)
    as_an_older_version_wrote(employer)
    where = f"/v1/candidates/{made['application']['candidate_id']}"
    faults.before("TransactWriteItems", lambda: employer.delete(where))
    assert moment_pass.run(clock()) == {"moments_entered": 0, "moments_failed": 0}
    assert employer.get(f"/v1/applications/{made['application_id']}").status == 404
