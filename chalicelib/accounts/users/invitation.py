"""Invites a person's address by mail, and accepts by the mail's code. The link is accepted on its page (`web/sign_in.py`)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from chalicelib.auth import audit_log, invitations, rate_limit
from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import Origin
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import PersonItem, people_at
from chalicelib.config import settings
from chalicelib.errors import ApiError, ConditionFailed, FieldError, Forbidden, NotFound, Unprocessable
from chalicelib.messaging import gate
from chalicelib.messaging.gate import OnDemand
from chalicelib.rules.copy.sign_in import invitation_mail
from chalicelib.rules.employer import Employer
from chalicelib.storage import table
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Transaction


def prepare(person: PersonItem, employer: Employer, origin: Origin, now: datetime) -> OnDemand:
    """Sets a person's address as invited, and returns the mail, for `demand` to let through."""
    made = invitations.invite(person, now)
    link = f"{settings().base_url}/invitations/{made.token}"
    words = invitation_mail(person.email, employer.name, link, made.code)
    return OnDemand("invitation", words, employer, origin.place or "")


def demand(mail: OnDemand, now: datetime) -> None:
    """Passes the gate. Raises Forbidden for a suspended employer, TooManyRequests where too many were invited within the hour."""
    held = gate.allow(mail, now)
    if held and held.reason == gate.SUSPENDED:
        raise Forbidden("This employer is suspended: it can read and not write.", code="suspended")
    if held:
        detail = "Too many were invited within the hour: try again in an hour."
        raise rate_limit.hour_is_full("mails", held.most, now, detail, "too_many_mails")


def prepare_anew(person: PersonItem, origin: Origin, now: datetime) -> OnDemand:
    """Invites the new address of a person: anyone who reads mail there has not accepted anything yet."""
    return prepare(person, employer_of(_employer(person)), origin, now)


def accept(email: str, code: str, network: str, now: datetime) -> tuple[PersonItem, EmployerItem]:
    """Accepts the invitation whose code this is. Raises Unprocessable for any wrong code, TooManyRequests after some."""
    attempt = rate_limit.try_code("invitation", email, network, now)
    person = invitations.find(people_at(email), code, now) if attempt.allowed else None
    if person is None:
        raise wrong_code(attempt, "is not the code of an open invitation to this address", now)
    employer, transaction = _employer(person), Transaction()
    invitations.accept(person, transaction, now)
    origin = Origin(Actor("person", person.id, person.name), network or None)
    audit_log.note(transaction, person.employer_id, "invitation_accepted", origin, now)
    with suppress(ConditionFailed):  # accepted by the link at the same moment
        transaction.commit()
    known = table.get(*person.key)
    if not isinstance(known, PersonItem):
        raise NotFound
    return known, employer


def wrong_code(attempt: rate_limit.CodeTry, fault: str, now: datetime) -> ApiError:
    """Returns the error for a code that did not work: the same for every reason, and for every address."""
    if attempt.allowed and not attempt.silent:
        detail = "This code does not work. Check the newest email, or ask for another one."
        return Unprocessable(detail, errors=[FieldError("/code", fault)], code="wrong_code")
    detail = "Too many codes were tried: try again when the hour is over."
    return rate_limit.hour_is_full("codes", rate_limit.CODES_AN_HOUR, now, detail)


def _employer(person: PersonItem) -> EmployerItem:
    item = table.get(employer_pk(person.employer_id), "EMP")
    if not isinstance(item, EmployerItem):
        raise NotFound
    return item
