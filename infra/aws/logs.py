"""`make logs STAGE=prod`: prints what the functions logged, newest last; `SINCE=60` minutes, `ONLY=Deliver` one function."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import boto3

from infra.aws.account import use_account


def lines(stage: str, since_minutes: float, only: str, now: float) -> Iterator[str]:
    """Yields the lines of all functions of a stage, in order."""
    logs, prefix = boto3.client("logs"), f"/heardback/{stage}/{only}"
    groups = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        for group in page["logGroups"]
    ]
    start, found = int((now - since_minutes * 60) * 1000), []
    for name in groups:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name, startTime=start):
            found += [(event["timestamp"], name.rpartition("/")[2], event["message"].rstrip()) for event in page["events"]]
    for at, function, message in sorted(found):
        yield f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%S}Z {function} {message}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make logs", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--since", type=float, default=15, help="minutes")
    parser.add_argument("--only", default="", help="a function, as APIHandler, or access")
    told = parser.parse_args()
    use_account()
    for line in lines(told.stage, told.since, told.only, time.time()):
        print(line)


if __name__ == "__main__":
    main()
