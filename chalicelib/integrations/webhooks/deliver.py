"""Hands events over: one item an endpoint, each attempt claimed before it is made, ten of them over about three days.

A webhook may come twice (an answer that is lost is tried again) and says so by its `webhook-id`. An endpoint that fails is
probed, and what else waits for it is put off unsent. A 410 ends it; so do days of nothing but failure.
"""

from __future__ import annotations

import json
import logging
import random
from datetime import datetime, timedelta
from typing import Any

from chalicelib.api.json_text import instant
from chalicelib.applications.items import ApplicationItem
from chalicelib.errors import ConditionFailed
from chalicelib.integrations.webhooks import endpoints, send
from chalicelib.integrations.webhooks.items import (
    EndpointItem,
    SendItem,
    claim,
    disable,
    endpoint_key,
    handed,
    listen,
    listeners_of,
    mark_endpoint,
    new_send,
    put_off,
    settle,
)
from chalicelib.storage import ids, recipients, table
from chalicelib.storage.outbox import OptOutNewsItem, OutItem, emit, listening, new_event
from chalicelib.storage.table import Item, Transaction, stored_instant

MINUTE = timedelta(minutes=1)
BACK_OFF = tuple(MINUTE * minutes for minutes in (1, 5, 30, 120, 300, 600, 840, 1200, 1440))
"""After the first attempt, nine more: 75 hours and a half in all, give or take the jitter."""
JITTER = 0.1
DISABLED_AFTER = timedelta(days=5)
PROBED_AT_MOST_EVERY = timedelta(hours=2)
GONE = 410
log = logging.getLogger("heardback")


def fan_out(item: Item, now: datetime) -> None:
    """Gives an event to every endpoint that wants it."""
    event = table.get(*item.key)
    if not isinstance(event, OutItem) or event.due_at is None or event.due_at > stored_instant(now):
        return
    known = {found.SK for found in table.query(event.PK, "SEND#")}
    transaction = Transaction()
    handed(transaction, event)
    for endpoint in endpoints.wanting(endpoints.of(event.employer_id), event.type):
        if f"SEND#{endpoint.id}" not in known:
            transaction.create(new_send(event, endpoint, now))
    try:
        transaction.commit()
    except ConditionFailed:
        return  # another worker did


def deliver(item: Item, now: datetime) -> None:
    """Makes one attempt. Losing the claim is normal."""
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
        _write(lambda transaction: put_off(transaction, found, at))
    elif _write(lambda transaction: claim(transaction, found, _next_at(int(found.attempts), now))):
        _attempt(event, endpoint, found, now)


def _write(put: Any) -> bool:
    transaction = Transaction()
    put(transaction)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _next_at(attempts: int, now: datetime) -> datetime:
    """With jitter, so that what failed together does not come back together."""
    wait = BACK_OFF[min(attempts, len(BACK_OFF) - 1)]
    return now + wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load


def _attempt(event: OutItem, endpoint: EndpointItem, item: SendItem, now: datetime) -> None:
    body = body_of(event)
    said = send.post(endpoint.url, body, send.signed_headers(endpoints.valid_secrets(endpoint, now), event.id, now, body))
    transaction = Transaction()
    if isinstance(said, int) and 200 <= said < 300:
        settle(transaction, item, "delivered", str(said), now)
        if endpoint.failing_since is not None or endpoint.last_status != str(said):
            mark_endpoint(transaction, endpoint, str(said), now, None)
        _commit(transaction)
        return
    over = int(item.attempts) >= len(BACK_OFF)
    settle(transaction, item, "failed" if over or said == GONE else "pending", str(said), now)
    if reason := _hopeless(endpoint, said, now):
        _give_up(transaction, endpoint, reason, now)
    else:
        step = BACK_OFF[min(int(endpoint.failures), len(BACK_OFF) - 1)]
        mark_endpoint(transaction, endpoint, str(said), now, now + min(step, PROBED_AT_MOST_EVERY) * (1 - JITTER))
    _commit(transaction)


def _commit(transaction: Transaction) -> None:
    try:
        transaction.commit()
    except ConditionFailed:
        return  # the endpoint was removed or disabled, or the event replayed, meanwhile: what is left ends with its next attempt


def _hopeless(endpoint: EndpointItem, said: int | str, now: datetime) -> str | None:
    if said == GONE:
        return "it answered 410: gone for good"
    if endpoint.failing_since is not None and now - endpoint.failing_since >= DISABLED_AFTER:
        return f"it has failed since {instant(endpoint.failing_since)}; the last answer was: {said}"
    return None


def _give_up(transaction: Transaction, endpoint: EndpointItem, reason: str, now: datetime) -> None:
    """Disabled with a notice: in the employer's warnings, as an event for its other endpoints, and in the log."""
    before = listeners_of(endpoint.employer_id)
    disable(transaction, endpoint, reason, now)
    endpoint.enabled, endpoint.disabled_reason = False, reason
    listen(transaction, before, [*before.but(endpoint.id), endpoint])
    emit(transaction, endpoint.employer_id, "webhook_endpoint.disabled", {"endpoint_id": endpoint.id, "reason": reason}, now)
    log.warning("webhook_disabled employer=%s endpoint=%s", endpoint.employer_id, endpoint.id)


def body_of(event: OutItem) -> bytes:
    """The very bytes that are signed."""
    whole = {"id": event.id, "type": event.type, "timestamp": instant(event.at), "data": event.data}
    return json.dumps(whole, separators=(",", ":"), sort_keys=True).encode()


def tell_opt_out(item: Item, now: datetime) -> None:
    """Looks up whose candidates somebody is who opted out, and tells those employers that listen. Twice is once."""
    if not isinstance(item, OptOutNewsItem):
        return
    cases = recipients.cases_at((item.PK, "OPT"))
    found = [one for one in table.get_many((pk, "APP") for pk in cases).values() if isinstance(one, ApplicationItem)]
    heard = listening({one.employer_id for one in found})
    transaction = Transaction()
    for employer_id, candidate_id in sorted({(one.employer_id, one.candidate_id) for one in found if one.employer_id in heard}):
        minute = f"{item.at:%Y-%m-%dT%H:%M}"
        event_id = ids.derived_id("evt", candidate_id, employer_id, candidate_id, minute)  # number and address: told once
        if table.get(f"EMP#{employer_id}#OUT#{event_id}", "OUT") is None:
            transaction.put(new_event(employer_id, "candidate.opted_out", {"candidate_id": candidate_id}, now, event_id))
    transaction.delete(OptOutNewsItem(*item.key))
    transaction.commit()
