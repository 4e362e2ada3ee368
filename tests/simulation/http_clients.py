"""Clients over HTTP: requests with an Idempotency-Key that are repeated, forms that are pressed twice, notices asked for again.

A client repeats a request under the same key while it has no answer, and at times although it has one. It asks for many notices
again under a new key. What must hold:

* a key has one effect: one contact, one notice for each application; a press of a form likewise
* all answers to one key say the same, and what they name exists; "the change was made" is true
* two keys never get one contact; a notice is `accepted` once, and `accepted_before` from then on
* nobody who was told a day is told the same day again
* a request for many notices that died is finished by its repeat, and its answer names all of them
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chalicelib.api import idempotency, idempotency_record
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.serialize import to_json
from chalicelib.applications import unit_of_work
from chalicelib.applications.contacts import routes as contact_routes
from chalicelib.applications.contacts import service as contacts
from chalicelib.auth.api_keys import Token
from chalicelib.auth.authenticate import Caller
from chalicelib.errors import HeardbackError
from chalicelib.messaging.notices import routes as notice_routes
from chalicelib.storage import ids, table
from chalicelib.web import page_support
from tests.engines import START
from tests.simulation.ledger import Ledger, crashed, text
from tests.simulation.notices import came_back, is_notice
from tests.simulation.processes import Process
from tests.simulation.world.service import World
from tests.simulation.world.table import Table, Write

TRIES_MOST = 6
PAUSES = (1.0, 61.0, 5.0, 61.0, 61.0)
"""Seconds between a client's tries. After a minute without an answer a first request counts as dead."""
_LOST = "idempotency_answer_lost"
Json = dict[str, Any]


class HttpClientActions:
    """What clients ask for over HTTP. Their requests enter where the route has found out who calls."""

    world: World
    asked: dict[int, Json]
    """The body that a client sends, by the number of its request: a repeat sends the same."""
    employer: Callable[[int], Any]
    _application: Callable[[int, int], str | None]

    def post(self, now: Callable[[], datetime], person: int, job: int, what: str, given: Any, number: int) -> Any:
        """Log a contact, by key or by the button of a page; or ask for notices to everybody who waits for the job."""
        if number not in self.asked:
            body = self._body(now(), person, job, what, given)
            if body is None:
                return None
            self.asked[number] = body
        body = self.asked[number]
        request = self._request(now(), job, number, body)
        if what == "form":
            return self._press(request, job, body)
        slot = idempotency_record.slot_of(request)
        assert slot is not None
        request.items = table.get_many([slot.key])
        return idempotency.once(slot, lambda: self._view(request, body))

    def _body(self, now: datetime, person: int, job: int, what: str, given: Any) -> Json | None:
        if what == "notices":
            everybody = [one for number in range(3) if (one := self._application(number, job))]
            by = START + timedelta(hours=given)
            return {"application_ids": everybody, "next_word_by": f"{by:%Y-%m-%dT%H:%M:%SZ}"} if everybody and by > now else None
        application = self._application(person, job)
        return {"application": application, "outcome": given, "at": f"{now:%Y-%m-%dT%H:%M:%SZ}"} if application else None

    def _request(self, now: datetime, job: int, number: int, body: Json) -> Request:
        employer = self.employer(job)
        sent = body
        path = "/v1/holding_notices"
        if "application" in body:
            path = f"/v1/applications/{body['application']}/contacts"
            sent = {"channel": "call", "outcome": body["outcome"], "occurred_at": body["at"]}
        headers = {"content-type": "application/json", "idempotency-key": f"key-{number}"}
        raw = json.dumps(sent).encode()
        token = Token(employer.id, "key_sim", "")
        return Request("POST", path, {}, {}, headers, raw, now, "request", token=token, caller=Caller(employer=employer))

    def _view(self, request: Request, body: Json) -> Response:
        if "application" in body:
            found: Any = contact_routes.post_contact(request, body["application"])
        else:
            found = notice_routes.post_notices(request)
        response = found if isinstance(found, Response) else Response(body=found)
        response.body = to_json(response.body)
        return response

    def _press(self, request: Request, job: int, body: Json) -> Response:
        """Press the button of a page, as the view of the page does it."""
        employer, application_id = self.employer(job), body["application"]
        before = unit_of_work.read_application(employer.id, application_id)
        undone = sorted(contact.id for contact in before.contacts.values() if contact.voided_at)
        fields = {"channel": "call", "outcome": body["outcome"], "occurred_at": datetime.fromisoformat(body["at"])}

        def save() -> Response:
            _, item = contacts.log_contact(employer, application_id, fields, request.now, committer=request.committer)
            return Response(303, {"id": item.id})

        visitor: Any = SimpleNamespace(employer=employer, session=SimpleNamespace(id="ses_sim"))
        form: Any = {"form_token": ["token"], "outcome": [body["outcome"]], "at": [body["at"]]}
        return page_support.once(request, visitor, form, save, *undone)


