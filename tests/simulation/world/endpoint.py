"""Employers' webhook endpoints: they take every request, and may take long."""

from __future__ import annotations

from dataclasses import dataclass

READ_TIMEOUT = 4.0


@dataclass
class Endpoint:
    """`seconds` is the time until a response, in virtual time; `requests` counts what arrived."""

    seconds: float = 0.0
    requests: int = 0

    def serve(self) -> int:
        """Counts a request and returns the status of its response."""
        self.requests += 1
        return 204
