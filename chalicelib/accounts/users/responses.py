"""Responses about people at an employer."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.serialize import ResponseBody
from chalicelib.rules.model import Role


class Person(ResponseBody):
    """Somebody at the employer who may open the pages."""

    id: str
    name: str
    email: str
    role: Role
    created_at: datetime
    updated_at: datetime
