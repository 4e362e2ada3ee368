"""Types of fields that many bodies share, as pydantic annotations. Imports pydantic (96 ms): for schema modules only.

Instants need the validation context `{"now": now}`, which `validation.validate` gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from chalicelib.api.phone_numbers import read_call_back_phone, read_country, read_dialled_phone, read_extension, read_phone
from chalicelib.api.validators import (
    UNSEEN,
    instant_near,
    read_email,
    read_locale,
    read_long_text,
    read_name,
    read_note,
    read_string,
    read_zone,
)


class Body(BaseModel):
    """A request body. Unknown fields are errors, and "1" is not 1."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        """Yields errors between fields, as (pointer below this body, message). Subclasses override it.

        `values` are the fields of `data` that are valid, so that one response names every error.
        """
        return ()

    @model_validator(mode="wrap")
    @classmethod
    def _every_fault(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        body: Self | None = None
        lines: list[InitErrorDetails] = []
        try:
            body = handler(data)
        except ValidationError as error:
            lines = [_line_of(one) for one in error.errors(include_url=False)]
        if isinstance(data, dict):
            values = given(body) if body else _right_ones(cls, data, info)
            between = cls.faults_between(values, data, (info.context or {})["now"])
            lines += [{"type": _fault_below(*fault), "loc": (), "input": None} for fault in between]
        if lines or body is None:
            raise ValidationError.from_exception_data(cls.__name__, lines)
        return body


def _right_ones(model: type[Body], data: dict[Any, Any], info: ValidationInfo) -> dict[str, Any]:
    """Returns the valid fields of a refused body."""
    right: dict[str, Any] = {}
    for name in model.model_fields.keys() & data.keys():
        try:
            right[name] = _alone(model, name).validate_python(data[name], context=info.context)
        except ValidationError:
            continue
    return right


@cache
def _alone(model: type[Body], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    config = None if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel) else ConfigDict(strict=True)
    whole: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(whole, config=config)


def _line_of(error: Any) -> InitErrorDetails:
    """Converts an error, to be raised again together with others."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in ("value_error", "assertion_error", "fault"):
        message = str(error["msg"]).removeprefix("Value error, ")
        kind = PydanticCustomError("fault", "{message}", {"below": context.get("below", ""), "message": message})
        return {"type": kind, "loc": error["loc"], "input": None}
    return {"type": kind, "loc": error["loc"], "input": None, "ctx": context}


def _fault_below(below: str, message: str) -> PydanticCustomError:
    return PydanticCustomError("fault", "{message}", {"below": below, "message": message})


