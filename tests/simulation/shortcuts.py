"""Skips parts of botocore that take half of the time and change nothing here: signing, endpoint rules, header classes.

Serialising, retries, events, errors and time-outs are not changed.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import botocore.regions
import botocore.serialize
import botocore.signers
import botocore.useragent


def install() -> None:
    """Replaces them for the whole process. Requests and responses stay the same."""
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
