"""The fold: which fact opens, answers, replaces, disputes or drops a wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.model import Contact, Interview, Statement, Wait
from chalicelib.rules.waits import Folded, fold

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
NOW = MONDAY + timedelta(days=10)


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def interview(start: float = 0, *, booked: float = -48, number: int = 1, **more: object) -> Interview:
    return replace(Interview(f"int_{number}", "interview", at(start), at(start + 1), at(booked)), **more)


def contact(
    when: float, outcome: str = "reached", decision: str | None = None, number: int = 1, by: float | None = None, **more: object
) -> Contact:
    promised = (
        at(by) if by is not None else at(when + 168) if decision in (None, "pending") and outcome in ("reached", "sent") else None
    )
    return replace(Contact(f"con_{number}", "call", outcome, at(when), at(when), decision, promised, by is not None), **more)


def said(when: float, heard: bool, number: int = 1, **more: object) -> Statement:
    return replace(Statement(f"sta_{number}", heard, at(when), at(when)), **more)


def folded(*facts: object, status: str = "active", as_of: datetime = NOW) -> Folded:
    return fold(
        [f for f in facts if isinstance(f, Interview)],
        [f for f in facts if isinstance(f, Contact)],
        [f for f in facts if isinstance(f, Statement)],
        status=status,
        as_of=as_of,
    )


def only(result: Folded) -> Wait:
    assert len(result.waits) == 1
    return result.waits[0]


def test_an_interview_opens_a_wait_at_its_end_due_48_hours_later() -> None:
    """The promise the whole product is about."""
    wait = only(folded(interview()))
    assert (wait.state, wait.since, wait.word_due_at, wait.stage) == ("open", at(1), at(49), "interview")


def test_a_day_that_the_employer_named_is_the_deadline() -> None:
    """'You will hear by Friday', said when booking, binds instead of 48 hours."""
    assert only(folded(interview(next_word_by=at(90)))).word_due_at == at(90)


def test_the_deadline_is_fixed_when_booked() -> None:
    """A policy that changes later must not move a promise that was made."""
    assert only(folded(interview(word_due_hours=24))).word_due_at == at(25)


def test_being_invited_again_is_word() -> None:
    """A candidate who is asked back has heard: the first wait is answered at the booking."""
    first, second = folded(interview(), interview(72, booked=20, number=2)).waits
    assert (first.state, first.answered_at, first.answered_by) == ("answered", at(20), "interview")
    assert (second.state, second.since) == ("open", at(73))


def test_of_two_interviews_booked_beforehand_only_the_last_is_waited_for() -> None:
    """A two-part loop owes word once, after its end."""
    wait = only(folded(interview(), interview(72, booked=-24, number=2)))
    assert (wait.cause, wait.state) == ("int_2", "open")


def test_an_interview_logged_after_the_fact_was_an_invitation_before_its_start() -> None:
    """Nobody is interviewed before being invited, whenever it was typed in."""
    first, second = folded(interview(booked=200), interview(72, booked=200, number=2)).waits
    assert (first.answered_at, second.since) == (at(72), at(73))


def test_a_cancelled_interview_counts_as_never_booked() -> None:
    """It owes no word; the wait before is open again with its old deadline."""
    assert folded(interview(status="cancelled")).waits == ()
    again = folded(interview(), interview(72, booked=20, number=2, status="cancelled"))
    assert (only(again).state, only(again).word_due_at) == ("open", at(49))


def test_an_interview_that_the_candidate_missed_owes_no_word_and_its_invitation_was_word() -> None:
    """Who was asked back and did not come has heard about the first interview."""
    assert folded(interview(status="no_show")).waits == ()
    missed = only(folded(interview(), interview(72, booked=20, number=2, status="no_show")))
    assert (missed.state, missed.answered_at, missed.answered_by) == ("answered", at(20), "interview")


def test_a_missed_interview_that_was_booked_with_the_one_before_says_nothing_about_it() -> None:
    """Nobody has told the candidate anything since the first one."""
    wait = only(folded(interview(), interview(72, booked=-24, number=2, status="no_show")))
    assert (wait.cause, wait.state, wait.word_due_at) == ("int_1", "open", at(49))


def test_a_decision_that_reached_the_candidate_answers() -> None:
    """Yes, no and an offer are word."""
    for decision in ("advancing", "offer", "rejected"):
        wait = only(folded(interview(), contact(5, decision=decision)))
        assert (wait.state, wait.answered_at, wait.answered_by, wait.answer) == ("answered", at(5), "contact", decision)


def test_an_honest_not_yet_answers_and_starts_the_promise_clock() -> None:
    """'Not yet, by Friday' is word, and Friday is owed."""
    for decision in ("pending", None):
        first, promise = folded(interview(), contact(5, decision=decision, by=100)).waits
        assert (first.state, first.answered_at) == ("answered", at(5))
        assert (promise.state, promise.since, promise.word_due_at, promise.cause) == ("open", at(5), at(100), "con_1")


def test_a_promise_is_answered_by_the_next_word_and_may_be_made_again() -> None:
    """Every promise is a wait of its own, kept or late on its own."""
    waits = folded(
        interview(), contact(5, by=100), contact(90, by=150, number=2), contact(160, decision="rejected", number=3)
    ).waits
    assert [(w.cause, w.state, w.answered_at) for w in waits] == [
        ("int_1", "answered", at(5)),
        ("con_1", "answered", at(90)),
        ("con_2", "answered", at(160)),
    ]


def test_word_given_in_the_interview_counts() -> None:
    """'We will call you by Thursday', said at the table: answered before the wait even began."""
    first, promise = folded(interview(), contact(0.5, by=80)).waits
    assert (first.state, first.answered_at, first.since) == ("answered", at(0.5), at(1))
    assert (promise.since, promise.word_due_at) == (at(0.5), at(80))


def test_a_contact_before_the_interview_began_is_not_word_about_it() -> None:
    """The call that arranged the interview answers nothing and promises nothing."""
    wait = only(folded(interview(), contact(-3)))
    assert wait.state == "open"


def test_an_attempt_is_not_a_contact() -> None:
    """A voicemail leaves the candidate waiting; recruiters who log it must not see the person vanish."""
    for outcome in ("voicemail", "no_answer", "bounced"):
        assert only(folded(interview(), contact(5, outcome, "rejected"))).state == "open"


def test_what_was_sent_counts_until_it_bounces() -> None:
    """An email that came back told nobody anything."""
    sent = contact(5, "sent", "rejected", channel="email")
    assert only(folded(interview(), sent)).state == "answered"
    assert only(folded(interview(), sent, contact(6, "bounced", number=2, channel="email"))).state == "open"
    assert only(folded(interview(), sent, contact(6, "bounced", number=2, channel="letter"))).state == "answered"


def test_a_candidate_who_says_i_heard_has_heard() -> None:
    """The candidate knows best."""
    wait = only(folded(interview(), said(60, True, decision="rejected")))
    assert (wait.state, wait.answered_at, wait.answered_by, wait.answer) == ("answered", at(60), "candidate", "rejected")


def test_a_voided_contact_is_folded_as_if_absent() -> None:
    """Undo gives back the old deadline, not a fresh one."""
    assert only(folded(interview(), contact(5, decision="rejected", voided=True))) == only(folded(interview()))


def test_they_did_not_call_me_disputes_the_contact_and_reopens_the_wait() -> None:
    """Logging calls that were not made must not buy a better score."""
    result = folded(interview(), contact(5, decision="rejected"), said(50, False))
    assert only(result) == only(folded(interview()))
    assert result.disputed == {"con_1"}


def test_a_dispute_takes_in_every_earlier_contact_about_the_same_wait() -> None:
    """Two calls that were not made are both disputed by one answer."""
    result = folded(interview(), contact(5, decision="rejected"), contact(6, decision="rejected", number=2), said(50, False))
    assert result.disputed == {"con_1", "con_2"} and only(result).state == "open"


def test_a_contact_after_the_denial_answers() -> None:
    """The recruiter who then really calls has answered."""
    result = folded(interview(), contact(5, decision="rejected"), said(50, False), contact(55, decision="rejected", number=2))
    assert only(result).answered_at == at(55) and result.disputed == {"con_1"}


def test_a_broken_promise_does_not_dispute_the_call_that_made_it() -> None:
    """'They have not got in touch' after Friday speaks of Friday, not of the call before."""
    result = folded(interview(), contact(5, by=100), said(101, False))
    assert result.disputed == frozenset() and [w.state for w in result.waits] == ["answered", "open"]


def test_a_denial_before_the_promised_day_disputes_the_promise() -> None:
    """Somebody who was told 'by Friday' does not say on Tuesday that nobody called."""
    result = folded(interview(), contact(5, by=100), said(30, False))
    assert result.disputed == {"con_1"} and only(result).word_due_at == at(49)


def test_a_denial_with_no_contact_on_record_changes_nothing() -> None:
    """It agrees with what we know."""
    assert folded(interview(), said(50, False)).waits == folded(interview()).waits


def test_a_denial_does_not_reach_back_behind_a_later_interview() -> None:
    """What was told about the first interview stays told."""
    result = folded(interview(), contact(5, decision="advancing"), interview(72, booked=20, number=2), said(120, False))
    assert result.disputed == frozenset()


def test_a_withdrawn_or_closed_application_drops_its_open_wait_and_keeps_answered_ones() -> None:
    """Nobody waits any more; what was answered stays counted."""
    for status in ("withdrawn", "closed"):
        assert only(folded(interview(), status=status)).state == "dropped"
        states = [w.state for w in folded(interview(), contact(5, by=100), status=status).waits]
        assert states == ["answered", "dropped"]


def test_a_wait_lapses_365_days_past_its_deadline() -> None:
    """A year of silence is an answer nobody can repair by a call."""
    due = at(49)
    assert only(folded(interview(), as_of=due + timedelta(days=365, seconds=-1))).state == "open"
    assert only(folded(interview(), as_of=due + timedelta(days=365))).state == "lapsed"


def test_a_moved_interview_moves_its_deadline() -> None:
    """Refolded with the new times."""
    assert only(folded(interview(24))).word_due_at == at(73)


def test_a_named_promise_after_an_answer_opens_a_wait_and_a_chat_does_not() -> None:
    """'You will have the contract by Friday' is owed; a friendly call owes nothing new."""
    advancing = contact(5, decision="advancing")
    assert len(folded(interview(), advancing, contact(20, number=2)).waits) == 1
    assert folded(interview(), advancing, contact(20, number=2, by=60)).waits[-1].word_due_at == at(60)


def test_the_last_decision_that_was_told_counts_whether_or_not_anybody_waited() -> None:
    """'You are in the next round', and days later 'we have taken somebody else'."""
    advancing, rejected = contact(5, decision="advancing"), contact(90, decision="rejected", number=2)
    assert folded(interview(), advancing, rejected).told == ("rejected", at(90))
    assert folded(interview(), advancing, replace(rejected, voided=True)).told == ("advancing", at(5))
    assert folded(interview(), advancing, replace(rejected, outcome="voicemail")).told == ("advancing", at(5))
    assert folded(interview(), advancing, contact(95, decision="pending", number=3)).told == ("advancing", at(5))
    assert folded(interview(), advancing, said(99, True, decision="offer")).told == ("offer", at(99))
    assert folded(interview(), advancing, said(99, False)).told is None
    assert folded(interview(), contact(5, number=4)).told is None


def test_a_decision_that_bounced_was_not_told() -> None:
    """The candidate has not read it."""
    sent, bounced = contact(5, "sent", "rejected"), contact(6, "bounced", number=2)
    assert folded(interview(), sent).told == ("rejected", at(5))
    assert folded(interview(), sent, bounced).told is None


def test_a_voided_statement_is_folded_as_if_absent() -> None:
    """Neither "I heard" nor "they did not call" counts after it was taken back."""
    answered = (interview(), contact(5, decision="rejected"))
    assert only(folded(interview(), said(60, True, voided=True))).state == "open"
    assert folded(*answered, said(50, False, voided=True)).disputed == frozenset()


def test_a_bounce_undoes_the_latest_send_before_it_and_no_other() -> None:
    """Of three mails the second bounced: the first still answers."""
    sent = [contact(hour, "sent", "rejected", number, channel="email") for number, hour in ((1, 5), (2, 7), (3, 20))]
    bounce = contact(8, "bounced", number=4, channel="email")
    assert folded(interview(), *sent, bounce).reached == {"con_1", "con_3"}
    assert only(folded(interview(), sent[1], bounce)).state == "open"
    assert folded(interview(), *sent, bounce, contact(9, "bounced", number=5, channel="email")).reached == {"con_3"}


def test_a_bounce_at_the_instant_of_its_send_undoes_it_and_a_call_never_bounces() -> None:
    """Some servers refuse at once; what was said on the telephone was said."""
    refused = contact(5, "bounced", number=2, channel="email")
    assert only(folded(interview(), contact(5, "sent", "rejected", channel="email"), refused)).state == "open"
    assert only(folded(interview(), contact(4, "reached", "rejected", channel="email"), refused)).state == "answered"


def test_of_sends_at_one_instant_the_last_recorded_bounces() -> None:
    """Then the greater id: the same one in every fold."""
    first = contact(5, "sent", "rejected", 1, channel="email", recorded_at=at(9))
    second = contact(5, "sent", "rejected", 2, channel="email", recorded_at=at(8))
    bounce = contact(6, "bounced", number=3, channel="email")
    assert folded(interview(), first, second, bounce).reached == {"con_2"}
    assert folded(interview(), replace(first, recorded_at=at(8)), second, bounce).reached == {"con_1"}


def test_the_origin_of_a_wait_is_its_last_interview_also_through_promises() -> None:
    """That interview names the person to call."""
    assert folded().origin is None
    assert folded(interview(), contact(5, by=100), contact(90, by=150, number=2)).origin == "int_1"
    assert folded(interview(), interview(72, booked=20, number=2), contact(80, by=150)).origin == "int_2"


def test_contacts_that_brought_word_are_listed_without_the_disputed() -> None:
    """An attempt, a voided and a disputed contact told nobody anything."""
    facts = [
        interview(),
        contact(5, decision="rejected"),
        said(50, False),
        contact(55, decision="rejected", number=2),
        contact(56, "voicemail", number=3),
        contact(57, number=4, voided=True),
    ]
    assert folded(*facts).reached == {"con_2"} and folded(*facts).disputed == {"con_1"}


def test_one_denial_speaks_of_one_wait() -> None:
    """It disputes the contact that answered the promise; the contact that made the promise stays."""
    facts = [interview(), contact(5, by=100), contact(20, decision="rejected", number=2)]
    result = folded(*facts, said(50, False))
    assert result.disputed == {"con_2"}
    assert [(w.cause, w.state) for w in result.waits] == [("int_1", "answered"), ("con_1", "open")]


def test_a_denial_at_the_promised_instant_no_longer_disputes_the_promise() -> None:
    """From then on it speaks of the broken promise."""
    assert folded(interview(), contact(5, by=100), said(100, False)).disputed == frozenset()
    assert folded(interview(), contact(5, by=100), said(99.75, False)).disputed == {"con_1"}


def test_a_denial_takes_back_what_the_candidate_said_before() -> None:
    """ "I heard" and then "no, they did not": the wait is open again, and no contact is disputed."""
    result = folded(interview(), said(50, True), said(60, False, number=2))
    assert only(result).state == "open" and result.disputed == frozenset()


def test_only_an_invitation_after_the_wait_began_is_word() -> None:
    """Two interviews booked at once, or the second during the first, owe word once."""
    for booked in (-24, 0.5, 1):
        assert [w.cause for w in folded(interview(), interview(72, booked=booked, number=2)).waits] == ["int_2"]
    first, _ = folded(interview(), interview(72, booked=1.25, number=2)).waits
    assert (first.state, first.answered_at, first.answer) == ("answered", at(1.25), "invited")


def test_facts_of_one_instant_happen_in_order_of_invitation_start_contact_and_statement() -> None:
    """A contact logged at the interview's start counts; a denial at the instant of a call disputes it."""
    assert only(folded(interview(), contact(0, decision="rejected"))).state == "answered"
    assert folded(interview(), contact(5, decision="rejected"), said(5, False)).disputed == {"con_1"}
    back_to_back = folded(interview(), interview(72, booked=20, number=2), contact(72, decision="rejected"))
    assert [(w.cause, w.answered_by) for w in back_to_back.waits] == [("int_1", "interview"), ("int_2", "contact")]


