"""A mirror that is built from the feed alone equals the lists, after any history, with pages of any size, while writes go on."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WHERE = {
    "candidate": "/v1/candidates/{id}",
    "application": "/v1/applications/{id}",
    "interview": "/v1/interviews/{id}",
    "contact": "/v1/applications/{application_id}/contacts/{id}",
    "statement": "/v1/applications/{application_id}/statements/{id}",
    "message": "/v1/messages/{id}",
    "reply": "/v1/replies/{id}",
}
LISTS = {kind: WHERE[kind].removesuffix("/{id}") for kind in ("candidate", "application", "interview", "message")}
NOT_MIRRORED = {"application", "application_id", "next_reminder_at", "duties", "kind"}
"""Nested records have rows of their own; the others are not what clients are told of (docs/api.md)."""


class Mirror:
    """What a client keeps."""

    def __init__(self, employer: Any, limit: int) -> None:
        self.employer, self.limit = employer, limit
        self.records: dict[tuple[str, str], Any] = {}
        self.since = employer.get("/v1/changes").json["next_since"]

    def sync(self, pages: int = 1000) -> None:
        """Reads so many pages, and each record that they name."""
        for _ in range(pages):
            page = self.employer.get("/v1/changes", query={"since": self.since, "limit": self.limit}).json
            for row in page["data"]:
                self._take(row)
            self.since = page["next_since"]
            if not page["has_more"]:
                return

    def _take(self, row: Any) -> None:
        key = (row["type"], row["id"])
        answer = None if row["deleted"] else self.employer.get(WHERE[row["type"]].format(**row))
        if answer is None or answer.status == 404:
            self.records.pop(key, None)
        else:
            assert answer.status == 200, answer
            self.records[key] = shown(answer.json)


def shown(record: Any) -> Any:
    return {name: value for name, value in record.items() if name not in NOT_MIRRORED}


def lists(employer: Any) -> dict[tuple[str, str], Any]:
    found = {}
    for kind, path in LISTS.items():
        cursor: dict[str, str] = {}
        while True:
            page = employer.get(path, query={"limit": "100", **cursor}).json
            found |= {(kind, one["id"]): shown(one) for one in page["data"]}
            if not page["has_more"]:
                break
            cursor = {"cursor": page["next_cursor"]}
    for kind, one in list(found):
        if kind == "application":
            for below in ("contact", "statement"):
                rows = employer.get(f"/v1/applications/{one}/{below}s", query={"limit": "100"}).json["data"]
                found |= {(below, row["id"]): shown(row) for row in rows}
    return found


class Desk:
    """Does what people do, by chance."""

    def __init__(self, employer: Any, clock: Any, run_ticks: Any, chance: random.Random) -> None:
        self.employer, self.clock, self.run_ticks, self.chance = employer, clock, run_ticks, chance
        self.people, self.applications, self.interviews, self.contacts = [], [], [], []

    def act(self) -> None:
        acts = [self.book, self.book, self.move, self.end, self.log, self.log, self.void, self.decide, self.rename]
        self.chance.choice([*acts, self.say, self.erase, self.wait, self.wait])()

    def book(self) -> None:
        hours, number = self.chance.choice((-30, -2, 1, 20)), self.chance.randrange(4)
        person = {"name": f"Person {number}", "email": f"p{number}@example.com"}
        body = {
            "stage": self.chance.choice(("screen", "final")),
            "start_at": self.clock.text(hours=hours),
            "end_at": self.clock.text(hours=hours + 1),
            "application": {"job_title": self.chance.choice(("Cook", "Welder")), "candidate": person},
        }
        made = self.employer.post("/v1/interviews", body)
        if made.status == 201:
            self.interviews.append(made.json["id"])
            self.applications.append(made.json["application_id"])
            self.people.append(made.json["application"]["candidate_id"])

    def move(self) -> None:
        hours = self.chance.choice((-5, 3, 40))
        times = {"start_at": self.clock.text(hours=hours), "end_at": self.clock.text(hours=hours + 1)}
        self._on(self.interviews, lambda one: self.employer.patch(f"/v1/interviews/{one}", times))

    def end(self) -> None:
        what = self.chance.choice(("cancel", "no_show", "reinstate"))
        self._on(self.interviews, lambda one: self.employer.post(f"/v1/interviews/{one}/{what}"))

    def log(self) -> None:
        told = [{"outcome": "reached", "decision": decision} for decision in ("rejected", "pending")]
        body = {"channel": "call", **self.chance.choice([{"outcome": "no_answer"}, *told])}

        def post(one: str) -> None:
            made = self.employer.post(f"/v1/applications/{one}/contacts", body)
            if made.status == 201:
                self.contacts.append((one, made.json["id"]))

        self._on(self.applications, post)

    def void(self) -> None:
        self._on(self.contacts, lambda one: self.employer.post(f"/v1/applications/{one[0]}/contacts/{one[1]}/void"))

    def decide(self) -> None:
        body = self.chance.choice(({"decided": "rejected"}, {"decided": None}, {"status": "closed"}, {"status": "active"}))
        self._on(self.applications, lambda one: self.employer.patch(f"/v1/applications/{one}", body))

    def rename(self) -> None:
        name = {"name": f"Another {self.chance.randrange(9)}", "locale": self.chance.choice(("en-US", "de"))}
        self._on(self.people, lambda one: self.employer.patch(f"/v1/candidates/{one}", name))

    def say(self) -> None:
        heard = {"heard": self.chance.random() < 0.5}
        self._on(self.applications, lambda one: self.employer.post(f"/v1/applications/{one}/statements", heard))

    def erase(self) -> None:
        if self.chance.random() < 0.4:
            self._on(self.people, lambda one: self.employer.delete(f"/v1/candidates/{one}"))

    def wait(self) -> None:
        self.clock.advance(minutes=self.chance.choice((1, 59, 300, 60 * 24, 60 * 50)))
        if self.chance.random() < 0.6:
            self.run_ticks()

    def _on(self, known: list[Any], act: Any) -> None:
        if known:
            act(self.chance.choice(known))


def mirror_any_history(api: Any, clock: Any, run_ticks: Any, seed: int, limit: int, acts: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    employer = api.new_employer()
    mirror, desk = Mirror(employer, limit), Desk(employer, clock, run_ticks, chance)
    for _ in range(acts):
        desk.act()
        if chance.random() < 0.3:
            mirror.sync(pages=1)
    mirror.sync()
    present = lists(employer)
    kept = {key: value for key, value in mirror.records.items() if key[0] != "reply"}
    assert kept == present, seed


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), limit=st.integers(1, 20))
def test_a_mirror_equals_the_lists(api, clock, run_ticks, seed, limit):
    mirror_any_history(api, clock, run_ticks, seed, limit, 20)


@pytest.mark.long
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), limit=st.integers(1, 100))
def test_a_mirror_equals_the_lists_after_long_histories(api, clock, run_ticks, seed, limit):
    mirror_any_history(api, clock, run_ticks, seed, limit, 120)
