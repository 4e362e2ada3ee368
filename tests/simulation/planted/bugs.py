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
    fairness,
    letters,
    linked,
    mails,
    notices,
    people,
    repeated_requests,
    seekers,
    sending,
    weekly,
    what_next,
)
from tests.simulation.planted.bug import Bug

GROUPS: dict[str, tuple[Bug, ...]] = {
    "sending": sending.BUGS,
    "bulk": bulk.BUGS,
    "caps": caps.BUGS,
    "notices": notices.BUGS,
    "letters": letters.BUGS,
    "what_next": what_next.BUGS,
    "conversations": conversations.BUGS,
    "weekly": weekly.BUGS,
    "people": people.BUGS,
    "accounts": accounts.BUGS,
    "fairness": fairness.BUGS,
    "delivery_log": delivery_log.BUGS,
    "repeated requests": repeated_requests.BUGS,
    "seekers": seekers.BUGS,
    "linked": linked.BUGS,
    "mails": mails.BUGS,
}
"""By what they concern: `catching.py` tries the histories that fit first."""
BUGS: tuple[Bug, ...] = tuple(bug for bugs in GROUPS.values() for bug in bugs)
GROUP_OF = {bug.name: group for group, bugs in GROUPS.items() for bug in bugs}
