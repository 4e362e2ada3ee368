"""DynamoDB's JSON, written and read as it is: what PynamoDB gives and takes is already the wire's own form.

botocore walks every value through its shape on the way out and in, which was a third of what a reminder cost beside its sending.
Signing, retries, events, time-outs and errors stay botocore's. Answers that hold binary values go its way too; and where a
later botocore keeps its serializer elsewhere, everything does, and `tests/test_wire.py` says so.
"""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from botocore.serialize import JSONSerializer, QuerySerializer

OPERATIONS = frozenset(
    {"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"}
)
_OUTPUTS = frozenset(f"{name}Output" for name in OPERATIONS)


class Serializer:
    """Takes the place of botocore's JSON serializer."""

    def __init__(self, ordinary: Any) -> None:
        self._ordinary = ordinary

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        if operation_model.name not in OPERATIONS:
            request: dict[str, Any] = self._ordinary.serialize_to_request(parameters, operation_model)
            return request
        metadata = operation_model.metadata
        headers = {
            "X-Amz-Target": f"{metadata['targetPrefix']}.{operation_model.name}",
            "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
        }
        body = json.dumps(parameters, separators=(",", ":"), default=_binary).encode()
        return {"url_path": "/", "query_string": "", "method": "POST", "headers": headers, "body": body}


class FormSerializer:
    """For the query protocol of SNS: the form is written once, not for each of those who look at it (the signer, the sender)."""

    def __init__(self, ordinary: Any) -> None:
        self._ordinary = ordinary

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        request: dict[str, Any] = self._ordinary.serialize_to_request(parameters, operation_model)
        if isinstance(request["body"], dict):
            pairs = [f"{_quoted_name(name)}={quote_plus(value)}" for name, value in request["body"].items()]
            request["body"] = "&".join(pairs).encode()
        return request


_quoted_name = lru_cache(64)(quote_plus)


class Parsers:
    """Takes the place of botocore's factory of parsers."""

    def __init__(self, ordinary: Any) -> None:
        self._ordinary = ordinary
        self._parsers: dict[str, Parser] = {}

    def create_parser(self, protocol: str) -> Parser:
        if protocol not in self._parsers:
            self._parsers[protocol] = Parser(self._ordinary.create_parser(protocol))
        return self._parsers[protocol]


class Parser:
    def __init__(self, ordinary: Any) -> None:
        self._ordinary = ordinary

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        """What is not plainly an answer of ours is left to botocore, whatever it makes of it."""
        body = response["body"]
        plain = response["status_code"] == 200 and shape is not None and shape.name in _OUTPUTS
        if plain and b'"B"' not in body and b'"BS"' not in body:
            try:
                parsed = json.loads(body)
            except ValueError:
                return self._ordinary.parse(response, shape)
            headers = {name.lower(): value for name, value in response["headers"].items()}
            request_id = headers.get("x-amzn-requestid")
            parsed["ResponseMetadata"] = {"RequestId": request_id, "HTTPStatusCode": 200, "HTTPHeaders": headers}
            return parsed
        return self._ordinary.parse(response, shape)


def _binary(value: Any) -> str:
    return base64.b64encode(value).decode()


def install(client: Any) -> None:
    """For a client of botocore. Calls and answers are the same; only the way there is shorter."""
    serializer: Any = getattr(client, "_serializer", None)
    endpoint: Any = getattr(client, "_endpoint", None)
    if isinstance(serializer, QuerySerializer):
        client._serializer = FormSerializer(serializer)
    elif type(serializer) is JSONSerializer and _is_dynamodb(client) and hasattr(endpoint, "_response_parser_factory"):
        client._serializer = Serializer(serializer)
        endpoint._response_parser_factory = Parsers(endpoint._response_parser_factory)


def _is_dynamodb(client: Any) -> bool:
    return bool(client.meta.service_model.service_name == "dynamodb")
