"""The packaged template before and after AWS's translator, and an AWS whose responses a test decides."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from infra.aws.package import ROOT, package_template
from tests.infra.aws_stub import Aws

_TRANSLATE = """
import json, sys, boto3, yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
template = yaml.safe_load(open(sys.argv[1]))
for one in template["Resources"].values():
    if one["Type"] == "AWS::Serverless::Function":
        one["Properties"]["CodeUri"] = "s3://bucket/key"
session = boto3.Session(region_name="eu-west-1")
told = {"Stage": "prod", **json.loads(sys.argv[2])}
print(json.dumps(Translator({}, Parser(), boto_session=session).translate(template, told)))
"""


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package_template("prod", tmp_path_factory.mktemp("packaged"))


@pytest.fixture(scope="session")
def template(packaged: Path) -> dict[str, Any]:
    """The template that is uploaded."""
    return yaml.safe_load(packaged.read_text())


@pytest.fixture(scope="session")
def translated(packaged: Path) -> dict[str, Any]:
    """What CloudFormation makes of it: after the translator of AWS::Serverless."""
    return translate(packaged)


@pytest.fixture(scope="session")
def packaged_for_snapshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package_template("prod", tmp_path_factory.mktemp("packaged-for-snapshots"), snap_start=True)


def translate(packaged: Path, **parameters: str) -> dict[str, Any]:
    python = ROOT / ".engines" / "ministack" / "bin" / "python"
    command = [python, "-c", _TRANSLATE, packaged, json.dumps(parameters)]
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
