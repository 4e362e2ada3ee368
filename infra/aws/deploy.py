"""`make deploy STAGE=prod`: checks, packages, uploads, deploys by CloudFormation, and says what is left to do.

The account and region are those of AWS_PROFILE and AWS_REGION: infra/aws/account.py prints them, and asks the first time.
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

from infra.aws import bundle, preflight, secrets
from infra.aws.account import confirm_first_deployment, use_account
from infra.aws.package import OUT, package
from infra.aws.runtime import LAMBDA, Runtime
from infra.aws.stack import CAPABILITIES, OFTEN, RELEASE, outputs, parameters_of, release, set_parameter, stack, stack_of

FOR_OTHERS = 100
"""Concurrency of the account that must stay unreserved, as AWS demands."""
WORKBOOKS_AT_ONCE = 2
"""What the function that reads workbooks reserves: `ReadWorkbook` in infra/resources.yaml."""
Parameters = dict[str, str]


def deploy(
    stage: str,
    given: Mapping[str, str],
    out: Path = OUT,
    template: Path | None = None,
    show_key: Callable[[str], None] = secrets.show,
    runtime: Runtime = LAMBDA,
) -> dict[str, str]:
    """Deploys and returns the stack's outputs. `given` are parameters of infra/resources.yaml; others stay as they were.

    `show_key` gets the operator's key where one is made, before it is stored.
    """
    before = stack(stage)
    if before.get("StackStatus") == "ROLLBACK_COMPLETE":
        sys.exit(f"The first deployment failed, which CloudFormation can't mend: make destroy STAGE={stage}, then deploy again.")
    parameters = {"Stage": stage, **found_out(stage, given), **given}
    if not before and "EmailFrom" not in parameters:
        sys.exit(f'The first deployment needs an address to send from: make deploy STAGE={stage} SET="EmailFrom=…@…"')
    parameters["SnapStart"] = given.get("SnapStart") or parameters_of(stage).get("SnapStart", "off")
    template = template or package(stage, out, runtime, snap_start=parameters["SnapStart"] == "on")
    bundle.check(out / "deployment.zip", runtime)
    secrets.ensure(stage, show_key)
    parameters |= {"SecretsVersion": secrets.version(stage), "FormerSecret": str(secrets.former_exists(stage)).lower()}
    put_in_place(stage, template, parameters)
    if not before:
        set_parameter(stage, "FirstDeployment", "false")
    return outputs(stage)


def put_in_place(stage: str, template: Path, parameters: Parameters) -> None:
    """Upload bundle and template, and apply the template to the stack by a change set."""
    bucket = artifacts()
    code = upload(bucket, stage, template.with_name("deployment.zip").read_bytes(), ".zip")
    settled = {name: value for name, value in {**parameters_of(stage), **parameters}.items() if name != RELEASE}
    parameters = {**parameters, RELEASE: release(code, *map("=".join, sorted(settled.items())))}
    text = template.read_text().replace("CodeUri: ./deployment.zip", f"CodeUri: s3://{bucket}/{code}")
    s3 = client("s3")
    where = f"{s3.meta.endpoint_url}/{bucket}/{upload(bucket, stage, text.encode(), '.yaml')}"
    change(stage, where, parameters, set(yaml.safe_load(text)["Parameters"]))


def upload(bucket: str, stage: str, content: bytes, suffix: str) -> str:
    """Upload under the hash of the content: what has not changed is not deployed again."""
    key = f"{stack_of(stage)}/{hashlib.sha256(content).hexdigest()}{suffix}"
    client("s3").put_object(Bucket=bucket, Key=key, Body=content, ExpectedBucketOwner=account_id())
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
        Capabilities=CAPABILITIES,
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


def found_out(stage: str, given: Mapping[str, str]) -> Parameters:
    """Parameters that depend on the account."""
    before = parameters_of(stage)
    free, wanted = _concurrency(before, given)
    found = {"ReserveConcurrency": "true" if free - wanted >= FOR_OTHERS else "false"}
    if found["ReserveConcurrency"] == "false":
        print(f"This account has {free} functions at once to share out, too few to reserve {wanted}: none is. Ask AWS for 1,000.")
    if before:
        return {**found, "FirstDeployment": "false"}
    found["MakeTextLogs"] = "false" if _texts_are_logged() else "true"
    # later the role exists, perhaps because we made it: then the stack keeps it
    found["MakeApiLogsRole"] = "false" if client("apigateway").get_account().get("cloudwatchRoleArn") else "true"
    found["WatchAccount"] = "false" if _account_is_watched() else "true"
    return {**found, "FirstDeployment": "true"}


def _concurrency(before: Mapping[str, str], given: Mapping[str, str]) -> tuple[int, int]:
    """What nobody else reserves of the account's concurrency, and what the stack would reserve."""
    rate = before.get("MessagesPerSecond", "200")
    ours = reserved(rate) if before.get("ReserveConcurrency") == "true" else 0
    limits = client("lambda").get_account_settings()["AccountLimit"]
    return limits["UnreservedConcurrentExecutions"] + ours, reserved(given.get("MessagesPerSecond", rate))


