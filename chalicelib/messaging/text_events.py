"""Takes SNS's delivery log: what became of a text after SNS had taken it.

SNS checks opt-outs, the price and the month's limit only after it has answered with a message id, and a carrier may refuse a text
later still, up to 72 hours. Each line may come twice, late, in any order, or never: then the message stays `sent`. A line about
a text that is still being settled raises, so that it comes again.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import ConditionFailed, HeardbackError, Unavailable
from chalicelib.messaging import messages, opt_outs, reply_store, texts_sent
from chalicelib.messaging.case import Case
from chalicelib.messaging.messages import BY_MAIL, HOLDING_NOTICE, MessageItem
from chalicelib.messaging.new_messages import new_nudge
from chalicelib.messaging.notices import by_mail, dispatch
from chalicelib.rules.employer import Employer
from chalicelib.storage import ids, keys, table
from chalicelib.storage.recipients import Address
from chalicelib.storage.table import Transaction, stored_instant

CARRIER = "carrier"
"""The source of an opt-out that AWS or a carrier told us: somebody said STOP where we did not hear it."""
_OPTED_OUT = re.compile(r"\bopted[ -]?out\b", re.I)
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_REASON_MOST = 200
_AHEAD_MOST = timedelta(minutes=15)
"""SNS's clock may be ahead of ours, which may be behind: what it says of a text then still comes after a START before it."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TextEvent:
    """One line of the delivery log."""

    provider_message_id: str
    number: str
    at: datetime
    has_arrived: bool
    reason: str

    @property
    def is_opt_out(self) -> bool:
        return not self.has_arrived and bool(_OPTED_OUT.search(self.reason))


def take(event: Mapping[str, Any], now: datetime) -> dict[str, int]:
    """Takes what a subscription of CloudWatch Logs hands over. Returns counts by outcome."""
    counts: Counter[str] = Counter()
    failed: HeardbackError | None = None
    for line in log_lines(event):
        try:
            counts[_take_one(read(line, now), now)] += 1
        except HeardbackError as error:
            log.warning("a line of the delivery log comes again: %s", type(error).__name__)
            failed = error
        except Exception as error:
            log.error("a line of the delivery log was parked: %s", type(error).__name__)
            counts["parked"] += 1
            with suppress(HeardbackError):
                reply_store.create_once(reply_store.parked("sms_log", line, type(error).__name__, now))
    if failed:
        raise failed
    return dict(counts)


def log_lines(event: Mapping[str, Any]) -> Iterator[str]:
    """Unpacks the lines: base64, gzip, JSON. A message by which CloudWatch tries the subscription holds none."""
    packed = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    if packed.get("messageType") == "DATA_MESSAGE":
        yield from (str(one["message"]) for one in packed["logEvents"])


def read(line: str, now: datetime) -> TextEvent:
    """Reads one line. Raises KeyError, TypeError, ValueError for what is none."""
    told = json.loads(line)
    delivery, status = told["delivery"], str(told["status"]).upper()
    if status not in ("SUCCESS", "FAILURE"):
        raise ValueError("not a status that we know")
    at = _instant(told["notification"].get("timestamp"), now)
    at = at if at <= now + _AHEAD_MOST else now
    reason = str(delivery.get("providerResponse") or "no reason given")
    return TextEvent(
        str(told["notification"]["messageId"]), str(delivery["destination"]), at, status == "SUCCESS", reason[:_REASON_MOST]
    )


