"""What job seekers get in each language: one segment, who to call and the number, nothing left in English."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.copy import invitations, seeker_account
from chalicelib.rules.copy.gsm7 import segments
from chalicelib.rules.copy.language import LRM, RLM, UCS2, catalogue
from chalicelib.rules.copy.seekers import reminder
from chalicelib.rules.model import LANGUAGES, STAGES, CallBack, Candidate, Language, Message, Wait

OTHERS = tuple(language for language in LANGUAGES if language != "en")
EACH = pytest.mark.parametrize("language", LANGUAGES)
DANA = CallBack("Dana Reyes", "+12025550101", "dana@example.com")
JO = Candidate("cand_1", "Jo Sample", "jo@example.com", "+12025550123", True)
ENDED = datetime(2026, 9, 24, 18, 5, tzinfo=UTC)
LINK = "https://heardback.example/f/" + "x" * 32
ENGLISH = re.compile(r"\b(the|your|you|and|with|for|from|this|have|is|are|will|not|word|call|interview)\b", re.IGNORECASE)
NAMES = re.compile(r"https?://\S+|Heardback|Acme Robotics|Welder|Dana Reyes|Jo Sample|\S+@example\.com")


def write(language: Language, channel="sms", number=1, company="Acme Robotics", call_back=DANA, stage="interview", **more):
    wait = Wait("int_1", stage, ENDED, ENDED + timedelta(hours=48))
    if more.pop("promised", False):
        wait = replace(wait, cause="con_1")
    fields = {"job_title": "Welder", "zone": "America/New_York", "link": LINK, "unsubscribe_url": "https://x.example/u", **more}
    to = replace(fields.pop("candidate", JO), locale=language)
    return reminder(number, channel, candidate=to, company=company, call_back=call_back, wait=wait, **fields)


def english(message: Message) -> list[str]:
    """English words of a message that are no names."""
    return ENGLISH.findall(NAMES.sub("", f"{message.subject or ''} {message.text}"))


names = st.one_of(
    st.text(max_size=200), st.sampled_from(["W" * 200, "김민준" * 60, "דנה כהן " * 30, "👩‍💼" * 40, "Ñandú É.", "(", ""])
)
numbers = st.integers(10**6, 10**15 - 1).map(lambda number: f"+{number}")


@given(
    *(st.sampled_from(LANGUAGES), names, names, st.one_of(st.none(), numbers)),
    *(st.sampled_from(STAGES), st.integers(1, 2), st.booleans(), st.booleans()),
)
def test_a_reminder_is_one_segment_in_every_language_whatever_the_names(
    language, company, callee, number, stage, step, promised, long
):
    """A text that arrives in two halves is not trusted, and costs twice. The number is never cut."""
    link = LINK + "y" * 300 if long else LINK
    called = CallBack(callee, number)
    text = write(language, number=step, company=company, call_back=called, stage=stage, promised=promised, link=link).text
    assert segments(text) == 1 and len(smsutil.split(text).parts) == 1, text
    assert (number or "") in text
    assert "STOP" in text and "\n" not in text and "  " not in text
    assert {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs")} <= {RLM, LRM, "\u200c", "\u200d"}


@EACH
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("promised", [False, True])
def test_a_reminder_names_the_company_who_to_call_and_the_number(language, number, promised):
    """In the alphabets of 160 characters also the page where the outcome is noted."""
    text = write(language, number=number, company="Acme", call_back=replace(DANA, name="Dana"), promised=promised).text
    for part in ("Heardback", "Acme", "Dana", "+12025550101", "STOP"):
        assert part in text
    assert (LINK in text) == (language not in UCS2)
    assert language == "en" or ENGLISH.findall(NAMES.sub("", text.replace("Acme", ""))) == []


@EACH
def test_where_the_link_does_not_fit_a_reminder_gives_the_words_to_reply_with(language):
    """The words are those that the classifier of replies knows, in every language. 70 characters hold none of them."""
    text = write(language, company="Acme", call_back=replace(DANA, name="Dana"), link=LINK + "y" * 200).text
    assert all(word in text for word in ("CALLED", "HEARD", "NO ANSWER")) == (language not in UCS2)


@EACH
def test_long_names_are_cut_and_never_dropped(language):
    """A reminder about nobody helps nobody."""
    text = write(language, company="Wolkenkratzer" * 9, call_back=replace(DANA, name="Maximiliana" * 9)).text
    assert "Wolken" in text and "Maximil" in text


@pytest.mark.parametrize(("language", "name"), [("he", "דנה כהן"), ("ko", "김민준"), ("es", "Núñez"), ("fr", "Zoé")])
def test_names_keep_their_letters_where_the_alphabet_has_them(language, name):
    """Spanish and French lose only accents that GSM lacks."""
    assert {"es": "Nuñez"}.get(language, name) in write(language, company="Acme", call_back=replace(DANA, name=name)).text


@EACH
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("call_back", [DANA, CallBack(), CallBack("Dana Reyes", None, "dana@example.com")])
def test_a_mail_has_the_direction_of_its_language_and_nothing_in_english(language, number, call_back):
    """Opening, who to call, what to ask, the voicemail, how to tell us, and the foot."""
    for promised in (False, True):
        mail = write(language, "email", number, call_back=call_back, promised=promised)
        assert mail.html is not None and f'<html lang="{language}"' in mail.html
        assert ('dir="rtl"' in mail.html) == (language == "he")
        assert mail.text.count("+12025550101") == (call_back is DANA)
        assert (english(mail) == []) == (language != "en")


def test_numbers_in_a_right_to_left_reminder_read_from_left_to_right():
    """Without the mark "+1202" is shown as "1202+"."""
    assert LRM + "+12025550101" in write("he").text
    assert LRM + "+12025550101" in write("he", "email").text
    assert write("he").text.startswith(RLM)


@pytest.mark.parametrize(
    ("language", "day"),
    [("en", "Thu, Sep 24"), ("es", "jue. 24 de septiembre"), ("fr", "jeu. 24 sept."), ("ko", "9월 24일 목요일")],
)
def test_a_mail_names_the_day_as_the_language_does(language, day):
    """In the seeker's zone."""
    assert day in write(language, "email").text


