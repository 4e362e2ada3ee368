"""A POST that is sent again with its key: done once, answered once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.api.idempotency import once
from chalicelib.api.idempotency_record import IdempotencyItem, canonical_body, slot_of
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.auth.api_keys import KeyItem
from chalicelib.errors import Conflict
from chalicelib.storage.table import Item, Transaction, get
from tests.engines import Api, Crash, Faults, Meter, StandingClock

KEY = {"Idempotency-Key": "6f1c2f52-6d8e-4f0e-9d0a-0d4d8f5d9a11"}


def booking(clock: StandingClock, name: str = "Sam Planted-Name") -> dict[str, Any]:
    return {
        "stage": "final",
        "start_at": clock.text(hours=-2),
        "end_at": clock.text(hours=-1),
        "application": {"job_title": "Welder", "candidate": {"name": name, "email": "sam@example.com"}},
    }


def record_counts(api: Api) -> tuple[int, int, int]:
    return tuple(len(api.get(f"/v1/{kind}").json["data"]) for kind in ("interviews", "candidates", "applications"))


def test_the_same_post_again_is_answered_as_it_was_and_done_once(employer: Api, clock: StandingClock) -> None:
    """A client on a bad connection sends everything twice."""
    body = booking(clock)
    first = employer.post("/v1/interviews", body, headers=KEY)
    clock.advance(hours=3)
    again = employer.post("/v1/interviews", body, headers=KEY)
    assert first.status == again.status == 201 and first.json == again.json
    assert all(again.headers[name] == first.headers[name] for name in ("Location", "ETag"))
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert record_counts(employer) == (1, 1, 1)


def test_a_contact_that_is_sent_again_is_one_contact(employer: Api, clock: StandingClock) -> None:
    """Contacts have no natural key: without this, a retry would log a second call."""
    application = employer.post("/v1/interviews", booking(clock)).json["application_id"]
    path = f"/v1/applications/{application}/contacts"
    answers = [employer.post(path, {"channel": "call", "outcome": "reached"}, headers=KEY) for _ in range(3)]
    assert len({answer.json["id"] for answer in answers}) == 1 and len(employer.get(path).json["data"]) == 1


def test_the_key_costs_no_round_trip(employer: Api, clock: StandingClock, meter: Meter) -> None:
    """The record is read with the API key and written with the effect."""
    employer.post("/v1/interviews", booking(clock))
    plain = meter.total
    meter.reset()
    another = booking(clock) | {"application": {"job_title": "Fitter", "candidate": {"name": "Ann"}}}
    employer.post("/v1/interviews", another, headers=KEY)
    assert meter.total == plain
    meter.reset()
    employer.post("/v1/interviews", another, headers=KEY)
    assert meter.total == 2, "the second read: whether the candidate of the response was erased meanwhile"


def test_the_key_with_another_request_is_refused(employer: Api, clock: StandingClock) -> None:
    """A client that reuses keys by mistake must be told, not get another request's response."""
    employer.post("/v1/interviews", booking(clock), headers=KEY)
    for path, body in (("/v1/interviews", booking(clock, "Ann Other")), ("/v1/candidates", {"name": "Ann"})):
        answer = employer.post(path, body, headers=KEY)
        assert (answer.status, answer.json["code"]) == (422, "idempotency_key_reused")


def test_a_key_is_the_api_keys_own(employer: Api, api: Api, clock: StandingClock) -> None:
    """Two employers, or two programs of one, may both count 1, 2, 3."""
    others = [api.new_employer(), employer.using(employer.post("/v1/keys", {"scopes": ["read", "write"]}).json["secret"])]
    made = [one.post("/v1/candidates", {"name": f"Ann {place}"}, headers=KEY) for place, one in enumerate([employer, *others])]
    assert [answer.status for answer in made] == [201, 201, 201] and len({answer.json["id"] for answer in made}) == 3


def test_a_key_holds_for_a_day(employer: Api, clock: StandingClock) -> None:
    """DynamoDB deletes expired items late."""
    first = employer.post("/v1/candidates", {"name": "Ann"}, headers=KEY)
    clock.advance(hours=23.9)
    assert employer.post("/v1/candidates", {"name": "Ann"}, headers=KEY).json == first.json
    clock.advance(hours=0.2)
    later = employer.post("/v1/candidates", {"name": "Ben"}, headers=KEY)
    assert later.status == 201 and later.json["id"] != first.json["id"]
    assert employer.post("/v1/candidates", {"name": "Ben"}, headers=KEY).json == later.json


def test_a_refusal_is_not_kept(employer: Api, clock: StandingClock) -> None:
    """It changed nothing: the corrected request may use the same key."""
    assert employer.post("/v1/candidates", {"name": ""}, headers=KEY).status == 422
    assert employer.post("/v1/candidates", {"name": "Ann"}, headers=KEY).status == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "two words", "ümlaut"])
