"""Sign-in links: signed, for fifteen minutes, each good for one sign-in. Reading one changes nothing: scanners open links."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.auth.users import PersonItem, UsedLinkItem, people_pk, person_key
from chalicelib.config import settings
from chalicelib.signing import BadToken, sign_token, verify_token
from chalicelib.storage import table
from chalicelib.storage.table import Transaction

LINK_LASTS = timedelta(minutes=15)
_PURPOSE = "sign-in link"


class Used(BadToken):
    """A link that has signed somebody in already."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link carries: whose it is and under which epoch, and a nonce that makes it good for once."""

    employer_id: str
    person_id: str
    epoch: int
    nonce: str


def new_token(person: PersonItem, now: datetime) -> str:
    """Names its person by ids only."""
    payload = "|".join((person.employer_id, person.id, str(int(person.epoch)), os.urandom(12).hex()))
    return sign_token(settings().secret, _PURPOSE, payload.encode(), now + LINK_LASTS)


def read(token: str, now: datetime) -> Link:
    """Raises BadToken, Expired. Says nothing of whether it was used."""
    parts = verify_token(settings().secret, _PURPOSE, token, now).decode().split("|")
    return Link(parts[0], parts[1], int(parts[2]), parts[3])


def redeem(link: Link, transaction: Transaction, now: datetime) -> PersonItem:
    """The link's person; marks the link used within `transaction`, which fails where it was. Raises BadToken."""
    person = table.get(*person_key(link.employer_id, link.person_id))
    if not isinstance(person, PersonItem) or int(person.epoch) != link.epoch:
        raise BadToken
    expires_at = int((now + 2 * LINK_LASTS).timestamp())
    transaction.create(UsedLinkItem(PK=people_pk(link.employer_id), SK=f"USED#{link.nonce}", expires_at=expires_at))
    return person
