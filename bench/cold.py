"""Measures cold starts: a fresh process imports the app and makes one function's clients, beside a bare Chalice function.

CPU time of the whole process, interpreter included.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.ground import BASE_URL, OPERATOR_KEY, SECRET, middle, table
from infra.aws import bundle
from infra.local.environment import environment

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 11
_BARE = """
from chalice import Chalice, Rate
app = Chalice(app_name="bare")
@app.route("/")
def index():
    return {}
import boto3
boto3.client("dynamodb")
"""
_OURS = "import app; from chalicelib import wiring; wiring.start()"
_POST = "; from chalicelib.applications.interviews import schema, serializers, service; schema.InterviewIn.model_rebuild()"
_COMPILES = "HTTP, from a bundle without bytecode"
PROGRAMS = {
    "an empty interpreter": "pass",
    "bare Chalice, boto3 DynamoDB client": _BARE,
    "HTTP: app, first DynamoDB client": _OURS,
    "HTTP, with what a first POST imports and builds": _OURS + _POST,
    "tick: with SQS": _OURS + "; wiring.queues()",
    "deliver: with SNS and SES": _OURS + "; wiring.job_handlers()",
    _COMPILES: _OURS,
}
_WHOLE = "HTTP, with the endpoints of all services"
PROGRAMS[_WHOLE] = _OURS
_DATA = tempfile.TemporaryDirectory(prefix="heardback-sdk-data-")
"""The SDK's endpoints as the bundle has them: of our services alone. A bare function reads all."""
_BYTECODE = tempfile.TemporaryDirectory(prefix="heardback-bytecode-")
_RUN = "import sys, os, time\n{}\nprint(time.process_time(), len(sys.modules))"


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Interleaved: each round starts every program once."""
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    modules = {}
    for program in PROGRAMS.values():  # bytecode is written once, as in a bundle that carries it
        _python("-c", program)
    for _ in range(rounds):
        for name, program in PROGRAMS.items():
            switches = ["-B", "-X", "pycache_prefix=/nowhere"] if name == _COMPILES else []
            ours = program.startswith(_OURS) and name != _WHOLE
            answer = _python(*switches, "-c", _RUN.format(program), as_in_the_bundle=ours).stdout.split()
            taken[name].append(float(answer[0]) * 1000)
            modules[name] = int(answer[1])
    bare = taken["bare Chalice, boto3 DynamoDB client"]
    ratios = {name: [one / other for one, other in zip(times, bare, strict=True)] for name, times in taken.items()}
    return {"milliseconds": taken, "modules": modules, "ratios": ratios, "heaviest": heaviest()}


def heaviest(count: int = 10) -> list[tuple[str, int]]:
    """The modules with the longest import time of their own, in microseconds."""
    lines = _python("-X", "importtime", "-c", _OURS).stderr.splitlines()
    found = [re.fullmatch(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", line) for line in lines]
    own = [(match[2], int(match[1])) for match in found if match]
    return sorted(own, key=lambda pair: -pair[1])[:count]


def _sdk_data() -> str:
    import botocore

    whole = Path(botocore.__file__).parent / "data" / "endpoints.json"
    (Path(_DATA.name) / "endpoints.json").write_bytes(bundle.endpoints_of_services(whole.read_bytes()))
    return _DATA.name


def _python(*arguments: str, as_in_the_bundle: bool = True) -> subprocess.CompletedProcess[str]:
    values = {
        **os.environ,
        **environment("http://127.0.0.1:1", "http://127.0.0.1:1", BASE_URL, SECRET, OPERATOR_KEY),
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": _BYTECODE.name,
        "PYTHONDONTWRITEBYTECODE": "",
        **({"AWS_DATA_PATH": _sdk_data()} if as_in_the_bundle else {}),
    }
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, env=values, cwd=ROOT)


def markdown(found: dict[str, Any]) -> str:
    rows = [["process", "CPU, ms", "× bare", "modules"]]
    for name, times in found["milliseconds"].items():
        rows.append([name, middle(times, 0), f"{statistics.median(found['ratios'][name]):.2f}", found["modules"][name]])
    heavy = ", ".join(f"`{name}` {microseconds / 1000:.1f}" for name, microseconds in found["heaviest"])
    return f"{table(rows)}\n\nThe ten heaviest imports by themselves, in ms: {heavy}."
