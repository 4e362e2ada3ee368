"""Static files. Their URLs carry a hash of the content, so that browsers may keep them for a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from chalicelib.rules.copy import palette

FOLDER = Path(__file__).parent / "static"
STYLE_SHEET = "heardback.css"
"""Ours; it begins with the palette, which emails share."""
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")


@dataclass(frozen=True, slots=True)
class Asset:
    text: str
    content_type: str
    tag: str


@cache
def read(name: str) -> Asset | None:
    """Return a file by name; None where there is no such file."""
    kind = TYPES.get(Path(name).suffix)
    if not (kind and _NAME.fullmatch(name) and (FOLDER / name).is_file()):
        return None
    content = (FOLDER / name).read_bytes()
    if name == STYLE_SHEET:
        content = palette.as_css().encode() + content
    return Asset(content.decode(), kind, sha256(content).hexdigest()[:16])


def path(name: str) -> str:
    """Return the URL path of a file. Raises KeyError where there is no such file."""
    asset = read(name)
    if asset is None:
        raise KeyError(name)
    return f"/static/{name}?v={asset.tag}"
