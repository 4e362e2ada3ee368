"""What clients see of messages: one as JSON, an employer's list, and the resolution of an unknown one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from chalicelib.auth.actors import stored_actor
from chalicelib.errors import ConditionFailed, Conflict, NotFound
from chalicelib.messaging.messages import MessageItem, tell_outcome
from chalicelib.messaging.responses import Message
from chalicelib.rules.model import MessageStatus
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Item, Transaction, stored_instant
from chalicelib.storage.transaction import AT_ONCE, Committer

_PAGE = 100


def shown_status(item: MessageItem) -> MessageStatus:
    """The status as clients see it: a message that was never tried is `queued`, a text that arrived is `delivered`."""
    if item.status == "sent" and item.channel == "sms" and item.delivered_at:
        return "delivered"
    return "queued" if item.status == "retrying" and not item.attempts else item.status


WHAT_TO_DO = (
    "The provider may have taken it, and it is never sent again by itself. Look in the provider's log, or ask the candidate; "
    "then say what became of it: POST /v1/messages/{id}/resolve with status sent or failed."
)


def read_message(employer_id: str, message_id: str) -> MessageItem:
    """Reads a message to a candidate or to the employer. Raises NotFound."""
    to_employer = ids.tail(message_id) == ids.tail(employer_id)
    pk = keys.digest_pk(employer_id) if to_employer else keys.case_pk(employer_id, message_id)
    found = table.get(pk, f"MSG#{message_id}")
    if not isinstance(found, MessageItem):
        raise NotFound
    return found


def resolve(
    employer_id: str, message_id: str, status: MessageStatus, by: str, now: datetime, *, committer: Committer = AT_ONCE
) -> MessageItem:
    """Records what a person found out about an `unknown` message. Idempotent. Raises NotFound, Conflict."""
    reason = f"was unknown; {by} says {status}"
    actions: list[Any] = [MessageItem.status.set(status), MessageItem.reason.set(reason)]
    transaction, known = Transaction(), read_message(employer_id, message_id)
    if known.is_word and status == "sent":  # it counts as a contact from now on
        actions += [MessageItem.due_shard.set(ids.due_shard(known.id)), MessageItem.due_at.set(stored_instant(now))]
    transaction.update(MessageItem(*known.key), actions, MessageItem.status == "unknown")
    tell_outcome(transaction, known, status, now)
    try:
        committer.commit(transaction)
    except ConditionFailed:
        found = table.get(*known.key)
        if not isinstance(found, MessageItem):
            raise NotFound from None
        if found.status != status:
            raise Conflict(f"The message is not unknown: it is {shown_status(found)}.", code="not_unknown") from None
        return found
    known.status, known.reason = status, reason
    return known


def serialize_message(item: MessageItem) -> Message:
    """Return a message as clients see it. `sent`: the provider took it; `delivered_at`: the mailbox did."""
    return Message(
        id=item.id,
        application_id=item.application_id,
        audience=item.audience,
        step=item.step,
        channel=item.channel,
        to=item.to,
        status=shown_status(item),
        reason=item.reason,
        provider_message_id=item.provider_message_id,
        attempts=int(item.attempts),
        created_at=item.created_at,
        recorded_by=stored_actor(item.recorded_by),
        settled_at=item.settled_at,
        delivered_at=item.delivered_at,
        bounced_at=item.bounced_at,
        complained_at=item.complained_at,
        bounce=item.bounce,
        lacks=list(item.lacks or ()),
        what_to_do=WHAT_TO_DO if item.status == "unknown" else None,
    )


def newest_first(employer_id: str, kind: str, start: str | None) -> Iterator[str]:
    """Yields the places of an employer's messages or replies in their list, after the place `start`: for `pagination`."""
    condition = Item.list_at < start.partition(" ")[0] if start else None
    list_key = keys.list_key(employer_id, kind)
    key: dict[str, Any] | None = None
    while True:
        rows, key = table.query_index("listing", list_key, condition, limit=_PAGE, forward=False, start=key)
        yield from (" ".join(row[name]["S"] for name in ("list_at", "PK", "SK")) for row in rows)
        if key is None:
            return


def at_places(places: Sequence[str]) -> list[Item | None]:
    """Reads the items at some places of a list, consistently."""
    wanted = [(pk, sk) for _, pk, sk in (place.split(" ") for place in places)]
    found = table.get_many(wanted)
    return [found.get(key) for key in wanted]
