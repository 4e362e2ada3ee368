"""Items of the ATS connections. All of one connection share a partition: EMP#<employer>#ATS#<connection id>."""

from __future__ import annotations

import zlib
from typing import Any

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.storage.table import InstantAttribute, Item


class ConnectionItem(Item):
    """SK ATS. The secrets lie here locked (locks.py); no answer shows them."""

    kind = "ATS"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    system = UnicodeAttribute()
    secret = UnicodeAttribute()
    """Signs what comes in."""
    api_key = UnicodeAttribute(null=True)
    """Lets us ask back."""
    client_id = UnicodeAttribute(null=True)
    """Greenhouse's OAuth client, whose secret is then the API key."""
    subdomain = UnicodeAttribute(null=True)
    emails_rejections = BooleanAttribute(default=False)
    """The employer says that its ATS writes to the rejected: only then is a rejection word."""
    created_at = InstantAttribute()
    revoked_at = InstantAttribute(null=True)
    last_event_at = InstantAttribute(null=True)


class EventItem(Item):
    """SK EVT#<event id>: an event as it came. The id derives from the system's own, else from the body: twice is once."""

    kind = "EVT"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    connection_id = UnicodeAttribute()
    system = UnicodeAttribute()
    body = BinaryAttribute(legacy_encoding=False)
    """Compressed; of done events gone after `expires_at`; empty where it told of somebody who was erased."""
    status = UnicodeAttribute()
    """queued, done, waiting (for the application's interview), ignored, unmapped, failed"""
    note = UnicodeAttribute(null=True)
    attempts = NumberAttribute(default=0)
    received_at = InstantAttribute()
    settled_at = InstantAttribute(null=True)

    @property
    def raw(self) -> bytes:
        return zlib.decompress(self.body)

    def strip(self) -> None:
        """Takes out what was said, and leaves that something was."""
        self.body = zlib.compress(b"{}")


class SeenItem(Item):
    """SK SEEN#<hash of the system's application id>: all that its events have said, merged, and what of it we have applied."""

    kind = "SEEN"
    ref = UnicodeAttribute()
    state = JSONAttribute()
    applied: Any = JSONAttribute(default=dict)
    """{application_id, decided, decided_at, status, told_status, person, word, interviews, gone}: so that what a recruiter
    changed by hand is not undone. `status` is what it came to, `told_status` what was told;
    `word`: since when the system says that it wrote to the rejected; `interviews`: [stage, start, end] by the system's id."""
    version = NumberAttribute()

    @property
    def erased(self) -> bool:
        """Whether the person behind it was erased: it stays as an empty mark, so that late events bring nobody back."""
        return bool(self.applied.get("erased"))


class LinkItem(Item):
    """SK LINK#<hash>: a candidate's applications and what became of them, or an interview that is off; either may be told before
    the other is known."""

    kind = "LINK"
    ref = UnicodeAttribute()
    applications = JSONAttribute()
    gone_at = InstantAttribute(null=True)
    merged_into = UnicodeAttribute(null=True)
    """The id that this candidate goes by since two were made one."""
    formerly = JSONAttribute(null=True)
    """The ids that were made one with this."""
    told: Any = JSONAttribute(null=True)
    """The person as told by any of their applications or alone: of every field [instant, value]."""
    erased = BooleanAttribute(null=True)
    """An empty mark under a hash: the person was erased here, and only a new application of theirs is told anew."""
    version = NumberAttribute()


class PollItem(Item):
    """SK POLL: how far a system that tells too little has been asked by itself. In the due index, an hour ahead."""

    kind = "POLL"
    employer_id = UnicodeAttribute()
    since = InstantAttribute()
    """Everything that changed before is known."""
    begun_at = InstantAttribute(null=True)
    cursor = UnicodeAttribute(null=True)
    """Where a list goes on that was too long for one time; `begun_at` is when its first page was asked for."""
    polled_at = InstantAttribute(null=True)
    note = UnicodeAttribute(null=True)
    """What went wrong the last time."""
