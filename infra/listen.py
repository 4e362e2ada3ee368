"""The command line's receiver of webhooks: prints and verifies what the stack on this machine delivers to it.

    python -m infra.cli listen [--data .local] [--port 8002] [--events application.overdue,reply.received]

It subscribes when it starts and unsubscribes when it ends. The key is HEARDBACK_KEY (scope `manage`), else that of the demo.
While it runs, the local stack delivers to its address, which is on loopback; a deployed one never does.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import signal
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from infra.local.data import LISTENER
from infra.local.files import write_whole

TOLERANCE_SECONDS = 300
BODY_MOST = 64 * 1024
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def declare(commands: Any) -> None:
    """The command `listen`, for cli.py."""
    command = commands.add_parser("listen", help="print and verify the webhooks of the stack that runs on this machine")
    command.add_argument("--data", type=Path, default=Path(".local"), help="the data directory of that stack (default: .local)")
    command.add_argument("--port", type=int, default=8002, help="where to listen on loopback; 0 takes a free one")
    command.add_argument("--events", default="", help="types with commas between; all without it")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Returns 2 where no stack runs or no key is known, 1 where the API refuses."""
    try:
        about = json.loads((options.data / "ready.json").read_text())
    except (OSError, ValueError):
        print(f"No stack runs with the data of {options.data}: start one by `make run`.", file=sys.stderr)
        return 2
    key = os.environ.get("HEARDBACK_KEY") or about.get("employer_key")
    if not key:
        print('Set HEARDBACK_KEY to a key with the scope manage, or run `make run RUN_OPTIONS="--seed demo"`.', file=sys.stderr)
        return 2
    try:
        return _listen(options, about, key)
    except urllib.error.HTTPError as error:
        print(f"The API refuses ({error.code}): {_detail(error)}", file=sys.stderr)
    except OSError as error:
        print(f"Cannot listen or reach {about['api']}: {error}", file=sys.stderr)
    return 1


def _listen(options: argparse.Namespace, about: Mapping[str, str], key: str) -> int:
    receiver = Receiver(options.port, lambda: _clock_of(about["console"]))
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    url, note = f"http://127.0.0.1:{receiver.server_port}/", options.data / LISTENER
    write_whole(note, json.dumps({"url": url}) + "\n")
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    try:
        events = [one.strip() for one in options.events.split(",") if one.strip()]
        made = _ask("POST", f"{about['api']}/v1/webhook_endpoints", key, {"url": url, **({"events": events} if events else {})})
        receiver.secret = made["secret"]
        print(f"Listening at {url} as {made['id']}. Ctrl-C ends it and unsubscribes.", flush=True)
        stopped.wait()
        _ask("DELETE", f"{about['api']}/v1/webhook_endpoints/{made['id']}", key)
    finally:
        note.unlink(missing_ok=True)
        receiver.shutdown()
    return 0


class Receiver(ThreadingHTTPServer):
    """Takes deliveries on loopback. `secret` is the endpoint's; `clock` tells the time of the stack, which may be moved."""

    daemon_threads = True

    def __init__(self, port: int, clock: Callable[[], datetime]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.secret, self.clock = "", clock


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        length = min(int(self.headers.get("content-length") or 0), BODY_MOST)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        wrong = fault(self.server.secret, headers, body, self.server.clock())
        print(shown(headers, body, wrong), flush=True)
        self.send_response(401 if wrong else 204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Deliveries are printed by `do_POST`."""


def fault(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
    """Returns why a delivery is not to be trusted, as Standard Webhooks say; None for a genuine one."""
    event_id, timestamp, signatures = (headers.get(f"webhook-{name}") or "" for name in ("id", "timestamp", "signature"))
    if not timestamp.isdecimal():
        return "has no webhook-timestamp"
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        return f"was signed more than {TOLERANCE_SECONDS // 60} minutes ago, or ahead"
    signed = f"{event_id}.{timestamp}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
    wanted = "v1," + base64.b64encode(digest).decode()
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in signatures.split()):
        return "has a wrong signature"
    return None


def shown(headers: Mapping[str, str], body: bytes, wrong: str | None) -> str:
    """Returns two lines about a delivery. Control characters cannot reach the terminal."""
    try:
        event = json.loads(body)
        kind, data = str(event["type"]), json.dumps(event["data"])
    except (ValueError, TypeError, KeyError):
        kind, data = "not an event", ascii(body[:200].decode(errors="replace"))
    verdict = f"REFUSED: it {wrong}" if wrong else "signature and timestamp verified"
    return f"{ascii(kind)[1:-1]}  {ascii(headers.get('webhook-id') or '-')[1:-1]}  {verdict}\n    {data}"


def _clock_of(console: str) -> datetime:
    """Returns the time of the stack; the machine's where the console does not answer."""
    try:
        with _OPENER.open(f"{console}/clock", timeout=2) as answer:
            return datetime.fromisoformat(json.load(answer)["now"])
    except (OSError, ValueError, KeyError):
        return datetime.now(UTC)


def _ask(method: str, url: str, key: str, body: Any = None) -> Any:
    raw = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, raw, headers, method=method)  # noqa: S310 - our own loopback
    with _OPENER.open(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        problem = json.load(error)
        return "; ".join([problem["detail"], *(f"{one['pointer']} {one['message']}" for one in problem["errors"])])
    except (ValueError, KeyError):
        return error.reason
