"""Responses about who is signed in, and where."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Literal

from chalicelib.accounts.api_keys.responses import ApiKey
from chalicelib.accounts.seekers.responses import Seeker
from chalicelib.accounts.users.responses import Person
from chalicelib.api.serialize import ABSENT, MAY_BE_ABSENT, ResponseBody
from chalicelib.rules.model import Scope


class Session(ResponseBody):
    """Where somebody is signed in. `from` is a network (IPv4 /24, IPv6 /48); `last_used_at` is exact to the hour."""

    id: str
    person_id: str
    type: Literal["browser", "app"]
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    from_: str | None
    agent: str | None
    current: bool


class SignInAccepted(ResponseBody):
    """The same for every address. If it is known, a mail is on its way; its link and its code work for `expires_in` seconds."""

    expires_in: int


class OwnEmployer(ResponseBody):
    """Whose records the credential opens."""

    id: str
    name: str
    timezone: str


class Tokens(ResponseBody):
    """Send `access_token` as `Authorization: Bearer …` for `expires_in` seconds. `refresh_token` gets the next two, once.

    A job seeker has `seeker`, and no employer.
    """

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    person: Person
    employer: OwnEmployer | None
    seeker: Seeker | None = field(default=ABSENT, metadata=MAY_BE_ABSENT)


class Me(ResponseBody):
    """Who asks: a person, a key or a job seeker, whichever it is. A job seeker has no employer. The operator's key is none of
    them, and has no employer and no scopes."""

    employer: OwnEmployer | None
    scopes: list[Scope]
    person: Person | None = field(default=ABSENT, metadata=MAY_BE_ABSENT)
    key: ApiKey | None = field(default=ABSENT, metadata=MAY_BE_ABSENT)
    seeker: Seeker | None = field(default=ABSENT, metadata=MAY_BE_ABSENT)
