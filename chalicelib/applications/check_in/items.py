"""Items of check-in cards, and of what candidates agreed to on their page."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.rules.model import Stage
from chalicelib.storage.table import InstantAttribute, Item, WordAttribute


class CardItem(Item):
    """PK EMP#<id>#CARDS, SK CARD#<id>: a card that candidates open after an interview. Deleted by TTL after its end."""

    kind = "CARD"
    id = UnicodeAttribute()
    job_title = UnicodeAttribute()
    stage = WordAttribute[Stage]()
    group = UnicodeAttribute(null=True)
    owner_id = UnicodeAttribute(null=True)
    minutes = NumberAttribute()
    """How long the interview takes: candidates state its end alone."""
    created_by = JSONAttribute(null=True)
    created_at = InstantAttribute()
    expires_on = InstantAttribute()
    revoked_at = InstantAttribute(null=True)


class CheckInItem(Item):
    """PK EMP#..#CASE#<tail>, SK CHECKIN#<id>: that a candidate left these details themselves, and what they agreed to.

    It is the evidence of consent: exported and erased with the application.
    """

    kind = "CHECKIN"
    id = UnicodeAttribute()
    card_id = UnicodeAttribute()
    at = InstantAttribute()
    language = UnicodeAttribute()
    wording = UnicodeAttribute()
    """What the candidate agreed to, as the page showed it."""
    email = UnicodeAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    """The addresses that they gave it for. Those of a known person are not changed by it."""
    shared = JSONAttribute(null=True)
    """["email", "phone"]: addresses of these that another person under another name has too."""
