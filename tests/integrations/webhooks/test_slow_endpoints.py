"""A slow endpoint takes a limited part of the workers' time, and delays no message of another employer."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest

from chalicelib.integrations.webhooks.pacing import QUICK_SECONDS, SLOTS_UNTIL, WORK_SECONDS, Pace
from infra.local.events import Context, queue_records
from tests.integrations.webhooks.conftest import URL

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SLOW_SECONDS = 3.5


@pytest.fixture
def endpoint(employer: Any, internet: Any) -> str:
    """The path of an employer's endpoint."""
    made = employer.post("/v1/webhook_endpoints", {"url": URL})
    assert made.status == 201, made
    return f"/v1/webhook_endpoints/{made.json['id']}"


@pytest.fixture
def slow(receiver: Any, monkeypatch: Any) -> list[float]:
    """Each response takes so many seconds of the clock that measures durations. Nobody really waits."""
    seconds, passed, real = [SLOW_SECONDS], [0.0], time.monotonic

    def respond() -> None:
        passed[0] += seconds[0]

    receiver.before_answer = respond
    monkeypatch.setattr(time, "monotonic", lambda: real() + passed[0])
    return seconds


def _test_events(employer: Any, endpoint: str, count: int) -> None:
    for _ in range(count):
        assert employer.post(f"{endpoint}/test").status == 202


def test_messages_go_out_while_another_employers_endpoint_does_not_respond(
    api, employer, endpoint, receiver, stack, outbox, clock
):
    """Ten texts of one employer, twelve webhooks of another: only the webhooks wait."""
    other = api.new_employer(name="Other", policy={"sms_countries": ["US"]})
    for number in range(10):
        who = {"name": f"Sam {number}", "phone": f"+120255501{number:02}"}
        who["sms_consent"] = {"given_at": clock.text(hours=-1), "source": "form"}  # type: ignore[assignment]
        application = {"candidate": who, "job_title": "Welder"}
        ended = {"start_at": clock.text(hours=-2), "end_at": clock.text(hours=-1)}
        assert other.post("/v1/interviews", {"application": application, "stage": "final", **ended}).status == 201
    clock.advance(hours=48)
    _test_events(employer, endpoint, 12)
    arrived, released = Event(), Event()
    receiver.before_answer = lambda: (arrived.set(), released.wait(5))
    stack.pumps.tick()
    webhooks = Thread(target=stack.pumps.drain, args=("heardback-webhooks",))
    webhooks.start()
    try:
        assert arrived.wait(5)
        stack.pumps.drain()
        assert (len(outbox.sms), len(receiver.got)) == (10, 1)
    finally:
        released.set()
        webhooks.join()


def test_a_slow_endpoint_gets_a_limited_part_of_each_minute(employer, endpoint, receiver, slow, run_ticks, clock):
    """It responds, so it does not fail: without a limit, a hundred events would occupy a worker for six minutes."""
    _test_events(employer, endpoint, 20)
    most = WORK_SECONDS / SLOW_SECONDS + 1
    counts = []
    for _ in range(4):
        before = len(receiver.got)
        run_ticks()
        counts.append(len(receiver.got) - before)
        clock.advance(minutes=1)
    assert sum(counts) == 20 and max(counts) <= most, counts
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 20, "each arrives, and once"


def test_a_delivery_that_waits_for_a_slow_endpoint_is_no_attempt(employer, endpoint, slow, run_ticks, clock):
    """Its ten attempts are for failures."""
    _test_events(employer, endpoint, 12)
    for _ in range(3):
        run_ticks()
        clock.advance(minutes=1)
    events = employer.get("/v1/events", query={"type": "webhook_endpoint.test"}).json["data"]
    deliveries = [one for event in events for one in employer.get(f"/v1/events/{event['id']}").json["deliveries"]]
    assert [(one["status"], one["attempts"]) for one in deliveries] == [("delivered", 1)] * 12


