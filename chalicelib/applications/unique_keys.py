"""Unique keys: items that lead from an external id, email or phone to the candidate or application that has it.

An index would lag. A key is a keyed hash, so that nobody can read an address from it. It is created in the transaction
of its record on the condition that it does not exist: of two requests at once, one fails, reads again, and finds the
other's record.
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
    """Lists a candidate's unique keys, strongest first. A phone counts only with the name: households share one."""
    digests = [_keyed("candidate", "external", e["system"], e["id"]) for e in external_ids]
    digests += [_keyed("candidate", "email", email.casefold())] if email else []
    digests += [_keyed("candidate", "phone", phone, _folded(name))] if phone else []
    return [(keys.match_pk(employer_id, digest), "MATCH") for digest in digests]


def application_keys(employer_id: str, external_ids: ExternalIds) -> list[Key]:
    """Lists an application's unique keys: its external ids."""
    return [(keys.match_pk(employer_id, _keyed("application", e["system"], e["id"])), "MATCH") for e in external_ids]


def job_key(employer_id: str, candidate_id: str, job_title: str) -> Key:
    """Key of the item that leads to a candidate's latest application for a job title."""
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
    """Creates unique keys of a record. The transaction fails where another record has one of them."""
    for pk, sk in dict.fromkeys(keys):
        transaction.create(MatchItem(pk, sk, record_id=record_id))


def release(transaction: Transaction, keys: Iterable[Key]) -> None:
    for pk, sk in dict.fromkeys(keys):
        transaction.delete(MatchItem(pk, sk))


def point_job(transaction: Transaction, key: Key, application_id: str, former: JobItem | None) -> None:
    """Makes a candidate's job title lead to this application, instead of a finished one."""
    if former is None:
        transaction.create(JobItem(*key, application_id=application_id))
    else:
        transaction.update(
            JobItem(*key), [JobItem.application_id.set(application_id)], JobItem.application_id == former.application_id
        )