def test_of_two_contacts_of_one_instant_the_one_recorded_first_answers() -> None:
    """Then the one with the smaller id."""
    one, other = contact(5, decision="offer"), contact(5, decision="rejected", number=2)
    assert only(folded(interview(), other, one)).answer == "offer"
    assert only(folded(interview(), replace(one, recorded_at=at(9)), other)).answer == "rejected"


def test_of_two_statements_of_one_instant_the_one_recorded_first_counts_first() -> None:
    """ "I heard", taken back at once, leaves the wait open; the other way round it is answered."""
    heard, denied = said(50, True, recorded_at=at(51)), said(50, False, number=2, recorded_at=at(52))
    assert only(folded(interview(), heard, denied)).state == "open"
    assert only(folded(interview(), replace(heard, recorded_at=at(53)), denied)).state == "answered"
    assert only(folded(interview(), replace(heard, recorded_at=at(52)), denied)).state == "open"


def test_an_answer_without_a_decision_is_an_honest_not_yet() -> None:
    """Serializers show it as pending."""
    assert folded(interview(), contact(5)).waits[0].answer == "pending"


def test_a_promise_has_the_stage_of_its_interview_and_before_any_interview_there_is_none() -> None:
    """A named day before the first interview promises nothing that we count."""
    assert folded(interview(stage="final"), contact(5, by=100)).waits[-1].stage == "final"
    assert folded(contact(5, by=100)).waits == ()


