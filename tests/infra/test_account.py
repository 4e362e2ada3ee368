"""Every command works on one account and one region, says which, and loses nothing where it is interrupted."""

from __future__ import annotations

import io
from typing import Any

import boto3
import pytest

from infra.aws import account, deploy, logs, secrets
from tests.infra.aws_stub import Aws, Refused

BUCKET = "heardback-artifacts-111122223333-eu-west-1"


def concurrency(aws: Aws, unreserved: int) -> None:
    limits = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": unreserved}
    aws.on("lambda:GetAccountSettings", {"AccountLimit": limits})


def stacks(aws: Aws, **parameters: str) -> None:
    """One stack there, heardback-prod, with these parameters."""
    held = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    found = {"StackName": "heardback-prod", "StackStatus": "CREATE_COMPLETE", "CreationTime": "2026-01-01", "Parameters": held}

    def describe(params: dict[str, Any]) -> dict[str, Any]:
        if params.get("StackName") not in (None, "heardback-prod"):
            raise Refused("Stack does not exist")
        return {"Stacks": [found]}

    aws.on("cloudformation:DescribeStacks", describe)


def test_aws_region_decides_as_for_every_other_tool(monkeypatch):
    """botocore alone would take the profile's region, and people's data would lie in another country."""
    assert account.region_of({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}) == "eu-west-1"
    assert account.region_of({"AWS_DEFAULT_REGION": "us-east-1"}) == "us-east-1"


def test_a_profile_has_a_region_of_its_own(monkeypatch, tmp_path):
    (tmp_path / "config").write_text("[profile paris]\nregion = eu-west-3\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "paris")
    assert account.region_of({"AWS_PROFILE": "paris"}) == "eu-west-3"


def test_without_a_region_nothing_is_done(monkeypatch, tmp_path):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match="AWS_REGION"):
        account.region_of({})


def test_every_client_works_in_the_region_that_was_said(aws, monkeypatch, capsys):
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    found = account.use_account()
    assert boto3.client("dynamodb").meta.region_name == found.region == "ap-southeast-2"
    assert "account 111122223333, region ap-southeast-2, as user/ops" in capsys.readouterr().out


def test_a_first_deployment_is_asked_for(aws, monkeypatch):
    """Nobody at the terminal, or another region typed: nothing is deployed."""
    here = account.use_account()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(SystemExit, match="YES=1"):
        account.confirm_first_deployment("prod", here, is_yes=False)
    account.confirm_first_deployment("prod", here, is_yes=True)


@pytest.mark.parametrize(("typed", "passes"), [("eu-west-1", True), ("us-east-1", False), ("", False), ("y", False)])
def test_the_region_itself_must_be_typed(aws, monkeypatch, typed, passes):
    here = account.use_account()
    monkeypatch.setattr("sys.stdin", terminal := io.StringIO(f"{typed}\n"))
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    if passes:
        account.confirm_first_deployment("prod", here, is_yes=False)
    else:
        with pytest.raises(SystemExit, match="Not deployed"):
            account.confirm_first_deployment("prod", here, is_yes=False)


def test_nothing_is_uploaded_into_a_bucket_of_somebody_else(aws):
    """The bucket's name can be guessed from the account's id: anyone who makes it first would hold our code."""
    aws.on("s3:HeadBucket", Refused("403", 403))
    with pytest.raises(SystemExit, match="somebody else"):
        deploy.artifacts()
    assert not aws.requests("s3:CreateBucket")


def test_every_request_to_the_bucket_says_whose_it_is(aws):
    for operation in ("HeadBucket", "PutObject"):
        aws.on(f"s3:{operation}", {})
    assert deploy.artifacts() == BUCKET
    deploy.upload(BUCKET, "prod", b"code", ".zip")
    for operation in ("HeadBucket", "PutObject"):
        assert aws.requests(f"s3:{operation}")[0]["ExpectedBucketOwner"] == "111122223333"


def test_a_missing_bucket_is_made_and_closed(aws):
    aws.on("s3:HeadBucket", Refused("404", 404))
    aws.on("s3:CreateBucket", {})
    aws.on("s3:PutPublicAccessBlock", {})
    assert deploy.artifacts() == BUCKET
    (made,) = aws.requests("s3:CreateBucket")
    assert made["CreateBucketConfiguration"] == {"LocationConstraint": "eu-west-1"}
    assert all(aws.requests("s3:PutPublicAccessBlock")[0]["PublicAccessBlockConfiguration"].values())


def test_a_new_operator_key_is_shown_before_it_replaces_the_old_one(aws):
    """Interrupted in between, the operator still has a key that opens: the old one."""
    order: list[str] = []
    aws.on("ssm:PutParameter", lambda params: order.append("stored") or {"Version": 2})
    secrets.new_operator_key("prod", lambda key: order.append("shown"))
    assert order == ["shown", "stored"]


