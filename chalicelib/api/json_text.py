"""JSON text as the API writes it: compact, instants in UTC."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel

    ModelT = TypeVar("ModelT", bound="BaseModel")


def dump(body: Any) -> str:
    """Compact JSON text; encoded as UTF-8 by the server."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def instant(value: datetime | None) -> str | None:
    """An instant as clients see it: RFC 3339 in UTC, with microseconds only where there are any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None
