"""The rules' record of an employer is made again wherever anything of the stored one differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import config
from chalicelib.auth import employers
from chalicelib.auth.employers import EmployerItem, employer_of

NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, stack: Any) -> Iterator[pytest.MonkeyPatch]:
    """The settings of the tests; read again after one that changes them, and nothing remembered before."""
    monkeypatch.setattr(employers, "_made", {})
    yield monkeypatch
    monkeypatch.undo()
    config.forget()


def _item() -> EmployerItem:
    return EmployerItem(
        "EMP#emp_1",
        "EMP",
        id="emp_1",
        name="Acme",
        timezone="America/New_York",
        digest_to=["dana@example.com"],
        policy={"max_nudges": 1},
        trial=True,
        suspended=False,
        created_at=NOON,
        updated_at=NOON,
        revision=1,
    )


def _suspend(item: EmployerItem) -> None:
    item.suspended = True


def _change_in_place(item: EmployerItem) -> None:
    item.policy["max_nudges"] = 2


def _lower(item: EmployerItem) -> None:
    item.limits = {"sms_monthly_cap_usd": 3}


@pytest.mark.parametrize("change", [_suspend, _change_in_place, _lower])
def test_any_change_of_the_stored_employer_holds_at_once(change: Callable[[EmployerItem], None]) -> None:
    """A suspension above all. Also a value that is changed where it is, though nobody should."""
    item, same = _item(), _item()
    first = employer_of(item)
    assert employer_of(same) is first
    change(item)
    changed = employer_of(item)
    assert changed != first and employer_of(same) == first
    employers._made.clear()
    assert employer_of(item) == changed


def test_a_setting_of_the_deployment_holds_at_once(environment: pytest.MonkeyPatch) -> None:
    """Whether answers come into the Inbox is no property of the stored employer."""
    environment.delenv("HEARDBACK_INBOUND_MAIL_DOMAIN", raising=False)
    config.forget()
    assert not employer_of(_item()).sender.inbox
    environment.setenv("HEARDBACK_INBOUND_MAIL_DOMAIN", "in.example.com")
    config.forget()
    assert employer_of(_item()).sender.inbox


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that lives long meets any number of employers."""
    monkeypatch.setattr(employers, "_MADE_MOST", 2)
    for number in range(5):
        item = _item()
        item.id = f"emp_{number}"
        employer_of(item)
        assert len(employers._made) <= 2
