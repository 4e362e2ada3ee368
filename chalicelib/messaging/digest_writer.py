"""Writes what a digest or an escalation says: who is overdue, who is next, who is rejected and not told."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from chalicelib.applications import feedback, people_lists
from chalicelib.applications.candidates import keep_in_mind
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.due_list import falling_due
from chalicelib.applications.law.duties import next_due_on
from chalicelib.applications.serializers import is_snoozed
from chalicelib.applications.tally_items import read as read_tally
from chalicelib.config import settings
from chalicelib.holidays import holiday_check
from chalicelib.messaging import inbox, opt_outs
from chalicelib.messaging.digest_recipients import OWN, Recipient
from chalicelib.rules.canonical import dialled_phone
from chalicelib.rules.copy import digest as digest_copy
from chalicelib.rules.copy.digest import DigestRow
from chalicelib.rules.copy.digest_paragraphs import FeedbackRow, KeepInMindRow, ReplyRow, StatuteRow
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import STAGES, Message, Stage, is_overdue
from chalicelib.rules.reminders import next_step
from chalicelib.rules.risk import ranking
from chalicelib.rules.risk.ranking import Outlook
from chalicelib.storage import keys, sms_spend, table
from chalicelib.storage.table import read_instant

SHOWN_MOST = 50
Row = TypeVar("Row")
_READERS = 16
HEAD_START = timedelta(hours=24)
"""Beyond the next digest: who is due by then is named today."""


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
    """The lists of a digest. `totals` also count those beyond `SHOWN_MOST`."""

    overdue: list[DigestRow]
    soon: list[DigestRow]
    not_told: list[DigestRow]
    totals: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Owned(Generic[Row]):
    """A row with the owner whose digest it is for; None for the employer's list."""

    owner_id: str | None
    row: Row


