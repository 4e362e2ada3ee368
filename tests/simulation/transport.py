"""Connects botocore to the world: parses the requests that would be sent, and makes the responses.

It is registered at `before-send`, below serialising, retries and parsing, which all run as in production.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from tests.simulation.world.table import Refused

Serve = Callable[[str, str, dict[str, Any]], dict[str, Any]]


class NoResponse(Exception):
    """The connection returns nothing. `written`: the request may have arrived."""

    def __init__(self, *, written: bool) -> None:
        super().__init__()
        self.written = written


class Transport:
    """Puts the world under clients. `serve(service, operation, request)` is replaced for each history."""

    def __init__(self) -> None:
        self.serve: Serve = lambda service, operation, request: {}

    def install(self, client: Any) -> None:
        client.meta.events.register("before-send", self._before_send)

    def _before_send(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        _event, service, operation = event_name.split(".")
        try:
            return _success(request.url, service, self.serve(service, operation, _asked(service, request)))
        except Refused as refused:
            return _error(request.url, service, refused)
        except NoResponse as nothing:
            raise (ReadTimeoutError if nothing.written else ConnectTimeoutError)(endpoint_url=request.url) from None


def _asked(service: str, request: Any) -> dict[str, Any]:
    """What is asked for. S3 names it in the URL."""
    return {"Key": "mail/" + request.url.rpartition("/mail/")[2]} if service == "s3" else _read(request.body)


def _read(body: Any) -> dict[str, Any]:
    if isinstance(body, dict):
        return body
    text = body.decode() if isinstance(body, bytes) else body or "{}"
    return json.loads(text) if text.startswith("{") else dict(parse_qsl(text))


class _Raw:
    """The part of a urllib3 response that botocore reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        yield self._content

    def read(self, _most: int | None = None) -> bytes:
        read, self._content = self._content, b""
        return read

    def close(self) -> None:
        pass


def _response(url: str, status: int, content: bytes, **headers: str) -> AWSResponse:
    return AWSResponse(url, status, {"content-length": str(len(content)), **headers}, _Raw(content))


def _success(url: str, service: str, body: dict[str, Any]) -> AWSResponse:
    if service == "sns":
        return _response(
            url,
            200,
            (
                f"<PublishResponse><PublishResult><MessageId>{body['MessageId']}</MessageId></PublishResult>"
                "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>"
            ).encode(),
        )
    return _response(url, 200, body["Raw"] if service == "s3" else json.dumps(body).encode())


def _error(url: str, service: str, refused: Refused) -> AWSResponse:
    if service == "sns":
        return _response(
            url,
            refused.status,
            (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{refused.code}</Code><Message>no</Message>"
                "</Error><RequestId>r</RequestId></ErrorResponse>"
            ).encode(),
        )
    if service == "s3":
        words = f"<Error><Code>{refused.code}</Code><Message>no</Message></Error>"
        return _response(url, refused.status, words.encode())
    body = {"__type": f"com.amazonaws#{refused.code}", "message": refused.message, **refused.fields}
    return _response(url, refused.status, json.dumps(body).encode(), **{"x-amzn-errortype": refused.code})
