"""Delivers events to webhook endpoints: ten attempts over about three days, each claimed before it is made.

A webhook may arrive twice, because a lost response is tried again: its `webhook-id` is then the same. While an endpoint fails,
one attempt probes it and the other deliveries are postponed. A 410 disables it, and so do five days without a success.
A slow endpoint gets a limited part of the workers' time (`pacing.py`).
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications.items import ApplicationItem
from chalicelib.config import settings
from chalicelib.errors import ConditionFailed
from chalicelib.integrations.webhooks import endpoints, send
from chalicelib.integrations.webhooks.items import (
    EndpointItem,
    SendItem,
    claim,
    disable,
    endpoint_key,
    listeners_of,
    mark_endpoint,
    mark_fanned_out,
    new_send,
    postpone,
    set_webhook_flags,
    settle,
    take_slot,
)
from chalicelib.rules.copy import chat
from chalicelib.storage import ids, recipients, table
from chalicelib.storage.feed import Change
from chalicelib.storage.outbox import OptOutNewsItem, OutItem, emit, listening, new_event
from chalicelib.storage.table import Item, Transaction, stored_instant

MINUTE = timedelta(minutes=1)
BACK_OFF = tuple(MINUTE * minutes for minutes in (1, 5, 30, 120, 300, 600, 840, 1200, 1440))
"""Nine attempts after the first: 75 hours and a half in all, plus or minus the jitter."""
JITTER = 0.1
DISABLED_AFTER = timedelta(days=5)
PROBED_AT_MOST_EVERY = timedelta(hours=2)
_FEEDS_AT_ONCE = 20
GONE = 410
log = logging.getLogger("heardback")


def fan_out(item: Item, now: datetime) -> None:
    """Create a delivery of an event for every subscribed endpoint."""
    event = table.get(*item.key)
    if not isinstance(event, OutItem) or event.due_at is None or event.due_at > stored_instant(now):
        return
    known = {found.SK for found in table.query(event.PK, "SEND#")}
    transaction = Transaction()
    mark_fanned_out(transaction, event)
    for endpoint in endpoints.subscribed(endpoints.list_all(event.employer_id), event.type):
        if f"SEND#{endpoint.id}" not in known:
            transaction.create(new_send(event, endpoint, now))
    try:
        transaction.commit()
    except ConditionFailed:
        return  # another worker did


def deliver(item: Item, now: datetime) -> None:
    """Make one attempt. Another worker may claim it first."""
    found = table.get(*item.key)
    if not isinstance(found, SendItem) or found.due_at is None or found.due_at > stored_instant(now):
        return
    keys = [(found.PK, "OUT"), endpoint_key(found.employer_id, found.endpoint_id)]
    items = table.get_many(keys)
    event, endpoint = items.get(keys[0]), items.get(keys[1])
    if not isinstance(event, OutItem) or not isinstance(endpoint, EndpointItem) or not endpoint.enabled:
        _write(lambda transaction: settle(transaction, found, "failed", "the endpoint is gone or disabled", now))
    elif endpoint.not_before is not None and endpoint.not_before > now:
        at = endpoint.not_before + timedelta(seconds=random.uniform(0, 60))  # noqa: S311 - spreads load
        _write(lambda transaction: postpone(transaction, found, at))
    elif not endpoint.pace.may_begin(now, has_slot=found.slot_at is not None):
        _write(lambda transaction: take_slot(transaction, found, endpoint, now))
    elif _write(lambda transaction: claim(transaction, found, endpoint, _next_at(int(found.attempts), now), now)):
        _attempt(event, endpoint, found, now)


def _write(put: Callable[[Transaction], None]) -> bool:
    """Write a transaction; False where another worker was first."""
    transaction = Transaction()
    put(transaction)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _next_at(attempts: int, now: datetime) -> datetime:
    """With jitter, so that deliveries that failed together do not come back together."""
    wait = BACK_OFF[min(attempts, len(BACK_OFF) - 1)]
    return now + wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load


def _attempt(event: OutItem, endpoint: EndpointItem, item: SendItem, now: datetime) -> None:
    body, began = body_of(event, endpoint), time.monotonic()
    result = send.post(
        endpoints.address_of(endpoint), body, send.signed_headers(endpoints.valid_secrets(endpoint, now), event.id, now, body)
    )
    seconds, transaction = time.monotonic() - began, Transaction()
    if isinstance(result, int) and 200 <= result < 300:
        settle(transaction, item, "delivered", str(result), now)
        mark_endpoint(transaction, endpoint, str(result), now, seconds=seconds, not_before=None)
        _commit(transaction)
        return
    over = int(item.attempts) >= len(BACK_OFF)
    settle(transaction, item, "failed" if over or result == GONE else "pending", str(result), now)
    if reason := _reason_to_disable(endpoint, result, now):
        _disable(transaction, endpoint, reason, str(result), now)
    else:
        step = BACK_OFF[min(int(endpoint.failures), len(BACK_OFF) - 1)]
        not_before = now + min(step, PROBED_AT_MOST_EVERY) * (1 - JITTER)
        mark_endpoint(transaction, endpoint, str(result), now, seconds=seconds, not_before=not_before)
    _commit(transaction)


def _commit(transaction: Transaction) -> None:
    try:
        transaction.commit()
    except ConditionFailed:
        return  # the endpoint was removed or disabled, or the event replayed: the delivery ends with its next attempt


def _reason_to_disable(endpoint: EndpointItem, result: int | str, now: datetime) -> str | None:
    if result == GONE:
        return "it answered 410: gone for good"
    if endpoint.failing_since is not None and now - endpoint.failing_since >= DISABLED_AFTER:
        return f"it has failed since {instant(endpoint.failing_since)}; the last answer was: {result}"
    return None


def _disable(transaction: Transaction, endpoint: EndpointItem, reason: str, result: str, now: datetime) -> None:
    """Disable an endpoint, and say so: in the employer's warnings, as an event to its other endpoints, and in the log."""
    before = listeners_of(endpoint.employer_id)
    disable(transaction, endpoint, reason, result, now)
    endpoint.enabled, endpoint.disabled_reason = False, reason
    set_webhook_flags(transaction, before, [*before.without(endpoint.id), endpoint])
    emit(transaction, endpoint.employer_id, "webhook_endpoint.disabled", {"endpoint_id": endpoint.id, "reason": reason}, now)
    log.warning("webhook_disabled employer=%s endpoint=%s", endpoint.employer_id, endpoint.id)


