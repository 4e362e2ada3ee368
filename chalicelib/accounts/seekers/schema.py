"""Bodies of requests of job seekers about themselves."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

from chalicelib.api.phone_numbers import dear_to_call, read_phone, takes_texts
from chalicelib.api.schema_types import Body, Email, Locale, Name, ZoneName, given


def _read_texted_phone(value: Any) -> str:
    """Reads a number that a code can be texted to: no landline, no number that costs more than a usual one."""
    number = read_phone(value)
    if dear := dear_to_call(number):
        raise ValueError(f"must be a phone number in E.164 at the usual price: {number} is {dear}")
    if not takes_texts(number):
        raise ValueError(f"must be a phone number in E.164 that takes texts: {number} is a landline or a service")
    return number


TextedPhone = Annotated[
    str,
    BeforeValidator(_read_texted_phone),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^ *\+[0-9 ().\-/]{4,40} *$",
            "description": "E.164, of a mobile phone: no premium-rate, shared-cost or satellite number",
            "examples": ["+12025550123"],
        }
    ),
]


class SeekerNew(Body):
    """Who wants to be reminded of their own interviews. `timezone` says when it is day there."""

    email: Email
    name: Name
    timezone: ZoneName
    locale: Locale | None = None


class SeekerPatch(Body):
    """What a seeker changes about themselves. A missing field stays."""

    locale: Locale = ""

    def changes(self) -> dict[str, Any]:
        return given(self)


class PhoneIn(Body):
    """The number to text a code to."""

    phone: TextedPhone


class PhoneCode(Body):
    """The code that was texted."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
