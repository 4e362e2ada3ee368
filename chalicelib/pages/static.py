"""`/static/{name}`: kept by browsers for a year under its content's name, asked for again otherwise."""

from __future__ import annotations

from chalicelib.access.call import Call, Reply
from chalicelib.errors import NotFound
from chalicelib.web import assets

YEAR = "public, max-age=31536000, immutable"


def get(call: Call, name: str) -> Reply:
    asset = assets.read(name)
    if asset is None:
        raise NotFound
    tag = f'"{asset.tag}"'
    kept = YEAR if call.query.get("v") == [asset.tag] else "no-cache"
    headers = {"Content-Type": asset.content_type, "Cache-Control": kept, "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if tag in [one.strip().removeprefix("W/") for one in call.headers.get("if-none-match", "").split(",")]:
        return Reply(304, "", headers)
    return Reply(200, asset.text, headers)