def _take_one(event: TextEvent, now: datetime) -> str:
    item = _message_of(event)
    if event.is_opt_out and (item is not None or reply_store.was_sent_alone(event.provider_message_id)):
        _opt_out(event, item)
        if item is None:
            return "opted_out"
    if item is None:  # of another stage or program of the account, about no application, or of an erased person
        return "passed_over"
    case, employer = _case_of(item, now)
    has_listener = employer is not None and employer.webhooks
    transaction = Transaction()
    messages.tell_outcome(transaction, item, "delivered" if event.has_arrived else "failed", now)
    if event.has_arrived:
        transaction.update(MessageItem(*item.key), [MessageItem.delivered_at.set(event.at)], _first_news(event))
        if has_listener:
            messages.emit_outcome(transaction, item, "delivered", now)
    else:
        _fail(transaction, event, item)
        if case is not None and (mail := mail_instead(item, case)):
            transaction.create(mail)
            messages.tell(transaction, mail, now)
        if has_listener:
            messages.emit_outcome(transaction, item, "failed", now)
    outcome = "delivered" if event.has_arrived else "failed"
    try:
        transaction.commit()
    except ConditionFailed:
        outcome = "known"
    if not event.has_arrived and employer is not None and item.step == HOLDING_NOTICE:
        dispatch.take_back(item.key, employer, now)  # also where it is known: what follows may not have been written then
        by_mail.send_instead(item.key, now)
    return outcome


def _fail(transaction: Transaction, event: TextEvent, item: MessageItem) -> None:
    actions = [
        MessageItem.status.set("failed"),
        MessageItem.reason.set(event.reason),
        MessageItem.bounced_at.set(event.at),
        MessageItem.due_shard.remove(),
        MessageItem.due_at.remove(),
    ]
    transaction.update(MessageItem(*item.key), actions, _first_news(event))


def _first_news(event: TextEvent) -> Any:
    is_same = (MessageItem.provider_message_id == event.provider_message_id) & (MessageItem.status == "sent")
    return is_same & MessageItem.delivered_at.does_not_exist()


def mail_instead(text: MessageItem, case: Case) -> MessageItem | None:
    """The mail in place of a text that failed, due in the next open hour. None where nobody waits for it or it would be too late.

    It is sent like a nudge that was refused: with every check, opt-outs and caps included, on the application as it is then.
    """
    wait, email_address, opening = case.wait, case.candidate.email, case.opening()
    is_nudge = text.step.startswith("nudge_") and text.audience == "candidate"
    if wait is None or not email_address or not is_nudge or not text.is_about(wait) or opening >= text.not_after:
        return None
    item = new_nudge(
        case.item, wait, step=text.step + BY_MAIL, channel="email", to=email_address, not_after=text.not_after, now=case.now
    )
    item.status, item.attempts, item.opens_at = "retrying", 0, opening
    item.due_shard, item.due_at = ids.due_shard(item.id), stored_instant(opening)
    return item


def _message_of(event: TextEvent) -> MessageItem | None:
    """The text that a line is about, by its number and the provider's id. Raises Unavailable while it may still be being sent."""
    if not _NUMBER.fullmatch(event.number):
        return None
    is_sending = False
    for item in texts_sent.items_to(event.number):
        if item.provider_message_id == event.provider_message_id:
            return item
        is_sending = is_sending or item.status == "sending"
    if is_sending:
        raise Unavailable
    return None


def _opt_out(event: TextEvent, item: MessageItem | None) -> None:
    """Ends texts to the number, and what was texted there before: the STOP answered that, though we did not hear it.

    `item` is the text that failed; None: an automatic answer, or a code.
    """
    number: Address = ("sms", event.number)
    opt_outs.opt_out([number], CARRIER, event.at)
    earlier = [sent.case_pk for sent in texts_sent.sent_to(event.number) if item is None or sent.message_id != item.id]
    opt_outs.stop_cases(number, dict.fromkeys(earlier))


def _case_of(item: MessageItem, now: datetime) -> tuple[Case | None, Employer | None]:
    owner, application = (keys.employer_pk(item.employer_id), "EMP"), (item.PK, "APP")
    found = table.get_many([owner, application])
    held, about = found.get(owner), found.get(application)
    employer = employer_of(held) if isinstance(held, EmployerItem) else None
    case = Case(about, employer, now) if isinstance(about, ApplicationItem) and employer is not None else None
    return case, employer


def _instant(text: Any, otherwise: datetime) -> datetime:
    """Reads `2026-06-28 00:40:34.558`, in UTC."""
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        return otherwise
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
