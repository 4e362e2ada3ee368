"""Every code of the providers that we know, and what it means for the message: refused for now, for good, or nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
    ReadTimeoutError,
)

from chalicelib.messaging.providers import NotSent, classify_entry, classify_error

BUSY = """Throttling ThrottlingException Throttled ThrottledException RequestThrottled RequestLimitExceeded
RequestThrottledException TooManyRequestsException TooManyRequests SlowDown PriorRequestNotComplete BandwidthLimitExceeded
LimitExceededException"""
LATER = "ACCOUNT_THROTTLED ACCOUNT_DAILY_QUOTA_EXCEEDED TRANSIENT_FAILURE"
NEVER = """MESSAGE_REJECTED MAIL_FROM_DOMAIN_NOT_VERIFIED CONFIGURATION_SET_NOT_FOUND TEMPLATE_NOT_FOUND ACCOUNT_SUSPENDED
INVALID_SENDING_POOL_NAME ACCOUNT_SENDING_PAUSED CONFIGURATION_SET_SENDING_PAUSED INVALID_PARAMETER"""


def answered(code: str, status: int | None = None, message: str = "why") -> NotSent:
    response: Any = {"Error": {"Code": code, "Message": message}}
    if status is not None:
        response["ResponseMetadata"] = {"HTTPStatusCode": status}
    return classify_error(ClientError(response, "Publish"))


def test_a_busy_provider_is_asked_again() -> None:
    """Whatever status it answers with: it took nothing."""
    statuses = {(code, status): answered(code, status).status for code in BUSY.split() for status in (400, 500)}
    assert set(statuses.values()) == {"retrying"}, statuses


@pytest.mark.parametrize(
    ("code", "status", "becomes"),
    [
        ("Other", 429, "retrying"),
        ("ServiceUnavailable", 503, "retrying"),
        ("ServiceUnavailableException", 503, "retrying"),
        ("ServiceUnavailable", 500, "unknown"),
        ("Other", 503, "unknown"),
        ("Other", 399, "unknown"),
        ("Other", 400, "failed"),
        ("Other", 499, "failed"),
        ("Other", 500, "unknown"),
        ("Other", None, "unknown"),
    ],
)
def test_other_answers_are_judged_by_their_status(code: str, status: int | None, becomes: str) -> None:
    """4xx is certainly not sent. Of 5xx, and of what has none, nobody knows."""
    assert answered(code, status).status == becomes


def test_the_reason_names_the_code_and_is_short() -> None:
    assert answered("Other", 400).reason == "Other: why"
    assert answered("Other", 400, "").reason == "Other" and answered("", 400).reason == "why"
    assert len(answered("Other", 400, "x" * 300).reason) == 200
    assert classify_entry({"Status": "MESSAGE_REJECTED", "Error": "x" * 300}).reason.endswith("x" * 10)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("error", "becomes", "reason"),
    [
        (EndpointConnectionError(endpoint_url="x"), "retrying", "not reached: EndpointConnectionError"),
        (ConnectTimeoutError(endpoint_url="x"), "retrying", "not reached: ConnectTimeoutError"),
        (ProxyConnectionError(proxy_url="x"), "retrying", "not reached: ProxyConnectionError"),
        (NoCredentialsError(), "retrying", "not reached: NoCredentialsError"),
        (PartialCredentialsError(provider="x", cred_var="y"), "retrying", "not reached: PartialCredentialsError"),
        (CredentialRetrievalError(provider="x", error_msg="y"), "retrying", "not reached: CredentialRetrievalError"),
        (ReadTimeoutError(endpoint_url="x"), "unknown", "no answer: ReadTimeoutError"),
        (ParamValidationError(report="x"), "failed", "not a request that the provider takes"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else None,
)
def test_what_was_never_written_to_the_network_is_tried_again(error: Any, becomes: str, reason: str) -> None:
    found = classify_error(error)
    assert (found.status, found.reason) == (becomes, reason)


def test_each_mail_of_a_bulk_call_has_its_own_result() -> None:
    """What is not known is not sent again."""
    assert classify_entry({"Status": "SUCCESS", "MessageId": "one"}) == "one" and classify_entry({"Status": "SUCCESS"}) == ""
    results: dict[str, set[Any]] = {"retrying": set(), "failed": set(), "unknown": set()}
    for status in f"{LATER} {NEVER} FAILED NEW_WORD".split():
        found = classify_entry({"Status": status, "Error": "why"})
        assert isinstance(found, NotSent) and found.reason == f"{status}: why"
        results[found.status].add(status)
    assert results == {"retrying": set(LATER.split()), "failed": set(NEVER.split()), "unknown": {"FAILED", "NEW_WORD"}}
    nothing = classify_entry({})
    assert isinstance(nothing, NotSent) and (nothing.status, nothing.reason) == ("unknown", "no status")
