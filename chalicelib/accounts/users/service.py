"""Creates, changes, lists and removes an employer's people, each with their sign-in address in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from chalicelib.accounts.users import invitation
from chalicelib.accounts.users.responses import Person
from chalicelib.api.caching import etag, require_match
from chalicelib.applications.employers import limits
from chalicelib.auth import audit_log
from chalicelib.auth.audit_log import NOBODY, About, Origin, What
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import (
    ROLE_SCOPES,
    AddressItem,
    PersonItem,
    TeamItem,
    address_pk,
    leaving,
    people_at,
    people_pk,
    person_key,
)
from chalicelib.errors import ApiError, ConditionFailed, Conflict, Forbidden, NotFound
from chalicelib.messaging import providers, send_now
from chalicelib.messaging.gate import OnDemand
from chalicelib.rules.canonical import canonical_email
from chalicelib.rules.copy.sign_in import access_changed_mail
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import PersonRole, Role
from chalicelib.storage import table
from chalicelib.storage.ids import is_id, new_id
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Transaction
from chalicelib.storage.transaction import AT_ONCE, Committer

_TRIES = 8


def check_role(role: PersonRole, held: Iterable[str]) -> None:
    """Checks that a caller with these scopes may give somebody a role. Raises Forbidden."""
    if lacking := [scope for scope in ROLE_SCOPES[role] if scope not in held]:
        raise Forbidden(f"This key lacks {', '.join(lacking)}, which a {role} has.", code="missing_scope")


def check_not_own(person: PersonItem | None, person_id: str, role: Role | None = None) -> None:
    """Checks that nobody removes themselves or changes their own role: an employer might be left without a manager."""
    if person is not None and person.id == person_id and person.role != role:
        raise Conflict("You cannot remove yourself or change your own role: another manager can.", code="own_role")


def create(
    employer: Employer, fields: dict[str, Any], now: datetime, *, committer: Committer = AT_ONCE, origin: Origin = NOBODY
) -> PersonItem:
    """Creates a person and mails the invitation, once.

    Raises Conflict where another person at this employer has the address, or too many were invited within the hour;
    Unprocessable above the limit of people.
    """
    employer_id = employer.id
    person_id = new_id("per", now)
    pk, sk = person_key(employer_id, person_id)
    person = PersonItem(
        PK=pk, SK=sk, id=person_id, employer_id=employer_id, epoch=1, created_at=now, updated_at=now, revision=1, **fields
    )
    mail = invitation.prepare(person, employer, origin, now)
    _add(person, employer, committer, origin, now)
    committer.begin()  # the same request again must not mail again, nor count
    try:
        invitation.demand(mail, now)
    except ApiError:  # nobody stays without an invitation
        remove(employer_id, person_id, now, origin=origin)
        raise
    send_now.send_allowed(mail, providers.channels(), now)
    return person


def _add(person: PersonItem, employer: Employer, committer: Committer, origin: Origin, now: datetime) -> None:
    """Writes a new person where the limit of people allows one more, also where others are added at the same moment."""
    for _ in range(_TRIES):
        found = table.query(person.PK, "PERSON")  # the people and the TeamItem
        count = sum(isinstance(one, PersonItem) for one in found)
        limits.check_count("users", count, employer.limits.users, "people")
        transaction = Transaction()
        transaction.check(EmployerItem(PK=employer_pk(employer.id), SK="EMP"), EmployerItem.PK.exists())
        transaction.create(person)
        transaction.create(_address(person))
        _mark_growth(transaction, person.PK, next((one for one in found if isinstance(one, TeamItem)), None))
        audit_log.note(transaction, employer.id, "person_invited", origin, now, about=_about(person))
        try:
            _commit(transaction, committer)
        except ConditionFailed as lost:
            if (person.PK, "PERSONS") not in lost.failed:
                raise
        else:
            return
    raise Conflict("Others invite people at the same time; try again.", code="concurrent_change")


def _mark_growth(transaction: Transaction, pk: str, known: TeamItem | None) -> None:
    if known is None:
        transaction.create(TeamItem(PK=pk, SK="PERSONS", revision=1))
        return
    revision = int(known.revision)
    transaction.update(TeamItem(*known.key), [TeamItem.revision.set(revision + 1)], TeamItem.revision == revision)


def of_employer(employer_id: str) -> list[PersonItem]:
    """Lists an employer's people, newest first."""
    return [item for item in table.query(people_pk(employer_id), "PERSON#") if isinstance(item, PersonItem)][::-1]


