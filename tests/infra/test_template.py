"""The packaged template has what it must have, and no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib import config
from chalicelib.messaging import inbound_mail
from chalicelib.storage.table import Item
from infra.aws.package import NO_SETTINGS, functions, role_of

FOREVER_BUSY = 6
"""The queue's visibility timeout is six times the function's timeout, as AWS recommends."""
WORKERS = {
    "Deliver": "DueQueue",
    "SendWebhooks": "WebhookQueue",
    "ProcessAts": "AtsQueue",
    "ImportRows": "ImportQueue",
    "UpdateRecords": "RecordQueue",
}
MAY_BE_LOGGED = {"requestId", "requestTimeEpoch", "httpMethod", "resourcePath", "status", "responseLatency", "responseLength"}


def statements(template: dict[str, Any], role: str) -> Iterator[dict[str, Any]]:
    for policy in template["Resources"][role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resources(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in template["Resources"].items() if one["Type"] == kind}


def keys(schema: list[dict[str, str]], what: str = "KeyType") -> dict[str, str]:
    return {key["AttributeName"]: key[what] for key in schema}


def test_every_function_has_a_role_of_its_own(template):
    """A bug in one function must not reach what only another may use."""
    roles = [role_of(template, name) for name in functions(template)]
    assert len(roles) == len(set(roles)) >= 5


def test_every_role_is_told_what_it_may_do(template):
    """A handler without rights in infra/resources.yaml would fail at its first request."""
    for name in functions(template):
        said = [statement.get("Sid") for statement in statements(template, role_of(template, name))]
        assert "SaysNothingInResourcesYaml" not in said, f"{name} has no Policies in infra/resources.yaml"


def test_no_right_is_wider_than_its_resource(template):
    """Rights name resources. Publishing texts is the exception: phone numbers have no ARN."""
    for name in functions(template):
        for statement in statements(template, role_of(template, name)):
            actions = as_list(statement["Action"])
            assert not any("*" in action for action in actions), (name, statement)
            if statement["Effect"] == "Allow" and "*" in as_list(statement["Resource"]):
                assert actions[0] in ("sns:Publish", "sms-voice:SendTextMessage"), (name, statement)
                assert len(actions) == 1 and statement["Condition"]["StringEquals"]["aws:RequestedRegion"], (name, statement)
                assert any(
                    other["Effect"] == "Deny" and other["Action"] == "sns:Publish"
                    for other in statements(template, role_of(template, name))
                ), name


def test_mail_goes_out_from_one_address_only(template):
    """A stolen role cannot send mail from another sender."""
    for name in functions(template):
        for statement in statements(template, role_of(template, name)):
            if "ses:SendEmail" in as_list(statement["Action"]):
                assert statement["Condition"]["StringEquals"]["ses:FromAddress"] == {"Ref": "EmailFrom"}


def test_only_aws_services_of_this_account_publish_to_the_topics(template):
    """Only SES and SNS may publish bounces and texts: a forged one would opt a candidate out."""
    policies = resources(template, "AWS::SNS::TopicPolicy")
    assert len(policies) == 3
    for policy in policies.values():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            assert "Service" in statement["Principal"] and "*" not in json.dumps(statement["Principal"])
            assert statement["Condition"]["StringEquals"]["AWS:SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_the_table_can_not_be_lost_by_mistake(template):
    """The table survives the stack: opt-outs and tallies exist nowhere else."""
    table = template["Resources"]["Table"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    held = table["Properties"]
    assert held["DeletionProtectionEnabled"] and held["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert held["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"} and held["BillingMode"] == "PAY_PER_REQUEST"
    assert held["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_table_is_the_one_that_the_code_speaks_to(template):
    """AWS's table has the keys and indexes of the tests' table, which the models create."""
    held, model = template["Resources"]["Table"]["Properties"], Item._get_schema()
    assert keys(held["KeySchema"]) == keys(model["key_schema"])
    ours = {index["IndexName"]: (keys(index["KeySchema"]), index["Projection"]) for index in held["GlobalSecondaryIndexes"]}
    theirs = {
        index["index_name"]: (keys(index["key_schema"]), index["projection"]) for index in model["global_secondary_indexes"]
    }
    assert ours == theirs
    assert keys(held["AttributeDefinitions"], "AttributeType") == keys(model["attribute_definitions"], "AttributeType")


def test_a_record_is_not_handed_out_again_while_it_is_worked(template):
    """Runs of the scheduler do not overlap as a rule, though the claims allow it."""
    for name, queue in {**WORKERS, "DeadLetters": "DeadLetterQueue"}.items():
        timeout = template["Resources"][name]["Properties"]["Timeout"]
        assert template["Resources"][queue]["Properties"]["VisibilityTimeout"] >= FOREVER_BUSY * timeout
    for queue in WORKERS.values():
        assert template["Resources"][queue]["Properties"]["RedrivePolicy"]["maxReceiveCount"] >= 5


@pytest.mark.parametrize(("name", "queue"), WORKERS.items())
def test_one_bad_record_comes_back_alone(template, name, queue):
    """One failed record must not bring back its whole batch. Each queue has a worker of its own, with a maximum."""
    (event,) = template["Resources"][name]["Properties"]["Events"].values()
    assert event["Properties"]["Queue"] == {"Fn::Sub": f"${{{queue}.Arn}}"}
    assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["Properties"]["ScalingConfig"]["MaximumConcurrency"]


def test_the_reader_of_workbooks_may_do_nothing(template):
    """A file that breaks out of the reader finds no right but to write its own log, and no secret."""
    found = list(statements(template, role_of(template, "ReadWorkbook")))
    assert [(one["Action"], one["Resource"]) for one in found] == [
        (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": ["ReadWorkbookLogs", "Arn"]})
    ]


def test_only_the_api_has_workbooks_read_and_ends_later(template):
    """Files come to the API alone. It outlives the function, so that it can say why a file was refused."""
    for name in functions(template):
        invoked = [
            one["Resource"]
            for one in statements(template, role_of(template, name))
            if "lambda:InvokeFunction" in as_list(one["Action"])
        ]
        asks = "HEARDBACK_WORKBOOK_FUNCTION" in template["Resources"][name]["Properties"]["Environment"]["Variables"]
        assert (invoked, asks) == (([{"Fn::GetAtt": ["ReadWorkbook", "Arn"]}], True) if name == "APIHandler" else ([], False))
    ends = {name: template["Resources"][name]["Properties"]["Timeout"] for name in ("ReadWorkbook", "APIHandler")}
    assert ends["ReadWorkbook"] < ends["APIHandler"]


def test_slow_work_can_not_take_the_concurrency_of_reminders(template):
    """Deliver, tick and the reader of workbooks reserve; other slow work has a maximum and no right to send messages."""
    reserved = {
        name for name in functions(template) if "ReservedConcurrentExecutions" in template["Resources"][name]["Properties"]
    }
    assert reserved == {"Deliver", "ReadWorkbook", "Tick"}
    for name in WORKERS.keys() - {"Deliver"}:
        actions = {
            action for statement in statements(template, role_of(template, name)) for action in as_list(statement["Action"])
        }
        assert not actions & {"sns:Publish", "ses:SendEmail"}


def test_each_worker_reads_its_own_queue_only(template):
    """A function that may receive from another queue could take its records away."""
    for name, queue in WORKERS.items():
        received = [
            one["Resource"] for one in statements(template, role_of(template, name)) if "sqs:ReceiveMessage" in one["Action"]
        ]
        assert received == [{"Fn::GetAtt": [queue, "Arn"]}]


def test_workers_follow_from_what_the_providers_take(template):
    """No more workers than SES accepts; SQS runs at least two."""
    workers = {int(rate): of["Count"] for rate, of in template["Mappings"]["Workers"].items()}
    assert all(count == max(2, rate // 100) for rate, count in workers.items())
    assert {str(rate) for rate in workers} == set(template["Parameters"]["MessagesPerSecond"]["AllowedValues"])


def test_http_answers_before_the_gateway_gives_up(template):
    """The function ends before the gateway's 29 seconds, after which the outcome would be unknown."""
    assert template["Resources"]["APIHandler"]["Properties"]["Timeout"] < 29


