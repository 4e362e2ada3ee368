"""Items of observed reviews (reviews of an employer that it has seen and reported to us) and of links to the report."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

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


class RateItem(Item):
    """PK EMP#<id>, SK RATE: that an employer publishes its heard-back rate, or did, with the figures of the day."""

    kind = "RATE"
    joined_at = InstantAttribute()
    left_at = InstantAttribute(null=True)
    figures = JSONAttribute()
    """The fields of `rules.risk.heard_back.HeardBackRate`, and the employer's name."""
