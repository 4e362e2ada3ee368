"""Unique keys: items that lead from an external id, email or phone to the candidate or application that has it.

An index would lag. A key is a keyed hash, so that nobody can read an address from it. It is created in the transaction
of its record on the condition that it does not exist: of two requests at once, one fails, reads again, and finds the
other's record.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from chalicelib.applications.candidates.items import JobItem, MatchItem
from chalicelib.config import settings
from chalicelib.rules.canonical import canonical_address, canonical_email, canonical_name, canonical_phone, spellings_of_phone
from chalicelib.storage import keys, table
from chalicelib.storage.table import Condition, Item, Key, Transaction

ExternalIds = Sequence[Mapping[str, str]]
AddressField = Literal["email", "phone"]
SHARED_MOST = 20
"""Candidates of one employer that share an address and are all compared with a new one. Agencies have more: those beyond
are found by the address with exactly their name."""

NOBODY = "-"
"""In place of the last record of an address whose list was full once: the key must stay, since it says so."""


def _keyed(*parts: str) -> str:
    return _hash(settings().hash_secret, "\x1f".join(parts))


@lru_cache(maxsize=1024)
def _hash(secret: str, text: str) -> str:
    """Hashes a text. An import asks for each key of a row about ten times."""
    return hmac.new(secret.encode(), text.encode(), sha256).hexdigest()[:32]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _key(employer_id: str, *parts: str) -> Key:
    return keys.match_pk(employer_id, _keyed(*parts)), "MATCH"


def fingerprint(field: str, value: str) -> str:
    """Returns a keyed hash by which a value is known again, and from which nobody can read it."""
    return _keyed("given", field, value)[:16]


def external_keys(employer_id: str, external_ids: ExternalIds) -> list[Key]:
    """Lists the unique keys of a candidate's external ids: each leads to one candidate."""
    return [_key(employer_id, "candidate", "external", e["system"], e["id"]) for e in external_ids]


def address_keys(employer_id: str, email: str | None, phone: str | None) -> dict[AddressField, Key]:
    """Maps a candidate's addresses to their keys. Several candidates may share an address: `record_ids` lists them."""
    found: dict[AddressField, Key] = {}
    if email:
        found["email"] = _key(employer_id, "candidate", "email", canonical_email(email))
    if phone:
        found["phone"] = _key(employer_id, "candidate", "phone", canonical_phone(phone))
    return found


def named_key(employer_id: str, field: AddressField, address: str, name: str) -> Key:
    """The key of an address with a name: for candidates who no longer fit in the list of their address."""
    return _key(employer_id, "candidate", field, canonical_address(address), canonical_name(name))


def former_phone_keys(employer_id: str, phone: str | None, name: str) -> list[Key]:
    """Lists the keys under which older versions stored a phone: with the name, in the spelling that was given."""
    spellings = spellings_of_phone(phone) if phone else ()
    return [_key(employer_id, "candidate", "phone", spelling, _folded(name)) for spelling in spellings]


def application_keys(employer_id: str, external_ids: ExternalIds) -> list[Key]:
    """Lists an application's unique keys: its external ids."""
    return [_key(employer_id, "application", e["system"], e["id"]) for e in external_ids]


def interview_keys(employer_id: str, external_ids: ExternalIds) -> list[Key]:
    """Lists an interview's unique keys: its external ids."""
    return [_key(employer_id, "interview", e["system"], e["id"]) for e in external_ids]


def job_keys(employer_id: str, candidate_id: str, job: str) -> list[Key]:
    """Keys of the item that leads to a candidate's latest application for a job title. The first is for writing.

    Older versions stored a title that is not in NFKC under another key.
    """
    pk, titles = keys.candidate_pk(employer_id, candidate_id), dict.fromkeys((folded_title(job), _folded(job)))
    return [(pk, f"JOB#{_keyed('job', title)}") for title in titles]


def job_name(job_title: str, company: str | None) -> str:
    """Returns what `job_keys` tells jobs apart by: the title, with the company in a job seeker's list. No name holds a NUL."""
    return f"{company}\0{job_title}" if company else job_title


