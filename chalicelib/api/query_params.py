"""Query parameters: each has a reader that checks and converts its value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.api.strict_json import capped
from chalicelib.api.validators import instant_near
from chalicelib.auth.actors import Actor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.storage.ids import is_id

LIMIT_MOST = 100
LIMIT_DEFAULT = 25
Reader = Callable[[str], Any]


def text(value: str) -> str:
    """Reads text to look up: 1 to 500 characters, none of them control characters."""
    if not 1 <= len(value) <= 500 or any(ord(char) < 32 or 127 <= ord(char) < 160 for char in value):
        raise ValueError("must be 1 to 500 characters, none of them control characters")
    return value


def one_of(*options: str) -> Reader:
    """Makes a reader that accepts only these values."""

    def read(value: str) -> str:
        if value not in options:
            raise ValueError(f"must be one of {', '.join(options)}")
        return value

    return read


def true_or_false(value: str) -> bool:
    """Reads "true" or "false"."""
    return one_of("true", "false")(value) == "true"


def id_of(prefix: str, what: str, also: str = "") -> Reader:
    """Makes a reader of the id that a list is filtered by.

    Another form is an error. An id that names nothing, or a record of another employer, is none: the list is empty.
    """

    def read(value: str) -> str:
        if not is_id(value, prefix):
            raise ValueError(f"must be the id of {what} ({prefix}_…){also}")
        return value

    return read


def read_owner(caller: Actor) -> Reader:
    """Makes a reader of `?owner=`: the id of a person on the team, or `me` where a person asks."""
    read_id = id_of("per", "a person on the team", ", or me")

    def read(value: str) -> str:
        if value == "me" and caller.type == "person" and caller.id:
            return caller.id
        if value == "me":
            raise ValueError("me is for people who are signed in: give the id of a person, as in GET /v1/people")
        return str(read_id(value))

    return read


def near(now: datetime) -> Reader:
    """Makes a reader of an instant within ten years of now. A plus sign may come as a space."""
    return lambda value: instant_near(value.replace(" ", "+"), now)


def limit(value: str) -> int:
    """Reads a page size."""
    if not re.fullmatch(r"[0-9]{1,3}", value) or not 1 <= int(value) <= LIMIT_MOST:
        raise ValueError(f"must be a whole number from 1 to {LIMIT_MOST}")
    return int(value)


def cursor_text(value: str) -> str:
    """Reads a cursor, which `pagination.decode_cursor` verifies."""
    if not 1 <= len(value) <= 2048:
        raise ValueError("is not a cursor of this list")
    return value


PAGING: dict[str, Reader] = {"limit": limit, "cursor": cursor_text}


def read_query(params: Mapping[str, list[str]], allowed: Mapping[str, Reader]) -> dict[str, Any]:
    """Reads query values by name. A reader's ValueError says what is wrong. `limit` has a default wherever it is allowed.

    Raises Unprocessable with all errors, unknown and repeated names included.
    """
    faults: list[FieldError] = []
    found: dict[str, Any] = {"limit": LIMIT_DEFAULT} if "limit" in allowed else {}
    for name, values in params.items():
        if name not in allowed:
            faults.append(
                FieldError("?" + name[:100].encode("utf-8", "replace").decode(), "is not a query parameter of this list")
            )
        elif len(values) > 1:
            faults.append(FieldError("?" + name, "is given more than once"))
        else:
            try:
                found[name] = allowed[name](values[0])
            except ValueError as error:
                faults.append(FieldError("?" + name, str(error)))
    if faults:
        raise Unprocessable("The query has parameters that are unknown or wrong.", errors=list(capped(iter(faults))))
    return found
