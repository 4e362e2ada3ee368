"""The document's examples, moved to the day on which they are read: a promise of June is refused in July."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

EXAMPLES_OF = date(2026, 6, 1)
"""The day on which the examples are written."""
_DAY = re.compile(r"(?<![0-9])20[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9])")


def moved(described: Any, later: timedelta) -> Any:
    """A description with every day of its examples so much later."""
    if isinstance(described, list):
        return [moved(one, later) for one in described]
    if not isinstance(described, dict):
        return described
    return {name: _example(one, later) if name in ("value", "example") else moved(one, later) for name, one in described.items()}


def _example(example: Any, later: timedelta) -> Any:
    return json.loads(_DAY.sub(lambda found: (date.fromisoformat(found[0]) + later).isoformat(), json.dumps(example)))
