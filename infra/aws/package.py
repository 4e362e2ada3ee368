"""Packages the app for CloudFormation: `out/sam.yaml` and `out/deployment.zip`.

`chalice package` writes the functions, the API and its bundle; infra/resources.yaml is merged into it. This module adds
to every function a log group, the rights to write there and to read its settings, and two alarms.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from chalicelib.config import PARAMETERS
from infra.aws import bundle

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out"
RESOURCES = ROOT / "infra" / "resources.yaml"
LOCK = ROOT / "infra" / "locks" / "requirements.txt"
WHEELS = ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64")
"""What Lambda's x86-64 runtimes load: the one of Python 3.11 has glibc 2.26."""
LOGS_KEPT_DAYS = 30
Template = dict[str, Any]


def package(stage: str, out: Path = OUT) -> Path:
    """Builds template and bundle for a stage. Returns the template's path."""
    with _project() as project:
        vendor(project / "vendor")
        return _package(stage, out, project)


def package_template(stage: str, out: Path) -> Path:
    """The template alone, in seconds: its bundle lacks everything that requirements.txt names."""
    with _project() as project:
        return _package(stage, out, project)


@contextlib.contextmanager
def _project() -> Iterator[Path]:
    """What Chalice packages, in a folder of its own. Its requirements.txt is empty: Chalice would check no hashes."""
    with tempfile.TemporaryDirectory(prefix="heardback-project-") as folder:
        project = Path(folder)
        shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
        (project / ".chalice").mkdir()
        for name in ("app.py", ".chalice/config.json", ".chalice/policy-nothing.json"):
            shutil.copy(ROOT / name, project / name)
        (project / "requirements.txt").touch()
        yield project


def vendor(folder: Path) -> None:
    """Installs what the functions need into a folder: Lambda's wheels, each with a hash of the lock. Nothing is built."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    platforms = [option for platform in WHEELS for option in ("--platform", platform)]
    target = ["--target", str(folder), "--only-binary", ":all:", "--python-version", python, "--implementation", "cp", *platforms]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"]
    done = subprocess.run(
        [*command, *target, "--require-hashes", "--requirement", str(LOCK)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"the packages of the bundle could not be installed as infra/locks/requirements.txt has them:\n{done.stderr}")
    shutil.rmtree(folder / "bin", ignore_errors=True)


def _package(stage: str, out: Path, project: Path) -> Path:
    environment = {**os.environ, "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1")}
    chalice = str(Path(sys.executable).with_name("chalice"))
    command = [chalice, "package", "--stage", stage, "--template-format", "yaml", "--merge-template", str(RESOURCES), str(out)]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"chalice package failed:\n{done.stdout}{done.stderr}")
    bundle.slim(out / "deployment.zip")
    path = out / "sam.yaml"
    template = yaml.safe_load(path.read_text())
    complete(template)
    path.write_text(yaml.dump(template, Dumper=_Plain, allow_unicode=True, width=10_000))
    return path


class _Plain(yaml.SafeDumper):
    """Write YAML without aliases, which CloudFormation does not read."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def complete(template: Template) -> None:
    """Add to a packaged template what every function has."""
    for name in functions(template):
        _log(template, name)
        _alarms(template, name)


def functions(template: Template) -> list[str]:
    return [name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::Serverless::Function"]


def role_of(template: Template, function: str) -> str:
    """The logical name of a function's role."""
    role: str = template["Resources"][function]["Properties"]["Role"]["Fn::GetAtt"][0]
    return role


def _log(template: Template, name: str) -> None:
    """A log group made before the function, since a log group that Lambda makes keeps its logs for ever."""
    resources = template["Resources"]
    resources[f"{name}Logs"] = {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": {"Fn::Sub": f"/heardback/${{Stage}}/{name}"}, "RetentionInDays": LOGS_KEPT_DAYS},
    }
    resources[name]["Properties"]["LoggingConfig"] = {
        "LogGroup": {"Ref": f"{name}Logs"},
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "WARN",
    }
    parameters = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/heardback/${Stage}/"
    statements = [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::GetAtt": [f"{name}Logs", "Arn"]},
        },
        {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": [{"Fn::Sub": parameters + one} for one in PARAMETERS]},
    ]
    resources[role_of(template, name)]["Properties"]["Policies"].append(
        {"PolicyName": "LogsAndSettings", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    )


def _alarms(template: Template, name: str) -> None:
    for metric, says in (("Errors", "ends in errors"), ("Throttles", "is held back for want of concurrency")):
        template["Resources"][f"{name}{metric}Alarm"] = {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmDescription": f"The function {name} {says}. docs/operations.md: function {metric.lower()}",
                "Namespace": "AWS/Lambda",
                "MetricName": metric,
                "Dimensions": [{"Name": "FunctionName", "Value": {"Ref": name}}],
                "Statistic": "Sum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 0,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [{"Ref": "AlarmTopic"}],
            },
        }


if __name__ == "__main__":
    print(package(sys.argv[1] if len(sys.argv) > 1 else "dev"))
