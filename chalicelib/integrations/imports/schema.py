"""The body of a saved profile."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from chalicelib.api.schema_types import Body, Country, Name, ZoneName
from chalicelib.integrations.imports.dates import DATE_FORMAT, FORMAT_MOST, FORMATS_MOST, read_date_format, read_time_of_day
from chalicelib.integrations.imports.encodings import ENCODINGS, read_encoding
from chalicelib.integrations.imports.profiles import FieldName
from chalicelib.integrations.imports.read_file import DELIMITERS

_ONE_FORMAT = {"type": "string", "minLength": 1, "maxLength": FORMAT_MOST, "pattern": DATE_FORMAT}


def _date_formats(value: Any) -> Any:
    formats = value if isinstance(value, list) else [value]
    if not formats or not all(isinstance(one, str) for one in formats):
        raise ValueError('must be a format or a list of them, like ["iso", "%d.%m.%Y %H:%M"]')
    if len(formats) > FORMATS_MOST:
        raise ValueError(f"must be at most {FORMATS_MOST} formats")
    read = list(dict.fromkeys(read_date_format(one) for one in formats))
    return read if isinstance(value, list) else read[0]


def _text(read: Any) -> Any:
    def reader(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        return str(read(value))

    return reader


def _delimiter(value: str) -> str:
    if value not in DELIMITERS:
        raise ValueError(f"must be one of {', '.join(DELIMITERS)}")
    return value


DateFormats = Annotated[
    str | list[str],
    BeforeValidator(_date_formats),
    WithJsonSchema({"anyOf": [_ONE_FORMAT, {"type": "array", "items": _ONE_FORMAT, "minItems": 1, "maxItems": FORMATS_MOST}]}),
]
TimeOfDay = Annotated[
    str,
    BeforeValidator(_text(read_time_of_day)),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["17:00"]}),
]
Encoding = Annotated[str, BeforeValidator(_text(read_encoding)), WithJsonSchema({"type": "string", "enum": list(ENCODINGS)})]
Delimiter = Annotated[str, BeforeValidator(_text(_delimiter)), WithJsonSchema({"type": "string", "enum": list(DELIMITERS)})]


def _some(value: dict[Any, Any]) -> dict[Any, Any]:
    if not value:
        raise ValueError("must name at least one column")
    return value


Joined = Annotated[list[Name], Field(min_length=1, max_length=5)]
Alternatives = Annotated[list[Name | Joined], Field(min_length=1, max_length=20)]
Words = Annotated[dict[Name, Name | None], Field(max_length=100)]


class ProfileIn(Body):
    """Which column is which field, and how values are to be read."""

    columns: Annotated[
        dict[FieldName, Alternatives],
        AfterValidator(_some),
        Field(json_schema_extra={"minProperties": 1}),
    ]
    date_format: DateFormats | None = None
    timezone: ZoneName | None = None
    country: Country | None = None
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    default_time: TimeOfDay | None = None
    delimiter: Delimiter | None = None
    encoding: Encoding | None = None
    system: Name = "import"
    words: Annotated[dict[Name, Words], Field(max_length=40)] = {}
    values: Annotated[dict[Name, Name | Words | None], Field(max_length=100)] = {}
    fixed: dict[Literal["job_title", "stage"], Name] = {}
