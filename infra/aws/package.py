"""Packages the app for CloudFormation: `out/sam.yaml` and `out/deployment.zip`.

`chalice package` writes the functions and the API; infra/resources.yaml is merged into it. This module adds to every function
its runtime, a log group, the rights to write there and to read its settings, and two alarms; and packages to the bundle.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from chalicelib.config import parameters
from infra.aws import bundle
from infra.aws.runtime import LAMBDA, Runtime

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out"
RESOURCES = ROOT / "infra" / "resources.yaml"
LOCK = ROOT / "infra" / "locks" / "requirements.txt"
LOGS_KEPT_DAYS = 30
SECRETS_USED = {
    "APIHandler": "sign lock hash operator",
    "Tick": "none",
    "Deliver": "sign hash",
    "SendWebhooks": "lock hash",
    "ProcessAts": "lock hash",
    "ImportRows": "hash",
    "UpdateRecords": "hash",
    "DeadLetters": "hash",
    "MailEvents": "hash",
    "InboundSms": "hash",
    "InboundMail": "hash",
    "TextEvents": "hash",
    "ReadWorkbook": "none",
    "Nightly": "hash",
}
"""Function -> what it is told and may read of `chalicelib.config.SECRETS`. tests/infra/test_rights.py says what is missing."""
NO_SETTINGS = ("ReadWorkbook",)
"""Functions that read nothing from the Parameter Store: what they work on may be made to do harm."""
ALIAS = "live"
BEFORE_0_2 = ("HEARDBACK_SECRET", "HEARDBACK_OPERATOR_KEY_SHA256")
Template = dict[str, Any]


def package(stage: str, out: Path = OUT, runtime: Runtime = LAMBDA, *, snap_start: bool = False) -> Path:
    """Builds template and bundle for a stage. Returns the template's path."""
    path = package_template(stage, out, runtime, snap_start=snap_start)
    with tempfile.TemporaryDirectory(prefix="heardback-packages-") as folder:
        runtime.install(LOCK, Path(folder))
        bundle.add(out / "deployment.zip", Path(folder))
    bundle.slim(out / "deployment.zip", runtime)
    return path


def package_template(stage: str, out: Path, runtime: Runtime = LAMBDA, *, snap_start: bool = False) -> Path:
    """The template alone, in seconds: its bundle lacks everything that requirements.txt names."""
    with tempfile.TemporaryDirectory(prefix="heardback-project-") as folder:
        project = Path(folder)
        shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
        (project / ".chalice").mkdir()
        for name in ("app.py", ".chalice/config.json", ".chalice/policy-nothing.json"):
            shutil.copy(ROOT / name, project / name)
        (project / "requirements.txt").touch()  # Chalice would fetch packages for the operator's Python, and check no hash
        _run_chalice(stage, out, project)
    path = out / "sam.yaml"
    template = yaml.safe_load(path.read_text())
    complete(template, runtime)
    if snap_start:
        start_from_snapshots(template)
    path.write_text(yaml.dump(template, Dumper=_Plain, allow_unicode=True, width=10_000))
    return path


def _run_chalice(stage: str, out: Path, project: Path) -> None:
    environment = {**os.environ, "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1")}
    chalice = str(Path(sys.executable).with_name("chalice"))
    command = [chalice, "package", "--stage", stage, "--template-format", "yaml", "--merge-template", str(RESOURCES), str(out)]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"chalice package failed:\n{done.stdout}{done.stderr}")


class _Plain(yaml.SafeDumper):
    """Write YAML without aliases, which CloudFormation does not read."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def complete(template: Template, runtime: Runtime) -> None:
    """Add to a packaged template what every function has, and a name of the API for each stage."""
    template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["info"]["title"] = {"Fn::Sub": "heardback-${Stage}"}
    for name in functions(template):
        template["Resources"][name]["Properties"] |= {"Runtime": runtime.name, "Architectures": [runtime.architecture]}
        _log(template, name)
        _secrets(template, name)
        _alarms(template, name)


def start_from_snapshots(template: Template) -> None:
    """Have the API's function start from a snapshot: people wait for it, and for no other.

    Lambda takes snapshots of published versions only. So each release publishes one, an alias names it, and the API and its right
    to invoke name the alias. SAM publishes where `Release` changes: it does not see that a parameter in the environment has.
    Versions of before are deleted, since each snapshot costs as long as its version exists.
    """
    resources = template["Resources"]
    resources["APIHandler"]["Properties"] |= {
        "SnapStart": {"ApplyOn": "PublishedVersions"},
        "AutoPublishAlias": ALIAS,
        "AutoPublishCodeSha256": {"Ref": "Release"},
        "VersionDeletionPolicy": "Delete",
    }
    resources["APIHandlerInvokePermission"]["Properties"]["FunctionName"] = {"Ref": "APIHandler.Alias"}
    body = json.dumps(resources["RestAPI"]["Properties"]["DefinitionBody"])
    resources["RestAPI"]["Properties"]["DefinitionBody"] = json.loads(body.replace("${APIHandler.Arn}", "${APIHandler.Alias}"))


def functions(template: Template) -> list[str]:
    return [name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::Serverless::Function"]


def role_of(template: Template, function: str) -> str:
    """The logical name of a function's role."""
    role: str = template["Resources"][function]["Properties"]["Role"]["Fn::GetAtt"][0]
    return role


def _secrets(template: Template, name: str) -> None:
    """Tells a function which secrets it needs, and lets it read no others."""
    properties, used = template["Resources"][name]["Properties"], {"HEARDBACK_SECRETS_USED": SECRETS_USED[name]}
    properties.setdefault("Environment", {}).setdefault("Variables", {}).update(used)
    if name in NO_SETTINGS:
        return
    at = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/heardback/${Stage}/"
    readable: list[Template] = [{"Fn::Sub": at + one} for one in parameters(used)]
    for one in BEFORE_0_2:  # the version before runs until its functions are replaced, and reads these three in one call
        readable.append({"Fn::If": ["FormerSecretExists", {"Fn::Sub": at + one}, {"Ref": "AWS::NoValue"}]})
    statement = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": readable}
    template["Resources"][role_of(template, name)]["Properties"]["Policies"].append(
        {"PolicyName": "Settings", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    )


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
    statements = [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::GetAtt": [f"{name}Logs", "Arn"]},
        },
    ]
    resources[role_of(template, name)]["Properties"]["Policies"].append(
        {"PolicyName": "Logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
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
