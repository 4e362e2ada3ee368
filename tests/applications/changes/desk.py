"""A desk whose people, candidates and providers do things by chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from chalicelib.applications.candidates import links
from infra.local.console import Refused
from infra.local.feedback import Feedback
from tests.web.conftest import Browser

PEOPLE = 4
TEXTS = ("When do I hear?", "yes", "no", "STOP", "START")


class Desk:
    """`act()` does one thing: somebody books, tells, closes, snoozes, or time passes; a candidate answers; a mail comes back."""

    def __init__(self, employer: Any, stack: Any, chance: random.Random) -> None:
        self.employer, self.clock, self.chance = employer, stack.clock, chance
        self.run_ticks = stack.pumps.until_nothing_is_due
        self.events = Feedback(stack.app, stack.clock, lambda: stack.outbox)
        self.people, self.applications, self.interviews, self.contacts = [], [], [], []
        self.owners: list[str] = []

    def act(self) -> None:
        often = [self.book, self.wait, self.snooze]
        people = [self.move, self.end, self.log, self.void, self.decide, self.rename, self.say, self.erase, self.own]
        writing = [self.notice, self.letter, self.seen]
        candidates = [self.text, self.not_yet, self.event]
        self.chance.choice([*often, *often, *people, *writing, *candidates])()

    # --- people of the employer ---------------------------------------------------------------------------------------

    def book(self) -> None:
        hours, number = self.chance.choice((-30, -2, 1, 20)), self.chance.randrange(PEOPLE)
        person = {"name": f"Person {number}", "email": f"p{number}@example.com"}
        if number % 2:
            agreed = {"given_at": "2026-06-01T09:00:00Z", "source": "form"}
            person |= {"phone": f"+1202555012{number}", "timezone": "America/New_York", "sms_consent": agreed}
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
        choices = ({"decided": "rejected"}, {"decided": None}, {"status": "closed"}, {"status": "active"}, {"job_title": "Baker"})
        self._change_application(self.chance.choice(choices))

    def snooze(self) -> None:
        until = self.clock.text(hours=self.chance.choice((2, 30)))
        waiting = [one["id"] for one in self.employer.get("/v1/applications").json["data"] if one["word_due_at"]]
        self._on(waiting, lambda one: self.employer.patch(f"/v1/applications/{one}", {"snooze_until": until}))

    def own(self) -> None:
        if not self.owners:
            made = self.employer.post("/v1/people", {"name": "Robin", "email": "robin@example.com", "role": "recruiter"})
            assert made.status == 201, made
            self.owners = [made.json["id"]]
        self._change_application({"owner_id": self.chance.choice((None, *self.owners))})

    def rename(self) -> None:
        name = {"name": f"Another {self.chance.randrange(9)}", "locale": self.chance.choice(("en-US", "de"))}
        self._on(self.people, lambda one: self.employer.patch(f"/v1/candidates/{one}", name))

    def say(self) -> None:
        heard = {"heard": self.chance.random() < 0.5}
        self._on(self.applications, lambda one: self.employer.post(f"/v1/applications/{one}/statements", heard))

    def notice(self) -> None:
        promise = {"next_word_by": self.clock.text(days=self.chance.choice((2, 7)))}
        self._on(self.applications, lambda one: self.employer.post(f"/v1/applications/{one}/holding_notice", promise))

    def letter(self) -> None:
        self._on(
            self.applications,
            lambda one: self.employer.post("/v1/letters", {"application_ids": [one], "decision": "rejected"}),
        )

    def seen(self) -> None:
        replies = [one["id"] for one in self.employer.get("/v1/replies").json["data"]]
        self._on(replies, lambda one: self.employer.post(f"/v1/replies/{one}/seen"))

    def erase(self) -> None:
        if self.chance.random() < 0.2:
            self._on(self.people, lambda one: self.employer.delete(f"/v1/candidates/{one}"))

    # --- candidates, their mailboxes, and time ------------------------------------------------------------------------

    def text(self) -> None:
        number = f"+1202555012{self.chance.choice((1, 3))}"
        self.events.inbound_sms({"from": number, "body": self.chance.choice(TEXTS)})

    def not_yet(self) -> None:
        def answer(one: str) -> None:
            visitor = Browser(self.employer)
            visitor.open(urlsplit(links.url(self.employer.employer_id, one, self.clock())).path)
            if "not_yet" in visitor.html:
                visitor.submit("/f/", "not_yet", answer="not_yet", feedback="Nobody picks up")

        self._on(self.applications, answer)

    def event(self) -> None:
        """A provider says what became of the last mail or text."""
        number = self.chance.randrange(PEOPLE)
        mail = {"type": self.chance.choice(("Delivery", "Bounce", "Complaint")), "to": f"p{number}@example.com"}
        text = {"status": self.chance.choice(("SUCCESS", "FAILURE")), "to": f"+1202555012{number}"}
        with suppress(Refused):
            self.chance.choice((lambda: self.events.ses_event(mail), lambda: self.events.sms_event(text)))()

    def wait(self) -> None:
        self.clock.advance(minutes=self.chance.choice((1, 59, 300, 60 * 24, 60 * 50)))
        if self.chance.random() < 0.6:
            self.run_ticks()

    def _change_application(self, fields: dict[str, Any]) -> None:
        self._on(self.applications, lambda one: self.employer.patch(f"/v1/applications/{one}", fields))

    def _on(self, known: list[Any], act: Callable[[Any], Any]) -> None:
        if known:
            act(self.chance.choice(known))