class DigestWriter:
    """Writes the digests of one employer at one instant. Open waits are read once, and only where needed."""

    def __init__(self, employer: Employer, now: datetime, since: datetime, owners: Mapping[str, str]) -> None:
        """`owners` are the people who get a digest of their own: what they own is in it, and in no other."""
        self._owners = owners
        self._owner_of: Mapping[str, str] = {}
        """By application id: the owner of an open wait, as the index has it. Rows are read again before they are shown."""
        self._employer = employer
        self.now = now
        self.since = since
        self._by_law: list[_Owned[StatuteRow]] | None = None
        self._kept: list[_Owned[KeepInMindRow]] | None = None
        self._replies: list[_Owned[ReplyRow]] | None = None
        self._asked: list[_Owned[FeedbackRow]] | None = None
        self._asked_more = False
        """Whether more people may have asked for feedback than were read: then no count is the whole."""
        self._is_holiday = holiday_check(employer.policy.holidays)
        self._waiting: list[Waiting] | None = None
        self._told: dict[tuple[str, str | None], Sections] = {}
        self._cap_reached: bool | None = None
        self._outlook: Outlook | None = None

    def message(self, recipient: Recipient) -> Message | None:
        """The mail to one recipient; None where there is nothing to say."""
        step, to, owner_id = recipient.step, recipient.to, recipient.owner_id
        told = (step, owner_id)
        sections = self._told.get(told) or self._told.setdefault(told, self._sections(step, owner_id))
        daily = step != "escalation"
        by_law = [one.row for one in self._falling_due() if one.owner_id == owner_id] if daily else []
        kept = [one.row for one in self._kept_in_mind() if one.owner_id == owner_id] if daily else []
        replies = [one.row for one in self._unseen_replies() if one.owner_id == owner_id] if daily else []
        asked = [one.row for one in self._asked_for_feedback() if one.owner_id == owner_id] if daily else []
        if not any(sections.totals) and not by_law and not kept and not replies and not asked:
            return None
        call_back = self._employer.call_back
        return digest_copy.digest(
            self._employer,
            overdue=sections.overdue,
            soon=sections.soon,
            not_told=sections.not_told,
            totals=sections.totals,
            now=self.now,
            unsubscribe_url=self._unsubscribe_url(recipient),
            escalation=step == "escalation",
            own=step == OWN,
            no_call_back=not (call_back.phone or call_back.email),
            to=to,
            by_law=by_law,
            kept=kept,
            replies=replies,
            asked=asked,
            asked_more=self._asked_more,
            cap_reached=self._is_cap_reached(),
            page_url=settings().base_url + "/",
        )

    def _unsubscribe_url(self, recipient: Recipient) -> str:
        """The link that ends this digest alone."""
        if recipient.step == OWN:
            return opt_outs.owner_digest_url(self._employer.id, recipient.to, self.now)
        return opt_outs.digest_url(self._employer.id, recipient.step == "escalation", recipient.to, self.now)

    def _reader(self, item: ApplicationItem) -> str | None:
        """The owner whose digest names an application; None where the employer's list does."""
        return item.owner_id if item.owner_id in self._owners else None

    def _unseen_replies(self) -> list[_Owned[ReplyRow]]:
        """What candidates wrote since the last digest and nobody has seen."""
        if self._replies is None:
            fresh = [entry for entry in inbox.unseen(self._employer.id, inbox.LOOKED_AT) if entry.at >= self.since]
            self._replies = [
                _Owned(self._reader(who), ReplyRow(who.name, who.job_title, entry.kind, entry.words))
                for entry in fresh
                for who in [entry.application]
            ]
        return self._replies

    def _asked_for_feedback(self) -> list[_Owned[FeedbackRow]]:
        """Candidates who asked why and have no answer yet, by the due day: each owner's mail counts its own."""
        if self._asked is None:
            requests = feedback.open_requests(self._employer, self.now, feedback.READ_MOST)
            found, self._asked_more = requests.shown, requests.more
            self._asked = [
                _Owned(self._reader(who), FeedbackRow(who.name, who.job_title, one.due_on, one.overdue))
                for one in found
                for who in [one.application]
            ]
        return self._asked

    def _is_cap_reached(self) -> bool:
        """Reads the month's spending on texts once, and only where texts have a price."""
        if self._cap_reached is None:
            spent = table.get_many(sms_spend.keys_of(self._employer.id, self.now))
            self._cap_reached = sms_spend.is_reached(next(iter(spent.values()), None), self._employer)
        return self._cap_reached

    def _kept_in_mind(self) -> list[_Owned[KeepInMindRow]]:
        """Candidates kept in mind whose kind of job matches an application opened since the last digest."""
        if self._kept is None:
            found = keep_in_mind.reminders(self._employer.id, self.since, self.now)
            self._kept = [
                _Owned(self._reader(item), KeepInMindRow(item.name, keep.job_title, title)) for title, keep, item in found
            ]
        return self._kept

    def _falling_due(self) -> list[_Owned[StatuteRow]]:
        """Statutory deadlines that came within 30, 10 or 2 days since the last digest: each is named three times."""
        if self._by_law is None and self._employer.policy.jurisdiction:
            found = falling_due(self._employer.id, self.since, self.now)
            self._by_law = [
                _Owned(self._reader(item), StatuteRow(item.name, item.job_title, date.fromisoformat(due_on), days))
                for days, item in found
                if (due_on := next_due_on(item))
            ]
        return self._by_law or []

    def counts(self) -> dict[str, int] | None:
        """How many there are of everything, no matter who owns them; None where there is nothing."""
        overdue, soon, not_told = self._daily(self._open_waits(), None).totals
        counts = {"overdue": overdue, "due_soon": soon, "rejected_not_told": not_told, "replies": len(self._unseen_replies())}
        return counts if any(counts.values()) else None

    def _open_waits(self) -> list[Waiting]:
        if self._waiting is None:
            self._waiting = list(waiting(self._employer.id))
            self._owner_of = owners_of_waits(self._employer.id, self._owners) if self._waiting else {}
        return self._waiting

    def _sections(self, step: str, owner_id: str | None) -> Sections:
        rows = self._open_waits()
        if step == "escalation":
            return self._read_rows(None, [row for row in rows if self._is_escalated(row)], [], [])
        theirs = [row for row in rows if self._owner_of.get(row.application_id) == owner_id]
        return self._daily(theirs, lambda item: self._reader(item) == owner_id)

    def _daily(self, rows: list[Waiting], wanted_now: Callable[[ApplicationItem], bool] | None) -> Sections:
        """Who is overdue, who is due soon, who is rejected and not told."""
        horizon = next_step.next_digest(self._employer, self.now, self._is_holiday) + HEAD_START
        begun = [row for row in rows if row.since <= self.now]
        return self._read_rows(
            wanted_now,
            [row for row in begun if is_overdue(row.word_due_at, self.now)],
            [row for row in begun if not is_overdue(row.word_due_at, self.now) and row.word_due_at < horizon],
            [row for row in begun if row.decided == "rejected"],
        )

    def _is_escalated(self, row: Waiting) -> bool:
        days = next_step.business_days_between(row.word_due_at, self.now, self._employer.timezone, self._is_holiday)
        return is_overdue(row.word_due_at, self.now) and days > self._employer.policy.escalate_after_business_days

    def _read_rows(self, wanted_now: Callable[[ApplicationItem], bool] | None, *lists: list[Waiting]) -> Sections:
        """Reads the first rows of each list again, without candidates who were told, or got another owner, meanwhile."""
        shown = [heapq.nsmallest(SHOWN_MOST, rows, self._rank) for rows in lists]
        wanted = {(keys.case_pk(self._employer.id, row.application_id), "APP") for rows in shown for row in rows}
        found = table.get_many(wanted)
        told = [
            [self._row(row, found.get((keys.case_pk(self._employer.id, row.application_id), "APP")), wanted_now) for row in rows]
            for rows in shown
        ]
        kept = [[row for row in rows if row is not None] for rows in told]
        counts = [len(rows) - sum(row is None for row in read) for rows, read in zip(lists, told, strict=True)]
        return Sections(kept[0], kept[1], kept[2], (counts[0], counts[1], counts[2]))

    def _rank(self, row: Waiting) -> tuple[Any, ...]:
        """Ranks as the call list does. Candidates who cannot be reached come last."""
        return (not row.reachable, *ranking.rank_key(row.stage, row.word_due_at, self.now, self._ahead(), row.application_id))

    def _ahead(self) -> Outlook:
        """Reads the tally once, for the horizon that the call list has."""
        if self._outlook is None:
            self._outlook = ranking.outlook(read_tally(self._employer.id, self.now), self.now, self._employer.review_days)
        return self._outlook

    def _row(self, row: Waiting, item: Any, wanted_now: Callable[[ApplicationItem], bool] | None) -> DigestRow | None:
        if not isinstance(item, ApplicationItem) or item.wait_state != "open" or item.word_due_at != row.word_due_at:
            return None
        if is_snoozed(item, self.now) or (wanted_now is not None and not wanted_now(item)):
            return None
        from chalicelib.api.phone_numbers import dear_to_call, readable_phone  # late: only digests write numbers for people

        overdue_days = max(0, (self.now - item.word_due_at).days)
        return DigestRow(
            name=item.name,
            phone=readable_phone(dialled_phone(item.phone, item.phone_extension)) if item.phone else None,
            costs=dear_to_call(item.phone) if item.phone else None,
            email=item.email,
            job_title=item.job_title,
            stage=row.stage,
            word_due_at=item.word_due_at,
            decided=row.decided,  # type: ignore[arg-type]
            overdue_days=overdue_days,
        )