@lru_cache(maxsize=1024)  # a request asks four times, an import for each row
def folded_title(job_title: str) -> str:
    """Returns a job title for comparison: in NFKC, case folded, white space collapsed."""
    return _folded(unicodedata.normalize("NFKC", _folded(unicodedata.normalize("NFKC", job_title))))


def first_match(keys: Iterable[Key], found: Mapping[Key, Item]) -> str | None:
    """The record that the strongest known key leads to."""
    return next((item.record_id for key in keys if isinstance(item := found.get(key), MatchItem)), None)


def record_ids(item: Item | None) -> list[str]:
    """Lists the records that a key leads to: one, or for an address all that share it."""
    return [one for one in (item.record_id, *(item.others or ())) if one != NOBODY] if isinstance(item, MatchItem) else []


def is_full(item: Item | None) -> bool:
    """Whether an address has as many candidates as its key lists."""
    return len(record_ids(item)) >= SHARED_MOST


def lists_some(item: Item | None) -> bool:
    """Whether an address may have candidates that its key does not list, who are found by `named_key`."""
    return is_full(item) or (isinstance(item, MatchItem) and bool(item.was_full))


def find(keys: Sequence[Key]) -> list[str]:
    """Reads the records that the strongest known key leads to."""
    found = table.get_many(keys)
    return next((known for key in keys if (known := record_ids(found.get(key)))), [])


def read_external_id(value: str) -> dict[str, str]:
    """Reads the `external_id` of a query. Raises ValueError."""
    system, colon, record = value.partition(":")
    if not (system and colon and record):
        raise ValueError("must be system:id, like greenhouse:265277")
    return {"system": system, "id": record}


def claim(transaction: Transaction, keys: Iterable[Key], record_id: str) -> None:
    """Creates unique keys of a record. The transaction fails where another record has one of them."""
    for pk, sk in dict.fromkeys(keys):
        transaction.create(MatchItem(pk, sk, record_id=record_id))


def release(transaction: Transaction, keys: Iterable[Key]) -> None:
    for pk, sk in dict.fromkeys(keys):
        transaction.delete(MatchItem(pk, sk))


def join(transaction: Transaction, key: Key, known: Item | None, record_id: str) -> bool:
    """Adds a record to those that share an address. `known` is the key's item as read. False where the list is full."""
    if not isinstance(known, MatchItem):
        transaction.create(MatchItem(*key, record_id=record_id))
        return True
    if record_id in record_ids(known):
        return True
    if is_full(known):
        return False
    transaction.update(MatchItem(*key), [MatchItem.others.set([*(known.others or ()), record_id])], _unchanged(known))
    return True


def leave(transaction: Transaction, key: Key, known: Item | None, record_id: str) -> None:
    """Takes a record from those that a key leads to; deletes the key with its last record."""
    rest = [one for one in record_ids(known) if one != record_id]
    if not isinstance(known, MatchItem) or record_id not in record_ids(known):
        return
    if not rest and not lists_some(known):
        transaction.delete(MatchItem(*key), _unchanged(known))
        return
    actions = [
        MatchItem.record_id.set(rest[0] if rest else NOBODY),
        MatchItem.others.set(rest[1:]) if rest[1:] else MatchItem.others.remove(),
    ]
    if lists_some(known):
        actions.append(MatchItem.was_full.set(True))
    transaction.update(MatchItem(*key), actions, _unchanged(known))


def _unchanged(known: MatchItem) -> Condition:
    same = MatchItem.others.does_not_exist() if known.others is None else MatchItem.others == known.others
    return (MatchItem.record_id == known.record_id) & same


def point_job(transaction: Transaction, key: Key, application_id: str, former: JobItem | None) -> None:
    """Makes a candidate's job title lead to this application, instead of a finished one."""
    if former is None:
        transaction.create(JobItem(*key, application_id=application_id))
    else:
        same = JobItem.application_id == former.application_id
        transaction.update(JobItem(*former.key), [JobItem.application_id.set(application_id)], same)
