"""The most that each client operation may cost: requests to DynamoDB, rounds, capacity. A change that costs more fails
here by name; `python -m bench capacity` prints the costs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import app  # noqa: F401 - every kind of item is defined
from chalicelib import wiring
from chalicelib.storage.table import Item
from infra.local.environment import environment
from tests.engines import BASE_URL, OPERATOR_KEY, SECRET, seek
from tests.operations import OPERATIONS, SEEKER_OPERATIONS, Rounds


class Budget(NamedTuple):
    """Authentication is in it. Units as AWS bills them: a read unit is 4 KB read consistently, a write unit 1 KB written, two in
    a transaction."""

    requests: int
    rounds: int
    read_units: float
    write_units: float


BUDGETS = {
    "read one application": Budget(1, 1, 3, 0),
    "read one interview": Budget(1, 1, 4, 0),
    "read one candidate": Budget(1, 1, 3, 0),
    "read the own employer": Budget(1, 1, 2, 0),
    # 4 of them say that an email and a number have one more application: what a reminder then need not write
    # One read of each is for the key under which older versions stored a phone.
    # Two are the entry by which "Sam Sample" is found by name: one entry for each word that begins no other one.
    # In every write two are the entry of the change feed. An open wait has an entry in the index of moments, and so has an
    # interview that is to come: one to enter, one to leave, two to move (docs/decisions/change-feed.md).
    # An answer is one more: the wait stays in the waiting index (docs/decisions/names-behind-the-report.md).
    # A "not yet" is two more: its count has an item of its own (docs/decisions/not-yet-counts-apart.md).
    "post an interview, everything new": Budget(2, 2, 5, 30),
    "post an interview, matched by email": Budget(4, 4, 8, 22),
    "post an interview of a known application": Budget(3, 3, 3, 22),
    "post the same interview again": Budget(3, 3, 8, 0),
    "move an interview": Budget(3, 3, 3, 20),
    "log a contact that answers": Budget(3, 3, 3, 14),
    "log a contact that promises": Budget(3, 3, 3, 23),
    "log a call that nobody answered": Budget(3, 3, 3, 6),
    "record a decision": Budget(3, 3, 3, 9),  # two of them list a rejection that is not told
    "list 25 applications": Budget(3, 3, 30, 0),
    "find 25 candidates by name": Budget(3, 3, 32, 0),
    "find 25 applications by name": Budget(3, 3, 57, 0),
    "the risk report": Budget(2, 1, 3, 0),
    "the call list, 50 rows": Budget(4, 3, 55, 0),
}


def test_every_operation_has_a_budget():
    """Every operation has a budget."""
    assert BUDGETS.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_stays_within_its_budget(name, employer, clock, meter, stack):
    """Requests cost money; each round costs the client a round trip."""
    check(BUDGETS[name], OPERATIONS[name](employer, clock), meter, stack)


SEEKER_BUDGETS = {
    "say who asks": Budget(1, 1, 2, 0),
    # a sign-up counts four ceilings and a mail of the day, a code four and the month's money, one write each
    "sign up": Budget(10, 10, 2, 34),
    "text a code": Budget(10, 10, 3, 33),
    "add the first interview": Budget(4, 4, 5, 34),  # counts the interviews; its write checks that they are not erased
    "add another interview": Budget(5, 5, 7, 25),
    "read an interview": Budget(1, 1, 4, 0),
    "list 25 interviews": Budget(3, 3, 54, 0),
    "move an interview": Budget(3, 3, 3, 20),
    "record a call that promises": Budget(3, 3, 3, 23),
    "delete an interview": Budget(11, 11, 9, 28),
    "export ten interviews": Budget(26, 26, 27, 0),
    "erase ten interviews": Budget(160, 160, 113, 381),  # 31 of them look through events that could not be read
}


@pytest.mark.parametrize("name", SEEKER_OPERATIONS)
def test_an_operation_of_a_job_seeker_stays_within_its_budget(name, api, outbox, clock, meter, stack):
    """Each call of /v1/my. A seeker pays nothing, so that these count."""
    check(SEEKER_BUDGETS[name], SEEKER_OPERATIONS[name](seek(api, outbox), clock), meter, stack)


def check(budget: Budget, call: Any, meter: Any, stack: Any) -> None:
    """Counting rounds takes 0.1 s a request, and is left out where as many are allowed as requests."""
    counting = budget.rounds < budget.requests
    rounds = Rounds(stack.table.client())
    meter.reset()
    with rounds if counting else contextlib.nullcontext():
        answer = call()
    assert answer.status < 300, answer
    units = sum(meter.read_units.values()), sum(meter.write_units.values())
    cost = Budget(meter.total, rounds.count if counting else meter.total, *units)
    assert all(spent <= allowed for spent, allowed in zip(cost, budget, strict=True)), f"{cost}, not {budget}"


def test_a_minute_in_which_nothing_is_due_costs_next_to_nothing(stack, all_due_shards, meter):
    """An idle tick reads each of the sixteen shards once, and writes nothing."""
    stack.pumps.tick()
    assert dict(meter.requests) == {"Query": 16}
    assert sum(meter.read_units.values()) <= 8
    assert sum(meter.write_units.values()) == 0


HEAVY = ("boto3", "chalicelib.rules.replies", "holidays", "jinja2", "phonenumbers", "pydantic", "requests")


def test_the_app_and_its_clients_start_without_what_only_some_requests_need():
    """A client waits for a cold start: code that needs one of these imports it late."""
    clients = "import app; from chalicelib import wiring; wiring.start(); wiring.queues(); wiring.channels()"
    assert _told(f"{clients}; print([name for name in {HEAVY} if name in sys.modules])") == "[]"


_START = "import app; from chalicelib import wiring; wiring.start()"
MODULES_MOST = {
    "HTTP": (_START, 158),
    "a first POST": (_START + "; from chalicelib.applications.interviews import schema, serializers, service", 194),
    "deliver": (_START + "; wiring.job_handlers()", 180),
}
"""What starts, and how many modules of ours it may load: each costs about a millisecond, whatever is in it."""


@pytest.mark.parametrize("name", MODULES_MOST)
def test_a_cold_start_loads_few_modules_of_ours(name):
    """Routes and jobs import what they call inside the function that calls it."""
    program, most = MODULES_MOST[name]
    loaded = int(_told(f"{program}; print(sum(name.partition('.')[0] in ('app', 'chalicelib') for name in sys.modules))"))
    assert loaded <= most


def test_the_collector_passes_over_what_a_cold_start_imports():
    """Each import makes thousands of objects, and none is garbage. Afterwards the collector runs again."""
    assert _told("import app, gc; print(gc.isenabled(), gc.get_freeze_count() > 50_000)") == "True True"


@pytest.mark.usefixtures("stack")
def test_every_kind_of_job_is_a_kind_of_item():
    """A handler of a kind that no item has would never be called."""
    assert wiring.job_handlers().kinds <= Item.kinds.keys()


def test_the_app_alone_knows_every_kind_of_item():
    """What is imported late defines none: items of a kind that is not known yet would be passed over, in an erasure too."""
    program = (
        "import app, importlib, pkgutil, chalicelib; from chalicelib.storage.table import Item; known = set(Item.kinds); "
        "[importlib.import_module(one.name) for one in pkgutil.walk_packages(chalicelib.__path__, 'chalicelib.')]; "
        "print(sorted(Item.kinds.keys() - known))"
    )
    assert _told(program) == "[]"


def _told(program: str) -> str:
    """What a fresh process prints."""
    values = environment("http://127.0.0.1:1", "http://127.0.0.1:1", BASE_URL, SECRET, OPERATOR_KEY)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {program}"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **values},
        cwd=Path(__file__).parents[1],
    )
    return done.stdout.strip()
