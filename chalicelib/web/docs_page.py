"""The page that shows the OpenAPI document to people, drawn by Redoc from our own static files."""

from __future__ import annotations

from chalicelib.api.response import Response
from chalicelib.web import assets

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Heardback API</title>
</head>
<body>
<noscript><p>The API is described in <a href="openapi.json">openapi.json</a>; this page draws it with a script.</p></noscript>
<redoc spec-url="openapi.json" disable-google-font hide-download-button="false"></redoc>
<script src="%s"></script>
</body>
</html>
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
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
    return Response(200, _PAGE % assets.path("redoc-2.5.4.js").lstrip("/"), dict(_HEADERS))
