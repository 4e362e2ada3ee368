"""Requests and responses are what botocore's own serializer and parser make them; a botocore that changes is noticed."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.parsers import ResponseParserFactory
from botocore.regions import EndpointRulesetResolver
from botocore.serialize import create_serializer
from pynamodb.attributes import Attribute
from pynamodb.connection.base import Connection
from pynamodb.exceptions import TransactWriteError

from chalicelib import config, wiring
from chalicelib.applications.items import ApplicationItem
from chalicelib.storage import fast_path
from chalicelib.storage.fast_path import Headers

needs_the_fast_path = pytest.mark.skipif(not config.fast_path(), reason="HEARDBACK_FAST_PATH=0 leaves botocore as it is")
MODEL = botocore.session.get_session().get_service_model("dynamodb")
SQS = botocore.session.get_session().get_service_model("sqs")
KEY = {"PK": {"S": "EMP#é"}, "SK": {"S": "APP"}}
REQUESTS = {
    "BatchGetItem": {"RequestItems": {"t": {"Keys": [KEY], "ConsistentRead": True}}, "ReturnConsumedCapacity": "TOTAL"},
    "Query": {"TableName": "t", "KeyConditionExpression": "#0 = :0", "ExpressionAttributeValues": {":0": {"N": "1"}}, "Limit": 5},
    "TransactWriteItems": {
        "TransactItems": [
            {
                "Put": {
                    "TableName": "t",
                    "Item": {**KEY, "list": {"L": [{"BOOL": True}, {"M": {"a": {"NULL": True}}}]}, "blob": {"B": b"\x00\xff"}},
                }
            }
        ]
    },
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_says_the_same(name):
    """A shape that DynamoDB does not take would be refused, or worse: taken as something else."""
    operation, original = MODEL.operation_model(name), create_serializer("json", include_validation=False)
    faster = fast_path.WireSerializer(original).serialize_to_request(REQUESTS[name], operation)
    expected = original.serialize_to_request(REQUESTS[name], operation)
    assert json.loads(faster.pop("body")) == json.loads(expected.pop("body"))
    assert faster == expected


ENTRIES = [{"Id": "0", "MessageBody": '{"pk": "é"}', "MessageGroupId": "emp_1", "DelaySeconds": 3}]
RECORDS = {
    "SendMessageBatch": {"QueueUrl": "http://x/q", "Entries": ENTRIES},
    "ReceiveMessage": {"QueueUrl": "http://x/q", "MaxNumberOfMessages": 10, "AttributeNames": ["All"]},
    "DeleteMessageBatch": {"QueueUrl": "http://x/q", "Entries": [{"Id": "0", "ReceiptHandle": "r"}]},
    "GetQueueAttributes": {"QueueUrl": "http://x/q", "AttributeNames": ["ApproximateNumberOfMessages"]},
}
ANSWERS = {
    "SendMessageBatch": {"Successful": [{"Id": "0", "MessageId": "m", "MD5OfMessageBody": "0"}], "Failed": []},
    "ReceiveMessage": {"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": "é", "Attributes": {"a": "1"}}]},
    "DeleteMessageBatch": {"Successful": [{"Id": "0"}], "Failed": [{"Id": "1", "SenderFault": True, "Code": "c"}]},
    "GetQueueAttributes": {"Attributes": {"ApproximateNumberOfMessages": "5"}},
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_queue_is_told_and_answers_the_same(name):
    """Of each operation that we call: records, receipts, and what failed of a batch."""
    operation, original = SQS.operation_model(name), create_serializer("json", include_validation=False)
    faster = fast_path.WireSerializer(original).serialize_to_request(RECORDS[name], operation)
    expected = original.serialize_to_request(RECORDS[name], operation)
    assert json.loads(faster.pop("body")) == json.loads(expected.pop("body"))
    assert faster == expected
    response = {"status_code": 200, "headers": {"x-amzn-requestid": "r"}, "body": json.dumps(ANSWERS[name]).encode()}
    response["context"] = {"operation_name": name}
    theirs, shape = ResponseParserFactory(), operation.output_shape
    parsed = fast_path.WireParsers(theirs).create_parser("json").parse(response, shape)
    assert parsed == theirs.create_parser("json").parse(response, shape)
    assert parsed.items() >= ANSWERS[name].items()


RESPONSES = [
    ("Query", 200, {"Items": [{**KEY, "n": {"N": "1.5"}, "l": {"L": [{"S": "x"}]}}], "Count": 1, "LastEvaluatedKey": KEY}),
    ("Query", 200, {"Items": [{**KEY, "blob": {"B": "AP8="}, "blobs": {"BS": ["AP8="]}}], "Count": 1}),
    ("Query", 200, {"Items": [{**KEY, "n": {"S": 'says "B": so'}}], "Count": 1}),
    ("TransactWriteItems", 200, {}),
    ("DescribeTable", 200, {"Table": {"TableName": "t", "CreationDateTime": 1.5}}),
    (
        "TransactWriteItems",
        400,
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "no",
            "CancellationReasons": [{"Code": "ConditionalCheckFailed"}, {"Code": "None"}],
        },
    ),
    ("Query", 500, {"__type": "InternalServerError", "message": "no"}),
]


@pytest.mark.parametrize(("name", "status", "body"), RESPONSES)
def test_a_response_is_parsed_the_same(name, status, body):
    """Binary values, errors and other operations included."""
    shape = MODEL.operation_model(name).output_shape
    response = {
        "status_code": status,
        "headers": {"x-amzn-requestid": "r1", "Content-Type": "x"},
        "body": json.dumps(body).encode(),
        "context": {"operation_name": name},
    }
    original = ResponseParserFactory()
    assert fast_path.WireParsers(original).create_parser("json").parse(response, shape) == original.create_parser("json").parse(
        response, shape
    )


def test_what_is_not_json_is_left_to_botocore():
    """Errors of a proxy are botocore's to classify."""
    shape, response = (
        MODEL.operation_model("Query").output_shape,
        {"status_code": 200, "headers": {}, "body": b"<html>", "context": {"operation_name": "Query"}},
    )
    original = ResponseParserFactory().create_parser("json")
    assert fast_path.WireParser(original).parse(response, shape) == original.parse(response, shape)