def reserved(rate: str) -> int:
    """What the stack reserves at a rate of messages: one for tick, `WORKBOOKS_AT_ONCE`, and the mapping `Workers` for deliver."""
    return 1 + WORKBOOKS_AT_ONCE + max(2, int(rate) // 100)


def _texts_are_logged() -> bool:
    """Whether the account has the log groups of SNS's delivery log."""
    groups = client("logs").describe_log_groups(logGroupNamePrefix=f"sns/{client('logs').meta.region_name}/{account_id()}/Direct")
    return len(groups["logGroups"]) >= 2


def log_texts(role: str) -> str:
    """Tells SNS to log what becomes of every text, unless it does. Returns what was done."""
    sns = client("sns")
    try:
        held = sns.get_sms_attributes()["attributes"]
        wanted = {"DeliveryStatusIAMRole": held.get("DeliveryStatusIAMRole") or role, "DeliveryStatusSuccessSamplingRate": "100"}
        if wanted.items() <= held.items():
            return "SNS logs what becomes of every text."
        sns.set_sms_attributes(attributes=wanted)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return f"SNS does not log what becomes of texts ({error.operation_name}: {code}): set its delivery status role to {role}."
    return "SNS logs what becomes of every text from now on."


def _account_is_watched() -> bool:
    """Whether another stage here has the alarms on what belongs to the whole account."""
    stacks = client("cloudformation").get_paginator("describe_stacks").paginate().search("Stacks[]")
    return any(
        {"ParameterKey": "WatchAccount", "ParameterValue": "true"}.items() <= parameter.items()
        for one in stacks
        if one["StackName"].startswith("heardback-") and not one["StackStatus"].startswith("DELETE")
        for parameter in one.get("Parameters", [])
    )


def account_id() -> str:
    found: str = client("sts").get_caller_identity()["Account"]
    return found


def artifacts() -> str:
    """The bucket for bundles, one for each account and region, closed to the public.

    Its name can be guessed, so somebody else may own it: every request says whose it must be, and AWS refuses another's.
    """
    s3, account, region = client("s3"), account_id(), boto3.client("s3").meta.region_name
    bucket = f"heardback-artifacts-{account}-{region}"
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == 403:
            sys.exit(f"The bucket {bucket} belongs to somebody else, or may not be read: nothing is uploaded.")
        if status != 404:
            raise
        where: dict[str, Any] = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **where)
        s3.put_public_access_block(
            Bucket=bucket,
            ExpectedBucketOwner=account,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
    return bucket


def client(service: str) -> Any:
    return boto3.client(service)


def next_steps(stage: str, found: Mapping[str, str]) -> str:
    lines = [f"Deployed: {found['EndpointURL']}", f"Records lie in the table {found['TableName']}.", "Next:"]
    lines.append(f"* See what is missing: make preflight STAGE={stage}")
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
    parser.add_argument("--yes", action="store_true", help="do not ask before a first deployment")
    parser.add_argument("set", nargs="*", metavar="Parameter=value", help="parameters of infra/resources.yaml")
    told = parser.parse_args()
    account = use_account()
    given = dict(one.partition("=")[::2] for one in told.set)
    if told.what == "destroy":
        destroy(told.stage)
        return
    print(preflight.report(preflight.look(preflight.target_of(told.stage, account, given))))
    if not stack(told.stage):
        confirm_first_deployment(told.stage, account, is_yes=told.yes)
    found = deploy(told.stage, given)
    print(log_texts(found["TextLogsRoleArn"]))
    print(next_steps(told.stage, found))


if __name__ == "__main__":
    main()
