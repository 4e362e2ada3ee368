"""A view's response, without any framework."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(slots=True)
class Response:
    """A response. A body that is neither text nor bytes becomes JSON; None is no body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def created(body: Any, path: str, etag: str | None = None, *, is_new: bool = True) -> Response:
    """Makes the response to a POST: 201 with the record's path, 200 for a record that existed."""
    headers = {"Location": path} | ({"ETag": etag} if etag else {})
    return Response(201 if is_new else 200, body, headers)
