"""Items of observed reviews (reviews of an employer that it has seen and reported to us) and of links to the report."""

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


class ShareItem(Item):
    """PK EMP#<id>#SHARES, SK SHARE#<id>. Deleted where somebody ends the link, and by its TTL."""

    kind = "SHARE"
    id = UnicodeAttribute()
    group = UnicodeAttribute(null=True)
    created_by = UnicodeAttribute()
    created_at = InstantAttribute()
    expires_on = InstantAttribute()
