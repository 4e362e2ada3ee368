"""A job seeker's interviews: added, changed, deleted, with what came of them. The waits are those of any application."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.applications.seekers import interviews
from tests.engines import Answer, Api, Outbox, StandingClock, seek

Json = dict[str, Any]


class Seeker:
    """A job seeker at their list; signs in again where the token may be over."""

    def __init__(self, api: Api, outbox: Outbox, clock: StandingClock) -> None:
        self._api, self._outbox, self.clock = api, outbox, clock
        self.api = seek(api, outbox)

    def again(self) -> Api:
        self.api = seek(self._api, self._outbox)
        return self.api

    def given(self, company: str = "Blue Fern", end: float = -2, **fields: Any) -> Json:
        times = {"start_at": self.clock.text(hours=end - 1), "end_at": self.clock.text(hours=end)}
        return {"company": company, "job_title": "Welder", **times, **fields}

    def add(self, company: str = "Blue Fern", end: float = -2, **fields: Any) -> Json:
        made = self.api.post("/v1/my/interviews", self.given(company, end, **fields))
        assert made.status == 201, made
        return made.json

    def read(self, made: Json) -> Json:
        return self.api.get(f"/v1/my/interviews/{made['id']}").json

    def tell(self, made: Json, what: str, **fields: Any) -> Answer:
        return self.api.post(f"/v1/my/interviews/{made['id']}/outcomes", {"what": what, **fields})


@pytest.fixture
def jo(api: Api, outbox: Outbox, clock: StandingClock) -> Seeker:
    return Seeker(api, outbox, clock)


def test_an_interview_says_when_word_is_due_and_when_we_remind(jo: Seeker) -> None:
    """48 hours after its end; nothing is asked for but company, job and times."""
    made = jo.add()
    assert made["state"] == "waiting" and made["stage"] == "interview" and made["contact"] is None
    due = datetime.fromisoformat(made["word_due_at"])
    assert (due - datetime.fromisoformat(made["end_at"])).total_seconds() == 48 * 3600
    assert jo.read(made) == made


def test_a_named_day_is_when_word_is_due(jo: Seeker) -> None:
    day = jo.clock.text(days=6)
    assert datetime.fromisoformat(jo.add(next_word_by=day)["word_due_at"]) == datetime.fromisoformat(day)


def test_an_interview_is_booked_then_waits_is_heard_or_closed(jo: Seeker) -> None:
    """The four states, by the clock and by what the seeker records."""
    made = jo.add(end=2)
    assert made["state"] == "booked"
    jo.clock.advance(hours=2)
    jo.again()
    assert jo.read(made)["state"] == "waiting"
    assert jo.tell(made, "heard", decision="advancing").json["state"] == "heard"
    assert jo.tell(made, "closed").json["state"] == "closed"
    assert jo.read(made)["next_reminder_at"] is None


@pytest.mark.parametrize("decision", ["rejected", "offer", "advancing"])
def test_a_decision_that_a_call_brought_ends_the_wait(jo: Seeker, decision: str) -> None:
    made = jo.add()
    told = jo.tell(made, "called", decision=decision, feedback="Good welds.").json
    assert told["state"] == "heard" and told["next_reminder_at"] is None


@pytest.mark.parametrize("what", ["called", "heard"])
def test_a_day_that_they_named_opens_the_next_wait(jo: Seeker, what: str) -> None:
    """ "I called: they said Friday." """
    made, friday = jo.add(), jo.clock.text(days=3)
    told = jo.tell(made, what, next_word_by=friday).json
    assert told["state"] == "waiting"
    assert datetime.fromisoformat(told["word_due_at"]) == datetime.fromisoformat(friday)


def test_a_call_without_a_day_is_a_not_yet_for_a_week(jo: Seeker) -> None:
    """As for employers: the same rule, the same number of days."""
    told = jo.tell(jo.add(), "called").json
    assert told["state"] == "waiting"
    assert datetime.fromisoformat(told["word_due_at"]) == datetime(2026, 6, 9, 14, 0, tzinfo=UTC)


def test_nobody_answered_is_an_attempt_and_the_wait_goes_on(jo: Seeker) -> None:
    made = jo.add()
    told = jo.tell(made, "no_answer").json
    assert (told["state"], told["word_due_at"]) == ("waiting", made["word_due_at"])


def test_an_invitation_to_the_next_round_answers_the_first(jo: Seeker) -> None:
    """The same company and job are one application, as at an employer."""
    first = jo.add()
    second = jo.add(end=30, stage="final")
    assert (jo.read(first)["state"], second["state"]) == ("heard", "booked")
    assert jo.read(first)["next_reminder_at"] is None and second["next_reminder_at"] is not None


def test_the_same_job_title_at_two_companies_is_two_jobs(jo: Seeker) -> None:
    """What one company says ends no wait for the other."""
    one, other = jo.add("Blue Fern"), jo.add("Old Oak")
    jo.tell(one, "heard", decision="rejected")
    assert (jo.read(one)["state"], jo.read(other)["state"]) == ("heard", "waiting")


def test_a_job_that_ended_begins_anew(jo: Seeker) -> None:
    """Another interview a year later for the same job."""
    first = jo.add()
    jo.tell(first, "closed")
    second = jo.add(end=24)
    assert (jo.read(first)["state"], second["state"]) == ("closed", "booked")


def test_a_double_click_adds_one_interview(jo: Seeker) -> None:
    """With a key, and without one: the same company, job and start. With another end it is refused, and says where."""
    given = jo.given()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: jo.api.post("/v1/my/interviews", given), range(4)))
    assert sorted(one.status for one in answers) == [200, 200, 200, 201] and len({one.json["id"] for one in answers}) == 1
    refused = jo.api.post("/v1/my/interviews", {**given, "end_at": jo.clock.text(hours=-1), "contact": {"name": "Dana"}})
    assert (refused.status, refused.json["code"]) == (409, "interview_conflict")
    assert f"/v1/my/interviews/{answers[0].json['id']}" in refused.json["detail"]
    assert {one["pointer"] for one in refused.json["errors"]} == {"/end_at", "/contact/name"}


def test_an_outcome_sent_twice_with_its_key_is_one(jo: Seeker) -> None:
    made = jo.add()
    path = f"/v1/my/interviews/{made['id']}/outcomes"
    answers = [jo.api.post(path, {"what": "called"}, headers={"Idempotency-Key": "tap"}) for _ in range(3)]
    assert len({str(one.json) for one in answers}) == 1
    assert str(jo.api.get("/v1/my/export").json).count("'outcome': 'reached'") == 1


def test_an_interview_is_moved_and_corrected(jo: Seeker) -> None:
    """A merge patch; null removes the contact; a moved interview has reminders of its own."""
    made = jo.add(contact={"name": "Dana", "phone": "+12025550100"})
    path = f"/v1/my/interviews/{made['id']}"
    moved = jo.api.patch(path, {"start_at": jo.clock.text(hours=20), "end_at": jo.clock.text(hours=21), "contact": None})
    assert moved.status == 200 and moved.json["state"] == "booked" and moved.json["contact"] is None
    named = jo.api.patch(path, {"company": "Blue Fern Ltd", "job_title": "Senior welder", "stage": "final"}).json
    assert (named["company"], named["job_title"], named["stage"]) == ("Blue Fern Ltd", "Senior welder", "final")
    again = jo.add("Blue Fern Ltd", end=45, job_title="Senior welder")
    assert jo.read(made)["state"] == "booked" and again["state"] == "booked", "the new name leads to the same job"
    assert jo.api.patch(path, {"end_at": jo.clock.text(hours=-5)}).status == 422


def test_if_match_guards_every_change(jo: Seeker) -> None:
    made = jo.add()
    path = f"/v1/my/interviews/{made['id']}"
    tag = jo.api.get(path).headers["ETag"]
    assert jo.api.patch(path, {"stage": "final"}, headers={"If-Match": tag}).status == 200
    for answer in (
        jo.api.patch(path, {"stage": "screen"}, headers={"If-Match": tag}),
        jo.api.post(f"{path}/outcomes", {"what": "called"}, headers={"If-Match": tag}),
        jo.api.delete(path, headers={"If-Match": tag}),
    ):
        assert (answer.status, answer.json["code"]) == (412, "precondition_failed")


def test_a_deleted_interview_is_gone_with_its_job(jo: Seeker) -> None:
    """One of two rounds leaves the list, and its wait counts no more; with the last one all of the job is erased."""
    first, second = jo.add(), jo.add(end=30)
    jo.tell(first, "heard", feedback="Speak up.")
    assert jo.api.delete(f"/v1/my/interviews/{second['id']}").status == 204
    assert jo.api.get(f"/v1/my/interviews/{second['id']}").status == 404
    assert [one["id"] for one in jo.api.get("/v1/my/interviews").json["data"]] == [first["id"]]
    assert jo.api.delete(f"/v1/my/interviews/{first['id']}").status == 204
    assert jo.api.delete(f"/v1/my/interviews/{first['id']}").status == 404
    assert jo.api.get("/v1/my/interviews").json["data"] == [] and "Speak up" not in str(jo.api.get("/v1/my/export").json)


def test_an_outcome_before_the_interview_is_refused(jo: Seeker) -> None:
    """But it can be let go: the position was withdrawn."""
    made = jo.add(end=5)
    assert jo.tell(made, "called").json["code"] == "interview_not_begun"
    assert jo.tell(made, "closed").json["state"] == "closed"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"what": "no_answer", "decision": "rejected"}, "/decision"),
        ({"what": "no_answer", "feedback": "x"}, "/feedback"),
        ({"what": "called", "decision": "rejected", "next_word_by": "2026-06-09T14:00:00Z"}, "/next_word_by"),
        ({"what": "closed", "next_word_by": "2026-06-09T14:00:00Z"}, "/next_word_by"),
        ({"what": "called", "next_word_by": "2026-06-01T14:00:00Z"}, "/next_word_by"),
        ({"what": "called", "next_word_by": "2027-06-01T14:00:00Z"}, "/next_word_by"),
        ({"what": "wrote"}, "/what"),
    ],
)
def test_what_goes_together_is_checked(jo: Seeker, body: Json, pointer: str) -> None:
    answer = jo.api.post(f"/v1/my/interviews/{jo.add()['id']}/outcomes", body)
    assert answer.status == 422 and [one["pointer"] for one in answer.json["errors"]] == [pointer]


def test_another_seekers_interview_is_not_found(jo: Seeker, api: Api, outbox: Outbox) -> None:
    """By id, for every method: 404, as for one that is not there."""
    made = jo.add()
    kim, path = seek(api, outbox, "kim@example.com"), f"/v1/my/interviews/{made['id']}"
    told = [
        kim.get(path),
        kim.patch(path, {"stage": "final"}),
        kim.delete(path),
        kim.post(f"{path}/outcomes", {"what": "closed"}),
    ]
    assert [one.status for one in told] == [404] * 4
    assert jo.read(made) == made


def test_a_list_is_paged_and_newest_first(jo: Seeker) -> None:
    made = []
    for number in range(5):
        jo.clock.advance(seconds=1)
        made.append(jo.add(f"Company {number}")["id"])
    first = jo.api.get("/v1/my/interviews?limit=3").json
    rest = jo.api.get(f"/v1/my/interviews?limit=3&cursor={first['next_cursor']}").json
    assert [one["id"] for one in (*first["data"], *rest["data"])] == made[::-1] and not rest["has_more"]


def test_there_is_a_most_of_interviews(jo: Seeker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand; deleting one makes room. Forty jobs go on at once, and those that ended make room for others."""
    monkeypatch.setattr(interviews, "INTERVIEWS_MOST", 3)
    made = [jo.add(f"Company {number}") for number in range(3)]
    assert jo.api.post("/v1/my/interviews", jo.given("One more")).json["code"] == "too_many_interviews"
    jo.api.delete(f"/v1/my/interviews/{made[0]['id']}")
    jo.add("One more")


