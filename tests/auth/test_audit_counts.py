"""Failed attempts are counted by the hour in one entry; the network of an address is all that is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.auth.actors import Actor
from chalicelib.auth.audit_log import (
    About,
    AuditItem,
    Entries,
    Origin,
    audit_pk,
    forget_counts,
    note_failure,
    note_now,
    truncated,
)
from chalicelib.storage import table

EMP = "emp_01KT00000212345678AAAAAAAA"
KIM = Origin(Actor("person", "per_one", "Kim Lane"), "203.0.113.0/24")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        (" 203.0.113.77 ", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("host.example", None),
        ("", None),
    ],
)
def test_of_an_address_its_network_is_kept(address: str, network: str | None) -> None:
    assert truncated(address) == network


def entries(now: datetime, since: datetime | None = None) -> list[dict[str, Any]]:
    found = Entries(EMP, now, since).newest(50)
    return [{name: value for name, value in one.attribute_values.items() if value is not None} for one in found]


@pytest.fixture
def counted(stack: Any) -> Any:
    """counted() -> what the entry of this hour counts."""
    forget_counts()

    def read() -> int:
        items = [one for one in table.query(audit_pk(EMP)) if isinstance(one, AuditItem)]
        return sum(int(one.times) for one in items)

    return read


def test_a_failed_attempt_is_noted_in_the_entry_of_its_hour(stack: Any, clock: Any, counted: Any) -> None:
    """The last attempt's time, network and person; its id is the hour's, the same in every process."""
    clock.set(datetime(2026, 6, 2, 14, 20, 30, tzinfo=UTC))
    note_failure(EMP, "sign_in_failed", KIM, clock(), about=About("person", "per_two", "Ann Archer"))
    clock.advance(minutes=9)
    last = Origin(Actor("person", "per_three", "Max Moor"), "198.51.100.0/24")
    note_failure(EMP, "sign_in_failed", last, clock(), about=About("person", "per_four", "Zoe Zane"))
    entry = "aud_01KT4A4MR00000000000000001"
    assert entries(clock()) == [
        {
            "PK": f"EMP#{EMP}#AUDIT",
            "SK": f"AUD#{entry}",
            "id": entry,
            "what": "sign_in_failed",
            "at": datetime(2026, 6, 2, 14, 29, 30, tzinfo=UTC),
            "actor": {"type": "person", "id": "per_three", "name": "Max Moor"},
            "place": "198.51.100.0/24",
            "about": {"type": "person", "id": "per_four", "name": "Zoe Zane"},
            "times": 2,
            "expires_at": int(datetime(2027, 7, 7, 14, 29, 30, tzinfo=UTC).timestamp()),
        }
    ]
    clock.advance(hours=1)
    note_failure(EMP, "sign_in_failed", KIM, clock())
    note_failure(EMP, "auth_failed", KIM, clock())
    assert [(one["what"], one["times"]) for one in entries(clock())] == [
        ("auth_failed", 1),
        ("sign_in_failed", 1),
        ("sign_in_failed", 2),
    ]


def test_many_failures_of_an_hour_cost_few_writes(stack: Any, clock: Any, counted: Any, meter: Any) -> None:
    """Each of the first 16, then every 16th, then every 256th: the count is at least half of them."""
    known = {}
    for number in range(1, 1025):
        note_failure(EMP, "auth_failed", KIM, clock())
        if number in (16, 17, 31, 32, 255, 256, 257, 511, 512, 1023, 1024):
            known[number] = counted()
    wanted = {16: 16, 17: 16, 31: 16, 32: 32, 255: 240, 256: 256, 257: 256, 511: 256, 512: 512, 1023: 768, 1024: 1024}
    assert known == wanted


def test_an_entry_is_listed_for_400_days(stack: Any, clock: Any) -> None:
    """Newest first, from the instant that is asked for."""
    note_now(EMP, "export", KIM, clock(), about=About("candidate", "cand_one"))
    clock.advance(seconds=1)
    note_now(EMP, "erasure", KIM, clock())
    assert [one["what"] for one in entries(clock())] == ["erasure", "export"]
    assert entries(clock())[1]["about"] == {"type": "candidate", "id": "cand_one", "name": None}
    assert [one["what"] for one in entries(clock(), since=clock())] == ["erasure"]
    assert len(entries(clock() + timedelta(days=400, seconds=-2))) == 2
    assert [one["what"] for one in entries(clock() + timedelta(days=400, seconds=-1))] == ["erasure"]
    assert entries(clock() + timedelta(days=400)) == []
