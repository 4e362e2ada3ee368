"""The CloudFormation stack of a stage: what it is now, and a change of one parameter."""

from __future__ import annotations

import hashlib
from typing import Any

import boto3
from botocore.exceptions import ClientError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
OFTEN = {"Delay": 2, "MaxAttempts": 900}
RELEASE = "Release"
"""The parameter that changes with everything: a snapshot of the API's function is of one release."""


def stack_of(stage: str) -> str:
    return f"heardback-{stage}"


def stack(stage: str) -> dict[str, Any]:
    """A stage's stack; empty where there is none."""
    try:
        found: dict[str, Any] = boto3.client("cloudformation").describe_stacks(StackName=stack_of(stage))["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return {}
        raise
    return {} if found["StackStatus"] == "REVIEW_IN_PROGRESS" else found


def outputs(stage: str) -> dict[str, str]:
    """The outputs of a stage's stack; empty where there is none."""
    return {output["OutputKey"]: output["OutputValue"] for output in stack(stage).get("Outputs", [])}


def parameters_of(stage: str) -> dict[str, str]:
    """The parameters of a stage's stack; empty where there is none."""
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack(stage).get("Parameters", [])}


def release(*parts: str) -> str:
    """Names what is deployed: the code and all parameters. SAM takes the first ten digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def set_parameter(stage: str, name: str, value: str) -> bool:
    """Changes one parameter and waits. All else stays as it was deployed. Returns False where there is no stack."""
    known = parameters_of(stage)
    if not known:
        return False
    cloudformation = boto3.client("cloudformation")
    changed = {name: value, **({RELEASE: release(known[RELEASE], name, value)} if RELEASE in known else {})}
    kept = [{"ParameterKey": one, "UsePreviousValue": True} for one in known if one not in changed]
    cloudformation.update_stack(
        StackName=stack_of(stage),
        UsePreviousTemplate=True,
        Parameters=[*kept, *({"ParameterKey": one, "ParameterValue": to} for one, to in changed.items())],
        Capabilities=CAPABILITIES,
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=stack_of(stage), WaiterConfig=OFTEN)
    return True
