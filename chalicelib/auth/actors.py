"""Who does something: a person, an API key, the operator, a hiring system, a file, a candidate, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

ActorType = Literal["person", "key", "operator", "ats", "import", "candidate", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, with the name of that time. The operator, the system and a record's own candidate have neither."""

    type: ActorType
    id: str | None = None
    name: str | None = None

    def stored(self) -> dict[str, Any]:
        """Returns the form that items hold."""
        return {"type": self.type, "id": self.id, "name": self.name}


OPERATOR = Actor("operator")
SYSTEM = Actor("system")
CANDIDATE = Actor("candidate")
"""The candidate of the record. Their name stands there already."""


def stored_actor(stored: dict[str, Any] | None) -> Actor | None:
    """Reads the form that items hold. Fields that newer code wrote are ignored."""
    return Actor(stored["type"], stored.get("id"), stored.get("name")) if stored else None
