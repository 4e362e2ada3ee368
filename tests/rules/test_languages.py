"""What candidates read in each language: one segment, names kept, nothing left in English."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.copy import automatic_replies
from chalicelib.rules.copy.email import nudge
from chalicelib.rules.copy.gsm7 import segments
from chalicelib.rules.copy.language import LRM, RLM, UCS2, catalogue, language_of
from chalicelib.rules.copy.letters import REASONS, LetterFields, feedback_of, letter
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.employer import Employer, Policy
from chalicelib.rules.model import LANGUAGES, STAGES, CallBack, Candidate, Language, Message

OTHERS = tuple(language for language in LANGUAGES if language != "en")
DANA = CallBack("Dana Reyes", "+12025550101", "dana@example.com")
ACME = Employer("emp_1", "Acme Robotics", "America/New_York", DANA)
SAM = Candidate("cand_1", "Sam Sample", "sam@example.com", "+12025550123")
NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
LINK = "https://heardback.example/f/" + "x" * 32
EACH = pytest.mark.parametrize("language", LANGUAGES)
HEARD = {"en": "Heard?", "es": "¿Respuesta?", "fr": "Répondu ?", "he": "כן/לא", "ko": "네/아니요"}
"""By what a text asks whether they have heard: beside the link, or by a reply where no link fits."""
ENGLISH = re.compile(r"\b(the|your|you|and|with|for|from|this|have|is|are|will|not)\b", re.IGNORECASE)


def write(
    language: Language, channel="sms", number=1, employer=ACME, candidate=SAM, call_back=DANA, job="Welder", **more
) -> Message:
    fields = {
        "stage": "interview",
        "kind": "call",
        "unsubscribe_url": "https://heardback.example/u/t",
        "answer_url": LINK,
        **more,
    }
    to = replace(candidate, locale=language)
    return nudge(number, channel, employer=employer, candidate=to, call_back=call_back, job_title=job, **fields)


@pytest.mark.parametrize(
    ("locale", "employers", "language"),
    [
        *(("es-MX", "en", "es"), ("fr-CA", "en", "fr"), ("ko", "en", "ko"), ("he-IL", "fr", "he"), ("iw", "en", "he")),
        *(("en-GB", "fr", "en"), (None, "fr", "fr"), (None, "en", "en"), ("de", "ko", "ko"), ("zh-Hant", "en", "en")),
    ],
)
def test_a_message_is_in_the_candidates_language_else_in_the_employers(locale, employers, language):
    """An unknown language is no reason for a third one."""
    assert language_of(locale, employers) == language
    text = nudge(
        1,
        "email",
        employer=replace(ACME, policy=Policy(language=employers)),
        candidate=replace(SAM, locale=locale),
        call_back=DANA,
        job_title="Welder",
        stage="interview",
        unsubscribe_url=None,
        kind="call",
    )
    assert f'<html lang="{language}"' in (text.html or "")


names = st.one_of(
    st.text(max_size=200), st.sampled_from(["W" * 200, "김민준" * 60, "דנה כהן " * 30, "👩‍💼" * 40, "Ñandú É.", "(", ""])
)
numbers = st.integers(10**6, 10**15 - 1).map(lambda number: f"+{number}")


@given(st.sampled_from(OTHERS), names, names, names, names, numbers, st.sampled_from(STAGES), st.integers(1, 3), st.booleans())
def test_a_text_is_one_segment_in_every_language_whatever_the_names(
    language, employer, person, callee, job, number, stage, step, linked
):
    """A text that arrives in two halves is not trusted, and costs twice."""
    text = write(
        language,
        number=step,
        employer=replace(ACME, name=employer),
        candidate=replace(SAM, name=person),
        call_back=CallBack(callee, number),
        job=job,
        stage=stage,
        answer_url=LINK if linked else None,
    ).text
    assert segments(text) == 1 and len(smsutil.split(text).parts) == 1, text
    assert number in text
    assert "STOP" in text and "\n" not in text and "  " not in text
    assert {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs")} <= {RLM, LRM, "\u200c", "\u200d"}


@EACH
@pytest.mark.parametrize("number", [1, 2])
def test_every_text_names_the_employer_and_asks_whether_they_have_heard(language, number):
    """Who it is from comes first; the answer ends the wait."""
    text = write(language, number=number, employer=replace(ACME, name="Acme"), call_back=replace(DANA, name="Dana")).text
    for part in ("Acme", "Dana", "+12025550101", HEARD[language], "STOP"):
        assert part in text
    assert (LINK in text) == (language not in UCS2)


@EACH
def test_long_names_are_cut_and_never_dropped(language):
    """A text from nobody about nobody is not trusted."""
    text = write(language, employer=replace(ACME, name="Wolkenkratzer" * 9), call_back=replace(DANA, name="Maximiliana" * 9)).text
    assert "Wolkenk" in text and "Maximil" in text


@pytest.mark.parametrize(("language", "name"), [("he", "דנה כהן"), ("ko", "김민준"), ("es", "Núñez"), ("fr", "Zoé")])
def test_names_keep_their_letters_where_the_alphabet_has_them(language, name):
    """Hebrew and Korean names are in their own letters; Spanish and French ones lose only accents that GSM lacks."""
    text = write(language, call_back=replace(DANA, name=name)).text
    assert {"es": "Nuñez"}.get(language, name) in text


def test_numbers_in_a_right_to_left_text_read_from_left_to_right():
    """Without the mark "+1202" is shown as "1202+"."""
    for channel in ("sms", "email"):
        text = write("he", channel).text
        assert text.count("+12025550101") == text.count(LRM + "+12025550101") > 0
    assert write("he").text.startswith(RLM + "Acme")


@EACH
@pytest.mark.parametrize("number", [1, 2])
def test_a_mail_has_the_direction_of_its_language_and_nothing_in_english(language, number):
    """Half a translation reads like fraud."""
    mail = write(language, "email", number)
    assert mail.html is not None and mail.subject
    assert ('dir="rtl"' in mail.html) == (language == "he")
    if language != "en":
        words = mail.text.replace("Heardback", "").replace("Acme Robotics", "")
        assert ENGLISH.findall(re.sub(r"https?://\S+", "", f"{mail.subject} {words}")) == []


def hold(language: Language, channel="sms", employer=ACME, candidate=SAM, stage="final", at=NOON) -> Message:
    to = replace(candidate, locale=language)
    fields = {"job_title": "Welder", "stage": stage, "next_word_by": at, "unsubscribe_url": "https://heardback.example/u/t"}
    return holding_notice(channel, employer=employer, candidate=to, **fields)


@EACH
@pytest.mark.parametrize("name", ["Acme", "W" * 200, "דנה", "김민준" * 50, "{€}" * 60, "(", "李"])
def test_a_holding_notice_is_one_segment_and_names_employer_and_day(language, name):
    """On every day of a year: names of weekdays and months differ in length."""
    for days in range(0, 366, 5):
        for stage in STAGES:
            at = NOON + timedelta(days=days)
            text = hold(language, employer=replace(ACME, name=name), stage=stage, at=at).text
            assert segments(text) == 1 and "STOP" in text and str(at.day) in text
            assert name[:3] in text or name in ("(", "李", "{€}" * 60, "דנה", "김민준" * 50)


@EACH
def test_every_automatic_answer_is_one_segment(language):
    """Also with the longest names, and with a support address."""
    names = ["Blue Fern", "Acme", "W" * 300, "李小龍", "דנה", "김민준", "Größe & Söhne, Bau- und Handelsgesellschaft mbH {€}"]
    answers = [automatic_replies.help_text(support, language) for support in ("support@heardback.example", None, "x" * 200)]
    answers += [automatic_replies.stopped(language), automatic_replies.started(language)]
    answers += [automatic_replies.received(name, language) for name in names]
    answers += [automatic_replies.which(names[:number], language) for number in range(2, 6)]
    answers += [automatic_replies.which([wide * 200] * 9, language) for wide in ("x", "{", "김", "👩")]
    assert [text for text in answers if segments(text) != 1] == []
    assert automatic_replies.which(["Blue Fern", "Acme"], language).count("Acme") == 1


def write_letter(language: Language, **more) -> Message:
    acme = replace(ACME, policy=Policy(jurisdiction="IL"))
    begun = datetime(2026, 5, 1, 12, tzinfo=UTC)
    return letter(
        LetterFields(acme, replace(SAM, locale=language), DANA, "Welder", "final", begun, **more), "https://x.example/u"
    )


@EACH
def test_a_letter_names_what_a_statute_wants_in_every_language(language):
    """Employer, candidate, begin of the process, position and sender."""
    mail = write_letter(language, reasons=["experience"], sender="Dana Reyes")
    foot = next(paragraph for paragraph in mail.text.split("\n\n")[3:] if "Sam Sample" in paragraph)
    begun = catalogue(language).day(datetime(2026, 5, 1, 12, tzinfo=UTC), "America/New_York")
    for part in ("Acme Robotics", "Sam Sample", "Welder", "Dana Reyes", "2026", begun):
        assert part in foot, part


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Acme Inc.", f"Acme Inc.{LRM}"),
        ("(Sample) Acme", f"{LRM}(Sample) Acme"),
        ("Acme <b> 😀", f"Acme <b> 😀{LRM}"),
        ("3M Studio 54", "3M Studio 54"),
        ("דנה (בע״מ)", "דנה (בע״מ)"),
        ("https://heardback.example/f/a-_", "https://heardback.example/f/a-_"),
        ("…", "…"),
        ("", ""),
    ],
)
def test_a_latin_name_keeps_its_own_marks_beside_it_in_hebrew(name, shown):
    """Without a mark the full stop of "Acme Inc." stands before the A. A link must be no other link."""
    assert shown in catalogue("he").say("Hello $person,", person=name)
    assert LRM not in catalogue("fr").say("Hello $person,", person=name)


def test_a_sentence_that_ends_with_an_abbreviation_has_one_full_stop():
    """A French day ends with one, and so does many a company's name. Three are three."""
    message = "You asked $employer to tell you why. They have until $day."
    assert catalogue("fr").say(message, employer="Acme", day="lun. 30 nov.").endswith(" lun. 30 nov.")
    ends = "You had $an_interview for <strong>$job</strong> with <strong>$employer</strong>. "
    ends += "Leave your details, so that you hear back."
    for language, stop in (("en", "Inc.</strong> "), ("fr", "Inc.</strong> "), ("he", f"Inc.{LRM}</strong> ")):
        said = catalogue(language).say(ends, an_interview="x", job="x", employer="Acme Inc.")
        assert stop in said and ".." not in said, said
    assert "Acme... " in catalogue("en").say("Thank you. $employer will see your answer.", employer="Acme...")


