"""Every POST with one Idempotency-Key: repeated, twenty at once, interrupted at any write. One effect, one response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import app  # noqa: F401 - declares the routes
from chalicelib.api.route import ROUTES
from chalicelib.openapi.document import OPERATIONS
from chalicelib.storage.table import Item
from tests.engines import Answer, Crash, Faults
from tests.openapi.conftest import FILE, World

POSTS = [spec for spec in ROUTES if spec.method == "POST" and not spec.public and f"POST {spec.path}" in OPERATIONS]
PLANNED = {"/v1/holding_notices", "/v1/letters"}
"""These record a plan of their steps first."""
CLAIMED_FIRST = {"/v1/my/phone", "/v1/my/phone/confirm"}
"""These count before they write: the key's record comes first, so that a repeat counts nothing."""
BY_STEPS = {
    "/v1/imports",
    *PLANNED,
    "/v1/employer/addresses",
    "/v1/people",
    "/v1/people/{person_id}/invitation",
    *CLAIMED_FIRST,
    "/v1/my/interviews/ics",
}
"""These write more than one transaction, or send a mail in between. A concurrent request is told to wait; after a crash,
that the response is lost."""
UNSURE = ("idempotency_in_flight", "idempotency_answer_lost")
CUTS = [
    (spec, arm, step)
    for spec in POSTS
    for arm in ("crash_before", "crash_after", "lose_response")
    for step in range(2 if spec.path in BY_STEPS else 1)
]
of_every_post = pytest.mark.parametrize("spec", POSTS, ids=lambda spec: spec.path)


class Asking:
    """Posts one operation's example."""

    def __init__(self, world: World, spec: Any) -> None:
        operation = OPERATIONS[f"POST {spec.path}"]
        self._asks = world.asks(spec)
        self._path = world.path("POST", spec.path)
        self._body = world.body(f"POST {spec.path}") or (FILE if operation.takes_file else None)
        self._headers = {"Content-Type": operation.takes_file[0]} if operation.takes_file else {}

    def __call__(self, key: str | None) -> Answer:
        named = {"Idempotency-Key": key} if key else {}
        return self._asks.post(self._path, self._body, headers={**self._headers, **named})


def kinds() -> Counter[str]:
    """Counts the items of each kind in the table, without those of idempotency keys."""
    found = Counter(item.SK.partition("#")[0] for item in Item.scan())
    found.pop("IDEM", None)
    return found


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, str(answer.json)


@of_every_post
def test_a_repeated_post_gets_the_same_response_and_writes_nothing(world: World, spec: Any) -> None:
    """A client that is in doubt sends the request again."""
    ask = Asking(world, spec)
    first = ask("once")
    assert first.status in (200, 201, 202), first
    before = {(item.PK, item.SK): str(item.serialize()) for item in Item.scan()}
    again = ask("once")
    assert told(again) == told(first) and again.headers["Idempotency-Replayed"] == "true"
    assert {(item.PK, item.SK): str(item.serialize()) for item in Item.scan()} == before


EFFECTS: dict[str, Counter[str]] = {}


def effect_of_one(new_world: Callable[[], World], spec: Any) -> Counter[str]:
    """Returns how many items of each kind one post makes."""
    if spec.path not in EFFECTS:
        ask, before = Asking(new_world(), spec), kinds()
        assert ask("alone").status in (200, 201, 202)
        EFFECTS[spec.path] = kinds() - before
    return EFFECTS[spec.path]


@of_every_post
def test_twenty_concurrent_posts_have_one_effect_and_one_response(new_world: Callable[[], World], spec: Any) -> None:
    """Twenty posts leave the items of one."""
    one = effect_of_one(new_world, spec)
    ask, before = Asking(new_world(), spec), kinds()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: ask("crowd"), range(20)))
    done = [answer for answer in answers if answer.status < 300]
    waiting = [answer for answer in answers if answer not in done]
    assert done and len({told(answer) for answer in done}) == 1
    assert all(answer.json["code"] == "idempotency_in_flight" for answer in waiting), waiting
    assert not waiting or spec.path in BY_STEPS
    assert kinds() - before == one


@pytest.mark.parametrize(("spec", "arm", "step"), CUTS, ids=[f"{spec.path} {arm} {step}" for spec, arm, step in CUTS])
def test_a_post_interrupted_at_a_write_is_done_once_when_repeated(
    new_world: Callable[[], World], faults: Faults, spec: Any, arm: str, step: int
) -> None:
    """The process may die just before or just after the write."""
    one = effect_of_one(new_world, spec)
    ask, before = Asking(new_world(), spec), kinds()
    getattr(faults, arm)("TransactWriteItems", after=step)
    answers = []
    for _ in range(3):
        try:
            answers.append(ask("cut-off"))
        except Crash:
            continue
    faults.clear()
    good = [answer for answer in answers if answer.status < 300]
    others = [answer for answer in answers if answer not in good]
    assert len({told(answer) for answer in good}) <= 1
    assert all(answer.status == 503 or answer.json["code"] in UNSURE for answer in others), others
    assert good or spec.path in BY_STEPS
    assert kinds() - before == one if good else kinds() - before <= one


def operations_of(client: Any, send: Callable[[], Answer]) -> list[str]:
    """The requests to DynamoDB that a post makes, in order."""
    found: list[str] = []

    def note(request: Any, **_: Any) -> None:
        found.append(request.headers["X-Amz-Target"].decode().rpartition(".")[2])

    client.meta.events.register("before-send.dynamodb", note)
    try:
        answer = send()
    finally:
        client.meta.events.unregister("before-send.dynamodb", note)
    assert answer.status in (200, 201, 202), answer
    return found


@of_every_post
def test_a_key_moves_no_read_before_a_write(new_world: Callable[[], World], stack: Any, spec: Any) -> None:
    """What a view reads after its write must show the write, also where the write is held back for the key's record.

    The key may add one write, the last: that of the response. The operator's key, which needs no read, adds the record's.
    A request with a plan of several steps records the plan before its first step.
    """
    client = stack.table.client()
    plain = Asking(new_world(), spec)
    without = operations_of(client, lambda: plain(None))
    keyed = Asking(new_world(), spec)
    with_key = operations_of(client, lambda: keyed("once"))
    record = ["BatchGetItem"] if spec.operator and not spec.scope else []
    if spec.path in PLANNED | CLAIMED_FIRST:
        with_key.remove("TransactWriteItems")  # the plan, or the record
    assert with_key in ([*record, *without], [*record, *without, "TransactWriteItems"])
