"""Letters of rejection: who they name, who to ask, and by when feedback is promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.rules.copy.letters import LetterFields, letter
from chalicelib.rules.employer import Employer, Policy
from chalicelib.rules.model import CallBack, Candidate

DANA = CallBack("Dana Reyes", "+12025550101", "dana@example.com")
ACME = Employer("emp_1", "Acme Robotics", "America/New_York", DANA, policy=Policy(jurisdiction="IL"))
JANE = Candidate("cand_1", "Jane Doe", "jane@example.com", timezone="Pacific/Auckland")
FIELDS = LetterFields(ACME, JANE, DANA, "Welder", "final", datetime(2026, 11, 2, 12, tzinfo=UTC))


def _text(fields: LetterFields) -> str:
    return letter(fields, None).text


def test_a_process_begins_on_the_employers_date_with_its_year() -> None:
    """New Year's Eve in New York is the next year in UTC."""
    text = _text(replace(FIELDS, begun_at=datetime(2027, 1, 1, 2, tzinfo=UTC)))
    assert "Process begun: Thursday, December 31, 2026." in text


def test_a_letter_is_signed_by_its_sender_or_by_the_person_to_call() -> None:
    """A statute wants a name; without one it is the hiring team."""
    assert "Sent by: Sam Lee, for Acme Robotics." in _text(replace(FIELDS, sender="Sam Lee"))
    assert "Sent by: Dana Reyes, for Acme Robotics." in _text(FIELDS)
    assert "Sent by: the hiring team, for Acme Robotics." in _text(replace(FIELDS, call_back=CallBack(None, "+12025550101")))
    assert "Sent by" not in _text(replace(FIELDS, employer=replace(ACME, policy=Policy())))


@pytest.mark.parametrize(
    ("call_back", "asked"),
    [
        (DANA, "If you would like to know more, call Dana Reyes: +12025550101"),
        (
            CallBack("Dana Reyes", None, "dana@example.com"),
            "If you would like to know more, write to Dana Reyes: dana@example.com",
        ),
        (CallBack(None, "+12025550101"), "If you would like to know more, call the hiring team: +12025550101"),
    ],
)
def test_a_letter_says_who_to_ask(call_back: CallBack, asked: str) -> None:
    """By phone where there is a number. Nobody is named where neither is known, or feedback is promised."""
    assert f"\n{asked}\n" in _text(replace(FIELDS, call_back=call_back))
    assert "know more" not in _text(replace(FIELDS, call_back=CallBack("Dana Reyes")))
    assert "know more" not in _text(replace(FIELDS, call_back=call_back, feedback_by=datetime(2026, 12, 3, 12, tzinfo=UTC)))


def test_feedback_is_promised_for_a_day_of_the_candidate() -> None:
    """Noon in London is the next day in Auckland; without a zone of their own the employer's counts."""
    promised = replace(FIELDS, feedback_by=datetime(2026, 12, 3, 12, tzinfo=UTC))
    assert "You will get feedback by Friday 4 December." in _text(promised)
    assert "You will get feedback by Thursday, December 3." in _text(replace(promised, candidate=replace(JANE, timezone=None)))


def test_a_candidate_without_an_address_gets_no_letter() -> None:
    """It is an error, not a mail to nobody."""
    with pytest.raises(ValueError, match="cand_1 has no email address"):
        letter(replace(FIELDS, candidate=replace(JANE, email=None)), None)
