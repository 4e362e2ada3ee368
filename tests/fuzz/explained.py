"""Schemathesis's hooks: what it needs beside the document, and which refusals of well-formed requests are right, and why.

Runs in the fuzzer's own virtual environment: nothing of the project is imported here.
"""

from __future__ import annotations

import atexit
import json
import os
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.hooks import HookContext

OWN = {name: os.environ[f"HEARDBACK_FUZZ_{name}"] for name in ("KEY_ID", "EMPLOYER_ID", "COUNTS")}
SEEDS = set(json.loads(os.environ["HEARDBACK_FUZZ_SEEDS"]))
CODES = {
    "idempotency_key_reused": "the fuzzer sends one key with many bodies: that is what the answer is for",
    "precondition_failed": "an If-Match that names no state of the record: that is what the answer is for",
    "unreadable_file": "the inside of a file: JSON Schema does not describe it",
    "header_mismatch": "the inside of a file: JSON Schema does not describe it",
    "faulty_rows": "the inside of a file: JSON Schema does not describe it",
}
"""By the problem's `code`: refusals of a request that the document allows."""
_TIME = "time: a schema knows neither what it is, nor which of two instants is later"
_REGISTER = "registers (numbering plans, time zones, languages, countries, providers): they change, and no pattern holds them"
FAULTS = {
    r"is not a cursor of this list|is not a token of this employer's changes": "they are signed: no schema tells a real one",
    r"must be within 10 years of now|must not be in the future|must be in the future.*|must be after .*|must be before .*"
    r"|must not be before from|is before the day .*|.*must lie within the next two years|is not an instant that exists": _TIME,
    r"must be a phone number in E\.164.*|must be an IANA time zone.*|must be a BCP 47 .*|must be an ISO 3166 .*"
    r"|must name your own tenant, .*": _REGISTER,
    r"does not lead to the public internet|has a host that cannot be looked up|has no host .*|is not a URL"
    r"|must hold no user, fragment.*|must use port .*|is not a plain URL.*": "where a webhook may go: names are looked up",
    r"is none of yours, nor .*": "profiles are the employer's own: a schema does not know their names",
    r'"[\s\S]*" is not a group of this employer: .*': "groups are the employer's own: a schema does not know their names",
    r"me is for people who are signed in: .*|is required with a key": "who asks: a schema does not know the caller",
    r"there is no such .*": "ids in bodies: a schema does not know which records are there",
    r"has more faults than are listed here": "the list of faults ends at two hundred",
    r"is not the extension that phone names: .*": "a second extension beside the one in `phone`: a pattern compares no fields",
    r"must be one of utf-8, utf-16, .*": "encodings have many names (latin1, cp1252): no list holds them all",
    r"must be iso, or made of .*|must be at most 10 formats": "formats in one parameter: a pattern counts no %* of each",
    r"a chat gets no .*": "a change of an endpoint: a schema does not know its format",
    r"must hold a letter or a digit": "letters of all scripts: the patterns of JSON Schema have no name for them everywhere",
    r"is not the code of an open invitation to this address|is wrong, too old, or was used": "codes are mailed, no schema",
    r"has expired, or what it led to .*|must be the last part of the link .*|leads to no interview .*": "links are signed",
    r"must be system:id.*": "stateful tests hand an id on as it stands, against the parameter's own pattern",
    r"is required( too| with api_key)?: .*": "each hiring system asks for its own secrets, and a change depends on what is kept",
}
"""By the message of an error: rules that JSON Schema cannot express. A response is explained if all its errors are."""

called: Counter[tuple[str, int]] = Counter()
explained: Counter[str] = Counter()
unexplained: Counter[str] = Counter()


FILES = (b"name,email\nSam Sample,sam@example.com\n", b"name,job_title\nAnn Sample,Welder\nBo Sample,Fitter\n")
schemathesis.openapi.media_type("text/csv", st.sampled_from(FILES) | st.text().map(lambda text: b"name\n" + text.encode()))


@schemathesis.hook
def filter_failure(context: HookContext, failure: Any, case: Any, response: Any) -> bool:
    """Return False to drop a failure. Only "well-formed and refused" is ever dropped."""
    if failure.code != "ST202" or response.status_code not in (400, 412, 422):
        return True
    problem = response.json()
    faults = problem["errors"] or [{"message": problem["code"]}]
    reasons = {CODES[problem["code"]]} if problem["code"] in CODES else {_reason(one["message"]) for one in faults}
    if None in reasons:
        unexplained.update(one["message"] for one in faults if not _reason(one["message"]))
        return True
    explained.update(reason for reason in reasons if reason)
    return False


