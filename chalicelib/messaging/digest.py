"""The employer's digest and its escalation: who should have heard by now, who is next, who is rejected and not told.

Its state is an item of its own in the due index, which moves to its next instant in the same transaction
that bears the mails. Nothing to say: nothing sent, next one scheduled.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.applications import digest_schedule
from chalicelib.applications.candidates import keep_in_mind
from chalicelib.applications.digest_schedule import DigestItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.duties import falling_due, next_due_on
from chalicelib.config import settings
from chalicelib.holidays import holiday_check
from chalicelib.messaging import gate, opt_outs
from chalicelib.messaging.messages import MessageItem, new_digest
from chalicelib.messaging.plans import Draft, Plan, ended
from chalicelib.rules.copy import digest as digest_copy
from chalicelib.rules.copy.digest import DigestRow, KeepInMindRow, StatuteRow
from chalicelib.rules.model import STAGES, Employer, Message, Stage, is_overdue
from chalicelib.rules.reminders import next_step
from chalicelib.rules.risk import ranking
from chalicelib.storage import keys, sms_spend, table
from chalicelib.storage.table import Transaction, read_instant, stored_instant

SHOWN_MOST = 50
HEAD_START = timedelta(hours=24)
ONE_DAY = timedelta(days=1)
STALE_AFTER = timedelta(hours=12)
"""A digest that is half a day late gives way to the next one."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the waiting index: enough to count and to rank."""

    application_id: str
    stage: Stage
    reachable: bool
    word_due_at: datetime
    since: datetime
    decided: str | None


@dataclass(frozen=True)
class Sections:
    """What a digest tells. `totals` also count whom the lists leave out."""

    overdue: list[DigestRow]
    soon: list[DigestRow]
    not_told: list[DigestRow]
    totals: tuple[int, int, int]


@dataclass(frozen=True)
class Move:
    """The digest's state goes on to its next instant, if nobody has moved it since it was read."""

    item: DigestItem
    employer: Employer
    planned: datetime | None
    now: datetime

    def into(self, transaction: Transaction) -> None:
        digest_schedule.move(transaction, self.item, self.employer, self.planned, DigestItem.sent_at.set(self.now))


def plan(item: DigestItem, employer: Employer, now: datetime) -> Plan | None:
    """The mails of one instant, and the next instant; None where it is not due (any more)."""
    if item.due_at is None or item.due_at > stored_instant(now):
        return None
    planned_at = read_instant(item.due_at)
    in_time = now < planned_at + STALE_AFTER
    # after an outage this morning's digest may still be worth reading, when yesterday's is not
    move = Move(
        item, employer, digest_schedule.next_planned(employer, now if in_time else max(planned_at, now - STALE_AFTER)), now
    )
    since = item.sent_at or planned_at - ONE_DAY
    mails = [] if employer.suspended else list(_mails(employer, planned_at, now, since))
    if in_time:
        reasons = {mail.item.id: gate.block_reason(employer, "email", mail.item.to) for mail in mails}
        blocked = tuple(_unsent(mail, "suppressed", reason, now) for mail in mails if (reason := reasons[mail.item.id]))
        allowed = tuple(mail for mail in mails if not reasons[mail.item.id])
        return Plan(item.key, "sending" if mails else "deferred", (move,), blocked, allowed)
    return Plan(item.key, "expired", (move,), tuple(_unsent(mail, "expired", "too late", now) for mail in mails))


def _unsent(mail: Draft, status: str, reason: str, now: datetime) -> MessageItem:
    """The message of a mail that does not go out, with why."""
    mail.item.status, mail.item.reason, mail.item.attempts, mail.item.settled_at = status, reason, 0, now
    return mail.item


def of_retry(item: MessageItem, employer: Employer, now: datetime) -> Plan | None:
    """Another attempt at a digest that was provably refused: written anew, to those who still want it."""
    if item.status != "retrying":
        return None
    if employer.suspended or (item.step, item.to) not in _recipients(employer):
        return ended(item, now, "cancelled", "not wanted any more")
    if reason := gate.block_reason(employer, "email", item.to):
        return ended(item, now, "suppressed", reason)
    if now >= item.last_try_before:
        return ended(item, now, "expired", "refused until it was too late")
    message = _Writer(employer, now, item.created_at - ONE_DAY).message(item.step, item.to)
    if message is None:
        return ended(item, now, "cancelled", "nothing left to tell")
    return Plan(item.key, "sending", drafts=(Draft(item, message, (("email", item.to),), again=True),))


def _recipients(employer: Employer) -> list[tuple[str, str]]:
    """(step, address), each once."""
    both = [("digest", to) for to in employer.digest_to] + [("escalation", to) for to in employer.policy.escalate_to]
    return list(dict.fromkeys(both))


def _mails(employer: Employer, planned_at: datetime, now: datetime, since: datetime) -> Iterable[Draft]:
    writer = _Writer(employer, now, since)
    for step, to in _recipients(employer):
        message = writer.message(step, to)
        if message is not None:
            item = new_digest(employer.id, step=step, to=to, planned_at=planned_at, not_after=planned_at + STALE_AFTER, now=now)
            yield Draft(item, message, (("email", to),))


