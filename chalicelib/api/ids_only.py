"""What a key with `write` and without `read` is told: ids, and whether something was created. Nothing about people.

A program that only delivers, such as a form on a careers site, holds such a key where many can reach it.
"""

from __future__ import annotations

import re
from typing import Any

from chalicelib.api.response import Response
from chalicelib.errors import Conflict, FieldError

_ID = re.compile(r"\b[a-z]{2,5}_[0-7][0-9A-HJKMNP-TV-Z]{25}\b", re.ASCII)
"""Ids of ours. External ids are of other systems, and can be a person's name."""


def reduce_response(response: Response) -> Response:
    """Reduces a successful response to {id, ...ids, created}, lists of such, or leaves it where it has no body."""
    if isinstance(response.body, dict) and response.status < 400:
        created = response.body.get("created", response.status in (201, 202))
        response.body = {**_ids_of(response.body), "created": bool(created)}
    return response


def _ids_of(body: dict[str, Any]) -> dict[str, Any]:
    """Returns the ids of a body and of the records in it, each under its name; lists of records as lists."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        if name == "id" or name.endswith("_id"):
            if isinstance(value, str) and _ID.fullmatch(value):
                found[name] = value
        elif isinstance(value, dict) and not name.endswith("_by"):  # who recorded it is about the team
            within = _ids_of(value)
            if "id" in within:
                within[f"{name}_id"] = within.pop("id")
            found = {**within, **found}
        elif isinstance(value, list):
            if value and name.endswith("_ids") and all(isinstance(one, str) and _ID.fullmatch(one) for one in value):
                found[name] = value
            elif rows := [ids for one in value if isinstance(one, dict) and (ids := _ids_of(one))]:
                found[name] = rows
    return found


def reduce_conflict(error: Conflict) -> Conflict:
    """Takes the values of known records out of a conflict: its errors name the fields, and ids."""
    if not error.errors:
        return error
    faults = []
    for fault in error.errors:
        ids = ", ".join(_ID.findall(fault.message))
        faults.append(FieldError(fault.pointer, "differs from what is known" + (f" of {ids}" if ids else "")))
    return Conflict("A known record has other values; errors names the fields.", code=error.code, errors=faults)