def test_a_malformed_key_is_refused(employer: Api, api: Api, key: str) -> None:
    """401 comes first."""
    answer = employer.post("/v1/candidates", {"name": "Ann"}, headers={"Idempotency-Key": key})
    assert (answer.status, answer.json["code"]) == (400, "bad_idempotency_key")
    assert api.post("/v1/candidates", {"name": "Ann"}, headers={"Idempotency-Key": key}).status == 401


def test_a_secret_shown_once_is_shown_once_more_to_the_same_request_and_rests_unreadable(employer: Api, operator: Api) -> None:
    """A reader of the table learns neither keys nor names from stored responses."""
    first = employer.post("/v1/keys", {"scopes": ["read"]}, headers=KEY)
    again = employer.post("/v1/keys", {"scopes": ["read"]}, headers=KEY)
    assert first.json["secret"] == again.json["secret"] and employer.using(first.json["secret"]).get("/v1/employer").status == 200
    made = operator.post("/v1/employers", {"name": "Acme Planted", "timezone": "UTC"}, headers=KEY)
    assert operator.post("/v1/employers", {"name": "Acme Planted", "timezone": "UTC"}, headers=KEY).json == made.json
    kept = [item for item in Item.scan() if item.SK == "IDEM"]
    raw = " ".join(str(item.serialize()) for item in kept)
    assert len(kept) == 2 and first.json["secret"] not in raw and "Planted" not in raw and KEY["Idempotency-Key"] not in raw


def test_twenty_at_once_are_one_effect_and_one_answer(employer: Api, clock: StandingClock) -> None:
    """The first succeeds; the others wait for it and return the same."""
    body = booking(clock)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: employer.post("/v1/interviews", body, headers=KEY), range(20)))
    assert {answer.status for answer in answers} == {201} and len({str(answer.json) for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    application = answers[0].json["application_id"]
    path = f"/v1/applications/{application}/contacts"
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda _: employer.post(path, {"channel": "call", "outcome": "reached"}, headers={"Idempotency-Key": "b"}),
                range(20),
            )
        )
    assert {answer.status for answer in answers} == {201} and len({str(answer.json) for answer in answers}) == 1
    assert record_counts(employer) == (1, 1, 1) and len(employer.get(path).json["data"]) == 1


@pytest.mark.parametrize("arm", ["crash_before", "crash_after", "lose_response", "conflict"])
@pytest.mark.parametrize("operation", ["BatchGetItem", "Query", "TransactWriteItems"])
def test_after_any_fault_the_same_post_again_is_one_effect_and_one_response(
    employer: Api, clock: StandingClock, faults: Faults, operation: str, arm: str
) -> None:
    """A crash at each step, or a lost response: the client sends again until it gets one."""
    application = employer.post("/v1/interviews", booking(clock)).json["application_id"]
    path, told = f"/v1/applications/{application}/contacts", []
    if arm != "conflict" or operation == "TransactWriteItems":
        faults.conflict(times=2) if arm == "conflict" else getattr(faults, arm)(operation)
    for _ in range(3):
        try:
            told.append(employer.post(path, {"channel": "call", "outcome": "reached"}, headers=KEY))
        except Crash:
            continue
    good = [answer for answer in told if answer.status == 201]
    assert len(good) >= 2 and all(answer.status in (201, 503) for answer in told)
    assert len({str(answer.json) for answer in good}) == 1 and len(employer.get(path).json["data"]) == 1


def test_when_no_response_comes_the_record_tells_that_it_was_done(employer: Api, clock: StandingClock, faults: Faults) -> None:
    """Without a key the outcome is unknown (503); with one, the record tells."""
    faults.lose_response("TransactWriteItems", times=4)
    answer = employer.post("/v1/interviews", booking(clock), headers=KEY)
    assert answer.status == 201 and record_counts(employer) == (1, 1, 1)


def test_another_write_in_between_is_folded_in(employer: Api, clock: StandingClock, faults: Faults) -> None:
    """A transaction that was held back and is refused is made again, as it would be without a key."""
    application = employer.post("/v1/interviews", booking(clock)).json["application_id"]
    path = f"/v1/applications/{application}/contacts"
    faults.before("TransactWriteItems", lambda: employer.post(path, {"channel": "call", "outcome": "voicemail"}))
    answer = employer.post(path, {"channel": "call", "outcome": "reached"}, headers=KEY)
    assert answer.status == 201 and len(employer.get(path).json["data"]) == 2