def read(employer_id: str, person_id: str) -> PersonItem:
    """Reads a person. Raises NotFound."""
    item = table.get(*person_key(employer_id, person_id)) if is_id(person_id, "per") else None
    if not isinstance(item, PersonItem):
        raise NotFound("There is no such person.")
    return item


def change(
    employer_id: str,
    person_id: str,
    fields: dict[str, Any],
    if_match: str | None,
    now: datetime,
    *,
    origin: Origin = NOBODY,
) -> PersonItem:
    """Sets the given fields. A new address, or another role, ends the person's sessions; a new address is invited.

    Raises NotFound, Conflict.
    """
    person = read(employer_id, person_id)
    require_match(if_match, person_etag(person))
    before, former, was_accepted = table.snapshot(person), _address(person), person.is_accepted
    _set_fields(person, fields, now)
    if not table.changes(person, before):
        return person
    if person.email != before["email"] or person.role != before["role"]:
        person.epoch = int(person.epoch) + 1
    is_new_address = canonical_email(person.email) != canonical_email(before["email"])
    mail = invitation.prepare_anew(person, origin, now) if is_new_address else None
    if mail is not None:
        invitation.demand(mail, now)
    person.revision, person.updated_at = int(person.revision) + 1, now
    transaction = Transaction()
    transaction.update(person, table.changes(person, before), PersonItem.revision == before["revision"])
    if _address(person).key != former.key:
        transaction.delete(former)
        transaction.create(_address(person))
    changed = changed_access(before, person)
    for what in changed:
        audit_log.note(transaction, employer_id, what, origin, now, about=_about(person))
    _commit(transaction)
    if changed and was_accepted:
        _send_notice(person, before["email"], changed, origin, now)
    if mail is not None:
        send_now.send_allowed(mail, providers.channels(), now)
    return person


def _set_fields(person: PersonItem, fields: Mapping[str, Any], now: datetime) -> None:
    for name, value in fields.items():
        if name == "digest":
            person.digest_ended_at = None if value else person.digest_ended_at or now
        else:
            setattr(person, name, value)


def note_test(person: PersonItem, now: datetime) -> None:
    """Notes that a person has emailed a test reminder to themselves. It changes nothing that clients see."""
    transaction = Transaction()
    transaction.update(PersonItem(*person.key), [PersonItem.tested_at.set(now)], PersonItem.PK.exists())
    transaction.commit()


def invite_again(
    employer: Employer,
    person_id: str,
    now: datetime,
    *,
    if_match: str | None = None,
    committer: Committer = AT_ONCE,
    origin: Origin = NOBODY,
) -> PersonItem:
    """Mails a new link and code to a person who has not accepted; the former ones end.

    Raises NotFound; Conflict where the person accepted, or too many were invited within the hour: then the former mail still
    counts.
    """
    person = read(employer.id, person_id)
    require_match(if_match, person_etag(person))
    if person.is_accepted:
        raise Conflict("This person has accepted the invitation, and signs in on the sign-in page.", code="already_accepted")
    before = table.snapshot(person)
    mail = invitation.prepare(person, employer, origin, now)
    person.revision, person.updated_at = int(person.revision) + 1, now
    transaction = Transaction()
    transaction.update(person, table.changes(person, before), PersonItem.revision == before["revision"])
    audit_log.note(transaction, employer.id, "person_invited", origin, now, about=_about(person))
    committer.commit(transaction)
    committer.begin()  # the same request again must not mail again, nor count
    try:
        invitation.demand(mail, now)
    except ApiError:
        _put_back(person, before)
        raise
    send_now.send_allowed(mail, providers.channels(), now)
    return person


