"""Two employers share a candidate and a recruiter: whatever one does, in any order, the other sees and can do the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from chalicelib.auth.employers import employer_of
from chalicelib.messaging import opt_outs
from chalicelib.messaging.sms_budget import SmsBudget, Wanted
from chalicelib.storage import keys, table
from tests.engines import Api, join

SAM = {"name": "Sam Sample", "email": "sam@example.com", "phone": "+12025560123", "timezone": "America/New_York"}
CONSENT = {"given_at": "2026-01-01T00:00:00Z", "source": "form"}
ROBIN = "robin@example.com"
EVERY_DAY = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "21:00"}


class Town:
    """Blue Fern, whose view is compared, and Acme, which does things."""

    def __init__(self, api: Api, operator: Api, stack: Any, run_ticks: Callable[[], Any]) -> None:
        self.operator, self.stack, self.run_ticks = operator, stack, run_ticks
        given = {"trial": False, "call_back_phone": "+12025550100", "policy": {"candidate_window": EVERY_DAY}}
        self.fern, self.acme = (api.new_employer(name=name, **given) for name in ("Blue Fern", "Acme"))
        self.case = self.interviewed(self.fern)

    def interviewed(self, employer: Api) -> str:
        end = self.stack.clock() - timedelta(hours=47)
        booked = employer.post(
            "/v1/interviews",
            {
                "application": {"candidate": {**SAM, "sms_consent": CONSENT}, "job_title": "Cook"},
                "stage": "screen",
                "start_at": (end - timedelta(hours=1)).isoformat(),
                "end_at": end.isoformat(),
            },
        )
        assert booked.status == 201, booked
        return str(booked.json["application"]["id"])

    def set_for_acme(self, fields: dict[str, Any]) -> None:
        path = f"/v1/employers/{self.acme.get('/v1/employer').json['id']}"
        assert self.operator.patch(path, fields).status == 200

    # what Acme does

    def records_and_erases(self) -> None:
        self.interviewed(self.acme)
        [candidate] = self.acme.get("/v1/candidates").json["data"]
        assert self.acme.delete(f"/v1/candidates/{candidate['id']}").status in (200, 204)

    def uses_up_its_limits(self) -> None:
        self.set_for_acme({"limits": {"sms_per_day": 3, "emails_per_day": 50}, "policy": {"sms_monthly_cap_usd": 0}})
        item: Any = table.get(keys.employer_pk(self.acme.get("/v1/employer").json["id"]), "EMP")
        texts = [Wanted(str(number), "sms") for number in range(4)]
        mails = [Wanted(str(number), "email") for number in range(60)]
        for wanted in (texts, mails):
            assert SmsBudget().allow(employer_of(item), wanted, self.stack.clock())

    def is_suspended(self) -> None:
        self.set_for_acme({"suspended": True})

    def shares_its_recruiter(self) -> None:
        join(self.acme, self.stack.outbox, ROBIN)
        [person] = self.acme.get("/v1/people").json["data"]
        self.acme.patch("/v1/employer", {"digest_to": [ROBIN], "policy": {"escalate_to": [ROBIN]}})
        self.acme.delete(f"/v1/people/{person['id']}")

    # what Blue Fern sees

    def view(self) -> dict[str, Any]:
        """After its reminder was due, and after it invited the recruiter."""
        self.stack.clock.advance(hours=1)
        self.run_ticks()
        made = self.fern.post("/v1/people", {"name": "Robin", "email": ROBIN, "role": "recruiter"})
        self.fern.patch("/v1/employer", {"digest_to": [ROBIN]})
        employer = self.fern.get("/v1/employer").json
        messages = self.fern.get("/v1/messages").json["data"]
        application = self.fern.get(f"/v1/applications/{self.case}").json
        return {
            "person": (made.status, made.json["accepted"]),
            "messages": sorted((one["step"], one["channel"], one["to"], one["status"], str(one["reason"])) for one in messages),
            "sent": sorted(
                (one["channel"], one["subject"] if one["channel"] == "email" else one["body"][:60]) for one in self.mine()
            ),
            "employer": {name: employer[name] for name in ("policy", "limits", "warnings", "trial", "suspended", "digest_to")},
            "application": {name: application[name] for name in ("status", "loop") if name in application},
            "candidates": len(self.fern.get("/v1/candidates").json["data"]),
        }

    def mine(self) -> list[dict[str, Any]]:
        return [one for one in self.stack.outbox if "Blue Fern" in str(one)]


@pytest.fixture
def new_town(api: Api, operator: Api, stack: Any, run_ticks: Any) -> Callable[[], Town]:
    """new_town() -> on an empty table"""

    def make() -> Town:
        stack.refresh()
        return Town(api, operator, stack, run_ticks)

    return make


@pytest.fixture(scope="session")
def seen() -> dict[str, Any]:
    return {}


@pytest.fixture
def alone(new_town: Callable[[], Town], seen: dict[str, Any]) -> dict[str, Any]:
    """What Blue Fern sees where Acme does nothing; made once."""
    if not seen:
        seen |= new_town().view()
    return seen


DEEDS = ("records_and_erases", "uses_up_its_limits", "shares_its_recruiter")


@pytest.mark.parametrize("deeds", [*permutations(DEEDS), ("is_suspended",), (*DEEDS, "is_suspended")], ids="-".join)
def test_nothing_that_one_employer_does_is_seen_by_the_other(
    new_town: Callable[[], Town], alone: dict[str, Any], deeds: tuple[str, ...]
) -> None:
    """Its records, its limits and money, its people, its suspension: the other's messages, warnings and people stay the same."""
    assert [one[:4] for one in alone["messages"]] == [
        ("invitation", "email", ROBIN, "sent"),
        ("nudge_1", "sms", SAM["phone"], "sent"),
    ]
    town = new_town()
    for deed in deeds:
        getattr(town, deed)()
    assert town.view() == alone


def test_an_opt_out_is_all_that_two_employers_share(new_town: Callable[[], Town]) -> None:
    """STOP to one ends the texts of both; the other learns "opted out" and not when, how or to which employer."""
    town = new_town()
    town.interviewed(town.acme)
    town.stack.clock.advance(hours=1)
    opt_outs.opt_out([("sms", SAM["phone"])], "link", town.stack.clock())
    town.run_ticks()
    for employer in (town.fern, town.acme):
        listed = employer.get("/v1/messages").json["data"]
        assert [(one["status"], one["reason"]) for one in listed] == [("suppressed", "opted out")]
    assert "Acme" not in str(town.fern.get("/v1/messages").json) and "Fern" not in str(town.acme.get("/v1/messages").json)
