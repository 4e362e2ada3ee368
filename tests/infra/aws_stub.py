"""An AWS whose responses a test decides, below boto3's clients: requests are checked and counted, and none leaves the machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.validate import validate_parameters


class Refused(Exception):
    """AWS's answer to a request that it refuses."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Aws:
    """Answers requests of boto3 below its clients: `aws.on("sts", "GetCallerIdentity", {...})`. Anything else is refused."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers: dict[str, Any] = {}
        self._params: dict[str, Any] = {}
        self.session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        self.session.events.register("provide-client-params.*.*", self._note)
        self.session.events.register("before-call.*.*", self._answer)

    def on(self, operation: str, answer: dict[str, Any] | Refused | Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Sets the response to an operation, like `sts:GetCallerIdentity`."""
        self._answers[operation] = answer

    def requests(self, operation: str) -> list[dict[str, Any]]:
        return [params for name, params in self.asked if name == operation]

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self._params = params

    def _answer(self, model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        operation = f"{model.service_model.service_name}:{model.name}"
        self.asked.append((operation, self._params))
        found = self._answers.get(operation, Refused("AccessDenied", 403))
        try:
            told = found(self._params) if callable(found) else found
        except Refused as error:
            told = error
        if isinstance(told, Refused):
            error = {"Error": {"Code": told.code, "Message": told.code}, "ResponseMetadata": {"HTTPStatusCode": told.status}}
            return AWSResponse("", told.status, {}, None), error
        if model.output_shape:
            validate_parameters(told, model.output_shape)
        return AWSResponse("", 200, {}, None), {**told, "ResponseMetadata": {"HTTPStatusCode": 200}}
