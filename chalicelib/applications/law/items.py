"""Items of postings, of an application's next statutory deadline, and of its evidence."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.rules.model import Advertised, DocumentsFiled, WorkPlace
from chalicelib.storage.table import InstantAttribute, Item, WordAttribute


class PostingItem(Item):
    """PK EMP#..#POSTING#<hash of the job title>, SK POSTING. In the due index while its applications must be recomputed."""

    kind = "POSTING"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    job_title = UnicodeAttribute()
    jurisdiction = UnicodeAttribute()
    headcount = NumberAttribute(null=True)
    advertised = WordAttribute[Advertised](null=True)
    role_days = NumberAttribute(null=True)
    posted_on = UnicodeAttribute(null=True)
    filled_on = UnicodeAttribute(null=True)
    timezone = UnicodeAttribute(null=True)
    work = WordAttribute[WorkPlace](null=True)
    food_service = BooleanAttribute(null=True)
    documents_filed = WordAttribute[DocumentsFiled](null=True)
    selection_body = UnicodeAttribute(null=True)
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    revision = NumberAttribute()
    folded_to = JSONAttribute(null=True)
    """Where the pass over the applications continues."""


class DutyItem(Item):
    """PK EMP#..#CASE#<tail>, SK DUTY: listed under <employer>#DUTY by the next deadline that is not met."""

    kind = "DUTY"
    application_id = UnicodeAttribute()
    statute = UnicodeAttribute(null=True)


class EvidenceItem(Item):
    """PK EMP#..#EVIDENCE#<tail>, SK EV#<number>: one entry, never changed. It is kept when the application is erased."""

    kind = "EV"
    application_id = UnicodeAttribute()
    number = NumberAttribute()
    entry = JSONAttribute()
    hash = UnicodeAttribute()
    """SHA-256 of the entry, which holds the previous hash."""
