"""An employer's policy: merge patches on what differs from the defaults, and warnings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from chalicelib.api.phone_numbers import country_of
from chalicelib.applications.employers import senders
from chalicelib.applications.employers.responses import Warning
from chalicelib.auth.employers import policy_of
from chalicelib.auth.users import held_digest_addresses
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.rules.copy.digest import sms_cap_reached_notice
from chalicelib.rules.employer import Employer
from chalicelib.rules.statutes.data import STATUTES
from chalicelib.storage import sms_spend
from chalicelib.storage.table import Item


def merged(stored: dict[str, Any], patch: dict[str, Any] | None) -> dict[str, Any]:
    """Applies a merge patch (RFC 7386). Null resets a field to its default; null for the whole resets all."""
    if patch is None:
        return {}
    result = dict(stored)
    for name, value in patch.items():
        new = merged(result.get(name) or {}, value) if isinstance(value, dict) else value
        if new is None or new == {}:
            result.pop(name, None)
        else:
            result[name] = new
    return result


def check(stored: dict[str, Any]) -> None:
    """Checks fields against each other. Raises Unprocessable."""
    window = policy_of(stored).candidate_window
    if window.start >= window.end:
        message = f"must be before the end, which is {window.end}"
        raise Unprocessable(errors=[FieldError("/policy/candidate_window/start", message)])


def warnings(employer: Employer, spent: Item | None = None) -> list[Warning]:
    """Lists what hinders this employer's follow-ups. `spent` is the item of this month's spend on texts, where known."""
    found = [*_of_sending(employer), *_of_the_digest(employer), *_of_texts(employer, spent)]
    where = employer.policy.jurisdiction
    if where and all(where != statute.jurisdiction for statute in STATUTES):
        found.append(("no_statute", f"No duty to inform is known for {where}: /v1/statutes lists those that are."))
    if employer.webhooks_ended:
        found.append(("webhook_disabled", "A webhook endpoint failed and was disabled: mend and enable it, or delete it."))
    return [Warning(code, detail) for code, detail in (*found, *employer.ats_lacks)]


def _of_sending(employer: Employer) -> Iterator[tuple[str, str]]:
    """What holds back every message, as codes and details."""
    if employer.suspended:
        yield (
            "suspended",
            "This employer is suspended: nothing is sent, and it can read and not write. What its ATS tells is still taken in.",
        )
    if employer.trial:
        yield "trial", "Trial mode: messages go to this employer's own verified addresses only. The operator ends it."
    if not (employer.call_back.phone or employer.call_back.email):
        yield "no_call_back", "Nobody to call back: candidates are not nudged unless their interview names somebody."
    elif employer.policy.candidate_nudge == "email_reply" and not employer.call_back.email:
        yield "no_call_back_email", "Candidates should write, but there is no call-back address: they are asked to call."


def _of_the_digest(employer: Employer) -> Iterator[tuple[str, str]]:
    if not employer.digest_to:
        yield "no_digest_to", "Nobody gets the digest of candidates who are waiting."
    if held := held_digest_addresses(employer):
        yield (
            "digest_unverified",
            f"No digest goes to {', '.join(sorted(held))} before its owner agrees: by the link that POST "
            "/v1/employer/addresses and the settings page mail, or by accepting an invitation.",
        )
    if employer.digest_ended:
        left = ", ".join(dict.fromkeys(employer.digest_ended))
        yield "digest_unsubscribed", f"Unsubscribed from the digest: {left}. To send it there again, enter the address again."


def _of_texts(employer: Employer, spent: Item | None) -> Iterator[tuple[str, str]]:
    if not employer.policy.sms_countries:
        yield "no_sms_countries", "No country to text in is known: candidates are nudged by email only."
    if senders.lacks_number(employer, employer.policy.sms_countries):
        yield (
            "no_sms_number",
            "No number of its own: in countries whose carriers ask for one, like the US, candidates are nudged by email. "
            "The operator sets sms_origination_number.",
        )
    if sms_spend.is_reached(spent, employer):
        yield "sms_cap_reached", sms_cap_reached_notice(employer)


def countries_for(phone: str | None, timezone: str) -> list[str]:
    """Lists the employer's countries (ISO 3166): of its call-back number and of its time zone."""
    found = [_zone_countries().get(timezone)]
    if phone:
        found.append(country_of(phone))
    return sorted({country for country in found if country})


@cache
def _zone_countries() -> dict[str, str]:
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines()
    return {line.split("\t")[2]: line[:2] for line in lines if not line.startswith("#")}
