"""Bodies of requests for letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from chalicelib.api.schema_types import Body, Instant
from chalicelib.rules.model import MAX_PROMISE, LetterReason

LETTERS_MOST = 100
REASONS_MOST = 5
SENT_WITHIN = timedelta(days=30)
Id = Annotated[str, Field(min_length=1, max_length=64)]


def _once_each(values: list[LetterReason]) -> list[LetterReason]:
    return list(dict.fromkeys(values))


class FeedbackIn(Body):
    """Either the criteria that decided, or a day by which feedback comes. Both may be missing."""

    reasons: Annotated[list[LetterReason], Field(min_length=1, max_length=REASONS_MOST), AfterValidator(_once_each)] | None = None
    promised_by: Instant | None = None

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:
        if data.get("reasons") is not None and data.get("promised_by") is not None:
            yield "/promised_by", "goes without reasons: give one of the two"
        promised = values.get("promised_by")
        if promised is not None and not now < promised <= now + MAX_PROMISE:
            yield "/promised_by", "must be in the future and at most 30 days away"


class LettersIn(Body):
    """A rejection to tell in writing. No free words: what many get must be safe to say to each."""

    application_ids: Annotated[list[Id], Field(min_length=1, max_length=LETTERS_MOST)]
    decision: Literal["rejected"]
    feedback: FeedbackIn | None = None
    send_at: Instant | None = None

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        at, feedback = values.get("send_at"), values.get("feedback")
        if at is not None and not now - timedelta(minutes=5) < at <= now + SENT_WITHIN:
            yield "/send_at", "must be in the future and at most 30 days away"
        promised = getattr(feedback, "promised_by", None)
        if at is not None and promised is not None and promised <= at:
            yield "/feedback/promised_by", "must be after send_at"
