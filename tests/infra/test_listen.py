"""`python -m infra.cli listen` beside the real runner, and what it takes for genuine."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from queue import Queue
from typing import Any

import pytest

from chalicelib.integrations.webhooks import send, ssrf_guard
from infra import listen
from infra.local.environment import environment
from tests.infra.test_runner import ROOT, Run, ask, clean_environment

NOW = datetime(2026, 6, 2, 14, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
BODY = b'{"id": "evt_1", "type": "application.overdue", "data": {"application_id": "app_1"}}'
RECEIVER = "http://127.0.0.1:8002/"


class Listening:
    """A run of the command, with its lines."""

    def __init__(self, run: Run, key: str) -> None:
        command = [sys.executable, "-m", "infra.cli", "listen", "--port", "0", "--data", str(run.data)]
        given = {**clean_environment(), "HEARDBACK_KEY": key}
        self.process = subprocess.Popen(command, cwd=ROOT, env=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)

    def line(self) -> str:
        return self.lines.get(timeout=30)


@pytest.fixture
def run(tmp_path: Any) -> Any:
    started = Run(tmp_path / "data")
    yield started
    started.stop(signal.SIGTERM)


def key_of(run: Run) -> str:
    acme = {"name": "Acme", "timezone": "America/New_York", "call_back_phone": "+12025550100"}
    employer = run.api("POST", "/v1/employers", acme)
    return str(run.api("POST", "/v1/keys", {"employer_id": employer["id"], "scopes": ["read", "write", "manage"]})["secret"])


def test_it_prints_what_the_local_stack_delivers_and_unsubscribes_at_its_end(run: Run) -> None:
    run.console("POST", "/clock", {"now": "2027-03-04T10:00:00Z"})
    key = key_of(run)
    listening = Listening(run, key)
    said = listening.line()
    url, endpoint = said.split()[2], said.split()[4].rstrip(".")
    event = run.api("POST", f"/v1/webhook_endpoints/{endpoint}/test", None, key)
    run.console("POST", "/tick")
    assert listening.line().split(maxsplit=2)[1:] == [event["id"], "signature and timestamp verified\n"]
    listening.line()
    with pytest.raises(ValueError, match="Expecting value"):  # 401 without a body
        ask("POST", url, {"type": "application.overdue", "data": {}}, {})
    assert "REFUSED" in listening.line()
    listening.process.send_signal(signal.SIGINT)
    assert listening.process.wait(20) == 0
    assert run.api("GET", "/v1/webhook_endpoints", None, key)["data"] == []
    refused = run.api("POST", "/v1/webhook_endpoints", {"url": url}, key)
    assert refused["status"] == 422, "nobody listens there any more"


def test_without_a_stack_it_says_how_to_start_one(tmp_path: Any, capsys: Any) -> None:
    from infra import cli

    assert cli.main(["listen", "--data", str(tmp_path)]) == 2
    assert "make run" in capsys.readouterr().err


def test_only_a_genuine_delivery_of_now_is_taken() -> None:
    headers = send.signed_headers([SECRET], "evt_1", NOW, BODY)
    assert listen.fault(SECRET, headers, BODY, NOW + timedelta(minutes=4)) is None
    assert "5 minutes" in str(listen.fault(SECRET, headers, BODY, NOW + timedelta(minutes=6)))
    assert "5 minutes" in str(listen.fault(SECRET, headers, BODY, NOW - timedelta(minutes=6)))
    assert "signature" in str(listen.fault(SECRET, headers, BODY + b" ", NOW))
    assert "signature" in str(listen.fault(SECRET, {**headers, "webhook-id": "evt_2"}, BODY, NOW))
    assert "timestamp" in str(listen.fault(SECRET, {}, BODY, NOW))


def test_a_delivery_cannot_write_control_characters_to_the_terminal() -> None:
    text = listen.shown({"webhook-id": "\x1b[2J"}, b'{"type": "\\u001b[2J", "data": "\\u001b[2J"}', None)
    assert "\x1b" not in text and "\x1b" not in listen.shown({}, b"\x1b[2J", None)


@pytest.fixture
def trusted() -> Any:
    yield ssrf_guard.trust_local_receiver
    ssrf_guard.trust_local_receiver(lambda: None)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001/",
        "http://127.0.0.1:8002/x",
        "https://127.0.0.1:8002/",
        "http://localhost:8002/",
        "http://user@127.0.0.1:8002/",
        "http://127.0.0.1:8002/#",
        "http://[::1]:8002/",
    ],
)
def test_beside_the_receivers_address_no_other_on_loopback_is_allowed(trusted: Any, url: str) -> None:
    trusted(lambda: RECEIVER)
    assert ssrf_guard.resolve(RECEIVER).pinned_url == RECEIVER
    with pytest.raises(ssrf_guard.Refused):
        ssrf_guard.resolve(url)


def test_no_address_but_one_on_loopback_can_be_trusted(trusted: Any) -> None:
    for url in ("http://169.254.169.254:8002/", "http://10.0.0.1:8002/", "http://127.0.0.1:80/"):
        trusted(lambda url=url: url)
        with pytest.raises(ssrf_guard.Refused):
            ssrf_guard.resolve(url)


def test_a_deployment_refuses_the_receivers_address_whatever_its_settings_say() -> None:
    """The app as a function starts it, with every setting that names something local."""
    given = {**os.environ, **environment("http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:8000", "s" * 64, "o" * 64)}
    program = (
        "import app; from chalicelib import wiring; wiring.start(); wiring.job_handlers(); "
        "from chalicelib.integrations.webhooks import send; "
        f"print(send.post({RECEIVER!r}, b'', {{}}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=given, text=True, capture_output=True, check=True)
    assert done.stdout == "url must begin with https://\n"
