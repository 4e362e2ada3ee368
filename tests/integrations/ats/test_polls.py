"""Greenhouse's interview times are polled once an hour. A fake of Harvest v3 answers in its documented shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.integrations.ats import polls
from chalicelib.storage import table
from tests.engines import Crash
from tests.integrations.ats.payloads import greenhouse, held
from tests.integrations.ats.vendor_api import Harvest

OAUTH = {"client_id": "client-of-the-tests", "api_key": "client-secret-of-the-tests"}


def row(
    ref: int = 9128481,
    application: int = 265277,
    start: str | None = "2026-06-02T09:00:00.000Z",
    end: str | None = "2026-06-02T10:00:00.000Z",
    status: str = "scheduled",
    **more: Any,
) -> dict[str, Any]:
    return {
        "id": ref,
        "job_id": 3485,
        "application_id": application,
        "job_interview_id": 113101,
        "starts_at": start,
        "ends_at": end,
        "all_day_start_on": None,
        "all_day_end_on": None,
        "location": "Room 5",
        "status": status,
        "organizer_id": None,
        "scheduled_at": None,
        "external_event_id": None,
        "created_at": "2026-05-28T12:00:00.000Z",
        "updated_at": "2026-06-01T12:00:00.000Z",
        **more,
    }


def _poll_of(ats: Any) -> Any:
    return ats.employer.get(f"/v1/integrations/{ats.id}").json["poll"]


@pytest.mark.parametrize("first", ["the event", "the poll"])
def test_an_interview_has_its_polled_times_whichever_comes_first(
    connect: Callable[..., Any], harvest: Harvest, clock: Any, first: str
) -> None:
    """The wait starts at the interview's end, and not when feedback was opened. Event and poll are one interview."""
    harvest.pages = [[row()]]
    ats = connect("greenhouse", **OAUTH)
    if first == "the poll":
        ats.work()
        assert ats.applications() == [], "only events name the person and the job"
    ats.tell(greenhouse(interviews=held(113101)))
    clock.advance(hours=1)
    ats.work()
    assert ats.application()["word_due_at"] == "2026-06-04T10:00:00.000Z"
    scheduled = [one for one in ats.employer.get("/v1/interviews").json["data"] if one["status"] == "scheduled"]
    assert [(one["start_at"], one["end_at"]) for one in scheduled] == [("2026-06-02T09:00:00.000Z", "2026-06-02T10:00:00.000Z")]
    assert _poll_of(ats)["note"] is None


def test_it_is_polled_once_an_hour_and_only_for_changes(connect: Callable[..., Any], harvest: Harvest, clock: Any) -> None:
    """What is read twice is stored once."""
    harvest.pages = [[row()], [row(2, 5)]]
    ats = connect("greenhouse", **OAUTH)
    ats.work()
    ats.work()
    clock.advance(minutes=59)
    ats.work()
    assert harvest.asked == [{"per_page": ["500"], "updated_at": ["gte|2026-05-03T14:00:00Z"]}, {"cursor": ["1"]}]
    assert len(ats.events("waiting")) == 2
    clock.advance(minutes=1)
    ats.work()
    assert harvest.asked[2] == {"per_page": ["500"], "updated_at": ["gte|2026-06-02T13:50:00Z"]}
    assert len(ats.events("waiting")) == 2


def test_a_moved_and_a_called_off_interview_are_updated(connect: Callable[..., Any], harvest: Harvest, clock: Any) -> None:
    """Nobody is reminded of an interview that did not take place."""
    harvest.pages = [[row(start="2026-06-03T09:00:00Z", end="2026-06-03T10:00:00Z")]]
    ats = connect("greenhouse", **OAUTH)
    ats.tell(greenhouse())
    assert ats.application()["loop"] == "booked"
    harvest.pages = [[row(start="2026-06-04T09:00:00Z", end="2026-06-04T10:00:00Z", updated_at="2026-06-02T14:10:00Z")]]
    clock.advance(hours=1)
    ats.work()
    assert ats.employer.get("/v1/interviews").json["data"][0]["start_at"] == "2026-06-04T09:00:00.000Z"
    harvest.pages = [[row(start=None, end=None, status="to_be_scheduled", updated_at="2026-06-02T15:10:00Z")]]
    clock.advance(hours=1)
    ats.work()
    assert ats.application()["loop"] == "idle"


