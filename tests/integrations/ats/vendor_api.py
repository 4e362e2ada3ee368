"""A fake of the vendors' APIs on loopback. Requests to any vendor's host reach it, below `requests`."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from requests.adapters import HTTPAdapter

_VERSION = re.compile(r"^/(spi/)?v[0-9]+(?=/)")


class FakeServer:
    """An HTTP server. `hosts` are the hosts that were called; `respond` answers each request."""

    def __init__(self) -> None:
        self.hosts: list[str] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.hosts.append(self.headers["Host"])
                form = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                status, body, headers = fake.respond(self.command, _VERSION.sub("", self.path), dict(self.headers), form)
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def respond(self, method: str, path: str, headers: dict[str, str], form: str) -> tuple[int, Any, dict[str, str]]:
        """Return (status, body, headers). `path` has no version of the API in it."""
        raise NotImplementedError


class Vendor(FakeServer):
    """vendor.answers[path] = body or (status, body); `asked` holds (path, headers)."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        super().__init__()

    def respond(self, method: str, path: str, headers: dict[str, str], form: str) -> tuple[int, Any, dict[str, str]]:
        self.asked.append((path, headers))
        answer = self.answers.get(path.partition("?")[0], (404, {}))
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return status, body, {"Location": "/elsewhere"} if 300 <= status < 400 else {}


class Harvest(FakeServer):
    """Greenhouse's Harvest API: `pages` are lists of rows, and a page's cursor is its number.

    `asked` holds the queries, `tokens` how many access tokens were given.
    """

    def __init__(self) -> None:
        self.pages: list[Any] = [[]]
        self.asked: list[dict[str, list[str]]] = []
        self.tokens, self.token_status, self.status = 0, 200, 200
        self.next_host = "https://harvest.greenhouse.io"
        super().__init__()

    def respond(self, method: str, path: str, headers: dict[str, str], form: str) -> tuple[int, Any, dict[str, str]]:
        if method == "POST":
            assert (path, form) == ("/token", "grant_type=client_credentials")
            assert headers["Authorization"].startswith("Basic ")
            self.tokens += 1
            return self.token_status, {"access_token": f"token-{self.tokens}", "token_type": "Bearer"}, {}
        parts = urlsplit(path)
        assert parts.path == "/interviews" and headers["Authorization"] == f"Bearer token-{self.tokens}"
        query = parse_qs(parts.query)
        self.asked.append(query)
        assert "cursor" not in query or len(query) == 1, "Harvest refuses a cursor beside anything else"
        number = int(query.get("cursor", ["0"])[0])
        link = f'<{self.next_host}/v3/interviews?cursor={number + 1}>; rel="next"' if number + 1 < len(self.pages) else ""
        return self.status, self.pages[number], {"Link": link}


@contextmanager
def serving(fake: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Send every request of `requests` to the fake, under the host that it was meant for."""
    send = HTTPAdapter.send

    def send_to_fake(self: HTTPAdapter, request: Any, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(request.url)
        assert parts.scheme == "https", request.url
        request.headers["Host"] = parts.netloc
        request.url = parts._replace(scheme="http", netloc=f"127.0.0.1:{fake.server.server_address[1]}").geturl()
        return send(self, request, *args, **kwargs)

    monkeypatch.setattr(HTTPAdapter, "send", send_to_fake)
    yield fake
    fake.server.shutdown()
    fake.server.server_close()
