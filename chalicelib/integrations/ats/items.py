"""Stored items of ATS connections. All of one connection share the partition EMP#<employer>#ATS#<connection id>."""

from __future__ import annotations

import zlib
from typing import Any

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.rules.model import AtsEventStatus, AtsName
from chalicelib.storage.table import InstantAttribute, Item, WordAttribute


class ConnectionItem(Item):
    """SK ATS. Its secrets are stored encrypted (credentials.py); no response shows them."""

    kind = "ATS"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    system = WordAttribute[AtsName]()
    secret = UnicodeAttribute()
    """The system signs its events with it."""
    api_key = UnicodeAttribute(null=True)
    """Lets us ask the system's API."""
    client_id = UnicodeAttribute(null=True)
    """Greenhouse's OAuth client. Its secret is then the API key."""
    subdomain = UnicodeAttribute(null=True)
    emails_rejections = BooleanAttribute(default=False)
    """The employer says that its ATS emails rejected candidates. Only then does a rejection count as told."""
    created_at = InstantAttribute()
    revoked_at = InstantAttribute(null=True)
    last_event_at = InstantAttribute(null=True)
    health = JSONAttribute(null=True)
    """What has shown itself lacking (health.py). None: the connection is older than that."""


class EventItem(Item):
    """SK EVT#<event id>: an event as it came.

    The id derives from the system's own id of the event, else from the body, so a repeated event has the same key.
    """

    kind = "EVT"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    connection_id = UnicodeAttribute()
    system = WordAttribute[AtsName]()
    body = BinaryAttribute(legacy_encoding=False)
    """Compressed. Deleted with the item after `expires_at`; emptied where it named an erased person."""
    status = WordAttribute[AtsEventStatus]()
    """queued, done, waiting (for the application's first interview), ignored, unmapped, failed"""
    note = UnicodeAttribute(null=True)
    attempts = NumberAttribute(default=0)
    received_at = InstantAttribute()
    settled_at = InstantAttribute(null=True)

    @property
    def raw(self) -> bytes:
        return zlib.decompress(self.body)

    def empty_body(self) -> None:
        """Remove what the event said, and keep that there was one."""
        self.body = zlib.compress(b"{}")


class SignatureItem(Item):
    """SK SIG#<hash of what a signature covers>[#yyyy-mm-dd]: how many events came under one signature."""

    kind = "SIG"
    times = NumberAttribute()


class SeenItem(Item):
    """SK SEEN#<hash of the system's application id>: all facts of one application, merged, and which of them we have applied."""

    kind = "SEEN"
    ref = UnicodeAttribute()
    state = JSONAttribute()
    applied: Any = JSONAttribute(default=dict)
    """{application_id, decided, decided_at, status, told_status, person, word, interviews, gone}: what the ATS said when we last
    applied it. An event that says the same again changes nothing, so a recruiter's own change stays. `told_status` is the status
    that the ATS gave, `status` ours after it; `word`: since when the ATS says that it emailed the rejection; `interviews`:
    [stage, start, end] by the system's id."""
    version = NumberAttribute()

    @property
    def erased(self) -> bool:
        """Whether the person was erased. The empty item stays, so that a late event does not bring the person back."""
        return bool(self.applied.get("erased"))


class LinkItem(Item):
    """SK LINK#<hash>: what is known of a candidate or an interview by its own id, and which applications it belongs to.

    An event about a candidate or an interview may come before the event that names its application.
    """

    kind = "LINK"
    ref = UnicodeAttribute()
    applications = JSONAttribute()
    gone_at = InstantAttribute(null=True)
    """Since when the candidate is deleted, or the interview called off."""
    merged_into = UnicodeAttribute(null=True)
    """The id that this candidate has since two candidates were merged."""
    formerly = JSONAttribute(null=True)
    """The ids that were merged into this one."""
    told: Any = JSONAttribute(null=True)
    """The person's fields, each as [instant, value]."""
    erased = BooleanAttribute(null=True)
    """The person was erased: only a new application fills this item again."""
    version = NumberAttribute()


class PollItem(Item):
    """SK POLL: how far a system has been asked whose events do not tell of interviews. In the due index, an hour ahead."""

    kind = "POLL"
    employer_id = UnicodeAttribute()
    since = InstantAttribute()
    """Everything that changed before this instant is known."""
    begun_at = InstantAttribute(null=True)
    """When the first page of an unfinished list was asked for."""
    cursor = UnicodeAttribute(null=True)
    """Where a list goes on that was too long for one run."""
    polled_at = InstantAttribute(null=True)
    note = UnicodeAttribute(null=True)
    """What went wrong the last time."""
