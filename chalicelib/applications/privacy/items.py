"""What stays when a person is erased, and how far the retention rule has read."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.storage import keys
from chalicelib.storage.table import InstantAttribute, Item, Key


class ErasureItem(Item):
    """PK EMP#..#CAND#<id>, SK ERASURE: that, when and how somebody was erased, and what a law keeps. It names nobody.

    Stands in the due index until all is done, so that an erasure that was cut off is finished from the queue.
    """

    kind = "ERASURE"
    id = UnicodeAttribute()
    """The candidate's."""
    employer_id = UnicodeAttribute()
    cause = UnicodeAttribute()
    """asked, or retention"""
    applications = JSONAttribute()
    """Ids of those that are still to be erased."""
    erased = JSONAttribute()
    """[{application_id, waits, messages, held}]: what was kept of each, by count; `held`: what a law keeps, and until when."""
    begun_at = InstantAttribute()
    finished_at = InstantAttribute(null=True)


class StubItem(Item):
    """PK EMP#..#CASE#<tail>, SK STUB: stands for an erased application in the listing, so that a recount finds its waits."""

    kind = "STUB"
    application_id = UnicodeAttribute()


class RetentionItem(Item):
    """PK EMP#..#RETENTION, SK RETENTION: where the pass over an employer's candidates goes on."""

    kind = "RETENTION"
    after = UnicodeAttribute(null=True)
    erased = NumberAttribute(default=0)


def erasure_key(employer_id: str, candidate_id: str) -> Key:
    return keys.candidate_pk(employer_id, candidate_id), "ERASURE"
