"""The public endpoint: a genuine event is stored once, in one write; others are refused, and never cause a server error."""

from __future__ import annotations

import base64
import json
import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.integrations.ats.receive import EVENTS_A_SIGNATURE
from chalicelib.integrations.ats.systems import SYSTEMS
from chalicelib.storage import table
from tests.integrations.ats import payloads
from tests.integrations.ats.payloads import SAMPLES, greenhouse, signed

MUTATIONS = int(os.environ.get("HEARDBACK_MUTATIONS", "5000"))
"""In the long test; `make mutations` runs 100,000."""
QUICK_MUTATIONS = 200
KEYS = {
    "lever": {"api_key": "k" * 20},
    "teamtailor": {"api_key": "k" * 20},
    "workable": {"api_key": "k" * 20, "subdomain": "acme"},
}


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_a_genuine_event_is_stored_once_in_one_write(connect: Callable[..., Any], meter: Any, system: str) -> None:
    """The ATS waits for the response, and repeats an event without one."""
    ats = connect(system, **KEYS.get(system, {}))
    first, second = (ats.send(SAMPLES[system][0]) for _ in range(2))
    assert (first.status, first.json) == (200, {"received": True, "new": True})
    assert (second.status, second.json["new"]) == (200, False)
    assert len(ats.events("queued")) == 1


def test_an_event_signed_with_another_secret_is_refused(connect: Callable[..., Any]) -> None:
    """The URL is not secret."""
    ats = connect("greenhouse")
    assert ats.send(greenhouse(), secret="another secret").json["code"] == "bad_signature"
    assert ats.api.post(ats.path, json.dumps(greenhouse())).status == 401
    assert ats.events("queued") == []


def test_unknown_and_revoked_urls_are_not_found(connect: Callable[..., Any]) -> None:
    """The response is the same for another system's, a revoked and an invented URL."""
    ats = connect("greenhouse")
    raw, headers = signed("greenhouse", greenhouse())
    wrong = [
        ats.path.replace("greenhouse", "ashby"),
        ats.path[:-1] + ("0" if ats.path[-1] != "0" else "1"),
        "/integrations/greenhouse/%F0%9F%98%80",
        "/integrations/nosuch/" + ats.path.rsplit("/", 1)[1],
    ]
    assert {ats.api.post(path, raw, headers=headers).status for path in wrong} == {404}
    assert ats.employer.delete(f"/v1/integrations/{ats.id}").status == 204
    assert ats.api.post(ats.path, raw, headers=headers).status == 404


def test_a_body_that_the_gateway_encodes_in_base64_is_verified(stack: Any, connect: Callable[..., Any]) -> None:
    """The signature covers the bytes that were sent."""
    ats = connect("greenhouse")
    raw, headers = signed("greenhouse", {**greenhouse(), "accents": "é"})
    system, opaque = ats.path.split("/")[2:]
    event = {
        "resource": "/integrations/{system}/{connection}",
        "path": ats.path,
        "httpMethod": "POST",
        "headers": {**headers, "content-type": "application/json"},
        "multiValueHeaders": {},
        "multiValueQueryStringParameters": None,
        "queryStringParameters": None,
        "stageVariables": None,
        "pathParameters": {"system": system, "connection": opaque},
        "body": base64.b64encode(raw).decode(),
        "isBase64Encoded": True,
        "requestContext": {"httpMethod": "POST", "resourcePath": "/integrations/{system}/{connection}", "requestId": "r"},
    }
    answer = stack.app.app(event, None)
    assert (answer["statusCode"], json.loads(answer["body"])["new"]) == (200, True)


def test_the_same_event_id_with_another_body_is_a_duplicate(connect: Callable[..., Any]) -> None:
    """Greenhouse sends its own id of each event."""
    ats = connect("greenhouse")
    headers = {"Greenhouse-Event-ID": "evt-1"}
    assert ats.send(greenhouse(), headers=headers).json["new"]
    assert not ats.send(greenhouse(at="2026-06-02T12:00:01Z"), headers=headers).json["new"]


