"""The console's clock and its refusals, over real HTTP."""

from __future__ import annotations

import http.client
import json
import re
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from infra.local.clock import MovableClock
from infra.local.console import Console, ConsoleServer
from infra.local.deadline import RequestDeadline
from infra.local.files import Damaged
from infra.local.outbox import Outbox
from tests.infra.test_server import trickle


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

    yield SimpleNamespace(ask=ask, clock=clock, path=tmp_path / "clock.json", port=server.port)
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


def of_page(console, **headers):
    """The headers of a request that the console's own page makes in a browser."""
    _, page = console.ask("GET", "/")
    token = re.search(r'name="console-token" content="([^"]{40,})"', page)[1]
    here = f"http://127.0.0.1:{console.port}"
    return {"Origin": here, "Sec-Fetch-Site": "same-origin", "X-Console-Token": token, **headers}


def test_the_consoles_page_and_programs_move_the_clock(console):
    """A program sends no Origin; the page sends its own and the token that it holds."""
    assert console.ask("POST", "/clock", {"advance_hours": 1})[0] == 200
    assert console.ask("POST", "/clock", {"advance_hours": 1}, of_page(console))[0] == 200
    fetched = of_page(console)
    del fetched["Origin"]  # browsers leave it out of a GET to the same origin
    assert console.ask("GET", "/outbox", None, fetched)[0] == 200


ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost:{port}"},
    {"Origin": "https://127.0.0.1:{port}"},
    {"Origin": "http://127.0.0.1:{port}.evil.example"},
    {"Origin": "HTTP://127.0.0.1:{port}"},
    {"Host": "evil.example"},
    {"Host": "evil.example:{port}"},
    {"Host": "127.0.0.1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"X-Console-Token": ""},
    {"X-Console-Token": "x" * 43},
    {"X-Console-Token": "\u00e9"},
]


@pytest.mark.parametrize("wrong", ELSEWHERE, ids=str)
def test_a_page_elsewhere_neither_moves_the_clock_nor_reads_the_mail(console, wrong):
    """Another site's page, also on another port of this machine, and one that guesses the token."""
    headers = of_page(console, **{name: value.format(port=console.port) for name, value in wrong.items()})
    before = console.clock()
    for method, path in (("POST", "/clock"), ("POST", "/tick"), ("GET", "/outbox"), ("GET", "/about")):
        assert console.ask(method, path, {"advance_hours": 1} if path == "/clock" else None, headers)[0] == 403
    assert console.clock() - before < timedelta(minutes=1)


def test_a_page_without_the_token_is_refused(console):
    """An origin may be forged by an extension or an old browser; a page that cannot read ours does not know the token."""
    headers = of_page(console)
    del headers["X-Console-Token"]
    assert console.ask("POST", "/tick", None, headers)[0] == 403


def test_the_page_is_given_under_one_name_and_never_in_a_frame(console):
    """A name that leads to 127.0.0.1 must not get the token, and a frame of another site must not get clicks."""
    wire = http.client.HTTPConnection("127.0.0.1", console.port, timeout=5)
    for host, status in (("evil.example", 403), (f"evil.example:{console.port}", 403), (f"localhost:{console.port}", 307)):
        wire.request("GET", "/", headers={"Host": host})
        answer = wire.getresponse()
        assert (answer.status, b"console-token" in answer.read()) == (status, False)
    wire.request("GET", "/")
    answer = wire.getresponse()
    answer.read()
    wire.close()
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_clock_that_cannot_be_kept_does_not_move(console):
    """Otherwise the next start would go on at the old time, and send again what was due in between."""
    console.ask("POST", "/clock", {"now": "2026-11-10T15:00:00Z"})
    console.path.with_name("clock.json.new").mkdir()  # as a full disk: the file cannot be written
    status, _ = console.ask("POST", "/clock", {"advance_hours": 48})
    assert status == 500
    assert console.ask("GET", "/clock")[1]["now"].startswith("2026-11-10T15:0")
    console.path.with_name("clock.json.new").rmdir()
    assert console.ask("POST", "/clock", {"advance_hours": 1})[1]["now"].startswith("2026-11-10T16:0")


def test_a_body_that_comes_byte_by_byte_is_cut_off(console, monkeypatch):
    """The socket's own timeout begins again with every byte."""
    monkeypatch.setattr(RequestDeadline, "request_seconds", 0.3)
    status, seconds = trickle(
        console.port, b"POST /clock HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 500\r\n\r\n" % console.port
    )
    assert (status, seconds < 2) == (408, True)


def test_what_is_not_built_yet_says_so(console):
    """An unknown method is 405, not 501."""
    assert console.ask("POST", "/inbound_sms", {"from": "+12025550101", "body": "STOP"})[0] == 501
    assert console.ask("POST", "/ses_event", {})[0] == 501
    assert console.ask("POST", "/inbound_mail", {"to": "r-x@reply.example", "text": "Hello"})[0] == 501
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


def test_the_memory_of_the_runner_does_not_grow_with_the_outbox(tmp_path):
    """A runner that sends for weeks must not end for want of memory; what was sent is read from the file."""
    outbox = Outbox(tmp_path / "outbox.jsonl")
    outbox.add({"to": "first"})
    tracemalloc.start()
    for number in range(300):
        outbox.add({"to": f"{number}", "body": "x" * 10_000})
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 300_000  # of three million bytes
    before = outbox.size
    assert outbox.entries(before) == []
    outbox.add({"to": "last"})
    assert [entry["to"] for entry in outbox.entries(before)] == ["last"]
    assert [entry["to"] for entry in outbox.entries()][::301] == ["first", "last"]


def test_a_half_written_last_line_of_the_outbox_is_cut_off(tmp_path):
    """A killed run may leave half a line: whole entries stay, and the next starts on its own line."""
    path = tmp_path / "outbox.jsonl"
    path.write_text('{"to": "a"}\n{"to": "b')
    outbox = Outbox(path)
    outbox.add({"to": "c"})
    assert [entry["to"] for entry in Outbox(path).entries()] == ["a", "c"]


@pytest.mark.parametrize("damage", [b"{", b"\xff\xfe", b"[1]", b"null", b"", b"{}", b'{"to": 5}', b"[" * 5000])
def test_a_damaged_line_of_the_outbox_is_left_out_and_named(tmp_path, capsys, damage):
    """The lines around it count, and the file keeps it for who wants to look."""
    path = tmp_path / "outbox.jsonl"
    path.write_bytes(b'{"channel": "sms", "to": "a"}\n' + damage + b'\n{"channel": "sms", "to": "b"}\n')
    assert [entry["to"] for entry in Outbox(path).entries()] == ["a", "b"]
    assert "left out 1 damaged line(s): 2" in capsys.readouterr().out
    assert damage in path.read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"offset_seconds": "1"}',
        b'{"offset_seconds": true}',
        b'{"offset_seconds": NaN}',
        b'{"offset_seconds": 1e300}',
        b'{"offset_seconds": 1e11}',
    ],
)
def test_a_damaged_clock_is_named(tmp_path, damage):
    """Going on at another time would send what is not due, so the operator decides."""
    path = tmp_path / "clock.json"
    path.write_bytes(damage)
    with pytest.raises(Damaged, match=r"clock\.json .*delete it to go on at the system's time"):
        MovableClock(path)
