"""Observed reviews: store, list and delete them without their text, and learn p from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.errors import ConditionFailed, NotFound
from chalicelib.reputation.items import ReviewItem
from chalicelib.rules.risk.learning import LOOKBACK, MAX_NEGATIVE_STARS, Posterior, posterior, tally_exposure
from chalicelib.rules.risk.scale import ScalePosterior, learn_scale, silences_of_tally
from chalicelib.rules.tally import Tally
from chalicelib.storage import ids, table
from chalicelib.storage.table import Transaction, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

Json = dict[str, Any]
REVIEWS_FOR_SCALE = 60
"""The latest ones say enough about the scale, and more would take seconds."""


def reviews_pk(employer_id: str) -> str:
    return f"EMP#{employer_id}#REVIEWS"


def add(employer_id: str, given: Json, now: datetime, *, committer: Committer = AT_ONCE) -> tuple[ReviewItem, bool]:
    """Return (review, is new). The same instant, source and rating is the same review, and is not changed."""
    posted = stored_instant(given["posted_at"])
    review_id = ids.hashed_id("rev", f"{posted} {given['source']} {given['rating']}".encode())
    item = ReviewItem(reviews_pk(employer_id), f"REV#{posted}#{review_id}", id=review_id, created_at=now, **given)
    transaction = Transaction()
    transaction.create(item)
    try:
        committer.commit(transaction)
    except ConditionFailed:
        known = table.get(*item.key)
        return known if isinstance(known, ReviewItem) else item, False
    return item, True


def read(employer_id: str, first: datetime | None = None) -> list[ReviewItem]:
    """Return all reviews, from `first` on where it is given, oldest first."""
    start = f"REV#{stored_instant(first)}" if first else "REV#"
    raws = table.query_range(reviews_pk(employer_id), start, "REV#~")
    return [item for raw in raws if isinstance(item := table.from_raw(raw), ReviewItem)]


def one(employer_id: str, review_id: str) -> ReviewItem:
    """Raises NotFound."""
    item = next((item for item in read(employer_id) if item.id == review_id), None)
    if item is None:
        raise NotFound
    return item


def remove(employer_id: str, review_id: str) -> None:
    """Raises NotFound."""
    transaction = Transaction()
    transaction.delete(one(employer_id, review_id))
    transaction.commit()


def counted(items: list[ReviewItem], as_of: datetime) -> list[ReviewItem]:
    """Return the negative reviews of the last 365 days that mention silence."""
    return [
        item
        for item in items
        if item.mentions_silence and item.rating <= MAX_NEGATIVE_STARS and as_of - LOOKBACK <= item.posted_at <= as_of
    ]


def learn(employer_id: str, tally: Tally, now: datetime) -> tuple[Posterior, ScalePosterior]:
    """Return what observed reviews have taught about p, and about the scale of the review curve, for this employer."""
    found = counted(read(employer_id, now - LOOKBACK), now)
    latest = [item.posted_at for item in found][-REVIEWS_FOR_SCALE:]
    return posterior(len(found), tally_exposure(tally, now)), learn_scale(silences_of_tally(tally, now), latest, now)
