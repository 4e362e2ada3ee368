"""Bodies of requests about an employer's own addresses."""

from __future__ import annotations

from pydantic import model_validator

from chalicelib.fields import Body, Email, Phone


class OwnAddress(Body):
    """Either an email address or a phone number."""

    email: Email | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _one(self) -> OwnAddress:
        if (self.email is None) == (self.phone is None):
            raise ValueError("name either an email or a phone")
        return self

    @property
    def channel(self) -> str:
        return "email" if self.email else "sms"

    @property
    def address(self) -> str:
        return self.email or self.phone or ""
