"""The secrets of a stage, in the Parameter Store: made here, read by the functions, never in a template.

/heardback/<stage>/HEARDBACK_SECRET                signs links and cursors, keys the hashes of addresses; made once
/heardback/<stage>/HEARDBACK_OPERATOR_KEY_SHA256   the hash of the operator's key; `make operator-key` makes a new one
"""

from __future__ import annotations

import argparse
import hashlib
import secrets
from typing import Any

import boto3
from botocore.exceptions import ClientError

SECRET, OPERATOR_KEY = "HEARDBACK_SECRET", "HEARDBACK_OPERATOR_KEY_SHA256"


def ensure(stage: str) -> str | None:
    """Make missing secrets. Return the operator's key where one was made: it is not stored."""
    there = _there(stage)
    if SECRET not in there:
        _put(stage, SECRET, secrets.token_urlsafe(48), "Signs links, keys the hashes of addresses: opt-outs hang on it.")
    return None if OPERATOR_KEY in there else new_operator_key(stage)


def new_operator_key(stage: str) -> str:
    """Make an operator's key, replace the stored hash, and return the key."""
    key = "hb_operator_" + secrets.token_urlsafe(32)
    _put(stage, OPERATOR_KEY, hashlib.sha256(key.encode()).hexdigest(), "SHA-256 of the operator's key.", overwrite=True)
    return key


def version(stage: str) -> str:
    """A stack parameter that changes with every secret, so that functions restart and read the new one."""
    there = _there(stage)
    return ".".join(str(there[name]) for name in sorted(there))


def _there(stage: str) -> dict[str, int]:
    names = {f"/heardback/{stage}/{name}": name for name in (SECRET, OPERATOR_KEY)}
    found = _ssm().get_parameters(Names=list(names), WithDecryption=False)["Parameters"]
    return {names[parameter["Name"]]: parameter["Version"] for parameter in found}


def _put(stage: str, name: str, value: str, says: str, *, overwrite: bool = False) -> None:
    _ssm().put_parameter(
        Name=f"/heardback/{stage}/{name}", Value=value, Type="SecureString", Description=says, Overwrite=overwrite
    )


def _ssm() -> Any:
    return boto3.client("ssm")


def _start_anew(stage: str) -> bool:
    """Tell the stack, where there is one, that a secret has changed."""
    cloudformation, stack = boto3.client("cloudformation"), f"heardback-{stage}"
    try:
        parameters = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    kept = [
        {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
        for one in parameters
        if one["ParameterKey"] != "SecretsVersion"
    ]
    changed = {"ParameterKey": "SecretsVersion", "ParameterValue": version(stage)}
    cloudformation.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=[*kept, changed],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=stack)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(prog="make operator-key", description=__doc__)
    parser.add_argument("--stage", required=True)
    stage = parser.parse_args().stage
    key = new_operator_key(stage)
    running = _start_anew(stage)
    print(f"The operator's key of {stage}, shown this once: {key}")
    print("The old one is dead." if running else "It counts from the first deployment on.")


if __name__ == "__main__":
    main()
