"""`make smoke`: deploys the packaged template on this machine and follows one interview through it.

MiniStack's CloudFormation makes what the template says; its API Gateway, its one-minute rule and its SQS mapping call the
functions, out of the bundle, each under the role that the template gives it: MiniStack enforces the roles' policies, so a
right that is missing fails here. Everything is in a temporary folder and on loopback, and is removed afterwards.

What is not proved here is in docs/operations.md, "Seen and not seen".
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from infra.aws import deploy, runtime
from infra.aws.package import package, package_template
from infra.aws.smoke_client import CONSENT, Client, midday_zone
from infra.aws.stack import stack, stack_of
from infra.local.engines import REGION, Engine, start_ministack
from infra.local.environment import set_environment

STAGE, OTHER_STAGE = "dev", "prod"
LEAST_ALARMS = 20
"""Far fewer than a stage has."""
EMAIL_FROM = "hello@heardback.example"
FIRES_WITHIN_SECONDS = 120
"""The rule's minute, the engine's check of its rules, the queue, and slow machines."""


def main() -> None:
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="heardback-smoke-"))
    engine: Engine | None = None
    try:
        os.environ["AUTH"] = "true"  # the engine's: it enforces the roles
        engine = start_ministack(services="", state=folder / "state", log=folder / "engine.log")
        set_environment(environment(engine.url, folder))
        story = Story(engine.url, folder)
        story.run()
        print(f"{story.said()} In {time.monotonic() - began:.0f} s.")
    except BaseException:
        if engine:
            print((folder / "engine.log").read_text()[-3000:], *function_logs(), sep="\n", file=sys.stderr)
        raise
    finally:
        if engine:
            engine.stop()
        shutil.rmtree(folder, ignore_errors=True)


def environment(url: str, folder: Path) -> dict[str, str]:
    """An environment without anything of the user's own AWS account."""
    nowhere = str(folder / "none")
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


