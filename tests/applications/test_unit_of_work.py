"""Services that share a unit of work: their changes are written together, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications import service as applications
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.employers import service as employers
from chalicelib.applications.interviews import service as interviews
from chalicelib.applications.interviews.service import Booking
from chalicelib.applications.unit_of_work import UnitOfWork, read_application, retry_on_conflict
from chalicelib.auth.employers import employer_of
from chalicelib.errors import ConditionFailed
from tests.engines import Api, StandingClock


def change(unit: UnitOfWork, case: ApplicationCase) -> None:
    """A second interview, the first one moved, a decision, and a contact that is voided at once."""
    (first,) = case.interviews.values()
    begin = unit.now + timedelta(days=1)
    interviews.add_interview(unit, case, Booking("final", begin, begin + timedelta(hours=1), external_ref="ats:1:2"))
    interviews.set_fields(unit, first, {"start_at": first.start_at - timedelta(hours=1)})
    applications.decide(case, "rejected", unit.now)
    contacts.void(unit, contacts.add_contact(unit, case, {"channel": "email", "outcome": "sent", "decision": "rejected"}))
    unit.save(case)


@pytest.fixture
def unit(employer: Api, clock: StandingClock) -> UnitOfWork:
    return UnitOfWork(employer_of(employers.read(employer.employer_id or "")), clock.now)


def read(employer: Api, made: dict[str, Any]) -> ApplicationCase:
    return read_application(employer.employer_id or "", made["application_id"])


def shown(employer: Api, made: dict[str, Any]) -> tuple[int, str | None, list[str]]:
    """What clients see: number of interviews, the decision, the contacts."""
    path = f"/v1/applications/{made['application_id']}"
    listed = employer.get("/v1/interviews", query={"application_id": made["application_id"]}).json["data"]
    told = [contact["status"] for contact in employer.get(path + "/contacts").json["data"]]
    return len(listed), employer.get(path).json["decided"], told


def test_all_changes_of_a_unit_are_one_transaction(employer: Api, booked: Any, unit: UnitOfWork, meter: Any) -> None:
    """An ATS event or an import row changes several facts, and costs one write."""
    made = booked()
    change(unit, read(employer, made))
    meter.reset()
    unit.commit()
    assert dict(meter.requests) == {"TransactWriteItems": 1}
    assert shown(employer, made) == (2, "rejected", ["voided"])


def test_nothing_is_written_before_the_commit(employer: Api, booked: Any, unit: UnitOfWork) -> None:
    """A caller may drop a unit after an error."""
    made = booked()
    change(unit, read(employer, made))
    assert shown(employer, made) == (1, None, [])


def test_a_unit_fails_as_a_whole_where_another_write_came_first(employer: Api, booked: Any, unit: UnitOfWork) -> None:
    """The case was read before the other write: none of the changes is made."""
    made = booked()
    change(unit, read(employer, made))
    employer.patch(f"/v1/applications/{made['application_id']}", {"decided": "offer"})
    with pytest.raises(ConditionFailed):
        unit.commit()
    assert shown(employer, made) == (1, "offer", [])


def test_a_failed_unit_is_retried_from_a_fresh_read(employer: Api, booked: Any, unit: UnitOfWork) -> None:
    """The second attempt sees what the other write changed."""
    made, seen = booked(), []

    def write_once() -> None:
        case, attempt = read(employer, made), UnitOfWork(unit.employer, unit.now)
        seen.append(case.application.decided)
        if len(seen) == 1:
            employer.patch(f"/v1/applications/{made['application_id']}", {"decided": "offer"})
        change(attempt, case)
        attempt.commit()

    retry_on_conflict(write_once)
    assert seen == [None, "offer"]
    assert shown(employer, made) == (2, "rejected", ["voided"])
