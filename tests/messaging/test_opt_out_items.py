"""What is stored of an address after any order of STOP, START, links and bounces, whole; and what it means for sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.messaging import opt_outs
from chalicelib.messaging.opt_outs import Standing
from chalicelib.signing import Expired
from chalicelib.storage import recipients, table
from chalicelib.storage.recipients import Address, OptOutItem
from infra.local.feedback import Feedback

NUMBER: Address = ("sms", "+12025550111")
EMAIL: Address = ("email", "Ann@example.com")
Act = Callable[[datetime], object]


def at(minute: int) -> datetime:
    return datetime(2026, 6, 2, 14, minute, tzinfo=UTC)


def stop(now: datetime) -> bool:
    return opt_outs.opt_out([NUMBER], "stop_word", now)


def carrier(now: datetime) -> bool:
    return opt_outs.opt_out([NUMBER], "carrier", now)


def start(now: datetime) -> None:
    opt_outs.opt_in(NUMBER, now)


def stored(address: Address = NUMBER) -> dict[str, Any]:
    item = table.get(*recipients.key_of(*address))
    names = ("channel", "source", "opted_out_at", "said_at", "opted_in_at", "not_by_stop_alone", "bounced_at")
    return {name: value for name in names if (value := getattr(item, name, None)) is not None}


def news() -> datetime | None:
    """When webhooks are to be told; None where nothing is."""
    item: Any = table.get(recipients.key_of(*NUMBER)[0], "NEWS")
    return item and item.at


FIRST = {"channel": "sms", "source": "stop_word", "opted_out_at": at(1), "said_at": at(1)}
HISTORIES: dict[str, tuple[list[tuple[Act, int, object]], dict[str, Any], bool, int | None]] = {
    "STOP": ([(stop, 1, True)], FIRST, True, 1),
    "STOP twice keeps the first time": ([(stop, 1, True), (stop, 3, False)], {**FIRST, "said_at": at(3)}, True, 1),
    "STOP that comes late": ([(stop, 3, True), (stop, 1, False)], {**FIRST, "opted_out_at": at(3), "said_at": at(3)}, True, 3),
    "a carrier after STOP": (
        [(stop, 1, True), (carrier, 2, False)],
        {**FIRST, "said_at": at(2), "not_by_stop_alone": True},
        True,
        1,
    ),
    "a carrier": ([(carrier, 1, True)], {**FIRST, "source": "carrier"}, True, 1),
    "STOP, then START": ([(stop, 1, True), (start, 2, None)], {**FIRST, "opted_in_at": at(2)}, False, 1),
    "at the same instant STOP wins": ([(stop, 1, True), (start, 1, None)], {**FIRST, "opted_in_at": at(1)}, True, 1),
    "START, then STOP": (
        [(start, 1, None), (stop, 2, True)],
        {**FIRST, "opted_out_at": at(2), "said_at": at(2), "opted_in_at": at(1)},
        True,
        2,
    ),
    "START, then a STOP of before": (
        [(start, 2, None), (stop, 1, False)],
        {"channel": "sms", "said_at": at(1), "opted_in_at": at(2)},
        False,
        None,
    ),
    "STOP after START begins again": (
        [(carrier, 1, True), (stop, 2, False), (start, 3, None), (stop, 4, True)],
        {**FIRST, "opted_out_at": at(4), "said_at": at(4), "opted_in_at": at(3)},
        True,
        4,
    ),
    "a START of before changes nothing": (
        [(stop, 1, True), (start, 4, None), (start, 3, None)],
        {**FIRST, "opted_in_at": at(4)},
        False,
        1,
    ),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_what_is_stored_after(stack: Any, name: str) -> None:
    """Every attribute, what each act answered, whether the number is out, and when webhooks hear of it."""
    acts, item, is_out, told = HISTORIES[name]
    assert [act(at(minute)) for act, minute, _ in acts] == [answer for _, _, answer in acts]
    assert stored() == item
    assert recipients.opted_out([NUMBER]) == ({NUMBER} if is_out else set())
    assert news() == (None if told is None else at(told))


def test_a_bounce_is_kept_with_its_first_time(stack: Any) -> None:
    """The mailbox is dead, which is no opt-out."""
    for minute in (3, 5):
        opt_outs.mark_dead(EMAIL, at(minute))
    assert stored(EMAIL) == {"channel": "email", "bounced_at": at(3)}
    keys = opt_outs.keys_of_all([EMAIL])
    found = opt_outs.standing(keys, table.get_many(keys))
    assert found == Standing(frozenset(), frozenset({("email", "ann@example.com")}))
    assert found.block_reason(("email", "ANN@example.com"), "case") == "the address bounced"


def item_of(address: Address, **fields: Any) -> OptOutItem:
    return OptOutItem(*recipients.key_of(*address), **fields)


def test_the_standing_of_addresses_says_who_is_out_dead_and_shared(stack: Any) -> None:
    """In canonical form; the cases that a number's STOP ended while it is out."""
    ben: Address = ("email", "ben@example.com")
    cleo: Address = ("email", "cleo@example.com")
    dan: Address = ("sms", "+12025550133")
    keys = opt_outs.keys_of_all([NUMBER, EMAIL, ben, cleo, dan])
    items = [
        item_of(NUMBER, opted_out_at=at(1), stopped=["case-1", "case-2"], applications=1),
        item_of(EMAIL, bounced_at=at(1), applications=2),
        item_of(ben, written=[["msg", "2026"]], applications=1),
        item_of(cleo, applications=1),
        item_of(dan, opted_out_at=at(1), opted_in_at=at(2), stopped=["case-3"]),
    ]
    found = opt_outs.standing(keys, {one.key: one for one in items})
    ann: Address = ("email", "ann@example.com")
    assert found == Standing(frozenset({NUMBER}), frozenset({ann}), frozenset({ann, ben}), frozenset({"case-1", "case-2"}))
    asked = [(NUMBER, "case-9"), (EMAIL, "case-9"), (ben, "case-9"), (ben, "case-2"), (dan, "case-3")]
    assert [found.block_reason(to, case) for to, case in asked] == ["opted out", "the address bounced", None, "opted out", None]
    assert found.is_shared([cleo, ("email", "ANN@example.com")]) and not found.is_shared([cleo, dan])