def _reason(message: str) -> str | None:
    return next((reason for pattern, reason in FAULTS.items() if re.fullmatch(pattern, message)), None)


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """In every second portion the fuzzer gets valid values, so that well-formed requests get past the first check.

    Examples of single fields, ids and files are for readers: put together they may contradict each other, the ids name nothing,
    and the fuzzer makes files of its own. A request has an example as a whole.
    """
    _drop_examples(raw_schema)
    for schema in raw_schema["components"]["schemas"].values():
        for field in schema.get("properties", {}).values():
            field.pop("examples", None)
    if os.environ["HEARDBACK_FUZZ_HELPED"] == "yes":
        schemas, todo = raw_schema["components"]["schemas"], _parts_of_requests(raw_schema)
        for part in todo:  # grows
            _help(part, "")
            names = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(part))
            todo += [schemas[name] for name in dict.fromkeys(names) if all(schemas[name] is not one for one in todo)]


def _drop_examples(raw_schema: dict[str, Any]) -> None:
    """Drop the examples of parameters in paths, of shared parameters, and of bodies that are files."""
    parameters = list(raw_schema["components"]["parameters"].values())
    bodies: list[Any] = []
    for item in raw_schema["paths"].values():
        parameters += item.get("parameters", [])
        for method, one in item.items():
            if method != "parameters":
                bodies += one.get("requestBody", {}).get("content", {}).values()
    for one in (*parameters, *bodies):
        one.pop("example", None)


def _parts_of_requests(raw_schema: dict[str, Any]) -> list[Any]:
    """Responses are checked against the unchanged document."""
    operations = [one for path in raw_schema["paths"].values() for method, one in path.items() if method != "parameters"]
    for one in operations:
        one["parameters"] = [each for each in one.get("parameters", []) if not _by_chance(each)]
    return [[one.get("requestBody"), one["parameters"]] for one in operations]


def _by_chance(parameter: dict[str, Any]) -> bool:
    """Random values of these are always refused."""
    return str(parameter.get("$ref", "")).endswith(("/Cursor", "/IdempotencyKey"))


def _help(node: Any, name: str) -> None:
    for child, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        _help(value, str(child))
    if not isinstance(node, dict):
        return
    if node.get("in") in ("query", "header") and node.get("name") in GOOD:
        node["schema"] = {"enum": GOOD[node["name"]]}
    elif node.get("type") == "string":
        told = node.get("format") or node.get("description") or ""
        meant = (key for key in GOOD if key in (name, told) or key in node.get("pattern", ""))
        good = GOOD.get(next(meant, ""))
        if good:
            node.clear()
            node["enum"] = good


_NOW = datetime.now(UTC)
GOOD = {
    "date-time": [(_NOW + timedelta(days=days, hours=1)).isoformat() for days in (-400, -30, -3, -2, 1, 2, 14, 25)],
    r"\+[0-9": ["+12025550123", "+442079460958", "+12025550155", "+4915123456789"],
    "phone": ["+12025550123", "+12025550155"],
    "IANA time zone": ["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "UTC"],
    "timezone": ["America/New_York", "Europe/Berlin"],
    "ISO 3166-1": ["US", "DE"],
    "country": ["US", "DE"],
    "holidays": ["US", "CA-ON"],
    "url": ["https://hooks.example.com/a", "https://more.example.com:8443/b?c=d"],
    "profile": ["heardback"],
    "delimiter": ["comma"],
    "encoding": ["utf-8"],
    "date_format": ["iso"],
    "If-Match": ["*"],
}
"""By format, part of a pattern, description, or the name of a field or parameter."""


@schemathesis.hook
def filter_case(context: HookContext, case: Any) -> bool:
    """Keep the fuzzer from revoking its own key, suspending its employer, and deleting seeds."""
    named = set(map(str, (case.path_parameters or {}).values()))
    return not named & {OWN["KEY_ID"], OWN["EMPLOYER_ID"]} and not (case.method == "DELETE" and named & SEEDS)


@schemathesis.hook
def after_call(context: HookContext, case: Any, response: Any) -> None:
    called[f"{case.method} {case.operation.path}", response.status_code] += 1


@atexit.register
def tell() -> None:
    by_operation: dict[str, dict[int, int]] = {}
    for (operation, status), count in sorted(called.items()):
        by_operation.setdefault(operation, {})[status] = count
    Path(OWN["COUNTS"]).write_text(json.dumps({"called": by_operation, "explained": explained, "unexplained": unexplained}))
