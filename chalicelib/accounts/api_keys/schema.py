"""Bodies of requests about keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from chalicelib.api.schema_types import Body, id_pattern
from chalicelib.rules.model import Scope
from chalicelib.storage.ids import is_id


def _employer_id(value: str) -> str:
    if not is_id(value, "emp"):
        raise ValueError("must be the id of an employer")
    return value


_SHAPE = Field(json_schema_extra=id_pattern("emp"))


class KeyNew(Body):
    """A new key. `employer_id` is for the operator, whose own key belongs to no employer."""

    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    employer_id: Annotated[str, AfterValidator(_employer_id), _SHAPE] | None = None