def body_of(event: OutItem, endpoint: EndpointItem) -> bytes:
    """Serialize an event in the endpoint's format: the bytes that are signed and sent."""
    whole: dict[str, Any] = {"id": event.id, "type": event.type, "timestamp": instant(event.at), "data": event.data}
    if endpoint.is_chat:
        path, label = ("/", "Open Today") if event.type == "digest.ready" else ("/inbox", "Open Inbox")
        write = chat.slack if endpoint.format == "slack" else chat.teams
        whole = write(chat.chat_text(event.type, event.data), settings().base_url + path, label)
    return json.dumps(whole, separators=(",", ":"), sort_keys=True).encode()


def announce_opt_out(item: Item, now: datetime) -> None:
    """Tell of an opt-out every employer of that candidate: the change feed, and webhooks where it has some. Idempotent."""
    if not isinstance(item, OptOutNewsItem):
        return
    cases = recipients.cases_at((item.PK, "OPT"))
    found = [one for one in table.get_many((pk, "APP") for pk in cases).values() if isinstance(one, ApplicationItem)]
    with_webhooks = listening({one.employer_id for one in found})
    concerned = {(one.employer_id, one.candidate_id) for one in found if one.employer_id in with_webhooks}
    transaction = _told_in_feeds(found, now)
    for employer_id, candidate_id in sorted(concerned):
        # By the minute, so that a candidate whose number and address opt out together is told of once.
        event_id = ids.derived_id("evt", candidate_id, employer_id, candidate_id, f"{item.at:%Y-%m-%dT%H:%M}")
        if table.get(f"EMP#{employer_id}#OUT#{event_id}", "OUT") is None:
            transaction.put(new_event(employer_id, "candidate.opted_out", {"candidate_id": candidate_id}, now, event_id))
    transaction.delete(OptOutNewsItem(*item.key))
    transaction.commit()


def _told_in_feeds(applications: Sequence[ApplicationItem], now: datetime) -> Transaction:
    """Tell the feeds of their employers. Return a transaction with room for the events."""
    transaction, employers = Transaction(), set[str]()
    for one in sorted(applications, key=lambda one: str(one.employer_id)):
        if len(employers | {one.employer_id}) > _FEEDS_AT_ONCE:
            transaction.commit()
            transaction, employers = Transaction(), set()
        employers.add(one.employer_id)
        transaction.tell(Change(one.employer_id, "candidate", one.candidate_id, None, now, ("candidate.opted_out",)))
        transaction.tell(Change(one.employer_id, "application", one.id, one.id, now))
    return transaction
