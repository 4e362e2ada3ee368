"""Invitations: a link and a 6-digit code, mailed once. Either accepts; until then nothing else is mailed to that address.

A link works for 14 days, a code for five tries. Reading a link changes nothing: mail scanners open links.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.users import SEEKER_ADDRESS, AddressItem, PersonItem, address_pk, person_key
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed
from chalicelib.signing import BadToken, equal_in_constant_time, keyed_hash, sign_token, verify_token
from chalicelib.storage import table
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Transaction, stored_instant

LASTS = timedelta(days=14)
TRIES_MOST = 5
_PURPOSE = "invitation"


class Accepted(BadToken):
    """The invitation has been accepted."""

    def __init__(self, *, by_seeker: bool = False) -> None:
        super().__init__()
        self.by_seeker = by_seeker


class Replaced(BadToken):
    """The person was invited again since: the newest mail counts."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the mail carries: the link's token, and the code."""

    token: str
    code: str


def invite(person: PersonItem, now: datetime) -> Invitation:
    """Sets a person's address as invited, and not accepted; the caller writes the item."""
    code = f"{secrets.randbelow(10**6):06}"
    person.invited_at, person.accepted_at, person.invite_tries = now, None, 0
    person.invite_code = _hash(person.id, code)
    payload = "|".join((person.employer_id, person.id, stored_instant(now)))
    return Invitation(sign_token(settings().sign, _PURPOSE, payload.encode(), now + LASTS), code)


def is_open(person: PersonItem, now: datetime) -> bool:
    """Whether the invitation can still be accepted."""
    return person.invited_at is not None and not person.is_accepted and now < person.invited_at + LASTS


def read(token: str, now: datetime) -> PersonItem:
    """Returns the person that a link invites. Raises BadToken, Expired, Accepted, Replaced."""
    employer_id, person_id, invited_at = verify_token(settings().sign, _PURPOSE, token, now).decode().split("|")
    person = table.get(*person_key(employer_id, person_id))
    if not isinstance(person, PersonItem) or person.invited_at is None:
        raise BadToken
    if stored_instant(person.invited_at) != invited_at:
        raise Replaced
    if person.is_accepted:
        raise Accepted(by_seeker=person.role == "seeker")
    return person


def find(people: Iterable[PersonItem], code: str, now: datetime) -> PersonItem | None:
    """Returns the invited person whose code this is. Each try is counted before it is compared."""
    for person in people:
        if person.is_accepted or person.invite_code is None or person.invited_at is None:
            continue
        right = equal_in_constant_time(_hash(person.id, code), person.invite_code)
        if _count_try(person) and right and now < person.invited_at + LASTS:
            return person
    return None


def accept(person: PersonItem, transaction: Transaction, now: datetime) -> None:
    """Adds the acceptance to a transaction, which fails where the invitation was accepted or replaced meanwhile."""
    pending = (PersonItem.invited_at == person.invited_at) & PersonItem.accepted_at.does_not_exist()
    actions = [PersonItem.accepted_at.set(now), PersonItem.invite_code.remove(), PersonItem.revision.add(1)]
    if person.role == "seeker":
        actions.append(PersonItem.expires_at.remove())
        _begin_list(person, transaction, now)
    transaction.update(PersonItem(*person.key), actions, pending)


def _begin_list(person: PersonItem, transaction: Transaction, now: datetime) -> None:
    """Keeps a job seeker's tenant from vanishing, and records what they agreed to. Raises ConditionFailed where it is gone."""
    item = table.get(employer_pk(person.employer_id), "EMP")
    if not isinstance(item, EmployerItem) or item.seeker is None:
        raise ConditionFailed([(employer_pk(person.employer_id), "EMP")])
    given = {"what": "email", "wording": item.seeker["wording"], "given_at": stored_instant(now)}
    seeker = {**item.seeker, "consents": [*item.seeker["consents"], given]}
    transaction.update(
        EmployerItem(*item.key),
        [EmployerItem.seeker.set(seeker), EmployerItem.expires_at.remove(), EmployerItem.revision.add(1)],
        EmployerItem.seeker.exists(),
    )
    address = AddressItem(address_pk(person.email), SEEKER_ADDRESS)
    transaction.update(address, [AddressItem.expires_at.remove()], AddressItem.person_id == person.id)


def _count_try(person: PersonItem) -> bool:
    transaction = Transaction()
    few = (PersonItem.invite_tries < TRIES_MOST) & (PersonItem.invite_code == person.invite_code)
    transaction.update(PersonItem(*person.key), [PersonItem.invite_tries.add(1)], few)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _hash(person_id: str, code: str) -> str:
    return keyed_hash(settings().hash_secret, "invitation code", f"{person_id} {code}")
