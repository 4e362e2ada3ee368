"""Responses about erasure and export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.applications.responses import Candidate


@dataclass(frozen=True, slots=True)
class Kept:
    waits: int
    messages: int
    opt_outs: str


@dataclass(frozen=True, slots=True)
class Hold:
    application_id: str
    what: str
    why: str
    jurisdiction: str | None
    entries: int
    head: str
    kept_until: datetime | None
    at: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased and what stays."""

    candidate_id: str
    cause: str
    begun_at: datetime
    finished_at: datetime | None
    applications: int
    kept: Kept
    legal_hold: list[Hold]


@dataclass(frozen=True, slots=True)
class CandidateExport:
    """All that is kept of one person."""

    exported_at: datetime
    candidate: Candidate
    applications: list[dict[str, Any]]
