"""Bodies of requests to sign in."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from chalicelib.api.schema_types import Body, Email


class SignInRequest(Body):
    """Where to mail the link and the code."""

    email: Email


class SignInCode(Body):
    """The address, and the code that was mailed to it: to sign in, or with an invitation."""

    email: Email
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class RefreshRequest(Body):
    """The refresh token of the last answer. It works once."""

    refresh_token: Annotated[str, StringConstraints(min_length=8, max_length=512, pattern=r"^[\x21-\x7e]*$")]