def test_a_failed_condition_gets_the_same_response_with_a_key(operator: Api) -> None:
    """An API key for an unknown employer is refused with 422, not 409."""
    body = {"scopes": ["read"], "employer_id": "emp_01KT4A4MR0S1K0FS1KR9M52VB2"}
    assert operator.post("/v1/keys", body).status == operator.post("/v1/keys", body, headers=KEY).status == 422


def test_a_post_that_changes_nothing_keeps_its_answer(employer: Api, clock: StandingClock) -> None:
    """A report link is made once for a key, though it writes nothing."""
    links = [employer.post("/v1/report_links", {}, headers=KEY) for _ in range(2)]
    assert links[0].status == 201 and links[0].json == links[1].json


def test_a_view_that_reads_after_its_write_is_done_once_too(stack: Any, faults: Faults, clock: StandingClock) -> None:
    """Its effect is committed with the record; the response follows. A request in between is told to wait, or that it is lost."""
    request = Request("POST", "/v1/x", {}, {}, {"idempotency-key": "k"}, b"{}", clock(), "request")
    effect = IdempotencyItem("EFFECT", "IDEM", request_sha256="", attempt="", begun_at=clock())

    def view() -> Response:
        transaction = Transaction()
        transaction.create(effect)
        request.committer.commit(transaction)
        request.committer.flush()
        assert get("EFFECT", "IDEM")
        return Response(201, {"done": True})

    faults.crash_before("TransactWriteItems", after=1)
    with pytest.raises(Crash):
        once(slot_of(request), view)
    for minutes, code in ((0, "idempotency_in_flight"), (2, "idempotency_answer_lost")):
        request.now = clock() + timedelta(minutes=minutes)
        slot = slot_of(request)
        with pytest.raises(Conflict) as told:
            slot.replay(slot.read())
        assert told.value.code == code
    stack.table.client().delete_item(TableName=Item.Meta.table_name, Key={"PK": {"S": "EFFECT"}, "SK": {"S": "IDEM"}})
    request.headers = {"idempotency-key": "other"}
    first, slot = once(slot_of(request), view), slot_of(request)
    request.items = {slot.key: get(*slot.key)}
    assert first.body == once(slot, pytest.fail).body == {"done": True}


def test_a_record_lies_with_its_employer_and_the_operators_apart(employer: Api, api: Api, operator: Api) -> None:
    """A whole employer can be moved or deleted by its partitions; only the operator's records are outside them."""
    other = api.new_employer()
    for one in (employer, other):
        assert one.post("/v1/candidates", {"name": "Ann"}, headers=KEY).status == 201
    assert operator.post("/v1/employers", {"name": "Acme", "timezone": "UTC"}, headers=KEY).status == 201
    prefixes = sorted(item.PK.rpartition("#IDEM#")[0] for item in Item.scan() if item.SK == "IDEM")
    assert prefixes == sorted([f"EMP#{employer.employer_id}", f"EMP#{other.employer_id}", "OPERATOR"])


def test_two_api_keys_of_one_employer_may_send_the_same_key(employer: Api) -> None:
    """Two programs of one employer may count their requests alike: neither is told of the other's."""
    other = employer.using(employer.post("/v1/keys", {"scopes": ["read", "write"]}).json["secret"])
    made = [one.post("/v1/candidates", {"name": "Ann", "external_ids": []}, headers=KEY) for one in (employer, other)]
    assert [answer.status for answer in made] == [201, 201]
    assert all("Idempotency-Replayed" not in answer.headers for answer in made)


def test_a_post_of_many_effects_reads_each_after_the_one_before(api: Api, clock: StandingClock, stack: Any) -> None:
    """With a key as without: a transaction that is held back must not be written after the next one's reads."""

    def requests_of(headers: dict[str, str]) -> list[str]:
        employer = api.new_employer()
        bodies = [
            {
                "stage": "final",
                "start_at": clock.text(hours=-50),
                "end_at": clock.text(hours=-49),
                "application": {"job_title": "Welder", "candidate": {"name": name, "email": f"{name}@example.com"}},
            }
            for name in ("ann", "ben", "cleo")
        ]
        made = [employer.post("/v1/interviews", body).json["application_id"] for body in bodies]
        found: list[str] = []

        def note(request: Any, **_: Any) -> None:
            found.append(request.headers["X-Amz-Target"].decode().rpartition(".")[2])

        stack.table.client().meta.events.register("before-send.dynamodb", note)
        try:
            body = {"application_ids": made, "next_word_by": clock.text(days=3)}
            answer = employer.post("/v1/holding_notices", body, headers=headers)
        finally:
            stack.table.client().meta.events.unregister("before-send.dynamodb", note)
        assert [row["status"] for row in answer.json["data"]] == ["accepted"] * 3
        return found

    plain = requests_of({})
    reads = plain.index("TransactWriteItems") - 2  # authentication comes first; then the plan is recorded
    assert requests_of(KEY) == [*plain[:reads], "TransactWriteItems", *plain[reads:], "TransactWriteItems"]


