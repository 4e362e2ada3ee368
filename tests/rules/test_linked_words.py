"""Which words two linked applications pass on: the instant and the day, of what was recorded on this side alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chalicelib.rules.linked_words import Word, words
from chalicelib.rules.model import Contact, Interview, Statement
from chalicelib.rules.waits import fold

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
INTERVIEW = Interview("int_1", "interview", START, START + timedelta(hours=1), START - timedelta(days=3), 48)


def at(**delta: float) -> datetime:
    return START + timedelta(**delta)


def contact(name: str, when: datetime, outcome: str = "reached", **fields: object) -> Contact:
    return Contact(f"con_{name}", "call", outcome, when, when, **fields)  # type: ignore[arg-type]


def heard(name: str, when: datetime, **fields: object) -> Statement:
    return Statement(f"sta_{name}", heard=True, at=when, recorded_at=when, **fields)  # type: ignore[arg-type]


def said(
    contacts: list[Contact], statements: list[Statement] | None = None, interviews: list[Interview] | None = None
) -> list[Word]:
    folded = fold(interviews or [INTERVIEW], contacts, statements or [], status="active", as_of=at(days=30))
    return words(folded, contacts, statements or [], START)


def test_a_contact_that_reached_is_a_word_and_an_attempt_is_none() -> None:
    tried = [contact("a", at(days=1), "voicemail"), contact("b", at(days=2), "no_answer"), contact("c", at(days=3), "bounced")]
    assert said([*tried, contact("d", at(days=4), decision="rejected")]) == [Word("con_d", at(days=4))]


def test_a_word_names_the_day_of_the_wait_that_it_opened() -> None:
    """A decision opens none, whatever day was given with it."""
    friday = at(days=6)
    assert said([contact("a", at(days=1), decision="pending", promised_by=friday)]) == [Word("con_a", at(days=1), friday)]
    assert said([contact("a", at(days=1), decision="offer", promised_by=friday)]) == [Word("con_a", at(days=1))]


def test_voided_and_disputed_contacts_are_no_words() -> None:
    disputed = Statement("sta_n", heard=False, at=at(days=2), recorded_at=at(days=2))
    assert said([contact("a", at(days=1), voided=True)]) == []
    assert said([contact("a", at(days=1), decision="rejected")], [disputed]) == []


def test_i_heard_is_a_word_until_it_is_contradicted() -> None:
    contradicted = Statement("sta_n", heard=False, at=at(days=2), recorded_at=at(days=2))
    assert said([], [heard("a", at(days=1))]) == [Word("sta_a", at(days=1))]
    assert said([], [heard("a", at(days=1)), contradicted]) == []


def test_an_invitation_that_answered_a_wait_is_a_word() -> None:
    final = Interview("int_2", "final", at(days=5), at(days=5, hours=1), at(days=2), 48)
    assert said([], interviews=[INTERVIEW, final]) == [Word("invited int_1", at(days=2))]


def test_what_was_said_before_the_instant_is_left_out() -> None:
    assert said([contact("a", at(minutes=-1))]) == []


def test_a_statement_with_a_day_opens_a_wait_for_that_day_where_it_answers_one() -> None:
    """The word of a linked record. Where nobody waits it opens none: what was told already is no promise."""
    friday = at(days=6)
    folded = fold([INTERVIEW], [], [heard("a", at(days=1), promised_by=friday)], status="active", as_of=at(days=2))
    assert folded.open is not None
    assert (folded.open.cause, folded.open.since, folded.open.word_due_at) == ("sta_a", at(days=1), friday)
    assert folded.open.promised and folded.origin == "int_1"
    told = contact("t", at(hours=20), decision="rejected")
    after = fold([INTERVIEW], [told], [heard("a", at(days=1), promised_by=friday)], status="active", as_of=at(days=2))
    assert after.open is None
