"""The page that shows the OpenAPI document to people, drawn by Redoc from our own static files, in our own colours."""

from __future__ import annotations

import json
from html import escape

from chalicelib import __version__
from chalicelib.api.response import Response
from chalicelib.rules.copy import palette
from chalicelib.web import assets

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API reference · Heardback</title>
<link rel="icon" href="{mark}" type="image/svg+xml">
<link rel="stylesheet" href="{style}">
</head>
<body>
<header class="docs-bar">
<p><img src="{mark}" alt=""><strong>Heardback API</strong> <small>Version {version}</small></p>
<nav aria-label="Pages"><a href=".">Back to Heardback</a><a href="openapi.json">OpenAPI document</a></nav>
</header>
<noscript><p>The API is described in <a href="openapi.json">openapi.json</a>; this page draws it with a script.</p></noscript>
<main id="reference" data-source="openapi.json" data-palette="{palette}"></main>
<script src="{redoc}"></script>
<script src="{script}"></script>
</body>
</html>
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "public, max-age=3600",
    "Referrer-Policy": "no-referrer",
}


def show() -> Response:
    """GET /docs"""
    colours = {"light": dict(palette.LIGHT), "dark": dict(palette.DARK), "font": palette.FONT}
    body = _PAGE.format(
        mark=_relative("mark.svg"),
        style=_relative(assets.DOCS_STYLE_SHEET),
        redoc=_relative(assets.REDOC),
        script=_relative("docs.js"),
        version=__version__,
        palette=escape(json.dumps(colours)),
    )
    return Response(200, body, dict(_HEADERS))


def _relative(name: str) -> str:
    return assets.path(name).lstrip("/")
