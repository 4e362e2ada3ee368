"""One request as a view sees it, and the view's answer. No framework in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.api.query_params import read_query
from chalicelib.api.strict_json import parse_json
from chalicelib.api.validation import validate
from chalicelib.auth.authenticate import Caller, Token
from chalicelib.auth.employers import EmployerItem
from chalicelib.errors import ApiError, UnsupportedMediaType
from chalicelib.rules.model import Employer
from chalicelib.storage.table import Item, Key

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    ModelT = TypeVar("ModelT", bound="BaseModel")

_JSON_TYPES = ("application/json", "application/merge-patch+json")
_ABSENT = object()


@dataclass(slots=True)
class Request:
    """A request. `params` are URL-decoded and stand in `path`; `headers` have lower-case names; `items` are those that `reads`
    asked for and that exist."""

    method: str
    path: str
    params: dict[str, str]
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    raw_body: bytes
    now: datetime
    request_id: str
    source_ip: str = ""
    claim: Token | None = None
    caller: Caller = field(default_factory=Caller)
    items: dict[Key, Item] = field(default_factory=dict)
    _json: Any = _ABSENT
    _bodies: dict[type, Any] = field(default_factory=dict)

    @property
    def claimed_employer_id(self) -> str | None:
        """For `reads`, which run before authentication: the employer that the token names. Not yet believed."""
        return self.claim.employer_id if self.claim else None

    @property
    def employer(self) -> Employer:
        """The caller's employer. Raises Forbidden where an operator calls."""
        return self.caller.owner

    @property
    def employer_item(self) -> EmployerItem:
        """The same as the table holds it, read by the request that authenticated."""
        return self.caller.owner_item

    @property
    def employer_id(self) -> str:
        return self.caller.owner.id

    def json(self) -> Any:
        """The parsed body. Raises UnsupportedMediaType, BadRequest, TooLarge."""
        if self._json is _ABSENT:
            content_type = self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
            if content_type not in _JSON_TYPES:
                raise UnsupportedMediaType
            self._json = parse_json(self.raw_body)
        return self._json

    def body(self, model: type[ModelT]) -> ModelT:
        """The body as a model, read once however often it is asked for. Raises Unprocessable too."""
        if model not in self._bodies:
            self._bodies[model] = validate(model, self.json(), self.now)
        return self._bodies[model]

    def body_or_none(self, model: type[ModelT]) -> ModelT | None:
        """For `reads`: the body where it is good. A bad one is told by the view, after authentication."""
        try:
            return self.body(model)
        except ApiError:
            return None

    def read_query(self, allowed: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
        """`http.read_query` over this call's query."""
        return read_query(self.query, allowed)

    @property
    def if_match(self) -> str | None:
        return self.headers.get("if-match")
