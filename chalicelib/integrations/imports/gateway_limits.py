"""Refuses what API Gateway and Lambda spoil or do not take, also where neither is there: a file works everywhere or nowhere.

The gateway reads every text body as UTF-8, and replaces what is none. It hands over binary bodies as base64, a third longer, and
Lambda takes 6 MB.
"""

from __future__ import annotations

from chalicelib.errors import BadRequest, TooLarge, UnsupportedMediaType

BINARY_MOST = 4 * 1024 * 1024
_REPLACEMENT = "\ufffd".encode()
_ANYTHING = "Send the file as application/octet-stream, which arrives as it is."


def check_transport(content_type: str, body: bytes) -> None:
    """Raises where a text body has lost letters or declares another encoding than UTF-8, and where a binary one is too long."""
    kind, _, rest = content_type.partition(";")
    if not kind.strip().lower().startswith("text/"):
        if len(body) > BINARY_MOST:
            raise TooLarge("A file to import has at most 4 MB, and 5 MB as text/csv in UTF-8.")
        return
    charset = next((part.partition("=")[2] for part in rest.split(";") if part.strip().lower().startswith("charset=")), "")
    if charset.strip(" \"'").lower() not in ("", "utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"Text arrives only as UTF-8, not as {charset.strip()}. {_ANYTHING}")
    if _REPLACEMENT in body:
        detail = f"Letters of this file were lost on its way (U+FFFD), because it is not UTF-8. {_ANYTHING}"
        raise BadRequest(detail, code="lost_letters")
