"""What is due here are reminders: the same employer, candidates and runs as in `tests/messaging`."""

from tests.messaging.conftest import sending, text_costs

__all__ = ["sending", "text_costs"]
