"""Recomputes the applications of a changed posting from the queue, some at a time: their deadlines may have moved."""

from __future__ import annotations

from datetime import datetime

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.duties import posting_key
from chalicelib.applications.law.items import PostingItem
from chalicelib.applications.unit_of_work import recompute
from chalicelib.errors import ConditionFailed
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Transaction, stored_instant

PAGE = 100
PAGES_MOST = 5
"""Pages of one queue record; the next record continues."""


def work(item: Item, now: datetime) -> None:
    """Continues the pass over the employer's applications. Idempotent."""
    posting = table.get(*item.key)
    if not isinstance(posting, PostingItem) or posting.due_at is None or posting.due_at > stored_instant(now):
        return
    after = posting.folded_to
    for _ in range(PAGES_MOST):
        after = _page(posting, after, now)
        if after is None:
            break
    _store_position(posting, after)


def _page(posting: PostingItem, after: str | None, now: datetime) -> str | None:
    """Recomputes one page of applications. Returns the id to continue after, None at the end."""
    condition = Item.list_at > after if after else None
    rows, more = table.query_index("listing", keys.list_key(posting.employer_id, "APP"), condition, limit=PAGE)
    for found in table.get_many([(row["PK"]["S"], "APP") for row in rows]).values():
        if isinstance(found, ApplicationItem) and posting_key(found.employer_id, found.job_title) == posting.key:
            recompute(found.employer_id, found.id, now)
    return str(rows[-1]["list_at"]["S"]) if more and rows else None


def _store_position(posting: PostingItem, after: str | None) -> None:
    transaction = Transaction()
    done = [PostingItem.due_at.remove(), PostingItem.due_shard.remove(), PostingItem.folded_to.remove()]
    transaction.update(
        PostingItem(*posting.key),
        done if after is None else [PostingItem.folded_to.set(after)],
        PostingItem.revision == posting.revision,
    )
    try:
        transaction.commit()
    except ConditionFailed:
        return  # the posting has changed meanwhile: it is due again, from the beginning
