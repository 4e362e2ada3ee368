"""Request bodies of the records wing. Each says in one place what a field may be, and turns into what the service takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from chalicelib.api.schema_types import (
    Body,
    Day,
    Email,
    ExternalId,
    Instant,
    Locale,
    LongText,
    Name,
    Phone,
    ZoneName,
    either,
    id_pattern,
)
from chalicelib.applications.candidates.service import Person, consent
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.applications.interviews.service import Booking, out_of_order
from chalicelib.rules.model import (
    MAX_PROMISE,
    ApplicationStatus,
    CallBack,
    ContactChannel,
    Decided,
    Decision,
    NoticeName,
    Outcome,
    Stage,
)
from chalicelib.storage.ids import is_id

KEPT_AT_MOST = timedelta(days=731)
"""Keep me in mind is a promise with an end: French practice deletes two years after the last contact."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of ours a client's clock may be before what it reports counts as the future."""
ExternalIds = Annotated[list[ExternalId], Field(max_length=20)]


def _shaped(record: str, prefix: str) -> AfterValidator:
    """What has not the shape of an id leads nowhere, which is told with the other faults; the rest only a read can tell."""

    def check(value: str) -> str:
        if not is_id(value, prefix):
            raise ValueError(f"there is no such {record}")
        return value

    return AfterValidator(check)


ApplicationId = Annotated[str, Field(max_length=64, json_schema_extra=id_pattern("app")), _shaped("application", "app")]
CandidateId = Annotated[str, Field(max_length=64, json_schema_extra=id_pattern("cand")), _shaped("candidate", "cand")]
Faults = Iterable[tuple[str, str]]
Values = Mapping[str, Any]


def _future(values: Values, name: str, now: datetime) -> Faults:
    """What is reported has happened."""
    at = values.get(name)
    if at is not None and at > now + CLOCK_SKEW:
        yield f"/{name}", "must not be in the future"


def _either(data: Values, record: str) -> Faults:
    """A record whole or by its id: one of them, right or wrong."""
    if (data.get(record) is None) == (data.get(f"{record}_id") is None):
        yield f"/{record}", f"give either {record} or {record}_id"


class SmsConsentIn(Body):
    """Recorded consent to texts: when and how it was given."""

    given_at: Instant
    source: Name

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Faults:  # noqa: ARG003
        return _future(values, "given_at", now)

    def stored(self) -> dict[str, str]:
        return consent(self.given_at, self.source)


class CandidateIn(Body):
    name: Name
    email: Email | None = None
    phone: Phone | None = None
    timezone: ZoneName | None = None
    locale: Locale | None = None
    sms_consent: SmsConsentIn | None = None
    external_ids: ExternalIds = []

    def person(self) -> Person:
        return Person(
            name=self.name,
            email=self.email,
            phone=self.phone,
            timezone=self.timezone,
            locale=self.locale,
            sms_consent=self.sms_consent.stored() if self.sms_consent else None,
            external_ids=_plain(self.external_ids),
        )


class CandidatePatch(Body):
    name: Name = ""
    email: Email | None = None
    phone: Phone | None = None
    timezone: ZoneName | None = None
    locale: Locale | None = None
    sms_consent: SmsConsentIn | None = None
    external_ids: ExternalIds | None = None

    def changes(self) -> dict[str, Any]:
        """The given fields as the table holds them."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "sms_consent" in given:
            given["sms_consent"] = self.sms_consent.stored() if self.sms_consent else None
        if "external_ids" in given:
            given["external_ids"] = list(_plain(self.external_ids or []))
        return given


def _plain(external_ids: list[ExternalId]) -> tuple[dict[str, str], ...]:
    return tuple({(e.system, e.id): {"system": e.system, "id": e.id} for e in external_ids}.values())


class ApplicationIn(Body):
    model_config = ConfigDict(json_schema_extra=either("candidate", "candidate_id", "object"))

    candidate_id: CandidateId | None = None
    candidate: CandidateIn | None = None
    job_title: Name
    external_ids: ExternalIds = []

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Faults:  # noqa: ARG003
        return _either(data, "candidate")

    def opening(self) -> ApplicationInput:
        return ApplicationInput(
            job_title=self.job_title,
            candidate_id=self.candidate_id,
            external_ids=_plain(self.external_ids),
            person=self.candidate.person() if self.candidate else None,
        )


class ApplicationPatch(Body):
    decided: Decided | None = None
    status: ApplicationStatus = "active"
    documents_asked_on: Day | None = None
    documents_returned_on: Day | None = None

    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class CallBackIn(Body):
    """Whom the candidate should call: a name, and a number or an address."""

    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None

    def record(self) -> CallBack:
        return CallBack(self.name, self.phone, self.email)


_TIMES = ("start_at", "end_at", "next_word_by")


class InterviewIn(Body):
    model_config = ConfigDict(json_schema_extra=either("application", "application_id", "object"))

    application_id: ApplicationId | None = None
    application: ApplicationIn | None = None
    stage: Stage
    start_at: Instant
    end_at: Instant
    next_word_by: Instant | None = None
    call_back: CallBackIn | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Faults:  # noqa: ARG003
        return [*_either(data, "application"), *out_of_order(*(values.get(name) for name in _TIMES))]

    def booking(self) -> Booking:
        return Booking(
            stage=self.stage,
            start_at=self.start_at,
            end_at=self.end_at,
            next_word_by=self.next_word_by,
            call_back=self.call_back.record() if self.call_back else CallBack(),
            application_id=self.application_id,
            opening=self.application.opening() if self.application else None,
        )


_NO_INSTANT = datetime.min.replace(tzinfo=UTC)


class InterviewPatch(Body):
    stage: Stage = "interview"
    start_at: Instant = _NO_INSTANT
    end_at: Instant = _NO_INSTANT
    next_word_by: Instant | None = None
    call_back: CallBackIn | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Faults:  # noqa: ARG003
        """Told here only beside other faults: of a body that is right by itself the service tells all, it knows the old times."""
        return out_of_order(*(values.get(name) for name in _TIMES)) if len(values) < len(data) else ()

    def changes(self) -> dict[str, Any]:
        """The given fields as the item holds them. That end follows start is for the service, which knows the other one."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"call_back"}}
        if "call_back" in self.model_fields_set:
            to = self.call_back.record() if self.call_back else CallBack()
            given |= {"call_back_name": to.name, "call_back_phone": to.phone, "call_back_email": to.email}
        return given


class NoticeIn(Body):
    """A written notice as it was sent, and what it names: some statutes ask for both."""

    text: LongText | None = None
    names: Annotated[list[NoticeName], Field(max_length=5)] = []


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
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Faults:  # noqa: ARG003
        yield from _future(values, "occurred_at", now)
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
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Faults:  # noqa: ARG003
        return _future(values, "at", now)

    def fields(self) -> dict[str, Any]:
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
