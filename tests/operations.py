"""Client operations, for the budget tests and for `python -m bench capacity`.

Each prepares its records and returns the function whose requests are counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.reputation.loading import a_load, load, load_people

Prepared = Callable[[], Any]
Operation = Callable[[Any, Any], Prepared]
OPERATIONS: dict[str, Operation] = {}
PAUSE_SECONDS = 0.1


def operation(name: str) -> Callable[[Operation], Operation]:
    def register(made: Operation) -> Operation:
        OPERATIONS[name] = made
        return made

    return register


def interview_body(
    clock: Any, *, name: str = "Sam Sample", job_title: str = "Welder", hours: float = -2, **fields: Any
) -> dict[str, Any]:
    person = {
        "name": name,
        "email": "sam@example.com",
        "phone": "+12025550123",
        "timezone": "America/New_York",
        "sms_consent": {"given_at": clock.text(hours=-72), "source": "application form"},
    }
    return {
        "application": {"candidate": person, "job_title": job_title},
        "stage": "interview",
        "start_at": clock.text(hours=hours),
        "end_at": clock.text(hours=hours + 1),
        **fields,
    }


def _booked(employer: Any, clock: Any, **fields: Any) -> dict[str, Any]:
    answer = employer.post("/v1/interviews", interview_body(clock, **fields))
    assert answer.status == 201, answer
    return answer.json


def _fifty_waits(employer: Any, clock: Any) -> None:
    now = clock()
    load(
        employer.employer_id,
        [
            a_load(now - timedelta(days=1 + number % 20, hours=number % 7), stage=stage)
            for number in range(100)
            for stage in ("screen", "interview", "final")
        ],
    )


@operation("read one application")
def read_application(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock)
    return lambda: employer.get(f"/v1/applications/{made['application']['id']}")


@operation("read one interview")
def read_interview(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock)
    return lambda: employer.get(f"/v1/interviews/{made['id']}")


@operation("read one candidate")
def read_candidate(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock)
    return lambda: employer.get(f"/v1/candidates/{made['application']['candidate']['id']}")


@operation("read the own employer")
def read_employer(employer: Any, clock: Any) -> Prepared:
    return lambda: employer.get("/v1/employer")


@operation("post an interview, everything new")
def post_new(employer: Any, clock: Any) -> Prepared:
    _booked(employer, clock, name="Somebody Else", application={"candidate": {"name": "Somebody Else"}, "job_title": "Cook"})
    return lambda: employer.post("/v1/interviews", interview_body(clock))


@operation("post an interview, matched by email")
def post_matched(employer: Any, clock: Any) -> Prepared:
    _booked(employer, clock, hours=-30)
    return lambda: employer.post("/v1/interviews", interview_body(clock))


@operation("post an interview of a known application")
def post_known(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock, hours=-30)
    body = interview_body(clock)
    del body["application"]
    return lambda: employer.post("/v1/interviews", {**body, "application_id": made["application"]["id"]})


@operation("post the same interview again")
def post_again(employer: Any, clock: Any) -> Prepared:
    _booked(employer, clock)
    return lambda: employer.post("/v1/interviews", interview_body(clock))


@operation("move an interview")
def move_interview(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock, hours=24)
    times = {"start_at": clock.text(hours=48), "end_at": clock.text(hours=49)}
    return lambda: employer.patch(f"/v1/interviews/{made['id']}", times)


@operation("log a contact that answers")
def log_contact(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock)
    contact = {"channel": "call", "outcome": "reached", "decision": "rejected"}
    return lambda: employer.post(f"/v1/applications/{made['application']['id']}/contacts", contact)


@operation("log a contact that promises")
def log_promise(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock)
    contact = {"channel": "call", "outcome": "reached", "decision": "pending", "next_word_by": clock.text(hours=96)}
    return lambda: employer.post(f"/v1/applications/{made['application']['id']}/contacts", contact)


@operation("log a call that nobody answered")
def log_attempt(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock)
    contact = {"channel": "call", "outcome": "no_answer"}
    return lambda: employer.post(f"/v1/applications/{made['application']['id']}/contacts", contact)


@operation("record a decision")
def decide(employer: Any, clock: Any) -> Prepared:
    made = _booked(employer, clock)
    return lambda: employer.patch(f"/v1/applications/{made['application']['id']}", {"decided": "rejected"})


@operation("list 25 applications")
def list_applications(employer: Any, clock: Any) -> Prepared:
    _fifty_waits(employer, clock)
    return lambda: employer.get("/v1/applications")


@operation("find 25 candidates by name")
def find_candidates(employer: Any, clock: Any) -> Prepared:
    load_people(employer.employer_id, clock(), 1_000)
    return lambda: employer.get("/v1/candidates?q=samp")


@operation("find 25 applications by name")
def find_applications(employer: Any, clock: Any) -> Prepared:
    load_people(employer.employer_id, clock(), 1_000)
    return lambda: employer.get("/v1/applications?q=samp")


@operation("the risk report")
def risk(employer: Any, clock: Any) -> Prepared:
    _fifty_waits(employer, clock)
    return lambda: employer.get("/v1/risk")


@operation("the call list, 50 rows")
def call_list(employer: Any, clock: Any) -> Prepared:
    _fifty_waits(employer, clock)
    return lambda: employer.get("/v1/call_list?limit=50")


SEEKER_OPERATIONS: dict[str, Operation] = {}
"""Of a job seeker: they get the API under the seeker's access token."""


