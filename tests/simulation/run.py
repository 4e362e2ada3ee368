"""Runs one history against the real code and reports what happened."""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from infra.local.environment import INBOUND_MAIL, environment, set_environment
from tests.engines import BASE_URL, OPERATOR_KEY, SECRET, START
from tests.simulation.history import AGAIN, INVITED, History, Step
from tests.simulation.processes import Process, Schedule
from tests.simulation.transport import Transport
from tests.simulation.world.providers import Providers
from tests.simulation.world.queue import Queue
from tests.simulation.world.service import World
from tests.simulation.world.table import Index, Item, Table

DUE_SHARDS = 2
"""Instead of 16: a tick of a small history takes a third of the time."""
INDEXES = {
    "due": Index("due_shard", "due_at", hash_type="N"),
    "waiting": Index("waiting_key", "waiting_at", ("application_id", "word_due_at", "since", "decided")),
    "listing": Index("list_key", "list_at"),
}
TEXT_COSTS = "0.05"
TEAMMATE = "Robin of the team"
"""The name of the person who owns and decides at the employer that has one."""
BUDGET = "1000"
"""What all texts may cost in a month, where a history says nothing else."""
_EMPLOYERS: dict[str, dict[str, Any]] = {
    "other": {"name": "Bo"},
    "plain": {},
    "telling": {"policy": {"tell_next_step": True}},
    "thrifty": {"policy": {"sms_monthly_cap_usd": 0.05}},
    "frugal": {"policy": {"sms_monthly_cap_usd": 0.1}},
    "once": {"policy": {"max_nudges": 1}},
    "limited": {"limits": {"sms_per_day": 1, "emails_per_day": 1}},
    "listening": {},
    "trial": {"trial": True},
    "reply": {"policy": {"candidate_nudge": "email_reply"}},
    "digest": {
        "digest_to": ["boss@example.com"],
        "policy": {
            "escalate_to": ["chief@example.com"],
            "escalate_after_business_days": 2,
            "report_to": ["lead@example.com", "gone@example.com"],
            "digest_days": ["tue", "wed", "thu", "fri"],
        },
    },
    "talking": {"policy": {"tell_next_step": True}},
    "linking": {"policy": {"link_seekers": True}},
}


@dataclass
class Report:
    """The result of a history. `violations` is empty where all is well."""

    history: History
    violations: list[str] = field(default_factory=list)
    steps: int = 0
    calls: int = 0
    faults_met: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    provider_calls: Counter[str] = field(default_factory=Counter)
    unknowns: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)


def enter_and_leave(employer_id: str, now: datetime) -> None:
    """The employer enters an address for its weekly report that nobody verifies, and another one unsubscribes from it."""
    from chalicelib.applications.employers import service

    service.end_digest(employer_id, "report_to", lambda address: address == "gone@example.com", now)
    service.change(employer_id, {"policy": {"report_to": ["lead@example.com", "typo@example.com"]}}, None, now)


