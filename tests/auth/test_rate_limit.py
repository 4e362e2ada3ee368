"""Limits on how often a client may ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.auth.rate_limit import (
    CodeTry,
    TokenBuckets,
    allow_within_day,
    allow_within_hour,
    code_worked,
    give_back_of_day,
    hour_is_full,
    is_known,
    note_known,
    take_back,
    try_code,
)
from chalicelib.errors import ConditionFailed, TooManyRequests
from chalicelib.storage.table import Transaction


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


def test_each_second_fills_a_bucket_up_to_two_seconds_worth() -> None:
    """3 a second: the headers say what is left and how long until it is full; a day fills it no further."""
    seconds = [100.0]
    buckets = TokenBuckets(3, monotonic=lambda: seconds[0])
    said = [buckets.take("one")["RateLimit"] for _ in range(6)]
    assert said == [f'"requests";r={left};t={until}' for left, until in [(5, 1), (4, 1), (3, 1), (2, 2), (1, 2), (0, 2)]]
    seconds[0] += 1
    assert [buckets.take("one")["RateLimit"] for _ in range(3)] == [
        '"requests";r=2;t=2',
        '"requests";r=1;t=2',
        '"requests";r=0;t=2',
    ]
    with pytest.raises(TooManyRequests):
        buckets.take("one")
    seconds[0] += 86_400
    assert buckets.take("one")["RateLimit"] == '"requests";r=5;t=1'


def test_a_slow_bucket_says_how_many_seconds_to_wait() -> None:
    """One in ten seconds: a refused request changes nothing."""
    seconds = [100.0]
    buckets = TokenBuckets(0.1, monotonic=lambda: seconds[0])
    assert buckets.take("one") == {"RateLimit-Policy": '"requests";q=1;w=2', "RateLimit": '"requests";r=0;t=10'}
    for waited, left in ((0, 10), (4, 6), (3, 3)):
        seconds[0] += waited
        with pytest.raises(TooManyRequests) as refused:
            buckets.take("one")
        assert refused.value.headers["Retry-After"] == str(left)
    seconds[0] += 3.001
    buckets.take("one")


def test_a_full_hour_names_the_seconds_until_the_next() -> None:
    """The headers and the words say the same."""
    error = hour_is_full("mails", 5, datetime(2026, 6, 2, 14, 59, 30, tzinfo=UTC), "Too many mails.", code="too_many_requests")
    policy = {"RateLimit-Policy": '"mails";q=5;w=3600', "RateLimit": '"mails";r=0;t=30'}
    assert (error.headers, error.detail, error.code) == ({"Retry-After": "30", **policy}, "Too many mails.", "too_many_requests")
    assert hour_is_full("mails", 5, datetime(2026, 6, 2, 15, 0, tzinfo=UTC), "").headers["Retry-After"] == "3600"


def limits(stack: Any) -> list[tuple[str, int, int]]:
    """(key, times, expires at) of what is counted."""
    items = stack.table.client().scan(TableName=stack.table.Item.Meta.table_name)["Items"]
    found = [one for one in items if one["SK"]["S"] == "LIMIT"]
    return sorted((one["PK"]["S"], int(one["times"]["N"]), int(one["expires_at"]["N"])) for one in found)


def test_counts_stand_under_the_same_key_in_every_version(stack: Any, clock: Any) -> None:
    """Two versions at work count together. A count vanishes an hour after its hour, or its day, has passed."""
    clock.set(datetime(2026, 6, 2, 14, 30, tzinfo=UTC))
    allow_within_hour("mail", "a@example.com", 2, clock())
    four = int(datetime(2026, 6, 2, 16, tzinfo=UTC).timestamp())
    assert limits(stack) == [("LIMIT#1e91115b72624e7dbac9c1468f53dafe#494558", 1, four)]


def test_a_days_count_is_kept_for_the_day_and_can_be_given_back(stack: Any, clock: Any) -> None:
    """From midnight to midnight, UTC; nothing is given back below none."""
    clock.set(datetime(2026, 6, 2, 23, 59, 59, tzinfo=UTC))
    assert [allow_within_day("phone", "one", 2, clock()) for _ in range(3)] == [True, True, False]
    [(_, times, expires_at)] = limits(stack)
    assert (times, expires_at) == (2, int(datetime(2026, 6, 3, 1, tzinfo=UTC).timestamp()))
    give_back_of_day("phone", "one", clock())
    assert [allow_within_day("phone", "one", 2, clock()) for _ in range(2)] == [True, False]
    assert not allow_within_day("phone", "one", 2, datetime(2026, 6, 2, 0, 0, tzinfo=UTC))
    assert allow_within_day("phone", "two", 2, clock()) and allow_within_day("text", "one", 2, clock())
    clock.advance(seconds=1)
    assert allow_within_day("phone", "one", 2, clock())
    give_back_of_day("phone", "one", clock())
    with pytest.raises(ConditionFailed):
        give_back_of_day("phone", "one", clock())
    assert [allow_within_day("phone", "one", 2, clock()) for _ in range(3)] == [True, True, False]


def test_a_network_is_known_for_90_days_to_its_mailbox_alone(stack: Any, clock: Any) -> None:
    """By the mailbox, however it is written."""
    transaction = Transaction()
    note_known(transaction, "Ann+jobs@Example.com", "203.0.113.0/24", clock())
    note_known(transaction, "ann@example.com", None, clock())
    transaction.commit()
    assert is_known("ann@example.com", "203.0.113.0/24", clock())
    assert not is_known("ann@example.com", "198.51.100.0/24", clock()) and not is_known("ann@example.com", "", clock())
    assert not is_known("ben@example.com", "203.0.113.0/24", clock())
    assert is_known("ann@example.com", "203.0.113.0/24", clock.advance(days=90, seconds=-1))
    assert not is_known("ann@example.com", "203.0.113.0/24", clock.advance(seconds=1))


def test_tries_of_codes_are_counted_by_mailbox_and_by_network(stack: Any, clock: Any) -> None:
    """Five for a mailbox; then five more, told only where right, from a network that its owner used; 60 from one network."""
    ann, home, away = "ann@example.com", "203.0.113.0/24", "198.51.100.0/24"
    assert [try_code("code", ann, away, clock()) for _ in range(6)] == [CodeTry(True)] * 5 + [CodeTry(False, silent=True)]
    transaction = Transaction()
    note_known(transaction, ann, home, clock())
    transaction.commit()
    reserve = [try_code("code", ann, home, clock()) for _ in range(6)]
    assert reserve == [CodeTry(True, silent=True)] * 5 + [CodeTry(False, silent=True)]
    assert try_code("other code", ann, away, clock()) == CodeTry(True)
    code_worked("code", "Ann+x@example.com", away, clock())
    assert [try_code("code", ann, away, clock()).allowed for _ in range(2)] == [True, False]
    many = [try_code("code", f"p{number}@example.com", away, clock()) for number in range(60)]
    assert [one.allowed for one in many] == [True] * 53 + [False] * 7
    assert many[-1] == CodeTry(False, silent=False)
    assert try_code("code", "p60@example.com", "", clock()) == CodeTry(True)


def test_what_is_taken_back_is_taken_off_once_each(stack: Any, clock: Any) -> None:
    """Nobody without a name, and nothing below none."""
    for who in ("one", "two"):
        allow_within_hour("mail", who, 1, clock())
    take_back([("mail", "one"), ("mail", "")], clock())
    assert allow_within_hour("mail", "one", 1, clock()) and not allow_within_hour("mail", "two", 1, clock())
    take_back([("mail", "nobody")], clock())
    assert [allow_within_hour("mail", "nobody", 1, clock()) for _ in range(2)] == [True, False]
