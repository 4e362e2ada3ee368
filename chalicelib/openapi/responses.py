"""What the API answers, as models: here those of every part, in `answers_of_*.py` those of one. Only the document is made
of them: views write plain JSON, and tests hold both together.

A field that is always there and may be empty is `X | None`, without a default.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Fault(BaseModel):
    """One thing wrong with a request: an RFC 6901 JSON pointer into the body, or "?name" for a query parameter."""

    pointer: str
    message: str


class Problem(BaseModel):
    """RFC 9457. `code` is for programs; `errors` names every fault of the body or the query at once."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[Fault]


class Nothing(BaseModel):
    """An empty object."""


class Health(BaseModel):
    status: Literal["ok", "late"]
    oldest_due_seconds: int