class Simulator:
    """One per process of the machine. Clients and employers are made once, a world for each history."""

    def __init__(self) -> None:
        set_environment(environment("http://dynamodb.invalid", "http://aws.invalid", BASE_URL, SECRET, OPERATOR_KEY))
        os.environ.pop("AWS_MAX_ATTEMPTS", None)
        os.environ["HEARDBACK_SMS_PRICE_USD"] = TEXT_COSTS
        from chalicelib import wiring
        from chalicelib.applications.employers import service as employers
        from chalicelib.integrations.webhooks import endpoints
        from chalicelib.jobs import restore_guard, worker
        from chalicelib.messaging import sms_budget
        from chalicelib.storage import ids, table
        from tests.simulation import actors, checker, drain, shortcuts, stand_ins

        self._actors, self._checker, self._drain, self._stand_ins = actors, checker, drain, stand_ins
        ids.DUE_SHARDS = DUE_SHARDS
        sms_budget.PART = 1  # a worker may reserve the whole of a cap this small
        self._worker, self._chunk = worker, worker.CHUNK
        stand_ins.install()
        shortcuts.install()
        self.transport = Transport()
        wiring.start()
        wiring.channels()
        for client in (table.client(), wiring.sqs(), wiring.sns(), wiring.ses(), wiring.s3()):
            self.transport.install(client)
        logging.disable(logging.CRITICAL)
        self._employers: dict[str, tuple[str, list[Item]]] = {}
        for number, (name, fields) in enumerate(_EMPLOYERS.items()):
            world = self._world(Random(number))  # other random numbers, another id
            item = employers.create(
                {
                    "name": "Ac",
                    "timezone": "America/New_York",
                    "call_back_name": "Dana",
                    "call_back_phone": "+12025550100",
                    "call_back_email": "d@ex.co",
                    "digest_to": [],
                    "trial": False,
                    **fields,
                },
                datetime.fromtimestamp(world.schedule.now, UTC),
            )
            if name == "digest":
                enter_and_leave(item.id, item.created_at)
            if name in ("telling", "talking"):
                add_teammate(item.id, item.created_at)
            if name == "talking":
                add_teammate(item.id, item.created_at, INVITED, "kim@ex.co", accepted=False)
            if name == "listening":
                endpoints.create(item.id, "https://hooks.example.com/", ["contact.recorded"], item.created_at)
            restore_guard.is_restored_copy(item.created_at)  # marks the table as the original
            self._employers[name] = (item.id, list(world.table.items.values()))

    def _world(self, chance: Random) -> World:
        schedule = Schedule(START.timestamp())
        self._stand_ins.begin(schedule, chance.getrandbits(32))
        from chalicelib.storage.table import Item as Model

        table = Table(Model.Meta.table_name, INDEXES)
        world = World(schedule, table, Queue(chance), Providers(), chance)
        self.transport.serve = world.serve
        return world

    def set_budget(self, dollars: str) -> None:
        """Sets what all texts may cost in a month. The settings are read again only where it differs."""
        from chalicelib import config

        if os.environ.get("HEARDBACK_SMS_MONTHLY_BUDGET_USD") != dollars:
            os.environ["HEARDBACK_SMS_MONTHLY_BUDGET_USD"] = dollars
            config.forget()

    def set_inbox(self, is_open: bool) -> None:
        """Sets whether mail comes to us, so that mails name where answers go."""
        from chalicelib import config

        if is_open == (INBOUND_MAIL.keys() <= os.environ.keys()):
            return
        for name, value in INBOUND_MAIL.items():
            os.environ.pop(name, None)
            if is_open:
                os.environ[name] = value
        config.forget()

    def set_table_known(self, known: bool) -> None:
        """Sets whether this process has already checked that the table is no restored copy."""
        from chalicelib.jobs import restore_guard

        restore_guard.forget_originals()
        if known:
            restore_guard.remember_original()

    def run(self, history: History, *, trace: bool = False) -> Report:
        return _Run(self, history, trace).finish()


