"""The nightly job: one snapshot a day, one recount a night, for every employer."""

from __future__ import annotations

import logging

import pytest

from chalicelib.applications.tally_items import add
from chalicelib.reputation import counters, nightly, recount
from chalicelib.storage import keys, table
from chalicelib.storage.table import Transaction
from infra.local.environment import TABLE
from tests.reputation.loading import load, random_loads


def test_every_employer_gets_one_snapshot_a_day_however_often_the_job_runs(api, clock):
    """EventBridge may run the job twice."""
    tenants = [api.new_employer() for _ in range(3)]
    load(tenants[0].employer_id, random_loads(30, clock.now))
    first = nightly.run(clock.now)
    assert (first["employers"], first["snapshots"], first["recounted"], first["different"], first["failed"]) == (3, 3, 3, 0, 0)
    clock.advance(minutes=5)
    again = nightly.run(clock.now)
    assert (again["snapshots"], again["recounted"], again["failed"]) == (0, 0, 0)
    assert [len(tenant.get("/v1/risk/history").json["data"]) for tenant in tenants] == [1, 1, 1]


def test_the_history_says_what_the_score_said(employer, clock):
    """The history keeps the exact figures of each day."""
    load(employer.employer_id, random_loads(40, clock.now, answered=0.3))
    said = []
    for _ in range(5):
        nightly.run(clock.now)
        said.append(employer.get("/v1/risk").json)
        clock.advance(days=1)
    listed = employer.get("/v1/risk/history").json
    assert listed["data"] == [{"date": risk["as_of"][:10], **risk} for risk in reversed(said)]


def test_the_history_comes_in_pages_and_by_dates(employer, clock):
    """No day is repeated or left out."""
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
def test_an_invalid_query_of_the_history_is_422(employer, query):
    """A misspelt filter is an error, not another list."""
    assert employer.get("/v1/risk/history", query=query).status == 422


def test_a_wrong_tally_is_repaired_and_raises_the_alarm(employer, clock, caplog):
    """A wrong tally is our bug, and an engineer must look."""
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


def test_one_employer_that_fails_does_not_stop_the_others(api, clock, caplog):
    """An unreadable record is logged; the snapshots of the other employers are stored."""
    tenants = [api.new_employer() for _ in range(3)]
    key = {"PK": {"S": keys.tally_pk(tenants[1].employer_id)}, "SK": {"S": "2026-05-30"}}
    table.client().put_item(TableName=TABLE, Item={**key, "ir09": {"S": "not a number"}})
    counts = nightly.run(clock.now)
    assert counts["snapshots"] == 2
    assert counts["failed"] >= 1
    assert f"nightly_failed employer={tenants[1].employer_id}" in caplog.text
    table.client().delete_item(TableName=TABLE, Key=key)
    assert nightly.run(clock.now)["snapshots"] == 1
    assert [len(tenant.get("/v1/risk/history").json["data"]) for tenant in tenants] == [1, 1, 1]


def test_a_run_that_stops_early_is_continued_by_the_next(api, clock):
    """A Lambda has 15 minutes: the remaining employers must be recounted the same night."""
    tenants = [api.new_employer() for _ in range(3)]
    for tenant in tenants:
        load(tenant.employer_id, random_loads(5, clock.now))
    runs = [nightly.run(clock.now, max_recount=5) for _ in range(4)]
    assert [(run["recounted"], run["left"]) for run in runs] == [(1, 2), (1, 1), (1, 0), (0, 0)]


def _write_a_day_wrongly(employer_id, day="2026-05-20"):
    transaction = Transaction()
    add(transaction, employer_id, {day: {"ir09": 4}})
    transaction.commit()


def test_the_recount_of_one_large_employer_goes_on_where_the_run_before_stopped(employer, clock, caplog):
    """An employer that takes longer than a Lambda lives would never be recounted; the next nights go on too."""
    load(employer.employer_id, random_loads(450, clock.now, days=20))
    _write_a_day_wrongly(employer.employer_id)
    runs = []
    with caplog.at_level(logging.ERROR, logger="heardback"):
        while not runs or runs[-1]["left"]:
            runs.append(nightly.run(clock.now, max_recount=200))
            clock.advance(hours=12)
            assert len(runs) < 10
    assert [run["waits"] for run in runs] == [200, 200, 250, 200, 50]  # two counts: one found it, one was sure
    assert [run["recounted"] for run in runs] == [0, 0, 0, 0, 1]
    assert f"tally_difference employer={employer.employer_id} waits=450 days=2026-05-20 repaired=2026-05-20" in caplog.text
    assert recount.recount(employer.employer_id).differences == {}


def test_a_day_written_between_two_parts_of_a_recount_is_not_compared(employer, clock, caplog):
    """Who books by day what a recount of two nights counts must not be told that the tally is wrong."""
    load(employer.employer_id, random_loads(250, clock.now, days=20))
    assert nightly.run(clock.now, max_recount=200)["left"] == 1
    load(employer.employer_id, random_loads(30, clock.now, days=20, seed=1))
    _write_a_day_wrongly(employer.employer_id)
    clock.advance(days=1)
    counts = nightly.run(clock.now)
    assert (counts["recounted"], counts["different"], counts["failed"]) == (1, 0, 0)
    clock.advance(days=1)
    assert nightly.run(clock.now)["different"] == 1  # the next recount begins again, and sees it


def test_the_key_of_a_snapshot_is_its_utc_date(employer, clock):
    """An evening in New York is the next day in UTC."""
    clock.set(clock.now.replace(hour=23, minute=59))
    nightly.run(clock.now)
    assert counters.snapshot_key(employer.employer_id, "2026-06-02") == (keys.risk_pk(employer.employer_id), "DAY#2026-06-02")
    assert employer.get("/v1/risk/history").json["data"][0]["date"] == "2026-06-02"
