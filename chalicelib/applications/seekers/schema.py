"""Request bodies of a job seeker's own interviews."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from chalicelib.api.schema_types import Body, Instant, LongText, Name
from chalicelib.applications.field_types import Errors, Values
from chalicelib.applications.interviews.schema import CallBackIn
from chalicelib.applications.interviews.service import out_of_order
from chalicelib.applications.seekers.interviews import OwnInterview
from chalicelib.applications.seekers.outcomes import Outcome
from chalicelib.rules.model import CallBack, Decision, SeekerOutcome, Stage

PROMISE_MOST = timedelta(days=180)
_TIMES = ("start_at", "end_at", "next_word_by")
_NO_INSTANT = datetime.min.replace(tzinfo=UTC)


class OwnInterviewIn(Body):
    """An interview of your own. `contact` is who to call when no word comes."""

    company: Name
    job_title: Name
    start_at: Instant
    end_at: Instant
    stage: Stage | None = None
    contact: CallBackIn | None = None
    next_word_by: Instant | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return out_of_order(*(values.get(name) for name in _TIMES))

    def to_interview(self) -> OwnInterview:
        return OwnInterview(
            company=self.company,
            job_title=self.job_title,
            stage=self.stage or "interview",
            start_at=self.start_at,
            end_at=self.end_at,
            next_word_by=self.next_word_by,
            call_back=self.contact.record() if self.contact else CallBack(),
        )


class OwnInterviewPatch(Body):
    """A merge patch: absent leaves, null removes."""

    company: Name = ""
    job_title: Name = ""
    start_at: Instant = _NO_INSTANT
    end_at: Instant = _NO_INSTANT
    stage: Stage = "interview"
    contact: CallBackIn | None = None
    next_word_by: Instant | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return out_of_order(*(values.get(name) for name in _TIMES)) if len(values) < len(data) else ()

    def changes(self) -> dict[str, Any]:
        """The given fields as the items hold them."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"contact"}}
        if "contact" in self.model_fields_set:
            to = self.contact.record() if self.contact else CallBack()
            given |= {"call_back_name": to.name, "call_back_phone": to.phone, "call_back_email": to.email}
        return given


class LinkIn(Body):
    """`token` is the last part of the link to a candidate's page that an employer's message had."""

    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{32}$")]


_EMPTY: dict[str, Any] = {"type": "null"}
_GOES_WITH: dict[str, Any] = {
    "dependentSchemas": {
        "what": {
            "if": {"properties": {"what": {"const": "no_answer"}}},
            "then": {
                "additionalProperties": True,
                "properties": {"decision": _EMPTY, "feedback": _EMPTY, "next_word_by": _EMPTY},
            },
        },
        "next_word_by": {
            "if": {"properties": {"next_word_by": {"type": "string"}}},
            "then": {
                "additionalProperties": True,
                "properties": {"what": {"enum": ["called", "heard"]}, "decision": {"enum": ["pending", None]}},
            },
        },
    }
}


class OutcomeIn(Body):
    """What came of an interview. `next_word_by` is the day that the company named."""

    model_config = ConfigDict(json_schema_extra=_GOES_WITH)

    what: SeekerOutcome
    decision: Decision | None = None
    feedback: LongText | None = None
    next_word_by: Instant | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        if values.get("what") == "no_answer":
            for name in ("decision", "feedback", "next_word_by"):
                if values.get(name) is not None:
                    yield f"/{name}", "goes with called or heard: nobody answered"
            return
        promise = values.get("next_word_by")
        if promise is None:
            return
        if values.get("what") == "closed" or values.get("decision") not in (None, "pending"):
            yield "/next_word_by", 'goes with called or heard, and no decision or decision "pending"'
        elif not now < promise <= now + PROMISE_MOST:
            yield "/next_word_by", f"must be after now and at most {PROMISE_MOST.days} days later"

    def to_outcome(self) -> Outcome:
        return Outcome(self.what, self.decision, self.feedback or None, self.next_word_by)
