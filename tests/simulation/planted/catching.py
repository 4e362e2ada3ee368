"""Finds a history that catches one planted bug: that of the seed which caught it last, else it searches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from tests.simulation.planted.bugs import BUGS, GROUP_OF
from tests.simulation.planted.planting import plant
from tests.simulation.run import Simulator
from tests.simulation.scenarios import history, writer_of

STATED = 2000
"""Every bug must be caught within so many histories."""
SEEDS = Path(__file__).with_name("seeds.json")
"""By the bug's name: the seed that caught it last."""
_FITTING = {
    "bulk": ("MailsTogether",),
    "what_next": ("Conversations",),
    "conversations": ("Conversations",),
    "people": ("SharedPeople", "WhileSending", "WhileErased"),
    "accounts": ("Accounts",),
    "fairness": ("SlowEndpoint",),
    "delivery_log": ("FateOfTexts",),
    "repeated requests": ("RepeatedRequests",),
    "seekers": ("SeekersAlone",),
    "linked": ("LinkedPairs",),
    "mails": ("AnsweredMails",),
}
"""By group: the kinds of histories that catch its bugs soonest. Those of other groups are caught by most kinds."""
_FITTING_FIRST = STATED // 2


@dataclass
class Catch:
    """`seed`: the one that caught the bug, None where none did; `histories`: how many ran before and with it."""

    seed: int | None
    histories: int
    what: str
    is_stored: bool = False
    """Whether it is the seed that caught the bug before."""


def stored_seeds() -> dict[str, int]:
    return json.loads(SEEDS.read_text()) if SEEDS.exists() else {}


def store(seeds: dict[str, int]) -> None:
    """Writes the seeds, of the bugs that there are."""
    known = {bug.name: seeds[bug.name] for bug in BUGS if bug.name in seeds}
    SEEDS.write_text(json.dumps(known, indent=1) + "\n")


def caught(number: int, first_seed: int, at_most: int = STATED) -> Catch:
    """Plants one bug and runs histories until one catches it. Needs a process of its own. Raises DoesNotFit."""
    bug = BUGS[number]
    known = stored_seeds().get(bug.name)
    plant(bug)
    simulator = Simulator()
    wanted = [known] if known is not None else []
    run = 0
    for seed in islice((*wanted, *_seeds(bug.name, first_seed, at_most)), at_most):
        run += 1
        if violations := simulator.run(history(seed)).violations:
            return Catch(seed, run, violations[0][:90], seed == known)
    return Catch(None, run, "")


def _seeds(name: str, first: int, most: int) -> Iterator[int]:
    """Lists seeds of the fitting kinds, and then all."""
    fitting = _FITTING.get(GROUP_OF[name], ())
    of_kinds = (seed for seed in count(first) if writer_of(seed).__name__ in fitting)
    yield from islice(of_kinds, _FITTING_FIRST if fitting else 0)
    yield from range(first, first + most)