def test_every_function_logs_for_a_while_and_is_watched(template):
    for name in functions(template):
        assert template["Resources"][f"{name}Logs"]["Properties"]["RetentionInDays"] <= 90
        assert template["Resources"][name]["Properties"]["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Logs"}
        for metric in ("Errors", "Throttles"):
            assert template["Resources"][f"{name}{metric}Alarm"]["Properties"]["Dimensions"][0]["Value"] == {"Ref": name}


def test_every_alarm_tells_somebody_and_says_where_to_read_on(template):
    """Every alarm is explained in docs/operations.md."""
    told = (Path(__file__).parents[2] / "docs" / "operations.md").read_text().lower()
    for name, alarm in resources(template, "AWS::CloudWatch::Alarm").items():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "AlarmTopic"}], name
        page, _, heading = alarm["Properties"]["AlarmDescription"].rpartition("docs/operations.md: ")
        assert page and f"### {heading}".lower() in told, name


@pytest.mark.parametrize(
    "name",
    [
        "OldestDueAlarm",
        "OldestBackgroundAlarm",
        "DeadLetterAlarm",
        "DeadLettersSeenAlarm",
        "UnknownAlarm",
        "RecountAlarm",
        "ApiFaultAlarm",
        "AuthFailedAlarm",
        "BounceAlarm",
        "ComplaintAlarm",
        "LostFeedbackAlarm",
        "InboundMailUnreadableAlarm",
        "Dashboard",
        "Budget",
    ],
)
def test_what_watches_is_still_there(template, name):
    assert name in template["Resources"]


