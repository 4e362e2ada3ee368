"""Items of an employer's people and their sessions. One partition holds all people of an employer: one query lists them."""

from __future__ import annotations

from datetime import datetime, timedelta

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.config import settings
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import PersonRole, Scope
from chalicelib.signing import keyed_hash
from chalicelib.storage import ids
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Key, WordAttribute, get_many, query, stored_instant

IDLE, LASTS = timedelta(days=7), timedelta(days=30)
"""How long a browser's session lasts after its last visit, and after its first."""
APP_IDLE, APP_LASTS = timedelta(days=30), timedelta(days=90)
"""The same for apps: a phone has a lock of its own."""
ROLE_SCOPES: dict[PersonRole, tuple[Scope, ...]] = {
    "recruiter": ("read", "write"),
    "manager": ("read", "write", "manage"),
    "seeker": ("my",),
}
SEEKER_ADDRESS = "AT#seeker"
"""The sort key of the item that leads from an address to its job seeker: an address has one at most."""


class PersonItem(Item):
    """PK EMP#..#PEOPLE, SK PERSON#<id>."""

    kind = "PERSON"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    name = UnicodeAttribute()
    email = UnicodeAttribute()
    role = WordAttribute[PersonRole]()
    epoch = NumberAttribute(default=1)
    """Sessions and sign-in links of an earlier epoch are invalid. Signing out everywhere increments it."""
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    revision = NumberAttribute()
    invited_at = InstantAttribute(null=True)
    """When the present address was invited. People from before invitations have none, and count as accepted."""
    accepted_at = InstantAttribute(null=True)
    invite_code = UnicodeAttribute(null=True)
    """Keyed hash of the 6-digit code of a pending invitation."""
    invite_tries = NumberAttribute(null=True)
    """How often a code was tried."""
    tested_at = InstantAttribute(null=True)
    """When they last emailed a test reminder to themselves. "Get started" ticks that step by it."""
    digest_ended_at = InstantAttribute(null=True)
    """When they ended the digest of what they own by its link. None: they get it."""
    ended_sessions = JSONAttribute(null=True)
    """[[id, epoch seconds], ...]: sessions of apps that ended, until their last access token expires. Authentication reads it
    here, so that it need not read the session."""

    @property
    def is_accepted(self) -> bool:
        """Whether the reader of the address has accepted. Until then it gets the invitation and no other mail."""
        return self.invited_at is None or self.accepted_at is not None


class TeamItem(Item):
    """PK EMP#..#PEOPLE, SK PERSONS. Changes with every new person, so that two made at once cannot both be the last allowed."""

    kind = "PERSONS"
    revision = NumberAttribute()


class LeavingItem(Item):
    """PK EMP#..#PEOPLE, SK LEAVING#<person id>: a removed person's applications lose their owner or decider. Due until done."""

    kind = "LEAVING"
    employer_id = UnicodeAttribute()
    person_id = UnicodeAttribute()


def leaving(employer_id: str, person_id: str, now: datetime) -> LeavingItem:
    """Makes the job that takes a removed person off applications."""
    return LeavingItem(
        people_pk(employer_id),
        f"LEAVING#{person_id}",
        employer_id=employer_id,
        person_id=person_id,
        due_shard=ids.due_shard(person_id),
        due_at=stored_instant(now),
    )


class AddressItem(Item):
    """PK PERSON#<keyed hash of an address>, SK AT#<employer id>: the person who signs in with this address, at each employer.

    A job seeker's is at AT#seeker, so that an address has one.
    """

    kind = "AT"
    employer_id = UnicodeAttribute()
    person_id = UnicodeAttribute()


class SessionItem(Item):
    """PK EMP#..#PEOPLE, SK SESSION#<id>. `turn` increases with every rotation of its cookie."""

    kind = "SESSION"
    id = UnicodeAttribute()
    person_id = UnicodeAttribute()
    epoch = NumberAttribute()
    turn = NumberAttribute()
    created_at = InstantAttribute()
    turned_at = InstantAttribute()
    place = UnicodeAttribute(null=True)
    """The network that it was begun from, truncated. Sessions of earlier versions have none."""
    agent = UnicodeAttribute(null=True)
    """The browser that it was begun with, in a few of our words."""
    host_cookie = BooleanAttribute(null=True)
    """Only a cookie named by `host_name` is accepted. Sessions of earlier versions lack it, and end in 30 days."""
    app = BooleanAttribute(null=True)
    """Whether it is an app's, which has tokens, or a browser's, which has a cookie."""
    repeatable = UnicodeAttribute(null=True)
    """Keyed hash of the Idempotency-Key of the request that made the present turn: the same one again gets the same tokens."""

    @property
    def ends_at(self) -> datetime:
        """When it ends at the latest, however often it is used."""
        return self.created_at + (APP_LASTS if self.app else LASTS)


class UsedLinkItem(Item):
    """PK EMP#..#PEOPLE, SK USED#<nonce of a sign-in link>: the link has been used."""

    kind = "USED"


def people_pk(employer_id: str) -> str:
    """Returns the partition of an employer's people and sessions."""
    return f"{employer_pk(employer_id)}#PEOPLE"


def person_key(employer_id: str, person_id: str) -> Key:
    """Returns the primary key of a person's item."""
    return people_pk(employer_id), f"PERSON#{person_id}"


def address_pk(email: str) -> str:
    """Returns the partition of an address: equal for spellings of one mailbox, and no address can be read from it."""
    return f"PERSON#{keyed_hash(settings().hash_secret, 'sign-in address', canonical_email(email))}"


def held_digest_addresses(employer: Employer) -> set[str]:
    """Returns addresses of the digest that nobody verified: neither by a link, nor as a person who accepted an invitation.

    Reads the employer's people only where it entered addresses that no link has verified.
    """
    if not employer.digest_unverified:
        return set()
    people = [item for item in query(people_pk(employer.id), "PERSON#") if isinstance(item, PersonItem)]
    return set(employer.digest_unverified) - {canonical_email(person.email) for person in people if person.is_accepted}


def people_at(email: str) -> list[PersonItem]:
    """Lists the people with an address, accepted or invited."""
    found = [item for item in query(address_pk(email), "AT#") if isinstance(item, AddressItem)]
    people = get_many(person_key(item.employer_id, item.person_id) for item in found).values() if found else ()
    return sorted((person for person in people if isinstance(person, PersonItem)), key=lambda person: person.id)
