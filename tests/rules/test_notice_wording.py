"""The holding notice as a text: one segment, and no gap where a name cannot be spelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.model import STAGES, Candidate, Employer, Stage

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)


def _text(employer: str, person: str = "Sam Sample", job: str = "Welder", stage: Stage = "final", at: datetime = NOON) -> str:
    sam = Candidate("cand_1", person, phone="+12025550123")
    return holding_notice(
        "sms",
        employer=Employer("emp_1", employer, "UTC"),
        candidate=sam,
        job_title=job,
        stage=stage,
        next_word_by=at,
        unsubscribe_url=None,
    ).text


@pytest.mark.parametrize("employer", ["A" * 200, "[]" * 100, "Щ" * 200, "A" * 60])
def test_the_longest_names_fit_one_segment(employer: str) -> None:
    """A second segment doubles the price, and many phones show it as another message."""
    for stage in STAGES:
        for days in range(366):
            text = _text(employer, "B" * 200, "C" * 200, stage, NOON + timedelta(days=days))
            assert septets(text) <= SMS_SEPTETS, text
            assert text.endswith("STOP to opt out") and " by Heardback: no decision yet after your " in text


def test_a_name_that_a_text_cannot_spell_leaves_no_gap() -> None:
    """ " by Heardback: Hi , no decision yet" reads like fraud."""
    assert _text("Blue Fern", "李小龍").startswith("Blue Fern by Heardback: no decision yet after your final interview for Wel")
    assert _text("李小龍", "Sam", "溶接工") == (
        "Your interviewer by Heardback: no decision yet after your final interview. You will hear by Wednesday 23 September. "
        "STOP to opt out"
    )
