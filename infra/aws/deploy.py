"""`make deploy STAGE=prod`: checks, packages, uploads, deploys by CloudFormation, and says what is left to do.

The account and region are those that the AWS SDK finds: AWS_PROFILE, AWS_REGION and the like.
AWS_ENDPOINT_URL replaces AWS: `make smoke` deploys to a local engine with this file.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.exceptions import ClientError, WaiterError

from infra.aws import bundle, secrets
from infra.aws.package import OUT, package

FOR_OTHERS = 110
"""Concurrency of the account that must stay unreserved: AWS demands 100."""
OFTEN = {"Delay": 2, "MaxAttempts": 900}
Parameters = dict[str, str]


def stack_of(stage: str) -> str:
    return f"heardback-{stage}"


def deploy(
    stage: str,
    given: Mapping[str, str],
    out: Path = OUT,
    template: Path | None = None,
    shown_once: Callable[[str], None] | None = None,
) -> dict[str, str]:
    """Deploys and returns the stack's outputs. `given` are parameters of infra/resources.yaml; others stay as they were.

    `shown_once` gets the operator's key where one was made.
    """
    before = stack(stage)
    if before.get("StackStatus") == "ROLLBACK_COMPLETE":
        sys.exit(f"The first deployment failed, which CloudFormation can't mend: make destroy STAGE={stage}, then deploy again.")
    parameters = {"Stage": stage, **found_out(first=not before), **given}
    if not before and "EmailFrom" not in parameters:
        sys.exit(f'The first deployment needs an address to send from: make deploy STAGE={stage} SET="EmailFrom=…@…"')
    template = template or package(stage, out)
    bundle.check(out / "deployment.zip")
    operator_key = secrets.ensure(stage)
    parameters["SecretsVersion"] = secrets.version(stage)
    if operator_key and shown_once:
        shown_once(operator_key)
    put_in_place(stage, template, parameters)
    return outputs(stage)


def put_in_place(stage: str, template: Path, parameters: Parameters) -> None:
    """Upload bundle and template, and apply the template to the stack by a change set."""
    bucket = artifacts()
    code = upload(bucket, stage, template.with_name("deployment.zip").read_bytes(), ".zip")
    text = template.read_text().replace("CodeUri: ./deployment.zip", f"CodeUri: s3://{bucket}/{code}")
    s3 = client("s3")
    where = f"{s3.meta.endpoint_url}/{bucket}/{upload(bucket, stage, text.encode(), '.yaml')}"
    change(stage, where, parameters, set(yaml.safe_load(text)["Parameters"]))


def upload(bucket: str, stage: str, content: bytes, suffix: str) -> str:
    """Upload under the hash of the content: what has not changed is not deployed again."""
    key = f"{stack_of(stage)}/{hashlib.sha256(content).hexdigest()}{suffix}"
    client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return key


def change(stage: str, template_url: str, parameters: Parameters, known: set[str]) -> None:
    """Make and execute a change set. Parameters that are not given stay. Ends the program on failure."""
    cloudformation, before = client("cloudformation"), stack(stage)
    kept = {one["ParameterKey"] for one in before.get("Parameters", [])} & known - parameters.keys()
    made = cloudformation.create_change_set(
        StackName=stack_of(stage),
        ChangeSetName=f"deploy-{datetime.now(UTC):%Y%m%d%H%M%S}",
        TemplateURL=template_url,
        ChangeSetType="UPDATE" if before else "CREATE",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
        + [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept)],
    )["Id"]
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=made, WaiterConfig=OFTEN)
    except WaiterError as error:
        reason = cloudformation.describe_change_set(ChangeSetName=made).get("StatusReason", str(error))
        if "didn't contain changes" in reason or "No updates are to be performed" in reason:
            cloudformation.delete_change_set(ChangeSetName=made)
            return
        sys.exit(f"CloudFormation refuses the template: {reason}")
    cloudformation.execute_change_set(ChangeSetName=made)
    try:
        waiter = "stack_update_complete" if before else "stack_create_complete"
        cloudformation.get_waiter(waiter).wait(StackName=stack_of(stage), WaiterConfig=OFTEN)
    except WaiterError:
        sys.exit(f"The stack {stack_of(stage)} was not made and is rolled back:\n{failures(stage)}")


def failures(stage: str) -> str:
    events = client("cloudformation").describe_stack_events(StackName=stack_of(stage))["StackEvents"]
    return "\n".join(
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED")
    )


def found_out(*, first: bool) -> Parameters:
    """Parameters that depend on the account."""
    settings = client("lambda").get_account_settings()["AccountLimit"]
    found = {"ReserveConcurrency": "true" if settings["ConcurrentExecutions"] > FOR_OTHERS else "false"}
    if found["ReserveConcurrency"] == "false":
        print(f"This account may run {settings['ConcurrentExecutions']} functions at once: none is reserved. Ask AWS for 1,000.")
    if first:  # later it exists, perhaps because we made it: then the stack keeps it
        found["MakeApiLogsRole"] = "false" if client("apigateway").get_account().get("cloudwatchRoleArn") else "true"
    return found


def artifacts() -> str:
    """The bucket for bundles, one for each account and region, closed to the public."""
    s3, account, region = client("s3"), client("sts").get_caller_identity()["Account"], boto3.session.Session().region_name
    bucket = f"heardback-artifacts-{account}-{region}"
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        where: dict[str, Any] = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **where)
        s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
    return bucket


def stack(stage: str) -> dict[str, Any]:
    """A stage's stack; empty where there is none."""
    try:
        found: dict[str, Any] = client("cloudformation").describe_stacks(StackName=stack_of(stage))["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return {}
        raise
    return {} if found["StackStatus"] == "REVIEW_IN_PROGRESS" else found


def outputs(stage: str) -> dict[str, str]:
    """The outputs of a stage's stack; empty where there is none."""
    return {output["OutputKey"]: output["OutputValue"] for output in stack(stage).get("Outputs", [])}


def client(service: str) -> Any:
    return boto3.client(service)


def next_steps(found: Mapping[str, str]) -> str:
    lines = [f"Deployed: {found['EndpointURL']}", f"Records lie in the table {found['TableName']}.", "Next:"]
    account = client("sesv2").get_account()
    if not account.get("ProductionAccessEnabled", False):
        lines.append("* SES is in its sandbox: mail reaches verified addresses only, 200 a day. Ask for production access.")
    lines.append("* Verify the sending domain in SES, and register a number for texts: docs/operations.md, first deployment.")
    lines.append(f"* Point the number's two-way SMS at {found['InboundSmsTopicArn']}.")
    lines.append("* Confirm the subscription that SNS mailed to AlarmEmail.")
    lines.append(f"* Try it: curl {found['EndpointURL']}healthz")
    return "\n".join(lines)


def destroy(stage: str) -> None:
    found = outputs(stage)
    if not stack(stage):
        sys.exit(f"There is no stack {stack_of(stage)}.")
    cloudformation = client("cloudformation")
    cloudformation.delete_stack(StackName=stack_of(stage))
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack_of(stage))
    if not found:
        print(f"The stack {stack_of(stage)}, which never came up, is gone.")
        return
    print(f"The stack {stack_of(stage)} is gone. Kept, with everything in it: the table {found['TableName']}.")
    print(f'To use it again: make deploy STAGE={stage} SET="EmailFrom=… ExistingTable={found["TableName"]}"')
    print(f"Kept too: the secrets under /heardback/{stage}/, without which its opt-outs are not found again.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("what", choices=["deploy", "destroy"])
    parser.add_argument("--stage", required=True)
    parser.add_argument("set", nargs="*", metavar="Parameter=value", help="parameters of infra/resources.yaml")
    told = parser.parse_args()
    if told.what == "destroy":
        destroy(told.stage)
        return
    given = dict(one.partition("=")[::2] for one in told.set)
    found = deploy(told.stage, given, shown_once=lambda key: print(f"The operator's key, shown this once: {key}"))
    print(next_steps(found))


if __name__ == "__main__":
    main()
