"""The stored request for letters."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.rules.model import Decision
from chalicelib.storage import keys
from chalicelib.storage.table import InstantAttribute, Item, Key, WordAttribute


class LetterItem(Item):
    """PK EMP#..#LETTER#<id>, SK LETTER. Names nobody: the messages hold what was sent, and an erasure strips them."""

    kind = "LETTER"
    id = UnicodeAttribute()
    decision = WordAttribute[Decision]()
    reasons = JSONAttribute(null=True)
    feedback_by = InstantAttribute(null=True)
    send_at = InstantAttribute(null=True)
    rows = JSONAttribute()
    """[{application_id, status, message_id, code, detail}], in the order of the request."""
    created_at = InstantAttribute()
    created_by = JSONAttribute(null=True)
    cancelled_at = InstantAttribute(null=True)


def letter_key(employer_id: str, letter_id: str) -> Key:
    return f"{keys.employer_pk(employer_id)}#LETTER#{letter_id}", "LETTER"
