"""Errors of a form, each at its field and in a summary above the form. What was typed is shown again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.api.forms import Form
from chalicelib.errors import FieldError, Unprocessable


def messages_of(
    error: Unprocessable, fields: Mapping[str, str], rename: Callable[[str], str] = lambda path: path
) -> dict[str, str]:
    """Return {field of the form: message}. `fields` are the form's fields with labels; `rename` maps a pointer to a field.

    A message about no field of the form is kept under "".
    """
    found: dict[str, str] = {}
    for fault in error.errors or [FieldError("", error.detail)]:
        name = rename(fault.pointer)
        shown = name if name in fields else ""
        found.setdefault(shown, f"{fields[name]} {fault.message}" if shown else fault.message)
    return found


def in_order(messages: Mapping[str, str], fields: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Return the messages in the order of the form, and "… is missing" for a field that was left empty."""
    order = [name for name in (*fields, "") if name in messages]
    return {name: f"{fields[name]} is missing" if name and not typed[name].strip() else messages[name] for name in order}


def typed(given: Form | None, fields: Mapping[str, str], defaults: Mapping[str, Any]) -> dict[str, str]:
    """Return the values that the form shows: what was typed, else the defaults."""
    return {name: given.one(name) if given is not None else str(defaults.get(name) or "") for name in fields}
