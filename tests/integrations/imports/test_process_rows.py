"""Rows become the records that posts would have made: each once, in turn with other jobs, whenever a worker dies."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from chalicelib import config, wiring
from chalicelib.integrations.imports.apply import Origin, row_keys
from chalicelib.integrations.imports.items import import_key
from chalicelib.integrations.imports.known_records import KnownRecords
from chalicelib.integrations.imports.process_rows import process_rows
from chalicelib.jobs import scheduler
from chalicelib.jobs.registry import QueueName
from chalicelib.reputation import counters, recount
from chalicelib.storage import keys, table
from tests.engines import Crash, counted_calls
from tests.integrations.imports.conftest import csv_of

HEADER = ["name", "email", "phone", "candidate_ref", "job_title", "application_ref", "stage", "interview_start", "interview_end"]


def _row(number: int, day: int = 1, **fields: Any) -> list[Any]:
    values = {
        "name": f"Sam {number}",
        "email": f"sam{number}@example.com",
        "phone": "",
        "candidate_ref": f"c{number}",
        "job_title": "Welder",
        "application_ref": f"a{number}",
        "stage": ("screen", "interview", "final")[number % 3],
        "interview_start": f"2026-05-{day:02}T09:00:00Z",
        "interview_end": f"2026-05-{day:02}T10:00:00Z",
        **fields,
    }
    return [values[name] for name in HEADER]


def _tally_is_right(employer_id: str, waits: int) -> None:
    found = recount.recount(employer_id)
    assert (found.differences, found.waits) == ({}, waits)


def _every(employer: Any, path: str) -> list[dict[str, Any]]:
    found, cursor = [], {}
    while True:
        page = employer.get(path, query={"limit": 100, **cursor}).json
        found += page["data"]
        if not page["has_more"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


def test_rows_become_the_records_that_posts_would_have_made(imported, employer):
    """An import finds, completes and counts records as the API does."""
    known = employer.post("/v1/candidates", {"name": "Sam 1", "email": "SAM1@example.com"}).json["id"]
    only_a_person = _row(3, job_title="", application_ref="", interview_start="", interview_end="")
    found = imported(csv_of(HEADER, _row(1), _row(2), only_a_person))
    assert {name: found[name] for name in ("rows", "done", "created", "matched", "failed")} == {
        "rows": 3,
        "done": 3,
        "created": 3,
        "matched": 0,
        "failed": 0,
    }
    people = _every(employer, "/v1/candidates")
    assert sorted(one["name"] for one in people) == ["Sam 1", "Sam 2", "Sam 3"]
    (first,) = [one for one in people if one["id"] == known]
    assert first["external_ids"] == [{"system": "import", "id": "c1"}]
    assert [one["loop"] for one in _every(employer, "/v1/applications")] == ["waiting", "waiting"]
    _tally_is_right(employer.employer_id, 2)


def test_a_file_that_is_imported_twice_changes_nothing(imported, employer, meter):
    """A sheet that grows by a row a week is imported whole each time."""
    raw = csv_of(HEADER, *(_row(number) for number in range(30)))
    imported(raw)
    before = _every(employer, "/v1/applications")
    again = imported(csv_of(HEADER, *(_row(number) for number in range(31))))
    assert (again["created"], again["matched"], again["unchanged"]) == (1, 0, 30)
    assert [one for one in _every(employer, "/v1/applications") if one["external_ids"][0]["id"] != "a30"] == before


def test_the_same_person_in_many_rows_is_one(imported, employer):
    """Rows of one transaction do not see each other, so rows of the same person go into different ones."""
    jobs = ("Welder", "Fitter", "Cook")
    rows = [_row(1, day=day, job_title=title, application_ref="") for day in range(1, 9) for title in jobs]
    found = imported(csv_of(HEADER, *rows))
    assert (found["created"], found["matched"], found["failed"]) == (3, 21, 0)
    assert len(_every(employer, "/v1/candidates")) == 1
    assert len(_every(employer, "/v1/applications")) == 3
    assert len(_every(employer, "/v1/interviews")) == 24
    _tally_is_right(employer.employer_id, len(list(counters.waits_of(employer.employer_id))))


def test_a_row_that_cannot_be_applied_is_listed_and_the_others_are_imported(imported, employer):
    """A closed application takes no interview, which is known only when the row is processed."""
    imported(csv_of(HEADER, _row(1), _row(2)))
    closed = employer.get("/v1/applications", query={"external_id": "import:a2"}).json["data"][0]["id"]
    assert employer.patch(f"/v1/applications/{closed}", {"status": "closed"}).status == 200
    found = imported(csv_of(HEADER, _row(1, day=5), _row(2, day=5), _row(3)))
    assert (found["failed"], found["matched"], found["created"]) == (1, 1, 1)
    assert found["faults"] == [{"line": 3, "message": "The application is closed: it takes no more interviews."}]


def test_with_skip_faulty_good_rows_are_imported_and_others_listed(send, employer, run_ticks):
    answer = send(csv_of(HEADER, _row(1), _row(2, email="no address")), skip_faulty="true")
    assert (answer.status, answer.json["rows"]) == (202, 1)
    assert [one["pointer"] for one in answer.json["skipped"]] == ["/3/email"]


def test_candidates_who_were_told_before_the_import_count_as_told(imported, employer):
    """Nobody is called about a rejection that was emailed in May."""
    header = [*HEADER, "decided", "told_at"]
    raw = csv_of(header, [*_row(1), "rejected", "2026-05-03T09:00:00Z"], [*_row(2), "rejected", ""])
    for _ in range(2):
        imported(raw)
    first, second = sorted(_every(employer, "/v1/applications"), key=lambda one: one["external_ids"][0]["id"])
    assert (first["loop"], second["loop"], second["decided"]) == ("answered", "waiting", "rejected")
    assert len(employer.get(f"/v1/applications/{first['id']}/contacts").json["data"]) == 1


@pytest.mark.parametrize("after", [0, 1, *(pytest.param(after, marks=pytest.mark.long) for after in range(2, 8))])
@pytest.mark.parametrize("kind", ["crash_before", "crash_after", "lose_response", "conflict"])
def test_a_failure_at_any_write_imports_each_row_once(send, employer, faults, run_ticks, clock, stack, kind, after):
    """A worker dies between any two writes, or gets no response to one that succeeded."""
    rows = 24 if after < 2 else 120
    answer = send(csv_of(HEADER, *(_row(number) for number in range(rows))))
    getattr(faults, kind)("TransactWriteItems", after=after)
    try:
        run_ticks()
    except Crash:
        faults.clear()
        clock.advance(minutes=1)
        _lose_queue(stack)
    run_ticks()
    found = employer.get(answer.headers["Location"]).json
    assert (found["state"], found["done"], found["created"] + found["unchanged"]) == ("finished", rows, rows)
    assert len(_every(employer, "/v1/candidates")) == len(_every(employer, "/v1/applications")) == rows
    _tally_is_right(employer.employer_id, rows)


def _lose_queue(stack: Any) -> None:
    """The records were in the worker that died: the scheduler finds the rows in the table again."""
    for url in stack.queues:
        stack.sqs.purge_queue(QueueUrl=url)


@pytest.mark.parametrize("after", range(4))
def test_a_file_whose_rows_were_not_all_stored_imports_nothing(send, employer, faults, run_ticks, clock, after):
    """The sender got no response, and sends the file again."""
    raw = csv_of(HEADER, *(_row(number) for number in range(900)))
    faults.crash_before("TransactWriteItems", after=after)
    with pytest.raises(Crash):
        send(raw)
    faults.clear()
    clock.advance(minutes=10)
    run_ticks()
    assert _every(employer, "/v1/candidates") == []
    assert {one["state"] for one in employer.get("/v1/imports").json["data"]} <= {"abandoned"}
    assert [raw for shard in range(16) for raw in table.query_index("due", str(shard))[0] if "#IMPORT#" in raw["PK"]["S"]] == []


def test_an_import_does_not_delay_another_employers_reminder(api, send, clock, stack, outbox):
    """One employer's rows and another's one candidate are due in the same minute: the scheduler takes turns."""
    other = api.new_employer(name="Other")
    who = {"name": "Ann", "phone": "+12025550177", "sms_consent": {"given_at": clock.text(hours=-1), "source": "form"}}
    body = {"application": {"candidate": who, "job_title": "Welder"}, "stage": "final", "start_at": clock.text(hours=-1)}
    assert other.post("/v1/interviews", {**body, "end_at": clock.text(minutes=-1)}).status == 201
    clock.advance(hours=49)
    send(csv_of(HEADER, *(_row(number) for number in range(100))))
    scheduler.run({QueueName.REMINDERS: wiring.queues()[QueueName.REMINDERS]}, clock(), wiring.queue_of, most=2)
    stack.pumps.deliver()
    assert len(outbox.to("+12025550177")) == 1


def test_at_most_a_hundred_errors_are_stored(imported, employer):
    """Twenty thousand errors would not fit into one item, and the import would never finish."""
    imported(csv_of(HEADER, _row(1)))
    case = employer.get("/v1/applications").json["data"][0]
    assert employer.patch(f"/v1/applications/{case['id']}", {"status": "closed"}).status == 200
    found = imported(
        csv_of(
            HEADER, *(_row(1, day=2 + number % 20, interview_end=f"2026-05-28T{number % 24:02}:00:00Z") for number in range(150))
        )
    )
    assert (found["failed"], len(found["faults"])) == (150, 100)
    assert len(table.get(*import_key(employer.employer_id, found["id"])).faults) == 100


def test_the_rows_of_an_erased_person_are_removed(send, employer, run_ticks):
    """An unfinished import must not bring the person back."""
    known = employer.post("/v1/candidates", {"name": "Sam 7", "email": "sam7@example.com"}).json["id"]
    answer = send(csv_of(HEADER, *(_row(number) for number in range(20))))
    assert employer.delete(f"/v1/candidates/{known}").status == 200
    run_ticks()
    found = employer.get(answer.headers["Location"]).json
    assert (found["state"], found["rows"], found["done"]) == ("finished", 19, 19)
    assert "Sam 7" not in {one["name"] for one in _every(employer, "/v1/candidates")}


def test_a_person_erased_while_their_row_is_processed_does_not_come_back(send, employer, run_ticks, faults):
    """The worker has read the rows, and the person is no longer known: the row would create them again."""
    known = employer.post("/v1/candidates", {"name": "Sam 1", "email": "sam1@example.com"}).json["id"]
    answer = send(csv_of(HEADER, *(_row(number) for number in range(3))))
    faults.before("BatchGetItem", lambda: employer.delete(f"/v1/candidates/{known}"), where="#MATCH#")
    run_ticks()
    found = employer.get(answer.headers["Location"]).json
    assert (found["state"], found["rows"], found["done"], found["created"]) == ("finished", 2, 2, 2)
    assert sorted(one["name"] for one in _every(employer, "/v1/candidates")) == ["Sam 0", "Sam 2"]


def test_another_tenant_sees_no_import(api, send):
    location = send(csv_of(HEADER, _row(1))).headers["Location"]
    other = api.new_employer(name="Other")
    assert other.get(location).status == 404
    assert other.get("/v1/imports").json["data"] == []


def test_rows_killed_in_the_middle_are_each_imported_once(send, employer, run_ticks, faults, stack):
    raw = csv_of(HEADER, *(_row(number, day=1 + number % 28) for number in range(200)))
    location = send(raw).headers["Location"]
    halfway = _kill_and_finish(location, employer, faults, stack, run_ticks, after=10)
    assert 50 < halfway < 150
    _all_are_imported(employer, location, 200)


@pytest.mark.long
def test_three_thousand_rows_killed_in_the_middle(send, employer, run_ticks, meter, faults, stack, capsys):
    """Prints what an import of this size costs."""
    raw = csv_of(HEADER, *(_row(number, day=1 + number % 28) for number in range(3_000)))
    begun = time.perf_counter()
    location = send(raw).headers["Location"]
    taken = time.perf_counter() - begun
    stored = sum(meter.write_units.values()), meter.requests["TransactWriteItems"]
    meter.reset()
    begun = time.perf_counter()
    halfway = _kill_and_finish(location, employer, faults, stack, run_ticks, after=150)
    worked = time.perf_counter() - begun
    assert 900 < halfway < 2_100
    spent = meter.requests["TransactWriteItems"], sum(meter.write_units.values()), sum(meter.read_units.values()), meter.total
    _all_are_imported(employer, location, 3_000)
    with capsys.disabled():
        print(  # noqa: T201 - figures for people
            f"\n3,000 rows: taken in {taken:.1f} s by {stored[1]} transactions, {stored[0]:.0f} write units; worked in "
            f"{worked:.1f} s ({3_000 / worked:.0f} rows/s) by {spent[0]} transactions ({3_000 / spent[0]:.1f} rows each), "
            f"{spent[1]:.0f} write units ({spent[1] / 3_000:.1f} a row), {spent[2]:.0f} read units, {spent[3]} requests; "
            f"killed after {halfway} rows"
        )


def _kill_and_finish(location: str, employer: Any, faults: Any, stack: Any, run_ticks: Any, *, after: int) -> int:
    """Kill the worker after so many writes, and finish the import. Returns how many rows were done by then."""
    faults.crash_after("TransactWriteItems", after=after)
    with pytest.raises(Crash):
        run_ticks()
    faults.clear()
    halfway: int = employer.get(location).json["done"]
    _lose_queue(stack)
    while employer.get(location).json["state"] != "finished":
        stack.pumps.tick()
        stack.pumps.drain("heardback-imports")
    return halfway


def _all_are_imported(employer: Any, location: str, rows: int) -> None:
    found = employer.get(location).json
    assert (found["rows"], found["done"], found["created"], found["failed"]) == (rows, rows, rows, 0)
    candidates, applications = _listed(employer.employer_id, "CAND"), _listed(employer.employer_id, "APP")
    assert len(candidates) == len(applications) == rows
    refs = {item.external_ids[0]["id"] for item in table.get_many([(pk, "APP") for pk in applications]).values()}
    assert refs == {f"a{number}" for number in range(rows)}
    _tally_is_right(employer.employer_id, rows)


def _listed(employer_id: str, kind: str) -> list[str]:
    return [row["PK"]["S"] for rows in counters.listed(keys.list_key(employer_id, kind), 500) for row in rows]


def test_rows_of_many_items_are_read_in_few_requests(send, employer, run_ticks, meter):
    """Keys of all rows in batches of 100, then the known people; one read of each known application, side by side.

    A file that is known writes nothing but the progress, of the rows of many items at once. How many transactions new rows take
    depends on the days of their reminders: those of one day share an item.
    """
    raw = csv_of(HEADER, *(_row(number, day=1 + number % 28) for number in range(100)))
    spent = []
    for _ in range(2):
        send(raw)
        meter.reset()
        run_ticks()
        spent.append(dict(meter.requests))
    first, second = spent
    assert first["BatchGetItem"] <= 15 and first.get("GetItem", 0) <= 2 and first["TransactWriteItems"] <= 20
    assert second["BatchGetItem"] <= 12 and second["TransactWriteItems"] <= 3
    assert 100 <= second["Query"] <= 110


def test_a_row_about_what_is_being_written_waits_for_it(send, employer, run_ticks, meter):
    """The next rows are packed while a transaction is written. One about its records would be refused, and repeated."""
    person = {"name": "Sam Sample", "email": "sam@example.com", "candidate_ref": "c1"}
    rows = [_row(number, day=1 + number, **person, job_title=f"Welder {number}") for number in range(12)]
    send(csv_of(HEADER, *rows))
    meter.reset()
    run_ticks()
    spent = dict(meter.requests)
    assert len(employer.get("/v1/applications").json["data"]) == 12 and len(employer.get("/v1/candidates").json["data"]) == 1
    assert spent["TransactWriteItems"] == 12, "one a row, since each writes the person"


def test_the_next_rows_are_packed_while_a_transaction_is_written(send, employer, faults, clock):
    """Packing takes as long as writing, nearly."""
    place = send(csv_of(HEADER, *(_row(number) for number in range(30)))).headers["Location"]
    packing, asked = threading.Event(), []

    def now() -> Any:
        asked.append(clock())
        if len(asked) > 1:
            packing.set()
        return asked[-1]

    seen = []
    faults.before("TransactWriteItems", lambda: seen.append(packing.wait(10)))
    process_rows(table.query(import_key(employer.employer_id, place.rpartition("/")[2])[0], "ROWS#"), now)
    assert seen == [True]
    assert employer.get(place).json["created"] == 30
    _tally_is_right(employer.employer_id, 30)


@pytest.mark.parametrize("after", range(3))
def test_rows_that_were_packed_beside_a_refused_transaction_are_packed_again(send, employer, run_ticks, faults, after):
    """Somebody else creates the people of its rows just before it is sent. The next one is ready by then, and is not sent."""
    place = send(csv_of(HEADER, *(_row(number) for number in range(40)))).headers["Location"]

    def create_all() -> None:
        for number in range(40):
            made = employer.post("/v1/candidates", {"name": f"Sam {number}", "email": f"sam{number}@example.com"})
            assert made.status in (200, 201)

    faults.before("TransactWriteItems", create_all, after=after, where="#IMPORT#")
    run_ticks()
    found = employer.get(place).json
    assert [found[name] for name in ("state", "done", "created", "failed", "faults")] == ["finished", 40, 40, 0, []]
    assert len(_every(employer, "/v1/candidates")) == len(_every(employer, "/v1/applications")) == 40
    _tally_is_right(employer.employer_id, 40)


def test_what_somebody_writes_after_the_reading_ahead_is_kept(imported, send, employer, run_ticks, faults):
    """The case was read with those of many rows. Its row is then applied to what is there now."""
    imported(csv_of(HEADER, *(_row(number) for number in range(20))))
    one = employer.get("/v1/applications", query={"external_id": "import:a7"}).json["data"][0]["id"]
    rows = [_row(number, **({"stage": "final"} if number == 7 else {})) for number in range(20)]
    place = send(csv_of(HEADER, *rows)).headers["Location"]
    faults.before("TransactWriteItems", lambda: employer.patch(f"/v1/applications/{one}", {"decided": "rejected"}))
    run_ticks()
    found, application = employer.get(place).json, employer.get(f"/v1/applications/{one}").json
    assert (found["updated"], found["unchanged"], found["failed"]) == (1, 19, 0)
    assert (application["decided"], application["stage"]) == ("rejected", "final")


def test_what_a_transaction_wrote_is_read_again_for_later_rows(employer):
    """A row of another item may lead to it. What a row changes in memory and does not write is no other row's."""
    row = {"line": 2, "name": "Sam Sample", "email": "sam@example.com"}
    known = KnownRecords(employer.employer_id, Origin("heardback", "import", "imp_1"))
    known.read([row])
    assert known.of(row) == {}
    made = employer.post("/v1/candidates", {"name": "Sam Sample", "email": "sam@example.com"}).json
    key = (keys.candidate_pk(employer.employer_id, made["id"]), "CAND")
    known.written([key, *row_keys(row, Origin("heardback", "import"), employer.employer_id)])
    found = known.of(row)
    found[key].name = "Somebody Else"
    assert known.of(row)[key].name == "Sam Sample"


CALLS_MOST = {"new": 3_150, "the same again": 2_400}
"""Function calls a row by the fast path. 3,103 and 2,260 were seen, the engine's clients included. 140 more apply the row that
finds no room in a transaction once more for the next."""


def test_a_row_costs_few_function_calls(send, run_ticks):
    """Counted in every thread, of a hundred rows after as many others: a row that says nothing new folds no application."""
    send(csv_of(HEADER, *(_row(number, day=1 + number % 28) for number in range(100, 200))))
    run_ticks()
    raw, spent = csv_of(HEADER, *(_row(number, day=1 + number % 28) for number in range(100))), {}
    for what in CALLS_MOST:
        send(raw)
        with counted_calls() as calls:
            run_ticks()
        spent[what] = sum(calls.values()) / 100
    too_many = {what: calls for what, calls in spent.items() if calls > CALLS_MOST[what]}
    assert too_many == {} or not config.fast_path()
