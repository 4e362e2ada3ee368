"""Translates Chalice's requests and responses to ours and back: the only file that knows both."""

from __future__ import annotations

import base64
import re
import uuid
from typing import Any
from urllib.parse import unquote, urlsplit

from chalice import Response as ChaliceResponse
from chalice.app import Request as ChaliceRequest

from chalicelib.api.caching import cors_headers, given_request_id
from chalicelib.api.json_text import dump
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth.authenticate import claimed
from chalicelib.config import settings

_PARAMETER = re.compile(r"{(\w+)}")
NOW = "heardback_now"
"""Where the middleware leaves the instant at which the request arrived, in the framework's request context."""
REQUEST_ID = "heardback_request_id"
"""Where it leaves the id by which the request is known."""


def read_request(request: ChaliceRequest, names: list[str]) -> Request:
    """Translates the framework's request. API Gateway leaves path parameters encoded: they are decoded here."""
    sent = request.to_original_event()["headers"] or {}
    headers = {name.lower(): str(value) for name, value in sent.items()}
    encoded = request.uri_params or {}
    params = {name: unquote(encoded.get(name, "")) for name in names}
    query = request.query_params
    return Request(
        method=request.method,
        path=_PARAMETER.sub(lambda match: params[match[1]], request.path) if names else request.path,
        params=params,
        query={name: [str(value) for value in query.getlist(name)] for name in query} if query else {},
        headers=headers,
        raw_body=_raw_body(request),
        now=request.context[NOW],
        request_id=request.context[REQUEST_ID],
        source_ip=str((request.context.get("identity") or {}).get("sourceIp") or ""),
        token=claimed(headers.get("authorization"), request.context[NOW]),
    )


def _raw_body(request: ChaliceRequest) -> bytes:
    """Returns the body's bytes. Text that cannot be encoded becomes bytes that no reader of JSON accepts."""
    try:
        raw = request.raw_body
    except ValueError:
        return b"\xff"
    return raw.encode() if isinstance(raw, str) else raw


class OurResponse(ChaliceResponse):
    """A response whose body is text or bytes, and whose headers are texts. Chalice looks for binary media types: we have none.

    It refuses bytes to a client that sends no Accept header, as many do.
    """

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:  # noqa: ARG002 - the gateway takes all as bytes
        answer = {"headers": self.headers, "multiValueHeaders": {}, "statusCode": self.status_code, "body": self.body}
        if isinstance(self.body, bytes):
            answer |= {"body": base64.b64encode(self.body).decode(), "isBase64Encoded": True}
        return answer


def write_response(response: Response) -> ChaliceResponse:
    """Translates our response to the framework's. Line breaks are removed from header values."""
    headers: dict[str, Any] = {name: value.replace("\r", "").replace("\n", "") for name, value in response.headers.items()}
    if "Location" in headers and headers.get("Content-Type", "application/json").startswith("application/json"):
        headers["Location"] = urlsplit(settings().base_url).path + headers["Location"]  # pages have the stage's path already
    body = "" if response.body is None else response.body
    if not isinstance(body, str | bytes):
        headers.setdefault("Content-Type", "application/json")
        body = dump(body)
    return OurResponse(body, headers=headers, status_code=response.status)


def request_id(request: ChaliceRequest) -> str:
    """Returns the client's own id of a request, else the gateway's, else a new one."""
    from_gateway = request.context.get("requestId") or getattr(request.lambda_context, "aws_request_id", None)
    return str(given_request_id(request.headers) or from_gateway or uuid.uuid4())


def cors_headers_for(request: ChaliceRequest) -> dict[str, str]:
    """Returns the CORS headers of the response to a request."""
    allowed = settings().cors_origins
    return cors_headers(request.headers.get("origin"), allowed) if allowed else {}
