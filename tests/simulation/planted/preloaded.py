"""Imports what a simulator needs, once: the processes that plant bugs are forked from one that has it."""

from tests.simulation import actors, checker, drain, shortcuts, stand_ins  # noqa: F401
from tests.simulation.planted import catching  # noqa: F401