def seeker_operation(name: str) -> Callable[[Operation], Operation]:
    def register(made: Operation) -> Operation:
        SEEKER_OPERATIONS[name] = made
        return made

    return register


def own_body(clock: Any, company: str = "Blue Fern", **fields: Any) -> dict[str, Any]:
    times = {"start_at": clock.text(hours=-3), "end_at": clock.text(hours=-2)}
    return {"company": company, "job_title": "Welder", **times, "contact": {"phone": "+12025550100"}, **fields}


def _own(seeker: Any, clock: Any, company: str = "Blue Fern", **fields: Any) -> str:
    answer = seeker.post("/v1/my/interviews", own_body(clock, company, **fields))
    assert answer.status == 201, answer
    return f"/v1/my/interviews/{answer.json['id']}"


@seeker_operation("say who asks")
def own_me(seeker: Any, clock: Any) -> Prepared:
    return lambda: seeker.get("/v1/me")


@seeker_operation("sign up")
def own_sign_up(seeker: Any, clock: Any) -> Prepared:
    given = {"email": "new@example.com", "name": "New", "timezone": "America/New_York"}
    return lambda: seeker.using(None).post("/v1/seekers", given)


@seeker_operation("text a code")
def own_phone(seeker: Any, clock: Any) -> Prepared:
    return lambda: seeker.post("/v1/my/phone", {"phone": "+12025550123"})


@seeker_operation("add the first interview")
def own_first(seeker: Any, clock: Any) -> Prepared:
    return lambda: seeker.post("/v1/my/interviews", own_body(clock))


@seeker_operation("add another interview")
def own_next(seeker: Any, clock: Any) -> Prepared:
    _own(seeker, clock)
    return lambda: seeker.post("/v1/my/interviews", own_body(clock, "Old Oak"))


@seeker_operation("read an interview")
def own_read(seeker: Any, clock: Any) -> Prepared:
    path = _own(seeker, clock)
    return lambda: seeker.get(path)


@seeker_operation("list 25 interviews")
def own_list(seeker: Any, clock: Any) -> Prepared:
    for number in range(25):
        _own(seeker, clock, f"Company {number}")
    return lambda: seeker.get("/v1/my/interviews")


@seeker_operation("move an interview")
def own_move(seeker: Any, clock: Any) -> Prepared:
    path = _own(seeker, clock)
    return lambda: seeker.patch(path, {"start_at": clock.text(hours=20), "end_at": clock.text(hours=21)})


@seeker_operation("record a call that promises")
def own_called(seeker: Any, clock: Any) -> Prepared:
    path = _own(seeker, clock)
    return lambda: seeker.post(f"{path}/outcomes", {"what": "called", "next_word_by": clock.text(days=3)})


@seeker_operation("delete an interview")
def own_delete(seeker: Any, clock: Any) -> Prepared:
    path = _own(seeker, clock)
    return lambda: seeker.delete(path)


@seeker_operation("export ten interviews")
def own_export(seeker: Any, clock: Any) -> Prepared:
    for number in range(10):
        _own(seeker, clock, f"Company {number}")
    return lambda: seeker.get("/v1/my/export")


@seeker_operation("erase ten interviews")
def own_erase(seeker: Any, clock: Any) -> Prepared:
    own_export(seeker, clock)
    return lambda: seeker.delete("/v1/my")


class Rounds:
    """Counts rounds: requests in flight at once count as one.

    Every request is delayed for a moment, so that parallel ones overlap.
    """

    def __init__(self, client: Any, pause: float = PAUSE_SECONDS) -> None:
        self._events, self._pause, self._lock = client.meta.events, pause, threading.Lock()
        self._spans: list[tuple[float, float]] = []
        self._began = threading.local()

    def __enter__(self) -> Rounds:
        self._events.register_first("before-send.dynamodb.*", self._hold, unique_id="rounds")
        self._events.register_last("response-received.dynamodb.*", self._end, unique_id="rounds-end")
        return self

    def __exit__(self, *_: Any) -> None:
        self._events.unregister("before-send.dynamodb.*", self._hold, unique_id="rounds")
        self._events.unregister("response-received.dynamodb.*", self._end, unique_id="rounds-end")

    def _hold(self, **_: Any) -> None:
        self._began.at = time.monotonic()
        time.sleep(self._pause)

    def _end(self, **_: Any) -> None:
        with self._lock:
            self._spans.append((self._began.at, time.monotonic()))

    @property
    def count(self) -> int:
        """The longest chain in which each began after the one before it had ended."""
        rounds, free_at = 0, 0.0
        for began, ended in sorted(self._spans, key=lambda span: span[1]):
            if began >= free_at:
                rounds, free_at = rounds + 1, ended
        return rounds
