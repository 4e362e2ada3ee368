"""Signs job seekers up by mail: an address that nobody uses yet gets a link and a code, a known one a sign-in.

The answer is the same for every address. A sign-up that nobody accepts vanishes after 15 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from chalicelib.accounts.sessions import sign_in
from chalicelib.applications.seekers import tenant
from chalicelib.auth import audit_log, invitations
from chalicelib.auth.audit_log import About, Origin
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import SEEKER_ADDRESS, AddressItem, PersonItem, address_pk, people_at, person_key
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed
from chalicelib.messaging import gate, providers, send_now
from chalicelib.messaging.gate import OnDemand
from chalicelib.rules.copy.language import catalogue, language_of
from chalicelib.rules.copy.seeker_account import EMAIL_CONSENT, sign_up_mail
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Transaction

KEPT_UNACCEPTED = invitations.LASTS + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody gave who wants to be reminded of their own interviews."""

    email: str
    name: str
    timezone: str
    locale: str | None = None
    leads_to: str = "/my"
    """The page to which the mailed link leads."""


@dataclass(slots=True)
class _Pending:
    """The items of a sign-up: what was stored, if anything, and what is to be."""

    item: EmployerItem
    person: PersonItem
    is_new: bool


def ask(given: SignUp, origin: Origin, now: datetime) -> None:
    """Mails a link and a code, within the quotas; over them nothing is sent or stored, and nothing is said."""
    network = origin.place or ""
    if not sign_in.may_ask(network, now):
        return
    known = next((one for one in people_at(given.email) if one.role == "seeker"), None)
    if known is not None and known.is_accepted:
        sign_in.mail(given.email, network, now, f"?next={quote(given.leads_to, safe='')}")
        return
    pending = _read(known, given, now)
    before = {} if pending.is_new else table.snapshot(pending.person)
    tenant_before = {} if pending.is_new else table.snapshot(pending.item)
    _fill(pending, given, now)
    made = invitations.invite(pending.person, now)
    query = f"?next={quote(given.leads_to, safe='')}" if given.leads_to != "/my" else ""
    link = f"{settings().base_url}/invitations/{made.token}{query}"
    words = sign_up_mail(given.email, link, made.code, language_of(given.locale))
    mail = OnDemand("seeker_sign_up", words, employer_of(pending.item), network)
    if gate.allow(mail, now) is not None:
        return
    transaction = Transaction()
    if pending.is_new:
        _create(transaction, pending)
    else:
        _change(transaction, pending, before, tenant_before)
    about = About("person", pending.person.id, pending.person.name)
    audit_log.note(transaction, pending.item.id, "person_invited", origin, now, about=about)
    try:
        transaction.commit()
    except ConditionFailed:  # the same was asked for at this moment: the other one mails
        return
    send_now.send_allowed(mail, providers.channels(), now)


def _read(known: PersonItem | None, given: SignUp, now: datetime) -> _Pending:
    """Reads a sign-up that waits to be accepted, or begins one."""
    item = table.get(keys.employer_pk(known.employer_id), "EMP") if known is not None else None
    if known is not None and isinstance(item, EmployerItem):
        return _Pending(item, known, is_new=False)
    employer_id, person_id = ids.new_id("emp", now), ids.new_id("per", now)
    pk, sk = person_key(employer_id, person_id)
    person = PersonItem(
        PK=pk,
        SK=sk,
        id=person_id,
        employer_id=employer_id,
        email=given.email,
        role="seeker",
        epoch=1,
        created_at=now,
        revision=1,
    )
    return _Pending(tenant.new_item(employer_id, person_id, now), person, is_new=True)


def _fill(pending: _Pending, given: SignUp, now: datetime) -> None:
    """Sets what was given now: the newest mail is the one that counts, and it starts with what came with it."""
    item, person = pending.item, pending.person
    expires_at = int((now + KEPT_UNACCEPTED).timestamp())
    person.name, person.email, person.updated_at, person.expires_at = given.name, given.email, now, expires_at
    item.timezone, item.updated_at, item.expires_at = given.timezone, now, expires_at
    # anyone who enters by this mail reads it, and nobody enters otherwise: until then there is nothing to send
    item.addresses = [tenant.verified("email", given.email, now)]
    item.seeker = {**item.seeker, "locale": given.locale, "wording": catalogue(language_of(given.locale)).text(EMAIL_CONSENT)}


def _change(transaction: Transaction, pending: _Pending, before: dict[str, Any], tenant_before: dict[str, Any]) -> None:
    """Adds the changes of a sign-up to a transaction, which fails where it was changed or accepted meanwhile."""
    person, item = pending.person, pending.item
    person.revision = int(person.revision) + 1
    transaction.update(person, table.changes(person, before), PersonItem.revision == before["revision"])
    if actions := table.changes(item, tenant_before):
        transaction.update(item, actions, EmployerItem.seeker.exists())


def _create(transaction: Transaction, pending: _Pending) -> None:
    """Adds a new sign-up to a transaction, which fails where the address got another one meanwhile."""
    person = pending.person
    address = AddressItem(
        PK=address_pk(person.email),
        SK=SEEKER_ADDRESS,
        employer_id=person.employer_id,
        person_id=person.id,
        expires_at=person.expires_at,
    )
    old = table.get(*address.key)
    transaction.create(pending.item)
    transaction.create(person)
    if isinstance(old, AddressItem) and table.get(*person_key(old.employer_id, old.person_id)) is None:
        transaction.put(address, AddressItem.person_id == old.person_id)  # of a sign-up that has vanished
    else:
        transaction.create(address)
