"""One deadline for a whole request: line, headers and body. A socket's own timeout begins again with every byte."""

from __future__ import annotations

import io
import socket
import sys
import time
from typing import Any

REQUEST_SECONDS = 30
IDLE_SECONDS = 60


class QuietAboutLeavers:
    """For a server: says nothing of a browser that left before its answer; other errors are printed as ever."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[misc]


class _Incoming(io.RawIOBase):
    """Reads from a socket. The deadline begins with the first bytes of a request."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self._end: float | None = None

    def readable(self) -> bool:
        return True

    def begin(self) -> None:
        """Wait for another request, for as long as a connection may be idle."""
        self._end = None

    def readinto(self, buffer: Any) -> int:
        """Raises TimeoutError."""
        left = IDLE_SECONDS if self._end is None else self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request is not whole in time")
        self._connection.settimeout(left)
        try:
            count = self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(IDLE_SECONDS)  # of the response
        if self._end is None:
            self._end = time.monotonic() + self._seconds
        return count


class RequestDeadline:
    """Mixed into a BaseHTTPRequestHandler, before it. Reading a request that is not whole in time raises TimeoutError."""

    request_seconds: float = REQUEST_SECONDS
    connection: socket.socket
    rfile: Any

    def setup(self) -> None:
        super().setup()  # type: ignore[misc]
        self._incoming = _Incoming(self.connection, self.request_seconds)
        self.rfile = io.BufferedReader(self._incoming)

    def handle_one_request(self) -> None:
        self._incoming.begin()
        super().handle_one_request()  # type: ignore[misc]
