"""Bugs that the simulator must find: each a small mistake in the real code, as somebody in a hurry might make it.

A target that no longer exists is an error: the code has changed, and the bug must name another one.
"""

from __future__ import annotations

from tests.simulation.planted import caps, notices, sending
from tests.simulation.planted.bug import Bug

BUGS: tuple[Bug, ...] = (*sending.BUGS, *caps.BUGS, *notices.BUGS)
