"""The holding notice as a text: one segment, and no gap where a name cannot be spelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.copy.language import catalogue
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import STAGES, Candidate, MessageChannel, Stage

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)


day = catalogue("en").day


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
        for days in (*range(8), *range(8, 366, 30)):  # 23 to 30 September have the longest names
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


def test_the_promised_day_is_that_of_the_candidates_calendar() -> None:
    """Noon UTC on Thursday is Friday in Auckland; without a zone of theirs the employer's counts."""
    for zone, named in (("Pacific/Auckland", "Thursday 24 September"), (None, "Wednesday, September 23")):
        sam = Candidate("cand_1", "Sam Sample", phone="+12025550123", timezone=zone)
        text = holding_notice(
            "sms",
            employer=Employer("emp_1", "Blue Fern", "America/New_York"),
            candidate=sam,
            job_title="Cook",
            stage="screen",
            next_word_by=NOON,
            unsubscribe_url=None,
        ).text
        assert text == (
            f"Blue Fern by Heardback: Hi Sam Sample, no decision yet after your screening call for Cook. "
            f"You will hear by {named}. STOP to opt out"
        )


def test_every_day_and_month_has_its_name() -> None:
    """A wrong month would be a broken promise."""
    months = [day(datetime(2026, month, 1, 12, tzinfo=UTC), "UTC").split()[-1] for month in range(1, 13)]
    assert " ".join(months) == "January February March April May June July August September October November December"
    days = [day(datetime(2026, 6, number, 12, tzinfo=UTC), "UTC").split()[0] for number in range(1, 8)]
    assert " ".join(days) == "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"


def test_a_long_employer_name_is_cut_to_one_full_segment() -> None:
    """The text keeps all its other words and uses the whole segment."""
    text = _text("A" * 200)
    assert text == (
        f"{'A' * 42}... by Heardback: no decision yet after your final interview. "
        "You will hear by Wednesday 23 September. STOP to opt out"
    )
    assert septets(text) == 160


def test_a_notice_without_an_address_is_an_error() -> None:
    """A notice to nobody must not count as sent."""
    given = {"employer": Employer("emp_1", "Blue Fern", "UTC"), "job_title": "Cook", "stage": "final", "next_word_by": NOON}
    for channel, sam in (
        ("sms", Candidate("cand_1", "Sam", "s@example.com")),
        ("email", Candidate("cand_1", "Sam", None, "+1202")),
    ):
        with pytest.raises(ValueError, match=f"cand_1 has nothing to reach by {channel}"):
            holding_notice(channel, candidate=sam, unsubscribe_url=None, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(("channel", "to"), [("sms", "+12025550123"), ("email", "sam@example.com")])
def test_a_holding_notice_goes_to_the_candidates_own_address(channel: MessageChannel, to: str) -> None:
    """To the number by text, to the mailbox by mail."""
    message = holding_notice(
        channel,
        employer=Employer("emp_1", "Acme", "UTC"),
        candidate=Candidate("cand_1", "Sam Sample", "sam@example.com", "+12025550123"),
        job_title="Welder",
        stage="final",
        next_word_by=NOON,
        unsubscribe_url="https://heardback.example/u/x",
    )
    assert (message.channel, message.to) == (channel, to)
