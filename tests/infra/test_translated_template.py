"""What CloudFormation makes of the template, after AWS's translator: faults that the template itself does not show."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chalicelib.config import BASE_URL, SECRETS, Settings
from chalicelib.errors import SettingError
from infra.aws.deploy import WORKBOOKS_AT_ONCE, reserved
from infra.aws.package import ROOT
from infra.aws.runtime import LAMBDA
from infra.local import aws_gateway

STAGES = ("dev", "prod")
MAIL_ACTIONS = {"ses:SendEmail", "ses:SendBulkEmail", "ses:SendBulkTemplatedEmail"}
OF_THE_ACCOUNT = {"BounceAlarm", "ComplaintAlarm", "SmsSpendAlarm"}


def resources(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in template["Resources"].items() if one["Type"] == kind}


def in_stage(value: Any, stage: str) -> str:
    """A part of the template with `${Stage}` replaced; a name of another resource stands for itself and the stage's stack."""
    text = json.dumps(value, sort_keys=True).replace("${Stage}", stage)
    return re.sub(r'\{"(Ref|Fn::GetAtt)": ([^}]*)\}', rf'"{stage}: \2"', text)


def test_there_is_one_public_stage(translated):
    """SAM makes a second one called `Stage`, without throttle, log and alarm, unless it is told not to."""
    (stage,) = resources(translated, "AWS::ApiGateway::Stage").values()
    assert stage["Properties"]["StageName"] == "api"
    (deployment,) = resources(translated, "AWS::ApiGateway::Deployment").values()
    assert "StageName" not in deployment["Properties"]
    assert stage["Properties"]["MethodSettings"][0]["ThrottlingRateLimit"] and stage["Properties"]["AccessLogSetting"]


def test_the_stage_waits_for_the_right_to_write_its_access_log(translated):
    """Without the order a first deployment fails by chance: the account has no role for logs yet."""
    (stage,) = resources(translated, "AWS::ApiGateway::Stage").values()
    assert stage["Properties"]["RestApiId"] == {"Ref": "RestAPI"}
    condition, waits, _ = translated["Resources"]["RestAPI"]["Properties"]["Description"]["Fn::If"]
    assert "${ApiAccount}" in waits["Fn::Sub"]
    assert condition == translated["Resources"]["ApiAccount"]["Condition"]


def test_two_stages_in_one_account_ring_only_their_own_alarms(translated):
    """What an alarm reads has the stage in its name, or is a resource of the stage's stack."""
    alarms = resources(translated, "AWS::CloudWatch::Alarm")
    for name, alarm in alarms.items():
        read = {key: alarm["Properties"].get(key) for key in ("Namespace", "Dimensions")}
        if name in OF_THE_ACCOUNT:
            assert alarm["Condition"] == "WatchesAccount", name
        else:
            assert in_stage(read, "dev") != in_stage(read, "prod"), name
    assert set(alarms) >= OF_THE_ACCOUNT


NAMES = re.compile(
    r"(Function|LogGroup|Topic|Queue|Table|Alarm|Dashboard|Role|Policy|Budget|Bucket|Rule|ConfigurationSet|Stack)Name|Name"
)
"""Properties by which AWS knows a resource in the whole account."""
SHARED_BY_STAGES = {"TextLogs", "FailedTextLogs"}
"""Of the account: made by the stage that is deployed first."""
NAMED_WITHIN = {"AWS::Lambda::Alias", "AWS::ApiGateway::Stage", "AWS::SES::ConfigurationSetEventDestination"}


def test_two_stages_in_one_account_share_no_name(translated):
    """A name that both stages want would fail the second deployment, or be changed by it."""
    wrong = []
    for name, one in translated["Resources"].items():
        if name in SHARED_BY_STAGES or one["Type"] in NAMED_WITHIN:
            continue
        for key, value in one.get("Properties", {}).items():
            if NAMES.fullmatch(key) and in_stage(value, "dev") == in_stage(value, "prod") and key != "PolicyName":
                wrong.append((name, key, value))
    assert not wrong
    for name in SHARED_BY_STAGES:
        assert translated["Resources"][name]["Condition"] == "MakesTextLogs", name
    assert not [name for name, one in translated["Outputs"].items() if "Export" in one]


