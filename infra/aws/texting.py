"""Looks at the account's numbers for texts: which there are, whether SNS may use them, and who answers STOP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.aws.account import Account
from infra.aws.findings import Finding, missing, ready

VOICE = "aws pinpoint-sms-voice-v2"
SEND = "sms-voice:SendTextMessage"


def findings(account: Account, topic: str | None, chosen: str) -> Iterator[Finding]:
    """What is ready and missing with each number. `topic` takes what people text; `chosen` is the number of all texts."""
    client = boto3.client("pinpoint-sms-voice-v2")
    held = [one for page in client.get_paginator("describe_phone_numbers").paginate() for one in page["PhoneNumbers"]]
    if not held:
        ask = f"{VOICE} request-phone-number --iso-country-code US --message-type TRANSACTIONAL --number-type TOLL_FREE"
        yield missing("no number for texts: US carriers take none without one", f"{ask} --number-capabilities SMS")
    if len(held) > 1 and not chosen:
        step = 'make deploy SET="SmsNumber=+1…", or a number for each employer: "sms_origination_number"'
        yield missing(f"{len(held)} numbers, and SNS chooses any of them for a text: replies come to another", step)
    for number in held:
        yield from _of_number(client, number, account, topic)


def _of_number(client: Any, number: Mapping[str, Any], account: Account, topic: str | None) -> Iterator[Finding]:
    name, arn = number["PhoneNumber"], number["PhoneNumberArn"]
    if number["Status"] != "ACTIVE":
        see = f"{VOICE} describe-registrations"
        yield missing(f"{name} is {number['Status']}: its registration is not through", see)
    if _sns_may_use(client, arn, account):
        yield ready(f"{name}: SNS may text with it")
    else:
        put = f"{VOICE} put-resource-policy --resource-arn {arn} --policy '{json.dumps(policy(arn, account))}'"
        yield missing(f"{name}: its policy does not admit SNS, so every text fails", put)
    yield _two_way(number, topic)
    change = f"{VOICE} update-phone-number --phone-number-id {number['PhoneNumberId']} --self-managed-opt-outs-enabled"
    if number["SelfManagedOptOutsEnabled"]:
        yield ready(f"{name}: Heardback answers STOP, START and HELP")
    else:
        yield missing(f"{name}: AWS itself answers STOP, START and HELP, and keeps a number that said START closed", change)


def _two_way(number: Mapping[str, Any], topic: str | None) -> Finding:
    name = number["PhoneNumber"]
    if not topic:
        return Finding("not seen", f"{name}: where its texts go, before the first deployment")
    if number["TwoWayEnabled"] and number.get("TwoWayChannelArn") == topic:
        return ready(f"{name}: what people text comes in")
    change = f"{VOICE} update-phone-number --phone-number-id {number['PhoneNumberId']} --two-way-enabled"
    return missing(
        f"{name}: what people text does not reach Heardback, a STOP neither", f"{change} --two-way-channel-arn {topic}"
    )


def _sns_may_use(client: Any, arn: str, account: Account) -> bool:
    """Whether a statement of the number's policy lets SNS send for this account."""
    try:
        document = json.loads(client.get_resource_policy(ResourceArn=arn).get("Policy") or "{}")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return any(_admits(one, account) for one in document.get("Statement", []))


def _admits(statement: Mapping[str, Any], account: Account) -> bool:
    principal = statement.get("Principal")
    services = _as_list(principal.get("Service")) if isinstance(principal, Mapping) else [principal]
    actions = _as_list(statement.get("Action"))
    if statement.get("Effect") != "Allow" or not {"sns.amazonaws.com", "*"} & set(services):
        return False
    named = statement.get("Condition", {}).get("StringEquals", {}).get("aws:SourceAccount", account.id)
    return bool({SEND, "sms-voice:*", "*"} & set(actions)) and account.id in _as_list(named)


def policy(arn: str, account: Account) -> dict[str, Any]:
    """The policy that lets SNS text with a number, for this account's requests alone."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": SEND,
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": account.id}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
