"""Delivers reminders, digests and notices: plan, claim, check, send, settle. At most once, and never silently lost.

A plan that raises fails alone. After a claim is won nothing goes back to the queue: the table holds the state.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from chalicelib.applications.digest_schedule import DigestItem
from chalicelib.applications.items import ApplicationItem, DeciderItem, DisputeItem, FeedbackMailItem
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, HeardbackError
from chalicelib.jobs.registry import BatchHandler, Clock
from chalicelib.messaging import claims, earlier_nudges, eligibility, messages, nudges, plans
from chalicelib.messaging.case import Case
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.earlier_nudges import Earlier
from chalicelib.messaging.eligibility import Room
from chalicelib.messaging.gate import Gate
from chalicelib.messaging.messages import FEEDBACK, HOLDING_NOTICE, LETTER, ClaimItem, MessageItem
from chalicelib.messaging.plans import Plan
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.sending import Sender
from chalicelib.messaging.sms_budget import SmsBudget
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import MessageChannel
from chalicelib.rules.reminders.next_step import WHAT_NEXT
from chalicelib.storage import keys, recipients, sms_spend, table
from chalicelib.storage.table import Item, Key, Transaction

KINDS = frozenset(
    one.kind for one in (ApplicationItem, ClaimItem, DeciderItem, DigestItem, DisputeItem, FeedbackMailItem, MessageItem)
)
log = logging.getLogger(__name__)


def handler(channels: Channels) -> BatchHandler:
    """The handler of everything that sends a message when it is due."""
    return BatchHandler(KINDS, lambda due_keys, clock: Delivery(channels, clock, due_keys), expire_retry)


class Delivery:
    """One invocation: employers are read once, money for texts is reserved in blocks."""

    def __init__(self, channels: Channels, clock: Clock, due_keys: Iterable[Key]) -> None:
        self._clock = clock
        self._budget = SmsBudget(Counter(_employer_id(key) or "" for key in due_keys))
        self._employers: dict[str, Employer | None] = {}
        self._room: dict[str, Room] = {}
        """By employer: what was left when it was read."""
        self._planned: Counter[tuple[str, MessageChannel]] = Counter()
        """Messages planned since then, by employer and channel."""
        self._deployment: dict[Key, Item] = {}
        """The item of what all employers' texts cost this month."""
        self._sender = Sender(channels, self._employers, Gate(self._budget, self._employers, clock))
        self._earlier: Earlier = {}
        """The first nudges of this chunk's second ones."""

    def related(self, due_keys: Sequence[Key]) -> list[Key]:
        """What messages are about, employers that are not known yet, and what these have used."""
        unknown = {employer for key in due_keys if (employer := _employer_id(key)) and employer not in self._employers}
        spent = [sms_spend.key_of(employer, self._clock()) for employer in unknown]
        if not self._employers and sms_spend.deployment_cap() is not None:
            spent.append(sms_spend.deployment_key(self._clock()))
        owners = [(keys.employer_pk(employer), "EMP") for employer in unknown]
        return [*(origin for key in due_keys if (origin := _origin(key))), *owners, *spent]

    def work(self, due_keys: Sequence[Key], items: Mapping[Key, Item], pool: ThreadPoolExecutor) -> list[Key]:
        """Works one chunk off and returns the keys that must come again."""
        self._note_employers(due_keys, items)
        planned, failed = self._plan(due_keys, items)
        for pack in claims.packs(planned):
            failed += self._deliver(pack, pool)
        return failed

    def close(self) -> None:
        self._budget.give_back()

    def _note_employers(self, due_keys: Sequence[Key], items: Mapping[Key, Item]) -> None:
        now = self._clock()
        if not self._employers:
            self._deployment = {key: item for key, item in items.items() if key == sms_spend.deployment_key(now)}
            self._budget.known |= self._deployment
        for employer_id in {one for key in due_keys if (one := _employer_id(key))} - self._employers.keys():
            item = items.get((keys.employer_pk(employer_id), "EMP"))
            employer = employer_of(item) if isinstance(item, EmployerItem) else None
            if employer is not None:
                used = {key: items[key] for key in [sms_spend.key_of(employer_id, now)] if key in items}
                self._budget.known |= used
                self._room[employer_id] = eligibility.room_of(employer, {**used, **self._deployment}, now)
            self._employers[employer_id] = employer

    def _plan(self, due_keys: Sequence[Key], items: Mapping[Key, Item]) -> tuple[list[Plan], list[Key]]:
        """Plans record by record; one that raises fails alone."""
        now, planned, failed = self._clock(), [], []
        self._earlier = earlier_nudges.read_for([items[key] for key in due_keys if key in items], items)
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
        item, employer = items.get(key), self._employers.get(_employer_id(key) or "")
        if isinstance(item, ClaimItem):
            _expire_claim_if_due(item, now)
            return None
        if employer is None or item is None:
            return None
        if isinstance(item, ApplicationItem):
            return self._if_paid(_of_application(self._case(item, employer, now)), employer)
        if isinstance(item, DigestItem):
            from chalicelib.messaging import digest  # late, as all that a reminder does not need: 46 modules of a cold start

            return digest.plan(item, employer, now)
        if isinstance(item, DisputeItem):
            from chalicelib.messaging import reply_mails

            return reply_mails.of_dispute(item, employer, now)
        if isinstance(item, DeciderItem):
            from chalicelib.messaging.decisions import dispatch as decisions

            return decisions.plan(item, items.get((key[0], "APP")), employer, now)
        if isinstance(item, FeedbackMailItem):
            return self._if_paid(self._of_feedback(item, items.get((key[0], "APP")), employer, now), employer)
        if isinstance(item, MessageItem):
            origin = items.get(_origin(key) or key)
            case = self._case(origin, employer, now) if isinstance(origin, ApplicationItem) else None
            return self._if_paid(_of_retry(item, case, origin, employer, now), employer)
        return None

    def _of_feedback(self, item: FeedbackMailItem, application: Item | None, employer: Employer, now: datetime) -> Plan | None:
        from chalicelib.messaging import feedback_mail

        if not isinstance(application, ApplicationItem):  # erased at this moment
            return None
        return feedback_mail.plan(item, self._case(application, employer, now))

    def _if_paid(self, plan: Plan | None, employer: Employer) -> Plan | None:
        """Leaves a message due where nothing is left for it: in a minute other workers may have returned theirs."""
        wanted = [(employer.id, draft.message.channel) for draft in plan.drafts] if plan is not None else []
        if any(one in self._budget.empty for one in wanted):
            return None
        self._planned.update(wanted)
        return plan

    def _case(self, item: ApplicationItem, employer: Employer, now: datetime) -> Case:
        by_mail = employer.seeker and _has_stopped_texts(item)
        return Case(item, employer, now, self._room_left(employer.id), earlier=self._earlier.get(item.PK, ()), by_mail=by_mail)

    def _room_left(self, employer_id: str) -> Room:
        """What was left, without what is planned already: the rest of a day's messages goes out the next day."""
        room, planned = self._room[employer_id], self._planned
        return replace(room, texts=room.texts - planned[employer_id, "sms"], mails=room.mails - planned[employer_id, "email"])

    def _deliver(self, pack: list[Plan], pool: ThreadPoolExecutor) -> list[Key]:
        """Claims a pack, checks, sends and settles it. Returns the keys of a claim whose outcome is not known."""
        try:
            claimed = claims.claim(pack, self._clock())
        except HeardbackError:
            log.exception("a claim of %d plans did not go through", len(pack))
            return [plan.record for plan in pack]
        except Exception:
            if len(pack) > 1:  # one of them cannot be written: each is tried alone, so that the others go out
                return [key for plan in pack for key in self._deliver([plan], pool)]
            log.exception("a plan cannot be written")
            return [plan.record for plan in pack]
        if claimed.item is not None:
            results = self._sender.send(claimed.drafts, pool)
            claims.settle(claimed, results, self._clock())
            self._log_notices(results)
        return []

    def _log_notices(self, results: Sequence[SendResult]) -> None:
        """Records sent holding notices and letters as contacts. One that fails here stays due and is recorded a minute later."""
        sent = [result.draft.item for result in results if result.status == "sent" and result.draft.item.is_word]
        for item in sent:
            from chalicelib.messaging.notices import dispatch as notices

            employer = self._employers.get(item.employer_id)
            try:
                if employer is not None:
                    notices.log_contact(item.key, employer, self._clock())
            except HeardbackError:
                log.warning("a notice that was sent is not logged yet")


