"""Writes many waits into the table as the application code would: items, indexes and tally.

Thousands of waits through the API take minutes; tests of bounds and benchmarks need them in seconds.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from chalicelib.applications import moments
from chalicelib.applications.candidates.items import CandidateItem, NameItem
from chalicelib.applications.candidates.name_index import entry_key
from chalicelib.applications.items import ApplicationItem, WaitItem
from chalicelib.applications.tally_items import add
from chalicelib.applications.wait_items import waiting_at, waiting_key
from chalicelib.rules import tally as rules
from chalicelib.rules.model import STAGES, Stage, Wait
from chalicelib.rules.name_search import indexed_words, words_of
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Transaction, stored_instant

WRITERS = 4


@dataclass(frozen=True)
class Load:
    """One application with one wait."""

    application_id: str
    wait: Wait
    reachable: bool = True
    decided: str | None = None


def random_loads(
    count: int,
    as_of: datetime,
    *,
    seed: int = 0,
    days: int = 90,
    answered: float = 0.0,
    unreachable: float = 0.0,
    rejected: float = 0.0,
    to_the_hour: bool = False,
) -> Iterator[Load]:
    """Yields waits with `word_due_at` spread evenly over `days` days before `as_of` and five after it."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    for _ in range(count):
        due = as_of + timedelta(seconds=chance.randint(-days * 86400, 5 * 86400))
        due = due.replace(minute=0, second=0, microsecond=0) if to_the_hour else due
        yield a_load(
            due,
            chance,
            answered=chance.random() < answered,
            reachable=chance.random() >= unreachable,
            decided="rejected" if chance.random() < rejected else None,
        )


def a_load(
    due: datetime,
    chance: random.Random | None = None,
    *,
    stage: Stage | None = None,
    answered: bool = False,
    reachable: bool = True,
    decided: str | None = None,
    since: datetime | None = None,
) -> Load:
    """Returns a wait due at `due` that began 48 hours before. An answered one was answered within three weeks of that."""
    chance = chance or random.Random()  # noqa: S311
    since = since or due - timedelta(hours=48)
    application_id = ids.new_id("app", since)
    answered_at = since + timedelta(seconds=chance.randint(0, 21 * 86400)) if answered else None
    if stage is None:
        drawn: Stage = chance.choice(STAGES)
        stage = drawn
    wait = Wait(
        cause=ids.case_id("int", application_id, since, set()),
        stage=stage,
        since=since,
        word_due_at=due,
        state="answered" if answered else "open",
        answered_at=answered_at,
        answered_by="contact" if answered else None,
    )
    return Load(application_id, wait, reachable, None if answered else decided)


def load(employer_id: str, loads: Iterable[Load]) -> list[Load]:
    """Writes applications, waits and the tally; returns what it wrote."""
    written = list(loads)
    items = (item for one in written for item in items_of(employer_id, one))
    with ThreadPoolExecutor(WRITERS) as writers:
        for _ in writers.map(_put, _batches(items, 25)):
            pass
    counted = rules.tally((one.wait, one.reachable) for one in written)
    for days in _batches(iter(counted.items()), table.TRANSACTION_MOST // 2):
        transaction = Transaction()
        add(transaction, employer_id, dict(days))
        transaction.commit()
    return written


def items_of(employer_id: str, one: Load) -> tuple[ApplicationItem, WaitItem]:
    """Returns the application and its wait as the table holds them."""
    wait, pk = one.wait, keys.case_pk(employer_id, one.application_id)
    number = 100 + zlib.crc32(one.application_id.encode()) % 100
    application = ApplicationItem(
        pk,
        "APP",
        id=one.application_id,
        employer_id=employer_id,
        candidate_id=one.application_id.replace("app_", "cand_"),
        job_title="Machinist",
        external_ids=[],
        status="active",
        decided=one.decided,
        decided_at=wait.since if one.decided else None,
        created_at=wait.since,
        updated_at=wait.since,
        version=1,
        revision=1,
        name=f"Candidate {one.application_id[-6:]}",
        email="candidate@example.com" if one.reachable else None,
        phone=f"+1202555{number:04}" if one.reachable else None,
        wait_state=wait.state,
        wait_cause=wait.cause,
        wait_stage=wait.stage,
        wait_since=wait.since,
        word_due_at=wait.word_due_at,
        answered_at=wait.answered_at,
        answered_by=wait.answered_by,
        nudges={},
        list_key=keys.list_key(employer_id, "APP"),
        list_at=one.application_id,
    )
    is_open = wait.state == "open"
    waiting = WaitItem(
        pk,
        f"WAIT#{wait.cause}",
        application_id=one.application_id,
        cause=wait.cause,
        stage=wait.stage,
        since=wait.since,
        word_due_at=wait.word_due_at,
        state=wait.state,
        reachable=one.reachable,
        answered_at=wait.answered_at,
        answered_by=wait.answered_by,
        decided=one.decided,
        waiting_key=waiting_key(employer_id, wait, reachable=one.reachable),
        waiting_at=waiting_at(wait, one.application_id),
        due_shard=moments.shard_of(employer_id) if is_open else None,
        due_at=f"{stored_instant(wait.word_due_at)}#{one.application_id}#d" if is_open else None,
    )
    return application, waiting


def load_people(employer_id: str, now: datetime, count: int) -> None:
    """Writes candidates with an application each, found by their names: "Sam Sample", "Ann Sample", ..."""
    people = (item for number in range(count) for item in _person(employer_id, now + timedelta(milliseconds=number), number))
    with ThreadPoolExecutor(WRITERS) as writers:
        for _ in writers.map(_put, _batches(people, 25)):
            pass


def _person(employer_id: str, at: datetime, number: int) -> Iterator[Item]:
    application, _ = items_of(employer_id, a_load(at))
    return person_of(employer_id, application, at, number)


def person_of(employer_id: str, application: ApplicationItem, at: datetime, number: int) -> Iterator[Item]:
    """Yields an application, and its candidate with the entries by which the name is found."""
    candidate_id, name = ids.new_id("cand", at), f"{('Sam', 'Ann', 'Zoë')[number % 3]} Sample{number:06}"
    application.candidate_id, application.name = candidate_id, name
    candidate = CandidateItem(
        keys.candidate_pk(employer_id, candidate_id),
        "CAND",
        id=candidate_id,
        employer_id=employer_id,
        name=name,
        external_ids=[],
        applications=[application.id],
        created_at=at,
        updated_at=at,
        revision=1,
        list_key=keys.list_key(employer_id, "CAND"),
        list_at=candidate_id,
    )
    words = words_of(name)
    for word in indexed_words(words):
        yield NameItem(*entry_key(employer_id, word, candidate_id), name=" ".join(words), applications=[application.id])
    yield from (candidate, application)


def _put(items: list[Item]) -> None:
    requests: list[dict[str, Any]] = [{"PutRequest": {"Item": item.get_save_kwargs_from_instance()["Item"]}} for item in items]
    while requests:
        answer = table.client().batch_write_item(RequestItems={Item.Meta.table_name: requests})
        requests = answer.get("UnprocessedItems", {}).get(Item.Meta.table_name, [])


def _batches(things: Iterator[Any], of: int) -> Iterator[list[Any]]:
    while batch := list(islice(things, of)):
        yield batch
