"""Errors of a form, each at its field and in a summary above the form. What was typed is shown again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.api.forms import Form
from chalicelib.errors import FieldError, Unprocessable

_PLAIN = (
    (
        re.compile(r'^must be a phone number in E\.164, like \S+: "(.*)" .*$'),
        r"must be a phone number, like +1 202 555 0123, not “\1”",
    ),
    (re.compile(r"^must be an IANA time zone, like (\S+)$"), r"must be a time zone, like \1"),
    (re.compile(r"^(must be \d+ to [\d,]+ characters), spaces around it aside$"), r"\1 long"),
    (re.compile(r"^must (?:have|be) at (least|most) (\d+) characters$"), r"must have at \1 \2 characters"),
    (re.compile(r"^goes with called or heard, .*$"), "goes with no decision: leave it empty where they have decided"),
    (re.compile(r"^must be '[^']+'(?:, '[^']+')*(?: or '[^']+')?$"), "must be one of those offered"),
)
"""The API's messages that are in programmers' words, as people are told the same."""


def messages_of(
    error: Unprocessable,
    fields: Mapping[str, str],
    rename: Callable[[str], str] = lambda path: path,
    given: Form | None = None,
) -> dict[str, str]:
    """Return {field of the form: message}. `fields` are the form's fields with labels; `rename` maps a pointer to a field.

    A message about no field of the form is kept under "". Where the form is given, an empty field "is missing".
    """
    found: dict[str, str] = {}
    for fault in error.errors or [FieldError("", error.detail)]:
        name = rename(fault.pointer)
        shown = name if name in fields else ""
        is_missing = shown and given is not None and not given.has(shown) and "missing" not in fault.message
        message = "is missing" if is_missing else plain(fault.message)
        found.setdefault(shown, f"{fields[name]} {message}" if shown else message)
    return found


def plain(message: str) -> str:
    """Return what the API says of a value in the words of the pages."""
    for pattern, words in _PLAIN:
        if pattern.match(message):
            return pattern.sub(words, message)
    return message


def in_order(messages: Mapping[str, str], fields: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Return the messages in the order of the form, and "… is missing" for a field that was left empty."""
    order = [name for name in (*fields, "") if name in messages]
    return {name: f"{fields[name]} is missing" if name and not typed[name].strip() else messages[name] for name in order}


def typed(given: Form | None, fields: Mapping[str, str], defaults: Mapping[str, Any]) -> dict[str, str]:
    """Return the values that the form shows: what was typed, else the defaults."""
    return {name: given.one(name) if given is not None else str(defaults.get(name) or "") for name in fields}