def _of_application(case: Case) -> Plan | None:
    if case.item.step == WHAT_NEXT:
        from chalicelib.messaging import what_next

        return what_next.plan(case)
    plan = nudges.of_application(case)
    if plan is not None and plan.outcome == "lapse":
        from chalicelib.applications import unit_of_work

        unit_of_work.recompute(case.item.employer_id, case.item.id, case.now)
        return None
    return plan


def _of_retry(item: MessageItem, case: Case | None, origin: Item | None, employer: Employer, now: datetime) -> Plan | None:
    from chalicelib.messaging import digest, reply_mails
    from chalicelib.messaging.decisions import dispatch as decisions
    from chalicelib.messaging.letters import dispatch as letters
    from chalicelib.messaging.notices import dispatch as notices

    if item.status == "sent" and item.is_word:
        notices.log_contact(item.key, employer, now)
        return None
    if case is not None and item.step == LETTER:
        return letters.plan(item, case)
    if case is not None and item.step == WHAT_NEXT:
        from chalicelib.messaging import what_next

        return what_next.of_retry(item, case)
    if case is not None and item.step == FEEDBACK:
        from chalicelib.messaging import feedback_mail

        return feedback_mail.of_retry(item, case)
    if case is not None:
        return notices.plan(item, case) if item.step == HOLDING_NOTICE else nudges.of_retry(item, case)
    if item.step == reply_mails.STEP and item.audience == "employer":
        return reply_mails.plan(item, employer, now)
    if item.step == reply_mails.DISPUTE_STEP and item.audience == "employer":
        return reply_mails.of_refused_dispute(item, employer, now)
    if item.step == decisions.STEP and item.audience == "employer":
        return decisions.of_retry(item, employer, now)
    if isinstance(origin, DigestItem):
        return digest.of_retry(item, employer, now)
    return plans.ended(item, now, "cancelled", "nothing left to tell about") if item.status == "retrying" else None


