"""Request bodies of contacts and statements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from chalicelib.api.schema_types import Body, Instant, LongText
from chalicelib.applications.field_types import Errors, Values, check_not_future
from chalicelib.rules.model import MAX_PROMISE, ContactChannel, Decision, NoticeName, Outcome

KEPT_AT_MOST = timedelta(days=731)
"""Keep me in mind is a promise with an end: French practice deletes two years after the last contact."""


class NoticeIn(Body):
    """A written notice as it was sent, and what it names: some statutes ask for both."""

    text: LongText | None = None
    names: Annotated[list[NoticeName], Field(max_length=7)] = []


_GOES_WITH: dict[str, Any] = {
    "dependentSchemas": {
        "next_word_by": {
            "if": {"properties": {"next_word_by": {"type": "string"}}},
            "then": {
                "additionalProperties": True,
                "properties": {"outcome": {"enum": ["reached", "sent"]}, "decision": {"enum": ["pending", None]}},
            },
        },
        "keep_in_mind_until": {
            "if": {"properties": {"keep_in_mind_until": {"type": "string"}}},
            "then": {"additionalProperties": True, "required": ["keep_in_mind"], "properties": {"keep_in_mind": {"const": True}}},
        },
    }
}


class ContactIn(Body):
    model_config = ConfigDict(json_schema_extra=_GOES_WITH)

    channel: ContactChannel
    outcome: Outcome
    decision: Decision | None = None
    occurred_at: Instant | None = None
    next_word_by: Instant | None = None
    feedback: LongText | None = None
    thanked: bool | None = None
    share_feedback: bool | None = None
    keep_in_mind: bool | None = None
    keep_in_mind_until: Instant | None = None
    note: LongText | None = None
    notice: NoticeIn | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        yield from check_not_future(values, "occurred_at", now)
        until = values.get("keep_in_mind_until")
        if until is not None and not (values.get("keep_in_mind") and now < until <= now + KEPT_AT_MOST):
            yield "/keep_in_mind_until", "goes with keep_in_mind: true, and must lie within the next two years"
        promise = values.get("next_word_by")
        if promise is None:
            return
        if values.get("outcome", "reached") not in ("reached", "sent") or values.get("decision") not in (None, "pending"):
            yield "/next_word_by", 'goes with word that reached the candidate and no decision, or decision "pending"'
        made = values.get("occurred_at") or now
        if not made < promise <= made + MAX_PROMISE:
            yield "/next_word_by", "must be after the contact and at most 30 days later"

    def fields(self) -> dict[str, Any]:
        """What was given, as the item holds it; `occurred_at` is left out where it was not, so that it is now."""
        given = {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
        notice: NoticeIn | None = given.pop("notice", None)
        names = {"notice_text": notice.text, "notice_names": sorted(set(notice.names)) or None} if notice else {}
        return given | {name: value for name, value in names.items() if value is not None}


class StatementIn(Body):
    heard: bool
    decision: Decision | None = None
    at: Instant | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return check_not_future(values, "at", now)

    def fields(self) -> dict[str, Any]:
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
