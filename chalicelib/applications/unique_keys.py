"""Which record a person or an application is already: unique key items in the table, since an index lags.

A key is a keyed hash (nobody reads an address from it) and an item of its own, put with `attribute_not_exists` in the same
transaction as the record: of two quick posts one loses, reads again, and finds the other's record.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from chalicelib.applications.items import JobItem, MatchItem
from chalicelib.config import settings
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, Transaction

ExternalIds = Sequence[Mapping[str, str]]


def _keyed(*parts: str) -> str:
    return hmac.new(settings().secret.encode(), "\x1f".join(parts).encode(), sha256).hexdigest()[:32]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def candidate_keys(employer_id: str, *, name: str, email: str | None, phone: str | None, external_ids: ExternalIds) -> list[Key]:
    """The unique keys of a person, strongest first. A phone counts only together with the name: households share one."""
    digests = [_keyed("candidate", "external", e["system"], e["id"]) for e in external_ids]
    digests += [_keyed("candidate", "email", email.casefold())] if email else []
    digests += [_keyed("candidate", "phone", phone, _folded(name))] if phone else []
    return [(keys.match_pk(employer_id, digest), "MATCH") for digest in digests]


def application_keys(employer_id: str, external_ids: ExternalIds) -> list[Key]:
    """The unique keys of an application: its ids in other systems."""
    return [(keys.match_pk(employer_id, _keyed("application", e["system"], e["id"])), "MATCH") for e in external_ids]


def job_key(employer_id: str, candidate_id: str, job_title: str) -> Key:
    """Where a candidate's latest application for a job title is found."""
    return keys.candidate_pk(employer_id, candidate_id), f"JOB#{_keyed('job', _folded(job_title))}"


def first_match(keys: Iterable[Key], found: Mapping[Key, Item]) -> str | None:
    """The record that the strongest known key leads to."""
    return next((item.record_id for key in keys if isinstance(item := found.get(key), MatchItem)), None)


def find(keys: Sequence[Key]) -> list[str]:
    """Reads the record that the strongest known key leads to: one id, or none."""
    known = first_match(keys, table.get_many(keys))
    return [known] if known else []


def read_external_id(value: str) -> dict[str, str]:
    """Reads the `external_id` of a query. Raises ValueError."""
    system, colon, record = value.partition(":")
    if not (system and colon and record):
        raise ValueError("must be system:id, like greenhouse:265277")
    return {"system": system, "id": record}


def claim(transaction: Transaction, keys: Iterable[Key], record_id: str) -> None:
    """Puts the unique keys of a record: the transaction fails where another record has one."""
    for pk, sk in dict.fromkeys(keys):
        transaction.create(MatchItem(pk, sk, record_id=record_id))


def release(transaction: Transaction, keys: Iterable[Key]) -> None:
    for pk, sk in dict.fromkeys(keys):
        transaction.delete(MatchItem(pk, sk))


def point_job(transaction: Transaction, key: Key, application_id: str, former: JobItem | None) -> None:
    """Makes a candidate's job title lead to this application, in place of a finished one."""
    if former is None:
        transaction.create(JobItem(*key, application_id=application_id))
    else:
        transaction.update(
            JobItem(*key), [JobItem.application_id.set(application_id)], JobItem.application_id == former.application_id
        )
