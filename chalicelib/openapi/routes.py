"""`/openapi.json` for programs, `/docs` for people. Both for anybody: they say what the API is, not what is in it."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from hashlib import sha256

from chalice import Blueprint

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.route import route
from chalicelib.config import settings
from chalicelib.web import assets

contract = Blueprint(__name__)
_FOR_AN_HOUR = "public, max-age=3600"
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


@route(contract, "GET", "/openapi.json", public=True)
def get_openapi(request: Request) -> Response:
    text, tag = _text(settings().base_url, request.now.date())
    return Response(200, text, {"Content-Type": "application/json", "ETag": tag, "Cache-Control": _FOR_AN_HOUR})


@lru_cache(maxsize=2)
def _text(server: str, today: date) -> tuple[str, str]:
    from chalicelib.openapi.document import document  # late: every schema, and pydantic

    text = json.dumps(document(server, today), ensure_ascii=False, separators=(",", ":"))
    return text, f'"{sha256(text.encode()).hexdigest()[:20]}"'


@route(contract, "GET", "/docs", public=True)
def show_docs(request: Request) -> Response:  # noqa: ARG001
    """Redoc, from the bundle: nothing is loaded from anywhere else."""
    script = assets.path("redoc-2.5.4.js").lstrip("/")
    return Response(
        200,
        _PAGE % script,
        {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": _POLICY,
            "Cache-Control": _FOR_AN_HOUR,
            "Referrer-Policy": "no-referrer",
        },
    )
