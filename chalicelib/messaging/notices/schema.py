"""Bodies of requests for holding notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from chalicelib.api.schema_types import Body, Instant, either
from chalicelib.messaging.notices.request import Recipients
from chalicelib.rules.model import MAX_PROMISE, Decided, Stage

MANY = 100
Id = Annotated[str, Field(min_length=1, max_length=64)]


class HoldingNoticeIn(Body):
    """By when the candidate will hear: at most 30 days from now."""

    next_word_by: Instant

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        promise = values.get("next_word_by")
        if promise is not None and not now < promise <= now + MAX_PROMISE:
            yield "/next_word_by", "must be in the future and at most 30 days away"


class RecipientsIn(Body):
    """Part of the call list: candidates who wait and can be reached. `after` is `next_after` of the last response."""

    stage: Stage | None = None
    decided: Decided | None = None
    overdue: bool | None = None
    after: Id | None = None
    limit: Annotated[int, Field(ge=1, le=MANY)] = MANY

    def recipients(self) -> Recipients:
        return Recipients(self.stage, self.decided, self.overdue, after=self.after, limit=self.limit)


class HoldingNoticesIn(HoldingNoticeIn):
    """The same to many: by application ids, or by a part of the call list."""

    model_config = ConfigDict(json_schema_extra=either("call_list", "application_ids", "object", "array", beside="next_word_by"))
    application_ids: Annotated[list[Id], Field(min_length=1, max_length=MANY)] | None = None
    call_list: RecipientsIn | None = None

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:
        yield from super().faults_between(values, data, now)
        if (data.get("application_ids") is None) == (data.get("call_list") is None):
            yield "/application_ids", "give either application_ids or call_list"
