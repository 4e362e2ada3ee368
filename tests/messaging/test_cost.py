"""What one reminder costs, from due to settled, the provider's call aside: counted, not timed."""

from collections import Counter

import pytest

from chalicelib import config, wiring
from chalicelib.jobs import worker
from chalicelib.jobs.registry import Registry
from chalicelib.messaging import delivery
from tests.engines import counted_calls

PEOPLE = 60
WRITE_UNITS, REQUESTS = 10.2, 0.54
"""0.2 of them tell the change feed: one entry for a chunk of twenty."""
RUN_REQUESTS, RUN_READ_UNITS = 23, 8
"""Of a run of the scheduler, whatever it finds: 16 shards of the due index, the depth of the queue, the last empty receives."""
READ_UNITS = {1: 1.6, 2: 2.6}
"""By the number of the person's addresses: each is read consistently, so that a STOP of a second ago counts."""


@pytest.mark.parametrize("address", [{}, {"phone": "+1202557{:04}", "email": "sam{}@example.com"}], ids=["a number", "both"])
def test_a_reminder_stays_within_its_price(sending, meter, address, text_costs):
    """A reminder may cost 10.2 write units at most, the reservation of money for its text included."""
    text_costs("0.05")
    for number in range(PEOPLE):
        sending.interviewed(**{name: value.format(number) for name, value in address.items()})
    sending.clock.advance(hours=48)
    asked: Counter[str] = Counter()
    sending.sqs.meta.events.register("before-send.sqs.*", lambda **_: asked.update(["sqs"]), unique_id="cost")
    meter.reset()
    try:
        sending.tick()
        while records := sending.received(100):
            assert worker.run(records, handlers=reminders(), clock=sending.clock) == []
    finally:
        sending.sqs.meta.events.unregister("before-send.sqs.*", unique_id="cost")
    assert len(sending.outbox) == PEOPLE
    assert sum(meter.write_units.values()) / PEOPLE <= WRITE_UNITS
    each = (sum(meter.read_units.values()) - RUN_READ_UNITS) / PEOPLE
    assert each <= READ_UNITS[len(address) or 1] - 0.05, "with a part of the run's own units"
    assert (meter.total + asked["sqs"] - RUN_REQUESTS) / PEOPLE <= REQUESTS


CALLS_MOST = 3_800
"""Function calls of a reminder from due to settled by the fast path, `Publish` and the queue included. 3,584 were seen."""


def test_a_reminder_costs_few_function_calls(sending, text_costs):
    """Counted in every thread, after a first reminder that imports: a step that is done twice shows on any machine."""
    text_costs("0.05")
    sending.interviewed()
    sending.clock.advance(hours=48)
    sending.tick()
    worker.run(sending.received(100), handlers=reminders(), clock=sending.clock)
    for _ in range(PEOPLE):
        sending.interviewed()
    sending.clock.advance(hours=96)  # a Monday: the windows are closed at weekends
    with counted_calls() as calls:
        sending.tick()
        while records := sending.received(100):
            assert worker.run(records, handlers=reminders(), clock=sending.clock) == []
    assert len(sending.outbox) >= PEOPLE
    assert sum(calls.values()) / PEOPLE <= CALLS_MOST or not config.fast_path()


def reminders():
    """The delivery handler alone: webhook events are worked by others, and paid apart."""
    return Registry([delivery.handler(wiring.channels())])


def send_all_that_is_due(sending, meter, people):
    """All of them, from due to settled, metered."""
    sending.clock.advance(hours=48)
    meter.reset()
    sending.tick()
    while records := sending.received(100):
        worker.run(records, handlers=reminders(), clock=sending.clock)
    assert len(sending.outbox) == people


def test_a_webhook_adds_five_write_units_to_a_reminder(sending, meter):
    """One event a reminder, with its entries in the due index and the list. Employers without a webhook pay nothing."""
    listening = sending.new_employer(webhooks=True)
    for _ in range(PEOPLE):
        sending.interviewed(listening)
    send_all_that_is_due(sending, meter, PEOPLE)
    assert sum(meter.write_units.values()) / PEOPLE <= WRITE_UNITS + 5


def test_a_person_with_several_applications_costs_a_note(sending, meter, text_costs):
    """Only messages to people with several applications are counted: about five requests and two write units each."""
    text_costs("0.05")
    other = sending.new_employer()
    for number in range(50):
        for employer in (sending.employer, other):
            sending.interviewed(employer, phone=f"+1202557{number:04}")
    send_all_that_is_due(sending, meter, 100)
    assert sum(meter.write_units.values()) / 100 <= WRITE_UNITS + 3
    assert sum(meter.read_units.values()) / 100 <= 5
    assert meter.total / 100 <= 5
