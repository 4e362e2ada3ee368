"""What each field means, and an example of it: read only where the document is made.

A key is a field's name, or `Model.name` where one model means something else by it. Subclasses of the model mean the same.
A value is a description, or (description, example). Enums, booleans, numbers, instants and dates need no example.
"""

from __future__ import annotations

from typing import Any

from chalicelib.openapi.fields import accounts, figures, law, messages, records, seekers, systems

Said = str | tuple[str, Any]
FIELDS: dict[str, Said] = {}
for _part in (accounts, figures, law, messages, records, seekers, systems):
    _twice = FIELDS.keys() & _part.FIELDS.keys()
    assert not _twice, f"described twice: {_twice}"  # noqa: S101 - a mistake of ours, found by the first test
    FIELDS |= _part.FIELDS


def said_of(model: type[Any], field: str) -> tuple[str, Any]:
    """Return (description, example) of a model's field. Either is None where there is none."""
    names = [f"{one.__name__}.{field}" for one in model.__mro__]
    said = next((FIELDS[name] for name in [*names, field] if name in FIELDS), None)
    return said if isinstance(said, tuple) else (said or "", None)
