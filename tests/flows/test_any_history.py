"""After any history the tally equals a recount, and the score from the tally equals the score from the waits.
Nobody is texted twice for one step or outside their send window. Hypothesis makes up the histories.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from chalicelib.applications import tally_items
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.mappers import wait_of
from chalicelib.rules import tally
from chalicelib.rules.risk.recount import assess_waits
from chalicelib.storage import keys, table
from tests.engines import Api

ZONES = (None, "Europe/Berlin", "Australia/Sydney")
PEOPLE = [
    {
        "name": f"Person {n}",
        "email": f"p{n}@example.com",
        "phone": f"+1202555011{n}",
        "timezone": ZONES[n % 3],
        "sms_consent": {"given_at": "2026-05-01T00:00:00Z", "source": "form"} if n % 2 else None,
    }
    for n in range(4)
]
OUTCOMES = st.sampled_from(["reached", "reached", "sent", "voicemail", "bounced"])
DECISIONS = st.sampled_from([None, "pending", "advancing", "rejected"])
HOURS = st.sampled_from([-72, -30, -2, -1 / 60, 5, 50])


class History(RuleBasedStateMachine):
    """What recruiters, candidates and time may do, in any order."""

    stack: Any

    @initialize()
    def begin(self) -> None:
        self.stack.refresh()
        self.clock = self.stack.clock
        self.api: Any = Api(self.stack.app.app).new_employer()
        self.applications: list[str] = []
        self.interviews: list[str] = []
        self.contacts: list[tuple[str, str]] = []

    def some(self, data: Any, known: list[Any]) -> Any:
        return data.draw(st.sampled_from(known))

    @rule(
        person=st.sampled_from(PEOPLE),
        job=st.sampled_from(["Welder", "Painter"]),
        ends=HOURS,
        stage=st.sampled_from(["screen", "interview", "final"]),
    )
    def interview(self, person: dict[str, Any], job: str, ends: float, stage: str) -> None:
        answer = self.api.post(
            "/v1/interviews",
            {
                "application": {"candidate": person, "job_title": job},
                "stage": stage,
                "start_at": self.clock.text(hours=ends - 1),
                "end_at": self.clock.text(hours=ends),
            },
        )
        assert answer.status in (200, 201, 409), answer
        if answer.status == 201:
            self.interviews.append(answer.json["id"])
            self.applications = sorted({*self.applications, answer.json["application_id"]})

    @precondition(lambda self: self.applications)
    @rule(data=st.data(), outcome=OUTCOMES, decision=DECISIONS, ago=st.sampled_from([0, 1, 40]))
    def contact(self, data: Any, outcome: str, decision: str | None, ago: float) -> None:
        application = self.some(data, self.applications)
        answer = self.api.post(
            f"/v1/applications/{application}/contacts",
            {"channel": "email", "outcome": outcome, "decision": decision, "occurred_at": self.clock.text(hours=-ago)},
        )
        assert answer.status == 201, answer
        self.contacts.append((application, answer.json["id"]))

    @precondition(lambda self: self.contacts)
    @rule(data=st.data())
    def void(self, data: Any) -> None:
        application, contact = self.some(data, self.contacts)
        assert self.api.post(f"/v1/applications/{application}/contacts/{contact}/void").status == 200

    @precondition(lambda self: self.applications)
    @rule(data=st.data(), heard=st.booleans())
    def statement(self, data: Any, heard: bool) -> None:
        assert self.api.post(f"/v1/applications/{self.some(data, self.applications)}/statements", {"heard": heard}).status == 201

    @precondition(lambda self: self.interviews)
    @rule(data=st.data(), verb=st.sampled_from(["cancel", "no_show"]))
    def mark(self, data: Any, verb: str) -> None:
        assert self.api.post(f"/v1/interviews/{self.some(data, self.interviews)}/{verb}").status in (200, 409)

    @precondition(lambda self: self.interviews)
    @rule(data=st.data(), ends=HOURS)
    def move(self, data: Any, ends: float) -> None:
        times = {"start_at": self.clock.text(hours=ends - 1), "end_at": self.clock.text(hours=ends)}
        assert self.api.patch(f"/v1/interviews/{self.some(data, self.interviews)}", times).status in (200, 409)

    @precondition(lambda self: self.applications)
    @rule(
        data=st.data(),
        change=st.sampled_from([{"decided": "rejected"}, {"decided": None}, {"status": "closed"}, {"status": "active"}]),
    )
    def change(self, data: Any, change: dict[str, Any]) -> None:
        assert self.api.patch(f"/v1/applications/{self.some(data, self.applications)}", change).status == 200

    @precondition(lambda self: self.applications)
    @rule(data=st.data(), reachable=st.booleans())
    def reach(self, data: Any, reachable: bool) -> None:
        case = self.api.get(f"/v1/applications/{self.some(data, self.applications)}").json
        gone = {"email": None, "phone": None}
        answer = self.api.patch(
            f"/v1/candidates/{case['candidate_id']}", {"email": f"{case['candidate_id']}@example.com"} if reachable else gone
        )
        assert answer.status == 200, answer

    @rule(hours=st.sampled_from([1, 9, 24, 49, 130]))
    def time_passes(self, hours: float) -> None:
        self.clock.advance(hours=hours)
        self.stack.pumps.until_nothing_is_due()

    def waits(self) -> list[tuple[Any, bool]]:
        cases = [ApplicationCase.read(self.api.employer_id, application) for application in self.applications]
        return [(wait_of(w), bool(c.application.email or c.application.phone)) for c in cases if c for w in c.waits.values()]

    @invariant()
    def the_tally_is_the_recount(self) -> None:
        assert tally_items.read(self.api.employer_id, self.clock.now) == tally.tally(self.waits())

    @invariant()
    def the_score_from_the_tally_is_the_score_from_the_waits(self) -> None:
        shown, computed = self.api.get("/v1/risk").json, assess_waits(self.waits(), self.clock.now).as_json()
        assert shown["tally"] == computed["tally"]
        assert shown["score"] == pytest.approx(computed["score"], abs=1e-9)
        for name, figures in computed["expected_negative_reviews"].items():
            assert shown["expected_negative_reviews"][name] == pytest.approx(figures, abs=1e-9)

    @invariant()
    def nobody_is_nudged_twice_for_a_step_or_outside_their_hours(self) -> None:
        zones = {
            address: person["timezone"] or "America/New_York"
            for person in PEOPLE
            for address in (person["email"], person["phone"])
        }
        for sent in self.stack.outbox:
            local = datetime.fromisoformat(sent["at"]).astimezone(ZoneInfo(zones.get(sent["to"], "America/New_York")))
            assert 10 <= local.hour < 18 and local.weekday() < 5, sent
        for application in self.applications:
            case = table.query(keys.case_pk(self.api.employer_id, application))
            # an interview that is moved after its reminder is another wait, with reminders of its own
            sent = [((m.cause, m.wait_since), m.step) for m in case if m.SK.startswith("MSG#") and m.status == "sent"]
            assert len(sent) == len(set(sent)) and all(sum(k[0] == wait for k in sent) <= 2 for wait, _ in sent)


def run_histories(stack: Any, count: int, steps: int) -> None:
    History.stack = stack
    checks = settings(max_examples=count, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(History, settings=checks)


def test_any_history_keeps_counts_and_send_rules(stack: Any) -> None:
    """The counts and the send rules hold after any events in any order."""
    run_histories(stack, 6, 15)


@pytest.mark.long
def test_many_histories_keep_counts_and_send_rules(stack: Any) -> None:
    """The same for more and longer histories."""
    run_histories(stack, 40, 25)
