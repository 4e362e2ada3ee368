"""A receiver with its own certificate, and a public internet that is faked at the socket.

Names are looked up in `internet.names`. A connection to a public address reaches the receiver, and the address of every
attempt to connect is recorded.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests.adapters
from jsonschema import Draft202012Validator, FormatChecker

from tests.openapi.conftest import closed

Json = dict[str, Any]

HOST = "hooks.example.com"
PUBLIC = "93.184.215.14"
URL = f"https://{HOST}/in"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: Any) -> tuple[Path, Path]:
    """(certificate, key) for `HOST`, signed by itself."""
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            f"/CN={HOST}",
            "-addext",
            f"subjectAltName=DNS:{HOST}",
            "-out",
            made[0],
            "-keyout",
            made[1],
        ],
        check=True,
        capture_output=True,
    )
    return made


class Receiver:
    """`answers` are the next statuses (then 204); `got` holds (path, headers, body); `seen_names` the names in TLS handshakes.

    `before_answer` is called before each response: it may block, or move a clock.
    """

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        self.hold_seconds = 0.0
        self.before_answer: Callable[[], object] = int
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.seen_names: list[str | None] = []


@pytest.fixture
def receiver(certificate: tuple[Path, Path]) -> Iterator[Receiver]:
    found = Receiver()
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, dict(self.headers), body))
            found.before_answer()
            status = found.answers.pop(0) if found.answers else 204
            try:
                if found.hold_seconds:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                    while not released.wait(found.hold_seconds):
                        self.wfile.write(b"X-Slow: a\r\n")
                        self.wfile.flush()
                    return
                self.send_response(status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                self.end_headers()
            except OSError:
                return

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.sni_callback = lambda _socket, name, _context: found.seen_names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    found.port = server.server_address[1]
    yield found
    released.set()
    server.shutdown()
    server.server_close()
    events = [json.loads(body) for _, _, body in found.got if body.startswith(b'{"id"')]
    assert [fault for event in events for fault in event_faults(event)] == []


@cache
def document() -> Json:
    import app  # noqa: F401 - registers the routes
    from chalicelib.openapi.document import document

    return document()


def event_faults(event: Json) -> list[str]:
    """Compare an event with the document's schema of its type. A field that it does not name is a fault."""
    described = document()["webhooks"][event["type"]]["post"]["requestBody"]["content"]["application/json"]["schema"]
    whole = {**described, "components": {"schemas": closed(document()["components"]["schemas"])}}
    found = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(event)
    return [f"{event['type']} {fault.json_path}: {fault.message}" for fault in found]


class Internet:
    """`names`: host -> addresses, or a list of such answers, one for each lookup. `tried`: every address of a connection."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {HOST: [PUBLIC]}
        self.tried: list[str] = []
        self.lookups: list[str] = []


@pytest.fixture
def internet(receiver: Receiver, certificate: tuple[Path, Path], monkeypatch: Any) -> Internet:
    faked, look_up, connect = Internet(), socket.getaddrinfo, socket.socket.connect

    def getaddrinfo(host: str, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in faked.names:
            return look_up(host, port, *args, **kwargs)
        faked.lookups.append(host)
        found = faked.names[host]
        addresses = found.pop(0) if found and isinstance(found[0], list) else found
        return [entry for one in addresses for entry in look_up(one, port, type=socket.SOCK_STREAM)]

    def connecting(self: socket.socket, address: Any) -> Any:
        if self.family not in (socket.AF_INET, socket.AF_INET6) or (address[0] == "127.0.0.1" and address[1] in faked.own_ports):
            return connect(self, address)
        faked.tried.append(address[0])
        if ipaddress.ip_address(address[0]).is_global:
            return connect(self, ("127.0.0.1", receiver.port))
        raise ConnectionRefusedError("not a public address")

    faked.own_ports = _Engines()
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))
    return faked


@pytest.fixture
def name_server(internet: Internet, monkeypatch: Any) -> Iterator[threading.Event]:
    """A name server that answers nothing until the event is set."""
    answers, threads, look_up = threading.Event(), [], socket.getaddrinfo

    def slowly(*args: Any, **kwargs: Any) -> Any:
        threads.append(threading.current_thread())
        answers.wait(10)
        return look_up(PUBLIC, *args[1:], **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    yield answers
    answers.set()
    for thread in threads:
        thread.join(10)


class _Engines:
    """The ports of the tests' own engines."""

    def __contains__(self, port: int) -> bool:
        import os
        from urllib.parse import urlsplit

        known = [os.environ.get(name, "") for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB")]
        return port in {urlsplit(url).port for url in known}
