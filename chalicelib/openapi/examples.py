"""Moves the dates of examples to the present: a promised day in the past would be refused."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

EXAMPLES_DATE = date(2026, 6, 1)
"""The date that the examples assume as today."""
_DAY = re.compile(r"(?<![0-9])20[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9])")
_DAY_OF_CALENDAR = re.compile(r"(?<=:)20[0-9]{6}(?=T[0-9]{6}Z)")


def shift_dates(described: Any, shift: timedelta) -> Any:
    """Return a description with all dates in its examples shifted."""
    if isinstance(described, list):
        return [shift_dates(one, shift) for one in described]
    if not isinstance(described, dict):
        return described
    return {
        name: _shift_example(one, shift) if _is_example(name, one) else shift_dates(one, shift) for name, one in described.items()
    }


def _is_example(name: str, value: Any) -> bool:
    """A list named `examples` is a schema's; a media type has an object of that name, with a `value` in each."""
    return name in ("value", "example") or (name == "examples" and isinstance(value, list))


def _shift_example(example: Any, shift: timedelta) -> Any:
    text = _DAY.sub(lambda found: (date.fromisoformat(found[0]) + shift).isoformat(), json.dumps(example))
    return json.loads(_DAY_OF_CALENDAR.sub(lambda found: f"{date.fromisoformat(found[0]) + shift:%Y%m%d}", text))
