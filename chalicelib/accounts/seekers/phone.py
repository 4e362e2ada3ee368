"""Confirms a job seeker's number by a texted code. Before that, nothing else is ever texted to it.

A code works for ten minutes and five tries. Three go to one number, and to one seeker, in a day.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.api.phone_numbers import country_of
from chalicelib.applications.candidates import service as candidates
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.seekers import tenant
from chalicelib.auth.actors import CANDIDATE
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.sign_in_codes import PhoneCodeItem
from chalicelib.auth.users import PersonItem, people_pk
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed, Conflict, FieldError, NotFound, Unprocessable
from chalicelib.messaging import gate, providers, send_now
from chalicelib.messaging.gate import OnDemand
from chalicelib.rules.copy.language import catalogue
from chalicelib.rules.copy.seeker_account import SMS_CONSENT, phone_code_text
from chalicelib.signing import equal_in_constant_time, keyed_hash
from chalicelib.storage import table
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import Transaction, stored_instant

LASTS = timedelta(minutes=10)
TRIES_MOST = 5
CONSENTS_MOST = 20
_TRIES = 5


def send_code(item: EmployerItem, phone: str, network: str, now: datetime) -> None:
    """Texts a code to a number. Over the quotas, or where the number said STOP, nothing is sent and nothing is said.

    Raises NotFound where the seeker was erased at this moment: nobody would erase what is written after that.
    """
    code = f"{secrets.randbelow(10**6):06}"
    asked = OnDemand("phone_code", phone_code_text(phone, code, tenant.language(item)), employer_of(item), network)
    if gate.allow(asked, now) is not None:
        return
    transaction = Transaction()
    transaction.check(EmployerItem(*item.key), EmployerItem.PK.exists())
    transaction.put(new_code(item.id, phone, code, now))
    try:
        transaction.commit()
    except ConditionFailed:
        gate.refused(asked, now)
        raise NotFound from None
    send_now.send_allowed(asked, providers.channels(), now)


def new_code(employer_id: str, phone: str, code: str, now: datetime) -> PhoneCodeItem:
    """Makes the item of a code, in place of the one before."""
    nonce = secrets.token_hex(8)
    return PhoneCodeItem(
        people_pk(employer_id),
        "PHONECODE",
        phone=phone,
        code_hash=_hash(employer_id, nonce, code),
        made_at=now,
        tries=0,
        nonce=nonce,
        expires_at=int((now + LASTS).timestamp()),
    )


def confirm(item: EmployerItem, person: PersonItem, code: str, now: datetime) -> EmployerItem:
    """Confirms the number by its code, and records the consent. Raises Unprocessable for any wrong code, the same for all."""
    sent = table.get(people_pk(item.id), "PHONECODE")
    if not isinstance(sent, PhoneCodeItem) or now >= sent.made_at + LASTS or not _count_try(sent):
        raise _wrong()
    if not equal_in_constant_time(_hash(item.id, sent.nonce, code), sent.code_hash):
        raise _wrong()
    changed = _keep(item.id, sent, now)
    candidate = candidates.create(employer_of(changed), _without_phone(changed, person), now, by=CANDIDATE).candidate
    consent = candidates.consent(now, "code")
    candidates.change(employer_of(changed), candidate.id, {"phone": sent.phone, "sms_consent": consent}, now, lambda _: None)
    return changed


def _without_phone(item: EmployerItem, person: PersonItem) -> CandidateInput:
    return replace(tenant.as_candidate(item, person), phone=None, sms_consent=None)


def _keep(employer_id: str, sent: PhoneCodeItem, now: datetime) -> EmployerItem:
    """Makes the number the only one that may be texted, and uses the code up. Raises Unprocessable where it was used."""
    for _ in range(_TRIES):
        item = table.get(employer_pk(employer_id), "EMP")
        if not isinstance(item, EmployerItem) or item.seeker is None:
            raise NotFound
        before, country = table.snapshot(item), country_of(sent.phone)
        others = [one for one in item.addresses or () if one["channel"] != "sms"]
        item.addresses = [*others, tenant.verified("sms", sent.phone, now)]
        item.countries = [country] if country else []
        item.limits = {**(item.limits or {}), "sms_countries": item.countries}
        given = {"what": "sms", "wording": catalogue(tenant.language(item)).text(SMS_CONSENT), "given_at": stored_instant(now)}
        item.seeker = {**item.seeker, "consents": [*item.seeker["consents"], given][-CONSENTS_MOST:]}
        item.revision, item.updated_at = int(item.revision) + 1, now
        transaction = Transaction()
        transaction.update(item, table.changes(item, before), EmployerItem.revision == before["revision"])
        transaction.delete(PhoneCodeItem(*sent.key), PhoneCodeItem.nonce == sent.nonce)
        try:
            transaction.commit()
        except ConditionFailed as lost:
            if sent.key in lost.failed:
                raise _wrong() from None
            continue
        return item
    raise Conflict("Others changed this at the same time: try again.")


def _count_try(sent: PhoneCodeItem) -> bool:
    """Counts a try before it is compared: tries at once cannot be more than five."""
    transaction = Transaction()
    few = (PhoneCodeItem.tries < TRIES_MOST) & (PhoneCodeItem.nonce == sent.nonce)
    transaction.update(PhoneCodeItem(*sent.key), [PhoneCodeItem.tries.add(1)], few)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _wrong() -> Unprocessable:
    detail = "This code does not work. Check the newest text, or ask for another one."
    return Unprocessable(detail, errors=[FieldError("/code", "is wrong, too old, or was used")], code="wrong_code")


def _hash(employer_id: str, nonce: str, code: str) -> str:
    return keyed_hash(settings().hash_secret, "phone code", f"{employer_id} {nonce} {code}")
