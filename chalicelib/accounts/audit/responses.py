"""Responses about the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import What


@dataclass(frozen=True, slots=True)
class AuditAbout:
    """The record that an entry is about. An erased candidate has no name."""

    type: str
    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when, and from which network (IPv4 /24, IPv6 /48). `count` is more than 1 for failures of one hour."""

    id: str
    at: datetime
    who: Actor
    what: What
    from_: str | None
    about: AuditAbout | None
    fields: list[str]
    count: int
