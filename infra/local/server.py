"""Serves the API over HTTP: Chalice's LocalDevServer, plus what API Gateway does on AWS."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    CustomLocalChalice,
    LocalChalice,
    LocalDevServer,
    LocalGateway,
    LocalGatewayException,
    ThreadedHTTPServer,
)

from chalicelib.api.caching import given_request_id
from chalicelib.api.problems import problem
from chalicelib.errors import ApiError, BadRequest, NotFound, TooLarge
from infra.local import aws_gateway
from infra.local.deadline import IDLE_SECONDS, QuietAboutLeavers, RequestDeadline

CONNECTIONS_WAITING = 1024
DROPPING_SECONDS = 2


def gateway(app: Any) -> LocalGateway:
    """Chalice's gateway from an HTTP request to a view; each thread has its own current request."""
    if not isinstance(app, LocalChalice):
        CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
        app.__class__ = CustomLocalChalice
    return LocalGateway(app, Config.create())


def handle(through: LocalGateway, method: str, path: str, headers: dict[str, str], body: bytes | None) -> dict[str, Any]:
    """Answer one request: {statusCode, headers, multiValueHeaders, body}, the body of a file as bytes.

    An unknown path is a 404, as in our template.
    """
    try:
        answer: dict[str, Any] = through.handle_request(method, path, headers, body)
    except (LocalGatewayException, UnicodeError):
        return refused(NotFound("There is nothing at this path."), headers)
    if answer.get("isBase64Encoded"):
        answer["body"] = base64.b64decode(answer["body"])
    return answer


def refused(error: ApiError, asked: dict[str, str]) -> dict[str, Any]:
    request_id = given_request_id(asked) or str(uuid.uuid4())
    status, body, headers = problem(error, request_id)
    return {
        "statusCode": status,
        "headers": {"X-Request-Id": request_id, "Cache-Control": "no-store", **headers},
        "multiValueHeaders": {},
        "body": json.dumps(body),
    }


class ApiHandler(RequestDeadline, ChaliceRequestHandler):
    """Responds in one write and without Nagle's delay, which cost 42 ms a response on a kept-alive connection."""

    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server_version = "heardback-local"

    def __init__(self, request: Any, client_address: Any, server: Any, **_: Any) -> None:
        self.local_gateway, self.binary_types = server.gateway, server.binary_types
        super(ChaliceRequestHandler, self).__init__(request, client_address, server)

    def _generic_handle(self) -> None:
        try:
            if to := self._by_its_number():
                answer = {"statusCode": 307, "headers": {"Location": to}, "multiValueHeaders": {}, "body": ""}
                self._write(answer)
                return
            if page := self.server.pages.get(self.path if self.command in ("GET", "HEAD") else ""):
                self._write(page())
                return
            headers = dict(self.headers)
            body = aws_gateway.body_for_lambda(self._read_body(), headers, self.binary_types)
            answer = handle(self.local_gateway, self.command, self.path, headers, body)
        except TimeoutError:
            self.send_error(408, "The request was not whole in time")
            return
        except ApiError as error:
            self.close_connection = True  # the rest of the body is still on the wire
            self._write(refused(error, dict(self.headers)))
            self._drop_rest()
            return
        self._write(answer)

    def _drop_rest(self) -> None:
        """Read on for a moment what a refused client still sends: closed at once, it would never see why (RFC 9112, 9.6)."""
        until = time.monotonic() + DROPPING_SECONDS
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            while (left := until - time.monotonic()) > 0:
                self.connection.settimeout(left)
                if not self.connection.recv(65536):
                    break

    def _by_its_number(self) -> str | None:
        """Redirect a browser from "localhost" to 127.0.0.1: mailed links and forms use that origin."""
        name, _, port = self.headers.get("host", "").partition(":")
        page = self.command in ("GET", "HEAD") and "text/html" in self.headers.get("accept", "")
        if page and name.lower() == "localhost" and port.isdigit():
            return f"http://127.0.0.1:{port}/{self.path.lstrip('/')}"
        return None

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _generic_handle

    def __getattr__(self, name: str) -> Any:
        """Let the app refuse an unknown method, as 405."""
        if name.startswith("do_"):
            return self._generic_handle
        raise AttributeError(name)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answer with a problem where the request never reaches the app: malformed, or a line too long."""
        status = HTTPStatus(code)
        error = BadRequest(f"{message or status.phrase}.", code="refused")
        error.status, error.title = status.value, status.phrase
        self.close_connection, self.request_version = True, "HTTP/1.1"
        self._write(refused(error, {}))

    def handle_expect_100(self) -> bool:
        """Send "100 Continue" at once, not when the buffer is full: curl would wait a second."""
        answer = super().handle_expect_100()
        self.wfile.flush()
        return answer

    def _read_body(self) -> bytes | None:
        if "transfer-encoding" in self.headers:
            return self._read_chunks() or None
        length = self.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise BadRequest("Content-Length is not a number.")
        if int(length) > aws_gateway.BODY_AT_MOST:
            raise TooLarge
        return self.rfile.read(int(length)) or None

    def _read_chunks(self) -> bytes:
        """Read a chunked body, as streaming clients send it and API Gateway accepts it (RFC 9112, 7.1)."""
        if self.headers["transfer-encoding"].strip().lower() != "chunked" or "content-length" in self.headers:
            raise BadRequest("Send the body with a Content-Length, or in chunks.")
        body = b""
        while size := self._chunk_size():
            if len(body) + size > aws_gateway.BODY_AT_MOST:
                raise TooLarge
            body += self.rfile.read(size)
            if self.rfile.read(2) != b"\r\n":
                raise BadRequest("A chunk is not as long as it says.")
        while self.rfile.readline(1024).strip():  # trailers
            pass
        return body

    def _chunk_size(self) -> int:
        size = self.rfile.readline(1024).partition(b";")[0].strip()
        if not (size and len(size) <= 8 and set(size) <= set(b"0123456789abcdefABCDEF")):
            raise BadRequest("A chunk does not say how long it is.")
        return int(size, 16)

    def _write(self, answer: dict[str, Any]) -> None:
        text = answer["body"] or ""
        body = text if isinstance(text, bytes) else text.encode()
        asked = getattr(self, "headers", None) or {}  # none where the request's own line was refused
        accepted = asked.get("accept-encoding", "")
        headers, body = aws_gateway.for_client({**answer["headers"], **answer["multiValueHeaders"]}, body, accepted)
        self.send_response(answer["statusCode"])
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                self.send_header(name, one)
        if self.command != "HEAD" and answer["statusCode"] not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer["statusCode"] not in (204, 304):
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the console shows what happened, and the app logs errors."""


class _Server(QuietAboutLeavers, ThreadedHTTPServer):
    """More connections may wait to be accepted than Python's five; the system resets the rest."""

    request_queue_size = CONNECTIONS_WAITING


class ApiServer:
    """The API on loopback. Binds at once, so that a taken port is reported before anything starts."""

    def __init__(self, app: Any, port: int, pages: Mapping[str, Callable[[], dict[str, Any]]] | None = None) -> None:
        self._server = LocalDevServer(app, Config.create(), "127.0.0.1", port, handler_cls=ApiHandler, server_cls=_Server)
        self._server.server.gateway, self._server.server.binary_types = gateway(app), (aws_gateway.EVERYTHING,)
        self._server.server.pages = pages or {}  # of this machine alone: AWS has no such path
        self.port: int = self._server.server.server_address[1]

    def serve(self) -> None:
        self._server.server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server.server_close()
