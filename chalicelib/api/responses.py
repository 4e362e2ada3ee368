"""Responses that belong to no package of their own: problems, and an empty object."""

from __future__ import annotations

from chalicelib.api.serialize import ResponseBody
from chalicelib.errors import ProblemCode


class Fault(ResponseBody):
    """One thing wrong with a request: an RFC 6901 JSON pointer into the body, or "?name" for a query parameter."""

    pointer: str
    message: str


class Problem(ResponseBody):
    """RFC 9457. `code` is for programs; `errors` names every fault of the body or the query at once."""

    type: str
    title: str
    status: int
    detail: str
    code: ProblemCode
    request_id: str
    errors: list[Fault]


class Nothing(ResponseBody):
    """An empty object."""