def test_a_captured_event_is_stored_once_whatever_id_its_header_gives(connect: Callable[..., Any]) -> None:
    """Greenhouse signs the body and not the header with the id: a stranger changes the id and sends the event again."""
    ats = connect("greenhouse")
    sent = [ats.send(greenhouse(), headers={"Greenhouse-Event-ID": f"evt-{number}"}) for number in range(5)]
    sent.append(ats.send(greenhouse()))
    assert [(one.status, one.json["new"]) for one in sent] == [(200, number == 0) for number in range(6)]
    assert len(ats.events("queued")) == 1
    other = connect("greenhouse")
    assert other.send(greenhouse(), headers={"Greenhouse-Event-ID": "evt-0"}).json["new"], "each connection counts for itself"


def test_a_replayed_body_is_known_after_its_event_was_deleted(connect: Callable[..., Any], clock: Any) -> None:
    """Events are deleted after a month; one that was captured could change an application back then."""
    ats = connect("greenhouse")
    ats.tell(greenhouse())
    (stored,) = table.query(f"EMP#{ats.employer.employer_id}#ATS#{ats.id}", "EVT#")
    stored.delete()
    clock.advance(days=40)
    assert not ats.send(greenhouse(), headers={"Greenhouse-Event-ID": "another"}).json["new"]


