"""What the request bodies of this package share: ids of records, external ids, checks between fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from chalicelib.api.schema_types import ExternalId, id_pattern
from chalicelib.storage.ids import is_id

CLOCK_SKEW = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours before a report counts as being from the future."""
EASTERNMOST = timedelta(hours=14)
"""The offset of the place where each day begins first."""
ExternalIds = Annotated[list[ExternalId], Field(max_length=20)]


def none_given() -> Any:
    """Makes the default of a list. Of a list as such, pydantic would make a deep copy for each body."""
    return Field(default_factory=list, json_schema_extra={"default": []})


Errors = Iterable[tuple[str, str]]
"""(JSON pointer, message)"""
Values = Mapping[str, Any]


def _id_of(record: str, prefix: str) -> AfterValidator:
    """Refuses text that cannot be an id of this kind, with the body's other errors. Only a read finds the rest."""

    def check(value: str) -> str:
        if not is_id(value, prefix):
            raise ValueError(f"there is no such {record}")
        return value

    return AfterValidator(check)


ApplicationId = Annotated[str, Field(max_length=64, json_schema_extra=id_pattern("app")), _id_of("application", "app")]
PersonId = Annotated[str, Field(max_length=64, json_schema_extra=id_pattern("per")), _id_of("person on the team", "per")]
CandidateId = Annotated[str, Field(max_length=64, json_schema_extra=id_pattern("cand")), _id_of("candidate", "cand")]


def check_not_future(values: Values, name: str, now: datetime) -> Errors:
    """Yields an error where a reported instant lies in the future."""
    at = values.get(name)
    if at is not None and at > now + CLOCK_SKEW:
        yield f"/{name}", "must not be in the future"


def check_no_later_day(values: Values, name: str, now: datetime) -> Errors:
    """Yields an error where the day of something that has happened lies in the future, wherever it happened."""
    day = values.get(name)
    if day is not None and day > f"{now.astimezone(UTC) + EASTERNMOST:%Y-%m-%d}":
        yield f"/{name}", "must not be in the future"


def check_record_or_id(data: Values, record: str) -> Errors:
    """Yields an error unless a record is given either whole or by its id."""
    if (data.get(record) is None) == (data.get(f"{record}_id") is None):
        yield f"/{record}", f"give either {record} or {record}_id"


def plain_external_ids(external_ids: list[ExternalId]) -> tuple[dict[str, str], ...]:
    """External ids in their stored form, each once."""
    return tuple({(e.system, e.id): {"system": e.system, "id": e.id} for e in external_ids}.values())
