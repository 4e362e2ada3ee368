"""The request as a view sees it, without any framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.api.query_params import read_query
from chalicelib.api.strict_json import parse_json
from chalicelib.api.validation import validate
from chalicelib.auth.api_keys import Token
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.authenticate import Caller
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.sessions import Visitor
from chalicelib.auth.tokens import AccessToken
from chalicelib.errors import ApiError, UnsupportedMediaType
from chalicelib.rules.employer import Employer
from chalicelib.storage.table import Item, Key
from chalicelib.storage.transaction import AT_ONCE, Committer

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    ModelT = TypeVar("ModelT", bound="BaseModel")

_JSON_TYPES = ("application/json", "application/merge-patch+json")
_UNPACKED = ("", "identity", "gzip", "deflate")
"""Codings of a body that the gateway has undone where it sees them."""
_ABSENT = object()


@dataclass(slots=True)
class Request:
    """A request. `params` are URL-decoded; `headers` have lower-case names; `items` are those of `reads` that exist.

    `token` is what the client claims, before it is checked; `caller` is who it proved to be.
    `committer` commits what the view writes: handed down to every service that writes, because an Idempotency-Key needs it.
    """

    method: str
    path: str
    params: dict[str, str]
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    raw_body: bytes
    now: datetime
    request_id: str
    source_ip: str = ""
    token: Token | AccessToken | None = None
    caller: Caller = field(default_factory=Caller)
    visitor: Visitor | None = None
    """Who is signed in to the pages, where a route takes their cookie."""
    items: dict[Key, Item] = field(default_factory=dict)
    committer: Committer = AT_ONCE
    quota: dict[str, str] = field(default_factory=dict)
    """Headers that say how many requests are left."""
    _json: Any = _ABSENT
    _bodies: dict[type, Any] = field(default_factory=dict)

    @property
    def claimed_employer_id(self) -> str | None:
        """The employer that the unchecked token names: for `reads`, which run before authentication."""
        return self.token.employer_id if self.token else None

    @property
    def employer(self) -> Employer:
        """The caller's employer. Raises Forbidden for the operator."""
        return self.caller.owner

    @property
    def employer_item(self) -> EmployerItem:
        """The same as stored, from the read that authenticated."""
        return self.caller.owner_item

    @property
    def employer_id(self) -> str:
        """The id of the caller's employer. Raises Forbidden for the operator."""
        return self.caller.owner.id

    def json(self) -> Any:
        """Parses the body. Raises UnsupportedMediaType, BadRequest, TooLarge."""
        if self._json is _ABSENT:
            content_type = self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
            if content_type not in _JSON_TYPES:
                raise UnsupportedMediaType
            if self.headers.get("content-encoding", "").strip().lower() not in _UNPACKED:
                raise UnsupportedMediaType("Send the body as it is, or compressed with gzip.")
            self._json = parse_json(self.raw_body)
        return self._json

    def body(self, model: type[ModelT]) -> ModelT:
        """Validates the body as a model, once for each model. Raises what `json` raises, and Unprocessable."""
        if model not in self._bodies:
            self._bodies[model] = validate(model, self.json(), self.now)
        return self._bodies[model]

    def body_or_none(self, model: type[ModelT]) -> ModelT | None:
        """Returns the body where it is valid, for `reads`. The view raises for an invalid one, after authentication."""
        try:
            return self.body(model)
        except ApiError:
            return None

    def read_query(self, allowed: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
        """Reads the query's parameters. Raises Unprocessable."""
        return read_query(self.query, allowed)

    @property
    def origin(self) -> Origin:
        """Who asks and from which network, for the audit log."""
        return Origin(self.caller.actor, truncated(self.source_ip))

    @property
    def network(self) -> str:
        """The network of the caller's address, by which requests are limited; "" where it is not known."""
        return truncated(self.source_ip) or ""

    @property
    def if_match(self) -> str | None:
        """The If-Match header."""
        return self.headers.get("if-match")
