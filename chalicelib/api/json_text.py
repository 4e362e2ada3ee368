"""JSON text as the API writes it: compact, instants in UTC."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from chalicelib.storage.base_item import stored_instant

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dump(body: Any) -> str:
    """Serializes to compact JSON text."""
    return _ENCODER.encode(body)


def instant(value: datetime | None) -> str | None:
    """Formats an instant as clients see it: RFC 3339 in UTC, always with three digits of milliseconds, so that text order is time
    order. What is below a millisecond is cut off."""
    return f"{stored_instant(value)[:23]}Z" if value else None


def exact_instant(value: datetime | None) -> str | None:
    """Formats an instant for evidence, whose hashes are of this text: with microseconds only where there are any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None