def test_a_decision_opens_no_promise_even_with_a_named_day() -> None:
    """An offer is an answer, whatever day it names."""
    assert len(folded(interview(), contact(5, decision="offer", by=100)).waits) == 1


def test_the_open_wait_is_the_last_one_while_it_is_open() -> None:
    """None where there is no wait, or where it was answered or dropped."""
    assert folded().open is None
    assert folded(interview(), contact(5, decision="rejected")).open is None
    assert folded(interview(), status="closed").open is None
    waiting = folded(interview()).open
    assert waiting is not None and waiting.cause == "int_1"


_times = st.integers(-20, 400).map(lambda quarter: quarter / 4) | st.sampled_from([0.0, 1.0, 5.0, 100.0])
"""Quarters of an hour; a few instants come often, so that facts coincide."""
_interviews = st.lists(
    st.tuples(_times, _times, st.sampled_from(["scheduled", "scheduled", "cancelled", "no_show"])),
    max_size=3,
    unique_by=lambda drawn: drawn[0],
)
_contacts = st.lists(
    st.tuples(
        _times,
        st.sampled_from(["reached", "sent", "voicemail", "bounced"]),
        st.sampled_from([None, "pending", "advancing", "offer", "rejected"]),
        st.booleans(),
    ),
    max_size=5,
)
_statements = st.lists(st.tuples(_times, st.booleans(), st.sampled_from([False, False, False, True])), max_size=4)


