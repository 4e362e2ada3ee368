"""`make preflight` says what is missing for mail to come in, and nothing where it need not."""

from __future__ import annotations

from typing import Any

import pytest

from infra.aws import preflight, receiving
from infra.aws.account import Account
from infra.aws.preflight import Target
from tests.infra.aws_stub import Refused

DOMAIN = "reply.example.com"
SES = "mail exchanger = 10 inbound-smtp.eu-west-1.amazonaws.com."


def rule(**changed: Any) -> dict[str, Any]:
    return {"Name": "heardback-prod", "Enabled": True, "Recipients": [DOMAIN], **changed}


def states(aws: Any, active: Any, dns: str | None = SES, *, verified: str | None = DOMAIN) -> list[tuple[str, str]]:
    aws.on("ses:DescribeActiveReceiptRuleSet", active)

    def identity(params: dict[str, Any]) -> dict[str, Any]:
        if params["EmailIdentity"] != verified:
            raise Refused("NotFoundException", 404)
        return {"VerifiedForSendingStatus": True}

    aws.on("sesv2:GetEmailIdentity", identity)
    found = receiving.findings(DOMAIN, "eu-west-1", "heardback-prod", "prod", lambda _: dns)
    return [(one.state, one.next_step) for one in found]


def test_all_is_there(aws: Any) -> None:
    active = {"Metadata": {"Name": "heardback-prod"}, "Rules": [rule()]}
    assert states(aws, active) == [("ready", "")] * 3
    assert states(aws, active, verified="example.com") == [("ready", "")] * 3


@pytest.mark.parametrize(
    ("active", "step"),
    [
        ({}, "aws ses set-active-receipt-rule-set --rule-set-name heardback-prod"),
        ({"Metadata": {"Name": "other"}, "Rules": []}, 'make deploy STAGE=prod SET="InboundMailRuleSet=other"'),
        ({"Metadata": {"Name": "heardback-prod"}, "Rules": []}, "make deploy STAGE=prod"),
        ({"Metadata": {"Name": "heardback-prod"}, "Rules": [rule(Enabled=False)]}, "make deploy STAGE=prod"),
        (Refused("InvalidAction"), "deploy to a region where SES receives mail: docs/operations.md"),
    ],
)
def test_the_active_rule_set(aws: Any, active: Any, step: str) -> None:
    assert states(aws, active)[0] == ("missing", step)


def test_a_record_of_dns_that_is_missing_or_cannot_be_seen(aws: Any) -> None:
    active = {"Metadata": {"Name": "heardback-prod"}, "Rules": [rule()]}
    missing = f"in DNS: {DOMAIN} MX 10 inbound-smtp.eu-west-1.amazonaws.com"
    assert states(aws, active, "mail exchanger = 5 mx.example.net.")[2] == ("missing", missing)
    assert states(aws, active, None)[2] == ("not seen", "")
    assert states(aws, active, verified=None)[1][0] == "missing"


def test_without_a_domain_nothing_is_asked(aws: Any) -> None:
    target = Target("prod", Account("111122223333", "eu-west-1", "user/ops"), {}, {})
    assert list(preflight.mail_that_comes_in(target)) == [] and aws.asked == []
