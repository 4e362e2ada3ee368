"""The scheduler queues what is due, fairly, and writes nothing to the table."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from chalicelib import wiring
from chalicelib.jobs import scheduler
from chalicelib.jobs.queue import Queue, body_of, key_of
from chalicelib.jobs.registry import QueueName
from chalicelib.storage import ids

pytestmark = pytest.mark.usefixtures("all_due_shards")


class Recording:
    """A queue that records what was sent; `depth` records are in it already."""

    def __init__(self, depth=0):
        self.sent, self.standing = [], depth

    def depth(self):
        return self.standing

    def send(self, keys, *, per_second):
        self.sent += keys
        self.per_second = per_second
        return len(keys)


def run(queue, now, **limits):
    """Runs the scheduler with one queue for everything."""
    return scheduler.run({QueueName.REMINDERS: queue}, now, wiring.queue_of, **limits)


def test_one_employers_backlog_does_not_delay_another_employer(sending):
    """In turn: the small employer's single reminder is among the first two."""
    flood = [sending.interviewed() for _ in range(30)]
    sending.clock.advance(hours=1)
    small = sending.interviewed(sending.new_employer(name="Small"))
    sending.clock.advance(hours=48)
    queue = Recording()
    assert run(queue, sending.clock(), most=5)["queued"] == 5
    assert small.key in queue.sent[:2] and len(set(queue.sent) & {one.key for one in flood}) == 4


def test_a_run_writes_nothing_to_the_table(sending, meter):
    """So overlapping runs do no harm, and a run that dies leaves nothing undone."""
    sending.interviewed()
    sending.clock.advance(hours=48)
    meter.reset()
    run(Recording(), sending.clock())
    assert set(meter.requests) == {"Query"} and meter.requests["Query"] == 16


def test_what_is_queued_already_is_skipped(sending):
    """Queueing the same key every minute while workers are slow costs money for nothing."""
    for _ in range(5):
        sending.interviewed()
    sending.clock.advance(hours=48)
    assert run(Recording(5), sending.clock())["queued"] == 0
    later = Recording(3)
    counts = run(later, sending.clock())
    assert (counts["due"], counts["skipped"], counts["queued"]) == (5, 3, 2)


def test_a_lost_record_comes_again(sending):
    """The table holds what is due: an emptied queue loses nothing."""
    application = sending.interviewed()
    sending.clock.advance(hours=48)
    sending.tick()
    assert len(sending.received()) == 1
    sending.run()
    assert sending.statuses(application) == ["sent"]


def test_many_due_are_read_page_by_page_and_bounded(sending):
    """More than a page of a shard, and no more than asked for."""
    for _ in range(60):
        sending.interviewed()
    sending.clock.advance(hours=49)
    assert len(scheduler.due_keys(sending.clock(), most=10_000)) == 60
    assert len(scheduler.due_keys(sending.clock(), most=16)) <= 16


def test_the_newest_keys_are_read_where_not_all_can_be(sending):
    """Another employer's reminder that just became due is behind the whole backlog."""
    small = sending.interviewed(sending.new_employer(name="Small"), ended=sending.clock() + timedelta(minutes=1))
    while ids.due_shard(sending.interviewed().id) != ids.due_shard(small.id):
        continue
    sending.clock.advance(hours=48, minutes=1)
    assert small.key not in {key for _, key in scheduler.due_keys(sending.clock(), most=16)}
    assert small.key in {key for _, key in scheduler.due_keys(sending.clock(), most=16, newest=1)}


def test_the_age_of_the_oldest_due_item(sending):
    """The alarm and /healthz read it."""
    assert scheduler.oldest_due_seconds(sending.clock()) == 0
    sending.interviewed()
    sending.clock.advance(hours=48, seconds=90)
    assert scheduler.oldest_due_seconds(sending.clock()) == 90
    assert run(Recording(), sending.clock())["oldest_due_seconds"] == 90


def test_what_the_queue_refuses_is_queued_again(sending):
    """The next run finds it due."""
    for _ in range(12):
        sending.interviewed()
    sending.clock.advance(hours=48)
    sending.faults.throttle("SendMessageBatch", "RequestThrottled", times=20)
    assert sending.tick()["queued"] == 0
    sending.faults.clear()
    assert sending.tick()["queued"] == 12