class Story:
    """One deployment, one employer, one interview."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.client = Client(url)
        self.messages = self.fired = 0
        self.operator_key = ""
        self.found: dict[str, str] = {}
        self.waiting: tuple[int, int] = (0, 0)

    def run(self) -> None:
        boto3.client("sesv2").create_email_identity(EmailIdentity=EMAIL_FROM)
        preflight = command("infra.aws.preflight", "--stage", STAGE, f"EmailFrom={EMAIL_FROM}")
        assert f"{EMAIL_FROM} may send" in preflight and f"Next: make deploy STAGE={STAGE}" in preflight, preflight
        template = package(STAGE, self.folder / "out", runtime.local())
        self.deploy(template)
        self.there_is_one_stage()
        self.another_stage_beside(template)
        self.client.key = self.client.new_employer(self.operator_key)
        interview = self.client.book("Sam Rivera", phone="+12025550123", sms_consent=CONSENT, timezone=midday_zone())
        self.client.book("Kim Sample", email="kim@example.com")
        before = self.client.overdue()
        settled = wait_for("a text to one candidate and a mail to the other", lambda: self.client.settled(2))
        self.messages = sum(message["status"] == "sent" for message in settled)
        assert self.messages == len(settled) == 2, settled
        assert ["Dana" in json.dumps(text) for text in self.client.texts()] == [True], self.client.texts()
        assert ["Dana" in json.dumps(mail) for mail in self.client.mails()] == [True], self.client.mails()
        self.text_fails_later(next(message for message in settled if message["channel"] == "sms"))
        self.client.call(
            "POST",
            f"/v1/applications/{interview['application']['id']}/contacts",
            {"channel": "call", "outcome": "reached", "decision": "rejected"},
            expect=201,
        )
        self.waiting = (before, self.client.overdue())
        assert self.waiting == (2, 1), self.waiting
        self.redeploy(template)
        again = self.client.call("GET", f"/v1/interviews/{interview['id']}")
        assert again["application"]["loop"] == "answered", again
        assert len(self.client.texts()) == 1
        self.fired = self.firings()
        self.change_operator_key()
        self.rotate_secrets()
        self.release()
        self.destroy()

    def deploy(self, template: Path) -> None:
        kept: list[str] = []
        given, out = {"EmailFrom": EMAIL_FROM}, template.parent
        self.found = deploy.deploy(STAGE, given, out, template, kept.append, runtime.local())
        self.operator_key = kept[0]
        made = boto3.client("cloudformation").describe_stack_resources(StackName=stack_of(STAGE))["StackResources"]
        for role in (one["PhysicalResourceId"] for one in made if one["ResourceType"] == "AWS::IAM::Role"):
            grant_what_the_engine_cannot_tell(role)
        self.client.base = f"{self.url}/restapis/{self.found['RestAPIId']}/api/_user_request_"

    def there_is_one_stage(self) -> None:
        """SAM's second stage, which nobody watches, does not exist."""
        stages = boto3.client("apigateway").get_stages(restApiId=self.found["RestAPIId"])["item"]
        assert [stage["stageName"] for stage in stages] == ["api"], stages
        name = boto3.client("apigateway").get_rest_api(restApiId=self.found["RestAPIId"])["name"]
        assert name == stack_of(STAGE), name

    def another_stage_beside(self, template: Path) -> None:
        """Deploy a second stage to the same account: no metric rings the alarms of both."""
        out = self.folder / OTHER_STAGE
        other = package_template(OTHER_STAGE, out, runtime.local())
        shutil.copy(template.with_name("deployment.zip"), out / "deployment.zip")
        found = deploy.deploy(OTHER_STAGE, {"EmailFrom": EMAIL_FROM}, out, other, list[str]().append, runtime.local())
        assert found["TableName"] != self.found["TableName"], found
        first, second = watched_by(STAGE), watched_by(OTHER_STAGE)
        assert len(second) > LEAST_ALARMS, second
        assert not first & second, f"a metric rings both stages: {first & second}"

    def text_fails_later(self, text: Any) -> None:
        """SNS writes into its delivery log that a carrier refused the text: the message says so."""
        group = f"sns/{REGION}/{boto3.client('sts').get_caller_identity()['Account']}/DirectPublishToPhoneNumber/Failure"
        reason, logs = "Phone carrier has blocked this message", boto3.client("logs")
        line = {
            "notification": {"messageId": text["provider_message_id"], "timestamp": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.000}"},
            "delivery": {"destination": text["to"], "providerResponse": reason},
            "status": "FAILURE",
        }
        logs.create_log_stream(logGroupName=group, logStreamName="smoke")
        event = {"timestamp": int(time.time() * 1000), "message": json.dumps(line)}
        logs.put_log_events(logGroupName=group, logStreamName="smoke", logEvents=[event])
        told = wait_for("the text's message to say that it failed", lambda: self.client.messages_of("failed"))
        assert [(one["id"], one["reason"]) for one in told] == [(text["id"], reason)], told

    def redeploy(self, template: Path) -> None:
        """Deploy another bundle to the same stack: the table keeps its records."""
        before = self.code()
        assert self.client.location().startswith("/api/v1/candidates/")
        with zipfile.ZipFile(template.parent / "deployment.zip", "a") as bundle:
            bundle.writestr("chalicelib/deployed_again.py", f'"""{datetime.now(UTC)}"""\n')
        deploy.put_in_place(STAGE, template, {"PublicUrl": "https://jobs.example.com/hb"})
        assert before != self.code(), "the function's code is the old one"
        assert self.client.location().startswith("/hb/v1/candidates/"), "a new public address counts at once"

    def change_operator_key(self) -> None:
        """The new key works, the old one no longer does, without a deployment."""
        old, said = self.operator_key, command("infra.aws.secrets", "--stage", STAGE)
        self.operator_key = next(word for word in said.split() if word.startswith("hb_operator_"))
        assert self.operator_key != old, said
        self.client.call("GET", "/v1/employers", key=self.operator_key)
        self.client.call("GET", "/v1/employers", key=old, expect=401)

    def rotate_secrets(self) -> None:
        """What was signed before still counts, and the functions read the new secrets."""
        first = self.client.call("GET", "/v1/applications?limit=1")
        for use in ("sign", "lock"):
            said = command("infra.aws.secrets", "--stage", STAGE, "rotate", use)
            assert "uses version 2" in said, said
        assert self.client.call("GET", f"/v1/applications?limit=1&cursor={first['next_cursor']}")["data"]

    def release(self) -> None:
        """What was due until then is not sent again; the table goes on sending."""
        said = command("infra.aws.release", "--stage", STAGE, "--sent-until", datetime.now(UTC).isoformat())
        assert self.found["TableName"] in said, said

    def destroy(self) -> None:
        """The stack is deleted; the records stay, and the command says where."""
        said = command("infra.aws.deploy", "destroy", "--stage", STAGE)
        table = self.found["TableName"]
        assert not stack(STAGE) and table in said, said
        assert boto3.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"] > 0

    def code(self) -> str:
        sha: str = boto3.client("lambda").get_function(FunctionName=self.found["APIHandlerName"])["Configuration"]["CodeSha256"]
        return sha

    def firings(self) -> int:
        """How often the rule has invoked tick: each invocation starts a line in its log group."""
        events = boto3.client("logs").filter_log_events(logGroupName=f"/heardback/{STAGE}/Tick", filterPattern="START")["events"]
        return sum(event["message"].startswith("START") for event in events)

    def said(self) -> str:
        return (
            f"smoke: {self.client.calls} calls through the API, the one-minute rule fired {self.fired} times, "
            f"{self.messages} messages sent (a text, which the log then said had failed, and a mail), "
            f"overdue {self.waiting[0]} before the contact and "
            f"{self.waiting[1]} after it; a second stage beside it shares no alarm; a second deployment and the stack's end kept "
            "the records."
        )


