"""The local gateway spoils what API Gateway spoils, so that a fault of that kind is found on one machine."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import config
from chalicelib.errors import BadRequest, TooLarge
from infra.local import aws_gateway
from infra.local.server import ApiServer

HEADER = "name,email,candidate_ref,job_title,application_ref,stage,interview_start,interview_end"
ROW = "Jörg Müller,j@example.com,c1,Welder,a1,final,2026-05-01T09:00:00Z,2026-05-01T10:00:00Z"
FILE = f"{HEADER}\n{ROW}\n"
BINARY = ["application/octet-stream"]


@pytest.fixture
def port(stack: Any) -> Iterator[int]:
    server = ApiServer(stack.app.app, 0)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server.port
    server.stop()
    thread.join(5)


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    wire.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = wire.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    wire.close()
    return found


def imported(port: int, key: str, body: bytes, kind: str, how: str = "") -> tuple[int, dict[str, Any]]:
    status, _, told = ask(port, "POST", f"/v1/imports?dry_run=true{how}", body, Content_Type=kind, Authorization=f"Bearer {key}")
    return status, json.loads(told)


def test_a_file_in_another_encoding_arrives_as_it_was_sent(port, employer):
    """A gateway that reads text as UTF-8 would replace each letter that is none: people would get other names."""
    for kind in ("text/csv", "application/octet-stream"):
        status, told = imported(port, employer.key, FILE.encode("cp1252"), kind)
        assert status == 422 and "Jörg Müller" in str(told["errors"])
        status, told = imported(port, employer.key, FILE.encode("cp1252"), kind, "&encoding=cp1252")
        assert (status, told["preview"][0]["name"]) == (200, "Jörg Müller")
    assert imported(port, employer.key, FILE.encode("cp1252"), "text/csv; charset=windows-1252")[0] == 200
    assert imported(port, employer.key, FILE.encode(), "text/csv")[0] == 200


@pytest.mark.parametrize("kind", ["text/csv", "text/csv; charset=UTF-8", "text/csv; header=present"])
def test_utf_8_arrives(employer, kind):
    assert employer.post("/v1/imports", FILE.encode(), headers={"Content-Type": kind}).status == 202


def test_a_binary_body_is_a_third_bigger_for_lambda():
    """A workbook of 4.7 MB makes an event of 6.3 MB, which Lambda refuses."""
    kind = {"Content-Type": "application/octet-stream"}
    assert aws_gateway.body_for_lambda(b"x" * 4_700_000, dict(kind), BINARY)
    with pytest.raises(TooLarge):
        aws_gateway.body_for_lambda(b"x" * 4_800_000, dict(kind), BINARY)
    assert aws_gateway.body_for_lambda(b"x" * 4_800_000, {"Content-Type": "text/csv"}, BINARY)
    with pytest.raises(TooLarge):
        aws_gateway.body_for_lambda(b"x" * 6_300_000, {"Content-Type": "text/csv"}, BINARY)


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/csv"])
def test_a_file_too_long_for_lambda_is_refused_everywhere(employer, kind):
    """On one machine it would be taken, and on AWS the gateway would answer without a word why."""
    answer = employer.post("/v1/imports", bytes(4_300_000), headers={"Content-Type": kind})
    assert answer.status == 413 and "4 MB" in answer.json["detail"]


def test_a_compressed_request_is_unpacked_within_the_limit():
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert aws_gateway.body_for_lambda(gzip.compress(b'{"a": 1}'), headers, BINARY) == b'{"a": 1}'
    assert "content-encoding" not in headers
    with pytest.raises(TooLarge):
        aws_gateway.body_for_lambda(gzip.compress(bytes(11_000_000)), {"Content-Encoding": "gzip"}, BINARY)
    with pytest.raises(BadRequest):
        aws_gateway.body_for_lambda(b"no gzip", {"Content-Encoding": "gzip"}, BINARY)


def test_a_deflated_request_is_unpacked_too():
    """As API Gateway does; a plain body that is called so is refused."""
    headers = {"content-type": "application/json", "content-encoding": "Deflate"}
    assert aws_gateway.body_for_lambda(zlib.compress(b'{"a": 1}'), headers, BINARY) == b'{"a": 1}'
    assert "content-encoding" not in headers
    with pytest.raises(BadRequest, match="deflate"):
        aws_gateway.body_for_lambda(b'{"a": 1}', {"Content-Encoding": "deflate"}, BINARY)


def test_a_long_response_is_compressed_for_who_accepts_it(port):
    """The document of the API has more than a megabyte."""
    plain = ask(port, "GET", "/openapi.json")
    packed = ask(port, "GET", "/openapi.json", Accept_Encoding="br, gzip;q=0.9")
    assert "content-encoding" not in plain[1] and packed[1]["content-encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == plain[2] and len(packed[2]) < len(plain[2]) / 4
    assert "content-encoding" not in ask(port, "GET", "/healthz", Accept_Encoding="gzip")[1]


@pytest.mark.parametrize(
    ("accepted", "packs"),
    [
        *[(one, True) for one in ("gzip", "GZIP;q=0.001", "*", "br, *;q=0.5", "identity;q=0, gzip ; q=1", "*;q=0, gzip")],
        *[(one, False) for one in ("", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "x-gzip2")],
    ],
)
def test_a_quality_of_0_refuses_a_coding(accepted, packs):
    assert aws_gateway.accepts_gzip(accepted) == packs


def test_the_header_of_a_refused_key_has_another_name(port):
    status, headers, _ = ask(port, "GET", "/v1/risk")
    assert status == 401 and headers["x-amzn-remapped-www-authenticate"] == "Bearer" and "www-authenticate" not in headers


def test_a_location_leads_where_the_record_is(employer, monkeypatch):
    """Behind a stage the path begins with it: without, a client would ask the gateway for a path that it does not know."""
    assert employer.post("/v1/candidates", {"name": "Ann Sample"}).headers["Location"].startswith("/v1/candidates/")
    monkeypatch.setenv("HEARDBACK_BASE_URL", "https://abc.execute-api.eu-west-1.amazonaws.com/api")
    config.forget()
    made = employer.post("/v1/candidates", {"name": "Ben Sample"}, headers={"Idempotency-Key": "once"})
    again = employer.post("/v1/candidates", {"name": "Ben Sample"}, headers={"Idempotency-Key": "once"})
    monkeypatch.undo()
    config.forget()
    assert made.headers["Location"] == again.headers["Location"] == f"/api/v1/candidates/{made.json['id']}"