def given(body: BaseModel) -> dict[str, Any]:
    """Returns the fields that the client sent: in a merge patch null means "remove", absent means "leave"."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def either(this: str, that: str, shape: str = "string", other: str = "string", *, beside: str = "") -> dict[str, Any]:
    """Makes the JSON schema of a body where exactly one of two fields is given: `this` as a `shape`, or `that` as an `other`.

    Each part allows other fields explicitly, because linters treat a part as closed otherwise. `beside` is a required field:
    said of it, the condition always holds, and generators that see no model in one with an `if` of its own see it all the same.
    """
    rule = {
        "if": {"required": [this], "properties": {this: _of_any(shape)}},
        "then": {"properties": {that: {"type": "null"}}, "additionalProperties": True},
        "else": {"required": [that], "properties": {that: _of_any(other)}, "additionalProperties": True},
    }
    return {"dependentSchemas": {beside: rule}} if beside else rule


def _of_any(shape: str) -> dict[str, Any]:
    """Linters want to know what a list is of, also where that is said elsewhere."""
    return {"type": shape, "items": {}} if shape == "array" else {"type": shape}


def id_pattern(prefix: str) -> dict[str, Any]:
    """Makes the JSON schema of an id."""
    return {"pattern": f"^{prefix}_[0-7][0-9A-HJKMNP-TV-Z]{{25}}$"}


def read_instant(value: Any, info: ValidationInfo) -> datetime:
    """Reads RFC 3339 with an offset, within 10 years of now, to UTC."""
    context: dict[str, datetime] = info.context or {}
    return instant_near(read_string(value), context["now"])


_IN_LINE = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*"
_IN_LINES = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]*$"
_LINE = f"^{_IN_LINE}[^{UNSEEN}]{_IN_LINE}$"


def _shown_as(**schema: Any) -> WithJsonSchema:
    """Makes the JSON schema of a field, as near to its reader as JSON Schema allows."""
    return WithJsonSchema({"type": "string", **schema})


NAME: dict[str, Any] = {"minLength": 1, "maxLength": 200, "pattern": _LINE}
Name = Annotated[str, BeforeValidator(read_name), _shown_as(**NAME)]
LongText = Annotated[str, BeforeValidator(read_long_text), _shown_as(maxLength=4000, pattern=_IN_LINES)]
Note = Annotated[str, BeforeValidator(read_note), _shown_as(maxLength=500, pattern=_IN_LINES)]
Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    _shown_as(format="date-time", description=("RFC 3339 with an offset, within 10 years of now")),
]
ZoneName = Annotated[str, BeforeValidator(read_zone), _shown_as(description="IANA time zone", examples=["America/New_York"])]
Phone = Annotated[
    str,
    BeforeValidator(read_phone),
    _shown_as(
        pattern=r"^ *\+[0-9 ().\-/]{4,40} *$",
        description="E.164; spaces, dots, hyphens and brackets are taken out",
        examples=["+12025550123"],
    ),
]
CallBackPhone = Annotated[
    str,
    BeforeValidator(read_call_back_phone),
    _shown_as(
        pattern=r"^ *\+[0-9 ().\-/]{4,40}[A-Za-z.:;,=# ]*[0-9]{0,10} *$",
        description="E.164, and an extension where there is one; no premium-rate, shared-cost, universal access, personal or "
        "satellite number",
        examples=["+12025550123", "+12025550123 ext. 45"],
    ),
]
"""A number that candidates are asked to call."""
DialledPhone = Annotated[
    str,
    BeforeValidator(read_dialled_phone),
    _shown_as(
        pattern=r"^ *\+[0-9 ().\-/]{4,40}[A-Za-z.:;,=# ]*[0-9]{0,10} *$",
        description="E.164, and an extension where there is one; spaces, dots, hyphens and brackets are taken out",
        examples=["+12025550123", "+12025550123 ext. 45"],
    ),
]
"""A number for people to dial: its extension is kept."""
Extension = Annotated[str, BeforeValidator(read_extension), _shown_as(pattern=r"^ *[0-9]{1,10} *$", examples=["45"])]
Email = Annotated[str, BeforeValidator(read_email), _shown_as(format="email", maxLength=254, examples=["sam@example.com"])]
Locale = Annotated[
    str,
    BeforeValidator(read_locale),
    _shown_as(
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        maxLength=35,
        description="BCP 47. A candidate is written to in its language where there is a translation (en, es, fr, he, ko), "
        "else in the `language` of the employer's policy.",
        examples=["en-GB"],
    ),
]
Country = Annotated[str, BeforeValidator(read_country), _shown_as(pattern=r"^[A-Z]{2}$", description="ISO 3166-1")]


def _day(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("must be a date, like 2026-11-23")
    return date.fromisoformat(value).isoformat()


Day = Annotated[str, BeforeValidator(_day), _shown_as(format="date")]
"""A date as text, YYYY-MM-DD."""


_TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_JURISDICTION = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"


def _shaped(pattern: str, wanted: str) -> BeforeValidator:
    """Makes a reader by a regular expression. `wanted` says in words what it accepts, for people."""

    def read(value: Any) -> str:
        if not re.fullmatch(pattern, read_string(value), re.ASCII):
            raise ValueError(wanted)
        return str(value)

    return BeforeValidator(read)


TimeOfDay = Annotated[str, _shaped(_TIME_OF_DAY, "must be a time of day, like 09:00"), _shown_as(pattern=_TIME_OF_DAY)]
Jurisdiction = Annotated[
    str,
    _shaped(_JURISDICTION, "must be an ISO 3166 code of a country or region, like IL or CA-ON"),
    _shown_as(pattern=_JURISDICTION),
]


class ExternalId(Body):
    """A record's id in another system, such as an applicant tracking system."""

    system: Name
    id: Name