class Sent:
    """The botocore request of each call, and optionally a response made up for it."""

    def __init__(self, client, operation, body=None):
        self.client, self.body, self.requests = client, body, []
        self.created, self.before = f"request-created.*.{operation}", f"before-send.*.{operation}"

    def __enter__(self):
        self.client.meta.events.register(self.created, self.keep)
        self.client.meta.events.register_first(self.before, self.respond)
        return self

    def __exit__(self, *_):
        self.client.meta.events.unregister(self.created, self.keep)
        self.client.meta.events.unregister(self.before, self.respond)

    def keep(self, request, **_):
        self.requests.append(request)

    def respond(self, request, **_):
        if self.body is None:
            return None
        return AWSResponse(request.url, 200, {"Content-Type": "application/x-amz-json-1.0"}, Raw(json.dumps(self.body).encode()))


class Raw(io.BytesIO):
    def stream(self, **_):
        yield self.read()


@needs_the_fast_path
def test_the_table_uses_the_faster_serializer_and_parser(empty_table):
    """Botocore's own writes spaces into JSON, and drops members of a response that it does not know."""
    with Sent(empty_table.client(), "GetItem", {"Item": {}, "Probe": "kept"}) as sent:
        response = empty_table.client().get_item(TableName="t", Key=KEY)
    assert b'": ' not in sent.requests[0].data
    assert sent.requests[0].headers["User-Agent"].startswith(fast_path.USER_AGENT)
    assert response["Probe"] == "kept"


@needs_the_fast_path
def test_requests_go_to_the_endpoint_that_botocore_would_find(empty_table):
    """Found once for each operation: it may depend on ARNs of tables, which our requests never name."""
    assert hasattr(EndpointRulesetResolver, "construct_endpoint"), "botocore resolves endpoints in another way now"
    for client, operation, request in (
        (empty_table.client(), MODEL.operation_model("TransactWriteItems"), REQUESTS["TransactWriteItems"]),
        (wiring.sqs(), SQS.operation_model("SendMessageBatch"), RECORDS["SendMessageBatch"]),
    ):
        resolver = client._ruleset_resolver
        found = resolver.construct_endpoint(operation, request, {})
        assert found == EndpointRulesetResolver.construct_endpoint(resolver, operation, request, {})
        assert resolver.construct_endpoint(operation, {}, {}) is found


