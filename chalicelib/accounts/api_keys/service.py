"""Creates, lists and revokes API keys. A secret is shown once and stored as its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.applications.employers import limits
from chalicelib.auth import audit_log
from chalicelib.auth.actors import Actor
from chalicelib.auth.api_keys import KeyItem, KeyListItem, allows, api_key_key, new_token
from chalicelib.auth.audit_log import NOBODY, About, Origin
from chalicelib.auth.employers import EmployerItem, limits_of
from chalicelib.errors import ConditionFailed, Conflict, FieldError, Forbidden, NotFound, Unauthenticated, Unprocessable
from chalicelib.rules.model import SCOPES
from chalicelib.storage.ids import is_id, new_id
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import TRANSACTION_MOST, Item, Key, Transaction, get, query
from chalicelib.storage.transaction import AT_ONCE, Committer

_TRIES = 8


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a new key may do, until when, and who makes it."""

    scopes: Iterable[str]
    created_by: Actor
    name: str | None = None
    ends_at: datetime | None = None
    place: str | None = None
    """The network of who makes it, for the audit log."""


def check_grant(new: NewKey, held: Iterable[str], creator: KeyItem | None = None) -> None:
    """Checks that nobody grants more than they have: neither a scope nor a later end. Raises Forbidden, Unprocessable."""
    held = frozenset(held)
    lacking = [
        FieldError(f"/scopes/{place}", f"{scope!r} is not a scope of the key that makes this one")
        for place, scope in enumerate(new.scopes)
        if not allows(held, scope)
    ]
    if lacking:
        raise Forbidden("A key makes keys only with scopes that it has itself.", code="missing_scope", errors=lacking)
    if creator and creator.ends_at and (new.ends_at is None or new.ends_at > creator.ends_at):
        last = f"{creator.ends_at:%Y-%m-%dT%H:%M:%SZ}"
        raise Unprocessable(errors=[FieldError("/expires_at", f"must be {last} or before, when the key that makes it expires")])


def create(employer_id: str, new: NewKey, now: datetime, *, committer: Committer = AT_ONCE) -> tuple[KeyItem, str]:
    """Creates a key; returns it with the token to show once.

    Raises Unprocessable where there is no such employer or its limit of keys is reached, Unauthenticated where the key that
    makes it was revoked meanwhile.
    """
    owner = get(employer_pk(employer_id), "EMP")
    if not isinstance(owner, EmployerItem) or owner.seeker is not None:
        raise Unprocessable(errors=[FieldError("/employer_id", "names no employer")])
    most = limits_of(owner).api_keys
    key, token = _new_item(employer_id, new, now)
    creator = api_key_key(employer_id, new.created_by.id or "") if new.created_by.type == "key" else None
    for _ in range(_TRIES):
        found = query(employer_pk(employer_id), "KEY")  # the keys and the KeyListItem
        active = sum(item.is_active(now) for item in found if isinstance(item, KeyItem))
        limits.check_count("api_keys", active, most, "active keys")
        try:
            transaction = _creation(key, creator, found)
            origin, about = Origin(new.created_by, new.place), About("key", key.id, key.name)
            audit_log.note(transaction, employer_id, "key_created", origin, now, about=about, fields=key.scopes)
            committer.commit(transaction)
        except ConditionFailed as error:
            _raise_unless_list_changed(error, key.PK, creator)
        else:
            return key, token
    raise Conflict("Others make keys at the same time; try again.", code="concurrent_change")


def _new_item(employer_id: str, new: NewKey, now: datetime) -> tuple[KeyItem, str]:
    wanted = set(new.scopes)
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
        name=new.name,
        ends_at=new.ends_at,
        created_by=new.created_by.stored(),
    )
    return key, token


def _creation(key: KeyItem, creator: Key | None, found: Iterable[Item]) -> Transaction:
    transaction = Transaction()
    transaction.check(EmployerItem(PK=key.PK, SK="EMP"), EmployerItem.PK.exists())
    if creator:
        transaction.check(KeyItem(*creator), KeyItem.PK.exists() & KeyItem.revoked_at.does_not_exist())
    transaction.create(key)
    known = next((item for item in found if isinstance(item, KeyListItem)), None)
    if known:
        revision = [KeyListItem.revision.set(int(known.revision) + 1)]
        transaction.update(KeyListItem(*known.key), revision, KeyListItem.revision == int(known.revision))
    else:
        transaction.create(KeyListItem(PK=key.PK, SK="KEYS", revision=1))
    return transaction


def _raise_unless_list_changed(error: ConditionFailed, pk: str, creator: Key | None) -> None:
    if (pk, "EMP") in error.failed:
        raise Unprocessable(errors=[FieldError("/employer_id", "names no employer")]) from None
    if creator in error.failed:
        raise Unauthenticated from None


def of_employer(employer_id: str) -> list[KeyItem]:
    """Lists all keys of an employer, revoked ones included, newest first."""
    return [item for item in query(employer_pk(employer_id), "KEY#") if isinstance(item, KeyItem)][::-1]


def read(employer_id: str, key_id: str) -> KeyItem:
    """Reads a key. Raises NotFound."""
    key = get(*api_key_key(employer_id, key_id)) if is_id(employer_id, "emp") and is_id(key_id, "key") else None
    if not isinstance(key, KeyItem):
        raise NotFound
    return key


def revoke(employer_id: str, key_id: str, now: datetime, *, descendants: bool = False, origin: Origin = NOBODY) -> None:
    """Revokes a key, with effect at once; with `descendants` also all keys that it made, and that those made.

    Raises NotFound, also where nothing is left to revoke.
    """
    key = read(employer_id, key_id)
    if key.revoked_at is not None and not descendants:
        raise NotFound
    is_over = key.revoked_at is not None
    _revoke([key], now, origin)
    for _ in range(_TRIES if descendants else 0):  # again: one of them may have made a key until it was revoked
        left = [one for one in _made_by(key, of_employer(employer_id)) if one.revoked_at is None]
        if not left:
            break
        is_over = False
        _revoke(left, now, origin)
    if is_over:
        raise NotFound


def _revoke(keys: list[KeyItem], now: datetime, origin: Origin) -> None:
    left = [key for key in keys if key.revoked_at is None]
    for begin in range(0, len(left), TRANSACTION_MOST // 2):
        transaction = Transaction()
        for key in left[begin : begin + TRANSACTION_MOST // 2]:
            transaction.update(KeyItem(*key.key), [KeyItem.revoked_at.set(now)], KeyItem.PK.exists())
            about = About("key", key.id, key.name)
            audit_log.note(transaction, key.employer_id, "key_revoked", origin, now, about=about)
        transaction.commit()


def _made_by(root: KeyItem, keys: list[KeyItem]) -> list[KeyItem]:
    """Returns the keys that a key made, and those that they made, and so on."""
    by_creator: dict[str, list[KeyItem]] = {}
    for key in keys:
        if key.created_by and key.created_by["type"] == "key":
            by_creator.setdefault(key.created_by["id"], []).append(key)
    found, generation = [], [root]
    while generation:
        generation = [made for key in generation for made in by_creator.pop(key.id, [])]
        found += generation
    return found
