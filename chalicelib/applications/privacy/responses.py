"""Responses about erasure and export."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.api.serialize import ResponseBody
from chalicelib.applications.responses import Candidate


class Kept(ResponseBody):
    waits: int
    messages: int
    opt_outs: str


class Hold(ResponseBody):
    application_id: str
    what: str
    why: str
    jurisdiction: str | None
    entries: int
    head: str
    kept_until: datetime | None
    at: str


class Erasure(ResponseBody):
    """What was erased and what stays."""

    candidate_id: str
    cause: str
    begun_at: datetime
    finished_at: datetime | None
    applications: int
    kept: Kept
    legal_hold: list[Hold]


class CandidateExport(ResponseBody):
    """All that is kept of one person."""

    exported_at: datetime
    candidate: Candidate
    applications: list[dict[str, Any]]
    ats_events: list[dict[str, Any]]
    """What hiring systems sent of the person: raw bodies, newest first."""
    ats_records: list[dict[str, Any]]
    """What was merged from such events, by application and by person."""
