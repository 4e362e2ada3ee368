"""`/static/{name}`: cached for a year where the URL has the content's hash, revalidated otherwise."""

from __future__ import annotations

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.errors import NotFound
from chalicelib.web import assets

CACHE_FOR_A_YEAR = "public, max-age=31536000, immutable"


def get(request: Request, name: str) -> Response:
    asset = assets.read(name)
    if asset is None:
        raise NotFound
    tag = f'"{asset.tag}"'
    cached = CACHE_FOR_A_YEAR if request.query.get("v") == [asset.tag] else "no-cache"
    headers = {"Content-Type": asset.content_type, "Cache-Control": cached, "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(304, "", headers)
    return Response(200, asset.text, headers)
