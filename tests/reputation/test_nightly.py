"""The nightly job: a snapshot a day, a recount a night, and one bad employer never holds up the others."""

from __future__ import annotations

import logging

import pytest

from chalicelib.applications.tally_items import add
from chalicelib.reputation import counters, nightly
from chalicelib.storage import keys
from chalicelib.storage.table import Transaction
from tests.reputation.loading import load, random_loads


def test_every_employer_gets_one_snapshot_a_day_however_often_the_job_runs(api, clock):
    """EventBridge may fire twice; a history with two scores for a day is no history."""
    tenants = [api.new_employer() for _ in range(3)]
    load(tenants[0].employer_id, random_loads(30, clock.now))
    first = nightly.run(clock.now)
    assert (first["employers"], first["snapshots"], first["recounted"], first["different"], first["failed"]) == (3, 3, 3, 0, 0)
    clock.advance(minutes=5)
    again = nightly.run(clock.now)
    assert (again["snapshots"], again["recounted"], again["failed"]) == (0, 0, 0)
    assert [len(tenant.get("/v1/risk/history").json["data"]) for tenant in tenants] == [1, 1, 1]


def test_the_history_says_what_the_score_said(employer, clock):
    """Somebody will ask whether the calls helped: the history must hold the very figures of that day."""
    load(employer.employer_id, random_loads(40, clock.now, answered=0.3))
    said = []
    for _ in range(5):
        nightly.run(clock.now)
        said.append(employer.get("/v1/risk").json)
        clock.advance(days=1)
    listed = employer.get("/v1/risk/history").json
    assert listed["data"] == [{"date": risk["as_of"][:10], **risk} for risk in reversed(said)]


def test_the_history_comes_in_pages_and_by_dates(employer, clock):
    """A year of days is more than a page: none may be shown twice or left out."""
    for _ in range(5):
        nightly.run(clock.now)
        clock.advance(days=1)
    dates, cursor = [], {}
    while True:
        page = employer.get("/v1/risk/history", query={"limit": 2, **cursor}).json
        dates += [day["date"] for day in page["data"]]
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert dates == ["2026-06-06", "2026-06-05", "2026-06-04", "2026-06-03", "2026-06-02"]
    some = employer.get("/v1/risk/history", query={"from": "2026-06-03", "to": "2026-06-04"}).json["data"]
    assert [day["date"] for day in some] == ["2026-06-04", "2026-06-03"]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-6-3"},
        {"to": "yesterday"},
        {"from": "2026-06-04", "to": "2026-06-03"},
        {"cursor": "AAAA"},
        {"since": "2026-06-03"},
    ],
)
def test_a_wrong_question_about_the_history_is_422(employer, query):
    """A client that misspells a filter must hear so, not get another list."""
    assert employer.get("/v1/risk/history", query=query).status == 422


def test_a_wrong_tally_is_repaired_and_raises_the_alarm(employer, clock, caplog):
    """The tally is written with every change: a difference is a fault of ours, and somebody must look."""
    load(employer.employer_id, random_loads(20, clock.now))
    before = employer.get("/v1/risk").json["score"]
    transaction = Transaction()
    add(transaction, employer.employer_id, {"2026-05-20": {"ir09": 4}})
    transaction.commit()
    assert employer.get("/v1/risk").json["score"] != before
    with caplog.at_level(logging.ERROR, logger="heardback"):
        assert nightly.run(clock.now)["different"] == 1
    assert employer.get("/v1/risk").json["score"] == before
    assert f"tally_difference employer={employer.employer_id} waits=20 days=2026-05-20 repaired=2026-05-20" in caplog.text


def test_one_employer_that_fails_holds_up_nobody(api, clock, monkeypatch, caplog):
    """A poisoned record is reported; the others' snapshots are written all the same."""
    tenants = [api.new_employer() for _ in range(3)]
    read = counters.read

    def poisoned(employer_id, as_of):
        if employer_id == tenants[1].employer_id:
            raise ValueError("poison")
        return read(employer_id, as_of)

    monkeypatch.setattr(counters, "read", poisoned)
    counts = nightly.run(clock.now)
    assert counts["snapshots"] == 2
    assert counts["failed"] >= 1
    assert f"nightly_failed employer={tenants[1].employer_id}" in caplog.text
    monkeypatch.undo()
    assert nightly.run(clock.now)["snapshots"] == 1
    assert [len(tenant.get("/v1/risk/history").json["data"]) for tenant in tenants] == [1, 1, 1]


def test_a_run_that_stops_early_is_gone_on_with_by_the_next(api, clock, monkeypatch):
    """A Lambda has a quarter of an hour: what is left must not wait for ever."""
    tenants = [api.new_employer() for _ in range(3)]
    for tenant in tenants:
        load(tenant.employer_id, random_loads(5, clock.now))
    monkeypatch.setattr(nightly, "RECOUNT_AT_MOST", 5)
    runs = [nightly.run(clock.now) for _ in range(4)]
    assert [(run["recounted"], run["left"]) for run in runs] == [(1, 2), (1, 1), (1, 0), (0, 0)]


def test_the_key_of_a_snapshot_is_its_utc_date(employer, clock):
    """Evening in New York is tomorrow in UTC: all dates of the tally are UTC, and so is the history's."""
    clock.set(clock.now.replace(hour=23, minute=59))
    nightly.run(clock.now)
    assert counters.snapshot_key(employer.employer_id, "2026-06-02") == (keys.risk_pk(employer.employer_id), "DAY#2026-06-02")
    assert employer.get("/v1/risk/history").json["data"][0]["date"] == "2026-06-02"