def grant_what_the_engine_cannot_tell(role: str) -> None:
    """Gaps of the engine: it reads no names out of GetParameters and SendEmail, and it treats SendMessageBatch, which AWS treats
    as SendMessage, as an action of its own. Everything else is as the template says."""
    statement = {"Effect": "Allow", "Action": ["ssm:GetParameters", "ses:SendEmail", "sqs:SendMessageBatch"], "Resource": "*"}
    boto3.client("iam").put_role_policy(
        RoleName=role,
        PolicyName="OnThisEngineOnly",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def watched_by(stage: str) -> set[tuple[str, str, frozenset[tuple[str, str]]]]:
    """The metrics (namespace, name, dimensions) that ring a stage's alarms, as CloudWatch has them."""
    made = boto3.client("cloudformation").describe_stack_resources(StackName=stack_of(stage))["StackResources"]
    names = {one["PhysicalResourceId"] for one in made if one["ResourceType"] == "AWS::CloudWatch::Alarm"}
    pages = boto3.client("cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"] if alarm["AlarmName"] in names]
    assert len(alarms) == len(names), names
    return {
        (alarm["Namespace"], alarm["MetricName"], frozenset((one["Name"], one["Value"]) for one in alarm["Dimensions"]))
        for alarm in alarms
    }


def function_logs() -> list[str]:
    """The last lines of every function, where something went wrong."""
    logs = boto3.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups(logGroupNamePrefix="/heardback/")["logGroups"]]
    return [
        f"{group}: {event['message']}" for group in groups for event in logs.filter_log_events(logGroupName=group)["events"][-25:]
    ]


def command(module: str, *words: str) -> str:
    """Run one of the operator's commands as `make` does, and return its output."""
    done = subprocess.run([sys.executable, "-m", module, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{module} {words}: {done.stdout}{done.stderr}"
    return done.stdout


def wait_for(what: str, look: Callable[[], list[Any]]) -> list[Any]:
    until = time.monotonic() + FIRES_WITHIN_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(1)
    raise AssertionError(f"waited {FIRES_WITHIN_SECONDS} s for {what}")


if __name__ == "__main__":
    main()
