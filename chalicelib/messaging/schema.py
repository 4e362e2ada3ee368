"""Bodies of requests about messages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.schema_types import Body


class ResolutionIn(Body):
    """What became of a message that was `unknown`. `employer_id` goes with the operator's key."""

    status: Literal["sent", "failed"]
    employer_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