def test_a_long_list_is_continued_an_hour_later(connect: Callable[..., Any], harvest: Harvest, clock: Any) -> None:
    """Two thousand at a time; none is skipped."""
    harvest.pages = [[row(number, number)] for number in range(1, 7)]
    ats = connect("greenhouse", **OAUTH)
    ats.work()
    assert len(ats.events("waiting")) == 4
    clock.advance(hours=1)
    ats.work()
    assert len(ats.events("waiting")) == 6
    assert [query.get("cursor") for query in harvest.asked] == [None, ["1"], ["2"], ["3"], ["4"], ["5"]]


@pytest.mark.parametrize(
    ("token_status", "status", "note"),
    [
        (401, 200, "the API key was refused (401)"),
        (200, 403, "the API key was refused (403)"),
        (200, 429, "the system answered 429"),
        (200, 302, "the system answered 302"),
        (503, 200, "the system answered 503"),
    ],
)
def test_a_failed_poll_is_noted_and_repeated_in_an_hour(
    connect: Callable[..., Any], harvest: Harvest, clock: Any, token_status: int, status: int, note: str
) -> None:
    """The connection shows the reason, and the API is not called in a loop."""
    harvest.token_status, harvest.status, harvest.pages = token_status, status, [[row()]]
    ats = connect("greenhouse", **OAUTH)
    ats.work()
    ats.work()
    assert (harvest.tokens, _poll_of(ats)["note"]) == (1, note)
    harvest.token_status = harvest.status = 200
    clock.advance(hours=1)
    ats.work()
    assert _poll_of(ats)["note"] is None and len(ats.events("waiting")) == 1


def test_no_other_host_is_called_whatever_a_link_says(connect: Callable[..., Any], harvest: Harvest) -> None:
    """The request carries the token."""
    harvest.next_host, harvest.pages = "http://127.0.0.1:1", [[row()], [row(2, 5)]]
    ats = connect("greenhouse", **OAUTH)
    ats.work()
    assert len(ats.events("waiting")) == 2


@pytest.mark.parametrize("odd", [{}, {"x": 1}, [None, 1, "x"], [{}], [row(starts_at=1, ends_at=[], updated_at={})]])
def test_unexpected_responses_cause_no_failed_events(connect: Callable[..., Any], harvest: Harvest, odd: Any) -> None:
    """Vendors change shapes without notice."""
    harvest.pages = [odd]
    ats = connect("greenhouse", **OAUTH)
    ats.work()
    assert _poll_of(ats)["note"] is None and ats.events("failed") == []


@pytest.mark.parametrize("after", range(4))
def test_an_interrupted_poll_loses_nothing(
    connect: Callable[..., Any], harvest: Harvest, faults: Any, clock: Any, after: int
) -> None:
    """A worker may die between any two writes. An hour later it polls the same again."""
    harvest.pages = [[row()], [row(2, 5)]]
    ats = connect("greenhouse", **OAUTH)
    poll = table.get(f"EMP#{ats.employer.employer_id}#ATS#{ats.id}", "POLL")
    faults.crash_after("TransactWriteItems", after=after)
    with pytest.raises(Crash):
        polls.process_poll(poll, clock())
    faults.clear()
    clock.advance(hours=1)
    ats.work()
    assert len(ats.events("waiting")) == 2


def test_polling_starts_with_a_client_and_ends_with_the_connection(
    connect: Callable[..., Any], harvest: Harvest, clock: Any
) -> None:
    """Half of a credential is refused."""
    ats = connect("greenhouse")
    path = f"/v1/integrations/{ats.id}"
    assert ats.employer.patch(path, {"client_id": OAUTH["client_id"]}).json["errors"][0]["pointer"] == "/api_key"
    assert ats.employer.patch(path, {"api_key": OAUTH["api_key"]}).json["errors"][0]["pointer"] == "/client_id"
    assert _poll_of(ats) is None
    assert ats.employer.patch(path, OAUTH).status == 200
    ats.work()
    assert harvest.tokens == 1
    assert ats.employer.patch(path, OAUTH).status == 200
    ats.work()
    assert harvest.tokens == 1, "a change of the connection does not poll more often"
    assert ats.employer.delete(path).status == 204
    clock.advance(hours=2)
    ats.work()
    assert harvest.tokens == 1
