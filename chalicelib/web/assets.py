"""The files that browsers keep: named by their content in the query, so that they may be kept for a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")


@dataclass(frozen=True, slots=True)
class Asset:
    text: str
    content_type: str
    tag: str


@cache
def read(name: str) -> Asset | None:
    """A file by name; None for anything that is not one of ours."""
    kind = TYPES.get(Path(name).suffix)
    if not (kind and _NAME.fullmatch(name) and (FOLDER / name).is_file()):
        return None
    content = (FOLDER / name).read_bytes()
    return Asset(content.decode(), kind, sha256(content).hexdigest()[:16])


def path(name: str) -> str:
    """Where a page finds a file. Raises KeyError for one that is not there."""
    asset = read(name)
    if asset is None:
        raise KeyError(name)
    return f"/static/{name}?v={asset.tag}"
