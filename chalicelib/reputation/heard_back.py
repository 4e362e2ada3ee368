"""The published heard-back rate of an employer that takes part: joining, leaving, the figures of the day, the signature.

The figures are computed at joining and by the nightly job, and stored. So a visit of the public page reads one item,
however often a badge is shown. Leaving is shown for good: the item stays, with the day.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from chalicelib import encryption
from chalicelib.api.json_text import instant
from chalicelib.applications import tally_items
from chalicelib.errors import ConditionFailed, Conflict, NotFound
from chalicelib.key_ring import KeyRing
from chalicelib.reputation.items import RateItem
from chalicelib.rules.employer import Employer
from chalicelib.rules.risk.heard_back import heard_back_rate
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Transaction

Json = dict[str, Any]
ALGORITHM = "Ed25519"
_PURPOSE = "heard-back rate"


def join(employer: Employer, now: datetime) -> RateItem:
    """Take part from now on. Raises Conflict for an employer on trial or suspended: nobody has checked who it is."""
    if employer.trial or employer.suspended:
        raise Conflict("Only employers off trial can publish a rate.", code="on_trial")
    known, transaction = find(employer.id), Transaction()
    if known and known.left_at is None:
        return known
    item = known or RateItem(_key(employer.id), "RATE", joined_at=now)
    figures = _figures(employer, now)
    if known:
        actions = [RateItem.joined_at.set(now), RateItem.left_at.remove(), RateItem.figures.set(figures)]
        transaction.update(item, actions, Item.PK.exists())
    else:
        item.figures = figures
        transaction.create(item)
    transaction.commit()
    return find(employer.id) or item


def leave(employer_id: str, now: datetime) -> None:
    """Take part no longer. Idempotent. The public page says since when."""
    known = find(employer_id)
    if known is None or known.left_at is not None:
        return
    transaction = Transaction()
    transaction.update(known, [RateItem.left_at.set(now)], RateItem.left_at.does_not_exist())
    try:
        transaction.commit()
    except ConditionFailed:
        return  # another press was first


def refresh(employer: Employer, now: datetime) -> None:
    """Compute the figures of the day again, for an employer that takes part."""
    known = find(employer.id)
    if known is None or known.left_at is not None:
        return
    transaction = Transaction()
    transaction.update(known, [RateItem.figures.set(_figures(employer, now))], RateItem.left_at.does_not_exist())
    try:
        transaction.commit()
    except ConditionFailed:
        return  # left meanwhile


def find(employer_id: str) -> RateItem | None:
    """Read an employer's participation, present or past."""
    item = table.get(_key(employer_id), "RATE")
    return item if isinstance(item, RateItem) else None


def read(employer_id: str) -> RateItem:
    """Read it. Raises NotFound for an employer that never took part."""
    item = find(employer_id)
    if item is None:
        raise NotFound
    return item


def statement(employer_id: str, item: RateItem) -> Json:
    """Return what is signed: the figures of the day, or that the employer has left."""
    told: Json = {
        "programme": "heard-back rate",
        "employer_id": employer_id,
        "employer": item.figures["employer"],
        "joined_on": item.joined_at.date().isoformat(),
        "left_on": item.left_at.date().isoformat() if item.left_at else None,
    }
    figures = {name: value for name, value in item.figures.items() if name != "employer"}
    return {**told, **(figures if item.left_at is None else dict.fromkeys(figures))}


def signed(told: Json, ring: KeyRing) -> Json:
    """Return a statement with its signature: Ed25519 over the UTF-8 bytes of `statement`, keys sorted, without white space."""
    version, secret = ring.current
    signature = encryption.sign_publicly(secret, _PURPOSE, canonical(told))
    return {"statement": told, "signature": _text(signature), "algorithm": ALGORITHM, "key_id": str(version)}


def public_keys(ring: KeyRing) -> Json:
    """Return the public key of every version of the ring, the current first."""
    versions = [
        {"key_id": str(version), "algorithm": ALGORITHM, "public_key": _text(encryption.public_key(secret, _PURPOSE))}
        for version, secret in ring.versions
    ]
    return {"keys": versions}


def canonical(told: Json) -> bytes:
    """Return the bytes that are signed."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _figures(employer: Employer, now: datetime) -> Json:
    rate = asdict(heard_back_rate(tally_items.read(employer.id, now), now))
    return {**rate, "as_of": instant(now.astimezone(UTC)), "employer": employer.name}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _key(employer_id: str) -> str:
    return keys.employer_pk(employer_id)