class _Writer:
    """Writes the digests of one employer at one instant; reads who waits once, and only when it must."""

    def __init__(self, employer: Employer, now: datetime, since: datetime) -> None:
        self._employer = employer
        self._now = now
        self._since = since
        self._by_law: list[StatuteRow] | None = None
        self._kept: list[KeepInMindRow] | None = None
        self._is_holiday = holiday_check(employer.policy.holidays)
        self._waiting: list[Waiting] | None = None
        self._told: dict[str, Sections] = {}
        self._cap_reached: bool | None = None

    def message(self, step: str, to: str) -> Message | None:
        """The mail of one step to one address; None where there is nothing to say."""
        sections = self._told.get(step) or self._told.setdefault(step, self._sections(step))
        by_law = self._falling_due() if step == "digest" else []
        kept = self._kept_in_mind() if step == "digest" else []
        if not any(sections.totals) and not by_law and not kept:
            return None
        call_back = self._employer.call_back
        return digest_copy.digest(
            self._employer,
            overdue=sections.overdue,
            soon=sections.soon,
            not_told=sections.not_told,
            totals=sections.totals,
            now=self._now,
            unsubscribe_url=opt_outs.unsubscribe_url(to, None, self._now),
            escalation=step == "escalation",
            no_call_back=not (call_back.phone or call_back.email),
            to=to,
            by_law=by_law,
            kept=kept,
            cap_reached=self._is_cap_reached(),
            page_url=settings().base_url + "/",
        )

    def _is_cap_reached(self) -> bool:
        """Only where texts are reckoned at all is the month's spending read, once."""
        if self._cap_reached is None:
            spent = table.get_many(sms_spend.keys_of(self._employer.id, self._now))
            self._cap_reached = sms_spend.is_reached(next(iter(spent.values()), None), self._employer, settings().sms_price_usd)
        return self._cap_reached

    def _kept_in_mind(self) -> list[KeepInMindRow]:
        """Whom somebody promised to keep in mind for work like that of an application opened since the last digest."""
        if self._kept is None:
            found = keep_in_mind.reminders(self._employer.id, self._since, self._now)
            self._kept = [KeepInMindRow(item.name, keep.job_title, title) for title, keep, item in found]
        return self._kept

    def _falling_due(self) -> list[StatuteRow]:
        """Statutory deadlines that came within 30, 10 or 2 days since the last digest: each is named three times, not daily."""
        if self._by_law is None and self._employer.policy.jurisdiction:
            found = falling_due(self._employer.id, self._since, self._now)
            self._by_law = [
                StatuteRow(item.name, item.job_title, date.fromisoformat(next_due_on(item) or ""), days)
                for days, item in found
                if next_due_on(item)
            ]
        return self._by_law or []

    def _sections(self, step: str) -> Sections:
        if self._waiting is None:
            self._waiting = list(waiting(self._employer.id))
        if step == "escalation":
            return self._read_rows([row for row in self._waiting if self._is_escalated(row)], [], [])
        horizon = next_step.next_digest(self._employer, self._now, self._is_holiday) + HEAD_START
        begun = [row for row in self._waiting if row.since <= self._now]
        return self._read_rows(
            [row for row in begun if is_overdue(row.word_due_at, self._now)],
            [row for row in begun if not is_overdue(row.word_due_at, self._now) and row.word_due_at < horizon],
            [row for row in begun if row.decided == "rejected"],
        )

    def _is_escalated(self, row: Waiting) -> bool:
        days = next_step.business_days_between(row.word_due_at, self._now, self._employer.timezone, self._is_holiday)
        return is_overdue(row.word_due_at, self._now) and days > self._employer.policy.escalate_after_business_days

    def _read_rows(self, *lists: list[Waiting]) -> Sections:
        """The first of each list with names and numbers, read anew: who was told meanwhile drops out, of the count too."""
        shown = [heapq.nsmallest(SHOWN_MOST, rows, self._rank) for rows in lists]
        wanted = {(keys.case_pk(self._employer.id, row.application_id), "APP") for rows in shown for row in rows}
        found = table.get_many(wanted)
        told = [
            [self._row(row, found.get((keys.case_pk(self._employer.id, row.application_id), "APP"))) for row in rows]
            for rows in shown
        ]
        kept = [[row for row in rows if row is not None] for rows in told]
        counts = [len(rows) - sum(row is None for row in read) for rows, read in zip(lists, told, strict=True)]
        return Sections(kept[0], kept[1], kept[2], (counts[0], counts[1], counts[2]))

    def _rank(self, row: Waiting) -> tuple[Any, ...]:
        """As the call list is ranked; those who cannot be reached come last: nobody is nagged about them."""
        return (not row.reachable, *ranking.rank_key(row.stage, row.word_due_at, self._now, row.application_id))

    def _row(self, row: Waiting, item: Any) -> DigestRow | None:
        if not isinstance(item, ApplicationItem) or item.wait_state != "open" or item.word_due_at != row.word_due_at:
            return None
        overdue_days = max(0, (self._now - item.word_due_at).days)
        return DigestRow(
            name=item.name,
            phone=item.phone,
            email=item.email,
            job_title=item.job_title,
            stage=row.stage,
            word_due_at=item.word_due_at,
            decided=row.decided,  # type: ignore[arg-type]
            overdue_days=overdue_days,
        )


def waiting(employer_id: str) -> Iterable[Waiting]:
    """All open waits of an employer, from the index."""
    parts = [(stage, way) for stage in STAGES for way in "ru"]
    with ThreadPoolExecutor(len(parts)) as pool:
        for rows in pool.map(lambda part: _part(employer_id, *part), parts):
            yield from rows


def _part(employer_id: str, stage: Stage, way: str) -> list[Waiting]:
    found: list[Waiting] = []
    start: dict[str, Any] | None = None
    while True:
        rows, start = table.query_index("waiting", f"{employer_id}#{stage}#{way}", start=start)
        found += [
            Waiting(
                row["application_id"]["S"],
                stage,
                way == "r",
                read_instant(row["word_due_at"]["S"]),
                read_instant(row["since"]["S"]),
                row.get("decided", {}).get("S"),
            )
            for row in rows
        ]
        if not start:
            return found
