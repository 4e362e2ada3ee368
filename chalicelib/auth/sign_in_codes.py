"""Six-digit codes: mailed beside the link, for 15 minutes, five tries and one sign-in. A mail's link and code are one use.

A code belongs to an address, so that a wrong one says nothing. Only the codes of the two newest mails count: a stranger who
asks for more mails gains no more codes to guess, and the one that somebody is typing goes on to work.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.auth import audit_log, invitations, session_store
from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import Origin, truncated
from chalicelib.auth.session_store import Client
from chalicelib.auth.sign_in_links import LINK_LIFETIME
from chalicelib.auth.users import PersonItem, SessionItem, UsedLinkItem, address_pk, people_at, people_pk, person_key
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed
from chalicelib.signing import equal_in_constant_time, keyed_hash
from chalicelib.storage import table
from chalicelib.storage.ids import new_id
from chalicelib.storage.table import InstantAttribute, Item, Transaction, stored_instant

TRIES_MOST = 5
MAILS_THAT_COUNT = 2


class WrongCode(ValueError):
    """No code that works: wrong, too old, used, or tried too often."""


class CodeItem(Item):
    """PK PERSON#<keyed hash of an address>, SK CODE#<instant>#<nonce>: a mailed code. Vanishes by `expires_at`."""

    kind = "CODE"
    nonce = UnicodeAttribute()
    """That of the link in the same mail: using either uses both."""
    employer_id = UnicodeAttribute()
    person_id = UnicodeAttribute()
    epoch = NumberAttribute()
    made_at = InstantAttribute()
    code_hash = UnicodeAttribute()
    tries = NumberAttribute()
    session_id = UnicodeAttribute(null=True)
    """The session that it signed in to."""


class PhoneCodeItem(Item):
    """PK EMP#..#PEOPLE, SK PHONECODE: the code that was texted last, and to which number. Vanishes by `expires_at`."""

    kind = "PHONECODE"
    phone = UnicodeAttribute()
    code_hash = UnicodeAttribute()
    made_at = InstantAttribute()
    tries = NumberAttribute()
    nonce = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class Made:
    """A code to mail, the nonce for the link beside it, and the item to store before the mail goes out."""

    code: str
    nonce: str
    item: CodeItem


def make(people: Sequence[PersonItem], now: datetime) -> list[Made]:
    """Makes one code for each person of one mail, all different."""
    codes: set[str] = set()
    while len(codes) < len(people):
        codes.add(f"{secrets.randbelow(10**6):06}")
    return [_made(person, code, now) for person, code in zip(people, codes, strict=True)]


def _made(person: PersonItem, code: str, now: datetime, session_id: str | None = None) -> Made:
    nonce = os.urandom(12).hex()
    item = CodeItem(
        PK=address_pk(person.email),
        SK=f"CODE#{stored_instant(now)}#{nonce}",
        nonce=nonce,
        employer_id=person.employer_id,
        person_id=person.id,
        epoch=int(person.epoch),
        made_at=now,
        code_hash=_hash(nonce, code),
        tries=0,
        session_id=session_id,
        expires_at=int((now + LINK_LIFETIME).timestamp()),
    )
    return Made(code, nonce, item)


def store(made: Iterable[Made]) -> None:
    """Stores codes. They are mailed afterwards, so that none is mailed that does not work.

    Raises ConditionFailed where one of the people is gone.
    """
    transaction = Transaction()
    for one in made:
        transaction.create(one.item)
        transaction.check(PersonItem(*person_key(one.item.employer_id, one.item.person_id)), PersonItem.PK.exists())
    transaction.commit()


