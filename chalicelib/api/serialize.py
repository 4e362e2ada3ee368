"""Turns response dataclasses into JSON values: the one serializer of the API.

A response is a frozen dataclass, declared once in the `responses.py` of its package. It holds instants and dates as such.
The OpenAPI document is made of the same dataclasses. pydantic is not imported here: it costs 96 ms of a cold start.

`ResponseBody` makes a dataclass of a class when it is first used. Making all 70 at import took 90 ms of a cold start,
and a request needs about five.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, dataclass_transform

from chalicelib.api.json_text import instant

ResponseT = TypeVar("ResponseT")
MAY_BE_ABSENT = {"may_be_absent": True}
ABSENT: Any = None
"""`name: str = field(default=ABSENT, metadata=MAY_BE_ABSENT)`: a field that is left out of the JSON where it is None."""
_PLAIN = frozenset({str, int, float, bool, type(None)})


def is_required(field: dataclasses.Field[Any]) -> bool:
    """Return whether a response always has this field."""
    return "may_be_absent" not in field.metadata


def json_name(name: str) -> str:
    """Return a field's name in JSON: `from_` stands for `from`, whose name Python uses itself."""
    return name.removesuffix("_")


def to_json(value: Any) -> Any:
    """Return a response as JSON values: instants in RFC 3339 and UTC, dates as yyyy-mm-dd."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if kind is datetime:
        return instant(value)
    if kind is list:
        return [one if type(one) in _PLAIN else to_json(one) for one in value]
    if isinstance(value, dict):
        return {name: one if type(one) in _PLAIN else to_json(one) for name, one in value.items()}
    if fields := _fields_of(kind):
        pairs = zip(fields.shown, fields.values_of(value), strict=True)
        return {
            shown: one if type(one) in _PLAIN else instant(one) if type(one) is datetime else to_json(one)
            for shown, one in pairs
            if one is not None or shown not in fields.may_be_absent
        }
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    if isinstance(value, date):
        return instant(value) if isinstance(value, datetime) else value.isoformat()
    return value


def extend(kind: type[ResponseT], base: Any, **more: Any) -> ResponseT:
    """Return a response of a class that extends the class of `base`, with the fields of `base` and more."""
    extended: Any = type(base)
    fields = _fields_of(extended)
    own = dict(zip(fields.names, fields.values_of(base), strict=True)) if fields else {}
    return kind(**(own | more))


_READY: set[Any] = set()
_lock = threading.Lock()


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
class _MadeAtFirstUse(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls not in _READY:
            make_dataclass(cls)
        return super().__call__(*args, **kwargs)


class ResponseBody(metaclass=_MadeAtFirstUse):
    """The base of responses: its subclasses are frozen dataclasses."""


def make_dataclass(kind: type) -> None:
    """Make dataclasses of a response class and its bases. Idempotent."""
    with _lock:
        for one in reversed(kind.__mro__):
            if type(one) is _MadeAtFirstUse and one not in _READY:
                make: Any = dataclasses.dataclass(frozen=True)
                make(one)
                _READY.add(one)


class _Fields(NamedTuple):
    """The fields of a dataclass: their names, those in JSON, and what gives their values in the same order."""

    names: list[str]
    shown: list[str]
    may_be_absent: frozenset[str]
    values_of: Callable[[Any], tuple[Any, ...]]


@cache
def _fields_of(kind: Any) -> _Fields | None:
    """Return the fields of a dataclass; None of any other class."""
    if not dataclasses.is_dataclass(kind):
        return None
    fields = dataclasses.fields(kind)
    names = [field.name for field in fields]
    values_of: Any = attrgetter(*names) if len(names) > 1 else lambda value: tuple([getattr(value, name) for name in names])
    may_be_absent = frozenset(json_name(field.name) for field in fields if not is_required(field))
    return _Fields(names, [json_name(name) for name in names], may_be_absent, values_of)
