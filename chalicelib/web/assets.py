"""Static files. Their URLs carry a hash of the content, so that browsers may keep them for a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from chalicelib.rules.copy import palette

FOLDER = Path(__file__).parent / "static"
STYLE_SHEET, DOCS_STYLE_SHEET = "heardback.css", "docs.css"
"""Ours; they begin with the palette, which emails share."""
REDOC = "redoc-2.5.4.js"
_FOREIGN_LOGO, _NO_IMAGE = b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"data:,"
"""Redoc's footer asks another site for a logo, which no option turns off. It shows no logo where the image does not load."""
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
    if name in (STYLE_SHEET, DOCS_STYLE_SHEET):
        content = palette.as_css().encode() + content
    elif name == REDOC:
        content = content.replace(_FOREIGN_LOGO, _NO_IMAGE)
    return Asset(content.decode(), kind, sha256(content).hexdigest()[:16])


def path(name: str) -> str:
    """Return the URL path of a file. Raises KeyError where there is no such file."""
    asset = read(name)
    if asset is None:
        raise KeyError(name)
    return f"/static/{name}?v={asset.tag}"