def owners_of_waits(employer_id: str, people: Iterable[str]) -> dict[str, str]:
    """Reads which open waits these people own, by application id: one query of the index for each person."""

    def read(person_id: str) -> dict[str, str]:
        rows = table.all_of_index("waiting", people_lists.waiting_of_owner(employer_id, person_id))
        return {row["waiting_at"]["S"].split("#")[1]: person_id for row in rows}

    owned: dict[str, str] = {}
    with ThreadPoolExecutor(_READERS) as pool:
        for found in pool.map(read, people):
            owned |= found
    return owned


def waiting(employer_id: str) -> Iterable[Waiting]:
    """Reads all open waits of an employer from the index."""
    parts = [(stage, way) for stage in STAGES for way in "ru"]
    with ThreadPoolExecutor(len(parts)) as pool:
        for rows in pool.map(lambda part: _part(employer_id, *part), parts):
            yield from rows


def _part(employer_id: str, stage: Stage, way: str) -> list[Waiting]:
    return [
        Waiting(
            row["application_id"]["S"],
            stage,
            way == "r",
            read_instant(row["word_due_at"]["S"]),
            read_instant(row["since"]["S"]),
            row.get("decided", {}).get("S"),
        )
        for row in table.all_of_index("waiting", f"{employer_id}#{stage}#{way}")
    ]
