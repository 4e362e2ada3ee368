"""The local HTTP server does what API Gateway does and Chalice's own server does not."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.server import ApiServer


@pytest.fixture
def port(stack: Any) -> Iterator[int]:
    server = ApiServer(stack.app.app, 0)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server.port
    server.stop()
    thread.join()


def ask(port: int, employer: Any, body: Any, **headers: str) -> tuple[int, Any]:
    """Post a candidate as `body` (bytes, or chunks of them). Return (status, JSON)."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    wire.request(
        "POST",
        "/v1/candidates",
        body,
        {"Authorization": f"Bearer {employer.key}", **headers},
        encode_chunked="Transfer-Encoding" in headers,
    )
    answer = wire.getresponse()
    read = answer.status, json.load(answer)
    wire.close()
    return read


def test_a_body_in_chunks_is_a_body(port: int, employer: Any) -> None:
    """Streaming clients send chunked bodies; API Gateway accepts them."""
    status, made = ask(port, employer, iter([b'{"name": ', b'"Sam Sample"}']), **{"Transfer-Encoding": "chunked"})
    assert (status, made["name"]) == (201, "Sam Sample")


@pytest.mark.parametrize("raw", [b"zz\r\n", b"\r\n", b"2\r\n{}xx0\r\n\r\n", b"-2\r\n{}\r\n", b"ffffffff\r\n"])
def test_chunks_that_lie_are_refused(port: int, employer: Any, raw: bytes) -> None:
    """The connection is closed, since the rest of it cannot be parsed."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    wire.putrequest("POST", "/v1/candidates")
    wire.putheader("Authorization", f"Bearer {employer.key}")
    wire.putheader("Transfer-Encoding", "chunked")
    wire.endheaders(raw)
    answer = wire.getresponse()
    assert answer.status in (400, 413)
    assert answer.getheader("Content-Type") == "application/problem+json"
    assert answer.getheader("Connection") == "close"
    wire.close()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"b" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/x\r\n\r\n", 400),
    ],
    ids=["a long path", "a long header", "many headers", "no request", "no version"],
)
def test_what_no_app_ever_sees_is_told_as_everything_else_is(port: int, raw: bytes, status: int) -> None:
    """The server refuses with a problem document, as the app does."""
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        wire.sendall(raw)
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        assert (answer.status, answer.getheader("Content-Type")) == (status, "application/problem+json")
        assert json.load(answer)["status"] == status


def test_a_browser_that_came_to_localhost_is_led_to_the_address_that_links_have(port: int) -> None:
    """Otherwise forms would be refused as another site's, and the session would have another host than the mailed link."""
    for host, accept, led in (("localhost", "text/html", True), ("127.0.0.1", "text/html", False), ("localhost", "*/*", False)):
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        wire.request("GET", "/sign-in?x=1", headers={"Host": f"{host}:{port}", "Accept": accept})
        answer = wire.getresponse()
        assert answer.status == (307 if led else 200)
        assert answer.getheader("Location") == (f"http://127.0.0.1:{port}/sign-in?x=1" if led else None)
        wire.close()


def test_many_clients_may_come_at_once(stack: Any) -> None:
    """Many connections wait until they are accepted; none is reset."""
    server = ApiServer(stack.app.app, 0)
    waiting = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=5) for _ in range(100)]
    for wire in waiting:
        wire.request("GET", "/healthz")
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        assert {wire.getresponse().status for wire in waiting} == {200}
    finally:
        for wire in waiting:
            wire.close()
        server.stop()
        thread.join()