def _has_stopped_texts(item: ApplicationItem) -> bool:
    """Whether a job seeker's number said STOP: they are reminded by mail of what was not texted there."""
    return bool(item.phone and item.email and recipients.opted_out([("sms", item.phone)]))


def _expire_claim_if_due(item: ClaimItem, now: datetime) -> None:
    if item.due_at is not None and item.due_at <= table.stored_instant(now):
        unknown = claims.expire_claim(item, now)
        log.error("a claim was never settled: %d messages are unknown", unknown, extra={"unknown": unknown})


def expire_retry(item: Item, now: datetime) -> bool:
    """Ends a refused message whose time for another attempt is over. Anything else that is due is queued again."""
    if not isinstance(item, MessageItem) or item.status != "retrying" or now < item.last_try_before:
        return False
    transaction = Transaction()
    plans.ended(item, now, "failed", "out of attempts").into(transaction, "")
    messages.tell_outcome(transaction, item, "failed", now)
    try:
        transaction.commit()
    except ConditionFailed:
        return False  # somebody else has finished it
    return True


def _employer_id(key: Key) -> str | None:
    """The employer whose partition a key names: EMP#<id>#..."""
    parts = key[0].split("#")
    return parts[1] if parts[0] == "EMP" and len(parts) > 1 else None


def _origin(key: Key) -> Key | None:
    """The item that a message, a decider to be asked, or given feedback is about: it lies in the same partition."""
    if key[1] in (DeciderItem.kind, FeedbackMailItem.kind):
        return key[0], "APP"
    if not key[1].startswith("MSG#"):
        return None
    return key[0], "DIGEST" if key[0].endswith("#DIGEST") else "APP"
