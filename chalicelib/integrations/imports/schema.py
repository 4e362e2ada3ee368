"""The body of a saved profile."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from chalicelib.api.schema_types import Body, Country, Name, ZoneName
from chalicelib.integrations.imports.mapper import DATE_FORMAT, read_date_format

FieldName = Literal[
    "name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "timezone",
    "locale",
    "sms_consent_at",
    "sms_consent_source",
    "candidate_ref",
    "job_title",
    "application_ref",
    "stage",
    "interview_start",
    "interview_end",
    "decided",
    "told_at",
]


def _date_format(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return read_date_format(value)


DateFormat = Annotated[
    str,
    BeforeValidator(_date_format),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 40, "pattern": DATE_FORMAT}),
]


def _some(value: dict[Any, Any]) -> dict[Any, Any]:
    if not value:
        raise ValueError("must name at least one column")
    return value


class ProfileIn(Body):
    """Which column is which field, and how values are to be read."""

    columns: Annotated[
        dict[FieldName, Annotated[list[Name], Field(min_length=1, max_length=20)]],
        AfterValidator(_some),
        Field(json_schema_extra={"minProperties": 1}),
    ]
    date_format: DateFormat | None = None
    timezone: ZoneName | None = None
    country: Country | None = None
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    system: Name = "import"
    words: dict[Literal["stage", "decided"], Annotated[dict[Name, Name], Field(max_length=100)]] = {}
    fixed: dict[Literal["job_title", "stage"], Name] = {}
