"""A wait is an interview and its end: moved after a message, the interview is asked about once more, with both messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chalicelib.applications.interviews import changes as interviews
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.unit_of_work import read_case
from chalicelib.messaging.notices import request as notices
from chalicelib.storage import table

A_DAY = timedelta(days=1)


def moved(sending: Any, application: ApplicationItem, by: timedelta, **fields: Any) -> None:
    """Moves its one interview."""
    [item] = read_case(sending.employer.id, application.id).interviews.values()
    given = {"start_at": item.start_at + by, "end_at": item.end_at + by, **fields}
    interviews.change_interview(sending.employer, item.id, given, sending.clock(), lambda *_: None)


def daily(sending: Any, days: int) -> list[tuple[str, datetime]]:
    """Runs once a day. Returns the first words of each text to a candidate, and when it went."""
    found = []
    for _ in range(days):
        before = len(sending.outbox)
        sending.run()
        found += [("still" if "till no word" in text["body"] else "first", sending.clock()) for text in sending.outbox[before:]]
        sending.clock.advance(days=1)
    return found


def kinds(texts: list[tuple[str, datetime]]) -> list[str]:
    return [kind for kind, _ in texts]


def test_moved_after_a_message_an_interview_gets_both_messages_again(sending: Any) -> None:
    """The first text went out, then the interview was postponed by a week."""
    application = sending.interviewed()
    assert kinds(daily(sending, 4)) == ["first"]
    moved(sending, application, 7 * A_DAY)
    due = sending.now(application).word_due_at
    texts = daily(sending, 25)
    assert kinds(texts) == ["first", "still"]
    assert due <= texts[0][1] < due + A_DAY
    assert sending.statuses(application) == ["sent"] * 3


def test_moved_after_both_messages_an_interview_gets_both_again(sending: Any) -> None:
    application = sending.interviewed()
    assert kinds(daily(sending, 12)) == ["first", "still"]
    moved(sending, application, 14 * A_DAY)
    assert kinds(daily(sending, 20)) == ["first", "still"]
    moved(sending, application, 28 * A_DAY)
    assert kinds(daily(sending, 40)) == ["first", "still"]


def test_moved_before_any_message_an_interview_is_asked_about_twice_as_ever(sending: Any) -> None:
    application = sending.interviewed()
    moved(sending, application, A_DAY)
    moved(sending, application, A_DAY)
    assert kinds(daily(sending, 20)) == ["first", "still"]


def test_moved_there_and_back_an_interview_gets_no_message_twice(sending: Any) -> None:
    """A calendar that is corrected twice is the same occurrence again."""
    application = sending.interviewed()
    assert kinds(daily(sending, 4)) == ["first"]
    moved(sending, application, 9 * A_DAY)
    sending.run()
    moved(sending, application, -9 * A_DAY)
    assert kinds(daily(sending, 20)) == ["still"]


def test_a_date_named_by_the_employer_does_not_make_two_occurrences_one(sending: Any) -> None:
    """`next_word_by` stays where it was, so both occurrences are due at the same moment."""
    by = sending.clock() + 2 * A_DAY
    application = sending.interviewed(next_word_by=by)
    assert kinds(daily(sending, 3)) == ["first"]
    moved(sending, application, A_DAY)
    assert kinds(daily(sending, 20)) == ["first", "still"]


def test_changing_what_is_due_of_the_same_occurrence_repeats_no_message(sending: Any) -> None:
    application = sending.interviewed()
    assert kinds(daily(sending, 3)) == ["first"]
    moved(sending, application, timedelta(0), next_word_by=sending.clock() + A_DAY)
    assert kinds(daily(sending, 20)) == ["still"]


def test_a_refused_message_about_the_former_end_is_not_tried_again(sending: Any) -> None:
    """The provider was down while the interview was moved, and word is due at the same moment as before."""
    application = sending.interviewed(next_word_by=sending.clock() + 2 * A_DAY)
    sending.clock.advance(days=2)
    sending.faults.throttle("Publish")
    sending.run()
    assert sending.statuses(application) == ["retrying"]
    moved(sending, application, timedelta(hours=47))
    sending.clock.advance(minutes=2)
    sending.run()
    assert sending.statuses(application) == ["cancelled", "sent"]
    assert len(sending.outbox) == 1


def test_a_move_whose_answer_was_lost_counts_once(sending: Any) -> None:
    application = sending.interviewed()
    assert kinds(daily(sending, 4)) == ["first"]
    sending.faults.lose_response("TransactWriteItems")
    moved(sending, application, 9 * A_DAY)
    assert kinds(daily(sending, 25)) == ["first", "still"]


def test_the_version_before_reads_the_count_of_the_present_occurrence(sending: Any) -> None:
    """It knows one number for each interview: how many messages of the wait as it is now were claimed."""
    application = sending.interviewed()
    cause = application.wait_cause
    assert kinds(daily(sending, 4)) == ["first"]
    assert sending.now(application).nudges == {cause: 1}
    moved(sending, application, 9 * A_DAY)
    assert sending.now(application).nudges.get(cause, 0) == 0
    moved(sending, application, -9 * A_DAY)
    assert sending.now(application).nudges[cause] == 1


def test_a_message_of_the_version_before_is_about_the_wait_with_its_deadline(sending: Any) -> None:
    """It does not say when its wait began."""
    application = sending.interviewed()
    sending.clock.advance(days=2)
    sending.faults.throttle("Publish")
    sending.run()
    [message] = sending.messages(application)
    message.wait_since = None
    message.save()
    sending.clock.advance(minutes=2)
    sending.run()
    assert sending.statuses(application) == ["sent"]


def test_a_moved_interview_can_be_the_subject_of_another_notice(sending: Any) -> None:
    """A notice that was promised for the former end does not stand for the new one."""
    by = sending.clock() + 5 * A_DAY
    application = sending.interviewed(next_word_by=by)
    first, _ = notices.ask(sending.employer, application.id, by + A_DAY, sending.clock())
    moved(sending, application, A_DAY)
    sending.run()
    assert table.get(*first.key).status == "cancelled"
    sending.clock.advance(days=1)
    second, is_new = notices.ask(sending.employer, application.id, by + A_DAY, sending.clock())
    assert is_new and second.id != first.id


def test_a_no_show_that_is_taken_back_gets_its_messages(sending: Any) -> None:
    application = sending.interviewed()
    interview = application.wait_cause
    interviews.mark_no_show(sending.employer, interview, sending.clock())
    sending.clock.advance(hours=6)
    assert sending.now(application).due_at is None
    interviews.reinstate_interview(sending.employer, interview, sending.clock())
    assert kinds(daily(sending, 20)) == ["first", "still"]


def test_a_no_show_after_the_first_message_gets_only_the_second_when_taken_back(sending: Any) -> None:
    """It is the same interview with the same end."""
    application = sending.interviewed()
    assert kinds(daily(sending, 3)) == ["first"]
    interviews.mark_no_show(sending.employer, application.wait_cause, sending.clock())
    interviews.reinstate_interview(sending.employer, application.wait_cause, sending.clock())
    assert kinds(daily(sending, 20)) == ["still"]
