"""The operator's limits of an employer: merge patches, and the check that a policy stays within them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from chalicelib.applications.employers import policies
from chalicelib.applications.employers.responses import Warning
from chalicelib.auth.employers import OWN_COUNTRIES, EmployerItem, limits_of, policy_of
from chalicelib.errors import FieldError, Forbidden, Unprocessable
from chalicelib.rules.employer import Limits

OPERATORS = ("name", "limits", "sms_origination_number", "email_from")
ABOVE_LIMIT: Final = "above_limit"


def refuse_operator_fields(fields: dict[str, Any]) -> None:
    """Refuses what only the operator may change. Raises Forbidden, naming each field."""
    if found := [name for name in OPERATORS if name in fields]:
        raise Forbidden(
            f"Only the operator of this deployment changes {' and '.join(found)}: ask for it.",
            code="operator_only",
            errors=[FieldError(f"/{name}", "is changed by the operator only") for name in found],
        )


def set_first(item: EmployerItem, fields: dict[str, Any]) -> None:
    """Sets the limits of a new employer. What the operator's policy asks for is within them."""
    known = {name: value for name, value in (fields.get("limits") or {}).items() if value is not None}
    asked = item.policy.get("sms_monthly_cap_usd", 0)
    if asked > Limits().sms_monthly_cap_usd:
        known.setdefault("sms_monthly_cap_usd", asked)
    item.limits = known
    add_countries(item)


def keep_countries(item: EmployerItem) -> None:
    """Writes down which countries an employer may text, before it changes its number, zone or policy."""
    _keep(item, limits_of(item).sms_countries)


def add_countries(item: EmployerItem) -> None:
    """Adds the countries of a number, zone or policy that the operator has set."""
    _keep(item, {*limits_of(item).sms_countries, *(item.countries or ()), *(item.policy.get("sms_countries") or ())})


def _keep(item: EmployerItem, countries: Iterable[str]) -> None:
    limits, kept = item.limits or {}, sorted(countries)
    if "sms_countries" not in limits and kept and limits.get(OWN_COUNTRIES) != kept:
        item.limits = {**limits, OWN_COUNTRIES: kept}


def merge(item: EmployerItem, patch: dict[str, Any] | None) -> None:
    """Applies the operator's merge patch. Null resets a limit to its default."""
    own = {OWN_COUNTRIES: kept} if (kept := (item.limits or {}).get(OWN_COUNTRIES)) else {}
    item.limits = policies.merged(item.limits or {}, patch) if patch is not None else own


def check(item: EmployerItem, patch: dict[str, Any] | None) -> None:
    """Checks the given fields of a policy against the limits. Raises Unprocessable, with what was given and the limit."""
    limits, policy, found = limits_of(item), policy_of(item.policy), []
    for name in patch or {}:
        if name == "sms_monthly_cap_usd" and "sms_monthly_cap_usd" in item.policy:
            if policy.sms_monthly_cap_usd > limits.sms_monthly_cap_usd:
                found.append((name, f"{policy.sms_monthly_cap_usd:g}", f"{limits.sms_monthly_cap_usd:g}"))
        elif name == "sms_countries" and (more := [one for one in policy.sms_countries if one not in limits.sms_countries]):
            found.append((name, ", ".join(more), ", ".join(limits.sms_countries) or "no country"))
    if found:
        raise Unprocessable(
            "The policy is above the limits that the operator set: stay within them, or ask the operator.",
            code=ABOVE_LIMIT,
            errors=[FieldError(f"/policy/{name}", f"is {given}: the limit is {limit}") for name, given, limit in found],
        )


def check_count(field: str, have: int, limit: int, what: str) -> None:
    """Checks that one more fits under a limit of a number. Raises Unprocessable."""
    if have >= limit:
        raise Unprocessable(
            f"There are {have} {what} already: the operator's limit `{field}` is {limit}.",
            code=ABOVE_LIMIT,
            errors=[FieldError("", f"would be number {have + 1}: the limit of {field} is {limit}")],
        )


def warnings(item: EmployerItem) -> list[Warning]:
    """Says where the stored policy is above the limits and so holds only in part."""
    limits, policy = limits_of(item), policy_of(item.policy, item.countries or ())
    found = []
    if policy.sms_monthly_cap_usd > limits.sms_monthly_cap_usd and "sms_monthly_cap_usd" in item.policy:
        found.append(f"sms_monthly_cap_usd is {policy.sms_monthly_cap_usd:g}, the limit {limits.sms_monthly_cap_usd:g}")
    if more := [one for one in policy.sms_countries if one not in limits.sms_countries]:
        found.append(f"no texts go to {', '.join(more)}")
    return [Warning(ABOVE_LIMIT, f"The operator's limits lower this policy: {'; '.join(found)}.")] if found else []
