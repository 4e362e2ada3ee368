"""Opt-outs and recent messages of an address, found by a keyed hash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import pytest

from chalicelib.errors import ConditionFailed
from chalicelib.messaging.opt_outs import standing
from chalicelib.storage.recipients import (
    PLACES,
    Address,
    Arrival,
    OptOutItem,
    addresses_of,
    all_cases_of,
    cases_of,
    key_of,
    note,
    opted_out,
    write_notes,
)
from chalicelib.storage.table import Transaction, get

NOW = datetime(2026, 6, 2, 14, tzinfo=UTC)
EMAIL: Address = ("email", "Sam@example.com")
PHONE: Address = ("sms", "+12025550123")


def arrive(*arrivals: Arrival) -> None:
    transaction = Transaction()
    note(transaction, arrivals)
    transaction.commit()


def stored(address: Address) -> OptOutItem:
    item = get(*key_of(*address))
    assert isinstance(item, OptOutItem)
    return item


def test_email_is_compared_without_case_and_channels_are_apart(stack: Any) -> None:
    """One mailbox has one opt-out, however it is spelled; a number is no mailbox."""
    assert key_of("email", " SAM@example.com") == key_of(*EMAIL)
    assert key_of("sms", "sam@example.com") != key_of(*EMAIL)
    assert addresses_of(EMAIL[1], PHONE[1]) == [("email", "sam@example.com"), PHONE]
    assert addresses_of(None, None) == []


def test_an_address_knows_the_cases_that_have_it(stack: Any) -> None:
    """So one read before a send tells how many applications a person has."""
    arrive(Arrival(EMAIL, "CASE#1", late=False), Arrival(PHONE, "CASE#1", late=False))
    arrive(Arrival(EMAIL, "CASE#2", late=True))
    assert sorted(cases_of(EMAIL)) == ["CASE#1", "CASE#2"]
    assert cases_of(PHONE) == ["CASE#1"]
    item = stored(EMAIL)
    assert (int(item.applications or 0), item.first_case, item.late) == (2, "CASE#1", True)
    assert stored(PHONE).late is None
    assert opted_out([EMAIL, PHONE]) == set(), "the item alone is no opt-out"


@pytest.mark.parametrize(
    ("values", "is_out"),
    [
        ({}, False),
        ({"opted_out_at": NOW}, True),
        ({"opted_out_at": NOW, "opted_in_at": NOW + timedelta(hours=1)}, False),
        ({"opted_out_at": NOW, "said_at": NOW + timedelta(hours=2), "opted_in_at": NOW + timedelta(hours=1)}, True),
        ({"opted_out_at": NOW, "opted_in_at": NOW}, True),
    ],
)
def test_the_latest_of_stop_and_start_counts(stack: Any, values: dict[str, Any], is_out: bool) -> None:
    """Events arrive in any order. In doubt the person is opted out."""
    assert OptOutItem(*key_of(*PHONE), **values).is_out is is_out


@pytest.mark.parametrize(
    ("values", "shared"),
    [
        ({}, False),
        ({"applications": 1}, False),
        ({"applications": 2}, True),
        ({"applications": 1, "written": [["msg_1", "2026-06-02T14:00:00.000000Z"]]}, True),
        ({"written": [["msg_1", "2026-06-02T14:00:00.000000Z"]]}, True),
    ],
)
def test_an_address_with_several_applications_or_recorded_messages_is_shared(
    stack: Any, values: dict[str, Any], shared: bool
) -> None:
    """The frequency cap reads recent messages only of shared addresses: one with recorded messages must be among them."""
    key = key_of(*PHONE)
    assert (PHONE in standing({key: PHONE}, {key: OptOutItem(*key, **values)}).shared) is shared


def test_recent_messages_are_recorded_unless_others_did_so_meanwhile(stack: Any) -> None:
    """Two workers that record at once: the second reads again, and no message is lost."""
    key, first, second = key_of(*PHONE), ["msg_1", "2026-06-02T14:00:00.000000Z"], ["msg_2", "2026-06-02T14:00:00.000000Z"]
    write_notes({key: None}, {key: [first]})
    assert stored(PHONE).written == [first]
    for stale in ({key: None}, {key: OptOutItem(*key, written=[second])}):
        with pytest.raises(ConditionFailed):
            write_notes(stale, {key: [first, second]})
    write_notes({key: stored(PHONE)}, {key: [first, second]})
    assert stored(PHONE).written == [first, second]


def test_cases_that_share_a_place_are_not_taken_for_all(stack: Any) -> None:
    """A later application may take the place of another employer's: then nobody is the only one who knows the number."""
    place = crc32(b"EMP#emp_b#CASE#0") % PLACES
    other = next(pk for n in range(1000) if crc32((pk := f"EMP#emp_a#CASE#{n}").encode()) % PLACES == place)
    arrive(Arrival(PHONE, "EMP#emp_a#CASE#first", False))
    assert all_cases_of(PHONE) == ["EMP#emp_a#CASE#first"]
    arrive(Arrival(PHONE, "EMP#emp_b#CASE#0", False))
    assert set(all_cases_of(PHONE) or ()) == {"EMP#emp_a#CASE#first", "EMP#emp_b#CASE#0"}
    arrive(Arrival(PHONE, other, False))
    assert all_cases_of(PHONE) is None
    assert all_cases_of(("sms", "+12025550199")) == []
