"""Stored items of candidates, of the unique keys that lead to records, of the search by name, and of check-in cards."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.rules.model import Stage
from chalicelib.storage.table import InstantAttribute, Item, WordAttribute


class CandidateItem(Item):
    """PK EMP#..#CAND#<id>, SK CAND."""

    kind = "CAND"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    name = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    phone_extension = UnicodeAttribute(null=True)
    """Dialled by people after the number. A number with an extension is never texted."""
    phone_takes_texts = BooleanAttribute(default=False)
    timezone = UnicodeAttribute(null=True)
    locale = UnicodeAttribute(null=True)
    sms_consent = JSONAttribute(null=True)
    """{given_at, source}"""
    external_ids = JSONAttribute()
    """[{system, id}]"""
    applications = JSONAttribute()
    """Ids of all its applications, oldest first."""
    past = JSONAttribute(null=True)
    """Ids of those that have ended and made room for others (`candidates/copies.py`)."""
    recorded_by = JSONAttribute(null=True)
    """{type, id, name} of who created it (`auth.actors`); None where an older version did."""
    given = JSONAttribute(null=True)
    """{import profile: {field: [import, keyed hash of a value, ...]}}: what files said last (see `correct`)."""
    found_as = JSONAttribute(null=True)
    """{name, applications: how many}: what the entries of the search by name were made of (see `name_index`)."""
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    revision = NumberAttribute()


class JobItem(Item):
    """PK EMP#..#CAND#<id>, SK JOB#<hash of the job title>: this candidate's latest application for this job."""

    kind = "JOB"
    application_id = UnicodeAttribute()


class MatchItem(Item):
    """PK EMP#..#MATCH#<keyed hash>, SK MATCH: a unique key that leads to a candidate, an application or an interview."""

    kind = "MATCH"
    record_id = UnicodeAttribute()
    others = JSONAttribute(null=True)
    """Ids of further candidates that share the address."""
    was_full = BooleanAttribute(null=True)
    """Whether the list of an address was full once: candidates who found no place are under the address with their name."""


class KeepItem(Item):
    """PK EMP#..#CASE#<tail>, SK KEEP. Listed under <employer>#KEEP by job title while it holds."""

    kind = "KEEP"
    application_id = UnicodeAttribute()
    job_title = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    since = InstantAttribute()
    until = InstantAttribute()


class NameItem(Item):
    """PK EMP#..#NAMES#<bucket>, SK NAME#<word>#<candidate id>: a candidate is found under this word of the name."""

    kind = "NAME"
    name = UnicodeAttribute()
    """All words of the name, as `name_search.words_of` makes them."""
    applications = JSONAttribute(attr_name="apps")
    """Ids of all applications of the candidate, oldest first."""

    @property
    def word(self) -> str:
        return str(self.SK).split("#")[1]

    @property
    def candidate_id(self) -> str:
        return str(self.SK).split("#")[2]


class NamePassItem(Item):
    """PK EMP#..#NAMES, SK NAMEPASS: where the nightly pass over an employer's names continues."""

    kind = "NAMEPASS"
    after = UnicodeAttribute(null=True)
    """"CAND <id>" or "NAME <bucket> <SK>". None: the pass is finished."""
    finished_at = InstantAttribute(null=True)


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
