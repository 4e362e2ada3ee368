"""How instants are written, so that the order of their texts is the order of times; and what a changed copy writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from chalicelib.api.json_text import instant
from chalicelib.storage.base_item import Item, changes, copy_of, read_instant, snapshot, stored_instant
from chalicelib.storage.recipients import OptOutItem

NOON = datetime(2026, 6, 2, 12, 0, 0, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (NOON, "2026-06-02T12:00:00.000050Z"),
        (datetime(2026, 6, 2, 12, tzinfo=UTC), "2026-06-02T12:00:00.000000Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5))), "2026-06-02T12:00:00.000050Z"),
    ],
)
def test_an_instant_is_stored_in_utc_with_six_digits(at: datetime, text: str) -> None:
    assert stored_instant(at) == text and read_instant(text) == at
    assert read_instant(text).utcoffset() == timedelta(0)


def test_the_hour_that_comes_twice_is_two_instants() -> None:
    """Python takes both for equal in their own zone: what is remembered of one may not be given for the other."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    texts = [stored_instant(first), stored_instant(first.replace(fold=1))]
    assert texts == ["2026-10-25T00:30:00.000000Z", "2026-10-25T01:30:00.000000Z"]
    assert [instant(first), instant(first.replace(fold=1))] == ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]


def test_an_instant_that_older_code_wrote_is_read() -> None:
    """With fewer digits than six."""
    assert read_instant("2026-06-02T12:00:00.5Z") == datetime(2026, 6, 2, 12, 0, 0, 500_000, tzinfo=UTC)


def test_a_change_writes_what_differs_and_removes_what_is_none() -> None:
    item = OptOutItem("OPT#one", "OPT", channel="email", opted_out_at=NOON, applications=2)
    before = snapshot(item)
    assert changes(item, before) == [] and item.key == ("OPT#one", "OPT")
    copied = copy_of(item)
    copied.opted_out_at, copied.applications, copied.said_at = None, 3, NOON
    assert item.applications == 2 and type(copied) is OptOutItem
    written = [str(action) for action in changes(copied, before)]
    assert written == ["n = {'N': '3'}", "opted_out_at", "said_at = {'S': '2026-06-02T12:00:00.000050Z'}"]
    assert Item.kinds["OPT"] is OptOutItem


def test_the_indexes_hold_what_is_read_from_them() -> None:
    """A call list needs no second read of a wait; ids are enough of the others."""
    held = {one.Meta.index_name: one.Meta.projection for one in (Item.due_index, Item.waiting_index, Item.listing_index)}
    assert {name: (one.projection_type, one.non_key_attributes) for name, one in held.items()} == {
        "due": ("KEYS_ONLY", None),
        "waiting": ("INCLUDE", ["application_id", "word_due_at", "since", "decided"]),
        "listing": ("KEYS_ONLY", None),
    }


def test_requests_to_the_table_give_up_in_seconds() -> None:
    """A Lambda that waits costs money, and its caller is gone."""
    meta = Item.Meta
    assert (meta.connect_timeout_seconds, meta.read_timeout_seconds, meta.max_retry_attempts) == (1, 3, 2)
    assert (meta.max_pool_connections, meta.billing_mode) == (32, "PAY_PER_REQUEST")
