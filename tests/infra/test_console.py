"""The console's clock and its refusals, over real HTTP."""

from __future__ import annotations

import http.client
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from infra.local.clock import MovableClock
from infra.local.console import Console, ConsoleServer
from infra.local.outbox import Outbox


@pytest.fixture
def console(tmp_path):
    """(ask, clock): ask(method, path, body, headers) -> (status, json or text)"""
    clock = MovableClock(tmp_path / "clock.json")
    server = ConsoleServer(0)
    answers = Console(clock, lambda: [{"channel": "sms"}], lambda: {"due": 1, "sent": 1, "deferred": 0}, dict)
    thread = threading.Thread(target=server.serve, args=(answers,))
    thread.start()

    def ask(method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request(method, path, body if isinstance(body, str | None) else json.dumps(body), headers or {})
        answer = connection.getresponse()
        raw = answer.read().decode()
        connection.close()
        return answer.status, json.loads(raw) if "json" in answer.headers["Content-Type"] else raw

    yield SimpleNamespace(ask=ask, clock=clock, path=tmp_path / "clock.json")
    server.stop()
    thread.join()


def test_the_clock_runs_on_from_where_it_is_set_and_keeps_its_offset(console):
    """The moved clock survives a restart."""
    status, answer = console.ask("POST", "/clock", {"now": "2026-11-10T10:00:00-05:00"})
    assert (status, answer["now"][:16]) == (200, "2026-11-10T15:00")
    status, answer = console.ask("POST", "/clock", {"advance_hours": 48.5})
    assert (status, answer["now"][:16]) == (200, "2026-11-12T15:30")
    first = console.clock()
    again = MovableClock(console.path)
    assert timedelta() <= again() - first < timedelta(seconds=5)
    assert console.ask("GET", "/clock")[1]["now"] >= answer["now"]


def test_two_who_move_the_clock_at_once_both_move_it(console):
    """Two moves at the same time both count, and neither fails."""
    console.ask("POST", "/clock", {"now": "2026-11-10T15:00:00Z"})
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda _: console.ask("POST", "/clock", {"advance_hours": 1}), range(60)))
    assert {status for status, _ in told} == {200}
    assert console.clock() - datetime(2026, 11, 13, 3, tzinfo=UTC) < timedelta(minutes=1)
    assert console.clock() >= datetime(2026, 11, 13, 3, tzinfo=UTC)
    assert abs(MovableClock(console.path)() - console.clock()) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[",
        "{}",
        "5",
        '{"now": "soon"}',
        '{"now": "2026-01-01T00:00:00"}',
        '{"now": 5}',
        '{"advance_hours": true}',
        '{"advance_hours": "48"}',
        '{"advance_hours": 1e999}',
        '{"advance_hours": NaN}',
        '{"advance_hours": 1e9}',
        '{"now": "2500-01-01T00:00:00Z"}',
        '{"now": "0001-01-01T00:00:00+14:00"}',
        '{"now": "2026-01-01T00:00:00Z", "advance_hours": 1}',
    ],
)
def test_what_is_no_time_is_refused_and_moves_nothing(console, body):
    """A wrong time would send wrong messages."""
    status, answer = console.ask("POST", "/clock", body)
    assert (status, answer["status"]) == (400, 400)
    assert abs(console.clock() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_page_elsewhere_cannot_move_the_clock(console):
    """Other sites' pages in a browser on this machine must not reach the console."""
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        assert console.ask("POST", "/clock", {"advance_hours": 1}, headers)[0] == 403
    assert console.ask("POST", "/clock", {"advance_hours": 1}, {"Origin": "http://localhost:8001"})[0] == 200


def test_what_is_not_built_yet_says_so(console):
    """An unknown method is 405, not 501."""
    assert console.ask("POST", "/inbound_sms", {"from": "+12025550101", "body": "STOP"})[0] == 501
    assert console.ask("POST", "/ses_event", {})[0] == 501
    assert console.ask("GET", "/nothing")[0] == 404


def test_a_person_gets_a_page_and_a_program_gets_json(console):
    """The same port serves the page and the JSON."""
    status, page = console.ask("GET", "/")
    assert status == 200
    assert "48 hours later" in page
    assert console.ask("GET", "/outbox") == (200, {"data": [{"channel": "sms"}]})
    status, counts = console.ask("POST", "/tick")
    assert (counts["due"], counts["sent"], counts["deferred"]) == (1, 1, 0)
    assert "now" in counts


def test_a_half_written_last_line_of_the_outbox_is_cut_off(tmp_path):
    """A killed run may leave half a line: whole entries stay, and the next starts on its own line."""
    path = tmp_path / "outbox.jsonl"
    path.write_text('{"to": "a"}\n{"to": "b')
    outbox = Outbox(path)
    outbox.add({"to": "c"})
    assert [entry["to"] for entry in Outbox(path).entries()] == ["a", "c"]
