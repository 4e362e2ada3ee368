"""API keys as the table holds them."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.storage.table import InstantAttribute, Item


class KeyItem(Item):
    """PK EMP#<employer id>, SK KEY#<key id>. Keeps the SHA-256 of the secret only; a revoked key stays, to be listed."""

    kind = "KEY"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    scopes = JSONAttribute()
    secret_sha256 = UnicodeAttribute()
    created_at = InstantAttribute()
    revoked_at = InstantAttribute(null=True)
