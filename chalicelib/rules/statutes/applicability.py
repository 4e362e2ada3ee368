"""Decides which statutes apply to a job.

Where a condition is unknown (was the job advertised? how many employees?), the statute applies, and `assumed` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.rules.model import Advertised, DocumentsFiled, WorkPlace
from chalicelib.rules.statutes.data import STATUTES, Statute


@dataclass(frozen=True, slots=True)
class Posting:
    """What the law asks about a job. None is unknown. `filled_on` is the day on which somebody was hired."""

    jurisdiction: str
    headcount: int | None = None
    advertised: Advertised | None = None
    role_days: int | None = None
    filled_on: date | None = None
    timezone: str | None = None
    work: WorkPlace | None = None
    food_service: bool | None = None
    documents_filed: DocumentsFiled | None = None
    selection_body: str | None = None
    """Who conducts the selection, where it is not the employer."""


@dataclass(frozen=True, slots=True)
class Applicability:
    """Whether a statute applies to a job: why not, or what was assumed."""

    statute: Statute
    applies: bool
    why_not: str | None = None
    assumed: tuple[str, ...] = ()


def statutes_for_job(posting: Posting) -> list[Applicability]:
    """Returns for every statute of the job's jurisdiction whether it applies; bills never do."""
    return [_applicability(statute, posting) for statute in STATUTES if statute.jurisdiction == posting.jurisdiction]


def _applicability(statute: Statute, posting: Posting) -> Applicability:
    if statute.in_force is None:
        return Applicability(statute, False, "a bill, not a law: watched only")
    conditions = list(_conditions(statute, posting))
    why_not = next((one.exempt for one in conditions if one.exempt), None)
    assumed = () if why_not else tuple(one.condition for one in conditions if one.unknown)
    return Applicability(statute, why_not is None, why_not, assumed)


@dataclass(frozen=True, slots=True)
class _Condition:
    """One condition of a statute: whether the posting tells, and why the posting is exempt, if it is."""

    condition: str
    unknown: bool
    exempt: str | None = None


def _conditions(statute: Statute, posting: Posting) -> Iterator[_Condition]:
    least, longer = statute.headcount_at_least, statute.longer_than_days
    if least is not None:
        few = f"fewer than {least} employees on posting day" if (posting.headcount or least) < least else None
        yield _Condition(f"at least {least} employees on posting day", posting.headcount is None, few)
    if statute.advertised_publicly:
        yield _Condition("advertised publicly", posting.advertised is None, _NOT_PUBLIC.get(posting.advertised or "public"))
    if statute.work_inside:
        outside = "work outside the place" if posting.work == "outside" else None
        yield _Condition("work at the place", False, outside)  # who names the jurisdiction of a job says where it is
    if longer is not None:
        short = f"a role of at most {longer} days" if posting.role_days is not None and posting.role_days <= longer else None
        yield _Condition(f"a role of more than {longer} days", posting.role_days is None, short)
    if statute.no_food_service:
        yield _Condition("not in food service", posting.food_service is None, "food service" if posting.food_service else None)
    if statute.on_paper:
        online = "documents sent by website or email" if posting.documents_filed == "online" else None
        yield _Condition("documents on paper", posting.documents_filed is None, online)


_NOT_PUBLIC = {
    "internal": "restricted to existing employees",
    "general_campaign": "a general campaign that advertises no specific position",
}
