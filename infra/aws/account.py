"""Which AWS account and region a command works on: found once, printed, and the same for every client.

botocore reads AWS_DEFAULT_REGION and the profile, but not AWS_REGION, which the AWS CLI and all other SDKs read first. Left to
it, a command would silently work in the profile's region, and people's data would lie in another country.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError, ClientError


@dataclass(frozen=True)
class Account:
    """The account's id, the region, and who signs the requests."""

    id: str
    region: str
    caller: str

    def __str__(self) -> str:
        return f"account {self.id}, region {self.region}, as {self.caller}"


def use_account() -> Account:
    """Makes the region that of all clients and commands started here, and prints account and region.

    Ends the program where one is not known.
    """
    region = region_of(os.environ)
    os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = region
    try:
        caller = boto3.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"AWS does not know who asks ({type(error).__name__}): set AWS_PROFILE, or sign in with `aws login`.")
    account = Account(caller["Account"], region, caller["Arn"].rpartition(":")[2])
    print(f"AWS {account}.", flush=True)
    return account


def region_of(environment: Mapping[str, str]) -> str:
    """The region by AWS_REGION, AWS_DEFAULT_REGION or the profile, in this order. Ends the program where there is none."""
    named = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    region = named or boto3.session.Session(profile_name=environment.get("AWS_PROFILE")).region_name
    if not region:
        sys.exit("No region: set AWS_REGION, for example AWS_REGION=eu-west-1. People's data will lie there.")
    return region


def confirm_first_deployment(stage: str, account: Account, *, is_yes: bool) -> None:
    """Asks before the first deployment of a stage: account and region cannot be changed later. Ends the program at a no."""
    print(f"There is no stack of stage {stage} here yet. Records of people will lie in account {account.id}, {account.region}.")
    if is_yes:
        return
    if not sys.stdin.isatty():
        sys.exit("Nobody is here to ask: add YES=1 where account and region are right.")
    if input(f"Type the region to deploy there ({account.region}): ").strip() != account.region:
        sys.exit("Not deployed.")
