"""What one reminder costs, from due to settled, the provider's call aside: counted, not timed."""

from collections import Counter

import pytest

from chalicelib.jobs import worker

FULL = 400
WRITE_UNITS, REQUESTS = 10, 0.6
READ_UNITS = {1: 1.6, 2: 2.6}
"""By how many addresses the person has: each is asked about consistently, so that STOP at either is heard at once."""


@pytest.mark.parametrize("address", [{}, {"phone": "+1202557{:04}", "email": "sam{}@example.com"}], ids=["a number", "both"])
def test_a_reminder_stays_within_its_price(sending, meter, address, text_costs):
    """Whoever pays the bill: ten write units are the difference between a product and a toy. The month's cap is reckoned too."""
    text_costs("0.05")
    for number in range(FULL):
        sending.interviewed(**{name: value.format(number) for name, value in address.items()})
    sending.clock.advance(hours=48)
    asked: Counter[str] = Counter()
    sending.sqs.meta.events.register("before-send.sqs.*", lambda **_: asked.update(["sqs"]), unique_id="cost")
    meter.reset()
    try:
        sending.tick()
        while records := sending.received(100):
            assert worker.run(records, handlers=sending.handlers, clock=sending.clock) == []
    finally:
        sending.sqs.meta.events.unregister("before-send.sqs.*", unique_id="cost")
    assert len(sending.outbox) == FULL
    assert sum(meter.write_units.values()) / FULL <= WRITE_UNITS
    assert sum(meter.read_units.values()) / FULL <= READ_UNITS[len(address) or 1]
    assert (meter.total + asked["sqs"]) / FULL <= REQUESTS


def send_all_that_is_due(sending, meter):
    """A hundred, from due to settled, metered."""
    sending.clock.advance(hours=48)
    meter.reset()
    sending.tick()
    while records := sending.received(100):
        worker.run(records, handlers=sending.handlers, clock=sending.clock)
    assert len(sending.outbox) == 100


def test_who_listens_pays_for_what_is_told(sending, meter):
    """An event a reminder: two write units, one for the due index and one for the list. Others pay nothing for it."""
    listened = sending.new_employer(webhooks=True)
    for _ in range(100):
        sending.interviewed(listened)
    send_all_that_is_due(sending, meter)
    assert sum(meter.write_units.values()) / 100 <= WRITE_UNITS + 5


def test_a_person_with_several_applications_costs_a_note(sending, meter, text_costs):
    """Whom several employers may write to is counted, and nobody else: about five requests and two write units each."""
    text_costs("0.05")
    other = sending.new_employer()
    for number in range(50):
        for employer in (sending.employer, other):
            sending.interviewed(employer, phone=f"+1202557{number:04}")
    send_all_that_is_due(sending, meter)
    assert sum(meter.write_units.values()) / 100 <= WRITE_UNITS + 3
    assert sum(meter.read_units.values()) / 100 <= 5
    assert meter.total / 100 <= 5
