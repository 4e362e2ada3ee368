"""Bugs that the simulator must find: each a small change of one place of the real code, as somebody in a hurry might make it.

A change that no longer fits the code is an error: the code has moved, and the bug must be planted anew.
"""

from __future__ import annotations

from tests.simulation.planted import caps, notices, sending
from tests.simulation.planted.bug import Bug

BUGS: tuple[Bug, ...] = (*sending.BUGS, *caps.BUGS, *notices.BUGS)
