"""Request bodies: an observed review, which has no field for the text (that belongs to its author), and a link to the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.api.schema_types import Body, Instant, Name


class ReviewIn(Body):
    """`rating` is of five stars; `source` names the site."""

    posted_at: Instant
    rating: Annotated[int, Field(ge=1, le=5)]
    mentions_silence: bool
    source: Name

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        if "posted_at" in values and values["posted_at"] > now:
            yield "/posted_at", "must not be in the future"


class ReportShareIn(Body):
    """`group` is one of the employer's. Without it the link shows the whole report."""

    days: Literal[7, 30, 90]
    group: Name | None = None


class HeardBackIn(Body):
    """Joining or leaving the public heard-back rate."""

    taking_part: bool