def test_a_key_that_could_not_be_shown_is_not_stored(aws):
    def broken_pipe(key: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        secrets.new_operator_key("prod", broken_pipe)
    assert not aws.requests("ssm:PutParameter")


@pytest.mark.parametrize(
    ("unreserved", "rate", "reserves"),
    [(104, "200", "false"), (105, "200", "true"), (134, "3200", "false"), (135, "3200", "true"), (10, "200", "false")],
)
def test_concurrency_is_reserved_only_where_100_stay_for_others(aws, unreserved, rate, reserves):
    """AWS refuses the whole deployment otherwise."""
    concurrency(aws, unreserved)
    stacks(aws)
    aws.on("apigateway:GetAccount", {})
    aws.on("logs:DescribeLogGroups", {"logGroups": []})
    assert deploy.found_out("dev", {"MessagesPerSecond": rate})["ReserveConcurrency"] == reserves


def test_what_the_stack_reserves_already_is_not_missing_at_the_next_deployment(aws):
    concurrency(aws, 100)
    stacks(aws, ReserveConcurrency="true", MessagesPerSecond="400", Stage="prod")
    assert deploy.found_out("prod", {})["ReserveConcurrency"] == "true"
    assert deploy.found_out("prod", {"MessagesPerSecond": "800"})["ReserveConcurrency"] == "false"


def test_the_second_stage_of_an_account_leaves_the_accounts_alarms_to_the_first(aws):
    """SES's reputation and the spend on texts belong to the account: two stages would ring twice."""
    concurrency(aws, 1000)
    groups = [{"logGroupName": "sns/eu-west-1/111122223333/DirectPublishToPhoneNumber"}] * 2
    aws.on("logs:DescribeLogGroups", {"logGroups": groups})
    aws.on("apigateway:GetAccount", {"cloudwatchRoleArn": "arn:aws:iam::111122223333:role/logs"})
    stacks(aws, WatchAccount="true")
    found = deploy.found_out("dev", {})
    assert (found["WatchAccount"], found["FirstDeployment"], found["MakeApiLogsRole"]) == ("false", "true", "false")
    assert found["MakeTextLogs"] == "false"
    stacks(aws, WatchAccount="false")
    assert deploy.found_out("dev", {})["WatchAccount"] == "true"


def test_a_second_deployment_changes_nothing_of_what_the_first_found_out(aws):
    concurrency(aws, 1000)
    stacks(aws, WatchAccount="true", FirstDeployment="false")
    assert deploy.found_out("prod", {}) == {"ReserveConcurrency": "true", "FirstDeployment": "false"}


ROLE = "arn:aws:iam::111122223333:role/heardback-prod-TextLogsRole"


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ({}, {"DeliveryStatusIAMRole": ROLE, "DeliveryStatusSuccessSamplingRate": "100"}),
        (
            {"DeliveryStatusIAMRole": "arn:theirs", "DeliveryStatusSuccessSamplingRate": "10"},
            {"DeliveryStatusIAMRole": "arn:theirs", "DeliveryStatusSuccessSamplingRate": "100"},
        ),
        ({"DeliveryStatusIAMRole": "arn:theirs", "DeliveryStatusSuccessSamplingRate": "100"}, None),
    ],
)
def test_sns_is_told_to_log_every_text_and_keeps_a_role_that_it_has(aws, held, asked):
    """Another program of the account may read the same log."""
    aws.on("sns:GetSMSAttributes", {"attributes": held})
    aws.on("sns:SetSMSAttributes", {})
    deploy.log_texts(ROLE)
    assert [one["attributes"] for one in aws.requests("sns:SetSMSAttributes")] == ([asked] if asked else [])


def test_who_may_not_change_sns_is_told_what_to_set(aws):
    aws.on("sns:GetSMSAttributes", {"attributes": {}})
    assert f"SetSMSAttributes: AccessDenied): set its delivery status role to {ROLE}" in deploy.log_texts(ROLE)


def test_the_log_shows_all_functions_in_order(aws):
    """An incident spans functions: what a request queued fails in another one."""
    events = {
        "/heardback/prod/APIHandler": [(1_800_000_000_000, "first\n"), (1_800_000_002_000, "third")],
        "/heardback/prod/Deliver": [(1_800_000_001_000, "second")],
    }
    aws.on("logs:DescribeLogGroups", {"logGroups": [{"logGroupName": name} for name in events]})
    aws.on(
        "logs:FilterLogEvents",
        lambda params: {"events": [{"timestamp": at, "message": said} for at, said in events[params["logGroupName"]]]},
    )
    found = list(logs.lines("prod", 15, "", 1_800_000_060))
    assert [line.split(" ", 1)[1] for line in found] == ["APIHandler first", "Deliver second", "APIHandler third"]
    assert found[0].startswith("2027-01-15T08:00:00Z")
    assert {one["startTime"] for one in aws.requests("logs:FilterLogEvents")} == {(1_800_000_060 - 900) * 1000}
    assert aws.requests("logs:DescribeLogGroups")[0]["logGroupNamePrefix"] == "/heardback/prod/"
