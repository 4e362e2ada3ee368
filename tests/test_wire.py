"""The short way to DynamoDB says and hears what botocore's own way does, and what leaves it goes the ordinary way."""

from __future__ import annotations

import json
from types import SimpleNamespace

import botocore.session
import pytest
from botocore.awsrequest import AWSRequest
from botocore.parsers import ResponseParserFactory
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
    operation, ordinary = MODEL.operation_model(name), create_serializer("json", include_validation=False)
    shorter = fast_path.Serializer(ordinary).serialize_to_request(REQUESTS[name], operation)
    expected = ordinary.serialize_to_request(REQUESTS[name], operation)
    assert json.loads(shorter.pop("body")) == json.loads(expected.pop("body"))
    assert shorter == expected


ANSWERS = [
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


@pytest.mark.parametrize(("name", "status", "body"), ANSWERS)
def test_an_answer_is_heard_the_same(name, status, body):
    """Binary values, errors and other operations included."""
    shape = MODEL.operation_model(name).output_shape
    response = {
        "status_code": status,
        "headers": {"x-amzn-requestid": "r1", "Content-Type": "x"},
        "body": json.dumps(body).encode(),
        "context": {"operation_name": name},
    }
    ordinary = ResponseParserFactory()
    assert fast_path.Parsers(ordinary).create_parser("json").parse(response, shape) == ordinary.create_parser("json").parse(
        response, shape
    )


def test_what_is_not_json_is_left_to_botocore():
    """A proxy's page is judged once, in one place."""
    shape, response = (
        MODEL.operation_model("Query").output_shape,
        {"status_code": 200, "headers": {}, "body": b"<html>", "context": {"operation_name": "Query"}},
    )
    ordinary = ResponseParserFactory().create_parser("json")
    assert fast_path.Parser(ordinary).parse(response, shape) == ordinary.parse(response, shape)


def test_the_table_goes_the_short_way(empty_table):
    """A botocore that keeps its serializer elsewhere is not broken, only slower: this says so."""
    client = empty_table.client()
    assert isinstance(client._serializer, fast_path.Serializer)
    assert isinstance(client._endpoint._response_parser_factory, fast_path.Parsers)


def test_a_form_says_the_same(stack):
    """Of a text with every sort of character: what SNS reads is what botocore would have written."""
    model = wiring.sns().meta.service_model.operation_model("Publish")
    parameters = {
        "PhoneNumber": "+12025550100",
        "Message": "é & = + % ~ \n 'x' <y>",
        "MessageAttributes": {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}},
    }
    ordinary = create_serializer("query", include_validation=False)
    shorter = wiring.sns()._serializer.serialize_to_request(parameters, model)
    expected = ordinary.serialize_to_request(parameters, model)
    assert isinstance(wiring.sns()._serializer, fast_path.FormSerializer)
    assert shorter.pop("body").decode() == AWSRequest("POST", "http://x/", data=expected.pop("body")).body.decode()
    assert shorter == expected


def test_an_unknown_client_is_left_as_it_is():
    """See above."""
    client = SimpleNamespace()
    fast_path.install(client)
    assert vars(client) == {}
