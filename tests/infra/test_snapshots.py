"""What is created before a snapshot of a process (Lambda SnapStart) is safe in each process that starts from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.aws.stack import release, set_parameter
from infra.local.environment import environment
from tests.engines import BASE_URL, OPERATOR_KEY, SECRET
from tests.infra.conftest import shared_translation, translate

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = """
before, after = [], []
register_before_snapshot, register_after_restore = before.append, after.append
"""
"""What Lambda's library offers: it exists in its runtimes alone."""
STORY = """
import json, os, random, socket, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(event) if event in ("socket.connect", "socket.getaddrinfo") else None)
import app, snapshot_restore_py
from chalicelib import config, wiring
from chalicelib.storage import table
told = {"hooks": [len(snapshot_restore_py.before), len(snapshot_restore_py.after)]}
for hook in snapshot_restore_py.before: hook()
told["opened"] = list(opened)
told["bound"] = table.is_bound()
told["loaded"] = "chalicelib.applications.interviews.schema" in sys.modules and "pydantic" in sys.modules
state = random.getstate()

def process():
    # what one restored process sees
    random.setstate(state)
    for hook in snapshot_restore_py.after: hook()
    wiring.start()
    clients = [wiring.sqs(), wiring.sns(), wiring.ses(), wiring.lambda_(), table.client(), wiring.channels()]
    table.client().describe_table(TableName=config.settings().table)
    return {"random": random.random(), "secret": config.settings().hash_secret, "now": wiring.now().isoformat()}, clients

first, kept = process()
os.environ["HEARDBACK_SECRET"] = "z" * 40
second, others = process()
told["equal"] = [name for name in first if first[name] == second[name]]
told["shared"] = [str(one) for one, other in zip(kept, others) if one is other]
print(json.dumps(told))
"""


@pytest.mark.long
def test_each_process_that_starts_from_a_snapshot_is_one_of_its_own(engines: Any, empty_table: Any, tmp_path: Path) -> None:
    """Connections, secrets, random numbers and the time are not those of the snapshot. Nothing is opened before it."""
    (tmp_path / "snapshot_restore_py.py").write_text(LIBRARY)
    told = environment(engines[0].url, engines[1].url, BASE_URL, SECRET, OPERATOR_KEY)
    done = subprocess.run(
        [sys.executable, "-c", STORY],
        cwd=ROOT,
        env={**os.environ, **told, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "hooks": [1, 1],
        "opened": [],
        "bound": False,
        "loaded": True,
        "equal": [],
        "shared": [],
    }


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: one for name, one in template["Resources"].items() if one["Type"] == f"AWS::Lambda::{kind}"}


@pytest.fixture(scope="module")
def released(shared: Any, packaged_for_snapshots: Path) -> dict[str, Any]:
    """What CloudFormation makes of the template with SnapStart=on."""
    return shared_translation(shared, "released", packaged_for_snapshots, Release="0123456789abcdef", SnapStart="on")


@pytest.mark.long
def test_only_the_function_that_people_wait_for_starts_from_a_snapshot(released):
    """Each snapshot is paid for as long as its version exists, so those of before go."""
    functions = of_type(released, "Function")
    assert [name for name, one in functions.items() if "SnapStart" in one["Properties"]] == ["APIHandler"]
    assert functions["APIHandler"]["Properties"]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    [version] = of_type(released, "Version").values()
    assert version["DeletionPolicy"] == "Delete" and version["Properties"]["FunctionName"] == {"Ref": "APIHandler"}


@pytest.mark.long
def test_the_api_and_its_right_to_invoke_name_the_alias(released):
    """A snapshot is of a published version: what names the function itself starts without one."""
    [(alias, held)] = of_type(released, "Alias").items()
    [version] = of_type(released, "Version")
    assert held["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    body = json.dumps(released["Resources"]["RestAPI"]["Properties"]["Body"])
    assert f"functions/${{{alias}}}/invocations" in body and "${APIHandler" not in body.replace(alias, "")
    allowed = [
        one["Properties"]["FunctionName"]
        for one in of_type(released, "Permission").values()
        if one["Properties"]["Principal"] == "apigateway.amazonaws.com"
    ]
    assert allowed == [{"Ref": alias}]


@pytest.mark.long
def test_another_release_publishes_another_version(packaged_for_snapshots, released):
    """SAM does not see that a parameter in the environment changed: the alias would keep rotated secrets and the old address."""
    again = translate(packaged_for_snapshots, Release="fedcba9876543210", SnapStart="on")
    assert of_type(again, "Version").keys() != of_type(released, "Version").keys()


def test_without_it_nothing_is_published(translated):
    assert not of_type(translated, "Version") and not of_type(translated, "Alias")
    assert translated["Parameters"]["SnapStart"]["Default"] == "off"


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (("code", "A=1"), ("code", "A=1"), True),
        (("code", "A=1"), ("code", "A=2"), False),
        (("code", "A=1"), ("other", "A=1"), False),
    ],
)
def test_a_release_is_of_the_code_and_of_every_parameter(first, second, is_same):
    """SAM takes ten digits."""
    assert (release(*first)[:10] == release(*second)[:10]) is is_same


def test_a_changed_secret_is_another_release(aws):
    """`make rotate-secret` changes one parameter of the deployed template."""
    held = {"SecretsVersion": "1", "SnapStart": "on", "Release": "0123456789abcdef0123"}
    described = [{"ParameterKey": name, "ParameterValue": value} for name, value in held.items()]
    found = {
        "StackName": "heardback-prod",
        "StackStatus": "UPDATE_COMPLETE",
        "CreationTime": "2026-01-01",
        "Parameters": described,
    }
    aws.on("cloudformation:DescribeStacks", {"Stacks": [found]})
    aws.on("cloudformation:UpdateStack", {"StackId": "s"})
    assert set_parameter("prod", "SecretsVersion", "2")
    [asked] = aws.requests("cloudformation:UpdateStack")
    sent = {one["ParameterKey"]: one.get("ParameterValue") for one in asked["Parameters"]}
    assert sent["SecretsVersion"] == "2" and sent["SnapStart"] is None
    assert sent["Release"] not in (None, held["Release"])
