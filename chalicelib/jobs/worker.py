"""Works off queue records in chunks: read, plan, claim, check, send, settle. At most once, and never silently lost.

A record that raises is set aside alone. After a claim is won nothing is handed back to the queue: the table knows the rest.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications import unit_of_work
from chalicelib.applications.digest_schedule import DigestItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.config import settings
from chalicelib.errors import HeardbackError
from chalicelib.jobs import restore_guard
from chalicelib.jobs.queue import key_of
from chalicelib.messaging import claims, digest, messages, nudges, plans
from chalicelib.messaging.claims import Claim, SendResult
from chalicelib.messaging.messages import HOLDING_NOTICE, ClaimItem, MessageItem
from chalicelib.messaging.notices import dispatch as notices
from chalicelib.messaging.nudges import Case
from chalicelib.messaging.plans import Draft, Plan
from chalicelib.messaging.pre_send import Checks
from chalicelib.messaging.providers import THREADS, Channels, NotSent
from chalicelib.messaging.sms_budget import SmsBudget
from chalicelib.rules.model import Employer
from chalicelib.storage import keys, sms_spend, table
from chalicelib.storage.table import Item, Key

CHUNK = 20
SECONDS_MOST = 75
"""No chunk is begun later than this: with its time-outs it ends well within the two minutes that a claim reckons with."""
LANE_SECONDS = 12
"""Of other wings' items of one lane in one chunk: with a stranger's slow server in it, an invocation still ends in time."""
Clock = Callable[[], datetime]
Workers = Mapping[str, Callable[[Item, datetime], None]]
"""What other wings do with what comes due, by the kind of its item."""
Record = Mapping[str, Any]
log = logging.getLogger(__name__)


def run(records: Iterable[Record], *, channels: Channels, clock: Clock, workers: Workers | None = None) -> list[str]:
    """Works SQS records (`messageId`, `body`) off. Returns the ids of those that must come again."""
    if restore_guard.holds(clock()):
        return []  # the table knows what is due; the queue only said where to look
    wanted, failed = _by_key(records)
    due_keys = list(wanted)
    purse = SmsBudget(settings().sms_price_usd, Counter(_employer_id(key) or "" for key in due_keys))
    began, delivery = time.monotonic(), Delivery(channels, clock, workers or {}, purse)

    def work(chunk: list[Key]) -> list[Key]:
        return chunk if time.monotonic() - began > SECONDS_MOST else delivery.work(chunk, pool)

    # several chunks at once: while one is being sent, the next is claimed and the one before it settled, on the same threads
    with ThreadPoolExecutor(THREADS) as pool, ThreadPoolExecutor(settings().chunks_at_once) as lanes:
        for again in lanes.map(work, [due_keys[begin : begin + CHUNK] for begin in range(0, len(due_keys), CHUNK)]):
            failed += [record for key in again for record in wanted[key]]
    purse.give_back()
    return failed


def _by_key(records: Iterable[Record]) -> tuple[dict[Key, list[str]], list[str]]:
    """Record ids by the key that they name, each key once, and the ids of what names none."""
    wanted: dict[Key, list[str]] = {}
    unread: list[str] = []
    for record in records:
        try:
            wanted.setdefault(key_of(record["body"]), []).append(record["messageId"])
        except ValueError:
            log.error("a queue record names no key")
            unread.append(record["messageId"])
    return wanted, unread


@dataclass
class Delivery:
    """One invocation: employers are read once."""

    channels: Channels
    clock: Clock
    workers: Workers = field(default_factory=dict)
    purse: SmsBudget = field(default_factory=lambda: SmsBudget(settings().sms_price_usd))
    employers: dict[str, Employer | None] = field(default_factory=dict)
    broke: set[str] = field(default_factory=set)
    """Employers whose month pays for no more texts."""
    checks: Checks = field(init=False)

    def __post_init__(self) -> None:
        self.checks = Checks(self.purse, self.employers, self.clock)

    def work(self, due_keys: Sequence[Key], pool: ThreadPoolExecutor) -> list[Key]:
        """Works one chunk off and returns the keys that must come again."""
        try:
            items = self._read(due_keys)
        except HeardbackError:
            log.exception("a chunk could not be read")
            return list(due_keys)
        planned, failed = self._plan(due_keys, items)
        for pack in claims.packs(planned):
            failed += self._deliver(pack, pool)
        return [*failed, *self._hand_over(due_keys, items, pool)]

    def _hand_over(self, due_keys: Sequence[Key], items: Mapping[Key, Item], pool: ThreadPoolExecutor) -> list[Key]:
        """Other wings' items, when the chunk's messages are out. Those of one lane go one after the other, lanes side by side:
        a stranger's slow server holds up nobody else."""
        lanes: dict[str, list[Item]] = {}
        for key in due_keys:
            item = items.get(key)
            if item is not None and item.kind in self.workers:
                lanes.setdefault(str(getattr(item, "lane", item.kind)), []).append(item)
        return [key for failed in pool.map(self._work_lane, lanes.values()) for key in failed]

    def _work_lane(self, lane: Sequence[Item]) -> list[Key]:
        failed, began = [], time.monotonic()
        for item in lane:
            if time.monotonic() - began > LANE_SECONDS:
                break  # the rest is still due, and comes with the next tick
            try:
                self.workers[item.kind](item, self.clock())
            except Exception:
                log.exception("a due %s could not be worked", item.kind)
                failed.append(item.key)
        return failed

    def _read(self, due_keys: Sequence[Key]) -> dict[Key, Item]:
        """The chunk's items with what they need, in one read.

        Not a consistent one: each plan is conditional on what was read, so an old reading claims nothing.
        """
        wanted = [*due_keys, *(origin for key in due_keys if (origin := _origin(key)))]
        unknown = {employer for key in due_keys if (employer := _employer_id(key)) and employer not in self.employers}
        spent = {employer: sms_spend.key_of(employer, self.clock()) for employer in unknown if self.purse.price}
        owners = [(keys.employer_pk(employer), "EMP") for employer in unknown]
        items = table.get_many([*wanted, *owners, *spent.values()], consistent=False)
        for employer in unknown:
            item = items.get((keys.employer_pk(employer), "EMP"))
            self.employers[employer] = known = employer_of(item) if isinstance(item, EmployerItem) else None
            if known and spent and sms_spend.is_reached(items.get(spent[employer]), known, self.purse.price):
                self.broke.add(employer)
        return items

    def _plan(self, due_keys: Sequence[Key], items: Mapping[Key, Item]) -> tuple[list[Plan], list[Key]]:
        """Plans record by record; what raises is set aside alone."""
        now, planned, failed = self.clock(), [], []
        for key in due_keys:
            try:
                plan = self._plan_one(key, items, now)
            except Exception:
                log.exception("a due %s could not be planned", key[1].partition("#")[0])
                failed.append(key)
                continue
            if plan is not None:
                planned.append(plan)
        return planned, failed

    def _plan_one(self, key: Key, items: Mapping[Key, Item], now: datetime) -> Plan | None:
        item, employer = items.get(key), self.employers.get(_employer_id(key) or "")
        if isinstance(item, ClaimItem):
            _bury_if_due(item, now)
            return None
        if employer is None or item is None:
            return None
        if isinstance(item, ApplicationItem):
            return self._if_paid(_of_application(self._case(item, employer, now)), employer)
        if isinstance(item, DigestItem):
            return digest.plan(item, employer, now)
        if isinstance(item, MessageItem):
            origin = items.get(_origin(key) or key)
            case = self._case(origin, employer, now) if isinstance(origin, ApplicationItem) else None
            return self._if_paid(_of_retry(item, case, origin, employer, now), employer)
        return None

    def _if_paid(self, plan: Plan | None, employer: Employer) -> Plan | None:
        """A text is not claimed where this invocation has just heard that no money is left: it stays due, and comes with the next
        tick, when it is clear whether others needed theirs."""
        texts = plan is not None and any(draft.message.channel == "sms" for draft in plan.drafts)
        return None if texts and employer.id in self.purse.empty else plan

    def _case(self, item: ApplicationItem, employer: Employer, now: datetime) -> Case:
        return Case(item, employer, now, pays_texts=employer.id not in self.broke)

    def _deliver(self, pack: list[Plan], pool: ThreadPoolExecutor) -> list[Key]:
        """Claims a pack, checks, sends and settles it. Returns the keys of a claim that was not won nor lost."""
        try:
            claimed = claims.claim(pack, self.clock())
        except HeardbackError:
            log.exception("a claim of %d plans did not go through", len(pack))
            return [plan.record for plan in pack]
        except Exception:
            if len(pack) > 1:  # one of them cannot be written: the others need not wait for it
                return [key for plan in pack for key in self._deliver([plan], pool)]
            log.exception("a plan cannot be written")
            return [plan.record for plan in pack]
        if claimed.item is not None:
            fates = self._send(claimed, pool)
            claims.settle(claimed, fates, self.clock())
            self._log_notices(fates)
        return []

    def _send(self, claimed: Claim, pool: ThreadPoolExecutor) -> list[SendResult]:
        """Every message of a claim with its fate. Opt-outs recorded before this moment stop theirs."""
        drafts = claimed.drafts
        held = self.checks.held(drafts, pool)
        sent = list(pool.map(self._send_one, [draft for draft in drafts if draft.item.id not in held]))
        for fate in sent:
            self.checks.settle(fate)
        return [*held.values(), *sent]

    def _log_notices(self, fates: Sequence[SendResult]) -> None:
        """A holding notice that was sent is a contact. What fails here is due still, and comes again with the next tick."""
        for item in (fate.draft.item for fate in fates if fate.status == "sent" and fate.draft.item.next_word_by):
            employer = self.employers.get(item.employer_id)
            try:
                if employer is not None:
                    notices.log_contact(item.key, employer, self.clock())
            except HeardbackError:
                log.warning("a notice that was sent is not logged yet")

    def _send_one(self, draft: Draft) -> SendResult:
        try:
            return SendResult(draft, "sent", provider_message_id=self.channels.send(draft.message, messages.tags(draft.item)))
        except NotSent as error:
            return SendResult(draft, error.fate, error.reason)
        except Exception as error:
            log.exception("a send ended in a way that says nothing")
            return SendResult(draft, "unknown", type(error).__name__)


