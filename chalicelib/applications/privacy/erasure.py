"""Erases a candidate: the record, applications, messages, notes and unique keys. What is kept names nobody.

* Waits and messages are kept without the person, so that counts stay true. An open wait is dropped from the tally.
* Opt-outs are kept: they are keyed hashes, and without one we would write to somebody who said STOP.
* Where the employer follows a statute, the evidence is kept for the statute's time; the response says so.

The record is deleted first, with its unique keys: from then on nobody finds the person. Its applications follow, one
transaction each. An item in the due index lists those that are left, so that the queue finishes an interrupted
erasure. Idempotent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications import change_feed, unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates import name_index
from chalicelib.applications.candidates.fill import all_keys
from chalicelib.applications.candidates.identity import input_of
from chalicelib.applications.candidates.items import CandidateItem, JobItem, MatchItem
from chalicelib.applications.law import evidence
from chalicelib.applications.privacy.elsewhere import Person, forgetters
from chalicelib.applications.privacy.items import ErasureItem, StubItem, erasure_key
from chalicelib.applications.privacy.raw_items import (
    AT_ONCE,
    addresses_in,
    delete_all,
    forget_parked,
    in_partition,
    strip_messages,
)
from chalicelib.applications.unit_of_work import UnitOfWork, retry_on_conflict
from chalicelib.auth import audit_log
from chalicelib.auth.audit_log import NOBODY, About, Origin
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import NotFound
from chalicelib.rules.employer import Employer
from chalicelib.storage import ids, keys, table
from chalicelib.storage.feed import Change
from chalicelib.storage.outbox import emit
from chalicelib.storage.table import Item, Transaction, stored_instant

FINISHED_WITHIN = timedelta(minutes=2)
"""After this time the queue takes over what a request began."""
Json = dict[str, Any]


def erase(
    employer: Employer,
    candidate_id: str,
    now: datetime,
    check: Callable[[CandidateItem], None],
    *,
    cause: str = "asked",
    origin: Origin = NOBODY,
) -> ErasureItem:
    """Erases a candidate. Idempotent. `check` sees the record, and raises for a stale If-Match. Raises NotFound."""
    item = retry_on_conflict(lambda: _begin(employer, candidate_id, now, check, cause, origin))
    return _finish(employer, item, now)


def resume(item: Item, now: datetime) -> None:
    """Finishes an interrupted erasure, for the queue."""
    erasure = table.get(*item.key)
    if not isinstance(erasure, ErasureItem) or erasure.due_at is None or erasure.due_at > stored_instant(now):
        return
    owner = table.get(keys.employer_pk(erasure.employer_id), "EMP")
    if isinstance(owner, EmployerItem):
        _finish(employer_of(owner), erasure, now)


def _begin(
    employer: Employer, candidate_id: str, now: datetime, check: Callable[[CandidateItem], None], cause: str, origin: Origin
) -> ErasureItem:
    key = (keys.candidate_pk(employer.id, candidate_id), "CAND")
    items = table.get_many([key, erasure_key(employer.id, candidate_id)])
    known, candidate = items.get(erasure_key(employer.id, candidate_id)), items.get(key)
    if isinstance(known, ErasureItem):
        return known
    if not isinstance(candidate, CandidateItem):
        raise NotFound
    check(candidate)
    person = person_of(employer.id, candidate)
    for forget in forgetters():
        forget(employer, person)
    if cause == "asked":
        forget_parked(lambda: _all_addresses(employer.id, candidate), now)
    return _delete_record(employer, candidate, person, now, cause, origin)


def _all_addresses(employer_id: str, candidate: CandidateItem) -> set[str]:
    """The person's addresses, and those that messages about them went to or came from before the record named these."""
    cases = (in_partition(keys.case_pk(employer_id, one)) for one in candidate.applications)
    former = {address for raws in cases for address in addresses_in(raws)}
    return former | {address for address in (candidate.email, candidate.phone) if address}


def person_of(employer_id: str, candidate: CandidateItem) -> Person:
    texts = (candidate.name, candidate.email, candidate.phone, *(e["id"] for e in candidate.external_ids))
    match_keys = tuple(all_keys(employer_id, input_of(candidate.attribute_values)))
    elsewhere = tuple((one["system"], one["id"]) for one in candidate.external_ids)
    return Person(
        candidate.id,
        tuple(text for text in texts if text),
        match_keys,
        tuple(candidate.applications),
        candidate.name,
        candidate.email,
        candidate.phone,
        elsewhere,
    )


def _delete_record(
    employer: Employer, candidate: CandidateItem, person: Person, now: datetime, cause: str, origin: Origin
) -> ErasureItem:
    """Deletes the record and its unique keys, and lists what is left on an item in the due index."""
    held = table.get_many(person.keys)
    item = ErasureItem(
        *erasure_key(employer.id, candidate.id),
        id=candidate.id,
        employer_id=employer.id,
        cause=cause,
        erased=[],
        applications=list(candidate.applications),
        begun_at=now,
        due_shard=ids.due_shard(candidate.id),
        due_at=stored_instant(now + FINISHED_WITHIN),
        list_key=keys.list_key(employer.id, "ERASURE"),
        list_at=stored_instant(now) + candidate.id,
    )
    transaction = Transaction()
    transaction.create(item)
    transaction.delete(candidate, CandidateItem.revision == candidate.revision)
    name_index.leave(transaction, candidate)
    own = [key for key in person.keys if candidate.id in unique_keys.record_ids(held.get(key))]
    free = AT_ONCE - len(transaction)
    delete_all(own[free:])  # more than one transaction holds: first, so that no key outlives its record
    for key in own[:free]:
        unique_keys.leave(transaction, key, held.get(key), candidate.id)
    audit_log.note(transaction, employer.id, "erasure", origin, now, about=About("candidate", candidate.id))
    transaction.tell(Change(employer.id, "candidate", candidate.id, None, now, ("candidate.erased",), deleted=True))
    if employer.webhooks:
        emit(transaction, employer.id, "candidate.erased", {"candidate_id": candidate.id}, now)
    transaction.commit()
    return item


