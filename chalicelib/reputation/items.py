"""Items of observed reviews: reviews of an employer that it has seen and reported to us."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.storage.table import InstantAttribute, Item


class ReviewItem(Item):
    """PK EMP#..#REVIEWS, SK REV#<posted_at>#<id>."""

    kind = "REV"
    id = UnicodeAttribute()
    posted_at = InstantAttribute()
    rating = NumberAttribute()
    mentions_silence = BooleanAttribute()
    source = UnicodeAttribute()
    created_at = InstantAttribute()