@pytest.mark.parametrize(
    ("again", "same"),
    [
        (b'{"email": "sam@example.com", "name": "Sam"}', True),
        (b'{ "name":"Sam",\n "email":"sam@example.com" }', True),
        (b'{"name":"\\u0053am","email":"sam@example.com"}', True),
        (b'{"name":"Sam","email":"sam@example.com","timezone":null}', False),
        (b'{"name":"sam","email":"sam@example.com"}', False),
    ],
)
def test_a_key_compares_what_the_body_means(employer: Api, again: bytes, same: bool) -> None:
    """A client library may write the same object in another order or with other white space when it retries."""
    kind = {**KEY, "Content-Type": "application/json"}
    first = employer.post("/v1/candidates", b'{"name": "Sam", "email": "sam@example.com"}', headers=kind)
    second = employer.post("/v1/candidates", again, headers=kind)
    assert first.status == 201 and second.status == (201 if same else 422)
    assert (second.json == first.json) if same else (second.json["code"] == "idempotency_key_reused")


@pytest.mark.parametrize(("one", "other"), [(b'{"n": 1.0}', b'{"n": 1}'), (b"[1, [2.0]]", b"[1,[2]]")])
def test_the_same_number_may_be_written_in_two_ways(one: bytes, other: bytes) -> None:
    """JSON has one kind of number."""
    assert canonical_body(one) == canonical_body(other)
    assert canonical_body(b'{"n": 1}') != canonical_body(b'{"n": "1"}') != canonical_body(b'{"n": true}')
    assert canonical_body(b"name=Sam&b=1") == b"name=Sam&b=1"


def test_a_record_of_the_version_before_is_compared_by_its_bytes(employer: Api, clock: StandingClock) -> None:
    """During a rolling deployment the retry may reach the newer code."""
    body = booking(clock)
    first = employer.post("/v1/interviews", body, headers=KEY)
    older = Transaction()
    for item in Item.scan():
        if item.SK == "IDEM":
            older.update(item, [IdempotencyItem.meaning_sha256.remove()])
    older.commit()
    assert employer.post("/v1/interviews", body, headers=KEY).json == first.json


def test_many_notices_go_on_where_a_crash_ended_the_first_request(api: Api, clock: StandingClock, faults: Faults) -> None:
    """The client sends the same request again: the rest follows, and nobody beyond the first request's list."""
    employer = api.new_employer()

    def waiting(name: str) -> str:
        body = {
            "stage": "final",
            "start_at": clock.text(hours=-50),
            "end_at": clock.text(hours=-49),
            "application": {"job_title": "Welder", "candidate": {"name": name, "email": f"{name}@example.com"}},
        }
        return str(employer.post("/v1/interviews", body).json["application_id"])

    for name in ("ann", "ben", "cleo"):
        waiting(name)
    body = {"call_list": {"limit": 3}, "next_word_by": clock.text(days=3)}
    faults.crash_before("TransactWriteItems", after=2)
    with pytest.raises(Crash):
        employer.post("/v1/holding_notices", body, headers=KEY)
    waiting("dee")
    assert employer.post("/v1/holding_notices", body, headers=KEY).json["code"] == "idempotency_in_flight"
    clock.advance(minutes=2)
    again = employer.post("/v1/holding_notices", body, headers=KEY)
    assert [row["status"] for row in again.json["data"]] == ["accepted_before", "accepted", "accepted"]
    assert employer.post("/v1/holding_notices", body, headers=KEY).json == again.json
    assert len(employer.get("/v1/messages").json["data"]) == 3


def test_a_lost_answer_says_what_was_created(employer: Api, stack: Any, clock: StandingClock, faults: Faults) -> None:
    """The client has no other way on: it reads those records."""
    request = Request("POST", "/v1/x", {}, {}, {"idempotency-key": "k"}, b"{}", clock(), "request")

    def view() -> Response:
        transaction = Transaction()
        transaction.create(
            KeyItem("EMP#e", "KEY#k", id="key_1", employer_id="e", scopes=[], secret_sha256="-", created_at=clock())
        )
        request.committer.commit(transaction)
        request.committer.flush()
        return Response(201, {})

    faults.crash_before("TransactWriteItems", after=1)
    with pytest.raises(Crash):
        once(slot_of(request), view)
    request.now = clock() + timedelta(minutes=2)
    slot = slot_of(request)
    with pytest.raises(Conflict, match="created key_1"):
        slot.replay(slot.read())