class _Run:
    def __init__(self, simulator: Simulator, history: History, trace: bool) -> None:
        from tests.simulation import truth

        self.history, self.simulator = history, simulator
        self.chance = Random(history.seed)
        self.world = world = simulator._world(self.chance)
        world.trace = [] if trace else None
        settings = history.world
        world.table.index_lag = lambda: self.chance.uniform(0, settings["index_lag"]) if settings["index_lag"] else 0.0
        world.table.read_lag = lambda: self.chance.uniform(0, settings["read_lag"]) if settings["read_lag"] else 0.0
        world.queue.duplicates, world.queue.vague = settings["duplicates"], settings["vague"]
        truth.forget()
        simulator.set_table_known(not settings["cold"])
        self.employer_id, items = simulator._employers[settings["employer"]]
        self.other_id, others = simulator._employers["other"]
        world.table.load([*items, *(item for item in others if item["SK"]["S"] != "HOME")])
        budget = settings.get("budget") or BUDGET  # a shorter history sets what it can do without to 0
        simulator.set_budget(budget)
        simulator.set_inbox(bool(settings.get("inbox")))
        self.checker = simulator._checker.Checker(world)
        self.checker.caps.budget = int(Decimal(budget) * 1_000_000)
        simulator._stand_ins.Machine.endpoint.seconds = settings.get("endpoint", 0.0)
        simulator._worker.CHUNK = settings.get("chunk", simulator._chunk)  # type: ignore[attr-defined]
        self.checker.fairness.slow = self.employer_id if settings.get("endpoint") else None
        checker = self.checker
        self.actors = simulator._actors.Actors(
            world, checker.people, checker.replies, checker.log, self.employer_id, self.other_id
        )
        self.actors.seekers, self.actors.mails = self.checker.seekers, self.checker.mails
        self.report = Report(history)

    def finish(self) -> Report:
        moment = self.world.schedule.now
        for number, step in enumerate(self.history.steps):
            moment += step.after
            self.start(step, moment, f"{number}:{step.kind}")
        self.world.schedule.run()
        if not self.checker.violations:
            self.simulator._drain.drain(self)
        return self._reported()

    def start(self, step: Step, moment: float, name: str) -> Process:
        process = Process(
            name, self.actors.work(step), Random(step.seed), step.skew, 120.0 if step.kind in ("deliver", "background") else 60.0
        )
        process.notes["faults"], process.notes["step"] = step.faults, step
        self.world.schedule.start(process, moment, self.done)
        if step.kind == "deliver":
            self.world.schedule.at(moment, lambda: self._start_background(step, name))
        return process

    def _start_background(self, step: Step, name: str) -> None:
        """Starts the workers of the other queues at the same time as that of reminders, if they have records."""
        now = self.world.now
        if any(record.visible_at <= now for queue in self.world.background.values() for record in queue.records):
            # its own random numbers: the next round's delivery must not make the same write tokens
            background = replace(step, kind="background", seed=step.seed + 2**33)
            self.start(background, now, name.replace("deliver", "background"))

    def done(self, process: Process) -> None:
        """Checks after every step what must hold between commits."""
        from tests.simulation.processes import Crash

        self.report.steps += 1
        outcome = process.outcome
        self.checker.ended(process)
        if self.world.trace is not None:
            shown = outcome if isinstance(outcome, dict | list | BaseException | None) else type(outcome).__name__
            self.world.trace.append(f"{self.world.schedule.now:.4f} {process.name} -> {shown!r:.200}")
        if isinstance(outcome, BaseException) and not isinstance(outcome, Crash) and not _is_expected(outcome, process.name):
            self.checker.wrong(f"{process.name} raised {type(outcome).__name__}: {outcome}")
            if self.world.trace is not None:
                import traceback

                self.world.trace += traceback.format_exception(outcome)
        self._deliver_again(process)
        self._ask_again(process)
        self.report.outcomes[type(outcome).__name__ if isinstance(outcome, BaseException) else "done"] += 1
        self.check()
        if self.checker.violations:
            self.world.schedule.stop()

    def _deliver_again(self, process: Process) -> None:
        """Delivers again as SNS does: twice after a failure, with growing pauses; sometimes without one."""
        step, tries = process.notes["step"], process.name.count("again")
        if step.kind not in AGAIN:
            return
        if (isinstance(process.outcome, BaseException) and tries < 2) or (step.details["number"] % 3 == 0 and not tries):
            again = replace(step, seed=step.seed + 1, faults=step.faults[1:])
            self.start(again, self.world.schedule.now + 60 * (tries + 1), f"again {process.name}")

    def _ask_again(self, process: Process) -> None:
        """Repeats a client's request under the same key: until it has an answer, and at times once more."""
        from tests.simulation import http_clients

        step, tries = process.notes["step"], process.name.count("again")
        if step.kind != "post":
            return
        unanswered = http_clients.is_unanswered(process)
        if (unanswered and tries < http_clients.TRIES_MOST) or (step.details["number"] % 3 == 0 and not tries):
            pause = http_clients.PAUSES[min(tries, len(http_clients.PAUSES) - 1)]
            again = replace(step, seed=step.seed + 1, faults=step.faults[1:])
            self.start(again, self.world.schedule.now + pause, f"again {process.name}")
        elif tries:
            self.checker.http_clients.gave_up(process)

    def check(self) -> None:
        from tests.simulation import truth

        for pk in sorted(self.checker.dirty):
            for fault in truth.faults_of_case(self.world.table, pk, self.world.schedule.now):
                self.checker.wrong(fault)
        if self.checker.dirty:
            for employer_id in (self.employer_id, self.other_id):
                for fault in truth.tally_faults(self.world.table, employer_id):
                    self.checker.wrong(fault)
        self.checker.dirty.clear()
        self.checker.check_claims()

    def _reported(self) -> Report:
        report, ledger = self.report, self.checker.ledger
        report.violations = list(dict.fromkeys(self.checker.violations))
        report.calls = self.world.calls
        report.faults_met = self.world.faults_met
        report.statuses = Counter(ledger.statuses.values())
        report.held = self.checker.caps.held
        report.unknowns = Counter(ledger.unknowns.values())
        report.provider_calls = Counter(
            f"{'taken' if call.taken else 'not taken'}, heard {call.heard}" for call in self.world.providers.calls
        )
        report.trace = self.world.trace or []
        return report


def _is_expected(error: BaseException, name: str) -> bool:
    """Whether a route turns the error into a status, or a tick may end with it: the next one comes in a minute."""
    from botocore.exceptions import BotoCoreError, ClientError

    from chalicelib.errors import HeardbackError

    return isinstance(error, HeardbackError) or (name.endswith("tick") and isinstance(error, BotoCoreError | ClientError))


def add_teammate(
    employer_id: str, now: datetime, name: str = TEAMMATE, email: str = "robin@ex.co", accepted: bool = True
) -> None:
    """Adds a person of the team, who owns applications of the employer or decides about them."""
    from chalicelib.auth.users import PersonItem, person_key
    from chalicelib.storage import ids
    from chalicelib.storage.table import Transaction

    person = PersonItem(
        *person_key(employer_id, person_id := ids.new_id("per", now)),
        id=person_id,
        employer_id=employer_id,
        name=name,
        email=email,
        invited_at=None if accepted else now,
        role="recruiter",
        epoch=1,
        created_at=now,
        updated_at=now,
        revision=1,
    )
    transaction = Transaction()
    transaction.create(person)
    transaction.commit()
