"""Bodies of requests about people."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from chalicelib.api.schema_types import Body, Email, Name
from chalicelib.rules.model import Role


class PersonNew(Body):
    """A person at the employer. A recruiter works the call list; a manager also changes settings, people and keys."""

    name: Name
    email: Email
    role: Role = "recruiter"


class InvitationCode(Body):
    """The address that was invited, and the code in the mail."""

    email: Email
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class PersonPatch(Body):
    """A merge patch: absent leaves. None of the fields can be removed."""

    name: Name = ""
    email: Email = ""
    role: Role = "recruiter"
    digest: bool = True
    """Whether the digest of the applications that they own goes to them."""
