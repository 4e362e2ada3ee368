"""The secrets of a stage, in the Parameter Store: made here, read by the functions, never in a template.

/heardback/<stage>/HEARDBACK_SECRET                signs links and cursors, keys the hashes of addresses; made once
/heardback/<stage>/HEARDBACK_OPERATOR_KEY_SHA256   the hash of the operator's key; `make operator-key` makes a new one
"""

from __future__ import annotations

import argparse
import hashlib
import secrets
from collections.abc import Callable
from typing import Any

import boto3

from infra.aws.account import use_account
from infra.aws.stack import set_parameter

SECRET, OPERATOR_KEY = "HEARDBACK_SECRET", "HEARDBACK_OPERATOR_KEY_SHA256"


def ensure(stage: str, show_key: Callable[[str], None]) -> None:
    """Make missing secrets. `show_key` gets a new operator's key before its hash is stored."""
    there = _there(stage)
    if SECRET not in there:
        _put(stage, SECRET, secrets.token_urlsafe(48), "Signs links, keys the hashes of addresses: opt-outs hang on it.")
    if OPERATOR_KEY not in there:
        new_operator_key(stage, show_key)


def new_operator_key(stage: str, show_key: Callable[[str], None]) -> None:
    """Make an operator's key, show it, then store its hash. Whatever fails in between, somebody has a key that opens."""
    key = "hb_operator_" + secrets.token_urlsafe(32)
    show_key(key)
    _put(stage, OPERATOR_KEY, hashlib.sha256(key.encode()).hexdigest(), "SHA-256 of the operator's key.", overwrite=True)


def show(key: str) -> None:
    print(f"The operator's key, shown this once: {key}", flush=True)


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


def main() -> None:
    parser = argparse.ArgumentParser(prog="make operator-key", description=__doc__)
    parser.add_argument("--stage", required=True)
    stage = parser.parse_args().stage
    use_account()
    new_operator_key(stage, show)
    running = set_parameter(stage, "SecretsVersion", version(stage))  # the functions start anew
    print("The old one is dead." if running else "It counts from the first deployment on.")


if __name__ == "__main__":
    main()