@pytest.mark.parametrize(("system", "other"), [("lever", {"at": 1780401600001}), ("teamtailor", {"ref": "4712"})])
def test_one_signature_brings_a_bounded_number_of_events_a_day(
    connect: Callable[..., Any], clock: Any, system: str, other: dict[str, Any]
) -> None:
    """Their signatures cover a part of the body: a captured one fits any number of bodies, and each is asked back of the API."""
    ats, make = connect(system, **KEYS[system]), {"lever": payloads.lever, "teamtailor": payloads.teamtailor}[system]
    sent = [ats.send({**make(), "padding": number}) for number in range(EVENTS_A_SIGNATURE + 3)]
    assert [one.status for one in sent] == [200] * EVENTS_A_SIGNATURE + [429] * 3
    assert sent[-1].json["code"] == "too_many_requests" and 0 < int(sent[-1].headers["Retry-After"]) <= 86_400
    again = ats.send({**make(), "padding": 0})
    assert (again.status, again.json["new"]) == (200, False), "a repeated event is a repeat, not one too many"
    assert ats.send(make(**other)).json["new"], "another event of the same connection has a signature of its own"
    clock.advance(seconds=int(sent[-1].headers["Retry-After"]))
    assert ats.send({**make(), "padding": "tomorrow"}).json["new"]


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_tampered_requests_are_refused(connect: Callable[..., Any], system: str) -> None:
    """A stranger has the URL and a captured event. What a signature does not cover is fetched from the API instead."""
    _send_tampered(connect(system, **KEYS.get(system, {})), QUICK_MUTATIONS // len(SYSTEMS))


@pytest.mark.long
@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_many_tampered_requests_are_refused(connect: Callable[..., Any], system: str) -> None:
    seen = _send_tampered(connect(system, **KEYS.get(system, {})), MUTATIONS // len(SYSTEMS))
    print(f"{system}: {sum(seen.values()):,} sent, {dict(sorted(seen.items()))}")  # noqa: T201 - the figures of `make mutations`


def _send_tampered(ats: Any, number: int) -> Counter[str]:
    """Send changed requests. Whatever is accepted carries all that its signature covers unchanged."""
    system, dice = ats.system, random.Random(f"mutations {ats.system}")
    seen: Counter[str] = Counter()
    for _ in range(number):
        raw, headers = _genuine(dice, system)
        mutated, changed = _mutated(dice, raw, headers)
        response = ats.api.post(_bent(dice, ats.path), mutated, headers=changed)
        assert response.status in (200, 400, 401, 404, 413, 429), (response, mutated[:200], changed)
        if response.status == 200:
            assert _covered(system, mutated, changed) == _covered(system, raw, headers)
        seen[str(response.status)] += 1
    assert ats.send(SAMPLES[system][0]).status == 200, "a genuine event is still accepted"
    return seen


def _genuine(dice: random.Random, system: str) -> tuple[bytes, dict[str, str]]:
    """Return a genuine event, signed in one of the ways of its system."""
    sample = dice.choice(SAMPLES[system])
    if system == "teamtailor" and dice.random() < 0.5:
        raw = json.dumps(sample).encode()
        return raw, {"tt-signature": payloads.stamped(raw)}
    return signed(system, sample)


def _bent(dice: random.Random, path: str) -> str:
    """Return the connection's URL, one time in fifty with another system or id in it."""
    if dice.random() > 0.02:
        return path
    root, system, opaque = path.rsplit("/", 2)
    last, another = opaque[:-1] + dice.choice("0123456789"), dice.choice(sorted(SYSTEMS))
    other = dice.choice([last, opaque[::-1], opaque[:26], "x" * 52, "%00", "..", opaque.lower()])
    return dice.choice([f"{root}/{system}/{other}", f"{root}/{another}/{opaque}", f"{root}/{system}%20/{opaque}"])


def _covered(system: str, raw: bytes, headers: dict[str, str]) -> Any:
    """Return what the signature covers, and the signature."""
    if system == "lever":
        body = json.loads(raw)
        return body["token"], str(body["triggeredAt"]), body["signature"].strip(" \t")
    if stamp := headers.get("tt-signature"):
        return raw, base64.b64decode(stamp)
    if system == "teamtailor":
        body = json.loads(raw)
        return str(body.get("payload", {}).get("data", {}).get("id") or body.get("resource_id"))
    return raw, [value.strip(" \t") for name, value in sorted(headers.items()) if "signature" in name]


def _mutated(dice: random.Random, raw: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    body, changed = bytearray(raw), dict(headers)
    how = dice.randrange(10)
    at = dice.randrange(len(body))
    if how == 0:
        body[at] ^= 1 << dice.randrange(8)
    elif how == 1:
        del body[at : at + dice.randrange(1, 40)]
    elif how == 2:
        body[at:at] = dice.choice([b" ", b"\x00", b"\xff\xfe", b"[" * 5000, b'"', b"9" * 5000, b"\\ud800", "é".encode()])
    elif how == 3:
        body = bytearray(dice.randbytes(dice.randrange(0, 200)))
    elif how == 4:
        odd = [b"", b"null", b"[]", b"1e999", b'{"action":1}', b'{"token":{}}', b'{"payload":[]}', b"\xef\xbb\xbf{}"]
        body = bytearray(dice.choice(odd))
    elif how == 5:
        body = bytearray(json.dumps(dice.choice(SAMPLES[dice.choice(sorted(SAMPLES))])).encode())
    elif how == 6 and changed:
        name = dice.choice(sorted(changed))
        value = list(changed[name])
        value[dice.randrange(len(value))] = dice.choice("0123456789abcdefX \u00e9\ud800")
        changed[name] = "".join(value)
    elif how == 7 and changed:
        name = dice.choice(sorted(changed))
        changed[name] = dice.choice(
            [
                "",
                "sha256 ",
                "sha256=",
                changed[name].upper(),
                changed[name][:-1],
                changed[name] * 2,
                changed[name].replace(" ", "="),
                "sha1 " + "0" * 40,
                "\u0000",
                "x" * 10_000,
            ]
        )
    elif how == 8:
        changed = {}
    else:
        changed = {name: payloads.hex_of(bytes(body), "guess") for name in changed}
    return bytes(body), changed
