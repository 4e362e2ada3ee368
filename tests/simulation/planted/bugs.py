"""All planted bugs that the simulator must find: each is a small, likely mistake in the real code.

A target that does not exist is an error: after a rename in the code, the bug must name the new target.
"""

from __future__ import annotations

from tests.simulation.planted import (
    accounts,
    bulk,
    caps,
    conversations,
    delivery_log,
    door,
    fairness,
    letters,
    notices,
    people,
    seekers,
    sending,
    weekly,
    what_next,
)
from tests.simulation.planted.bug import Bug

BUGS: tuple[Bug, ...] = (
    *sending.BUGS,
    *bulk.BUGS,
    *caps.BUGS,
    *notices.BUGS,
    *letters.BUGS,
    *what_next.BUGS,
    *conversations.BUGS,
    *weekly.BUGS,
    *people.BUGS,
    *accounts.BUGS,
    *fairness.BUGS,
    *delivery_log.BUGS,
    *door.BUGS,
    *seekers.BUGS,
)
