"""Bodies of requests about keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from chalicelib.api.schema_types import Body, Instant, Name, id_pattern
from chalicelib.rules.model import KeyScope
from chalicelib.storage.ids import is_id


def _employer_id(value: str) -> str:
    if not is_id(value, "emp"):
        raise ValueError("must be the id of an employer")
    return value


_SHAPE = Field(json_schema_extra=id_pattern("emp"))


class KeyNew(Body):
    """A new key. A key makes keys only with scopes that it has, and that end no later.

    `employer_id` is for the operator, whose own key belongs to no employer."""

    scopes: Annotated[list[KeyScope], Field(min_length=1, max_length=4)]
    name: Name | None = None
    expires_at: Instant | None = None
    employer_id: Annotated[str, AfterValidator(_employer_id), _SHAPE] | None = None

    @classmethod
    def faults_between(cls, values: Mapping[str, Any], data: Mapping[str, Any], now: datetime) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        """A key that has expired already is a mistake."""
        if (ends := values.get("expires_at")) and ends <= now:
            yield "/expires_at", f"must be after now, which is {now:%Y-%m-%dT%H:%M:%SZ}"
