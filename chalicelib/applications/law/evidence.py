"""The evidence of an application: what happened and what was told, as a chain of entries.

It is append-only, and each entry holds the hash of the previous one. It is written in the transaction of the change,
and holds only what a duty needs: no name, no address, no text; of a notice its hash. It is kept for the time that the
jurisdiction asks for, in a partition of its own, which erasing a candidate leaves alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from chalicelib.api.json_text import exact_instant as instant
from chalicelib.applications.aggregate import ApplicationCase, CaseChange
from chalicelib.applications.items import ApplicationItem, ContactItem, InterviewItem, StatementItem
from chalicelib.applications.law.items import EvidenceItem
from chalicelib.rules.employer import Employer
from chalicelib.rules.statutes.data import STATUTES
from chalicelib.storage import ids, table
from chalicelib.storage.table import Item, Transaction

AT_LEAST_AFTER_OPENING = timedelta(days=366)
"""Added to what the law asks, from the application's creation, so that all its entries expire on one day. A chain without
its beginning looks like one that somebody has cut."""
MAX_OPERATIONS = 40
"""A write of fewer items than this is filled up with older facts: a transaction holds a hundred."""
FIRST = "0" * 64
"""The previous hash of the first entry."""
Json = dict[str, Any]


def evidence_pk(employer_id: str, any_case_id: str) -> str:
    return f"EMP#{employer_id}#EVIDENCE#{ids.tail(any_case_id)}"


def record_change(change: CaseChange, transaction: Transaction, employer: Employer, now: datetime) -> None:
    """Appends an entry for each fact that the change adds or alters, and for documents asked for or returned."""
    facts: list[Item] = [*change.after.facts]
    changed = [fact for fact in facts if table.changes(fact, change.before.attributes_of(fact) or {})]
    if change.has_changed("documents_asked_on", "documents_returned_on"):
        changed.append(change.after.application)
    _record(change.after, changed, transaction, employer, now)


def record_missing(case: ApplicationCase, transaction: Transaction, employer: Employer, now: datetime) -> None:
    """Appends entries for the facts that the evidence lacks, as many as fit into the write."""
    _record(case, [], transaction, employer, now)


def _record(case: ApplicationCase, changed: Iterable[Item], transaction: Transaction, employer: Employer, now: datetime) -> None:
    """Appends an entry for each changed fact, and for facts from before the evidence began.

    Of these as many as fit into the write: the others follow with the next writes.
    """
    application = case.application
    number, before = int(application.evidence_count or 0), application.evidence_hash or FIRST
    kept_until = max(now, application.created_at + AT_LEAST_AFTER_OPENING) + _kept_for(employer)
    for fact in _facts_to_enter(case, list(changed), max(0, MAX_OPERATIONS - len(transaction))):
        number += 1
        entry = {"number": number, "recorded_at": instant(now), **_entry_of(fact), "previous": before}
        before = hash_of(entry)
        transaction.create(
            EvidenceItem(
                evidence_pk(employer.id, application.id),
                f"EV#{number:06d}",
                application_id=application.id,
                number=number,
                entry=entry,
                hash=before,
                expires_at=int(kept_until.timestamp()),
            )
        )
    application.evidence_count, application.evidence_hash = number or None, before if number else None


def _facts_to_enter(case: ApplicationCase, changed: list[Item], limit: int) -> list[Item]:
    """Chooses the facts that this write enters. Those left out are noted on the application."""
    application, news = case.application, {fact.key for fact in changed}
    owed = _missing(case)
    older = [fact for fact in case.facts if fact.SK in owed and fact.key not in news]
    application.evidence_owed = [fact.SK for fact in older[limit:]] or None
    entered = news | {fact.key for fact in older[:limit]}
    return [fact for fact in (*case.facts, application) if fact.key in entered]


def _missing(case: ApplicationCase) -> set[str]:
    """SKs of the facts that the evidence lacks: all of them before its first entry."""
    begun = case.application.evidence_count or case.application.evidence_owed
    return set(case.application.evidence_owed or ()) if begun else {fact.SK for fact in case.facts}


def is_behind(case: ApplicationCase) -> bool:
    """Whether the evidence lacks more facts than one write may enter."""
    return len(_missing(case)) > MAX_OPERATIONS // 2


def _kept_for(employer: Employer) -> timedelta:
    """The longest time that a statute of the jurisdiction asks for, in years of 366 days: never a day short."""
    years = [statute.keep_years for statute in STATUTES if statute.jurisdiction == employer.policy.jurisdiction]
    return timedelta(days=366 * max(years, default=3))


def hash_of(entry: Json) -> str:
    """Computes the SHA-256 of the entry as canonical JSON."""
    return sha256(json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def _entry_of(fact: Item) -> Json:
    match fact:
        case InterviewItem():
            return _interview_entry(fact)
        case ContactItem():
            return _contact_entry(fact)
        case StatementItem():
            return _statement_entry(fact)
        case ApplicationItem():
            return _documents_entry(fact)
    raise TypeError(f"{type(fact).__name__} is not a fact")


def _interview_entry(item: InterviewItem) -> Json:
    return {
        "what": "interview",
        "id": item.id,
        "stage": item.stage,
        "status": item.status,
        "start_at": instant(item.start_at),
        "end_at": instant(item.end_at),
    }


def _contact_entry(item: ContactItem) -> Json:
    text, names = item.notice_text, item.notice_names or []
    notice = {"names": names, "sha256": sha256(text.encode()).hexdigest() if text else None} if text or names else None
    return {
        "what": "contact",
        "id": item.id,
        "channel": item.channel,
        "outcome": item.outcome,
        "decision": item.decision,
        "occurred_at": instant(item.occurred_at),
        "next_word_by": instant(item.next_word_by),
        "voided_at": instant(item.voided_at),
        "disputed": bool(item.disputed),
        "notice": notice,
    }


def _statement_entry(item: StatementItem) -> Json:
    return {
        "what": "statement",
        "id": item.id,
        "heard": bool(item.heard),
        "decision": item.decision,
        "at": instant(item.at),
    }


def _documents_entry(item: ApplicationItem) -> Json:
    return {
        "what": "documents",
        "id": item.id,
        "asked_on": item.documents_asked_on,
        "returned_on": item.documents_returned_on,
    }


def read(employer_id: str, any_case_id: str) -> list[EvidenceItem]:
    """Reads all entries of an application, oldest first. The application may have been erased."""
    return [item for item in table.query(evidence_pk(employer_id, any_case_id), "EV#") if isinstance(item, EvidenceItem)]


def broken_at(items: Sequence[EvidenceItem], head: str | None = None) -> int | None:
    """Finds the first entry that was changed or is missing; None where the chain is intact.

    `head` is the last hash, which shows entries missing at the end.
    """
    before = FIRST
    for number, item in enumerate(items, 1):
        if item.entry.get("number") != number or item.entry.get("previous") != before or hash_of(item.entry) != item.hash:
            return number
        before = item.hash
    return len(items) + 1 if head is not None and head != before else None
