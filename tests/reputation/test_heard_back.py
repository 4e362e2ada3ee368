"""The published heard-back rate: opt-in, counted in public, signed, and left visibly."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from chalicelib.errors import Conflict
from chalicelib.reputation import heard_back, nightly
from chalicelib.rules.employer import Employer
from tests.reputation.loading import a_load, load


@pytest.fixture
def company(employer):
    return Employer(employer.employer_id, "Acme Robotics", "America/New_York", trial=False)


def answered(clock, count, days_ago=20):
    loads = [a_load(clock.now - timedelta(days=days_ago), answered=True, stage="final") for _ in range(count)]
    return [one for one in loads if one.wait.answered_at]


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def in_time(one):
    return replace(one, wait=replace(one.wait, answered_at=one.wait.word_due_at, answer="rejected"))


def test_it_is_the_share_of_due_answers_that_came_on_time(employer, api, clock, company):
    """18 in time, 3 still waiting: 86 % of 21. The signature holds by the published key, and for nothing else."""
    load(employer.employer_id, [in_time(one) for one in answered(clock, 18)])
    load(employer.employer_id, [a_load(clock.now - timedelta(days=5), stage="final") for _ in range(3)])
    assert api.get(f"/heard-back/{employer.employer_id}").status == 404
    heard_back.join(company, clock.now)
    page = api.get(f"/heard-back/{employer.employer_id}")
    assert page.status == 200 and "86% heard back on time" in page.json and "18 of 21 candidates" in page.json
    given = api.get(f"/heard-back/{employer.employer_id}/rate.json").json
    told = given["statement"]
    assert (told["on_time"], told["due"], told["days"], told["left_on"]) == (18, 21, 90, None)
    assert told["share"] == pytest.approx(18 / 21)
    [key] = [one for one in api.get("/.well-known/heard-back-keys.json").json["keys"] if one["key_id"] == given["key_id"]]
    signed = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    verify = VerifyKey(raw(key["public_key"]))
    verify.verify(signed, raw(given["signature"]))
    with pytest.raises(BadSignatureError):
        verify.verify(signed.replace(b'"on_time":18', b'"on_time":21'), raw(given["signature"]))


def test_below_twenty_due_answers_no_rate_is_published(employer, api, clock, company):
    """Nineteen of nineteen says more about chance than about the employer."""
    load(employer.employer_id, [in_time(one) for one in answered(clock, 19)])
    heard_back.join(company, clock.now)
    assert "too few answers yet" in api.get(f"/heard-back/{employer.employer_id}").json
    assert api.get(f"/heard-back/{employer.employer_id}/rate.json").json["statement"]["share"] is None
    assert "too few yet" in api.get(f"/heard-back/{employer.employer_id}/badge.svg").json
    load(employer.employer_id, [in_time(one) for one in answered(clock, 1)])
    nightly.run(clock.now)
    assert "100% of 20" in api.get(f"/heard-back/{employer.employer_id}/badge.svg").json


def test_a_candidate_who_contradicts_counts_against_it(employer, clock, company):
    """A logged call that nobody got is no answer: the wait is open again, due and not heard."""
    load(employer.employer_id, [in_time(one) for one in answered(clock, 20)])
    person = {"name": "Ada Sample", "email": "ada@example.com"}
    body = {
        "stage": "final",
        "start_at": clock.text(hours=-73),
        "end_at": clock.text(hours=-72),
        "application": {"job_title": "Welder", "candidate": person},
    }
    made = employer.post("/v1/interviews", body).json["application"]["id"]
    told = {"channel": "call", "outcome": "reached", "decision": "rejected", "occurred_at": clock.text(hours=-60)}
    assert employer.post(f"/v1/applications/{made}/contacts", told).status == 201
    heard_back.join(company, clock.now)
    assert (heard_back.read(company.id).figures["on_time"], heard_back.read(company.id).figures["due"]) == (21, 21)
    assert employer.post(f"/v1/applications/{made}/statements", {"heard": False}).status == 201
    heard_back.refresh(company, clock.now)
    assert (heard_back.read(company.id).figures["on_time"], heard_back.read(company.id).figures["due"]) == (20, 21)


def test_leaving_is_shown_and_the_old_figures_are_gone(employer, api, clock, company):
    """An employer cannot leave a good figure behind, nor quietly."""
    load(employer.employer_id, [in_time(one) for one in answered(clock, 25)])
    heard_back.join(company, clock.now)
    heard_back.leave(company.id, clock.now)
    nightly.run(clock.now)
    page = api.get(f"/heard-back/{company.id}").json
    assert "Acme Robotics left this programme" in page and "100%" not in page
    told = api.get(f"/heard-back/{company.id}/rate.json").json["statement"]
    assert (told["left_on"], told["share"], told["on_time"]) == (clock.now.date().isoformat(), None, None)
    assert f"left {clock.now.date()}" in api.get(f"/heard-back/{company.id}/badge.svg").json


def test_an_employer_on_trial_cannot_publish(clock):
    """Nobody has checked who it is."""
    with pytest.raises(Conflict):
        heard_back.join(Employer("emp_x", "Acme", "UTC", trial=True), clock.now)


def test_the_badge_may_be_shown_anywhere_and_runs_nothing(employer, api, clock):
    """An employer's name may hold anything."""
    odd = Employer(employer.employer_id, '"><script>alert(1)</script>', "UTC", trial=False)
    heard_back.join(odd, clock.now)
    answer = api.get(f"/heard-back/{employer.employer_id}/badge.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml" and "<script" not in answer.json
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "max-age" in answer.headers["Cache-Control"]
    assert "<script" not in api.get(f"/heard-back/{employer.employer_id}").json
