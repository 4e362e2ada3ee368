"""Request bodies of candidates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from chalicelib.api.phone_numbers import extension_of, without_extension
from chalicelib.api.schema_types import Body, DialledPhone, Email, Extension, Instant, Locale, Name, ZoneName
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.candidates.service import consent
from chalicelib.applications.field_types import Errors, ExternalIds, Values, check_not_future, none_given, plain_external_ids


class SmsConsentIn(Body):
    """Recorded consent to texts: when and how it was given."""

    given_at: Instant
    source: Name

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return check_not_future(values, "given_at", now)

    def stored(self) -> dict[str, str]:
        return consent(self.given_at, self.source)


def _with_a_phone(*required: str) -> dict[str, Any]:
    """Makes the JSON schema that an extension comes with a phone number. `required`: where a missing phone is no fault."""
    extension, none = {"type": "string"}, {"type": "null"}
    named: dict[str, Any] = {"phone_extension": extension, **{name: {} for name in required}}
    rule = {
        "if": {"required": ["phone_extension", *required], "properties": named},
        "then": {"not": {"properties": {"phone": none}}, "additionalProperties": True},
    }
    return {"dependentSchemas": {"phone_extension": rule}}


def _extension_faults(values: Values) -> Errors:
    """Yields an error for an extension of no number, or beside another one in `phone`."""
    extension, phone = values.get("phone_extension"), values.get("phone")
    if extension and "phone" in values and phone is None:
        yield "/phone_extension", "needs a phone"
    if extension and phone and extension_of(phone) not in (None, extension):
        yield "/phone_extension", f"is not the extension that phone names: {extension_of(phone)}"


class CandidateIn(Body):
    model_config = ConfigDict(json_schema_extra=_with_a_phone())

    name: Name
    email: Email | None = None
    phone: DialledPhone | None = None
    phone_extension: Extension | None = None
    timezone: ZoneName | None = None
    locale: Locale | None = None
    sms_consent: SmsConsentIn | None = None
    external_ids: ExternalIds = none_given()

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return _extension_faults({"phone": None if "phone" not in data else values.get("phone", ""), **values})

    def to_input(self) -> CandidateInput:
        return CandidateInput(
            name=self.name,
            email=self.email,
            phone=without_extension(self.phone) if self.phone else None,
            phone_extension=self.phone_extension or extension_of(self.phone or ""),
            timezone=self.timezone,
            locale=self.locale,
            sms_consent=self.sms_consent.stored() if self.sms_consent else None,
            external_ids=plain_external_ids(self.external_ids),
        )


class CandidatePatch(Body):
    model_config = ConfigDict(json_schema_extra=_with_a_phone("phone"))

    name: Name = ""
    email: Email | None = None
    phone: DialledPhone | None = None
    phone_extension: Extension | None = None
    timezone: ZoneName | None = None
    locale: Locale | None = None
    sms_consent: SmsConsentIn | None = None
    external_ids: ExternalIds | None = None

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return _extension_faults(values)

    def changes(self) -> dict[str, Any]:
        """The given fields as the table holds them. A number without an extension takes the place of one with it."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "phone" in given:
            given["phone"] = without_extension(self.phone) if self.phone else None
            given["phone_extension"] = self.phone_extension or extension_of(self.phone or "")
        if "sms_consent" in given:
            given["sms_consent"] = self.sms_consent.stored() if self.sms_consent else None
        if "external_ids" in given:
            given["external_ids"] = list(plain_external_ids(self.external_ids or []))
        return given
