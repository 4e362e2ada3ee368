"""Responses about people at an employer."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.rules.model import PersonRole


class Person(ResponseBody):
    """Somebody at the employer who may open the pages."""

    id: str
    name: str
    email: str
    role: PersonRole
    accepted: bool
    """Whether the person accepted the invitation to this address. Until then nothing else is mailed there."""
    invited_at: datetime | None
    """When the last invitation went out. It works for 14 days. null: a person of before invitations."""
    digest: bool
    """Whether the digest of the applications that the person owns goes to them. Its unsubscribe link ends it."""
    created_at: datetime
    updated_at: datetime


class InvitingEmployer(ResponseBody):
    """Where somebody was invited."""

    id: str
    name: str


class AcceptedInvitation(ResponseBody):
    """Who may sign in from now on, and where."""

    person: Person
    employer: InvitingEmployer
