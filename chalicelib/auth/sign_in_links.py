"""Sign-in links: signed, valid for 15 minutes, good for one sign-in. Reading one changes nothing: mail scanners open links."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.auth import audit_log
from chalicelib.auth.users import PersonItem, UsedLinkItem, people_pk, person_key
from chalicelib.config import settings
from chalicelib.signing import BadToken, Expired, sign_token, verify_token
from chalicelib.storage import table
from chalicelib.storage.table import Transaction

LINK_LIFETIME = timedelta(minutes=15)
_PURPOSE = "sign-in link"
_BY_PROVIDER = "provider-"
"""What the nonce of a link begins with that was not mailed: an employer's provider named the person."""


class Used(BadToken):
    """The link has been used."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link carries: its person, the person's epoch, and a nonce by which its use is recorded."""

    employer_id: str
    person_id: str
    epoch: int
    nonce: str

    @property
    def by_mail(self) -> bool:
        """Whether it was mailed: whoever has it reads the person's mailbox."""
        return not self.nonce.startswith(_BY_PROVIDER)


def new_token(person: PersonItem, now: datetime, nonce: str = "", *, by_mail: bool = True) -> str:
    """Makes a link's token. It holds ids and no address. `nonce` is that of the code in the same mail."""
    fresh = ("" if by_mail else _BY_PROVIDER) + os.urandom(12).hex()
    payload = "|".join((person.employer_id, person.id, str(int(person.epoch)), nonce or fresh))
    return sign_token(settings().sign, _PURPOSE, payload.encode(), now + LINK_LIFETIME)


def read(token: str, now: datetime) -> Link:
    """Reads a token, without looking up whether it was used. Raises BadToken, Expired."""
    parts = verify_token(settings().sign, _PURPOSE, token, now).decode().split("|")
    return Link(parts[0], parts[1], int(parts[2]), parts[3])


def log_refused(error: BadToken) -> None:
    """Logs a link that was never one of ours, for the alarm. Old ones are opened by their own people."""
    if not isinstance(error, Expired):
        audit_log.log_failure("sign_in_failed")


def redeem(link: Link, transaction: Transaction, now: datetime) -> PersonItem:
    """Returns the link's person and adds the link's use to `transaction`, which fails if it was used. Raises BadToken."""
    person = table.get(*person_key(link.employer_id, link.person_id))
    if not isinstance(person, PersonItem) or not person.is_accepted or int(person.epoch) != link.epoch:
        raise BadToken
    expires_at = int((now + 2 * LINK_LIFETIME).timestamp())
    transaction.create(UsedLinkItem(PK=people_pk(link.employer_id), SK=f"USED#{link.nonce}", expires_at=expires_at))
    return person
