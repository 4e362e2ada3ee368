"""Fixtures: real engines on loopback for each worker, a fresh table for each test, a clock that stands still.

api          HTTP in process, without a key: api.get("/healthz"), api.post(path, body, key=...) -> (status, json, headers)
operator     the same under the operator's key
employer     the same under the key of a new employer; `.employer_id`; api.new_employer(...) makes more
clock        clock.advance(hours=48), clock.set(...), clock.text(hours=-1)
outbox       what SNS and SES accepted, oldest first: .sms, .email, .to(address)
run_ticks    ticks and delivers until nothing is due
faults       lost responses, throttles, conflicts and crashes on the wire
meter        requests to DynamoDB and the capacity they consumed
"""

from __future__ import annotations

import contextlib
import copy
import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from infra.local.engines import REGION, Engine, start_dynoxide, start_ministack
from infra.local.environment import BACKGROUND_QUEUES, DEAD_LETTERS, QUEUE, TABLE, environment, prepare, set_environment
from infra.local.events import ACCOUNT
from tests.engines import BASE_URL, OPERATOR_KEY, SECRET, START, Api, Faults, Meter, Outbox, StandingClock
from tests.snapshots import EMPTY, Json, Key, Snapshot, Tables
from tests.wire import Wire, without_signatures

settings.register_profile("heardback", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("heardback")


SHARDS = 2
"""Shards of the due index in the tests, as in the simulator. With all 16 of them an idle tick takes 50 ms of CPU, not 15."""


def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking through it again and again is left out, as in the simulator."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def sdk_tries_again_at_once() -> Iterator[None]:
    """The SDK waits up to some seconds between its attempts at a throttled request. How long is its own affair."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.001)
        yield


@pytest.fixture(scope="session")
def engines() -> Iterator[tuple[Engine, Engine]]:
    """dynoxide in memory and MiniStack, for this worker alone. Without them tests fail instead of being skipped."""
    with contextlib.ExitStack() as stack:
        dynoxide = start_dynoxide()
        stack.callback(dynoxide.stop)
        ministack = start_ministack()
        stack.callback(ministack.stop)
        yield dynoxide, ministack


@pytest.fixture
def empty_table(engines: tuple[Engine, Engine]) -> Any:
    """The module `chalicelib.storage.table` on an empty table, for tests that need no app."""
    from chalicelib.storage import table

    set_environment(environment(engines[0].url, engines[1].url, BASE_URL, SECRET, OPERATOR_KEY))
    if not table.is_bound():
        table.bind(TABLE, REGION)
    Tables(engines[0].url, table.client()).empty(table.create_table)
    return table


@dataclass(frozen=True)
class Saved:
    """The table, the clock and the outbox at one moment. Queues are not saved: the table knows what is due."""

    table: Snapshot
    now: datetime
    sent: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Effect:
    """What an action did to a saved table: the items that it wrote, what these were before, what it sent and returned."""

    written: dict[Key, Json]
    before: dict[Key, Json | None]
    sent: tuple[dict[str, Any], ...]
    returned: Any


class Stack:
    """The app on its engines: `app` (the module app.py), `pumps`, `clock`, `outbox`, `faults`."""

    def __init__(self, dynoxide: Engine, ministack: Engine) -> None:
        set_environment(environment(dynoxide.url, ministack.url, BASE_URL, SECRET, OPERATOR_KEY))
        import app
        from chalicelib import wiring
        from chalicelib.accounts.sessions import sign_in
        from chalicelib.auth import audit_log
        from chalicelib.jobs import restore_guard
        from chalicelib.storage import ids, table
        from infra.local import outbox as recorder
        from infra.local.pumps import Pumps

        sign_in.RESPONSE_SECONDS = sign_in.REFUSAL_SECONDS = 0.0  # no test waits for what hides whether an address is known
        self.app, self.clock, self.outbox, self.faults = app, StandingClock(), Outbox(), Faults()
        wiring.set_clock(self.clock)
        prepare()
        restore_guard.is_restored_copy(START)  # each process checks its table once: no test should count that request
        ids.DUE_SHARDS = SHARDS
        self.table = table
        self._forget_counts = audit_log.forget_counts
        self.tables = Tables(dynoxide.url, table.client())
        self.sqs = wiring.sqs()
        self._queues_used = False
        self._effects: dict[tuple[Any, ...], Effect] = {}
        for operation in ("SendMessage", "SendMessageBatch"):  # names of events have no wildcards within a part
            self.sqs.meta.events.register(f"before-call.sqs.{operation}", self._use_queues)
        recorder.watch(wiring.sns(), wiring.ses(), self.outbox.append, self.clock)
        self.wire = Wire()
        for client in (table.client(), self.sqs, wiring.sns(), wiring.ses()):
            self.faults.install(client)
            self.wire.install(client)
        without_signatures(table.client())
        self.pumps = Pumps(app, self.sqs, ministack.url, self.clock)
        self.queues = [f"{ministack.url}/{ACCOUNT}/{name}" for name in (QUEUE, DEAD_LETTERS, *BACKGROUND_QUEUES.values())]

        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        """A forked process has connections of its own, and does not know what is in the queues."""
        self.wire.forget()
        self.tables.forget()
        self._queues_used = True

    def refresh(self, table: Snapshot | None = EMPTY) -> None:
        """The table empty, as saved, or (None) as it is; empty queues, an empty outbox, no faults, the clock at its start."""
        self.faults.clear()
        self._forget_counts()
        self.clock.set(START)
        if table is not None:
            self.tables.restore(table, self.table.create_table)
        if self._queues_used:
            for url in self.queues:
                self.sqs.purge_queue(QueueUrl=url)
            self._queues_used = False
        self.outbox.clear()

    def save(self) -> Saved:
        """Save the state for `restore`, where many tests begin with records that are slow to make."""
        return Saved(self.tables.save(), self.clock.now, tuple(self.outbox))

    def restore(self, saved: Saved) -> None:
        """Restore a saved state."""
        self.refresh(saved.table)
        self.clock.set(saved.now)
        self.outbox.extend(saved.sent)

    def repeat(self, name: tuple[str, ...], saved: Saved, act: Callable[[], Any]) -> Any:
        """Do what many tests do on their way. Where it was done before, at the same time of the clock, its records are written.

        It is done in full where a record that it writes, or one of an employer itself, is no longer as it was saved.
        """
        if self.faults.armed:
            return act()
        told = tuple(sorted(pair for pair in os.environ.items() if pair[0].startswith("HEARDBACK_")))
        key = (*name, self.clock.now, told)
        if key not in self._effects:
            self._effects[key] = self._effect(saved, act)
        effect = self._effects[key]
        if not self.tables.holds(effect.before):
            return act()
        self.tables.put(effect.written.values())
        self.outbox.extend(copy.deepcopy(effect.sent))
        return copy.deepcopy(effect.returned)

    def _effect(self, saved: Saved, act: Callable[[], Any]) -> Effect:
        """Does it to the saved table; then everything is as it was."""
        here, outbox = self.tables.save(), list(self.outbox)
        try:
            self.tables.restore(saved.table, self.table.create_table)
            self.outbox.clear()
            returned = act()
            after, sent = self.tables.save().items, copy.deepcopy(tuple(self.outbox))
        finally:
            self.tables.restore(here, self.table.create_table)
            self.outbox[:] = outbox
        known = saved.table.items
        assert known.keys() <= after.keys(), "an action that deletes cannot be repeated by writing"
        written = {key: item for key, item in after.items() if known.get(key) != item}
        employers = {key: item for key, item in known.items() if key[1] == "EMP"}
        return Effect(written, {**employers, **{key: known.get(key) for key in written}}, sent, returned)

    def _use_queues(self, **_: Any) -> None:
        self._queues_used = True


@pytest.fixture(scope="session")
def stack_of_session(engines: tuple[Engine, Engine]) -> Stack:
    return Stack(*engines)


@pytest.fixture
def stack(stack_of_session: Stack, request: pytest.FixtureRequest) -> Stack:
    """The app on an empty table; on that of the test's employer where it asks for one, which is restored rather than made."""
    if "saved_employer" in request.fixturenames:
        stack_of_session.refresh(request.getfixturevalue("saved_employer")[1].table)
    else:
        stack_of_session.refresh(None if "saved_world" in request.fixturenames else EMPTY)
    return stack_of_session


@pytest.fixture
def all_due_shards(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many shards of the due index as a deployment has."""
    from chalicelib.storage import ids

    monkeypatch.setattr(ids, "DUE_SHARDS", 16)


@pytest.fixture
def clock(stack: Stack) -> StandingClock:
    return stack.clock


@pytest.fixture
def outbox(stack: Stack) -> Outbox:
    return stack.outbox


@pytest.fixture
def faults(stack: Stack) -> Iterator[Faults]:
    yield stack.faults
    stack.faults.clear()


@pytest.fixture
def api(stack: Stack) -> Api:
    return Api(stack.app.app)


@pytest.fixture
def operator(api: Api) -> Api:
    return api.using(OPERATOR_KEY)


@pytest.fixture(scope="session")
def saved_employer(stack_of_session: Stack) -> tuple[Api, Saved]:
    stack_of_session.refresh()
    return Api(stack_of_session.app.app).new_employer(), stack_of_session.save()


@pytest.fixture
def employer(saved_employer: tuple[Api, Saved], stack: Stack) -> Api:
    return saved_employer[0]


@pytest.fixture
def employer_key(employer: Api) -> str:
    return employer.key or ""


@pytest.fixture
def run_ticks(stack: Stack) -> Callable[[], Any]:
    """run_ticks() -> counts"""
    return stack.pumps.until_nothing_is_due


@pytest.fixture
def meter(stack: Stack) -> Iterator[Meter]:
    counting = Meter()
    counting.install(stack.table.client())
    yield counting
    counting.remove(stack.table.client())