def is_unanswered(process: Process) -> bool:
    """Whether the client of a process got nothing that ends its trying."""
    outcome = process.outcome
    if process.crashed or not isinstance(outcome, HeardbackError | Response | None):
        return True
    code = getattr(outcome, "code", "")
    return isinstance(outcome, HeardbackError) and (getattr(outcome, "status", 500) >= 500 or code == "idempotency_in_flight")


@dataclass
class HttpClientChecks:
    """The checks of one history."""

    table: Table
    ledger: Ledger
    wrong: Callable[[str], None]
    answers: dict[int, Any] = field(default_factory=dict)
    """The first answer to each key."""
    _contacts: dict[str, int] = field(default_factory=dict)
    """Contact id -> the number of the request that was answered with it."""
    _accepted: set[str] = field(default_factory=set)
    """Notices that an answer called new."""

    def ended(self, process: Process) -> None:
        step = process.notes["step"]
        if step.kind != "post" or crashed(process):
            return
        number, outcome = step.details["number"], process.outcome
        if isinstance(outcome, HeardbackError):
            if getattr(outcome, "code", "") == _LOST and step.details["what"] == "contact" and not self._facts(number):
                self.wrong("an answer said that a change was made, and none was")
        elif isinstance(outcome, Response) and outcome.status < 400:
            self._answered(number, outcome.body)

    def _facts(self, number: int) -> Any:
        return self.ledger.facts.get((number, "CON"))

    def _answered(self, number: int, body: Any) -> None:
        if number in self.answers:
            if self.answers[number] != body:
                self.wrong("one key got two answers")
            return
        self.answers[number] = body
        if "data" in body:
            for row in body["data"]:
                self._row(row)
        elif self._contacts.setdefault(body["id"], number) != number:
            self.wrong("two requests got one contact")
        elif not self._facts(number):
            self.wrong("an answer names a contact that was not logged")

    def _row(self, row: Json) -> None:
        message = row["message_id"]
        if row["status"] == "accepted":
            if message in self._accepted:
                self.wrong("one notice was accepted twice")
            self._accepted.add(message)

    def committed(self, write: Write) -> None:
        """Checks that nobody who was told a day, and waits because of that promise, is told the same day again."""
        if write.before is not None or not is_notice(write.after):
            return
        application = self.table.items.get((write.key[0], "APP"))
        for (_, sk), item in self.table.partitions[write.key[0]].items():
            same = sk != write.key[1] and is_notice(item) and text(item, "by") == text(write.after, "by")
            if same and text(item, "st") == "sent" and not came_back(item):
                message_id = text(item, "id") or ""
                if text(application, "w_id") == ids.derived_id("con", message_id, message_id):
                    self.wrong("somebody who was told a day is told the same day again")

    def left(self, asked: dict[int, Json]) -> None:
        """Checks at the end what clients learned who went on until they had an answer."""
        for number, body in self.answers.items():
            wanted = asked[number].get("application_ids")
            if wanted is not None and sorted(row["application_id"] for row in body["data"]) != sorted(wanted):
                self.wrong("the answer about many notices does not name all of them")

    def gave_up(self, process: Process) -> None:
        """Checks the last answer of a client that repeated its request to the end, without a fault."""
        step, outcome = process.notes["step"], process.outcome
        if step.details["what"] == "notices" and getattr(outcome, "code", "") == _LOST:
            self.wrong("a request for many notices that died cannot be finished")
