"""Carries botocore's requests to the engines on loopback with a fraction of the CPU of its own way.

A test of the API sends thirty requests to the engines. urllib3, http.client and the signature, which no engine checks, cost most
of each. Head and body go out together: sent apart, they wake the engine twice.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError

_BUFFER = 65_536
_SECONDS = 60
NO_SIGNATURE = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=local",
    "X-Amz-Date": "20260101T000000Z",
}
"""What dynoxide wants to see of a signature."""


class Body:
    """As much of a urllib3 response as botocore reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        yield self._content


class BadAnswer(OSError):
    """An engine hung up within a response, or did not say how long its body is."""


class Connection:
    """One kept connection to an engine: HTTP/1.1, as much of it as the engines speak."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self._address = address
        self._socket = socket.create_connection((host, int(port)), timeout=_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.is_open = True

    def request(
        self, method: str, path: str, body: bytes | str | None, headers: Mapping[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request and return status, headers in lower case and body. Raises OSError."""
        content = body.encode() if isinstance(body, str) else body or b""
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._address}", f"content-length: {len(content)}"]
        for name, value in headers.items():
            if name.lower() not in ("host", "content-length"):
                lines.append(f"{name}: {value.decode() if isinstance(value, bytes) else value}")
        self._socket.sendall("\r\n".join((*lines, "", "")).encode() + content)
        return self._response()

    def _response(self) -> tuple[int, dict[str, str], bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.is_open = headers.get("connection", "").lower() != "close"
        if "content-length" not in headers:
            raise BadAnswer(f"a response without a content-length: {head!r}")
        length = int(headers["content-length"])
        parts, missing = [body], length - len(body)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        return int(status.split(" ", 2)[1]), headers, b"".join(parts)

    def _receive(self) -> bytes:
        received = self._socket.recv(_BUFFER)
        if not received:
            raise BadAnswer("the engine closed the connection")
        return received

    def is_idle(self) -> bool:
        """Return whether it can carry a request: the engine has not closed it."""
        return not select.select([self._socket], [], [], 0)[0]

    def close(self) -> None:
        self.is_open = False
        self._socket.close()


class Wire:
    """Sends prepared requests over connections that it keeps. Thread-safe."""

    def __init__(self) -> None:
        self._idle: defaultdict[str, deque[Connection]] = defaultdict(deque)

    def install(self, client: Any) -> None:
        """Carries the requests of a client that no other handler has answered. Handlers of longer names are asked first."""
        client.meta.events.register_last("before-send", self._before_send, unique_id="wire")

    def _before_send(self, request: Any, **_: Any) -> AWSResponse | None:
        return None if getattr(request, "is_answered", False) else self.send(request)

    def forget(self) -> None:
        """Drops the connections, which another process shares after a fork."""
        self._idle.clear()

    def send(self, request: Any) -> AWSResponse:
        """Sends one request. Raises EndpointConnectionError where the engine is not there."""
        url = urlsplit(request.url)
        path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        try:
            connection = self._connection(url.netloc)
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=request.url, error=error) from error
        try:
            status, headers, body = connection.request(request.method, path, request.body, request.headers)
        except OSError as error:
            connection.close()
            raise EndpointConnectionError(endpoint_url=request.url, error=error) from error
        if connection.is_open:
            self._idle[url.netloc].append(connection)
        else:
            connection.close()
        return AWSResponse(request.url, status, headers, Body(body))

    def _connection(self, address: str) -> Connection:
        """Returns an idle connection that the engine has not closed, or a new one."""
        with contextlib.suppress(IndexError):
            while True:
                connection = self._idle[address].pop()
                if connection.is_idle():
                    return connection
                connection.close()
        return Connection(address)


def without_signatures(client: Any) -> None:
    """Lets a DynamoDB client send its requests unsigned."""
    client.meta.events.register("choose-signer.dynamodb.*", lambda **_: UNSIGNED)
    client.meta.events.register("request-created.dynamodb.*", _leave_unsigned)


def _leave_unsigned(request: Any, **_: Any) -> None:
    for name, value in NO_SIGNATURE.items():
        request.headers[name] = value
