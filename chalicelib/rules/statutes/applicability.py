"""Decides which statutes apply to a job.

Where a condition is unknown (was the job advertised? how many employees?), the statute applies, and `assumed` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.rules.model import Advertised
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
    assumed = []
    if statute.in_force is None:
        return Applicability(statute, False, "a bill, not a law: watched only")
    least, longer = statute.headcount_at_least, statute.longer_than_days
    if least is not None and posting.headcount is None:
        assumed.append(f"at least {least} employees on posting day")
    elif least is not None and posting.headcount is not None and posting.headcount < least:
        return Applicability(statute, False, f"fewer than {least} employees on posting day")
    if statute.advertised_publicly and posting.advertised is None:
        assumed.append("advertised publicly")
    elif statute.advertised_publicly and posting.advertised == "internal":
        return Applicability(statute, False, "restricted to existing employees")
    elif statute.advertised_publicly and posting.advertised == "general_campaign":
        return Applicability(statute, False, "a general campaign that advertises no specific position")
    if longer is not None and posting.role_days is None:
        assumed.append(f"a role of more than {longer} days")
    elif longer is not None and posting.role_days is not None and posting.role_days <= longer:
        return Applicability(statute, False, f"a role of at most {longer} days")
    return Applicability(statute, True, assumed=tuple(assumed))
