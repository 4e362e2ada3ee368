"""Operations of the change feed."""

from __future__ import annotations

from chalicelib.applications.changes.responses import Changes
from chalicelib.openapi.operation import Operation, Query

_SINCE = Query(
    {"type": "string", "minLength": 1, "maxLength": 2048},
    "`next_since` of the answer before. Without it: a token for now.",
    "eyJhIjoxfQ",
    is_made_up=True,
)
_LIMIT = Query({"type": "integer", "minimum": 1, "maximum": 100, "default": 100}, "How many records a page holds.", "100")

OPERATIONS = {
    "GET /v1/changes": Operation(
        "list_changes",
        "List what changed since you last looked",
        Changes,
        query={"since": _SINCE, "limit": _LIMIT},
        faults=(410,),
        says="Candidates, applications, interviews, contacts, statements, messages and replies, each at least once, in order: "
        "also those that were erased, and applications that became waiting, due, overdue or lapsed by the clock. Read each by "
        "its id. Take a token first, then read the lists: what changes meanwhile follows. A token lasts 30 days.",
    ),
}
