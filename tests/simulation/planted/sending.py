"""Bugs in the sending of a reminder (due, claimed, checked, sent, settled) and in the writes that it depends on."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.attributes import Attribute
from pynamodb.expressions.update import Action

from chalicelib.applications import tally_items
from chalicelib.applications.items import ApplicationItem
from chalicelib.errors import ConditionFailed, HeardbackError, WriteUnknown
from chalicelib.messaging import claims
from chalicelib.messaging.case import Case
from chalicelib.messaging.messages import ClaimItem, MessageItem
from chalicelib.messaging.opt_outs import Standing
from chalicelib.messaging.plans import Draft, Plan, Write
from chalicelib.messaging.providers import NotSent
from chalicelib.rules.reminders.next_step import Step
from chalicelib.storage import ids, table
from chalicelib.storage.table import Item, Key, Transaction, stored_instant
from tests.simulation.planted.bug import Bug, Make, always_return, change_result, set_constant, wrap

AGGREGATE = "chalicelib.applications.aggregate"
CHANNELS = "chalicelib.messaging.providers"
CHECKS = "chalicelib.messaging.pre_send"
CLAIMS = "chalicelib.messaging.claims"
DELIVER = "chalicelib.messaging.delivery"
SENDING = "chalicelib.messaging.sending"
MESSAGES = "chalicelib.messaging.messages"
NEW_MESSAGES = "chalicelib.messaging.new_messages"
CASE = "chalicelib.messaging.case"
NUDGES = "chalicelib.messaging.nudges"
WAIT_ITEMS = "chalicelib.applications.wait_items"
PLANS = "chalicelib.messaging.plans"
RAW_TABLE = "chalicelib.applications.privacy.raw_items"
TABLE = "chalicelib.storage.table"
TRANSACTIONS = "chalicelib.storage.transaction"

NOTHING_KNOWN = Standing(frozenset(), frozenset())


def three_attempts(client: Callable[..., Any]) -> Callable[..., Any]:
    """For the clients that must try once only."""

    def with_retries(service: str, **options: Any) -> Any:
        if "retries" in options:
            options["retries"] = {"total_max_attempts": 3}
        return client(service, **options)

    return with_retries


def under(condition: Any) -> Make:
    """Writes an update under another condition; None is no condition."""

    def make(update: Callable[..., None]) -> Callable[..., None]:
        def updated(self: Transaction, item: Item, actions: Sequence[Action], _: Any = None) -> None:
            update(self, item, actions, condition)

        return updated

    return make


def whatever_was_read(write: Callable[..., None]) -> Callable[..., None]:
    """Writes what changed of an item whether or not it is as it was read."""

    def written(self: Transaction, item: Item, names: Sequence[str], _: Any = None) -> None:
        write(self, item, names)

    return written


def under_any_version(write: Write) -> Write:
    return replace(write, condition=ApplicationItem.PK.exists())


def without(actions: Sequence[Action], *attributes: Attribute[Any]) -> list[Action]:
    """The actions that change none of these attributes."""
    names = {attribute.attr_name for attribute in attributes}
    return [action for action in actions if action.values[0].attribute.attr_name not in names]  # type: ignore[attr-defined]


def due_whatever_it_says(of_application: Callable[[Case], Any]) -> Callable[[Case], Any]:
    def planned(case: Case) -> Any:
        case.item.due_at = stored_instant(case.now)
        return of_application(case)

    return planned


def planned_by_now(next_step: Callable[..., Step | None]) -> Callable[..., Step | None]:
    """The step in the index is taken as due."""

    def trusted(self: Case, nudges_sent: int | None = None) -> Step | None:
        step = next_step(self, nudges_sent)
        if nudges_sent is None and step is not None and step.name == self.item.step:
            return replace(step, planned_at=min(step.planned_at, self.now))
        return step

    return trusted


def unknown_becomes(fate: Any, *, answered: bool) -> Make:
    """Classifies an error of the provider differently: one with a response (`answered`), or one without."""

    def make(judged: Callable[[Exception], NotSent]) -> Callable[[Exception], NotSent]:
        def misjudged(error: Exception) -> NotSent:
            told = judged(error)
            return NotSent(fate, told.reason) if told.status == "unknown" and isinstance(error, ClientError) == answered else told

        return misjudged

    return make


def with_a_random_part(new: Callable[..., MessageItem]) -> Callable[..., MessageItem]:
    def drawn(pk: str, employer_id: str, tail_of: str, parts: tuple[str, ...], **fields: Any) -> MessageItem:
        return new(pk, employer_id, tail_of, (*parts, uuid.uuid4().hex), **fields)

    return drawn


def put_if_new(into: Callable[..., None]) -> Callable[..., None]:
    def written(self: Draft, transaction: Transaction, token: str) -> None:
        if self.is_retry:
            into(self, transaction, token)
            return
        self.item.claim = token
        transaction.put(self.item)

    return written


def put_whole_application(into: Callable[..., None]) -> Callable[..., None]:
    def saved(self: Write, transaction: Transaction) -> None:
        whole: Any = table.get(*self.item.key) if self.actions and self.item.kind == "APP" else None
        if whole is None:
            into(self, transaction)
            return
        whole.step = whole.due_at = whole.due_shard = None
        transaction.put(whole)

    return saved


def leave_out_claims(create_or_delete: Callable[..., None]) -> Callable[..., None]:
    def changed(self: Transaction, item: Item) -> None:
        if not isinstance(item, ClaimItem):
            create_or_delete(self, item)

    return changed


def expire_into_retrying(_: Any) -> Callable[[ClaimItem, datetime], int]:
    def expire(item: ClaimItem, now: datetime) -> int:
        left: list[Key] = [(pk, sk) for pk, sk in item.members]
        while True:
            transaction = Transaction()
            for key in left:
                actions = [MessageItem.status.set("retrying"), MessageItem.due_shard.set(ids.due_shard(key[1])),
                           MessageItem.due_at.set(stored_instant(now))]  # fmt: skip
                transaction.update(MessageItem(*key), actions, claims._claimed_under(item.token))
            transaction.delete(ClaimItem(*item.key))
            try:
                transaction.commit()
                return len(left)
            except ConditionFailed as lost:
                left = [key for key in left if key not in lost.failed]

    return expire


def believe_unknown(commit_claim: Callable[..., None]) -> Callable[..., None]:
    def committed(plans: Sequence[Plan], item: ClaimItem | None) -> None:
        try:
            commit_claim(plans, item)
        except WriteUnknown:
            if item is None:
                raise

    return committed


def ignore_lost_members(commit_claim: Callable[..., None]) -> Callable[..., None]:
    def committed(plans: Sequence[Plan], item: ClaimItem | None) -> None:
        try:
            commit_claim(plans, item)
        except ConditionFailed:
            return

    return committed


def send_first(deliver: Callable[..., list[Key]]) -> Callable[..., list[Key]]:
    def delivered(self: Any, pack: list[Plan], pool: Any) -> list[Key]:
        for plan in pack:
            list(pool.map(self._sender._send_one, plan.drafts))
        return deliver(self, pack, pool)

    return delivered


def only_where_it_goes(standing: Callable[..., Standing]) -> Callable[..., Standing]:
    return lambda drafts: standing([replace(draft, people=()) for draft in drafts])


def nothing_known_if_unreadable(standing: Callable[..., Standing]) -> Callable[..., Standing]:
    def asked(drafts: Sequence[Draft]) -> Standing:
        try:
            return standing(drafts)
        except HeardbackError:
            return NOTHING_KNOWN

    return asked


def read_eventually(read: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, consistent=False, **kwargs: read(*args, consistent=consistent, **kwargs)


def for_whatever_wait(of_retry: Callable[..., Any]) -> Callable[..., Any]:
    """Any open wait counts as the one that the message is about."""

    def planned(item: MessageItem, case: Case) -> Any:
        if case.wait is not None:
            item.cause, item.wait_since, item.word_due_at = case.wait.cause, case.wait.since, case.wait.word_due_at
        return of_retry(item, case)

    return planned


def forget_when_stale(of_application: Callable[[Case], Any]) -> Callable[[Case], Any]:
    def planned(case: Case) -> Any:
        if case.item.not_after is not None and case.now >= case.item.not_after:
            case.item.not_after = None
        return of_application(case)

    return planned


def without_nudges(application_write: Callable[..., Write]) -> Callable[..., Write]:
    return lambda item, actions: application_write(item, without(actions, ApplicationItem.nudges))


def token_of_the_items(transact: Callable[..., Any]) -> Callable[..., Any]:
    def transacted(connection: Any, **request: Any) -> Any:
        operations = [one for name, some in request.items() if name.endswith("_items") for one in some]
        keys = [one.get("Key") or one["Item"] for one in operations]
        named = "".join(sorted(key["PK"]["S"] + key["SK"]["S"] for key in keys))
        return transact(connection, **{**request, "client_request_token": str(uuid.uuid5(uuid.NAMESPACE_OID, named))})

    return transacted


def send_unknown_again(send: Callable[[Transaction], None]) -> Callable[[Transaction], None]:
    """A write without a response is sent once more as a new write, with a new token."""

    def sent(self: Transaction) -> None:
        try:
            send(self)
        except WriteUnknown:
            send(self)

    return sent


def add_the_tally_later(commit: Callable[[Any], None]) -> Callable[[Any], None]:
    def committed(self: Any) -> None:
        difference, self.difference = self.difference, {}
        commit(self)
        alone = Transaction()
        tally_items.add(alone, self.employer.id, difference)
        alone.commit()

    return committed


def end_what_is_queued(send: Callable[..., int]) -> Callable[..., int]:
    """A queued step leaves the due index."""

    def sent(self: Any, keys: Sequence[Key], **options: Any) -> int:
        count = send(self, keys, **options)
        for key in keys:
            transaction = Transaction()
            transaction.update(Item(*key), [Item.due_at.remove(), Item.due_shard.remove()])
            transaction.commit()
        return count

    return sent


def as_if_active(fold: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *facts, **given: fold(*facts, **{**given, "status": "active"})


def as_if_ended(status: str) -> Make:
    """An erasure treats a message of this status as finished."""

    def make(stripping: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        def stripped(raw: dict[str, Any], now: datetime) -> list[Any]:
            return stripping({**raw, "st": {"S": "sent"}} if raw["st"]["S"] == status else raw, now)

        return stripped

    return make


BUGS: tuple[Bug, ...] = (
    Bug(
        "the SDK's retry left on",
        "A lost response of the provider becomes a second text.",
        [wrap("chalicelib.wiring", "_client", three_attempts)],
    ),
    Bug(
        "claim without a token",
        "A late worker settles what another one has claimed.",
        [always_return(CLAIMS, "_claimed_under", MessageItem.id.exists())],
    ),
    Bug(
        "claim without the version",
        "A contact that is logged between reading and claiming does not stop the nudge.",
        [change_result(NUDGES, "application_write", under_any_version)],
    ),
    Bug(
        "retry without the version",
        "A contact that is logged after the first attempt does not stop the second.",
        [change_result(NUDGES, "_unchanged", under_any_version)],
    ),
    Bug(
        "the index used without a second read",
        "What the index still shows as due is sent though it was sent before.",
        [wrap(NUDGES, "of_application", due_whatever_it_says), wrap(CASE, "Case.next_step", planned_by_now)],
    ),
    Bug(
        "unknown sent again",
        "A lost response counts as a refusal.",
        [wrap(CHANNELS, "classify_error", unknown_becomes("retrying", answered=False))],
    ),
    Bug(
        "unknown shown as failed",
        "A message that may have been sent is shown as never sent.",
        [wrap(CHANNELS, "classify_error", unknown_becomes("failed", answered=False))],
    ),
    Bug(
        "any 5xx counts as a refusal",
        "An internal error after the text was sent sends it again.",
        [wrap(CHANNELS, "classify_error", unknown_becomes("retrying", answered=True))],
    ),
    Bug(
        "a random message id",
        "The same step makes two messages when its wait opens again.",
        [wrap(NEW_MESSAGES, "_new", with_a_random_part)],
    ),
    Bug(
        "put instead of create",
        "An existing message is overwritten by a new one.",
        [wrap(PLANS, "Draft.into", put_if_new)],
    ),
    Bug(
        "save() instead of update()",
        "The sender writes the whole application as it read it, and a contact logged meanwhile is undone.",
        [wrap(PLANS, "Write.into", put_whole_application)],
    ),
    Bug(
        "no claim item",
        "When the worker dies, its messages stay in status sending for ever.",
        [wrap(TRANSACTIONS, "Transaction.create", leave_out_claims)],
    ),
    Bug(
        "a claim expired too early",
        "A claim expires while its worker may still be sending.",
        [set_constant(MESSAGES, "CLAIM_LASTS", timedelta(seconds=2))],
    ),
    Bug(
        "an expired claim tried again",
        "What a dead worker may have sent is sent again.",
        [wrap(CLAIMS, "expire_claim", expire_into_retrying)],
    ),
    Bug(
        "an unknown claim counts as won",
        "A claim whose response was lost is sent, though it may not exist.",
        [wrap(CLAIMS, "_commit_claim", believe_unknown)],
    ),
    Bug(
        "a message that lost its claim is sent",
        "A candidate who was called between reading and claiming still gets the nudge.",
        [wrap(CLAIMS, "_commit_claim", ignore_lost_members)],
    ),
    Bug(
        "settled without deleting the claim",
        "Claims pile up, and each expires once more.",
        [wrap(TRANSACTIONS, "Transaction.delete", leave_out_claims, during=(CLAIMS, "_commit_settle"))],
    ),
    Bug(
        "always settled as sent",
        "A refused text is shown as sent.",
        [change_result(SENDING, "_result", lambda fate: replace(fate, status="sent"))],
    ),
    Bug(
        "settling tried once",
        "A short throttling makes a sent message unknown.",
        [set_constant(CLAIMS, "SETTLE_TRIES", 1)],
    ),
    Bug(
        "sent before the claim",
        "Two workers both send.",
        [wrap(DELIVER, "Delivery._deliver", send_first)],
    ),
    Bug(
        "opt-outs never read",
        "STOP has no effect.",
        [always_return(CHECKS, "_read_standing", NOTHING_KNOWN)],
    ),
    Bug(
        "opt-outs of the channel only",
        "STOP at the number does not end the mails.",
        [wrap(CHECKS, "_read_standing", only_where_it_goes)],
    ),
    Bug(
        "opt-outs read eventually consistent",
        "A STOP of a second ago is not yet seen.",
        [wrap(TABLE, "get_many", read_eventually, during=(CHECKS, "_read_standing"))],
    ),
    Bug(
        "sent when opt-outs cannot be read",
        "When the table is slow, people who sent STOP get messages.",
        [wrap(CHECKS, "_read_standing", nothing_known_if_unreadable)],
    ),
    Bug(
        "a retry without a check of its wait",
        "A refused nudge is sent an hour later although the candidate was called.",
        [wrap(NUDGES, "of_retry", for_whatever_wait)],
    ),
    Bug(
        "a retry claimed without a condition",
        "Two workers may claim the same retry.",
        [always_return(PLANS, "still_retrying", MessageItem.id.exists())],
    ),
    Bug(
        "a retry that leaves the due index",
        "A message that was refused once is never tried again.",
        [change_result(CLAIMS, "_retry_or_fail", lambda actions: without(actions, MessageItem.due_shard, MessageItem.due_at))],
    ),
    Bug(
        "stale nudges sent",
        "After an outage of five days people are asked about last week.",
        [wrap(NUDGES, "of_application", forget_when_stale)],
    ),
    Bug(
        "a due step skipped",
        "A write after an outage drops a due reminder, which is listed nowhere.",
        [always_return("chalicelib.applications.next_reminder", "stays_due", False)],
    ),
    Bug(
        "the send window checked only when planned",
        "A tick at night sends at night.",
        [wrap(CASE, "Case.opening", lambda original: lambda self: self.now, during=(NUDGES, "of_application"))],
    ),
    Bug(
        "no next step",
        "The first nudge is also the last: the due index holds nothing any more.",
        [always_return(CASE, "Case.next_step", None, during=(NUDGES, "_sent"))],
    ),
    Bug(
        "nudges sent not counted",
        "A wait that opens again starts with its first nudge once more.",
        [wrap(NUDGES, "application_write", without_nudges, during=(NUDGES, "_sent"))],
    ),
    Bug(
        "a moved interview keeps its count of nudges",
        "After an interview was postponed nobody is reminded of it.",
        [wrap(WAIT_ITEMS, "nudges_after_moves", lambda original: lambda nudges, *_: nudges)],
    ),
    Bug(
        "a moved interview loses its former count",
        "An interview that is moved and moved back starts with its first nudge once more.",
        [change_result(WAIT_ITEMS, "nudges_after_moves", lambda counts: {k: n for k, n in counts.items() if "@" not in k})],
    ),
    Bug(
        "one token for all writes of the same items",
        "A second change of the same items within ten minutes counts as a repetition, or is refused.",
        [wrap("chalicelib.storage.fast_path", "transact", token_of_the_items)],
    ),
    Bug(
        "an unknown write sent again",
        "A contact whose response was lost is logged twice.",
        [wrap(TRANSACTIONS, "Transaction.commit", send_unknown_again)],
    ),
    Bug(
        "an application written without its version",
        "Of two writes at once, the later one folds without the facts of the earlier.",
        [wrap(TRANSACTIONS, "Transaction.write", whatever_was_read)],
    ),
    Bug(
        "the tally in a separate transaction",
        "A crash between the two leaves the tally wrong for good.",
        [wrap("chalicelib.applications.unit_of_work", "UnitOfWork.commit", add_the_tally_later)],
    ),
    Bug(
        "a case read eventually consistent",
        "A client's write folds an old state of the case.",
        [wrap(TABLE, "query", read_eventually)],
    ),
    Bug(
        "a queued step leaves the due index",
        "A lost queue record is a lost reminder.",
        [wrap("chalicelib.jobs.queue", "Queue.send", end_what_is_queued)],
    ),
    Bug(
        "a closed application counts as active",
        "A candidate who has withdrawn still gets nudges.",
        [wrap("chalicelib.rules.waits", "fold", as_if_active, during=(AGGREGATE, "ApplicationCase.recompute"))],
    ),
    Bug(
        "an erasure leaves a retrying message",
        "A message without a person stays retrying for ever.",
        [wrap(RAW_TABLE, "_stripping", as_if_ended("retrying"))],
    ),
    Bug(
        "an erasure ignores a message that is being sent",
        "Its sender writes the provider's id into the record of an erased person.",
        [wrap(RAW_TABLE, "_stripping", as_if_ended("sending"))],
    ),
)
