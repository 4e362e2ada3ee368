"""What API Gateway does to requests and responses on their way to Lambda and back, so that it is seen on one machine."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.errors import BadRequest, TooLarge

BODY_AT_MOST = 10 * 1024 * 1024
"""API Gateway's limit for the body of a request."""
EVENT_AT_MOST = 6 * 1024 * 1024
"""Lambda's, for the event, in which a binary body is base64."""
COMPRESSED_FROM = 1024
"""`MinimumCompressionSize` of infra/resources.yaml."""
EVERYTHING = "*/*"
"""The binary types of infra/resources.yaml."""
_WINDOW_BITS = {"gzip": 31, "deflate": 15}
"""The codings of a request's body that API Gateway undoes, as zlib names them."""
_REMAPPED = {"www-authenticate": "x-amzn-Remapped-WWW-Authenticate"}


def body_for_lambda(body: bytes | None, headers: dict[str, str], binary_types: Iterable[str]) -> bytes | None:
    """Returns the body as a function sees it. Raises TooLarge, BadRequest.

    A compressed one is unpacked. Unless its type is listed as binary it is text, and what is no UTF-8 in it is lost.
    """
    if not body:
        return body
    lower = {name.lower(): name for name in headers}
    coding = headers.get(lower.get("content-encoding", ""), "").strip().lower()
    if coding in _WINDOW_BITS:
        body = _unpacked(body, coding)
        del headers[lower["content-encoding"]]
        headers[lower.get("content-length", "Content-Length")] = str(len(body))
    kind = headers.get(lower.get("content-type", ""), "").partition(";")[0].strip().lower()
    listed = {one.lower() for one in binary_types}
    is_binary = kind in listed or EVERYTHING in listed
    if (len(body) * 4 / 3 if is_binary else len(body)) > EVENT_AT_MOST:
        raise TooLarge
    return body if is_binary else body.decode("utf-8", "replace").encode()


def _unpacked(body: bytes, coding: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=_WINDOW_BITS[coding])
    try:
        found = unpacker.decompress(body, BODY_AT_MOST + 1)
    except zlib.error:
        raise BadRequest(f"The body is not {coding}, as its Content-Encoding says.") from None
    if len(found) > BODY_AT_MOST:
        raise TooLarge
    return found


def accepts_gzip(accepted: str) -> bool:
    """Returns whether Accept-Encoding takes gzip. A quality of 0 is a refusal, `gzip` counts before `*` (RFC 9110)."""
    takes: dict[str, bool] = {}
    for one in accepted.lower().split(","):
        coding, *parameters = (part.strip() for part in one.split(";"))
        takes[coding] = not any(re.fullmatch(r"q=0(\.0{0,3})?", part) for part in parameters)
    return takes.get("gzip", takes.get("*", False))


def for_client(headers: Mapping[str, Any], body: bytes, accepted: str) -> tuple[dict[str, Any], bytes]:
    """Returns headers and body as a client sees them: some names changed, a long body compressed where gzip is accepted."""
    renamed = {_REMAPPED.get(name.lower(), name): value for name, value in headers.items()}
    if not accepts_gzip(accepted) or len(body) < COMPRESSED_FROM or any(name.lower() == "content-encoding" for name in renamed):
        return renamed, body
    return {**renamed, "Content-Encoding": "gzip"}, gzip.compress(body, 6, mtime=0)
