"""Postings: what is known about a job, one a job title, replaced as a whole. The queue recomputes its applications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.applications.law.duties import posting_key
from chalicelib.applications.law.items import PostingItem
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.errors import Conflict
from chalicelib.rules.employer import Employer
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction, stored_instant

FIELDS = (
    "jurisdiction",
    "headcount",
    "advertised",
    "role_days",
    "posted_on",
    "filled_on",
    "timezone",
    "work",
    "food_service",
    "documents_filed",
    "selection_body",
)
Json = dict[str, Any]


def put(employer: Employer, given: Mapping[str, Any], now: datetime) -> tuple[PostingItem, bool]:
    """Creates or replaces the posting of a job title: (posting, is new). Raises Conflict without a jurisdiction."""
    if not employer.policy.jurisdiction:
        raise Conflict("Set policy.jurisdiction first: it turns the law's clock on.", code="no_jurisdiction")
    return retry_on_conflict(lambda: _put(employer, given, now))


def _put(employer: Employer, given: Mapping[str, Any], now: datetime) -> tuple[PostingItem, bool]:
    pk, sk = posting_key(employer.id, given["job_title"])
    known = table.get(pk, sk)
    transaction = Transaction()
    item = known if isinstance(known, PostingItem) else _new(pk, sk, employer, given["job_title"], now)
    before = table.snapshot(item)
    for name in FIELDS:
        setattr(item, name, given.get(name))
    if known is not None and not table.changes(item, before):
        return item, False
    item.due_shard, item.due_at, item.folded_to = ids.due_shard(item.id), stored_instant(now), None
    if known is None:
        transaction.create(item)
    else:
        item.revision, item.updated_at = int(item.revision) + 1, now
        transaction.update(item, table.changes(item, before), PostingItem.revision == before["revision"])
    transaction.commit()
    return item, known is None


def _new(pk: str, sk: str, employer: Employer, job_title: str, now: datetime) -> PostingItem:
    posting_id = ids.new_id("post", now)
    return PostingItem(
        pk,
        sk,
        id=posting_id,
        employer_id=employer.id,
        job_title=job_title,
        created_at=now,
        updated_at=now,
        revision=1,
        list_key=keys.list_key(employer.id, "POSTING"),
        list_at=posting_id,
    )
