"""Carries botocore's requests to the engines on loopback with half the CPU of its own way.

A test of the API sends thirty requests to the engines. urllib3 and the signature, which no engine checks, cost most of each.
"""

from __future__ import annotations

import contextlib
import select
from collections import defaultdict, deque
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError

_NO_SIGNATURE = {
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


class Wire:
    """Sends prepared requests over connections that it keeps. Thread-safe."""

    def __init__(self) -> None:
        self._idle: defaultdict[str, deque[HTTPConnection]] = defaultdict(deque)

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
        connection = self._connection(url.netloc)
        path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        try:
            connection.request(request.method, path, request.body, request.headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            raise EndpointConnectionError(endpoint_url=request.url, error=error) from error
        if response.will_close:
            connection.close()
        else:
            self._idle[url.netloc].append(connection)
        return AWSResponse(request.url, response.status, response.headers, Body(body))

    def _connection(self, address: str) -> HTTPConnection:
        """Returns an idle connection that the engine has not closed, or a new one."""
        with contextlib.suppress(IndexError):
            while True:
                connection = self._idle[address].pop()
                if not select.select([connection.sock], [], [], 0)[0]:
                    return connection
                connection.close()
        return HTTPConnection(address, timeout=60)


def without_signatures(client: Any) -> None:
    """Lets a DynamoDB client send its requests unsigned."""
    client.meta.events.register("choose-signer.dynamodb.*", lambda **_: UNSIGNED)
    client.meta.events.register("request-created.dynamodb.*", _leave_unsigned)


def _leave_unsigned(request: Any, **_: Any) -> None:
    for name, value in _NO_SIGNATURE.items():
        request.headers[name] = value