def test_a_former_mailbox_ends_the_mail_of_a_case_and_no_text_while_it_is_out(stack: Any) -> None:
    """The item is read by the hash that the application names: the mailbox is none of the person's any more."""
    out, back = (
        item_of(("email", name), opted_out_at=at(1), stopped_mail=[case]) for name, case in (("a@b.c", "1"), ("d@e.f", "2"))
    )
    back.opted_in_at = at(2)
    found = opt_outs.standing({}, {one.key: one for one in (out, back)})
    asked = [(EMAIL, "1"), (NUMBER, "1"), (EMAIL, "2"), (EMAIL, "3")]
    assert [found.block_reason(to, case) for to, case in asked] == ["opted out", None, None, None]


def test_stopping_mail_of_a_case_again_and_all_of_it_keeps_both_lists(sending: Any) -> None:
    """An application's page ends everything at the same address."""
    application = sending.interviewed(email="ann@example.com")
    for mail_alone in (True, True, False, True):
        opt_outs.stop_cases(EMAIL, [application.PK], mail_alone=mail_alone)
    item: Any = table.get(*recipients.key_of(*EMAIL))
    assert item.stopped_mail == item.stopped == [application.PK]
    assert sending.now(application).stopped_at == [recipients.hash_of(*EMAIL)]


def test_a_link_works_for_400_days(stack: Any, clock: Any) -> None:
    """It names its mailbox, by a keyed hash."""
    token = opt_outs.unsubscribe_token("Ann@example.com", clock())
    read = opt_outs.read_token(token, clock() + timedelta(days=400, seconds=-1))
    assert read == [("email", one) for one in recipients.hashes_of("email", "ann@example.com")]
    with pytest.raises(Expired):
        opt_outs.read_token(token, clock() + timedelta(days=400, seconds=1))


@pytest.mark.parametrize("kind", ["digest", "escalation", "owner", "weekly report"])
def test_a_digests_link_works_for_400_days_and_names_what_it_ends(stack: Any, clock: Any, kind: str) -> None:
    make: dict[str, Callable[[], str]] = {
        "digest": lambda: opt_outs.digest_url("emp_one", False, "ann@example.com", clock()),
        "escalation": lambda: opt_outs.digest_url("emp_one", True, "ann@example.com", clock()),
        "owner": lambda: opt_outs.owner_digest_url("emp_one", "ann@example.com", clock()),
        "weekly report": lambda: opt_outs.weekly_report_url("emp_one", "ann@example.com", clock()),
    }
    address, _, token = make[kind]().rpartition("/")
    assert address == "http://heardback.example/u"
    named = opt_outs.end_digest(token, clock() + timedelta(days=400, seconds=-1), act=False)
    assert named == ("weekly report" if kind == "weekly report" else "digest")
    with pytest.raises(Expired):
        opt_outs.end_digest(token, clock() + timedelta(days=400, seconds=1), act=False)


def test_start_is_answered_only_where_it_opened_the_number(sending: Any, stack: Any, clock: Any) -> None:
    """At the instant of a carrier's opt-out it changes nothing; later it does."""
    sending.interviewed(phone=NUMBER[1])
    clock.advance(hours=48)
    sending.run()
    stack.outbox.clear()
    provider = Feedback(stack.app, clock, lambda: stack.outbox)
    opt_outs.opt_out([NUMBER], "carrier", clock())
    provider.inbound_sms({"from": NUMBER[1], "body": "START", "id": "one"})
    assert stack.outbox == [] and recipients.opted_out([NUMBER]) == {NUMBER}
    clock.advance(minutes=1)
    provider.inbound_sms({"from": NUMBER[1], "body": "START", "id": "two"})
    [text] = stack.outbox
    assert text["to"] == NUMBER[1] and recipients.opted_out([NUMBER]) == set()