def test_the_alarm_on_faults_reads_the_api_by_the_name_that_it_has(translated):
    title = translated["Resources"]["RestAPI"]["Properties"]["Body"]["info"]["title"]
    dimensions = {one["Name"]: one["Value"] for one in translated["Resources"]["ApiFaultAlarm"]["Properties"]["Dimensions"]}
    assert dimensions == {"ApiName": title, "Stage": "api"}
    assert title == {"Fn::Sub": "heardback-${Stage}"}


def test_no_line_of_the_dashboard_is_dead(translated):
    """A metric of ours on the dashboard is one that a filter publishes."""
    published = {
        one["Properties"]["MetricTransformations"][0]["MetricName"]
        for one in resources(translated, "AWS::Logs::MetricFilter").values()
    }
    body = translated["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0]
    plain = re.sub(r"\$\{[^}]*\}", "x", body)
    shown: set[str] = set()
    for widget in json.loads(plain)["widgets"]:
        namespace = ""
        for metric in widget["properties"]["metrics"]:
            namespace = metric[0] if isinstance(metric[0], str) and metric[0] not in (".", "...") else namespace
            if namespace == "Heardback/x":
                shown.add(metric[1])
    assert shown and shown <= published


def test_a_metrics_value_is_in_its_pattern(translated):
    """CloudWatch publishes a field's value only for lines in which the pattern asks for that field."""
    for name, one in resources(translated, "AWS::Logs::MetricFilter").items():
        value = one["Properties"]["MetricTransformations"][0]["MetricValue"]
        assert not str(value).startswith("$") or f"{value} " in one["Properties"]["FilterPattern"], name


def test_alarms_are_quiet_until_there_is_a_first_figure(translated):
    """An alarm that rings where its figure is missing would ring in the first minutes of every new stack."""
    told = {name: one["Properties"] for name, one in resources(translated, "AWS::CloudWatch::Alarm").items()}
    breaching = [name for name, alarm in told.items() if alarm["TreatMissingData"] == "breaching"]
    assert breaching
    for name in breaching:
        assert told[name]["ActionsEnabled"] == {"Fn::If": ["IsFirst", False, True]}, name


def test_a_first_deployment_that_fails_leaves_no_protected_table(translated):
    """CloudFormation removes what it made; a table that succeeded once outlives its stack."""
    table = translated["Resources"]["Table"]
    assert table["DeletionPolicy"] == "RetainExceptOnCreate"
    assert table["Properties"]["DeletionProtectionEnabled"] == {"Fn::If": ["IsFirst", False, True]}
    assert translated["Parameters"]["FirstDeployment"]["Default"] == "false"


def test_a_change_of_the_public_url_restarts_every_function(translated):
    """Links and cookies are made of it: a warm process must not keep the old one."""
    functions = resources(translated, "AWS::Lambda::Function")
    for name, function in functions.items():
        assert function["Properties"]["Environment"]["Variables"]["HEARDBACK_BASE_URL"] == {"Ref": "PublicUrl"}, name
    parameter = translated["Resources"]["PublicUrlSetting"]["Properties"]["Value"]
    assert "PublicUrl" not in json.dumps(parameter), "the stored address never changes, so that nobody waits for it to be read"


def test_the_functions_run_on_the_pinned_runtime(translated):
    """Not on the operator's Python, for which the bundle has no packages."""
    functions = resources(translated, "AWS::Lambda::Function")
    assert len(functions) >= 11
    for name, function in functions.items():
        assert function["Properties"]["Runtime"] == LAMBDA.name, name
        assert function["Properties"]["Architectures"] == [LAMBDA.architecture], name


def test_the_gateway_repeats_nothing_of_a_request(translated):
    """An unknown path with an API key makes a message that holds the key."""
    answers = resources(translated, "AWS::ApiGateway::RestApi")["RestAPI"]["Properties"]["Body"][
        "x-amazon-apigateway-gateway-responses"
    ]
    assert answers["INVALID_SIGNATURE"]["statusCode"] == answers["MISSING_AUTHENTICATION_TOKEN"]["statusCode"] == "404"
    assert "$context.error" not in json.dumps(answers)


@pytest.mark.parametrize("rate", ["200", "400", "800", "1600", "3200"])
def test_what_is_reserved_is_what_the_command_counts(template, rate):
    workers = template["Mappings"]["Workers"][rate]["Count"]
    readers = template["Resources"]["ReadWorkbook"]["Properties"]["ReservedConcurrentExecutions"]["Fn::If"][1]
    assert readers == WORKBOOKS_AT_ONCE
    assert reserved(rate) == workers + readers + 1


def test_whoever_publishes_a_text_may_have_sns_send_it(translated):
    """SNS asks for a second right, in the caller's name, wherever the account has a number of its own."""
    for name, role in resources(translated, "AWS::IAM::Role").items():
        statements = [one for policy in role["Properties"].get("Policies", []) for one in policy["PolicyDocument"]["Statement"]]
        allowed = {str(one["Action"]): one for one in statements if one["Effect"] == "Allow"}
        assert ("sns:Publish" in allowed) == ("sms-voice:SendTextMessage" in allowed), name
        if "sns:Publish" in allowed:
            condition = allowed["sms-voice:SendTextMessage"]["Condition"]["StringEquals"]
            assert condition["aws:CalledViaLast"] == "sns.amazonaws.com", "not by itself: only for SNS"


def test_both_delivery_logs_reach_the_function(translated):
    """Successes and failures lie in two log groups; a stage that did not make them subscribes to the account's."""
    filters = resources(translated, "AWS::Logs::SubscriptionFilter").values()
    assert len(filters) == 2
    for one in filters:
        condition, made, there = one["Properties"]["LogGroupName"]["Fn::If"]
        assert condition == "MakesTextLogs" and one["Properties"]["DestinationArn"] == {"Fn::GetAtt": ["TextEvents", "Arn"]}
        assert translated["Resources"][made["Ref"]]["Properties"]["LogGroupName"] == there
        assert translated["Resources"][made["Ref"]]["Properties"]["RetentionInDays"] <= 7, "they hold numbers"
    permission = translated["Resources"]["TextEventsPermission"]["Properties"]
    assert (permission["Principal"], permission["SourceAccount"]) == ("logs.amazonaws.com", {"Ref": "AWS::AccountId"})


def test_only_sns_of_this_account_writes_the_delivery_log(translated):
    role = translated["Resources"]["TextLogsRole"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sns.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}


class Recorded(dict[str, str]):
    """An environment that notes which settings are read."""

    def __init__(self) -> None:
        super().__init__(AWS_REGION="eu-west-1")
        self.asked: set[str] = set()

    def get(self, name: str, otherwise: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, otherwise)


def test_every_setting_can_be_set_on_aws(translated):
    """A documented setting without a parameter could be set on one machine only."""
    environment = Recorded()
    with pytest.raises(SettingError):
        Settings.from_env(environment)
    asked = {name for name in environment.asked if name.startswith("HEARDBACK_")}
    told = {*SECRETS.values(), BASE_URL}
    for function in resources(translated, "AWS::Lambda::Function").values():
        told |= function["Properties"]["Environment"]["Variables"].keys()
    assert len(asked) > 20 and asked <= told


def test_every_parameter_is_in_the_operators_page(translated):
    """What the page does not name nobody sets."""
    page = (ROOT / "docs" / "operations.md").read_text().partition("## Parameters")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `(\w+)` \|", page, re.M))
    assert documented == set(translated["Parameters"])


def test_mail_in_an_employers_name_comes_from_a_listed_address_only(translated):
    """Without such addresses there is no such right."""
    policy = translated["Resources"]["EmployerSendersPolicy"]
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert policy["Condition"] == "HasEmployerSenders" and set(statement["Action"]) == MAIL_ACTIONS
    assert statement["Condition"] == {"StringLike": {"ses:FromAddress": {"Ref": "EmployerSenders"}}}


def test_long_responses_are_compressed_as_on_one_machine(translated):
    assert translated["Resources"]["RestAPI"]["Properties"]["MinimumCompressionSize"] == aws_gateway.COMPRESSED_FROM
