"""The console: a page and JSON, on loopback only, for moving the clock and looking at what was sent. Never packaged for AWS."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Protocol

from chalicelib.rules.copy.palette import as_css
from infra.local.clock import MovableClock, OutOfRange
from infra.local.deadline import IDLE_SECONDS, QuietAboutLeavers, RequestDeadline
from infra.local.server import CONNECTIONS_WAITING

PAGE = Path(__file__).with_name("console.html")
BODY_AT_MOST = 256 * 1024
TOKEN_HEADER = "X-Console-Token"  # noqa: S105 - the header's name
TOKEN_PLACE = "{{console_token}}"  # noqa: S105 - where the page holds it
PALETTE_PLACE = "{{palette}}"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class Refused(Exception):
    """The console cannot do what was requested."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Feedback(Protocol):
    """Replies, bounces and complaints. See `infra.local.feedback`."""

    def inbound_sms(self, body: Any) -> Any: ...

    def inbound_mail(self, body: Any) -> Any: ...

    def ses_event(self, body: Any) -> Any: ...

    def sms_event(self, body: Any) -> Any: ...


class Console:
    """What the console does, by method and path. Each takes the parsed body and returns what becomes JSON."""

    def __init__(
        self,
        clock: MovableClock,
        outbox: Callable[[], list[dict[str, Any]]],
        run: Callable[[], dict[str, Any]],
        about: Callable[[], dict[str, Any]],
        feedback: Feedback | None = None,
    ) -> None:
        self._clock = clock
        self._run = run
        self.routes: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "/clock"): lambda _: self._now(),
            ("POST", "/clock"): self._move,
            ("POST", "/tick"): lambda _: {**self._run(), **self._now()},
            ("GET", "/outbox"): lambda _: {"data": outbox()},
            ("GET", "/about"): lambda _: about(),
            ("POST", "/inbound_sms"): feedback.inbound_sms if feedback else self._not_there,
            ("POST", "/inbound_mail"): feedback.inbound_mail if feedback else self._not_there,
            ("POST", "/ses_event"): feedback.ses_event if feedback else self._not_there,
            ("POST", "/sms_event"): feedback.sms_event if feedback else self._not_there,
        }

    def _now(self) -> dict[str, str]:
        return {"now": self._clock().isoformat().replace("+00:00", "Z")}

    def _move(self, body: Any) -> dict[str, str]:
        if not isinstance(body, dict) or len(body) != 1 or next(iter(body)) not in ("now", "advance_hours"):
            raise Refused(400, 'Send {"now": "2026-11-10T15:00:00Z"} or {"advance_hours": 48}.')
        try:
            if "now" in body:
                self._clock.set(_instant(body["now"]))
            else:
                self._clock.advance(_hours(body["advance_hours"]))
        except OutOfRange as error:
            raise Refused(400, str(error)) from None
        return self._now()

    def _not_there(self, _: Any) -> Any:
        raise Refused(501, "No app listens to carriers and mailboxes here.")


def _instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refused(400, "now must be an RFC 3339 instant, such as 2026-11-10T15:00:00Z.") from None
    if instant.tzinfo is None:
        raise Refused(400, "now must say its offset, such as Z or -05:00.")
    return instant


def _hours(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(400, "advance_hours must be a number.")
    return value


class _Handler(RequestDeadline, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    console: ClassVar[Console]
    token: ClassVar[str]
    port: ClassVar[int]

    def do_GET(self) -> None:
        if self.path not in ("/", "/index.html"):
            self._answer("GET")
        elif self.headers.get("host", "").lower() == f"localhost:{self.port}":
            self._write(307, b"", "text/plain", {"Location": f"{self._origin}/"})  # one origin: the token's
        elif self.headers.get("host") != self._origin.removeprefix("http://"):
            self._write(403, b"The console answers only to this machine.\n", "text/plain; charset=utf-8")
        else:
            page = PAGE.read_text(encoding="utf-8").replace(TOKEN_PLACE, self.token).replace(PALETTE_PLACE, as_css())
            self._write(200, page.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        path = self.path.partition("?")[0]
        try:
            self._only_from_here()
            body = self._read() if method == "POST" else None
            route = self.console.routes.get((method, path))
            if route is None:
                raise Refused(404, "There is nothing at this path.")
            status, answer = 200, route(body)
        except Refused as error:
            status = error.status
            answer = {"type": "about:blank", "title": self.responses[status][0], "status": status, "detail": str(error)}
        except Exception as error:  # a failing tick is reported, instead of dropping the connection
            self.log_error("%s %s: %r", method, path, error)
            status, answer = 500, {"type": "about:blank", "title": "Failed", "status": 500, "detail": repr(error)}
        kind = "application/json" if status < 400 else "application/problem+json"
        self._write(status, json.dumps(answer, ensure_ascii=False).encode(), kind)

    @property
    def _origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _only_from_here(self) -> None:
        """Refuse other sites' pages, also under another name for 127.0.0.1: they must not move the clock or read mail.

        A browser names the page's origin, or says that it fetches for one; it must then be our page, with its token. Programs
        send neither header.
        """
        here = self._origin
        if self.headers.get("host", "").lower() not in (f"127.0.0.1:{self.port}", f"localhost:{self.port}"):
            self._refuse_page()
        origins, fetched = self.headers.get_all("origin") or [], self.headers.get("sec-fetch-site")
        if not origins and fetched in (None, "none"):  # none: an address that a person typed
            return
        given = self.headers.get(TOKEN_HEADER, "")
        if any(one != here for one in origins) or fetched not in (None, "same-origin"):
            self._refuse_page()
        if not secrets.compare_digest(given.encode("utf-8", "replace"), self.token.encode()):
            self._refuse_page()

    def _refuse_page(self) -> NoReturn:
        self.close_connection = True  # the body is still on the wire
        raise Refused(403, "The console answers only to its own page and to programs of this machine.")

    def _read(self) -> Any:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_AT_MOST:
            self.close_connection = True
            raise Refused(400, "The body is too large, or its length is not a number.")
        try:
            raw = self.rfile.read(int(length))
        except TimeoutError:
            self.close_connection = True
            raise Refused(408, "The request was not whole in time.") from None
        try:
            return json.loads(raw) if raw else None
        except (ValueError, RecursionError):
            raise Refused(400, "The body is not JSON.") from None

    def _write(self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            **({"Connection": "close"} if self.close_connection else {}),
            **(more or {}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log errors only."""

    def log_error(self, format: str, *args: Any) -> None:
        super().log_message(format, *args)


class _Server(QuietAboutLeavers, ThreadingHTTPServer):
    request_queue_size = CONNECTIONS_WAITING


class ConsoleServer:
    """Binds at once; `open` connects it to the app."""

    def __init__(self, port: int) -> None:
        self._handler = type("ConsoleHandler", (_Handler,), {"token": secrets.token_urlsafe(32)})
        self._server = _Server(("127.0.0.1", port), self._handler)
        self.port: int = self._server.server_address[1]
        self._handler.port = self.port  # type: ignore[attr-defined]

    def serve(self, console: Console) -> None:
        self._handler.console = console  # type: ignore[attr-defined]
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
