"""Creates, lists and revokes API keys. A secret is shown once and stored as its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chalicelib.auth.api_keys import KeyItem, api_key_key, new_token
from chalicelib.auth.employers import EmployerItem
from chalicelib.errors import ConditionFailed, FieldError, NotFound, Unprocessable
from chalicelib.rules.model import SCOPES
from chalicelib.storage.ids import is_id, new_id
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Transaction, get, query
from chalicelib.storage.transaction import AT_ONCE, Committer


def create(employer_id: str, scopes: Iterable[str], now: datetime, *, committer: Committer = AT_ONCE) -> tuple[KeyItem, str]:
    """Creates a key; returns it with the token to show once. Raises Unprocessable where there is no such employer."""
    wanted = set(scopes)
    key_id = new_id("key", now)
    token, secret_sha256 = new_token(employer_id, key_id)
    pk, sk = api_key_key(employer_id, key_id)
    key = KeyItem(
        PK=pk,
        SK=sk,
        id=key_id,
        employer_id=employer_id,
        secret_sha256=secret_sha256,
        created_at=now,
        scopes=[scope for scope in SCOPES if scope in wanted],
    )
    transaction = Transaction()
    transaction.check(EmployerItem(PK=pk, SK="EMP"), EmployerItem.PK.exists())
    transaction.create(key)
    try:
        committer.commit(transaction)
    except ConditionFailed:
        raise Unprocessable(errors=[FieldError("/employer_id", "names no employer")]) from None
    return key, token


def of_employer(employer_id: str) -> list[KeyItem]:
    """Lists all keys of an employer, revoked ones included, newest first."""
    return [item for item in query(employer_pk(employer_id), "KEY#") if isinstance(item, KeyItem)][::-1]


def read(employer_id: str, key_id: str) -> KeyItem:
    """Reads a key. Raises NotFound."""
    key = get(*api_key_key(employer_id, key_id)) if is_id(employer_id, "emp") and is_id(key_id, "key") else None
    if not isinstance(key, KeyItem):
        raise NotFound
    return key


def revoke(employer_id: str, key_id: str, now: datetime) -> None:
    """Revokes a key, with effect at once. Revoking it again changes nothing. Raises NotFound."""
    key = read(employer_id, key_id)
    if key.revoked_at is None:
        transaction = Transaction()
        transaction.update(key, [KeyItem.revoked_at.set(now)], KeyItem.PK.exists())
        transaction.commit()
