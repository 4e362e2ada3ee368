"""Interviews by their start and status: `?starts_after=`, `?starts_before=` and `?status=`."""

from __future__ import annotations

from typing import Any

import pytest

DAY = ("2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z")
STARTS = {
    "the evening before": "2026-06-01T23:59:59Z",
    "midnight": "2026-06-02T00:00:00Z",
    "noon": "2026-06-02T12:00:00Z",
    "midnight elsewhere": "2026-06-02T20:00:00-04:00",
    "the next midnight": "2026-06-03T00:00:00Z",
}


@pytest.fixture(scope="module")
def saved_interviews(saved_employer: Any, stack_of_session: Any) -> Any:
    """One interview for each start, with its name as the job's title."""
    employer, saved = saved_employer
    stack_of_session.restore(saved)
    for title, start in STARTS.items():
        body = {
            "application": {"job_title": title, "candidate": {"name": "Sam Sample", "email": "sam@example.com"}},
            "stage": "final",
            "start_at": start,
            "end_at": "2026-06-03T01:00:00Z",
        }
        assert employer.post("/v1/interviews", body).status == 201
    return stack_of_session.save()


@pytest.fixture
def interviews(employer: Any, stack: Any, saved_interviews: Any) -> Any:
    """The employer of these interviews."""
    stack.restore(saved_interviews)
    return employer


def found(tenant: Any, **query: Any) -> set[str]:
    """Job titles of all interviews that a query lists, page after page."""
    titles: list[str] = []
    for _ in range(100):
        page = tenant.get("/v1/interviews", query=query)
        assert page.status == 200, page
        titles += [one["application"]["job_title"] for one in page.json["data"]]
        if not page.json["has_more"]:
            break
        query = {**query, "cursor": page.json["next_cursor"]}
    assert len(titles) == len(set(titles))
    return set(titles)


@pytest.mark.parametrize("limit", [1, 100])
def test_days_share_no_interview_and_lose_none(interviews: Any, limit: int) -> None:
    """`starts_after` includes its instant, `starts_before` does not: midnight belongs to the day that begins."""
    day, next_day = DAY
    assert found(interviews, starts_after=day, starts_before=next_day, limit=limit) == {"midnight", "noon"}
    assert found(interviews, starts_before=day, limit=limit) == {"the evening before"}
    assert found(interviews, starts_after=next_day, limit=limit) == {"midnight elsewhere", "the next midnight"}
    assert found(interviews, starts_after=next_day, starts_before=day) == set()
    assert found(interviews, starts_after="2026-06-02T14:00:00+02:00", starts_before="2026-06-02T08:00:01-04:00") == {"noon"}


def test_the_status_filters_alone_and_with_the_others(interviews: Any, clock: Any) -> None:
    """An interview that is moved or cancelled is found by what it is now."""
    rows = {one["application"]["job_title"]: one for one in interviews.get("/v1/interviews").json["data"]}
    for title, act in (("the next midnight", "cancel"), ("noon", "cancel"), ("midnight", "cancel")):
        answer = interviews.post(f"/v1/interviews/{rows[title]['id']}/{act}")
        assert answer.status in (200, 409), answer
    listed = interviews.get("/v1/interviews", query={"limit": 100}).json["data"]
    for status in ("scheduled", "cancelled", "no_show"):
        expected = {one["application"]["job_title"] for one in listed if one["status"] == status}
        assert found(interviews, status=status) == expected
    moved = rows["the evening before"]
    assert interviews.patch(f"/v1/interviews/{moved['id']}", {"start_at": "2026-06-02T09:00:00Z"}).status == 200
    assert "the evening before" in found(interviews, starts_after=DAY[0], starts_before=DAY[1], status="scheduled")
    of_one = {"application_id": moved["application_id"]}
    assert found(interviews, starts_after=DAY[0], **of_one) == {"the evening before"}
    assert found(interviews, starts_before=DAY[0], **of_one) == set()


def test_another_employers_interviews_are_not_among_them(interviews: Any, api: Any) -> None:
    """With any filter."""
    assert found(api.new_employer(), starts_after="2026-01-01T00:00:00Z", status="scheduled") == set()


def test_a_wrong_filter_is_refused(interviews: Any) -> None:
    """An unknown status or a time without an offset would find nobody, or everybody."""
    for name, value in (("status", "held"), ("starts_after", "2026-06-02"), ("starts_before", "2026-06-02T00:00:00")):
        answer = interviews.get("/v1/interviews", query={name: value})
        assert (answer.status, [one["pointer"] for one in answer.json["errors"]]) == (422, [f"?{name}"])
    cursor = interviews.get("/v1/interviews", query={"limit": 1, "status": "scheduled"}).json["next_cursor"]
    assert interviews.get("/v1/interviews", query={"limit": 1, "status": "cancelled", "cursor": cursor}).status == 422
