"""Responses about changes."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from chalicelib.api.serialize import ABSENT, MAY_BE_ABSENT, ResponseBody
from chalicelib.rules.model import ChangeType, RecordType


class ChangedRecord(ResponseBody):
    """A record that changed. Read it by its id; where it is `deleted`, or the read is answered 404, forget it.

    `changes` names what happened to it, where it has a name. It may name what was told before.
    """

    type: RecordType
    id: str
    changed_at: datetime
    deleted: bool
    changes: list[ChangeType]
    application_id: str | None = field(default=ABSENT, metadata=MAY_BE_ABSENT)


class Changes(ResponseBody):
    """Changed records, in order, each once. `next_since` is the token of the next request, also where `has_more` is false."""

    data: list[ChangedRecord]
    next_since: str
    has_more: bool
