"""Bugs that let one employer's slow endpoint delay another's messages."""

from __future__ import annotations

from chalicelib.jobs.registry import QueueName
from tests.simulation.planted.bug import Bug, always_return

BUGS: tuple[Bug, ...] = (
    Bug(
        "webhooks in the queue of reminders",
        "An employer whose server is slow delays everybody's texts.",
        [always_return("chalicelib.jobs.registry", "Registry.queue_of", QueueName.REMINDERS)],
    ),
)