def test_a_record_names_a_key_or_is_refused():
    """Anything else in the queue becomes a dead letter."""
    assert key_of(body_of(("EMP#a", "APP"))) == ("EMP#a", "APP")
    for body in ("", "[]", "{}", '{"pk": 1, "sk": "APP"}', '{"pk": "", "sk": "APP"}', '"x"', "null"):
        try:
            key_of(body)
        except ValueError:
            continue
        raise AssertionError(body)


def test_unreadable_records_come_again(sending):
    """They reach the dead-letter queue, whose alarm calls an operator."""
    from chalicelib.jobs import worker

    records = [{"messageId": "a", "body": "{}"}, {"messageId": "b", "body": "not json"}]
    assert worker.run(records, handlers=wiring.job_handlers(), clock=sending.clock) == ["a", "b"]


def test_at_most_a_minutes_worth_is_queued(sending):
    """More than the provider takes would be refused, and after an hour of refusals fail."""
    for _ in range(9):
        sending.interviewed()
    sending.clock.advance(hours=48)
    first, second = Recording(), Recording(depth=4)
    assert run(first, sending.clock(), per_second=0.1)["queued"] == 6
    assert run(second, sending.clock(), per_second=0.1)["queued"] == 2
    assert first.sent[4:] == second.sent, "ticks agree on the order: what is queued is what comes first"
    assert first.per_second == 0.1


def test_an_employer_has_a_rate_of_its_own(sending):
    """One employer's import of ten thousand must not use up the provider's rate for all."""
    flood = {sending.interviewed().key for _ in range(9)}
    small = sending.interviewed(sending.new_employer(name="Small"))
    sending.clock.advance(hours=48)
    first, second = Recording(), Recording(depth=5)
    assert run(first, sending.clock(), each=4)["queued"] == 5
    assert small.key in first.sent and len(flood & set(first.sent)) == 4
    assert run(second, sending.clock(), each=4)["queued"] == 0, "what was not drained is not added to"
    for key in first.sent:
        sending.deliver(key)
    third = Recording()
    assert run(third, sending.clock(), each=4)["queued"] == 4
    assert flood > set(third.sent) and not set(first.sent) & set(third.sent)


def test_a_single_message_is_not_delayed(sending):
    """Messages are spread over the minute only where there are many."""
    sending.interviewed()
    sending.clock.advance(hours=48)
    asked = []
    queue = Queue(
        SimpleNamespace(
            get_queue_attributes=lambda **_: {"Attributes": {}},
            send_message_batch=lambda **call: asked.append(call) or {"Successful": call["Entries"]},
        ),
        "url",
    )
    assert run(queue, sending.clock(), per_second=1)["queued"] == 1
    assert "DelaySeconds" not in asked[0]["Entries"][0]


def test_many_messages_leave_the_queue_at_the_providers_rate():
    """A minute's worth in one second would be refused."""
    delays = {}

    def taken(Entries, **_):
        delays.update({one["MessageBody"]: one.get("DelaySeconds", 0) for one in Entries})
        return {"Successful": Entries}

    keys = [(f"EMP#emp_{number}", "APP") for number in range(300)]
    assert Queue(SimpleNamespace(send_message_batch=taken), "url").send(keys, per_second=5) == 300
    for second in range(60):
        begun = sum(delay <= second for delay in delays.values())
        assert begun == 5 * second + 5


def test_the_order_within_an_instant_differs_from_day_to_day():
    """No application may be last every time that a send window opens."""
    keys = [(f"EMP#emp_1#CASE#{number:03}", "APP") for number in range(50)]
    monday, tuesday = (
        [key for _, key in scheduler.fair_order([(at, key) for key in keys])] for at in ("2026-06-01", "2026-06-02")
    )
    assert sorted(monday) == sorted(tuesday) == keys
    assert monday != tuesday != keys
    assert [at for at, _ in scheduler.fair_order([("b", keys[0]), ("a", keys[1])])] == ["a", "b"]


def test_a_single_reminder_is_queued_beside_a_queued_backlog() -> None:
    """A hundred thousand of one employer do not delay another's single one."""
    flood = [(f"EMP#big#CASE#{number:06}", "APP") for number in range(100_000)]
    order = scheduler.round_robin([*flood[:1000], ("EMP#small#CASE#1", "APP"), *flood[1000:]])
    for depth in (0, 1, 5_000):
        queued = scheduler.next_of(order, depth, 600)
        assert ("EMP#small#CASE#1", "APP") in queued[:2] and len(queued) == 600
    assert scheduler.next_of(order, 200_000, 600) == []
