"""Requests and responses are what botocore's own serializer and parser make them; a botocore that changes is noticed."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import botocore.session
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.parsers import ResponseParserFactory
from botocore.regions import EndpointRulesetResolver
from botocore.serialize import create_serializer

from chalicelib import wiring
from chalicelib.storage import fast_path

MODEL = botocore.session.get_session().get_service_model("dynamodb")
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


def test_the_table_uses_the_faster_serializer_and_parser(empty_table):
    """Botocore's own writes spaces into JSON, and drops members of a response that it does not know."""
    with Sent(empty_table.client(), "GetItem", {"Item": {}, "Probe": "kept"}) as sent:
        response = empty_table.client().get_item(TableName="t", Key=KEY)
    assert b'": ' not in sent.requests[0].data
    assert sent.requests[0].headers["User-Agent"].startswith(fast_path.USER_AGENT)
    assert response["Probe"] == "kept"


def test_a_transaction_goes_to_the_same_endpoint_without_a_search_for_arns(empty_table):
    """Botocore looks through all operations for the ARNs of tables, since an account's endpoint may depend on them."""
    client, request = empty_table.client(), REQUESTS["TransactWriteItems"]
    name = "_resolve_param_as_operation_context_param"
    assert hasattr(EndpointRulesetResolver, name), "botocore resolves endpoints in another way now"
    resolver, operation = client._ruleset_resolver, MODEL.operation_model("TransactWriteItems")
    faster = resolver.construct_endpoint(operation, request, {})
    assert resolver._get_provider_params(operation, request, {}).keys().isdisjoint({"ResourceArn", "ResourceArnList"})
    replaced = vars(resolver).pop(name)
    try:
        assert "ResourceArnList" in resolver._get_provider_params(operation, request, {})
        assert resolver.construct_endpoint(operation, request, {}) == faster
    finally:
        setattr(resolver, name, replaced)


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
    faster = fast_path.FormSerializer(original).serialize_to_request(parameters, model)
    expected = original.serialize_to_request(parameters, model)
    assert faster.pop("body").decode() == AWSRequest("POST", "http://x/", data=expected.pop("body")).body.decode()
    assert faster == expected


def test_an_unknown_client_is_left_as_it_is():
    """A client of a botocore that works otherwise must still work."""
    client = SimpleNamespace()
    fast_path.install(client)
    assert vars(client) == {}
