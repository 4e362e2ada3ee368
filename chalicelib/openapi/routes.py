"""Route of `/openapi.json`. Public: it describes the API, not the data in it."""

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

openapi = Blueprint(__name__)


@route(openapi, "GET", "/openapi.json", public=True)
def get_openapi(request: Request) -> Response:
    text, tag = _text(settings().base_url, request.now.date())
    return Response(200, text, {"Content-Type": "application/json", "ETag": tag, "Cache-Control": "public, max-age=3600"})


@lru_cache(maxsize=2)
def _text(server: str, today: date) -> tuple[str, str]:
    """Return the document as JSON text, and its ETag."""
    from chalicelib.openapi.document import document  # late: it imports pydantic and every schema

    text = json.dumps(document(server, today), ensure_ascii=False, separators=(",", ":"))
    return text, f'"{sha256(text.encode()).hexdigest()[:20]}"'
