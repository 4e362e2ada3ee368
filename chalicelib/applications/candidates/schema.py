"""Request bodies of candidates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.api.schema_types import Body, Email, Instant, Locale, Name, Phone, ZoneName
from chalicelib.applications.candidates.service import CandidateInput, consent
from chalicelib.applications.field_types import Errors, ExternalIds, Values, check_not_future, plain_external_ids


class SmsConsentIn(Body):
    """Recorded consent to texts: when and how it was given."""

    given_at: Instant
    source: Name

    @classmethod
    def faults_between(cls, values: Values, data: Values, now: datetime) -> Errors:  # noqa: ARG003
        return check_not_future(values, "given_at", now)

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

    def to_input(self) -> CandidateInput:
        return CandidateInput(
            name=self.name,
            email=self.email,
            phone=self.phone,
            timezone=self.timezone,
            locale=self.locale,
            sms_consent=self.sms_consent.stored() if self.sms_consent else None,
            external_ids=plain_external_ids(self.external_ids),
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
            given["external_ids"] = list(plain_external_ids(self.external_ids or []))
        return given