@EACH
def test_texts_about_the_account_are_one_segment_in_every_language(language):
    """The code, and each answer to what a seeker texts."""
    texts = [seeker_account.phone_code_text("+12025550123", "123456", language).text]
    texts += [seeker_account.noted(what, language) for what in ("called", "heard", "no_answer", None)]
    assert [text for text in texts if segments(text) != 1] == []
    assert "123456" in texts[0] and all("STOP" in text for text in texts[1:])
    assert len(set(texts)) == len(texts)
    keywords = [word for word in ("CALLED", "HEARD", "NO ANSWER") if word in texts[-1]]
    assert keywords == ["CALLED", "HEARD", "NO ANSWER"]


@pytest.mark.parametrize("language", OTHERS)
def test_mails_about_the_account_leave_nothing_in_english(language):
    """Sign-up with what is agreed to, sign-in, and the answers to mails."""
    consent = catalogue(language).text(seeker_account.EMAIL_CONSENT)
    up = seeker_account.sign_up_mail("jo@example.com", LINK, "123456", language)
    listed = [("Acme Robotics", "Welder")] * 12
    mails = [
        up,
        seeker_account.sign_in_mail("jo@example.com", LINK, "123456", language),
        seeker_account.noted_mail("jo@example.com", "called", None, language),
        invitations.answer("jo@example.com", listed, None, LINK, None, language),
        invitations.answer("jo@example.com", [], None, LINK, None, language),
        *(
            invitations.answer("jo@example.com", [], catalogue(language).text(problem), LINK, None, language)
            for problem in (invitations.NO_CALENDAR, invitations.UNREADABLE, invitations.TOO_MUCH)
        ),
    ]
    assert consent in up.text and consent != seeker_account.EMAIL_CONSENT
    assert [english(mail) for mail in mails] == [[]] * len(mails)
