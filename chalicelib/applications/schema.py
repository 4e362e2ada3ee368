"""Request bodies of applications."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from chalicelib.api.schema_types import Body, Day, Instant, Name, Note, either
from chalicelib.applications.candidates.schema import CandidateIn
from chalicelib.applications.field_types import (
    CandidateId,
    Errors,
    ExternalIds,
    PersonId,
    Values,
    check_no_later_day,
    check_record_or_id,
    none_given,
    plain_external_ids,
)
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.rules.model import ApplicationStatus, Decided, LetterReason

SNOOZED_AT_MOST = timedelta(days=90)
REASONS_MOST = 5


class ApplicationIn(Body):
    model_config = ConfigDict(json_schema_extra=either("candidate", "candidate_id", "object", beside="job_title"))

    candidate_id: CandidateId | None = None
    candidate: CandidateIn | None = None
    job_title: Name
    group: Name | None = None
    external_ids: ExternalIds = none_given()
    owner_id: PersonId | None = None
    decider_id: PersonId | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return check_record_or_id(data, "candidate")

    def to_input(self) -> ApplicationInput:
        return ApplicationInput(
            job_title=self.job_title,
            group=self.group,
            candidate_id=self.candidate_id,
            external_ids=plain_external_ids(self.external_ids),
            candidate=self.candidate.to_input() if self.candidate else None,
            owner_id=self.owner_id,
            decider_id=self.decider_id,
        )


class ApplicationPatch(Body):
    decided: Decided | None = None
    status: ApplicationStatus = "active"
    group: Name | None = None
    documents_asked_on: Day | None = None
    documents_returned_on: Day | None = None
    owner_id: PersonId | None = None
    decider_id: PersonId | None = None
    snooze_until: Instant | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        until = values.get("snooze_until")
        if until is not None and not now < until <= now + SNOOZED_AT_MOST:
            yield "/snooze_until", f"must be in the future and at most {SNOOZED_AT_MOST.days} days away"
        for name in ("documents_asked_on", "documents_returned_on"):
            yield from check_no_later_day(values, name, now)

    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


def _once_each(values: list[LetterReason]) -> list[LetterReason]:
    return list(dict.fromkeys(values))


class FeedbackAnswerIn(Body):
    """Why somebody was rejected, by criteria of the job. `note` is for this person alone: links and numbers are taken out."""

    reasons: Annotated[list[LetterReason], Field(min_length=1, max_length=REASONS_MOST), AfterValidator(_once_each)]
    note: Note | None = None
