"""Lists the statutory duties to inform candidates, each with its conditions and its source.

Not legal advice. Each statute says when its text was last checked (`verified_on`) and how long the check holds (`review_by`).
After that its deadlines still count, and every text says that it is unverified. Bills are listed and never count. One vendor's
blog reports a "48-hour law" in France; no such law was found. `deadlines.py` computes the dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from chalicelib.rules.model import Decision, NoticeName

Clock = Literal["after_last_interview", "every_two_months", "after_filling", "after_request"]
NAMES: tuple[NoticeName, ...] = ("employer", "candidate", "process_start", "position", "sender", "sender_role")
"""What a notice in Israel names; and `selection_body`, where that is not the employer."""


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
    phases: tuple[tuple[int, date], ...] = ()
    """(from so many employees, in force from): where a law came later for smaller employers. `in_force` is the first."""
    advertised_publicly: bool = False
    work_inside: bool = False
    """Only jobs whose work is done at the place."""
    longer_than_days: int | None = None
    no_food_service: bool = False
    """Jobs in food service are exempt."""
    on_paper: bool = False
    """Documents that were sent by website or email are outside the duty."""
    asked_within_days: int | None = None
    """Requests lapse so many days after hiring was decided."""
    screens_count: bool = False
    written: bool = False
    names: tuple[NoticeName, ...] = ()
    answers: tuple[Decision, ...] = ("pending", "advancing", "offer", "rejected")
    """The decisions that a notice can tell to satisfy the duty; a contact without a decision never does."""
    keep_years: int = 3


_KOREA = ((300, date(2015, 1, 1)), (100, date(2016, 1, 1)), (30, date(2017, 1, 1)))
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
        work_inside=True,
        keep_years=3,
    ),
    Statute(
        id="il-progress-2-months",
        jurisdiction="IL",
        in_force=date(2015, 1, 30),
        clock="every_two_months",
        law="Israel: Notice to Employees and Candidates Law (2002), amendment 6 (published 2014-12-16)",
        duty="Write to each candidate every two months how the selection stands.",
        source="amendment 6, read in translation at kolzchut.org.il, jshnitman.co.il and lexology.com",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
        zone="Asia/Jerusalem",
        headcount_at_least=26,
        no_food_service=True,
        longer_than_days=30,
        screens_count=True,
        written=True,
        names=NAMES,
        keep_years=7,
    ),
    Statute(
        id="il-rejection-14",
        jurisdiction="IL",
        in_force=date(2015, 1, 30),
        clock="after_filling",
        days=14,
        law="Israel: Notice to Employees and Candidates Law (2002), amendment 6 (published 2014-12-16)",
        duty="Write to each rejected candidate within 14 days of hiring somebody else.",
        source="amendment 6, read in translation at kolzchut.org.il, jshnitman.co.il and lexology.com",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
        zone="Asia/Jerusalem",
        headcount_at_least=26,
        no_food_service=True,
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
        in_force=_KOREA[0][1],
        phases=_KOREA,
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
        in_force=_KOREA[0][1],
        phases=_KOREA,
        clock="after_request",
        days=14,
        law="South Korea: Fair Hiring Procedure Act, article 11",
        duty="Return a candidate's documents on paper within 14 days of a request, made up to 180 days after the decision.",
        source="Fair Hiring Procedure Act, art. 11, read in translation",
        verified_on=_VERIFIED,
        review_by=_REVIEW,
        zone="Asia/Seoul",
        headcount_at_least=30,
        on_paper=True,
        asked_within_days=180,
        screens_count=True,
    ),
    Statute(
        id="us-nj-s2136",
        jurisdiction="US-NJ",
        law="New Jersey: bill S2136, successor of A4625, which ended with its session in January 2026",
        duty="Would ask for notice within a time that the posting states.",
        source="bill S2136",
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


def in_force_from(statute: Statute, headcount: int | None) -> date | None:
    """Returns the day from which a statute binds an employer of this size; of unknown size, the first. None for a bill."""
    return next((day for least, day in statute.phases if headcount is not None and headcount >= least), statute.in_force)


def unverified_since(statute: Statute, today: date) -> date | None:
    """Returns the day since which the text counts as unverified, or None."""
    return statute.review_by if today > statute.review_by else None
