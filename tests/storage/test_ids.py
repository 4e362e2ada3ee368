"""Ids are ULIDs: they sort by time, nobody can guess them, and what derives from something stays the same for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.storage import ids

AT = datetime.fromtimestamp(1_469_918_176.385, UTC)
TAIL = "0123456789ABCDEF"


def test_an_id_begins_with_its_milliseconds_in_base_32():
    """1469918176385 in Crockford's letters, which leave out I, L, O and U."""
    assert ids.new_id("app", AT).startswith("app_01ARYZ6S41") and len(ids.new_id("app", AT)) == 30
    assert ids.first_id("app", AT) == "app_01ARYZ6S41"
    assert ids.to_base32(1_469_918_176_385, 10) == "01ARYZ6S41" and ids.from_base32("01ARYZ6S41") == 1_469_918_176_385
    assert (ids.to_base32(0, 2), ids.to_base32(31, 2), ids.to_base32(32, 2), ids.to_base32(1023, 2)) == ("00", "0Z", "10", "ZZ")


@pytest.mark.parametrize("text", ["I", "L", "O", "U", "a", "1_0", " 1", "+1", "-1", "é", "٣"])
def test_other_letters_are_no_number(text):
    """Python's own base 32 has letters that Crockford left out, and its numbers may hold signs and spaces."""
    with pytest.raises(ValueError):
        ids.from_base32(text)


def test_eighty_bits_of_an_id_are_random():
    """Fewer could be tried one by one. Of 200 ids of one millisecond every place takes most of the 32 letters."""
    made = [ids.new_id("app", AT)[-16:] for _ in range(200)]
    assert len(set(made)) == 200
    assert all(len({one[place] for one in made}) > 20 for place in range(16))


def test_ids_of_a_case_share_its_tail():
    """Any of them names the partition."""
    application = ids.new_id("app", AT)
    contact = ids.case_id("con", application, AT, set())
    assert contact == f"con_01ARYZ6S41{application[-16:]}"
    assert ids.tail(contact) == ids.tail(application) == application[-16:]


def test_a_second_id_of_the_same_millisecond_takes_the_next_free_one():
    """A case has one tail, so its ids differ in time alone."""
    first = ids.case_id("con", f"app_01ARYZ6S41{TAIL}", AT, set())
    second = ids.case_id("con", first, AT, {first})
    assert (first, second) == (f"con_01ARYZ6S41{TAIL}", f"con_01ARYZ6S42{TAIL}")
    assert ids.case_id("con", first, AT, {first, second}) == f"con_01ARYZ6S43{TAIL}"
    assert ids.case_id("con", first, AT + timedelta(milliseconds=1), {first}) == second


def test_a_derived_id_is_the_same_in_every_version():
    """A step never makes two messages, even where two versions run side by side."""
    made = ids.derived_id("msg", f"app_01ARYZ6S41{TAIL}", "int_1", "2026-06-02", "nudge_1")
    assert made == f"msg_6X122P47AF{TAIL}"
    assert ids.derived_id("msg", f"app_01ARYZ6S41{TAIL}", "int_1", "nudge_1", "2026-06-02") != made


def test_what_another_system_sends_twice_has_one_id():
    """128 bits, so that no two events meet by chance."""
    assert ids.hashed_id("evt", b"a delivery") == "evt_7ZYRXJSWX56S585TETS37XFJEE"
    assert ids.hashed_id("evt", b"another") != "evt_7ZYRXJSWX56S585TETS37XFJEE"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("app_01ARYZ6S41TSV4RRFFQ69G5FAV", True),
        ("app_71ARYZ6S41TSV4RRFFQ69G5FAV", True),
        ("app_81ARYZ6S41TSV4RRFFQ69G5FAV", False),  # more than 128 bits
        ("con_01ARYZ6S41TSV4RRFFQ69G5FAV", False),
        ("app01ARYZ6S41TSV4RRFFQ69G5FAV", False),
        ("app_01ARYZ6S41TSV4RRFFQ69G5FA", False),
        ("app_01ARYZ6S41TSV4RRFFQ69G5FAVX", False),
        ("app_01ARYZ6S41TSV4RRFFQ69G5FAU", False),  # no letter of the alphabet
        ("app_01aryz6s41tsv4rrffq69g5fav", False),
        ("app_", False),
    ],
)
def test_an_id_has_a_prefix_and_26_letters(text, is_one):
    """Anything else never reaches the table."""
    assert ids.is_id(text, "app") is is_one


def test_what_is_due_is_spread_over_shards_that_never_move(monkeypatch):
    """Older code looks for it in the same one. Places of ids by CRC-32."""
    monkeypatch.setattr(ids, "DUE_SHARDS", 16)
    assert [ids.due_shard(one) for one in ("123456789", "a", "b")] == [6, 3, 9]
