"""Fixtures of the application tests: the body of an interview, a booked interview, a logged contact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def interview(clock: Any) -> Callable[..., dict[str, Any]]:
    """interview(ended=1) -> a body of an interview that ended an hour ago; any field may be given."""

    def body(ended: float = 1 / 60, *, name: str = "Sam Sample", job_title: str = "Welder", **fields: Any) -> dict[str, Any]:
        person = {"name": name, "email": "sam@example.com", "phone": "+12025550123"} | fields.pop("candidate", {})
        opening = {"application": {"candidate": person, "job_title": job_title, **fields.pop("application", {})}}
        if "application_id" in fields:
            opening = {"application_id": fields.pop("application_id")}
        return {
            **opening,
            "stage": "interview",
            "start_at": clock.text(hours=-ended - 1),
            "end_at": clock.text(hours=-ended),
            **fields,
        }

    return body


@pytest.fixture
def booked(employer: Any, interview: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """booked(...) -> the response, with the application in it."""

    def post(*args: Any, **fields: Any) -> dict[str, Any]:
        answer = employer.post("/v1/interviews", interview(*args, **fields))
        assert answer.status in (200, 201), answer
        return answer.json

    return post


@pytest.fixture
def contact(employer: Any) -> Callable[..., Any]:
    """contact(application_id, outcome="reached", ...) -> the response."""

    def post(application_id: str, outcome: str = "reached", **fields: Any) -> dict[str, Any]:
        answer = employer.post(f"/v1/applications/{application_id}/contacts", {"channel": "call", "outcome": outcome, **fields})
        assert answer.status == 201, answer
        return answer.json

    return post
