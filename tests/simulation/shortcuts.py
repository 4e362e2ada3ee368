"""What botocore spends two thirds of a history on and what decides nothing here: signing, the endpoint's rules, header classes,
and walking the shapes of DynamoDB's JSON, whose wire form is the very form that PynamoDB gives and takes.

Retries, events, errors and time-outs go the ordinary way. `tests/simulation/test_world.py` runs without any of this.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import botocore.regions
import botocore.serialize
import botocore.signers
import botocore.useragent


def take() -> None:
    """For the whole process. Calls and answers are the same; only the way there is shorter."""
    botocore.signers.RequestSigner.sign = lambda *_, **__: None
    botocore.useragent.UserAgentString.to_string = lambda self: "simulation"
    _keep_endpoints()
    botocore.endpoint.Endpoint.create_request = _request


def _keep_endpoints() -> None:
    ordinary = botocore.regions.EndpointRulesetResolver.construct_endpoint
    kept: dict[int, Any] = {}

    def construct(self: Any, operation_model: Any, call_args: Any, request_context: Any) -> Any:
        if id(self) not in kept:
            kept[id(self)] = ordinary(self, operation_model, call_args, request_context)
        return kept[id(self)]

    botocore.regions.EndpointRulesetResolver.construct_endpoint = construct


def _request(self: Any, params: dict[str, Any], operation_model: Any = None) -> Any:
    return SimpleNamespace(
        url=params["url"], method=params["method"], headers=params["headers"], body=params["body"], reset_stream=lambda: None
    )


class _Serializer:
    """DynamoDB's JSON as it is."""

    def __init__(self, ordinary: Any) -> None:
        self._ordinary = ordinary

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        return {"url_path": "/", "query_string": "", "method": "POST", "headers": {}, "body": json.dumps(parameters).encode()}


class _Parsers:
    """The ordinary parsers for errors; what succeeded is taken as it is."""

    def __init__(self, ordinary: Any) -> None:
        self._ordinary = ordinary

    def create_parser(self, protocol: str) -> Any:
        parser = self._ordinary.create_parser(protocol)

        def parse(response: dict[str, Any], shape: Any) -> Any:
            if response["status_code"] >= 300:
                return parser.parse(response, shape)
            return {
                **json.loads(response["body"]),
                "ResponseMetadata": {"HTTPStatusCode": response["status_code"], "HTTPHeaders": {}},
            }

        return SimpleNamespace(parse=parse)


def take_for_dynamodb(client: Any) -> None:
    client._serializer = _Serializer(client._serializer)
    client._endpoint._response_parser_factory = _Parsers(client._endpoint._response_parser_factory)
