"""Items of people at an employer and of their sessions. One partition holds an employer's people: one query lists them."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.config import settings
from chalicelib.signing import keyed_hash
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Key


class PersonItem(Item):
    """PK EMP#..#PEOPLE, SK PERSON#<id>."""

    kind = "PERSON"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    name = UnicodeAttribute()
    email = UnicodeAttribute()
    role = UnicodeAttribute()
    epoch = NumberAttribute(default=1)
    """Sessions and sign-in links of an earlier epoch are over: signing out everywhere moves it."""
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    revision = NumberAttribute()


class AddressItem(Item):
    """PK PERSON#<keyed hash of an address>, SK AT#<employer id>: who signs in with this address, at each employer."""

    kind = "AT"
    employer_id = UnicodeAttribute()
    person_id = UnicodeAttribute()


class SessionItem(Item):
    """PK EMP#..#PEOPLE, SK SESSION#<id>. `turn` moves with every rotation of its cookie."""

    kind = "SESSION"
    id = UnicodeAttribute()
    person_id = UnicodeAttribute()
    epoch = NumberAttribute()
    turn = NumberAttribute()
    created_at = InstantAttribute()
    turned_at = InstantAttribute()


class UsedLinkItem(Item):
    """PK EMP#..#PEOPLE, SK USED#<nonce of a sign-in link>: a link signs in once."""

    kind = "USED"


class LimitItem(Item):
    """PK LIMIT#<what is counted>#<hour>, SK LIMIT: how often something was asked for within an hour."""

    kind = "LIMIT"
    times = NumberAttribute()


def people_pk(employer_id: str) -> str:
    return f"{employer_pk(employer_id)}#PEOPLE"


def person_key(employer_id: str, person_id: str) -> Key:
    return people_pk(employer_id), f"PERSON#{person_id}"


def address_pk(email: str) -> str:
    """Equal for spellings that reach the same mailbox; nobody reads an address from it."""
    return f"PERSON#{keyed_hash(settings().secret, 'sign-in address', email.strip().casefold())}"
