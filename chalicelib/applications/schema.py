"""Request bodies of applications."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from chalicelib.api.schema_types import Body, Day, Name, either
from chalicelib.applications.candidates.schema import CandidateIn
from chalicelib.applications.field_types import CandidateId, Errors, ExternalIds, Values, check_record_or_id, plain_external_ids
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.rules.model import ApplicationStatus, Decided


class ApplicationIn(Body):
    model_config = ConfigDict(json_schema_extra=either("candidate", "candidate_id", "object"))

    candidate_id: CandidateId | None = None
    candidate: CandidateIn | None = None
    job_title: Name
    external_ids: ExternalIds = []

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return check_record_or_id(data, "candidate")

    def to_input(self) -> ApplicationInput:
        return ApplicationInput(
            job_title=self.job_title,
            candidate_id=self.candidate_id,
            external_ids=plain_external_ids(self.external_ids),
            candidate=self.candidate.to_input() if self.candidate else None,
        )


class ApplicationPatch(Body):
    decided: Decided | None = None
    status: ApplicationStatus = "active"
    documents_asked_on: Day | None = None
    documents_returned_on: Day | None = None

    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}
