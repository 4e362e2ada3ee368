"""Measures cold starts: a fresh process imports the app and makes one function's clients, beside a bare Chalice function.

Ours start from the bundle as it is deployed, built for this interpreter; the bare one from the installed packages, with the SDK
as it comes. CPU time of the whole process, interpreter included.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from bench.ground import BASE_URL, OPERATOR_KEY, SECRET, middle, table
from infra.aws import package
from infra.aws.runtime import local
from infra.local.environment import environment

ROUNDS = 11
BARE = "bare Chalice, boto3 DynamoDB client"
_BARE_PROGRAM = """
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
    BARE: _BARE_PROGRAM,
    "HTTP: app, first DynamoDB client": _OURS,
    "HTTP, with what a first POST imports and builds": _OURS + _POST,
    "tick: with SQS": _OURS + "; wiring.queues()",
    "deliver: with SNS and SES": _OURS + "; wiring.job_handlers()",
    _COMPILES: _OURS,
}
_RUN = "import sys, os, time\n{}\nprint(time.process_time(), len(sys.modules))"


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Interleaved: each round starts every program once."""
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    modules = {}
    with tempfile.TemporaryDirectory(prefix="heardback-cold-") as folder:
        bundle = make_bundle(Path(folder))
        _python("-c", _BARE_PROGRAM)  # writes its bytecode, where there is none yet
        for _ in range(rounds):
            for name, program in PROGRAMS.items():
                switches = ["-B", "-X", "pycache_prefix=/nowhere"] if name == _COMPILES else []
                ours = bundle if program.startswith(_OURS) else None
                answer = _python(*switches, "-c", _RUN.format(program), bundle=ours).stdout.split()
                taken[name].append(float(answer[0]) * 1000)
                modules[name] = int(answer[1])
        found = heaviest(bundle)
    ratios = {name: [one / other for one, other in zip(times, taken[BARE], strict=True)] for name, times in taken.items()}
    return {"milliseconds": taken, "modules": modules, "ratios": ratios, "heaviest": found}


def make_bundle(folder: Path) -> Path:
    """Builds the bundle for this interpreter, and unpacks it in a folder. Returns where it lies."""
    package.package("dev", folder / "packaged", local())
    with zipfile.ZipFile(folder / "packaged" / "deployment.zip") as bundle:
        bundle.extractall(folder / "bundle")
    return folder / "bundle"


def heaviest(bundle: Path, count: int = 10) -> list[tuple[str, int]]:
    """The modules with the longest import time of their own, in microseconds."""
    lines = _python("-X", "importtime", "-c", _OURS, bundle=bundle).stderr.splitlines()
    found = [re.fullmatch(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", line) for line in lines]
    own = [(match[2], int(match[1])) for match in found if match]
    return sorted(own, key=lambda pair: -pair[1])[:count]


def _python(*arguments: str, bundle: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a fresh interpreter, with the installed packages or with what a bundle holds alone."""
    values = {
        **os.environ,
        **environment("http://127.0.0.1:1", "http://127.0.0.1:1", BASE_URL, SECRET, OPERATOR_KEY),
        "PYTHONPATH": str(bundle or ""),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    alone = ["-S"] if bundle else []
    command = [sys.executable, *alone, *arguments]
    with tempfile.TemporaryDirectory(prefix="heardback-empty-") as folder:
        return subprocess.run(command, capture_output=True, text=True, check=True, env=values, cwd=folder)


def markdown(found: dict[str, Any]) -> str:
    rows = [["process", "CPU, ms", "× bare", "modules"]]
    for name, times in found["milliseconds"].items():
        rows.append([name, middle(times, 0), f"{statistics.median(found['ratios'][name]):.2f}", found["modules"][name]])
    heavy = ", ".join(f"`{name}` {microseconds / 1000:.1f}" for name, microseconds in found["heaviest"])
    return f"{table(rows)}\n\nThe ten heaviest imports by themselves, in ms: {heavy}."
