"""Validates request bodies. Every error is named by its JSON pointer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.api.strict_json import capped, pointer
from chalicelib.errors import FieldError, Unprocessable

if TYPE_CHECKING:
    from pydantic import BaseModel

    ModelT = TypeVar("ModelT", bound="BaseModel")


def validate(model: type[ModelT], data: Any, now: datetime) -> ModelT:
    """Reads data as a model. Raises Unprocessable with every error. `now` bounds instants."""
    from pydantic import ValidationError  # 96 ms: the caller has imported a schema, and with it pydantic

    try:
        return model.model_validate(data, context={"now": now})
    except ValidationError as error:
        faults = list(capped(FieldError(_pointer(one, data), _message(one)) for one in error.errors(include_url=False)))
        raise Unprocessable("The body has fields that are missing, unknown or wrong.", errors=faults) from None


def _pointer(error: Mapping[str, Any], data: Any) -> str:
    """Returns where an error is in the data. Pydantic's path also names the branches of unions: those are left out."""
    at, here = "", data
    path = error["loc"]
    for index, step in enumerate(path):
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int) and step < len(here)):
            at, here = pointer(at, step), here[step]
        elif error["type"] == "missing" and index == len(path) - 1:
            at = pointer(at, step)
    return at + str(error.get("ctx", {}).get("below", ""))


_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this body",
    "string_type": "must be a string",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "float_type": "must be a number",
    "invalid_key": "is not a field of this body",
    "finite_number": "must be a number",
}


_LIMITS = {
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must name at least {min_length}",
    "too_long": "must name at most {max_length}",
}


def _message(error: Mapping[str, Any]) -> str:
    if known := _MESSAGES.get(error["type"]):
        return known
    if words := _LIMITS.get(error["type"]):
        return words.format(**error["ctx"])
    text = str(error["msg"]).removeprefix("Value error, ")
    text = re.sub(r"^(Input|List|Tuple|String) should", "must", text)
    return text[:1].lower() + text[1:500]
