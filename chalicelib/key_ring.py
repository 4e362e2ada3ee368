"""Our own secrets: one for each use, in numbered versions, so that one is replaced while what the others made still counts.

    sign   makes links, cursors, cookies and form tokens: all that a person or client hands back to us
    lock   encrypts other people's secrets, and responses kept for Idempotency-Key
    hash   keys the hashes under which addresses, opt-outs and people are found: never replaced, since nothing could be found

Only the first version of a ring makes; each of them reads. docs/operations.md says how one is replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Use = Literal["sign", "lock", "hash"]
USES: tuple[Use, ...] = get_args(Use)
SECRET_AT_LEAST = 32
VERSION_MOST = 255
FORMER = 0
"""The version of HEARDBACK_SECRET, which served all uses before they had secrets of their own."""
_ENTRY = re.compile(r"([0-9]{1,3}):(\S+)", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """(version, secret) pairs. The first one makes."""

    versions: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, secret: str, version: int = FORMER) -> KeyRing:
        """Makes a ring of one secret. Raises ValueError where it is too short."""
        if len(secret) < SECRET_AT_LEAST:
            raise ValueError(f"is shorter than {SECRET_AT_LEAST} characters")
        return cls(((version, secret),))

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Reads `2:<secret> 1:<secret>`. Raises ValueError."""
        entries = [_ENTRY.fullmatch(part) for part in text.split()]
        found = [(int(entry[1]), entry[2]) for entry in entries if entry]
        versions = [version for version, _ in found]
        if not found or len(found) < len(entries) or len(set(versions)) < len(versions) or max(versions) > VERSION_MOST:
            raise ValueError("is not a list of versions with secrets, like 2:<secret> 1:<secret>")
        if min(len(secret) for _, secret in found) < SECRET_AT_LEAST:
            raise ValueError(f"has a secret shorter than {SECRET_AT_LEAST} characters")
        return cls(tuple(found))

    def __str__(self) -> str:
        """Names the versions and no secret, for logs."""
        return f"versions {', '.join(str(version) for version, _ in self.versions)}"

    __repr__ = __str__

    @property
    def text(self) -> str:
        """The form that `parse` reads."""
        return " ".join(f"{version}:{secret}" for version, secret in self.versions)

    @property
    def current(self) -> tuple[int, str]:
        """The version that makes."""
        return self.versions[0]

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that read, the one that makes first."""
        return tuple(secret for _, secret in self.versions)

    def secret(self, version: int) -> str | None:
        """Returns the secret of a version, or None where it is not in the ring."""
        return dict(self.versions).get(version)
