"""Names that the alphabet of a text cannot spell: words stand for them, and no empty signs are left."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.copy import email
from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.copy.segment import gsm_text
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate

HEBREW = "אבגדהוזחטיכלמנסעפצקרשת"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
CHINESE = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
EMOJI = "😀🎉👍💼🙂🚀"
LINK = "https://heardback.example/f/" + "a" * 32
BROKEN = re.compile(r"\(\W*\)|\[\W*\]|Hi\W*[,?]|for \W|[Cc]all on|  | ,|:\W*:|on -|\bfor \?")
scripts = st.sampled_from((HEBREW, ARABIC, CHINESE, EMOJI))
signs = st.sampled_from(("", " ", "-", "(", ")", ". ", " & ", "'", "٣", "·"))


@st.composite
def unspellable(draw):
    letters = st.text(draw(scripts), min_size=1, max_size=6)
    return "".join(draw(part) for part in (signs, letters, signs, letters, signs))


def texts(employer: str, person: str, callee: str, job: str) -> list[str]:
    company = Employer("emp_1", employer, "Asia/Jerusalem", CallBack(callee, "+12025550101"))
    candidate = Candidate("cand_1", person, phone="+12025550123", phone_takes_texts=True)
    nudges = [
        email.nudge(
            number,
            "sms",
            employer=company,
            candidate=candidate,
            call_back=company.call_back,
            job_title=job,
            stage="interview",
            unsubscribe_url=None,
            kind="call",
            answer_url=link,
        ).text
        for number in (1, 2)
        for link in (None, LINK)
    ]
    by = datetime(2026, 7, 8, tzinfo=UTC)
    about = {"employer": company, "candidate": candidate, "job_title": job, "stage": "interview", "next_word_by": by}
    return [*nudges, holding_notice("sms", **about, unsubscribe_url=None).text]


@given(unspellable(), unspellable(), unspellable(), unspellable())
def test_no_text_has_gaps_or_empty_signs(employer, person, callee, job):
    for text in texts(employer, person, callee, job):
        assert not BROKEN.search(text), text
        assert septets(text) <= SMS_SEPTETS
        assert re.match(
            "Heardback for (your interviewer|an employer|the employer): |(Your interviewer|The employer) by Heardback: ", text
        ), text
        assert " Hi " not in text


@given(unspellable())
def test_one_such_name_leaves_the_others_as_they_are(name):
    for text in texts("Blue Fern", name, "Dana Reyes", "Welder"):
        assert "Blue Fern" in text and not BROKEN.search(text), text
    for text in texts(name, "Sam Sample", "Dana Reyes", "Welder"):
        assert "Heardback" in text and not BROKEN.search(text), text


@pytest.mark.parametrize("name", ["北京3", "O'小", "中国银行 (香港) AG", "3 李小龍", "שרה א. B", "(٣)"])
def test_a_name_of_which_a_digit_or_a_legal_form_is_left_counts_as_lost(name):
    """ "Heardback for 3" names nobody."""
    assert gsm_text(name) == ""


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("株式会社ABC", "ABC"),
        ("李小龍 (Bruce)", "Bruce"),
        ("Ali علي", "Ali"),
        ("Шевченко", "Shevchenko"),
        ("Łukasz Żółw", "Lukasz Zolw"),
        ("3M", "3M"),
        ("X", "X"),
        ("😀 Sam", "Sam"),
        ("Acme (Japan)", "Acme (Japan)"),
    ],
)
def test_what_can_be_spelled_of_a_name_is_kept(name, spelled):
    assert gsm_text(name) == spelled


@pytest.mark.parametrize("name", ["שרה כהן", "محمد علي", "李小龍"])
def test_a_mail_spells_every_name(name):
    """Only texts have a small alphabet."""
    company = Employer("emp_1", name, "Asia/Jerusalem", CallBack(name, "+12025550101"))
    candidate = Candidate("cand_1", name, "sam@example.com")
    mail = email.nudge(
        1,
        "email",
        employer=company,
        candidate=candidate,
        call_back=company.call_back,
        job_title="Welder",
        stage="interview",
        unsubscribe_url=None,
        kind="call",
    )
    assert name in (mail.subject or "") and f"Hello {name}," in mail.text and name in (mail.html or "")
