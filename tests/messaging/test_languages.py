"""Candidates are written to in their language, from the reminder to the answer to STOP, in one segment each."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.rules.copy.gsm7 import segments
from infra.local.feedback import Feedback

NAMES = {"es-MX": "Ana Núñez", "fr": "Zoé Roux", "he-IL": "דנה כהן", "ko-KR": "김민준"}
EACH = pytest.mark.parametrize(
    ("locale", "reminder", "received", "stopped"),
    [
        ("es-MX", "in noticias", "ha recibido su mensaje", "baja confirmada"),
        ("fr", "as de réponse", "a bien votre message", "plus aucun SMS"),
        ("he-IL", "קיבלתם תשובה", "ההודעה שלכם התקבלה", "הוסרתם"),
        ("ko-KR", "연락 받으셨나요?", "메시지를 받았습니다", "수신 거부되었으며"),
    ],
)


@pytest.fixture
def feedback(stack: Any) -> Feedback:
    return Feedback(stack.app, stack.clock, lambda: stack.outbox)


def texts(sending: Any, application: Any) -> list[str]:
    return [one["body"] for one in sending.outbox if one["to"] == application.phone]


@EACH
def test_one_segment_each_from_the_reminder_to_the_answer(
    sending: Any, feedback: Feedback, locale: str, reminder: str, received: str, stopped: str
) -> None:
    """The provider got one message of one segment: the employer's name, STOP, in the candidate's words."""
    application = sending.interviewed(locale=locale, name=NAMES[locale])
    sending.clock.advance(hours=48)
    sending.run()
    feedback.inbound_sms({"from": application.phone, "body": "¿? … 감사 תודה"})
    sending.clock.advance(days=1)
    feedback.inbound_sms({"from": application.phone, "body": "STOP"})
    told = texts(sending, application)
    assert [words in text for words, text in zip((reminder, received, stopped), told, strict=True)] == [True] * 3, told
    assert [segments(text) for text in told] == [1, 1, 1]
    assert "Acme Robotics" in told[0] and "STOP" in told[0]


@pytest.mark.parametrize("language", ["es", "he", "ko"])
def test_a_candidate_without_a_locale_gets_the_employers_language(sending: Any, language: str) -> None:
    """A locale without a catalogue counts as none."""
    employer = sending.new_employer(policy={"language": language})
    written = [sending.interviewed(employer, locale=locale) for locale in (None, "de-DE", "en-US")]
    sending.clock.advance(hours=48)
    sending.run()
    told = [texts(sending, application)[0] for application in written]
    assert [text.startswith("Heardback for Acme Robotics") for text in told] == [False, False, True]
    assert segments(told[0]) == segments(told[1]) == 1


def test_help_is_answered_in_the_language_of_the_last_text(sending: Any, feedback: Feedback) -> None:
    """Anyone who wrote to a number in Korean answers it in Korean."""
    application = sending.interviewed(locale="ko")
    sending.clock.advance(hours=48)
    sending.run()
    feedback.inbound_sms({"from": application.phone, "body": "HELP"})
    assert "수신거부 STOP" in texts(sending, application)[-1] and segments(texts(sending, application)[-1]) == 1


def test_an_answer_in_the_candidates_words_ends_the_wait(sending: Any, feedback: Feedback) -> None:
    """Texts of 70 characters ask for yes or no instead of a link."""
    for locale, yes in (("he", "כן"), ("ko", "네")):
        application = sending.interviewed(locale=locale)
        sending.clock.advance(hours=48)
        sending.run()
        feedback.inbound_sms({"from": application.phone, "body": yes})
        assert sending.now(application).wait_state == "answered"