def sign_in(email: str, code: str, client: Client, now: datetime) -> tuple[SessionItem, bool]:
    """Signs in by the code of a sign-in mail or of an invitation, which it accepts. Raises WrongCode.

    The request that used the code gets the same session again, by its Idempotency-Key. Returns also whether it did.
    """
    live = _live(email, now)
    known = next((one for one in live if equal_in_constant_time(_hash(one.nonce, code), one.code_hash)), None)
    if known is not None and known.session_id:
        return _again(known, client, now), True
    tried = [one for one in live if not one.session_id and _count_try(one)]
    transaction, session_id = Transaction(), new_id("ses", now)
    person = _redeem(known, session_id, transaction, now) if known in tried and known else None
    if person is None:
        invited = invitations.find(people_at(email), code, now)
        person = _accept(invited, code, session_id, client, transaction, now) if invited else None
    if person is None:
        _note_failure(tried, client, now)
        raise WrongCode
    session = session_store.open_session(person, transaction, client, now, session_id)
    try:
        transaction.commit()
    except ConditionFailed:  # used at the same moment
        _note_failure(tried, client, now)
        raise WrongCode from None
    return session, False


def _live(email: str, now: datetime) -> list[CodeItem]:
    """Reads the codes that are in time, those of the two newest mails."""
    found = [one for one in table.query(address_pk(email), "CODE#") if isinstance(one, CodeItem)]
    mails = sorted({one.made_at for one in found}, reverse=True)[:MAILS_THAT_COUNT]
    return [one for one in found if one.made_at in mails and now.timestamp() < int(one.expires_at or 0)]


def _again(known: CodeItem, client: Client, now: datetime) -> SessionItem:
    """Returns the session of the request that used the code. Raises WrongCode for any other request."""
    found = session_store.find(known.employer_id, known.session_id or "", now)
    if found and client.repeatable and found[0].repeatable == client.repeatable and int(found[0].turn) == 1:
        return found[0]
    raise WrongCode


def _redeem(known: CodeItem, session_id: str, transaction: Transaction, now: datetime) -> PersonItem | None:
    """Adds a code's use to a transaction, which fails if it, or the link beside it, was used."""
    person = table.get(*person_key(known.employer_id, known.person_id))
    if not isinstance(person, PersonItem) or not person.is_accepted or int(person.epoch) != int(known.epoch):
        return None
    expires_at = int((now + 2 * LINK_LIFETIME).timestamp())
    transaction.create(UsedLinkItem(PK=people_pk(known.employer_id), SK=f"USED#{known.nonce}", expires_at=expires_at))
    unused = CodeItem.PK.exists() & CodeItem.session_id.does_not_exist()
    transaction.update(CodeItem(*known.key), [CodeItem.session_id.set(session_id)], unused)
    transaction.check(PersonItem(*person.key), PersonItem.epoch == int(known.epoch))
    return person


def _accept(
    person: PersonItem, code: str, session_id: str, client: Client, transaction: Transaction, now: datetime
) -> PersonItem:
    """Adds the acceptance of an invitation to a transaction, and its code as used: the same request again finds it."""
    invitations.accept(person, transaction, now)
    transaction.create(_made(person, code, now, session_id).item)
    origin = Origin(Actor("person", person.id, person.name), truncated(client.source_ip))
    audit_log.note(transaction, person.employer_id, "invitation_accepted", origin, now)
    return person


def _count_try(one: CodeItem) -> bool:
    """Counts a try, before it is known to be wrong: tries at once cannot be more than five."""
    transaction = Transaction()
    few = (CodeItem.tries < TRIES_MOST) & CodeItem.session_id.does_not_exist()
    transaction.update(CodeItem(*one.key), [CodeItem.tries.add(1)], few)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _note_failure(tried: Iterable[CodeItem], client: Client, now: datetime) -> None:
    audit_log.log_failure("sign_in_failed")
    for person in table.get_many({person_key(one.employer_id, one.person_id) for one in tried}).values():
        if isinstance(person, PersonItem):
            origin = Origin(Actor("person", person.id, person.name), truncated(client.source_ip))
            audit_log.note_failure(person.employer_id, "sign_in_failed", origin, now)


def _hash(nonce: str, code: str) -> str:
    return keyed_hash(settings().hash_secret, "sign-in code", f"{nonce} {code}")
