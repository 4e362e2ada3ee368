"""A text that several employers may be meant by reaches one of them, also where nobody could be asked about it that day."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.applications.privacy import erasure
from chalicelib.messaging import pending_store, pending_texts, providers
from chalicelib.storage import recipients, table
from tests.messaging.test_two_employers import PHONE, Desk, desk

__all__ = ["desk"]


@pytest.fixture
def both(desk: Desk) -> tuple[Any, Any]:
    """Applications of Blue Fern and of Acme, which texted the person; the answer of today went to a START."""
    cases = desk.texted(desk.fern), desk.texted(desk.acme)
    desk.say("START")
    desk.clock.advance(minutes=20)
    return cases


def next_day(desk: Desk) -> None:
    desk.clock.advance(days=1)
    desk.sending.run()


def pending() -> list[Any]:
    return table.query(f"PENDING#{recipients.hash_of('sms', PHONE)}", "PENDING#")


def questions(desk: Desk) -> list[str]:
    return [body for body in desk.answers() if "1 for" in body]


def test_the_question_comes_at_the_same_hour_of_the_next_day(desk: Desk, both: tuple[Any, Any]) -> None:
    """The answer of the day was spent: asked a day later, answered, handed over. Never asked again."""
    assert desk.say("I have a question") == "pending"
    desk.clock.advance(hours=23, minutes=59)
    desk.sending.run()
    assert questions(desk) == []
    desk.clock.advance(minutes=1)
    desk.sending.run()
    assert len(questions(desk)) == 1
    next_day(desk)
    assert len(questions(desk)) == 1
    assert desk.say("2") == "chosen"
    first, second = both
    assert sorted([*desk.shown(first), *desk.shown(second)]) == ["I have a question"]
    assert pending() == []


def test_where_the_next_days_answer_is_spent_too_the_question_comes_a_day_later(desk: Desk, both: tuple[Any, Any]) -> None:
    desk.say("I have a question")
    desk.clock.advance(hours=23)
    desk.say("START")
    desk.clock.advance(hours=1)
    desk.sending.run()
    assert questions(desk) == []
    next_day(desk)
    assert len(questions(desk)) == 1


def test_who_opted_out_before_is_not_asked_until_they_text_start(desk: Desk) -> None:
    """The text waits: after START, the question about it comes at its hour of the next day."""
    desk.texted(desk.fern), desk.texted(desk.acme)
    desk.say("STOP")
    desk.clock.advance(days=1)
    assert desk.say("I have a question") == "pending"
    assert questions(desk) == []
    next_day(desk)
    assert questions(desk) == []
    desk.say("START")
    next_day(desk)
    assert len(questions(desk)) == 1


def test_who_opted_out_meanwhile_is_not_asked(desk: Desk, both: tuple[Any, Any]) -> None:
    """No day of the seven; then the text is due no more, and no employer has seen it."""
    desk.say("I have a question")
    desk.clock.advance(minutes=1)
    desk.say("STOP")
    before = len(desk.sending.outbox)
    for _ in range(7):
        next_day(desk)
    assert len(desk.sending.outbox) == before
    assert [item.due_at for item in pending()] == [None]
    assert [desk.shown(case) for case in both] == [[], []]


def test_what_is_left_to_one_employer_is_handed_over(desk: Desk, both: tuple[Any, Any]) -> None:
    """The other one erased the person: nobody needs to be asked."""
    first, second = both
    desk.say("I have a question")
    erasure.erase(desk.fern, first.candidate_id, desk.clock(), lambda _: None)
    next_day(desk)
    assert desk.shown(second) == ["I have a question"]
    assert questions(desk) == [] and pending() == []


def test_several_texts_are_asked_about_once(desk: Desk, both: tuple[Any, Any]) -> None:
    """Also where two workers read the same due texts."""
    for body in ("I have a question", "Hello?"):
        desk.say(body)
        desk.clock.advance(seconds=30)
    waiting = pending()
    desk.clock.advance(days=1)
    for item in [*waiting, *waiting]:
        pending_texts.work(item, desk.clock(), providers.channels())
    next_day(desk)
    assert len(questions(desk)) == 1
    desk.say("1")
    assert sorted([*desk.shown(both[0]), *desk.shown(both[1])]) == ["Hello?", "I have a question"]


def test_a_question_that_is_hours_late_waits_for_the_next_day(desk: Desk, both: tuple[Any, Any]) -> None:
    """It may be night where the person is."""
    desk.say("I have a question")
    desk.clock.advance(hours=30)
    desk.sending.run()
    assert questions(desk) == []
    desk.clock.advance(hours=18)
    desk.sending.run()
    assert len(questions(desk)) == 1


def test_an_interrupted_hand_over_is_finished(desk: Desk) -> None:
    """The worker died after it had stored the choice: the text reaches the chosen employer all the same."""
    cases = desk.texted(desk.fern), desk.texted(desk.acme)
    desk.say("I have a question")
    desk.clock.advance(minutes=1)
    question = pending_store.question_of(recipients.hash_of("sms", PHONE), desk.clock())
    assert question is not None and pending_store.choose(question, desk.fern.id, "in-dead", desk.clock())
    next_day(desk)
    assert [desk.shown(case) for case in cases] == [["I have a question"], []]
    assert len(questions(desk)) == 1 and pending() == []


def test_a_question_that_could_not_be_sent_comes_a_day_later(desk: Desk) -> None:
    """It was withdrawn, and the answer of that day is spent."""
    desk.texted(desk.fern), desk.texted(desk.acme)
    desk.sending.faults.answer("Publish", 400, "Throttling")
    desk.say("I have a question")
    assert questions(desk) == []
    next_day(desk)
    assert len(questions(desk)) == 1
    assert desk.say("1") == "chosen"


def test_what_is_left_to_one_employer_is_about_what_it_texted_last(desk: Desk) -> None:
    """Of two applications there, the person answers the later text."""
    earlier = desk.texted(desk.acme)
    desk.clock.advance(days=8)
    erased, later = desk.texted(desk.fern), desk.texted(desk.acme)
    desk.say("START")
    desk.clock.advance(minutes=20)
    assert desk.say("I have a question") == "pending"
    erasure.erase(desk.fern, erased.candidate_id, desk.clock(), lambda _: None)
    next_day(desk)
    assert (desk.shown(earlier), desk.shown(later)) == ([], ["I have a question"])
