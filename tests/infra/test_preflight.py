"""`make preflight` says of each thing whether it is ready, in both outcomes, and names what it may not read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.aws import preflight, texting
from infra.aws.account import Account
from infra.aws.preflight import Target
from tests.infra.aws_stub import Aws, Refused

HERE = Account("111122223333", "eu-west-1", "user/ops")
ARN = "arn:aws:sms-voice:eu-west-1:111122223333:phone-number/phone-1"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:inbound"
TARGET = Target("prod", HERE, {"EmailFrom": "hello@example.com"}, {"InboundSmsTopicArn": TOPIC})


def stack(aws: Aws, status: str | None) -> None:
    found = {"StackName": "heardback-prod", "StackStatus": status or "", "CreationTime": "2026-01-01"}
    aws.on("cloudformation:DescribeStacks", {"Stacks": [found]} if status else Refused("heardback-prod does not exist"))


def number(**changed: Any) -> dict[str, Any]:
    return {
        "PhoneNumberArn": ARN,
        "PhoneNumberId": "phone-1",
        "PhoneNumber": "+12025550100",
        "Status": "ACTIVE",
        "IsoCountryCode": "US",
        "MessageType": "TRANSACTIONAL",
        "NumberCapabilities": ["SMS"],
        "NumberType": "TOLL_FREE",
        "MonthlyLeasingPrice": "2",
        "TwoWayEnabled": True,
        "TwoWayChannelArn": TOPIC,
        "SelfManagedOptOutsEnabled": True,
        "OptOutListName": "Default",
        "DeletionProtectionEnabled": True,
        "CreatedTimestamp": "2026-01-01",
        **changed,
    }


def numbers(aws: Aws, *held: dict[str, Any], policy: Any = "ours") -> None:
    aws.on("pinpoint-sms-voice-v2:DescribePhoneNumbers", {"PhoneNumbers": list(held)})
    told = json.dumps(texting.policy(ARN, HERE)) if policy == "ours" else policy
    aws.on("pinpoint-sms-voice-v2:GetResourcePolicy", told if isinstance(told, Refused) else {"Policy": told})


def of(probe: preflight.Probe, target: Target = TARGET) -> list[tuple[str, str]]:
    return [(one.state, one.says) for one in probe(target)]


@pytest.mark.parametrize(
    ("status", "state", "step"),
    [
        ("CREATE_COMPLETE", "ready", ""),
        ("UPDATE_ROLLBACK_COMPLETE", "ready", ""),
        (None, "missing", "make deploy"),
        ("ROLLBACK_COMPLETE", "missing", "make destroy"),
        ("UPDATE_IN_PROGRESS", "missing", "make deploy"),
    ],
)
def test_the_stack(aws, status, state, step):
    stack(aws, status)
    (found,) = preflight.stacks_there(TARGET)
    assert found.state == state and step in found.next_step


@pytest.mark.parametrize(("limit", "state"), [(10, "missing"), (110, "missing"), (111, "ready"), (1000, "ready")])
def test_concurrency(aws, limit, state):
    aws.on("lambda:GetAccountSettings", {"AccountLimit": {"ConcurrentExecutions": limit}})
    assert [one[0] for one in of(preflight.concurrency)] == [state]


@pytest.mark.parametrize(("is_open", "state"), [(True, "ready"), (False, "missing")])
def test_the_sandbox_of_mail(aws, is_open, state):
    quota = {"MaxSendRate": 14.0, "Max24HourSend": 50000.0}
    aws.on("sesv2:GetAccount", {"ProductionAccessEnabled": is_open, "SendingEnabled": True, "SendQuota": quota})
    assert [one[0] for one in of(preflight.mail)] == [state]


def test_paused_mail_is_named(aws):
    aws.on("sesv2:GetAccount", {"ProductionAccessEnabled": True, "SendingEnabled": False})
    assert ("missing", "SES has paused this account's mail") in of(preflight.mail)


@pytest.mark.parametrize(
    ("verified", "dkim", "states"),
    [(True, "SUCCESS", ["ready", "ready"]), (True, "PENDING", ["ready", "missing"]), (False, "PENDING", ["missing"])],
)
def test_the_sender_of_mail(aws, verified, dkim, states):
    aws.on("sesv2:GetEmailIdentity", {"VerifiedForSendingStatus": verified, "DkimAttributes": {"Status": dkim}})
    assert [one[0] for one in of(preflight.sender)] == states


def test_an_unknown_sender_is_not_verified(aws):
    aws.on("sesv2:GetEmailIdentity", Refused("NotFoundException", 404))
    assert of(preflight.sender) == [("missing", "example.com is not verified in SES")]
    assert of(preflight.sender, Target("prod", HERE, {}, {})) == [("missing", "no EmailFrom is given")]


@pytest.mark.parametrize(("inside", "state"), [(True, "missing"), (False, "ready")])
def test_the_sandbox_of_texts(aws, inside, state):
    aws.on("sns:GetSMSSandboxAccountStatus", {"IsInSandbox": inside})
    assert [one[0] for one in of(preflight.sandbox_of_texts)] == [state]


@pytest.mark.parametrize(
    ("attributes", "states"),
    [
        ({}, ["missing", "missing"]),
        ({"MonthlySpendLimit": "1"}, ["missing", "missing"]),
        (
            {"MonthlySpendLimit": "50", "DeliveryStatusIAMRole": "arn", "DeliveryStatusSuccessSamplingRate": "10"},
            ["ready", "missing"],
        ),
        (
            {"MonthlySpendLimit": "50", "DeliveryStatusIAMRole": "arn", "DeliveryStatusSuccessSamplingRate": "100"},
            ["ready", "ready"],
        ),
    ],
)
def test_spend_and_the_delivery_log(aws, attributes, states):
    aws.on("sns:GetSMSAttributes", {"attributes": attributes})
    assert [one[0] for one in of(preflight.spend_on_texts)] == states


def test_a_number_that_is_ready(aws):
    numbers(aws, number())
    assert [one[0] for one in of(preflight.numbers)] == ["ready", "ready", "ready"]


@pytest.mark.parametrize(
    ("changed", "policy", "says", "step"),
    [
        ({"Status": "PENDING"}, "ours", "registration is not through", "describe-registrations"),
        ({"TwoWayEnabled": False}, "ours", "does not reach Heardback", TOPIC),
        ({"TwoWayChannelArn": "arn:aws:sns:eu-west-1:111122223333:other"}, "ours", "does not reach Heardback", TOPIC),
        ({"SelfManagedOptOutsEnabled": False}, "ours", "AWS itself answers STOP", "--self-managed-opt-outs-enabled"),
        ({}, "{}", "does not admit SNS", "put-resource-policy"),
        ({}, Refused("ResourceNotFoundException"), "does not admit SNS", "put-resource-policy"),
        ({}, json.dumps(texting.policy(ARN, Account("999988887777", "eu-west-1", "x"))), "does not admit SNS", HERE.id),
    ],
)
def test_what_a_number_lacks_is_named_with_the_command(aws, changed, policy, says, step):
    """A number that SNS may not use, or whose STOPs go elsewhere, looks well in the console."""
    numbers(aws, number(**changed), policy=policy)
    lacks = [one for one in preflight.numbers(TARGET) if one.state == "missing"]
    assert len(lacks) == 1 and says in lacks[0].says and step in lacks[0].next_step


def test_no_number_and_several(aws):
    numbers(aws)
    assert [one[0] for one in of(preflight.numbers)] == ["missing"]
    numbers(aws, number(), number(PhoneNumber="+12025550101"))
    assert next(one for one in preflight.numbers(TARGET) if one.state == "missing").next_step.startswith("make deploy")
    chosen = Target("prod", HERE, {"SmsNumber": "+12025550100"}, TARGET.outputs)
    assert {one.state for one in preflight.numbers(chosen)} == {"ready"}


def test_what_may_not_be_read_is_named_and_the_rest_goes_on(aws):
    """A caller without rights gets every line, and no traceback."""
    aws.on("sns:GetSMSSandboxAccountStatus", {"IsInSandbox": False})
    found = preflight.look(TARGET)
    assert [one.says for one in found if one.state == "ready"] == ["SNS texts any number"]
    unseen = [one.says for one in found if one.state == "not seen"]
    assert len(unseen) == len(preflight.PROBES) - 2, "one was seen, and mail that comes in is off"
    assert "mail by ses: GetAccount answers AccessDenied" in unseen


def test_the_next_command_is_the_first_thing_that_is_missing(aws):
    stack(aws, None)
    said = preflight.report(preflight.look(TARGET))
    assert said.endswith('Next: make deploy STAGE=prod SET="EmailFrom=hello@example.com"')
    assert preflight.report([]).endswith("Nothing that could be seen is missing.")
