"""Items of erasures, erased applications, and the progress of the retention rule."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.storage import keys
from chalicelib.storage.table import InstantAttribute, Item, Key


class ErasureItem(Item):
    """PK EMP#..#CAND#<id>, SK ERASURE: when and why a candidate was erased, and what is kept. It names nobody.

    It is in the due index until all is done, so that the queue finishes an interrupted erasure.
    """

    kind = "ERASURE"
    id = UnicodeAttribute()
    """The candidate's id."""
    employer_id = UnicodeAttribute()
    cause = UnicodeAttribute()
    """asked or retention"""
    applications = JSONAttribute()
    """Ids of the applications that are still to be erased."""
    erased = JSONAttribute()
    """[{application_id, waits, messages, held}]: counts of what is kept; `held`: what a law requires, and until when."""
    begun_at = InstantAttribute()
    finished_at = InstantAttribute(null=True)


class StubItem(Item):
    """PK EMP#..#CASE#<tail>, SK STUB: keeps an erased application in the listing, so that a recount finds its waits."""

    kind = "STUB"
    application_id = UnicodeAttribute()


class RetentionItem(Item):
    """PK EMP#..#RETENTION, SK RETENTION: where the pass over an employer's candidates continues."""

    kind = "RETENTION"
    after = UnicodeAttribute(null=True)
    erased = NumberAttribute(default=0)


def erasure_key(employer_id: str, candidate_id: str) -> Key:
    return keys.candidate_pk(employer_id, candidate_id), "ERASURE"
