"""The employer as stored, and as the rules see it. Authentication reads it with the API key."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.config import settings
from chalicelib.rules.canonical import canonical_address
from chalicelib.rules.employer import Employer, Limits, Policy, Sender, Window, Zone
from chalicelib.rules.model import CallBack
from chalicelib.storage.keys import employer_pk
from chalicelib.storage.table import InstantAttribute, Item, Key

OWN_COUNTRIES = "own_countries"
"""In the stored limits: the countries of an employer for which the operator set none, from before the employer changed them."""


class EmployerItem(Item):
    """PK EMP#<id>, SK EMP. Listed under list_key "operator#EMP"."""

    kind = "EMP"
    id = UnicodeAttribute()
    name = UnicodeAttribute()
    timezone = UnicodeAttribute()
    countries = JSONAttribute(null=True)
    """ISO 3166 codes, computed at each write from the call-back number and the time zone: the default of `sms_countries`."""
    call_back_name = UnicodeAttribute(null=True)
    call_back_phone = UnicodeAttribute(null=True)
    call_back_email = UnicodeAttribute(null=True)
    sms_origination_number = UnicodeAttribute(null=True)
    email_from = UnicodeAttribute(null=True)
    email_reply_to = UnicodeAttribute(null=True)
    digest_to = JSONAttribute()
    """A list of addresses."""
    digest_ended = JSONAttribute(null=True)
    """[[digest_to or escalate_to, address], ...]: who left a digest by its link and was not entered again."""
    digest_unverified = JSONAttribute(null=True)
    """Addresses of the digest, in canonical form, that the employer entered itself. Those of before are not among them."""
    policy = JSONAttribute()
    """Only what differs from the defaults, in the API's field names."""
    limits = JSONAttribute(null=True)
    """What the operator set: only what differs from the defaults, in the API's field names. Employers of before have none."""
    trial = BooleanAttribute()
    addresses = JSONAttribute(null=True)
    """[{channel, address, added_at, verified_at, verified_by}]: for the trial. `verified_at` is null until it is verified."""
    suspended = BooleanAttribute()
    webhooks = BooleanAttribute(null=True)
    """Whether a webhook endpoint exists: without one no event is written."""
    webhooks_ended = BooleanAttribute(null=True)
    """Whether an endpoint was disabled because it failed."""
    ats_lacks = JSONAttribute(null=True)
    """{connection: [[code, detail], ...]}: what connections to hiring systems lack."""
    review_days = NumberAttribute(null=True)
    """The review scale that its own reviews have taught. None: the method's."""
    seeker = JSONAttribute(null=True)
    """Only of a job seeker's own tenant: {person_id, locale?, wording, consents: [{what, wording, given_at}]}; `wording`
    is what the sign-up mail asks to agree to. It has `list_key`
    "seekers#EMP", so that no list of employers holds it. Older code knows no such marker, and finds no such tenant."""
    invitation_address = NumberAttribute(null=True)
    """Only of a job seeker's own tenant: how often they changed the address that they forward invitations to."""
    logo = UnicodeAttribute(null=True)
    """The file name of its `LogoItem`. Pages need no more to show it."""
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    revision = NumberAttribute()


class LogoItem(Item):
    """PK EMP#<id>#LOGO, SK LOGO. Apart from the employer, which every request reads."""

    kind = "LOGO"
    name = UnicodeAttribute()
    """<32 hex digits of the SHA-256 of `data`>.png or .jpg."""
    media_type = UnicodeAttribute()
    data = BinaryAttribute(legacy_encoding=False)
    uploaded_at = InstantAttribute()


def logo_key(employer_id: str) -> Key:
    """Returns the primary key of an employer's logo."""
    return f"{employer_pk(employer_id)}#LOGO", "LOGO"


def policy_of(stored: dict[str, Any], countries: Iterable[str] = ()) -> Policy:
    """Builds a policy from what differs from the defaults. Unknown fields, written by newer code, are ignored."""
    known = _known(Policy, stored)
    if window := stored.get("candidate_window"):
        known["candidate_window"] = Window(**_known(Window, window))
    known.setdefault("sms_countries", tuple(countries))
    return Policy(**known)


def limits_of(item: EmployerItem) -> Limits:
    """Builds the operator's limits. Where it set no countries, they are those of `OWN_COUNTRIES`, else all that it texts now."""
    stored = item.limits or {}
    own = stored.get(OWN_COUNTRIES) or {*(item.countries or ()), *(item.policy.get("sms_countries") or ())}
    return Limits(**{"sms_countries": tuple(sorted(own)), **_known(Limits, stored)})


def _within(policy: Policy, limits: Limits) -> Policy:
    """Lowers a policy to the operator's limits."""
    countries = tuple(country for country in policy.sms_countries if country in limits.sms_countries)
    most = min(policy.sms_monthly_cap_usd, limits.sms_monthly_cap_usd)
    if (countries, most) == (policy.sms_countries, policy.sms_monthly_cap_usd):
        return policy
    return replace(policy, sms_countries=countries, sms_monthly_cap_usd=most)


def _known(record: type[Policy | Window | Limits], stored: dict[str, Any]) -> dict[str, Any]:
    fields = record.__dataclass_fields__
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items() if name in fields}


_made: dict[str, tuple[tuple[dict[str, Any], bool], Employer]] = {}
"""Employers by their id, with what they were made of."""
_MADE_MOST = 1000


def employer_of(item: EmployerItem) -> Employer:
    """Maps the stored item to the rules' record, with the policy as the operator's limits let it hold.

    Every request reads the item: it is mapped again only where anything of it differs from what was mapped last.
    """
    has_inbox = settings().inbound_mail_domain is not None
    known = _made.get(item.id)
    if known is None or known[0] != (item.attribute_values, has_inbox):
        if len(_made) >= _MADE_MOST:
            _made.clear()
        known = _made[item.id] = (deepcopy(item.attribute_values), has_inbox), _made_of(item, has_inbox=has_inbox)
    return known[1]


def _made_of(item: EmployerItem, *, has_inbox: bool) -> Employer:
    limits = limits_of(item)
    policy = _within(policy_of(item.policy, item.countries or ()), limits)
    verified = tuple([canonical_address(one["address"]) for one in item.addresses or () if one["verified_at"]])
    return Employer(
        id=item.id,
        name=item.name,
        timezone=Zone.of(item.timezone, policy),
        call_back=CallBack(item.call_back_name, item.call_back_phone, item.call_back_email),
        digest_to=tuple(item.digest_to),
        digest_ended=tuple([address for _, address in item.digest_ended or ()]),
        policy=policy,
        limits=limits,
        sender=Sender(item.sms_origination_number, item.email_from, item.email_reply_to, inbox=has_inbox),
        trial=item.trial,
        suspended=item.suspended,
        webhooks=bool(item.webhooks),
        webhooks_ended=bool(item.webhooks_ended),
        ats_lacks=tuple([(code, detail) for some in (item.ats_lacks or {}).values() for code, detail in some]),
        review_days=float(item.review_days) if item.review_days else None,
        verified=verified,
        seeker=item.seeker is not None,
        logo=item.logo,
        digest_unverified=tuple([address for address in item.digest_unverified or () if address not in verified]),
    )
