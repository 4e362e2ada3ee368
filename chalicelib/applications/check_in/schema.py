"""Request bodies of check-in cards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from chalicelib.api.schema_types import Body, Instant, Name
from chalicelib.applications.field_types import Errors, PersonId, Values
from chalicelib.rules.model import Stage

LASTS_AT_MOST = timedelta(days=366)
MINUTES_MOST = 480


class CheckInCardIn(Body):
    """A card for one job and stage. Candidates state when their interview ended; `minutes` says how long it took."""

    job_title: Name
    stage: Stage
    group: Name | None = None
    owner_id: PersonId | None = None
    minutes: Annotated[int, Field(ge=5, le=MINUTES_MOST)] = 60
    expires_at: Instant | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        until = values.get("expires_at")
        if until is not None and not now < until <= now + LASTS_AT_MOST:
            yield "/expires_at", f"must be in the future and at most {LASTS_AT_MOST.days} days away"