@pytest.mark.parametrize("language", OTHERS)
def test_letters_and_notices_leave_nothing_in_english(language):
    """Every reason, promise and way to ask."""
    mails = [hold(language, "email"), write_letter(language, reasons=list(REASONS)), write_letter(language, feedback_by=NOON)]
    for mail in mails:
        words = re.sub(
            r"https?://\S+|Heardback|Acme Robotics|Welder|Dana Reyes|Sam Sample|\+\d+", "", f"{mail.subject} {mail.text}"
        )
        assert ENGLISH.findall(words) == []
        assert f'lang="{language}"' in (mail.html or "")
    assert ENGLISH.findall(feedback_of(list(REASONS), language) or "") == []


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "Thursday, September 24", "Thu, Sep 24 at 2:05 PM"),
        ("es", "jueves 24 de septiembre", "jue. 24 de septiembre, 2:05 p. m."),
        ("fr", "jeudi 24 septembre", "jeu. 24 sept., 14:05"),
        ("he", "יום חמישי, 24 בספטמבר", "יום ה׳, 24 בספטמבר, 14:05"),
        ("ko", "9월 24일 목요일", "9월 24일 목요일, 오후 2:05"),
    ],
)
def test_days_and_hours_are_written_as_the_language_does(language, day, moment):
    """Noon UTC on the 24th is five past two in New York only four hours later."""
    at = datetime(2026, 9, 24, 18, 5, tzinfo=UTC)
    assert (catalogue(language).day(at, "America/New_York"), catalogue(language).moment(at, "America/New_York")) == (day, moment)
    assert catalogue("fr").day(at + timedelta(days=7), "UTC") == "jeudi 1er octobre"