def test_jobs_that_were_heard_of_make_room(jo: Seeker) -> None:
    """Forty go on at once; the forty-first is refused with what to do, until one is heard of."""
    made = [jo.add(f"Company {number}") for number in range(40)]
    refused = jo.api.post("/v1/my/interviews", jo.given("One more"))
    assert (refused.status, refused.json["code"]) == (409, "too_many_applications") and "You have 40" in refused.json["detail"]
    jo.tell(made[0], "heard")
    jo.add("One more")


@pytest.mark.parametrize(
    ("zone", "end", "due"),
    [
        ("America/New_York", "2026-10-30T23:30:00-04:00", "2026-11-01T22:30:00-05:00"),  # clocks go back that night
        ("Pacific/Auckland", "2026-06-03T00:15:00+12:00", "2026-06-05T00:15:00+12:00"),
    ],
)
def test_midnights_and_clock_changes_do_not_move_the_48_hours(
    api: Api, outbox: Outbox, clock: StandingClock, zone: str, end: str, due: str
) -> None:
    kim = seek(api, outbox, "kim@example.com", timezone=zone)
    times = {"start_at": end.replace("T23:30", "T22:30").replace("T00:15", "T00:05"), "end_at": end}
    made = kim.post("/v1/my/interviews", {"company": "Night Shift", "job_title": "Guard", **times}).json
    assert datetime.fromisoformat(made["word_due_at"]) == datetime.fromisoformat(due)
    reminder = datetime.fromisoformat(made["next_reminder_at"])
    assert reminder >= datetime.fromisoformat(due)


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:{method}
BEGIN:VEVENT
UID:one@example
SUMMARY:Interview for Fitter
ORGANIZER;CN=Dana Reyes:mailto:dana@bluefern.example
ATTENDEE;CN=Jo Sample:mailto:jo@example.com
DTSTART:{start}
DTEND:{end}
END:VEVENT
{more}END:VCALENDAR
"""


def calendar(start: str = "20260603T130000Z", end: str = "20260603T140000Z", method: str = "REQUEST", more: str = "") -> bytes:
    return CALENDAR.format(start=start, end=end, method=method, more=more).replace("\n", "\r\n").encode()


@pytest.fixture
def send(jo: Seeker) -> Callable[[bytes], Answer]:
    return lambda raw: jo.api.post("/v1/my/interviews/ics", raw, headers={"Content-Type": "text/calendar; charset=utf-8"})


def test_an_invitation_of_a_calendar_is_an_interview(jo: Seeker, send: Callable[[bytes], Answer]) -> None:
    """The organizer is the person to ask; the same event again moves it, and a cancelled one takes it off."""
    told = send(calendar())
    assert told.status == 200, told
    [made] = told.json["data"]
    assert (made["company"], made["job_title"]) == ("Bluefern", "Interview for Fitter")
    assert made["contact"] == {"name": "Dana Reyes", "phone": None, "email": "dana@bluefern.example"}
    [moved] = send(calendar("20260604T130000Z", "20260604T140000Z")).json["data"]
    assert moved["id"] == made["id"] and moved["start_at"].startswith("2026-06-04T13")
    assert send(calendar(method="CANCEL")).json == {"data": [], "skipped": 1}
    assert jo.api.get("/v1/my/interviews").json["data"] == []


def test_a_time_without_a_zone_is_the_seekers_own(send: Callable[[bytes], Answer]) -> None:
    [made] = send(calendar("20260603T130000", "20260603T140000")).json["data"]
    assert made["start_at"] == "2026-06-03T17:00:00.000Z"


def test_of_a_whole_calendar_only_interviews_are_taken(send: Callable[[bytes], Answer]) -> None:
    """Not the dentist's; nor one of last year, nor a whole day."""
    others = "".join(
        f"BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{summary}\nDTSTART{start}\nEND:VEVENT\n"
        for uid, summary, start in (
            ("two", "Dentist", ":20260604T090000Z"),
            ("three", "Interview at Old Oak", ":20250604T090000Z"),
            ("four", "Interview day", ";VALUE=DATE:20260604"),
        )
    )
    told = send(calendar(more=others)).json
    assert (len(told["data"]), told["skipped"]) == (1, 3)


