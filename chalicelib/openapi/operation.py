"""How an operation is described: request and response models, and an example, which a test sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A query parameter."""

    schema: Schema
    says: str
    example: str
    """As it stands in a URL."""
    is_made_up: bool = False
    """Whether the example names a record or a token that is not there: the test does not send it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`gives` is the response model, a media type for what is not JSON, or None for 204. `also` names other success statuses
    with the same model. `page`: the response is a page of `gives`. `tagged`: it has an ETag, and changes take If-Match.
    """

    id: str
    summary: str
    gives: type[Any] | str | None
    status: int = 200
    says: str = ""
    also: Mapping[int, str] = field(default_factory=dict)
    gives_also: Mapping[int, type[Any]] = field(default_factory=dict)
    """The models of statuses in `also` that have another model."""
    gives_files: tuple[str, ...] = ()
    """Media types of files that the query parameter `format` chooses instead."""
    takes: type[BaseModel] | None = None
    takes_form: bool = False
    takes_file: tuple[str, ...] = ()
    """Media types of a request body that is a file. Generators that know one media type take the first."""
    example: Any = None
    query: Mapping[str, Query] = field(default_factory=dict)
    repeatable: bool = False
    """Whether a POST that asks for no credential takes an Idempotency-Key all the same."""
    page: bool = False
    page_also: Mapping[str, Schema] = field(default_factory=dict)
    """What a page of this list tells beside its rows."""
    is_short: bool = False
    """Of a page: the list is read whole, and a page holds all of it up to a hundred."""
    tagged: bool = False
    headers: tuple[str, ...] = ()
    """Headers of a success beside those that follow from the other fields."""
    faults: tuple[int, ...] = ()
    """Error statuses beside those that follow from the other fields."""


_PRINTED = r"^[^\u0000-\u001f\u007f-\u009f]*$"


def one_of(*options: str, says: str, example: str | None = None) -> Query:
    """Documents a query parameter that takes one of some values; the example is listed first."""
    shown = example or options[0]
    return Query({"type": "string", "enum": sorted(options, key=lambda option: option != shown)}, says, shown)


def text(says: str, example: str, *, is_made_up: bool = False, **schema: Any) -> Query:
    """Documents a query parameter that takes a text."""
    plain = {} if "format" in schema else {"pattern": _PRINTED}
    return Query({"type": "string", "minLength": 1, "maxLength": 500, **plain, **schema}, says, example, is_made_up)


TRUE_OR_FALSE: Schema = {"type": "boolean"}
_ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
_SAMPLE = "01KT4A4MR0S1K0FS1KR9M52VB2"


def id_of(prefix: str, says: str) -> Query:
    """Documents an id that a list is filtered by."""
    whole = f"{says} An id that names nothing gives an empty page."
    return text(whole, f"{prefix}_{_SAMPLE}", pattern=f"^{prefix}_{_ULID}$")


EMPLOYER_ID = text("With the operator's key: whose keys.", f"emp_{_SAMPLE}", is_made_up=True, pattern=f"^emp_{_ULID}$")
DESCENDANTS = Query(TRUE_OR_FALSE, "Also revoke what the key made.", "true")
OWNER = text(
    "Only those of this owner: a person's id, or `me` where a person asks. An id that names nothing gives an empty page.",
    f"per_{_SAMPLE}",
    pattern=f"^(me|per_{_ULID})$",
)
EXTERNAL_ID = text("An id in another system, as system:id.", "greenhouse:265277", pattern="^[^:]+:.+$")
