"""An employer's own addresses, the only ones that get messages on trial. Verified by a mailed link, or by the operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chalicelib.auth import audit_log
from chalicelib.auth.audit_log import NOBODY, About, Origin, What
from chalicelib.auth.employers import EmployerItem
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, Conflict, NotFound, Unavailable
from chalicelib.rules.canonical import canonical_address
from chalicelib.signing import BadToken, sign_token, verify_token
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

ADDRESSES_MOST = 20
LINK_LASTS = timedelta(days=2)
_PURPOSE = "verify address"
_TRIES = 5
Entry = dict[str, Any]


def add(
    employer_id: str,
    channel: str,
    address: str,
    now: datetime,
    *,
    verified_by: str | None = None,
    committer: Committer = AT_ONCE,
    origin: Origin = NOBODY,
) -> Entry:
    """Adds an address; `verified_by` verifies it at once. Idempotent. Raises NotFound, Conflict."""

    def change(entries: list[Entry]) -> Entry:
        known = _find(entries, address)
        if known is None:
            if len(entries) >= ADDRESSES_MOST:
                raise Conflict(f"An employer can have at most {ADDRESSES_MOST} addresses of its own.", code="too_many_addresses")
            known = {
                "channel": channel,
                "address": address,
                "added_at": stored_instant(now),
                "verified_at": None,
                "verified_by": None,
            }
            entries.append(known)
        if verified_by and not known["verified_at"]:
            known |= {"verified_at": stored_instant(now), "verified_by": verified_by}
        return known

    what: What = "own_address_verified" if verified_by else "own_address_added"
    return _update(employer_id, change, now, committer, what, origin)


def verify(employer_id: str, address: str, now: datetime, *, origin: Origin = NOBODY) -> Entry:
    """Verifies an address by its link. Raises NotFound where it was removed meanwhile."""

    def change(entries: list[Entry]) -> Entry:
        known = _find(entries, address)
        if known is None:
            raise NotFound
        if not known["verified_at"]:
            known |= {"verified_at": stored_instant(now), "verified_by": "link"}
        return known

    return _update(employer_id, change, now, AT_ONCE, "own_address_verified", origin)


def remove(employer_id: str, address: str, now: datetime, *, committer: Committer = AT_ONCE, origin: Origin = NOBODY) -> None:
    """Removes an address. Idempotent."""

    def change(entries: list[Entry]) -> Entry:
        entries[:] = [entry for entry in entries if not _is_same(entry, address)]
        return {}

    _update(employer_id, change, now, committer, "own_address_removed", origin)


def token(employer_id: str, address: str, now: datetime) -> str:
    return sign_token(settings().sign, _PURPOSE, f"{employer_id} {address}".encode(), now + LINK_LASTS)


def read_token(text: str, now: datetime) -> tuple[str, str]:
    """Reads a token: (employer id, address). Raises BadToken, Expired."""
    employer_id, _, address = verify_token(settings().sign, _PURPOSE, text, now).decode().partition(" ")
    if not ids.is_id(employer_id, "emp"):
        raise BadToken
    return employer_id, address


def _about(before: list[Entry], after: list[Entry]) -> About:
    """The address that changed."""
    changed = [entry for entry in (*before, *after) if entry not in before or entry not in after]
    return About("own_address", changed[0]["channel"], changed[0]["address"])


def _find(entries: list[Entry], address: str) -> Entry | None:
    return next((entry for entry in entries if _is_same(entry, address)), None)


def _is_same(entry: Entry, address: str) -> bool:
    return canonical_address(entry["address"]) == canonical_address(address)


def _update(
    employer_id: str,
    change: Callable[[list[Entry]], Entry],
    now: datetime,
    committer: Committer,
    what: What,
    origin: Origin,
) -> Entry:
    for _ in range(_TRIES):
        item = table.get(keys.employer_pk(employer_id), "EMP")
        if not isinstance(item, EmployerItem) or item.seeker is not None:  # a seeker's addresses are confirmed by themselves
            raise NotFound
        before = item.addresses or []
        entries = [dict(entry) for entry in before]
        result = change(entries)
        if entries == before:
            return result
        transaction = Transaction()
        transaction.update(
            EmployerItem(*item.key),
            [EmployerItem.addresses.set(entries), EmployerItem.updated_at.set(now), EmployerItem.revision.set(item.revision + 1)],
            EmployerItem.revision == item.revision,
        )
        audit_log.note(transaction, employer_id, what, origin, now, about=_about(before, entries))
        try:
            committer.commit(transaction)
            return result
        except ConditionFailed:
            continue
    raise Unavailable
