"""The scale of the review curve, learned from an employer's own reviews, ranks its call list: where they clearly say so."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.reputation import nightly
from chalicelib.rules.risk.model import days_overdue
from chalicelib.rules.risk.ranking import Outlook, delay_cost
from chalicelib.storage.table import stored_instant
from tests.reputation.loading import a_load, load


def test_a_scale_that_the_reviews_clearly_show_ranks_the_call_list_from_the_next_night_on(employer, clock):
    """Reviews of one bad day all came within two weeks: waiting costs most much earlier than the method assumes."""
    day = clock.now - timedelta(days=60)
    load(employer.employer_id, [a_load(day, stage="final") for _ in range(60)])
    load(employer.employer_id, [a_load(clock.now - timedelta(days=days), stage="final") for days in (2, 20)])
    for number in range(25):
        at = day + timedelta(days=3 + number * 0.4)
        told = {"posted_at": stored_instant(at), "rating": 1, "mentions_silence": True, "source": f"site {number}"}
        assert employer.post("/v1/observed_reviews", told).status == 201
    learned = employer.get("/v1/risk/learned").json["review_days"]
    assert learned["used"] == learned["central"] and learned["high"] < 30 == learned["default"]
    before = [row["delay_costs"] for row in employer.get("/v1/call_list", query={"limit": 2}).json["data"]]
    nightly.run(clock.now)
    rows = employer.get("/v1/call_list", query={"limit": 2}).json["data"]
    ahead = Outlook(7, round(learned["used"], 1))
    us = [days_overdue(datetime.fromisoformat(row["word_due_at"]), clock.now) for row in rows]
    assert [row["delay_costs"] for row in rows] == [delay_cost("final", u, ahead) for u in us] != before
    assert employer.get("/v1/risk").json["method"] == "2026-12"


def test_too_few_reviews_cannot_tell_and_change_nothing(employer, clock):
    """One review moves no list."""
    load(employer.employer_id, [a_load(clock.now - timedelta(days=60), stage="final") for _ in range(60)])
    told = {"posted_at": stored_instant(clock.now), "rating": 1, "mentions_silence": True, "source": "site"}
    assert employer.post("/v1/observed_reviews", told).status == 201
    nightly.run(clock.now)
    assert employer.get("/v1/risk/learned").json["review_days"]["used"] is None
    [row, *_] = employer.get("/v1/call_list", query={"limit": 1}).json["data"]
    u = days_overdue(datetime.fromisoformat(row["word_due_at"]), clock.now)
    assert row["delay_costs"] == delay_cost("final", u, Outlook(7))
