"""The weekly report by mail: numbers without names, once a week, to addresses whose owners agreed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.messaging import opt_outs
from chalicelib.rules.employer import Employer, Policy
from chalicelib.rules.reminders.send_windows import no_holidays
from chalicelib.rules.reminders.weekly_report import first_digest_of_week, week_of
from tests.engines import BASE_URL, Api

BOSS = "boss@example.com"
MONDAY = datetime(2026, 6, 8, 13, tzinfo=UTC)
"""09:00 in New York."""


@pytest.fixture
def desk(api: Api, operator: Api) -> Api:
    """An employer whose report goes to one address that the operator entered, and nothing else to anybody."""
    made = api.new_employer(name="Blue Fern")
    operator.patch(f"/v1/employers/{made.employer_id}", {"policy": {"report_to": [BOSS]}})
    return made


@pytest.fixture
def interviewed(desk: Api, clock: Any) -> Any:
    def book(name: str, days_ago: float = 4) -> dict[str, Any]:
        end = clock() - timedelta(days=days_ago)
        times = {"start_at": (end - timedelta(hours=1)).isoformat(), "end_at": end.isoformat()}
        person = {"candidate": {"name": name}, "job_title": "Cook"}
        made = desk.post("/v1/interviews", {"application": person, "stage": "screen", **times})
        assert made.status == 201, made
        return made.json["application"]

    return book


def reports(outbox: Any) -> list[Any]:
    return [mail for mail in outbox.to(BOSS) if "last week" in mail["subject"] or "last week" in mail["body"]]


def test_it_goes_on_monday_morning_with_numbers_and_no_names(
    desk: Api, interviewed: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """Its link leads to sign-in, and from there to the report."""
    told = interviewed("Sam Sample", 1)
    interviewed("Bea Quixworth", 1.5)
    desk.post(f"/v1/applications/{told['id']}/contacts", {"channel": "call", "outcome": "reached", "decision": "advancing"})
    clock.set(MONDAY - timedelta(minutes=1))
    run_ticks()
    assert reports(outbox) == []
    clock.set(MONDAY)
    run_ticks()
    [mail] = reports(outbox)
    assert mail["subject"].startswith("Blue Fern: 1 of 2 heard on time last week")
    assert "Of 2 candidates who were due a reply last week, 1 heard on time, 1 has not heard." in mail["body"]
    assert "1 candidate is waiting past the day they should have heard" in mail["body"]
    assert f"{BASE_URL}/sign-in?next=%2Freports%2Frisk" in mail["body"]
    assert not re.search("Sam|Bea|Quixworth|Cook|app_|cand_", mail["body"] + mail["html"])


def test_a_not_yet_in_time_counts_as_heard_on_time_in_every_line(
    desk: Api, interviewed: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """The subject, last week and the weeks before say the same; how many were told "not yet" is said beside it."""
    for name, days, decision in (("Sam", 1, "advancing"), ("Bea", 1.2, "pending"), ("Kim", 1.4, None), ("Lee", 1.6, None)):
        told = interviewed(name, days)
        if name != "Lee":
            made = {"channel": "call", "outcome": "reached", **({"decision": decision} if decision else {})}
            assert desk.post(f"/v1/applications/{told['id']}/contacts", made).status == 201
    clock.set(MONDAY)
    run_ticks()
    [mail] = reports(outbox)
    assert "3 of 4 heard on time last week" in mail["subject"]
    assert "who were due a reply last week, 3 heard on time, 1 has not heard. Of the 3 who heard, 2 were told" in mail["body"]


def test_it_goes_once_a_week_whatever_is_changed(
    desk: Api, operator: Api, interviewed: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """A later hour that day, other days, an owner who is entered again: the next one comes a week later."""
    interviewed("Sam Sample", 5)
    clock.set(MONDAY)
    run_ticks()
    run_ticks()
    desk.patch("/v1/employer", {"policy": {"digest_time": "15:00", "digest_days": ["mon", "tue", "wed", "thu"]}})
    for _ in range(24 * 6):
        clock.advance(hours=1)
        run_ticks()
    assert len(reports(outbox)) == 1
    clock.set(MONDAY + timedelta(days=7, hours=6))
    run_ticks()
    assert len(reports(outbox)) == 2


def test_a_crash_after_the_mails_were_claimed_sends_none_twice(
    desk: Api, interviewed: Any, clock: Any, outbox: Any, run_ticks: Any, faults: Any
) -> None:
    """At most once, as every message."""
    interviewed("Sam Sample", 5)
    clock.set(MONDAY)
    faults.lose_response("SendEmail")
    for _ in range(30):
        run_ticks()
        clock.advance(minutes=20)
    assert len(reports(outbox)) <= 1


def test_an_address_gets_none_before_its_owner_agrees(
    api: Api, interviewed: Any, desk: Api, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """A slip of the pen must not tell a stranger how a company hires. Opening the mailed link agrees."""
    interviewed("Sam Sample", 5)
    desk.patch("/v1/employer", {"policy": {"report_to": ["typo@example.com"]}})
    [warning] = [one for one in desk.get("/v1/employer").json["warnings"] if one["code"] == "digest_unverified"]
    assert "typo@example.com" in warning["detail"]
    clock.set(MONDAY)
    run_ticks()
    assert [mail for mail in outbox.to("typo@example.com") if "last week" in mail["body"]] == []
    [held] = desk.get("/v1/messages", query={"status": "suppressed"}).json["data"]
    assert held["step"] == "weekly_report" and "not verified" in held["reason"]


def test_its_link_ends_it_alone(
    api: Api, desk: Api, operator: Api, interviewed: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """The digest to the same address goes on; the settings say who left."""
    operator.patch(f"/v1/employers/{desk.employer_id}", {"digest_to": [BOSS]})
    interviewed("Sam Sample", 5)
    clock.set(MONDAY)
    run_ticks()
    [mail] = reports(outbox)
    link = re.findall(rf"{re.escape(BASE_URL)}(/u/[\w-]+)", mail["body"])[-1]
    assert link in opt_outs.weekly_report_url(desk.employer_id, BOSS, clock())
    assert "Stop this weekly report" in api.get(link).json and desk.get("/v1/employer").json["policy"]["report_to"] == [BOSS]
    assert [api.post(link, b"").status for _ in range(2)] == [200, 200]
    shown = desk.get("/v1/employer").json
    assert (shown["policy"]["report_to"], shown["digest_to"]) == ([], [BOSS])
    assert [one["code"] for one in shown["warnings"] if BOSS in one["detail"]] == ["digest_unsubscribed"]
    clock.set(MONDAY + timedelta(days=7))
    run_ticks()
    assert len(reports(outbox)) == 1 and len(outbox.to(BOSS)) == 3


@pytest.mark.parametrize("fields", [{"suspended": True}, {"trial": True}])
def test_none_of_a_suspended_employer_nor_to_a_stranger_on_trial(
    desk: Api, operator: Api, interviewed: Any, clock: Any, outbox: Any, run_ticks: Any, fields: dict[str, bool]
) -> None:
    """It passes the gate that everything passes."""
    interviewed("Sam Sample", 5)
    operator.patch(f"/v1/employers/{desk.employer_id}", fields)
    clock.set(MONDAY)
    run_ticks()
    assert not outbox


def test_where_nobody_was_due_anything_nothing_is_said(desk: Api, clock: Any, outbox: Any, run_ticks: Any) -> None:
    clock.set(MONDAY)
    run_ticks()
    assert not outbox


def test_it_is_the_weeks_first_digest_on_the_employers_clock() -> None:
    """Monday's; Tuesday's where Monday is a holiday. In Auckland Monday begins on our Sunday."""
    auckland = Employer("emp_1", "Acme", "Pacific/Auckland")
    first = first_digest_of_week(auckland, datetime(2026, 6, 10, tzinfo=UTC), no_holidays)
    assert first == datetime(2026, 6, 8, 9, tzinfo=ZoneInfo("Pacific/Auckland")) and first.astimezone(UTC).weekday() == 6
    assert week_of(auckland, first) == "2026-W24" != week_of(Employer("emp_1", "Acme", "America/New_York"), first)
    off = first_digest_of_week(auckland, first, lambda day: day.weekday() == 0)
    assert off == first + timedelta(days=1)
    friday = Employer("emp_1", "Acme", "UTC", policy=Policy(digest_days=("fri",)))
    assert first_digest_of_week(friday, MONDAY, no_holidays) == datetime(2026, 6, 12, 9, tzinfo=UTC)
