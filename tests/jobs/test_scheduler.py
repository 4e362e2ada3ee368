"""The tick: reads what is due and queues it, fairly, writing nothing."""

from datetime import timedelta
from types import SimpleNamespace

from chalicelib.jobs import scheduler
from chalicelib.jobs.queue import Queue, body_of, key_of
from chalicelib.storage import ids


class Recording:
    """A queue that remembers, at its edge: `depth` records stand in it already."""

    def __init__(self, depth=0):
        self.sent, self.standing = [], depth

    def depth(self):
        return self.standing

    def send(self, keys, *, per_second):
        self.sent += keys
        self.per_second = per_second
        return len(keys)


def test_one_employers_flood_does_not_delay_anothers_one(sending):
    """Round-robin: the small employer's single reminder is among the first two."""
    flood = [sending.interviewed() for _ in range(30)]
    sending.clock.advance(hours=1)
    small = sending.interviewed(sending.new_employer(name="Small"))
    sending.clock.advance(hours=48)
    queue = Recording()
    assert scheduler.run(queue, sending.clock(), most=5)["queued"] == 5
    assert small.key in queue.sent[:2] and len(set(queue.sent) & {one.key for one in flood}) == 4


def test_a_tick_writes_nothing_to_the_table(sending, meter):
    """So two at once are one, and one that dies leaves nothing behind."""
    sending.interviewed()
    sending.clock.advance(hours=48)
    meter.reset()
    scheduler.run(Recording(), sending.clock())
    assert set(meter.requests) == {"Query"} and meter.requests["Query"] == 16


def test_what_is_queued_already_is_passed_over(sending):
    """Nothing is gained by queueing the same key every minute while a worker is slow."""
    for _ in range(5):
        sending.interviewed()
    sending.clock.advance(hours=48)
    assert scheduler.run(Recording(5), sending.clock())["queued"] == 0
    later = Recording(3)
    counts = scheduler.run(later, sending.clock())
    assert (counts["due"], counts["skipped"], counts["queued"]) == (5, 3, 2)


def test_a_lost_record_comes_again(sending):
    """The truth is the table: an emptied queue loses nothing."""
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


def test_of_a_flood_that_cannot_be_read_whole_the_newest_are_seen_too(sending):
    """Somebody else's reminder that has just fallen due stands behind all of it."""
    small = sending.interviewed(sending.new_employer(name="Small"), ended=sending.clock() + timedelta(minutes=1))
    while ids.due_shard(sending.interviewed().id) != ids.due_shard(small.id):
        continue
    sending.clock.advance(hours=48, minutes=1)
    assert small.key not in {key for _, key in scheduler.due_keys(sending.clock(), most=16)}
    assert small.key in {key for _, key in scheduler.due_keys(sending.clock(), most=16, newest=1)}


def test_the_age_of_the_oldest_due_thing(sending):
    """Alarms look at it."""
    assert scheduler.oldest_due_seconds(sending.clock()) == 0
    sending.interviewed()
    sending.clock.advance(hours=48, seconds=90)
    assert scheduler.oldest_due_seconds(sending.clock()) == 90
    assert scheduler.run(Recording(), sending.clock())["oldest_due_seconds"] == 90


def test_a_queue_that_refuses_a_batch_costs_nothing_but_time(sending):
    """The next minute queues it again."""
    for _ in range(12):
        sending.interviewed()
    sending.clock.advance(hours=48)
    sending.faults.throttle("SendMessageBatch", "RequestThrottled", times=20)
    assert sending.tick()["queued"] == 0
    sending.faults.clear()
    assert sending.tick()["queued"] == 12


def test_a_record_names_its_key_and_nothing_else_is_taken_for_one():
    """Whoever puts something else into the queue gets it back as a dead letter."""
    assert key_of(body_of(("EMP#a", "APP"))) == ("EMP#a", "APP")
    for body in ("", "[]", "{}", '{"pk": 1, "sk": "APP"}', '{"pk": "", "sk": "APP"}', '"x"', "null"):
        try:
            key_of(body)
        except ValueError:
            continue
        raise AssertionError(body)


def test_records_that_cannot_be_read_are_handed_back(sending):
    """They reach the dead-letter queue, where somebody looks."""
    from chalicelib import wiring
    from chalicelib.jobs import worker

    records = [{"messageId": "a", "body": "{}"}, {"messageId": "b", "body": "not json"}]
    assert worker.run(records, handlers=wiring.job_handlers(), clock=sending.clock) == ["a", "b"]


def test_what_exceeds_a_minutes_worth_waits_in_the_table(sending):
    """A provider that refuses half of a Monday morning sends none of it sooner, and an hour of refusals would end in failures."""
    for _ in range(9):
        sending.interviewed()
    sending.clock.advance(hours=48)
    first, second = Recording(), Recording(depth=4)
    assert scheduler.run(first, sending.clock(), per_second=0.1)["queued"] == 6
    assert scheduler.run(second, sending.clock(), per_second=0.1)["queued"] == 2
    assert first.sent[4:] == second.sent, "ticks agree on the order: what is queued is what comes first"
    assert first.per_second == 0.1


def test_an_employer_has_a_rate_of_its_own(sending):
    """One employer's import of ten thousand must not use up what the provider takes of all: it waits, others do not."""
    flood = {sending.interviewed().key for _ in range(9)}
    small = sending.interviewed(sending.new_employer(name="Small"))
    sending.clock.advance(hours=48)
    first, second = Recording(), Recording(depth=5)
    assert scheduler.run(first, sending.clock(), each=4)["queued"] == 5
    assert small.key in first.sent and len(flood & set(first.sent)) == 4
    assert scheduler.run(second, sending.clock(), each=4)["queued"] == 0, "what was not drained is not added to"
    for key in first.sent:
        sending.deliver(key)
    third = Recording()
    assert scheduler.run(third, sending.clock(), each=4)["queued"] == 4
    assert flood > set(third.sent) and not set(first.sent) & set(third.sent)


def test_what_does_not_queue_is_not_delayed(sending):
    """The spread is for a crowd: somebody alone is written to at once."""
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
    assert scheduler.run(queue, sending.clock(), per_second=1)["queued"] == 1
    assert "DelaySeconds" not in asked[0]["Entries"][0]


def test_a_crowd_comes_out_of_the_queue_at_the_providers_rate():
    """Sixty seconds' worth at once is fifty-nine seconds too fast for most of it."""
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
    """Whoever has a low number must not be first, or last, every time that a window opens."""
    keys = [(f"EMP#emp_1#CASE#{number:03}", "APP") for number in range(50)]
    monday, tuesday = (
        [key for _, key in scheduler.fair_order([(at, key) for key in keys])] for at in ("2026-06-01", "2026-06-02")
    )
    assert sorted(monday) == sorted(tuesday) == keys
    assert monday != tuesday != keys
    assert [at for at, _ in scheduler.fair_order([("b", keys[0]), ("a", keys[1])])] == ["a", "b"]
