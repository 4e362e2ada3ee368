"""Responses about people at an employer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.rules.model import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the employer who may open the pages."""

    id: str
    name: str
    email: str
    role: Role
    created_at: datetime
    updated_at: datetime
