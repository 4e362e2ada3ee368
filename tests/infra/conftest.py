"""The packaged template before and after AWS's translator, and an AWS whose responses a test decides."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from infra.aws.package import ROOT, package_template
from tests.infra.aws_stub import Aws

Shared = Callable[[str, Callable[[Path], object]], Path]

_TRANSLATE = """
import json, sys, boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
template = json.load(open(sys.argv[1]))
for one in template["Resources"].values():
    if one["Type"] == "AWS::Serverless::Function":
        one["Properties"]["CodeUri"] = "s3://bucket/key"
session = boto3.Session(region_name="eu-west-1")
told = {"Stage": "prod", **json.loads(sys.argv[2])}
print(json.dumps(Translator({}, Parser(), boto_session=session).translate(template, told)))
"""


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """shared(name, make) -> a folder that `make` filled, for all workers of a run: the first that asks makes it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def once(name: str, make: Callable[[Path], object]) -> Path:
        folder = base / f"shared-{name}"
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "done").exists():
                make(folder)
                (folder / "done").touch()
        return folder

    return once


def read_template(folder: Path) -> None:
    """Writes the template of a folder as JSON too, which is read in no time."""
    template = yaml.safe_load((folder / "sam.yaml").read_text())
    (folder / "sam.json").write_text(json.dumps(template))


@pytest.fixture(scope="session")
def packaged(shared: Shared) -> Path:
    return shared("packaged", lambda folder: read_template(package_template("prod", folder).parent)) / "sam.yaml"


@pytest.fixture(scope="session")
def template(packaged: Path) -> dict[str, Any]:
    """The template that is uploaded."""
    found: dict[str, Any] = json.loads(packaged.with_suffix(".json").read_text())
    return found


@pytest.fixture(scope="session")
def translated(shared: Shared, packaged: Path) -> dict[str, Any]:
    """What CloudFormation makes of it: after the translator of AWS::Serverless."""
    return shared_translation(shared, "translated", packaged)


@pytest.fixture(scope="session")
def packaged_for_snapshots(shared: Shared) -> Path:
    folder = shared(
        "packaged-for-snapshots", lambda folder: read_template(package_template("prod", folder, snap_start=True).parent)
    )
    return folder / "sam.yaml"


def shared_translation(shared: Shared, name: str, packaged: Path, **parameters: str) -> dict[str, Any]:
    """`translate`, once for all workers."""
    folder = shared(name, lambda folder: (folder / "made.json").write_text(json.dumps(translate(packaged, **parameters))))
    found: dict[str, Any] = json.loads((folder / "made.json").read_text())
    return found


def translate(packaged: Path, **parameters: str) -> dict[str, Any]:
    python = ROOT / ".engines" / "ministack" / "bin" / "python"
    command = [python, "-c", _TRANSLATE, packaged.with_suffix(".json"), json.dumps(parameters)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """An AWS account that no request reaches."""
    stub = Aws()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", stub.session)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "eu-west-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    stub.on("sts:GetCallerIdentity", {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/ops", "UserId": "A"})
    return stub
