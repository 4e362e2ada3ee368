"""Lists the statutory duties to inform candidates, each with its conditions and its source.

Not legal advice. Each statute says when its text was last checked (`verified_on`) and how long the check holds (`review_by`).
After that its deadlines still count, and every text says that it is unverified. Bills are listed and never count. One vendor's
blog reports a "48-hour law" in France; no such law was found. `deadlines.py` computes the dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from chalicelib.rules.model import Decision, NoticeName

Clock = Literal["after_last_interview", "every_two_months", "after_filling", "after_request"]
NAMES: tuple[NoticeName, ...] = get_args(NoticeName)


@dataclass(frozen=True, slots=True)
class Statute:
    """One duty. `in_force` is None for a bill. `days` runs from what `clock` names; 0 means at once."""

    id: str
    jurisdiction: str
    law: str
    duty: str
    source: str
    verified_on: date
    review_by: date
    in_force: date | None = None
    clock: Clock | None = None
    days: int = 0
    zone: str = "UTC"
    headcount_at_least: int | None = None
    advertised_publicly: bool = False
    longer_than_days: int | None = None
    screens_count: bool = False
    written: bool = False
    names: tuple[NoticeName, ...] = ()
    answers: tuple[Decision, ...] = ("pending", "advancing", "offer", "rejected")
    """The decisions that a notice can tell to satisfy the duty; a contact without a decision never does."""
    keep_years: int = 3


_VERIFIED, _REVIEW = date(2026, 11, 23), date(2027, 5, 23)

STATUTES: tuple[Statute, ...] = (
    Statute(
        id="ca-on-interview-45",
        jurisdiction="CA-ON",
        in_force=date(2026, 1, 1),
        clock="after_last_interview",
        days=45,
        law="Ontario: Employment Standards Act, 2000, Part III.1; O. Reg. 476/24",
        duty="Tell each interviewed applicant within 45 days of the last interview whether a hiring decision has been made.",
        source="https://www.ontario.ca/laws/regulation/240476",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
        zone="America/Toronto",
        headcount_at_least=25,
        advertised_publicly=True,
        keep_years=3,
    ),
    Statute(
        id="il-progress-2-months",
        jurisdiction="IL",
        in_force=date(2014, 1, 1),
        clock="every_two_months",
        law="Israel: Notice to Employees and Candidates Law (2002), amendment 6 (2014)",
        duty="Write to each candidate every two months how the selection stands.",
        source="amendment 6 (2014), read in translation",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
        zone="Asia/Jerusalem",
        headcount_at_least=25,
        longer_than_days=30,
        screens_count=True,
        written=True,
        names=NAMES,
        keep_years=7,
    ),
    Statute(
        id="il-rejection-14",
        jurisdiction="IL",
        in_force=date(2014, 1, 1),
        clock="after_filling",
        days=14,
        law="Israel: Notice to Employees and Candidates Law (2002), amendment 6 (2014)",
        duty="Write to each rejected candidate within 14 days of hiring somebody else.",
        source="amendment 6 (2014), read in translation",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
        zone="Asia/Jerusalem",
        headcount_at_least=25,
        longer_than_days=30,
        screens_count=True,
        written=True,
        names=NAMES,
        answers=("rejected",),
        keep_years=7,
    ),
    Statute(
        id="kr-decision-at-once",
        jurisdiction="KR",
        in_force=date(2014, 1, 21),
        clock="after_filling",
        days=0,
        law="South Korea: Fair Hiring Procedure Act, article 10",
        duty="Tell applicants without delay once hiring is decided. The law names no number of days: the day itself is shown.",
        source="Fair Hiring Procedure Act, art. 10, read in translation",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
        zone="Asia/Seoul",
        headcount_at_least=30,
        screens_count=True,
        answers=("offer", "rejected"),
    ),
    Statute(
        id="kr-documents-14",
        jurisdiction="KR",
        in_force=date(2014, 1, 21),
        clock="after_request",
        days=14,
        law="South Korea: Fair Hiring Procedure Act",
        duty="Return a candidate's documents within 14 days of their asking for them.",
        source="Fair Hiring Procedure Act, read in translation",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
        zone="Asia/Seoul",
        headcount_at_least=30,
        screens_count=True,
    ),
    Statute(
        id="us-nj-a4625",
        jurisdiction="US-NJ",
        law="New Jersey: bill A4625",
        duty="Would ask for notice within a time that the posting states.",
        source="bill A4625",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
    ),
    Statute(
        id="us-pa-hb2321",
        jurisdiction="US-PA",
        law="Pennsylvania: House Bill 2321",
        duty="Would ask for notice within a time that the posting states.",
        source="House Bill 2321",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
    ),
)
BY_ID = {statute.id: statute for statute in STATUTES}


def unverified_since(statute: Statute, today: date) -> date | None:
    """Returns the day since which the text counts as unverified, or None."""
    return statute.review_by if today > statute.review_by else None
