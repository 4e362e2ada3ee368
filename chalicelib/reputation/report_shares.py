"""Links by which people without an account read the report: for days, until they are ended, and without names.

A link's token carries the employer's id and the link's own random id under a MAC; the link is read at every visit, so
that ending it counts at once. The token itself is stored nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from chalicelib import signing
from chalicelib.config import settings
from chalicelib.errors import Conflict
from chalicelib.key_ring import KeyRing
from chalicelib.reputation.items import ShareItem
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Transaction
from chalicelib.storage.transaction import AT_ONCE, Committer

DAYS = (7, 30, 90)
SHARES_MOST = 20
_PURPOSE = "report share"


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link shows: one employer's report, or that of one of its groups."""

    employer_id: str
    group: str | None


def create(
    employer_id: str,
    days: int,
    group: str | None,
    by: str,
    now: datetime,
    ring: KeyRing,
    *,
    committer: Committer = AT_ONCE,
) -> tuple[ShareItem, str]:
    """Make a link for so many days; return it and its token. Raises Conflict where there are too many."""
    if len(listed(employer_id, now)) >= SHARES_MOST:
        raise Conflict(f"There are {SHARES_MOST} links to this report already: end one first.", code="too_many_links")
    expires_on = (now.astimezone(UTC) + timedelta(days=days)).replace(microsecond=0)
    share_id = ids.new_id("share", now)
    item = ShareItem(
        _pk(employer_id),
        f"SHARE#{share_id}",
        id=share_id,
        group=group,
        created_by=by,
        created_at=now,
        expires_on=expires_on,
        expires_at=int(expires_on.timestamp()),
    )
    transaction = Transaction()
    transaction.create(item)
    committer.commit(transaction)
    return item, signing.sign_token(ring, _PURPOSE, f"{employer_id} {share_id}".encode(), expires_on)


def url_of(token: str) -> str:
    """Return the address of a link."""
    return f"{settings().base_url}/reports/risk?token={quote(token)}"


def shown_by(token: str, now: datetime, ring: KeyRing) -> Shared:
    """Return what a token shows. Raises signing.BadToken, or signing.Expired after its end and once it is ended."""
    employer_id, _, share_id = signing.verify_token(ring, _PURPOSE, token, now).decode().partition(" ")
    item = table.get(_pk(employer_id), f"SHARE#{share_id}")
    if not isinstance(item, ShareItem) or item.expires_on <= now:
        raise signing.Expired
    return Shared(employer_id, item.group)


def listed(employer_id: str, now: datetime) -> list[ShareItem]:
    """Return the links that work now, the newest last."""
    items = table.query(_pk(employer_id), "SHARE#")
    return [item for item in items if isinstance(item, ShareItem) and item.expires_on > now]


def end(employer_id: str, share_id: str) -> None:
    """End a link: idempotent, and of this employer's links only."""
    transaction = Transaction()
    transaction.delete(Item(_pk(employer_id), f"SHARE#{share_id}"))
    transaction.commit()


def _pk(employer_id: str) -> str:
    return f"{keys.employer_pk(employer_id)}#SHARES"