@pytest.mark.parametrize("raw", [b"", b"x", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"PK\x03\x04"])
def test_a_file_that_is_no_calendar_is_refused(send: Callable[[bytes], Answer], raw: bytes) -> None:
    assert send(raw).status in (400, 422)


@pytest.mark.parametrize(
    "more",
    [
        "DURATION:P99999999999D",
        "DURATION:P3650000D",
        "DURATION:PT1H\nDURATION:PT2H",
        "SEQUENCE:1,2",
        "SEQUENCE:1\nSEQUENCE:2",
        "DTSTAMP:20260601T090000Z\nDTSTAMP:20260602T090000Z",
        "ATTENDEE;CUTYPE=A,B:mailto:jo@example.com",
        "ATTENDEE;ROLE=CHAIR,B:mailto:jo@example.com",
    ],
)
def test_an_event_that_is_made_to_do_harm_harms_nothing(
    jo: Seeker, send: Callable[[bytes], Answer], employer: Api, more: str
) -> None:
    """A value that is none is that event's fault, and never an error of ours: here, in an employer's import, in a mail."""
    raw = calendar(more="BEGIN:VEVENT\nUID:2\nSUMMARY:Second interview\nDTSTART:20260603T130000Z\n" + more + "\nEND:VEVENT\n")
    assert send(raw).status in (200, 422)
    answer = employer.post("/v1/imports?dry_run=true", raw, headers={"Content-Type": "text/calendar"})
    assert answer.status in (200, 422) and "Invalid" not in str(answer.json.get("errors")), answer


def test_a_calendar_is_bounded(jo: Seeker, send: Callable[[bytes], Answer]) -> None:
    """In bytes, in events, and only as a calendar."""
    many = "".join(
        f"BEGIN:VEVENT\nUID:n{n}\nSUMMARY:Interview {n}\nDTSTART:20260604T{n % 24:02}0000Z\nEND:VEVENT\n" for n in range(51)
    )
    assert send(calendar(more=many)).status == 422
    assert send(b"BEGIN:VCALENDAR" + b"x" * (1024 * 1024)).status == 413
    assert jo.api.post("/v1/my/interviews/ics", {"ics": "x"}).status == 415
