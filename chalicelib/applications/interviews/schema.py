"""Request bodies of interviews."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic import ConfigDict

from chalicelib.api.schema_types import Body, CallBackPhone, Email, Instant, Name, either
from chalicelib.applications.field_types import (
    ApplicationId,
    Errors,
    ExternalIds,
    Values,
    check_record_or_id,
    none_given,
    plain_external_ids,
)
from chalicelib.applications.interviews.service import Booking, out_of_order
from chalicelib.applications.schema import ApplicationIn
from chalicelib.rules.model import CallBack, Stage


class CallBackIn(Body):
    """The contact that the candidate should call: a name, and a phone or an email."""

    name: Name | None = None
    phone: CallBackPhone | None = None
    email: Email | None = None

    def record(self) -> CallBack:
        return CallBack(self.name, self.phone, self.email)


_TIMES = ("start_at", "end_at", "next_word_by")


class InterviewIn(Body):
    model_config = ConfigDict(json_schema_extra=either("application", "application_id", "object", beside="stage"))

    application_id: ApplicationId | None = None
    application: ApplicationIn | None = None
    stage: Stage
    start_at: Instant
    end_at: Instant
    next_word_by: Instant | None = None
    call_back: CallBackIn | None = None
    external_ids: ExternalIds = none_given()

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return [*check_record_or_id(data, "application"), *out_of_order(*(values.get(name) for name in _TIMES))]

    @cached_property
    def booking(self) -> Booking:
        """What the body asks for: the unique keys to read are its own, and the service books it."""
        return Booking(
            stage=self.stage,
            start_at=self.start_at,
            end_at=self.end_at,
            next_word_by=self.next_word_by,
            call_back=self.call_back.record() if self.call_back else CallBack(),
            application_id=self.application_id,
            application=self.application.to_input() if self.application else None,
            external_ids=plain_external_ids(self.external_ids),
        )


_NO_INSTANT = datetime.min.replace(tzinfo=UTC)


class InterviewPatch(Body):
    stage: Stage = "interview"
    start_at: Instant = _NO_INSTANT
    end_at: Instant = _NO_INSTANT
    next_word_by: Instant | None = None
    call_back: CallBackIn | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        """Told here only beside other faults: of a body that is right by itself the service tells all, it knows the old times."""
        return out_of_order(*(values.get(name) for name in _TIMES)) if len(values) < len(data) else ()

    def changes(self) -> dict[str, Any]:
        """The given fields as the item holds them. That end follows start is for the service, which knows the other one."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"call_back"}}
        if "call_back" in self.model_fields_set:
            to = self.call_back.record() if self.call_back else CallBack()
            given |= {"call_back_name": to.name, "call_back_phone": to.phone, "call_back_email": to.email}
        return given