def _put_back(person: PersonItem, before: dict[str, Any]) -> None:
    """Let the former invitation count again."""
    undone, now_stored = PersonItem(*person.key), table.snapshot(person)
    for name, value in {**before, "revision": int(person.revision) + 1}.items():
        setattr(undone, name, value)
    transaction = Transaction()
    transaction.update(undone, table.changes(undone, now_stored), PersonItem.revision == person.revision)
    with suppress(ConditionFailed):  # changed meanwhile
        transaction.commit()


def changed_access(before: dict[str, Any], person: PersonItem) -> list[What]:
    """Lists what changed of a person's access: role and address."""
    changed: list[tuple[What, bool]] = [
        ("role_changed", person.role != before["role"]),
        ("address_changed", person.email != before["email"]),
    ]
    return [what for what, is_changed in changed if is_changed]


def _send_notice(person: PersonItem, to: str, changed: list[What], origin: Origin, now: datetime) -> None:
    """Tells a person at the former address what was changed about them: the new one may be somebody else's."""
    employer = table.get(employer_pk(person.employer_id), "EMP")
    if isinstance(employer, EmployerItem):
        lines: dict[What, str] = {
            "role_changed": f"your role is now {person.role}",
            "address_changed": f"you sign in with {person.email} from now on",
        }
        mail = access_changed_mail(to, employer.name, [lines[what] for what in changed])
        send_now.send_now(OnDemand("access_changed", mail, employer_of(employer), origin.place or ""), providers.channels(), now)


def _about(person: PersonItem) -> About:
    return About("person", person.id, person.name)


def remove(employer_id: str, person_id: str, now: datetime, *, if_match: str | None = None, origin: Origin = NOBODY) -> None:
    """Removes a person. Their sessions end at once. Raises NotFound, PreconditionFailed."""
    person = read(employer_id, person_id)
    require_match(if_match, person_etag(person))
    transaction = Transaction()
    transaction.delete(person)
    transaction.delete(_address(person))
    transaction.put(leaving(employer_id, person_id, now))
    audit_log.note(transaction, employer_id, "person_removed", origin, now, about=_about(person))
    transaction.commit()


def sign_out_everywhere(person: PersonItem, now: datetime, origin: Origin) -> None:
    """Ends all sessions of a person, and their unused sign-in links."""
    transaction = Transaction()
    audit_log.note(transaction, person.employer_id, "signed_out_everywhere", origin, now)
    transaction.update(PersonItem(*person.key), [PersonItem.epoch.set(PersonItem.epoch + 1)], PersonItem.PK.exists())
    transaction.commit()


def signing_in_with(email: str) -> list[PersonItem]:
    """Lists the people who sign in with an address that they accepted: at most one at each employer."""
    return [person for person in people_at(email) if person.is_accepted]


def person_etag(person: PersonItem) -> str:
    """Returns the ETag of a person."""
    return etag(person.id, int(person.revision))


def serialize_person(person: PersonItem) -> Person:
    return Person(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        accepted=person.is_accepted,
        invited_at=person.invited_at,
        digest=person.digest_ended_at is None,
        created_at=person.created_at,
        updated_at=person.updated_at,
    )


def _address(person: PersonItem) -> AddressItem:
    return AddressItem(
        PK=address_pk(person.email), SK=f"AT#{person.employer_id}", employer_id=person.employer_id, person_id=person.id
    )


def _commit(transaction: Transaction, committer: Committer = AT_ONCE) -> None:
    try:
        committer.commit(transaction)
    except ConditionFailed as lost:
        if any(sk.startswith("AT#") for _, sk in lost.failed):
            raise Conflict(
                "Someone on your team already uses this email. If they have not accepted yet, send the invitation again.",
                code="duplicate_person",
            ) from None
        raise