@needs_the_fast_path
def test_sns_uses_the_faster_form(stack):
    """Botocore's own hands the form on as a dict, which the signer and the sender each encode."""
    with Sent(wiring.sns(), "Publish") as sent:
        wiring.sns().publish(PhoneNumber="+12025550100", Message="x")
    assert isinstance(sent.requests[0].data, bytes)


def test_a_form_says_the_same():
    """Of a text with every sort of character: what SNS reads is what botocore would have written."""
    model = botocore.session.get_session().get_service_model("sns").operation_model("Publish")
    parameters = {
        "PhoneNumber": "+12025550100",
        "Message": "é & = + % ~ \n 'x' <y>",
        "MessageAttributes": {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}},
    }
    original = create_serializer("query", include_validation=False)
    faster = fast_path.FormSerializer(original)
    for number in ("+12025550100", "+442079460000"):  # the second is written into the remembered form of the first
        parameters["PhoneNumber"] = number
        request, expected = faster.serialize_to_request(parameters, model), original.serialize_to_request(parameters, model)
        as_sent = AWSRequest("POST", "http://x/", data=expected.pop("body")).body.decode()
        assert sorted(request.pop("body").decode().split("&")) == sorted(as_sent.split("&"))
        assert request == expected


HEADERS = [("Content-Type", "a"), ("X-Amz-Date", b"1"), ("content-type", "b"), ("Host", "h")]


def test_headers_are_what_botocore_makes_of_them():
    """Found by any case, listed as first written, changed and copied."""
    botocores = Headers.__base__
    assert {"__init__", "__setitem__", "__getitem__", "__delitem__", "__iter__", "__len__", "copy"} <= vars(botocores).keys()
    both = [kind(HEADERS, added="c") for kind in (Headers, botocores)]
    for headers in both:
        headers["ADDED"] = "d"
        del headers["host"]
    ours, theirs = both
    for headers in (ours, ours.copy()):
        assert list(headers.items()) == list(theirs.items())
        assert (list(headers), len(headers), str(headers)) == (list(theirs), len(theirs), str(theirs))
    assert [(name in ours, ours.get(name), ours.get(name, 0)) for name in ("content-TYPE", "host", "none")] == [
        (name in theirs, theirs.get(name), theirs.get(name, 0)) for name in ("content-TYPE", "host", "none")
    ]
    copied = ours.copy()
    copied["new"] = "e"
    assert "new" not in ours
    with pytest.raises(KeyError):
        ours["host"]


def test_an_unknown_client_is_left_as_it_is():
    """A client of a botocore that works otherwise must still work."""
    client = SimpleNamespace()
    fast_path.install(client)
    assert vars(client) == {}


def test_actions_of_an_update_are_what_pynamodb_makes_of_them():
    """Texts, numbers, instants, lists, what is composed of other attributes, and None, which removes or is refused."""
    by_pynamodb = Attribute.set
    values = {
        "name": ["Sam", None],
        "version": [3, ApplicationItem.version + 1],
        "updated_at": [datetime(2026, 6, 2, tzinfo=UTC)],
        "external_ids": [[], [{"system": "ats", "id": "1"}]],
        "nudges": [{}, {"int_1": 2}],
        "phone_takes_texts": [True, False],
    }
    for name, each in values.items():
        for value in each:
            attribute = getattr(ApplicationItem, name)
            assert attribute.set(value) == by_pynamodb(attribute, value), (name, value)
    assert str(ApplicationItem.due_at.set("x")) == str(by_pynamodb(ApplicationItem.due_at, "x"))