def _finish(employer: Employer, item: ErasureItem, now: datetime) -> ErasureItem:
    for application_id in list(item.applications):
        kept = retry_on_conflict(lambda one=application_id: _erase_case(employer, one, now))  # type: ignore[misc]
        _store_progress(item, application_id, kept)
    if item.finished_at is None:
        delete_all((raw["PK"]["S"], raw["SK"]["S"]) for raw in in_partition(item.PK) if raw["SK"]["S"] != "ERASURE")
        item.finished_at = now
        transaction = Transaction()
        transaction.update(
            ErasureItem(*item.key),
            [ErasureItem.finished_at.set(now), ErasureItem.due_at.remove(), ErasureItem.due_shard.remove()],
        )
        transaction.commit()
    return item


def erase_application(employer: Employer, application_id: str, now: datetime) -> None:
    """Erases one application with its facts, of a person who goes on. Idempotent."""
    retry_on_conflict(lambda: _erase_case(employer, application_id, now))


def _store_progress(item: ErasureItem, application_id: str, kept: Json) -> None:
    """Stores what was kept of one application. Two workers on the same erasure store the same."""
    item.applications = [one for one in item.applications if one != application_id]
    item.erased = [*(one for one in item.erased if one["application_id"] != application_id), kept]
    transaction = Transaction()
    transaction.update(
        ErasureItem(*item.key), [ErasureItem.applications.set(item.applications), ErasureItem.erased.set(item.erased)]
    )
    transaction.commit()


def _erase_case(employer: Employer, application_id: str, now: datetime) -> Json:
    """Erases one application: its open wait leaves the tally in the transaction that deletes it. Its facts follow."""
    pk = keys.case_pk(employer.id, application_id)
    case = ApplicationCase.read(employer.id, application_id)
    while case is not None and employer.policy.jurisdiction and evidence.is_behind(case):
        unit = UnitOfWork(employer, now)
        unit.save(case)
        unit.commit()
        case = ApplicationCase.read(employer.id, application_id)
    if case is not None:
        _delete_application(employer, case, now)
    raws = in_partition(pk)
    messages = strip_messages(raws, now)
    waits = sum(raw["SK"]["S"].startswith("WAIT#") for raw in raws)
    delete_all((pk, sk) for raw in raws if (sk := raw["SK"]["S"]).partition("#")[0] not in ("WAIT", "MSG", "STUB"))
    return {"application_id": application_id, "waits": waits, "messages": messages, "held": _held(employer, application_id)}


def _delete_application(employer: Employer, case: ApplicationCase, now: datetime) -> None:
    application, unit = case.application, UnitOfWork(employer, now)
    transaction = unit.transaction
    change = unit.end(case)
    replies = [raw["SK"]["S"].partition("#")[2] for raw in in_partition(application.PK) if raw["SK"]["S"].startswith("REPLY#")]
    change_feed.tell_erased(change, transaction, replies, now)
    transaction.delete(application, type(application).version == application.version)
    transaction.put(
        StubItem(
            application.PK,
            "STUB",
            application_id=application.id,
            list_key=keys.list_key(employer.id, "APP"),
            list_at=application.id,
        )
    )
    match_keys = unique_keys.application_keys(employer.id, application.external_ids)
    for interview in case.interviews.values():
        match_keys += unique_keys.interview_keys(employer.id, interview.external_ids or ())
    records = {application.id, *case.interviews}
    jobs = unique_keys.job_keys(
        employer.id, application.candidate_id, unique_keys.job_name(application.job_title, application.company)
    )
    found = table.get_many([*match_keys, *jobs])
    own = [key for key in match_keys if isinstance(item := found.get(key), MatchItem) and item.record_id in records]
    free = max(0, AT_ONCE - unit.size)
    delete_all(own[free:])
    unique_keys.release(transaction, own[:free])
    for job in jobs:
        if isinstance(found.get(job), JobItem):
            transaction.delete(JobItem(*job))
    unit.commit()


def _held(employer: Employer, application_id: str) -> Json | None:
    """What a law requires to keep of an application: its evidence, which holds no name, address or text."""
    entries = evidence.read(employer.id, application_id)
    if not entries:
        return None
    until = max((int(entry.expires_at) for entry in entries if entry.expires_at), default=None)
    return {
        "what": "evidence",
        "why": "proof of what was told and when, as the statutes that the employer watches ask for",
        "jurisdiction": employer.policy.jurisdiction,
        "entries": len(entries),
        "head": entries[-1].hash,
        "kept_until": instant(datetime.fromtimestamp(until, UTC)) if until else None,
        "at": f"/v1/applications/{application_id}/evidence",
    }
