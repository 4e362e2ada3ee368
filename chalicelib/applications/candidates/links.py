"""Links to a candidate's own page: signed, valid for sixty days, opaque, and short enough for a text message.

A token names no person. It holds its last day, the millisecond in which the employer's id was made, and the random
80 bits of the application's id, under a MAC over both whole ids. Nothing is stored for a link, and a text stays one
segment.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.items import InterviewItem
from chalicelib.config import settings
from chalicelib.signing import BadToken, Expired
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item

LINK_LASTS = timedelta(days=60)
TOKEN_LENGTH = 32
_MAC_BYTES = 6
"""48 bits: each guess costs a request, and the application's 80 random bits must be known first."""
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_TIME_LETTERS = 10


def url(employer_id: str, application_id: str, now: datetime) -> str:
    return f"{settings().base_url}/f/{token(employer_id, application_id, now)}"


def token(employer_id: str, application_id: str, now: datetime) -> str:
    """Makes a token of 32 letters, the same for all messages of one day about one application."""
    last_day = ((now + LINK_LASTS) - _EPOCH).days
    time = ids.from_base32(employer_id.partition("_")[2][:_TIME_LETTERS])
    body = last_day.to_bytes(2) + time.to_bytes(6) + ids.from_base32(ids.tail(application_id)).to_bytes(10)
    return base64.urlsafe_b64encode(_mac(settings().sign.current[1], body, employer_id) + body).decode()


def read(text: str, now: datetime) -> tuple[str, ApplicationCase]:
    """Reads what a token leads to: (employer's id, case). Raises BadToken, Expired."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True) if len(text) == TOKEN_LENGTH and text.isascii() else b""
    except binascii.Error:
        raise BadToken from None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if len(body) != 18:
        raise BadToken
    employer_id = next((one for one in _made_at(int.from_bytes(body[2:8])) if _is_genuine(mac, body, one)), None)
    if employer_id is None:
        raise BadToken
    if (now - _EPOCH).days > int.from_bytes(body[:2]):
        raise Expired
    case = ApplicationCase.read(employer_id, ids.to_base32(int.from_bytes(body[8:]), 16))
    if case is None:
        raise Expired  # erased
    return employer_id, case


def made_on(text: str) -> date:
    """Returns the UTC day on which a token was made that `read` has read: all messages of that day carry the same."""
    last_day = int.from_bytes(base64.urlsafe_b64decode(text)[_MAC_BYTES : _MAC_BYTES + 2])
    return (_EPOCH + timedelta(days=last_day) - LINK_LASTS).date()


def asked_about(case: ApplicationCase, now: datetime) -> InterviewItem | None:
    """Returns the interview that a candidate's page asks about: the last one that has ended, else the next one."""
    scheduled = [one for one in case.interviews.values() if one.status == "scheduled"]
    held = [one for one in scheduled if one.end_at <= now]
    if held:
        return max(held, key=lambda one: one.end_at)
    return min(scheduled, key=lambda one: one.end_at, default=None)


def _made_at(time: int) -> Iterator[str]:
    """Yields the employers, then the job seekers, made in a millisecond. Of several, the MAC tells which is meant."""
    begin = Item.list_at.startswith(f"emp_{ids.to_base32(time, _TIME_LETTERS)}")
    for listed in (keys.list_key("operator", "EMP"), keys.list_key("seekers", "EMP")):
        rows, _ = table.query_index("listing", listed, begin, limit=10)
        yield from (row["list_at"]["S"] for row in rows)


def _is_genuine(mac: bytes, body: bytes, employer_id: str) -> bool:
    return any(hmac.compare_digest(mac, _mac(secret, body, employer_id)) for secret in settings().sign.secrets)


def _mac(secret: str, body: bytes, employer_id: str) -> bytes:
    key = hmac.digest(secret.encode(), b"candidate link", "sha256")
    return hmac.digest(key, body + employer_id.encode(), "sha256")[:_MAC_BYTES]
