"""The applicant tracking systems that can be connected, and what the module of each one offers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from chalicelib.errors import FieldError
from chalicelib.integrations.ats.ashby import Ashby
from chalicelib.integrations.ats.greenhouse import Greenhouse
from chalicelib.integrations.ats.lever import Lever
from chalicelib.integrations.ats.payload import Need, Reading
from chalicelib.integrations.ats.teamtailor import Teamtailor
from chalicelib.integrations.ats.workable import Workable


class AtsSystem(Protocol):
    """One applicant tracking system: how its events are signed, named and read."""

    @property
    def name(self) -> str:
        """The value of `system` in the API, and a part of the webhook's URL."""

    @property
    def fetches(self) -> bool:
        """Whether its API is asked about each event, where the connection has an API key."""

    @property
    def without_api_key(self) -> str | None:
        """What a connection without an API key lacks; None where it lacks nothing."""

    @property
    def needs(self) -> tuple[Need, ...]:
        """The events that a connection cannot do without."""

    def kind(self, body: Any) -> str | None:
        """Return the kind of an event, as `needs` names it."""

    def credential_errors(self, given: Mapping[str, Any]) -> list[FieldError]:
        """Return what is wrong with `secret`, `api_key`, `client_id` and `subdomain` together."""

    def verify_signature(self, secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
        """Tell whether the system sent this event. `headers` have lower-case names; `body` is the parsed `raw`, or None."""

    def event_id(self, headers: Mapping[str, str], body: Any) -> str | None:
        """Return the system's own id of the event; None where only an equal body is the same event."""

    @property
    def signs_event_id(self) -> bool:
        """Whether the signature covers what `event_id` returns. An id in an unsigned header can be changed by anybody."""

    def signed_part(self, body: Any) -> bytes | None:
        """Return what the signature covers where that is less than the body; None where it is the whole body."""

    def fetch(self, api_key: str, subdomain: str | None, body: Any) -> Any:
        """Ask the system's API about an event. Raises RetryableError, and Unmapped where the key is refused."""

    def read_event(self, body: Any, received_at: datetime, fetched: Any = None) -> Reading:
        """Read what an event says, from its body and what `fetch` returned. Raises Unmapped."""


_ALL: tuple[AtsSystem, ...] = (Greenhouse(), Ashby(), Workable(), Lever(), Teamtailor())
SYSTEMS: Mapping[str, AtsSystem] = {system.name: system for system in _ALL}
