"""Random histories with faults: no step sends twice, none outside the send window, and every message ends."""

import contextlib
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from chalicelib.applications.contacts import service as contacts
from chalicelib.errors import Unavailable
from chalicelib.messaging import opt_outs
from tests.engines import Crash

STEPS = 40
ENDS = {"sent", "failed", "expired", "cancelled", "suppressed", "unknown"}
NEW_YORK = ZoneInfo("America/New_York")


class History:
    """A random history of one employer: candidates wait, are called or not; worker and network fail."""

    def __init__(self, sending, seed):
        self.sending, self.chance = sending, Random(seed)  # noqa: S311 - a history to replay
        self.people, self.contacts, self.silent = [], [], {}

    def step(self):
        acts = [
            self.interview,
            self.interview,
            self.hear,
            self.undo,
            self.stop,
            self.time_passes,
            self.time_passes,
            self.work,
            self.work,
            self.work_twice,
        ]
        self.chance.choice(acts)()

    def interview(self):
        self.people.append(self.sending.interviewed(zone=self.chance.choice([None, "America/Los_Angeles", "Asia/Tokyo"])))

    def hear(self):
        if self.people:
            one = self.chance.choice(self.people)
            said = {
                "channel": "call",
                "outcome": self.chance.choice(["reached", "voicemail"]),
                "decision": self.chance.choice(["rejected", "pending", None]),
            }
            contact = contacts.log_contact(self.sending.employer, one.id, said, self.sending.clock())[1]
            self.contacts.append((one, contact))

    def undo(self):
        if self.contacts:
            one, contact = self.chance.choice(self.contacts)
            contacts.void_contact(self.sending.employer, one.id, contact.id, self.sending.clock())

    def stop(self):
        if self.people and self.chance.random() < 0.3:
            one = self.chance.choice(self.people)
            opt_outs.opt_out([("sms", one.phone)], "stop_word", self.sending.clock())
            self.silent.setdefault(one.phone, len(self.sending.outbox))

    def time_passes(self):
        self.sending.clock.advance(minutes=self.chance.choice([1, 20, 600, 1440, 2880, 5 * 1440]))

    def work(self):
        with self.trouble():
            self.sending.run()

    def work_twice(self):
        """The same records in two invocations: SQS delivers at least once."""
        keys = [one.key for one in self.people]
        for _ in range(2):
            with self.trouble():
                self.sending.deliver(*keys)

    @contextlib.contextmanager
    def trouble(self):
        """Mostly something fails on the network, and the process may die."""
        if self.chance.random() < 0.7:
            self.fault()
        with contextlib.suppress(Crash, Unavailable):
            yield
        self.sending.faults.clear()

    def fault(self):
        faults, after = self.sending.faults, self.chance.randrange(3)
        self.chance.choice(
            [
                lambda: faults.lose_response("Publish", after=after),
                lambda: faults.answer("Publish", 400, "Throttling", after=after),
                lambda: faults.answer("Publish", 500, "InternalError", after=after),
                lambda: faults.lose_response("TransactWriteItems", after=after, times=self.chance.choice([1, 6])),
                lambda: faults.refuse_connection("TransactWriteItems", after=after, times=self.chance.choice([1, 12])),
                lambda: faults.crash_after("TransactWriteItems", after=after),
                lambda: faults.crash_before("Publish", after=after),
                lambda: faults.throttle("BatchGetItem", "ProvisionedThroughputExceededException", after=after, times=12),
            ]
        )()

    def end(self):
        """Faults stop, and everything that is due is worked."""
        for _ in range(4):
            self.sending.clock.advance(minutes=20)
            self.sending.run()

    def check(self, last=False):
        for entry in self.sending.outbox:
            assert_in_hours(entry, next(one for one in self.people if one.phone == entry["to"]))
        for one in self.people:
            messages = self.sending.messages(one)
            taken = self.sending.outbox.to(one.phone)
            assert len(taken) <= sum(message.status in ("sent", "unknown", "sending") for message in messages)
            assert len(taken) >= sum(message.status == "sent" for message in messages)
            for cause in {message.cause for message in messages}:
                assert sum(message.status == "sent" for message in messages if message.cause == cause) <= 2
            assert not last or {message.status for message in messages} <= ENDS
        for phone, before in self.silent.items():
            assert phone not in {entry["to"] for entry in self.sending.outbox[before:]}


def assert_in_hours(entry, person):
    here = datetime.fromisoformat(entry["at"]).astimezone(ZoneInfo(person.timezone) if person.timezone else NEW_YORK)
    assert here.weekday() < 5 and timedelta(hours=10) <= timedelta(hours=here.hour) < timedelta(hours=18), entry


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 5))])
def test_no_fault_sends_twice_or_out_of_hours(sending, seed):
    """And every message has a status that an operator can explain."""
    history = History(sending, seed)
    for _ in range(STEPS):
        history.step()
        history.check()
    history.end()
    history.check(last=True)