CHANGED = {
    "name": ["Sam", None],
    "version": [3, 3.5],
    "updated_at": [datetime(2026, 6, 2, tzinfo=UTC), None],
    "external_ids": [[], [{"system": "ats", "id": "é"}], None],
    "nudges": [{}, {"int_1": 2}],
    "phone_takes_texts": [True, False, None],
}


def spelled_out(request: dict[str, Any]) -> dict[str, Any]:
    """A request without its placeholders: PynamoDB counts them in another order."""
    names, values = request["ExpressionAttributeNames"], request.get("ExpressionAttributeValues", {})
    found: dict[str, Any] = {"Key": request["Key"], "TableName": request["TableName"]}
    used = set()
    for expression in ("UpdateExpression", "ConditionExpression"):
        text = request.get(expression, "")
        used |= set(re.findall(r"[#:]\w+", text))
        whole = re.sub(r"[#:]\w+", lambda match: str(names.get(match[0]) or values[match[0]]), text)
        found[expression] = sorted(re.split(r", (?=\w+ =)|(?<=[\w}]) (?=REMOVE)|(?<=SET) ", whole))
    assert used == names.keys() | values.keys()
    return found


@pytest.mark.parametrize("name", CHANGED)
def test_an_update_of_what_changed_is_the_one_that_pynamodb_builds(name, empty_table):
    """What is set, what is removed, and the value that must be there still."""
    for value in CHANGED[name]:
        item = ApplicationItem("p", "APP", **{name: value}, group="g", wait_stage=None)
        actions = fast_path.actions_to(item, names := list(dict.fromkeys(["group", name, "version", "wait_stage"])))
        for was in (3, 3.5):
            theirs = item.get_update_kwargs_from_instance(actions=actions, condition=ApplicationItem.version == was)
            assert spelled_out(fast_path.write_request(item, names, ("version", was))) == spelled_out(theirs)
        theirs = item.get_update_kwargs_from_instance(actions=actions)
        assert spelled_out(fast_path.write_request(item, names)) == spelled_out(theirs)
    if config.fast_path():  # PynamoDB takes a condition on any attribute
        with pytest.raises(ValueError, match="version"):  # never without the condition
            fast_path.write_request(item, ["group"], ("version", 3))


def test_a_delete_is_the_one_that_pynamodb_builds(empty_table):
    """With a condition, and without one."""
    item = ApplicationItem("p", "APP")
    for condition in (None, ApplicationItem.version == 3, ApplicationItem.PK.exists()):
        assert fast_path.delete_request(item, condition) == item.get_delete_kwargs_from_instance(condition=condition)


CANCELLED = ClientError(
    {
        "Error": {"Code": "TransactionCanceledException", "Message": "m"},
        "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}],
    },
    "TransactWriteItems",
)


@pytest.mark.parametrize("error", [None, CANCELLED, ConnectTimeoutError(endpoint_url="http://x")])
def test_a_transaction_is_sent_and_refused_as_by_pynamodb(error):
    """The operations in the same order, under the same token; an error with its cause and the reasons of each item."""
    table = {"TableName": "t"}
    parts: dict[str, Any] = {
        "condition_check_items": [{**table, "Key": {"PK": {"S": "c"}}}],
        "delete_items": [{**table, "Key": {"PK": {"S": "d"}}}],
        "put_items": [{**table, "Item": {"PK": {"S": "p"}}}, {**table, "Item": {"PK": {"S": "q"}}}],
        "update_items": [{**table, "Key": {"PK": {"S": "u"}}}],
        "client_request_token": "token",
    }
    said = []
    for way in (fast_path.transact, Connection.transact_write_items):
        sent, found = [], None

        def answer(*request: Any, sent: list[Any] = sent) -> dict[str, Any]:
            sent.append(request)
            if error:
                raise error
            return {}

        connection = Connection()
        connection._client = SimpleNamespace(_make_api_call=answer, _request_signer=None)
        try:
            way(connection, **parts)
        except TransactWriteError as caught:
            found = (
                str(caught),
                caught.cause_response_code,
                [one and one.code for one in caught.cancellation_reasons],
                type(caught.cause),
            )
        said.append((sent, found))
    assert said[0] == said[1]
    assert (said[0][1] is None) == (error is None)