@st.composite
def histories(draw: st.DrawFn) -> list[object]:
    facts: list[object] = [
        interview(start, booked=booked, number=n, status=status) for n, (start, booked, status) in enumerate(draw(_interviews))
    ]
    facts += [
        contact(when, outcome, decision, number=n, voided=voided)
        for n, (when, outcome, decision, voided) in enumerate(draw(_contacts))
    ]
    return facts + [said(when, heard, n, voided=voided) for n, (when, heard, voided) in enumerate(draw(_statements))]


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrive_does_not_matter(facts: list[object], chance: object) -> None:
    """Late and out-of-order facts fold to the same waits: what happened counts, not when it was typed in."""
    shuffled = list(facts)
    chance.shuffle(shuffled)
    assert folded(*facts) == folded(*shuffled)


@given(histories())
def test_at_most_one_wait_is_open_and_it_is_the_last(facts: list[object]) -> None:
    """An application has one deadline at a time."""
    waits = folded(*facts).waits
    assert all(wait.state == "answered" for wait in waits[:-1])
    assert len({wait.cause for wait in waits}) == len(waits)
    assert all(wait.answered_at is not None for wait in waits if wait.state == "answered")


@given(histories(), _times)
def test_an_attempt_changes_no_wait(facts: list[object], when: float) -> None:
    """However many voicemails are logged, whenever."""
    assert folded(*facts, contact(when, "no_answer", number=99)) == folded(*facts)


def test_a_contact_at_the_start_of_an_interview_that_was_entered_later_answers_it() -> None:
    """Within one instant the interview comes first, whenever either was recorded."""
    wait = only(folded(interview(booked=5), contact(0, decision="rejected")))
    assert (wait.state, wait.answered_at) == ("answered", at(0))


def test_an_invitation_during_an_interview_does_not_answer_its_wait() -> None:
    """Nobody has waited yet. Earlier waits do not matter."""
    result = folded(
        interview(),
        contact(2, decision="advanced"),
        interview(10, number=2),
        interview(100, booked=10.5, number=3),
        as_of=at(120),
    )
    assert [(wait.cause, wait.state) for wait in result.waits] == [("int_1", "answered"), ("int_3", "open")]


def test_of_two_interviews_at_one_time_the_one_booked_later_counts() -> None:
    """It is the newer plan, whatever their ids."""
    assert folded(interview(booked=-10, number=1), interview(booked=-20, number=2)).origin == "int_1"
