"""What is stored of a text that came in, whole: as a reply, waiting for a choice, unreadable, and that it was answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.messaging import pending_store, reply_store
from chalicelib.messaging.pending_store import PendingItem
from chalicelib.storage import table
from chalicelib.storage.table import Item
from infra.local.feedback import Feedback

APP, EMP = "app_01KT0000010123456789ABCDEF", "emp_01KT00000212345678AAAAAAAA"
SENT, NOW = datetime(2026, 6, 2, 14, 5, 6, tzinfo=UTC), datetime(2026, 6, 3, 9, 8, 7, tzinfo=UTC)
NUMBER = "+12025550111"


def fields(item: Item) -> dict[str, Any]:
    return {name: value for name, value in item.attribute_values.items() if value is not None}


def test_a_reply_is_stored_with_its_words_up_to_1600_letters() -> None:
    """Its id derives from the carrier's id, the same in every version."""
    made = reply_store.reply(EMP, APP, "text-one", sender=NUMBER, body="x" * 1601, understood_as="yes", at=SENT)
    reply_id = "rep_0FSXHBQ86V0123456789ABCDEF"
    assert fields(made) == {
        "PK": "EMP#emp_01KT00000212345678AAAAAAAA#CASE#0123456789ABCDEF",
        "SK": f"REPLY#{reply_id}",
        "id": reply_id,
        "application_id": APP,
        "sender": NUMBER,
        "body": "x" * 1600,
        "understood_as": "yes",
        "received_at": SENT,
        "list_key": "emp_01KT00000212345678AAAAAAAA#REPLY",
        "list_at": f"2026-06-02T14:05:06.000000Z{reply_id}",
    }


def test_a_text_that_waits_for_a_choice_is_due_a_day_after_it_was_sent_and_kept_for_a_week() -> None:
    made = pending_store.pending("hash", "text-one", sender=NUMBER, body="y" * 1601, at=SENT, now=NOW)
    assert {**fields(made), "due_shard": 0} == {
        "PK": "PENDING#hash",
        "SK": "PENDING#text-one",
        "id": "text-one",
        "sender": NUMBER,
        "body": "y" * 1600,
        "received_at": SENT,
        "due_shard": 0,
        "due_at": "2026-06-03T14:05:06.000000Z",
        "expires_at": int(datetime(2026, 6, 10, 9, 8, 7, tzinfo=UTC).timestamp()),
    }


def test_what_could_not_be_read_is_kept_for_30_days() -> None:
    """Once a day and payload; letters that are none become question marks."""
    made = reply_store.parked("sms", "a\ud800" + "z" * 16_000, "ValueError", NOW)
    assert fields(made) == {
        "PK": "PARKED#2026-06-03",
        "SK": made.SK,
        "source": "sms",
        "reason": "ValueError",
        "payload": "a?" + "z" * 15_998,
        "at": NOW,
        "expires_at": int(datetime(2026, 7, 3, 9, 8, 7, tzinfo=UTC).timestamp()),
    }
    assert reply_store.parked("sms", "abc", "", NOW).SK == "PARKED#ba7816bf8f01cfea414140de5dae2223"


def test_what_a_text_is_about_and_that_it_was_answered_is_kept_for_30_days() -> None:
    until = int(datetime(2026, 7, 3, 9, 8, 7, tzinfo=UTC).timestamp())
    about = fields(reply_store.subject("text-one", "case", NOW))
    assert about == {"PK": "SUBJECT#text-one", "SK": "SUBJECT", "case_pk": "case", "expires_at": until}
    answered = fields(reply_store.answered("one", NOW))
    assert answered == {"PK": "ANSWERED#one", "SK": "ANSWERED", "at": NOW, "expires_at": until}


def keep(number_hash: str, text_id: str, at: datetime) -> PendingItem:
    item = pending_store.pending(number_hash, text_id, sender=NUMBER, body="Hello", at=at, now=at)
    assert reply_store.create_once(item)
    return item


def test_texts_wait_for_a_week_oldest_first(stack: Any) -> None:
    """Of one number. What expired may be stored for some days more."""
    week = timedelta(days=7)
    for number_hash, text_id, at in (
        ("one", "b", NOW),
        ("one", "a", NOW),
        ("one", "c", NOW - timedelta(hours=1)),
        ("one", "late", NOW - week),
        ("one", "just", NOW - week + timedelta(seconds=1)),
        ("two", "d", NOW),
    ):
        keep(number_hash, text_id, at)
    assert [one.id for one in pending_store.pending_of("one", NOW)] == ["just", "c", "a", "b"]
    assert pending_store.is_pending("one", "a") and not pending_store.is_pending("two", "a")