def test_a_tick_that_has_stopped_rings_too(template):
    """An alarm also rings where its figure is missing."""
    assert template["Resources"]["OldestDueAlarm"]["Properties"]["TreatMissingData"] == "breaching"


def test_the_metrics_read_lines_that_the_code_writes(template):
    """Log lines that alarms read keep their names."""
    code = "".join(path.read_text() for path in (Path(__file__).parents[2] / "chalicelib").rglob("*.py"))
    for name, metric in resources(template, "AWS::Logs::MetricFilter").items():
        for word in re.findall(r'"(\w+)\*?"|\$\.(?!message)(\w+)', metric["Properties"]["FilterPattern"]):
            assert re.search(rf'"{word[0] or word[1]}\b', code), (name, word)
        assert metric["Properties"]["LogGroupName"]["Ref"] in template["Resources"]


def test_each_group_of_mails_that_come_in_has_a_metric_of_its_own(template):
    """In the log of the function that reads them. Only the unreadable ones ring, and only where mail comes in."""
    filters = resources(template, "AWS::Logs::MetricFilter")
    mine = [one["Properties"] for one in filters.values() if one["Properties"]["LogGroupName"] == {"Ref": "InboundMailLogs"}]
    groups = {one["FilterPattern"]: one["MetricTransformations"][0]["MetricName"] for one in mine}
    every = (inbound_mail.TAKEN, inbound_mail.SPAM, inbound_mail.UNKNOWN, inbound_mail.UNREADABLE, inbound_mail.IGNORED)
    assert groups == {f'{{ $.inbound_mail = "{group}" }}': f"InboundMail{group.capitalize()}" for group in every}
    rings = {
        name: one
        for name, one in resources(template, "AWS::CloudWatch::Alarm").items()
        if "InboundMail" in str(one["Properties"].get("MetricName"))
    }
    assert {name: one["Condition"] for name, one in rings.items()} == {"InboundMailUnreadableAlarm": "TakesMail"}


def test_the_access_log_knows_no_people(template):
    """The access log holds no paths (ids, signed tokens) and no addresses of people."""
    said = template["Resources"]["RestAPI"]["Properties"]["AccessLogSetting"]["Format"]
    assert set(re.findall(r"\$context\.(\w+)", said)) == MAY_BE_LOGGED
    (everything,) = template["Resources"]["RestAPI"]["Properties"]["MethodSettings"]
    assert everything["LoggingLevel"] == "OFF" and not everything["DataTraceEnabled"]
    assert everything["ThrottlingRateLimit"] and everything["ThrottlingBurstLimit"]


