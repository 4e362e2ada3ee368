"""Numbers as people type them into forms."""

from __future__ import annotations

import re
from typing import Any

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}", re.ASCII)


def grouped(value: Any) -> str:
    """Return a number with grouping commas, 100.0 as "100"; any other value as it is written."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def read(text: str) -> Any:
    """Return a number, with or without grouping commas; None for an empty text; what is no number as it stands."""
    bare = re.sub(r"(?<=[0-9]),(?=[0-9]{3}\b)", "", text)
    if _WHOLE.fullmatch(bare):
        return int(bare)
    return float(bare) if _DECIMAL.fullmatch(bare) else text or None