def test_a_question_is_asked_once_a_day_and_answered_once(stack: Any) -> None:
    """The answer names the employer, the text and when; a question that was asked again takes no old answer."""
    claim = reply_store.answered("one", NOW)
    assert pending_store.ask_once(claim, "hash", ("emp_b", "emp_a"), NOW)
    assert not pending_store.ask_once(reply_store.answered("one", NOW), "hash", ("emp_c",), NOW)
    week = timedelta(days=7)
    assert pending_store.question_of("hash", NOW + week) is None
    question = pending_store.question_of("hash", NOW + week - timedelta(seconds=1))
    assert question is not None and fields(question) == {
        "PK": "PENDING#hash",
        "SK": "WHICH",
        "employers": ["emp_b", "emp_a"],
        "asked_at": NOW,
        "expires_at": int(datetime(2026, 6, 10, 9, 8, 7, tzinfo=UTC).timestamp()),
    }
    later = NOW + timedelta(minutes=1)
    assert pending_store.choose(question, "emp_a", "text-two", later)
    assert not pending_store.choose(question, "emp_b", "text-three", later)
    chosen = pending_store.question_of("hash", NOW)
    assert chosen is not None and (chosen.chosen, chosen.chosen_at, chosen.chosen_by) == ("emp_a", later, "text-two")
    pending_store.withdraw_question("hash", later)
    assert pending_store.question_of("hash", NOW) is not None, "another question"
    pending_store.withdraw_question("hash", NOW)
    assert pending_store.question_of("hash", NOW) is None


def test_a_pending_text_is_made_due_at_another_time_or_never(stack: Any) -> None:
    """What was moved meanwhile stays as it is."""
    item = keep("hash", "text", NOW)

    def now_due() -> tuple[str | None, bool]:
        read: Any = table.get(*item.key)
        return read.due_at, read.due_shard is not None

    pending_store.set_due(item, NOW + timedelta(days=2))
    assert now_due() == ("2026-06-05T09:08:07.000000Z", True)
    pending_store.set_due(item, None)
    assert now_due() == ("2026-06-05T09:08:07.000000Z", True), "it was read before it was moved"
    [fresh] = pending_store.pending_of("hash", NOW)
    pending_store.set_due(fresh, None)
    assert now_due() == (None, False)
    pending_store.delete_pending(fresh)
    assert table.get(*item.key) is None


@pytest.mark.parametrize("has_listener", [True, False])
def test_a_reply_is_told_to_feeds_and_to_webhooks_that_listen(sending: Any, stack: Any, has_listener: bool) -> None:
    """Once, by ids alone."""
    application = sending.interviewed()
    employer_id = application.employer_id
    item = reply_store.reply(employer_id, application.id, "text-one", sender=NUMBER, body="Hello", understood_as=None, at=SENT)
    stored = [reply_store.store(item, employer_id, NOW, has_listener=has_listener) for _ in range(2)]
    assert stored == [True, False]
    raw = stack.table.client().scan(TableName=stack.table.Item.Meta.table_name)["Items"]
    items: list[Any] = [one for one in map(table.from_raw, raw) if one is not None]
    [change] = [change for one in items if one.kind == "FEED" for change in one.changes() if change.type == "reply"]
    assert (change.employer_id, change.id, change.application_id) == (employer_id, item.id, application.id)
    assert (change.at, change.events, change.deleted, change.moments) == (NOW, ("reply.received",), False, ())
    events = [(one.employer_id, one.type, one.data, one.at) for one in items if one.kind == "OUT"]
    about = {"reply_id": item.id, "application_id": application.id, "kind": "text"}
    assert events == ([(employer_id, "reply.received", about, NOW)] if has_listener else [])


def test_a_text_that_answers_none_of_ours_goes_to_whose_word_is_due_last(sending: Any, stack: Any, clock: Any) -> None:
    """Of the applications that wait, whichever was added first; of those without a deadline, the newest."""
    now = clock()
    due_last = sending.interviewed(phone=NUMBER, ended=now)
    due_first = sending.interviewed(phone=NUMBER, ended=now - timedelta(hours=5))
    provider = Feedback(stack.app, clock, lambda: stack.outbox)
    provider.inbound_sms({"from": NUMBER, "body": "Is it still open?", "id": "text-one"})
    assert [len(reply_store.replies_of(one.PK)) for one in (due_last, due_first)] == [1, 0]
    sending.heard(due_last)
    provider.inbound_sms({"from": NUMBER, "body": "And now?", "id": "text-two"})
    assert [len(reply_store.replies_of(one.PK)) for one in (due_last, due_first)] == [1, 1]
