"""The digest names candidates: it goes to addresses whose owners agreed, or that the operator entered."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.auth.employers import EmployerItem
from chalicelib.storage import keys, table
from tests.engines import BASE_URL, Api, join
from tests.messaging.conftest import Sending

EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
BOSS = "boss@example.com"


@pytest.fixture
def desk(api: Api, stack: Any) -> Api:
    """An employer with a candidate who has waited for long."""
    employer = api.new_employer(name="Blue Fern", trial=False, call_back_phone="+12025550100", policy={"digest_days": EVERY_DAY})
    end = stack.clock() - timedelta(days=20)
    booked = employer.post(
        "/v1/interviews",
        {
            "application": {"candidate": {"name": "Sam Sample"}, "job_title": "Cook"},
            "stage": "screen",
            "start_at": (end - timedelta(hours=1)).isoformat(),
            "end_at": end.isoformat(),
        },
    )
    assert booked.status == 201, booked
    return employer


def next_digest(stack: Any) -> None:
    stack.clock.advance(days=1)
    Sending.run(Sending(stack))


def digests(outbox: Any, to: str) -> list[str]:
    return [mail["body"] for mail in outbox.to(to) if "Sam Sample" in mail["body"]]


def warnings(employer: Api) -> list[str]:
    return [one["detail"] for one in employer.get("/v1/employer").json["warnings"] if one["code"] == "digest_unverified"]


def open_link(api: Api, outbox: Any, to: str) -> None:
    link = re.findall(rf"{re.escape(BASE_URL)}(/v/[\w-]+)", outbox.to(to)[-1]["body"])[-1]
    assert api.using(None).post(link, b"").status == 200


def test_an_address_that_the_employer_enters_gets_no_digest_before_its_owner_agrees(api: Api, desk: Api, stack: Any) -> None:
    """Otherwise a stolen key, or a slip of the pen, mails candidates' names to a stranger every morning."""
    desk.patch("/v1/employer", {"digest_to": [BOSS], "policy": {"escalate_to": ["Chief@example.com"]}})
    assert len(warnings(desk)) == 1 and BOSS in warnings(desk)[0] and "chief@example.com" in warnings(desk)[0]
    next_digest(stack)
    assert stack.outbox == []
    listed = desk.get("/v1/messages", query={"status": "suppressed"}).json["data"]
    assert {one["step"] for one in listed} == {"digest", "escalation"} and "not verified" in listed[0]["reason"]
    desk.post("/v1/employer/addresses", {"email": "BOSS@example.com"})
    open_link(api, stack.outbox, "BOSS@example.com")
    assert BOSS not in warnings(desk)[0]
    next_digest(stack)
    assert len(digests(stack.outbox, BOSS)) == 1 and digests(stack.outbox, "Chief@example.com") == []


def test_a_person_who_accepted_gets_it_and_one_who_did_not_does_not(desk: Api, stack: Any) -> None:
    """Who may sign in sees the list anyway. It ends when the person is removed."""
    desk.post("/v1/people", {"name": "Kim", "email": "kim@example.com"})
    person = join(desk, stack.outbox, BOSS).json
    stack.outbox.clear()
    desk.patch("/v1/employer", {"digest_to": [BOSS, "kim@example.com"]})
    assert BOSS not in warnings(desk)[0] and "kim@example.com" in warnings(desk)[0]
    next_digest(stack)
    assert [mail["to"] for mail in stack.outbox] == [BOSS]
    desk.delete(f"/v1/people/{person['id']}")
    next_digest(stack)
    assert len(stack.outbox) == 1


def test_another_employers_acceptance_or_verification_does_not_count(api: Api, desk: Api, stack: Any) -> None:
    """Somebody who agreed to one company's digest has not agreed to another's."""
    other = api.new_employer(name="Other", trial=False)
    join(other, stack.outbox, BOSS)
    other.post("/v1/employer/addresses", {"email": "chief@example.com"})
    open_link(api, stack.outbox, "chief@example.com")
    stack.outbox.clear()
    desk.patch("/v1/employer", {"digest_to": [BOSS, "chief@example.com"]})
    next_digest(stack)
    assert stack.outbox == []


def test_what_the_operator_enters_and_what_was_there_before_goes_on(api: Api, operator: Api, desk: Api, stack: Any) -> None:
    """An update of Heardback stops nobody's digest. An address that is taken out and entered again is a new one."""
    path = f"/v1/employers/{desk.get('/v1/employer').json['id']}"
    operator.patch(path, {"digest_to": [BOSS]})
    desk.patch("/v1/employer", {"digest_to": [BOSS, "kim@example.com"]})
    assert warnings(desk) and BOSS not in warnings(desk)[0]
    next_digest(stack)
    assert [mail["to"] for mail in stack.outbox] == [BOSS]
    desk.patch("/v1/employer", {"digest_to": []})
    assert warnings(desk) == []
    desk.patch("/v1/employer", {"digest_to": ["Boss@example.com"]})
    assert BOSS in warnings(desk)[0]
    operator.patch(path, {"digest_to": []})
    operator.patch(path, {"digest_to": [BOSS]})
    assert warnings(desk) == []


def test_employers_stored_before_keep_their_digest(desk: Api, stack: Any) -> None:
    """Their addresses were never asked."""
    item: Any = table.get(keys.employer_pk(desk.get("/v1/employer").json["id"]), "EMP")
    item.update(actions=[EmployerItem.digest_to.set([BOSS]), EmployerItem.digest_unverified.remove()])
    desk.patch("/v1/employer", {"policy": {"max_nudges": 1}})
    assert warnings(desk) == []
