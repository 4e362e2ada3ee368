"""A view's response, without any framework."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel

    ModelT = TypeVar("ModelT", bound="BaseModel")


@dataclass(slots=True)
class Response:
    """An answer. A body that is not text becomes JSON; `status` 204 has none."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def created(body: Any, path: str, etag: str | None = None, *, is_new: bool = True) -> Response:
    """201 with where the record is; 200 for one that was there already."""
    headers = {"Location": path} | ({"ETag": etag} if etag else {})
    return Response(201 if is_new else 200, body, headers)
