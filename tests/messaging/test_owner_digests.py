"""What somebody owns is in their own digest; what nobody owns is in the employer's."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.storage import keys, table
from tests.applications.conftest import booked, contact, interview
from tests.engines import BASE_URL, join

__all__ = ["booked", "contact", "interview"]
ROBIN, TEAM = "robin@example.com", "team@example.com"


@pytest.fixture
def robin(employer: Any, outbox: Any, operator: Any) -> str:
    """The id of an accepted person; the employer's list has one verified address."""
    join(employer, outbox, ROBIN, "Robin Hale", "recruiter")
    operator.patch(f"/v1/employers/{employer.employer_id}", {"digest_to": [TEAM]})
    return str(employer.get("/v1/people").json["data"][0]["id"])


@pytest.fixture
def waiting(booked: Any) -> Any:
    """Somebody whose interview is today, with an owner or without."""
    count = iter(range(10, 99))

    def make(name: str, owner: str | None = None) -> Any:
        owned = {"owner_id": owner} if owner else {}
        return booked(candidate={"name": name, "email": None, "phone": f"+120255502{next(count)}"}, application=owned)[
            "application"
        ]

    return make


@pytest.fixture
def morning(clock: Any, run_ticks: Any, outbox: Any) -> Any:
    """Runs the next digest, and returns who got one."""

    def run() -> dict[str, str]:
        outbox.clear()
        clock.advance(hours=24)
        run_ticks()
        return {mail["to"]: mail["body"] for mail in outbox if mail["channel"] == "email"}

    return run


def test_each_wait_is_in_one_digest(robin: str, waiting: Any, morning: Any, outbox: Any) -> None:
    """Its owner's, or that of the employer's list."""
    waiting("Ann Owned", robin)
    waiting("Bo Free")
    sent = morning()
    assert "Ann Owned" in sent[ROBIN] and "Bo Free" not in sent[ROBIN]
    assert "Bo Free" in sent[TEAM] and "Ann Owned" not in sent[TEAM]
    [mail] = outbox.to(ROBIN)
    assert mail["subject"] == "Acme Robotics: 1 candidate of yours to call next"
    assert "you are the owner of these applications" in mail["body"]


def test_an_owner_with_nothing_due_gets_nothing(robin: str, waiting: Any, morning: Any) -> None:
    """An empty digest is not sent, to nobody."""
    waiting("Bo Free")
    assert set(morning()) == {TEAM}


@pytest.mark.parametrize("how", ["left", "taken off", "ended", "on trial"])
def test_what_its_owner_gets_no_digest_of_counts_as_unowned(
    robin: str, waiting: Any, morning: Any, employer: Any, operator: Any, how: str
) -> None:
    """Nobody's wait is told to nobody."""
    made = waiting("Ann Owned", robin)
    if how == "left":
        employer.delete(f"/v1/people/{robin}")
    elif how == "taken off":
        employer.patch(f"/v1/applications/{made['id']}", {"owner_id": None})
    elif how == "ended":
        employer.patch(f"/v1/people/{robin}", {"digest": False})
    else:
        operator.patch(f"/v1/employers/{employer.employer_id}", {"trial": True})
        operator.post(f"/v1/employers/{employer.employer_id}/addresses", {"channel": "email", "address": TEAM})
    sent = morning()
    assert ROBIN not in sent
    assert how == "on trial" or "Ann Owned" in sent[TEAM]


def test_an_invited_owner_gets_nothing_before_accepting(waiting: Any, morning: Any, employer: Any, robin: str) -> None:
    """The address may be a stranger's: it gets the invitation alone."""
    invited = employer.post("/v1/people", {"name": "Kit Poe", "email": "kit@example.com"}).json["id"]
    waiting("Ann Owned", invited)
    sent = morning()
    assert "kit@example.com" not in sent and "Ann Owned" in sent[TEAM]


def test_each_unsubscribe_link_ends_its_digest_alone(
    robin: str, waiting: Any, morning: Any, api: Any, employer: Any, operator: Any, outbox: Any
) -> None:
    """Somebody on both lists ends one, and keeps the other. A GET changes nothing."""
    operator.patch(f"/v1/employers/{employer.employer_id}", {"digest_to": [ROBIN]})
    waiting("Ann Owned", robin)
    waiting("Bo Free")
    morning()
    own = next(mail for mail in outbox.to(ROBIN) if "Ann Owned" in mail["body"])
    link = re.findall(rf"{re.escape(BASE_URL)}(/u/[\w-]+)", own["body"])[-1]
    assert "Stop this digest" in api.using(None).get(link).json
    assert employer.get(f"/v1/people/{robin}").json["digest"] is True
    assert api.using(None).post(link, b"").status == 200
    assert api.using(None).post(link, b"").status == 200
    assert employer.get(f"/v1/people/{robin}").json["digest"] is False
    morning()
    [mail] = outbox.to(ROBIN)
    assert "Ann Owned" in mail["body"] and "Bo Free" in mail["body"]
    employer.patch(f"/v1/people/{robin}", {"digest": True})
    morning()
    assert len(outbox.to(ROBIN)) == 2


def test_an_owner_alone_makes_the_digest_due(robin: str, waiting: Any, morning: Any, employer: Any, operator: Any) -> None:
    """Without a list; from the first owned wait until the last, also after a list was emptied or a suspension ended."""
    operator.patch(f"/v1/employers/{employer.employer_id}", {"digest_to": None})
    key = (keys.digest_pk(employer.employer_id), "DIGEST")
    assert table.get(*key).due_at is None
    waiting("Bo Free")
    assert table.get(*key).due_at is None
    made = waiting("Ann Owned", robin)
    assert table.get(*key).due_at is not None
    assert set(morning()) == {ROBIN}
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    assert table.get(*key).due_at is None
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": False})
    assert set(morning()) == {ROBIN}
    employer.patch(f"/v1/applications/{made['id']}", {"status": "closed"})
    assert morning() == {} and table.get(*key).due_at is None


def test_another_employers_link_and_person_change_nothing(
    robin: str, waiting: Any, morning: Any, api: Any, outbox: Any, employer: Any
) -> None:
    """The link names its employer: the same address at another one keeps its digest."""
    other = api.new_employer(name="Blue Fern", trial=False)
    join(other, outbox, ROBIN, "Robin Hale", "recruiter")
    waiting("Ann Owned", robin)
    morning()
    [own] = outbox.to(ROBIN)
    link = re.findall(rf"{re.escape(BASE_URL)}(/u/[\w-]+)", own["body"])[-1]
    api.using(None).post(link, b"")
    assert other.get("/v1/people").json["data"][0]["digest"] is True
    assert employer.get("/v1/people").json["data"][0]["digest"] is False


def test_more_owners_than_one_transaction_holds_all_get_theirs(
    waiting: Any, morning: Any, employer: Any, outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest stays due until everybody has theirs, once."""
    from chalicelib.messaging import digest

    monkeypatch.setattr(digest, "MAILS_AT_ONCE", 2)
    for number in range(5):
        email = f"owner{number}@example.com"
        join(employer, outbox, email, f"Owner {number}", "recruiter")
        person = next(one for one in employer.get("/v1/people").json["data"] if one["email"] == email)
        waiting(f"Cand {number}", person["id"])
    morning()
    assert sorted(mail["to"] for mail in outbox) == [f"owner{number}@example.com" for number in range(5)]