def test_what_waits_for_a_slow_endpoint_is_written_once_not_every_minute(employer, endpoint, slow, run_ticks, clock, meter):
    """Each delivery gets its slot: two writes to wait, two for the attempt."""
    _test_events(employer, endpoint, 15)
    meter.reset()
    for _ in range(3):
        run_ticks()
        clock.advance(minutes=1)
    assert meter.requests["TransactWriteItems"] <= 15 * 3


def test_a_quick_endpoint_is_not_paced(employer, endpoint, receiver, slow, run_ticks):
    """All of it at once, as before."""
    slow[0] = 0.1
    _test_events(employer, endpoint, 15)
    run_ticks()
    assert len(receiver.got) == 15


def test_an_endpoint_that_is_quick_again_is_soon_not_paced(employer, endpoint, receiver, slow, run_ticks, clock):
    """A bad quarter of an hour does not slow it for a day."""
    _test_events(employer, endpoint, 2)
    run_ticks()
    slow[0] = 0.01
    clock.advance(minutes=10)
    _test_events(employer, endpoint, 20)
    for _ in range(2):
        run_ticks()
        clock.advance(minutes=1)
    assert len(receiver.got) == 22


def test_two_workers_do_not_try_a_slow_endpoint_at_once(employer, endpoint, receiver, slow, stack, run_ticks, clock, faults):
    """The time is claimed with the delivery: the loser's delivery stays due."""
    _test_events(employer, endpoint, 1)
    run_ticks()
    clock.advance(minutes=5)
    _test_events(employer, endpoint, 2)
    stack.pumps.tick()
    [url] = [one for one in stack.queues if one.endswith("webhooks")]
    records = stack.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    stack.sqs.purge_queue(QueueUrl=url)
    first, second = (queue_records([one], "heardback-webhooks") for one in records)
    faults.before("TransactWriteItems", lambda: stack.app.send_webhooks(second, Context()) and None, where="SEND#")
    assert stack.app.send_webhooks(first, Context()) == {"batchItemFailures": []}
    assert len(receiver.got) == 2
    run_ticks()
    assert len(receiver.got) == 3


@pytest.mark.parametrize("seconds", [0.3, 1.0, 3.5, 6.0])
def test_the_work_of_any_minute_has_a_ceiling(seconds):
    """Twice the share at most, after a quiet minute, plus the attempt that crosses it; the share in the long run."""
    pace, began = Pace(seconds), []
    for tick in range(60 * 20):
        now = NOW + timedelta(seconds=tick)
        while pace.may_begin(now, has_slot=True):
            began.append(now)
            pace = Pace(seconds, pace.begin(now))
    busiest = max(sum(at <= one < at + MINUTE for one in began) for at in began)
    assert busiest * seconds <= 2 * WORK_SECONDS + seconds
    assert len(began) * seconds <= 21 * WORK_SECONDS + seconds


def test_slots_follow_each_other_and_end_after_half_an_hour():
    """Those without a slot ask again later, at different instants."""
    pace, slots = Pace(SLOW_SECONDS, NOW + 2 * MINUTE), []
    while True:
        at, next_slot = pace.take_slot(NOW)
        if next_slot is None:
            break
        slots.append(at)
        pace = Pace(SLOW_SECONDS, pace.busy_until, next_slot)
    assert slots[0] == NOW + MINUTE and slots == sorted(set(slots)) and slots[-1] <= NOW + SLOTS_UNTIL
    assert NOW + SLOTS_UNTIL / 2 <= at <= NOW + SLOTS_UNTIL
    assert pace.may_begin(slots[0], has_slot=True) and not pace.may_begin(slots[0], has_slot=False)


def test_one_quick_response_among_slow_ones_changes_little():
    pace = Pace(SLOW_SECONDS)
    assert pace.after(0.01) == pytest.approx(SLOW_SECONDS * 0.7)
    assert pace.after(5.0) == 5.0
    assert Pace(QUICK_SECONDS).after(0.01) is None and Pace().after(0.01) is None
