"""The local HTTP server does what API Gateway does and Chalice's own server does not."""

from __future__ import annotations

import http.client
import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local import aws_gateway
from infra.local.deadline import QuietAboutLeavers, RequestDeadline
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


def test_a_client_that_sends_too_much_learns_why(port, employer):
    """The connection was closed while it sent, and it saw that alone."""
    status, told = ask(port, employer, b" " * (aws_gateway.BODY_AT_MOST + 1))
    assert (status, told["code"]) == (413, "too_large")


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


def trickle(port: int, begin: bytes, byte: bytes = b" ") -> tuple[int | None, float]:
    """Send the beginning of a request and then byte after byte until the server ends it.

    Return the response's status, if there is one, and the seconds that it took.
    """
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        wire.sendall(begin)
        wire.settimeout(0.02)
        received = b""
        while time.monotonic() - begun < 5:
            try:
                wire.sendall(byte)
                part = wire.recv(65536)
                received += part
                if not part or b"\r\n\r\n" in received:
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    return int(received.split()[1]) if received else None, time.monotonic() - begun


SLOW = [
    (b"Content-Length: 5000\r\n\r\n", b" ", 408),
    (b"Transfer-Encoding: chunked\r\n\r\n", b"0", 408),
    (b"Transfer-Encoding: chunked\r\n\r\nfff\r\n", b" ", 408),
    (b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"x", 408),
    (b"X-Long: ", b"x", None),
]


@pytest.mark.parametrize(("begin", "byte", "status"), SLOW, ids=["body", "chunk size", "chunk", "trailer", "header"])
def test_a_request_that_comes_byte_by_byte_is_cut_off(
    port: int, monkeypatch: pytest.MonkeyPatch, begin: bytes, byte: bytes, status: int | None
) -> None:
    """One deadline covers line, headers and body: each byte begins a socket's own timeout again, and holds a thread."""
    monkeypatch.setattr(RequestDeadline, "request_seconds", 0.3)
    said, seconds = trickle(port, b"POST /v1/candidates HTTP/1.1\r\nHost: x\r\n" + begin, byte)
    assert said == status
    assert 0.2 < seconds < 2


def test_a_connection_may_be_idle_between_requests_for_longer_than_one_may_take(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline begins with the first byte of a request, not with the end of the last one."""
    monkeypatch.setattr(RequestDeadline, "request_seconds", 0.2)
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(2):
        wire.request("GET", "/healthz")
        answer = wire.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
        threading.Event().wait(0.4)
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


def test_nothing_is_printed_about_a_browser_that_left(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer who follows two links quickly must not meet a traceback. Other errors are shown."""

    class Server(QuietAboutLeavers, socketserver.BaseServer):
        pass

    server = Server(("127.0.0.1", 0), socketserver.BaseRequestHandler)
    for error in (BrokenPipeError(), ConnectionResetError(), ValueError("ours")):
        try:
            raise error
        except Exception:
            server.handle_error(None, ("127.0.0.1", 1))
    printed = capsys.readouterr().err
    assert "ours" in printed and "BrokenPipeError" not in printed and "ConnectionResetError" not in printed


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