def test_the_gateway_speaks_like_the_app(template):
    """The gateway's own errors have the shape of the app's."""
    for name, answer in template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"].items():
        assert answer["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'", name
        (body,) = answer["ResponseTemplates"].values()
        problem = json.loads(body.replace("$context.error.messageString", '"x"'))
        assert {"type", "title", "detail", "code", "request_id", "errors"} <= problem.keys(), name
        assert problem.get("status") == answer.get("StatusCode"), name


def test_no_secret_stands_in_the_template(template):
    """No secret is in the template, which many people can read."""
    told = dict(template["Globals"]["Function"]["Environment"]["Variables"])
    for name in functions(template):
        told |= template["Resources"][name]["Properties"]["Environment"]["Variables"]
    assert not {"HEARDBACK_SECRET", *config.SECRETS.values()} & told.keys()
    assert not any("NoEcho" in parameter for parameter in template["Parameters"].values())


def test_the_functions_are_told_all_that_the_settings_ask_for(template):
    """Every function gets all settings: a missing one stops it at its first request. Its role lets it read its secrets alone."""
    told = dict.fromkeys(template["Globals"]["Function"]["Environment"]["Variables"], "https://example.com/@")
    told |= {
        "HEARDBACK_SMS_NUMBER": "",
        "HEARDBACK_OWN_NUMBER_COUNTRIES": "US",
        "HEARDBACK_REQUESTS_PER_SECOND": "50",
        "HEARDBACK_CHUNKS_AT_ONCE": "3",
        "HEARDBACK_SEEKERS_OPEN": "false",
        "HEARDBACK_CORS_ORIGINS": "",
        "HEARDBACK_INBOUND_MAIL_DOMAIN": "reply.example.com",
        "AWS_REGION": "eu-west-1",
        "HEARDBACK_SMS_MAX_PRICE_USD": "0.5",
        "HEARDBACK_SMS_PRICE_USD": "0.05",
        "HEARDBACK_SMS_PRICES": "US=0.0095, GB=0.045",
        "HEARDBACK_SMS_MONTHLY_BUDGET_USD": "250",
        "HEARDBACK_SENDS_PER_SECOND": "14",
        "HEARDBACK_EMPLOYER_SENDS_PER_MINUTE": "0",
        "HEARDBACK_SSM_PREFIX": "/heardback/prod",
    }
    values = {
        **dict.fromkeys(config.SECRETS.values(), f"1:{'s' * 40}"),
        "HEARDBACK_OPERATOR_KEY_SHA256": "0" * 64,
        "HEARDBACK_BASE_URL": "https://example.com",
    }
    for name in set(functions(template)) - set(NO_SETTINGS):
        asked: list[str] = []

        def parameters(names, region, asked=asked):
            asked.extend(names)
            return {name: values[name.rpartition("/")[2]] for name in names}

        config.Settings.from_env({**told, **template["Resources"][name]["Properties"]["Environment"]["Variables"]}, parameters)
        assert {one.removeprefix("/heardback/prod/") for one in asked} == readable(template, name), name


def readable(template, function):
    """The parameters that a function's role may read, where no secret of the version before 0.2 is left."""
    every = statements(template, role_of(template, function))
    [resources] = [as_list(one["Resource"]) for one in every if one["Action"] == "ssm:GetParameters"]
    return {resource["Fn::Sub"].rpartition("/")[2] for resource in resources if "Fn::Sub" in resource}


def test_a_secret_is_read_only_by_functions_that_need_it(template):
    """What sends messages cannot read hiring systems' keys; what imports a file cannot make a cookie."""
    may_read = {function: readable(template, function) for function in set(functions(template)) - set(NO_SETTINGS)}
    readers = {use: {one for one in may_read if setting in may_read[one]} for use, setting in config.SECRETS.items()}
    assert readers["operator"] == {"APIHandler"}
    assert readers["sign"] == {"APIHandler", "Deliver"}
    assert readers["lock"] == {"APIHandler", "SendWebhooks", "ProcessAts"}
    assert "Tick" not in readers["hash"]


def test_somebody_is_told_before_sns_stops_texting(template):
    """The alarm on SMS spend uses the parameter: at the account's limit every text is refused."""
    held = template["Resources"]["SmsSpendAlarm"]["Properties"]
    assert (held["Namespace"], held["MetricName"]) == ("AWS/SNS", "SMSMonthToDateSpentUSD")
    assert held["Threshold"] == {"Ref": "SmsSpendAlarmUsd"} and held["AlarmActions"] == [{"Ref": "AlarmTopic"}]


def test_every_parameter_is_used(template):
    """Every parameter is used."""
    told = json.dumps({name: part for name, part in template.items() if name != "Parameters"})
    for name in template["Parameters"]:
        assert f'"Ref": "{name}"' in told or f"${{{name}}}" in told, name


def test_files_pass_the_gateway_byte_for_byte(template: dict[str, Any]) -> None:
    """Else it reads bodies as UTF-8, which ruins a sheet in another encoding, and answers browsers with base64."""
    definition = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    assert definition["x-amazon-apigateway-binary-media-types"] == ["*/*"]
    assert definition["paths"]["/v1/imports"]["post"]