def _of_application(case: Case) -> Plan | None:
    plan = nudges.of_application(case)
    if plan is not None and plan.outcome == "lapse":
        unit_of_work.recompute(case.item.employer_id, case.item.id, case.now)
        return None
    return plan


def _of_retry(item: MessageItem, case: Case | None, origin: Item | None, employer: Employer, now: datetime) -> Plan | None:
    if item.status == "sent" and item.next_word_by:
        notices.log_contact(item.key, employer, now)
        return None
    if case is not None:
        return notices.plan(item, case) if item.step == HOLDING_NOTICE else nudges.of_retry(item, case)
    if isinstance(origin, DigestItem):
        return digest.of_retry(item, employer, now)
    return plans.ended(item, now, "cancelled", "nothing left to tell about") if item.status == "retrying" else None


def _bury_if_due(item: ClaimItem, now: datetime) -> None:
    if item.due_at is not None and item.due_at <= table.stored_instant(now):
        unknown = claims.expire_claim(item, now)
        log.error("a claim was never settled: %d messages are unknown", unknown, extra={"unknown": unknown})


def _employer_id(key: Key) -> str | None:
    """The partition names its employer: EMP#<id>#..."""
    parts = key[0].split("#")
    return parts[1] if parts[0] == "EMP" and len(parts) > 1 else None


def _origin(key: Key) -> Key | None:
    """What a message is about: it lies in the same partition."""
    if not key[1].startswith("MSG#"):
        return None
    return key[0], "DIGEST" if key[0].endswith("#DIGEST") else "APP"
