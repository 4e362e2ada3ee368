"""Limits on how often a client may ask."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.auth.rate_limit import TokenBuckets, allow_within_hour
from chalicelib.errors import TooManyRequests


def test_a_bucket_refills_with_time() -> None:
    """10 a second with a burst of 20: the 21st waits, and a tenth of a second lets one more through."""
    seconds = [100.0]
    buckets = TokenBuckets(10, monotonic=lambda: seconds[0])
    for _ in range(20):
        buckets.take("one")
    with pytest.raises(TooManyRequests) as refused:
        buckets.take("one")
    full = {"RateLimit-Policy": '"requests";q=20;w=2', "RateLimit": '"requests";r=0;t=1'}
    assert refused.value.headers == {"Retry-After": "1", **full}
    assert buckets.take("two")["RateLimit"] == '"requests";r=19;t=1'
    seconds[0] += 0.11
    buckets.take("one")


def test_answers_say_what_is_left_and_a_refusal_how_long_to_wait(employer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the fields of draft-ietf-httpapi-ratelimit-headers, on successes and errors alike."""
    from chalicelib.api import route

    buckets = TokenBuckets(1, monotonic=lambda: 100.0)
    monkeypatch.setattr(route, "_token_buckets", lambda _: buckets)
    first, second, third = employer.get("/v1/risk"), employer.get("/v1/interviews?limit=x"), employer.get("/v1/risk")
    assert [one.status for one in (first, second, third)] == [200, 422, 429]
    assert [one.headers["RateLimit"] for one in (first, second, third)] == [
        '"requests";r=1;t=1',
        '"requests";r=0;t=2',
        '"requests";r=0;t=1',
    ]
    assert third.headers["Retry-After"] == "1" and third.headers["RateLimit-Policy"] == '"requests";q=2;w=2'


def test_only_so_many_buckets_are_kept() -> None:
    """The one used least recently is dropped, and is full when it comes again."""
    buckets = TokenBuckets(0.5, buckets_most=3, monotonic=lambda: 100.0)
    for name in "abcd":
        buckets.take(name)
    assert len(buckets) == 3
    buckets.take("a")
    with pytest.raises(TooManyRequests):
        buckets.take("d")


def test_without_a_limit_nothing_is_refused() -> None:
    """A deployment may turn the limit off."""
    buckets = TokenBuckets(0)
    for _ in range(1000):
        buckets.take("one")


def test_an_hourly_limit_counts_each_client_and_purpose_apart_and_begins_anew_each_hour(stack: Any, clock: Any) -> None:
    """A limit of one address must not stop another, nor the same address from something else."""
    clock.set(clock().replace(minute=59))
    assert [allow_within_hour("mail", "a@example.com", 2, clock()) for _ in range(3)] == [True, True, False]
    assert allow_within_hour("mail", "b@example.com", 2, clock())
    assert allow_within_hour("link", "a@example.com", 2, clock())
    clock.advance(minutes=1)
    assert allow_within_hour("mail", "a@example.com", 2, clock())


def test_an_hourly_limit_stores_no_address(stack: Any, clock: Any) -> None:
    """Who asked is kept as a keyed hash."""
    assert allow_within_hour("mail", "planted@example.com", 2, clock())
    assert "planted" not in str(stack.table.client().scan(TableName=stack.table.Item.Meta.table_name)["Items"])
