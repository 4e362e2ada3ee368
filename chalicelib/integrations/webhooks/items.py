"""Stored items of webhooks: endpoints, and the delivery of one event to one endpoint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.auth.employers import EmployerItem
from chalicelib.rules.model import EventDeliveryStatus, WebhookFormat
from chalicelib.storage import ids, keys, table
from chalicelib.storage.outbox import KEPT_FOR, OutItem
from chalicelib.storage.table import InstantAttribute, Item, Key, Transaction, WordAttribute, stored_instant

if TYPE_CHECKING:
    from chalicelib.integrations.webhooks.pacing import Pace


class EndpointItem(Item):
    """PK EMP#<employer id>, SK HOOK#<id>."""

    kind = "HOOK"
    id = UnicodeAttribute()
    employer_id = UnicodeAttribute()
    url = UnicodeAttribute()
    """Of a chat only its host: the rest of such an address is a secret (`locked_url`)."""
    locked_url = UnicodeAttribute(null=True)
    """The whole address of a chat, encrypted, Base64."""
    format = WordAttribute[WebhookFormat](null=True)
    """None is json: endpoints of before formats."""
    events = JSONAttribute()
    """The types that it gets; empty: all."""
    enabled = BooleanAttribute()
    disabled_reason = UnicodeAttribute(null=True)
    secrets = JSONAttribute()
    """[{locked (encrypted, Base64), until}], newest first. `until` is null for the one that does not expire."""
    failing_since = InstantAttribute(null=True)
    not_before = InstantAttribute(null=True)
    """While it fails, nothing is sent before this instant: one probe for all waiting events."""
    failures = NumberAttribute(default=0)
    last_status = UnicodeAttribute(null=True)
    slow_seconds = NumberAttribute(null=True)
    """How long an attempt takes, where the endpoint is slow; with the next two: `pacing.Pace`."""
    busy_until = InstantAttribute(null=True)
    next_slot = InstantAttribute(null=True)
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    revision = NumberAttribute()

    @property
    def is_chat(self) -> bool:
        """Whether it is the chat of a team, which gets messages instead of events."""
        return self.format in ("slack", "teams")

    @property
    def pace(self) -> Pace:
        """What pacing knows of the endpoint."""
        from chalicelib.integrations.webhooks.pacing import Pace

        seconds = None if self.slow_seconds is None else float(self.slow_seconds)
        return Pace(seconds, self.busy_until, self.next_slot)


class ListenersItem(Item):
    """PK EMP#<employer id>, SK HOOKS: a revision of all endpoints together.

    Each change of an endpoint is conditional on it, so that two changes at once do not set the webhooks flag from a stale list.
    """

    kind = "HOOKS"
    revision = NumberAttribute(default=0)


@dataclass(frozen=True, slots=True)
class Listeners:
    """The endpoints of an employer, oldest first, and the revision of the whole list."""

    employer_id: str
    endpoints: list[EndpointItem]
    revision: int

    def without(self, endpoint_id: str) -> list[EndpointItem]:
        """Return the other endpoints."""
        return [one for one in self.endpoints if one.id != endpoint_id]


class SendItem(Item):
    """PK the event's, SK SEND#<endpoint id>: one delivery, in the due index while there is another attempt to make."""

    kind = "SEND"
    employer_id = UnicodeAttribute()
    endpoint_id = UnicodeAttribute()
    status = WordAttribute[EventDeliveryStatus]()
    """pending, delivered, failed (out of attempts, or its endpoint is gone)"""
    attempts = NumberAttribute(default=0)
    last_status = UnicodeAttribute(null=True)
    created_at = InstantAttribute()
    settled_at = InstantAttribute(null=True)
    slot_at = InstantAttribute(null=True)
    """When it may begin, where its endpoint is slow and has many deliveries."""

    @property
    def lane(self) -> str:
        return str(self.endpoint_id)


def endpoint_key(employer_id: str, endpoint_id: str) -> Key:
    return keys.employer_pk(employer_id), f"HOOK#{endpoint_id}"


def new_send(event: OutItem, endpoint: EndpointItem, now: datetime) -> SendItem:
    """Create a delivery, due at once."""
    return SendItem(
        event.PK,
        f"SEND#{endpoint.id}",
        employer_id=endpoint.employer_id,
        endpoint_id=endpoint.id,
        status="pending",
        created_at=now,
        due_shard=ids.due_shard(endpoint.id + event.id),
        due_at=stored_instant(now),
        expires_at=int((now + KEPT_FOR).timestamp()),
    )


def listeners_of(employer_id: str) -> Listeners:
    """Read an employer's endpoints consistently in one query."""
    found = table.query(keys.employer_pk(employer_id), "HOOK")
    endpoints = sorted((item for item in found if isinstance(item, EndpointItem)), key=lambda item: item.id)
    return Listeners(employer_id, endpoints, next((int(item.revision) for item in found if isinstance(item, ListenersItem)), 0))


def set_webhook_flags(transaction: Transaction, before: Listeners, endpoints: Iterable[EndpointItem]) -> None:
    """Set on the employer whether events are written at all, and whether an endpoint was disabled.

    `endpoints` are those after the change. The transaction fails where they were changed since `before` was read.
    """
    will_be, pk = list(endpoints), keys.employer_pk(before.employer_id)
    actions = [
        EmployerItem.webhooks.set(any(item.enabled for item in will_be)),
        EmployerItem.webhooks_ended.set(any(item.disabled_reason for item in will_be)),
    ]
    transaction.update(EmployerItem(pk, "EMP"), actions, Item.PK.exists())
    unchanged = ListenersItem.revision == before.revision if before.revision else Item.PK.does_not_exist()
    transaction.update(ListenersItem(pk, "HOOKS"), [ListenersItem.revision.set(before.revision + 1)], unchanged)


def mark_fanned_out(transaction: Transaction, event: OutItem) -> None:
    """Take an event out of the due index, once a delivery exists for every endpoint."""
    transaction.update(OutItem(*event.key), [OutItem.due_at.remove(), OutItem.due_shard.remove()], OutItem.due_at == event.due_at)


def queue_again(transaction: Transaction, event: OutItem, now: datetime) -> None:
    """Put an event into the due index again."""
    due = [OutItem.due_at.set(stored_instant(now)), OutItem.due_shard.set(ids.due_shard(event.id))]
    transaction.update(OutItem(*event.key), due, Item.PK.exists())


def claim(transaction: Transaction, item: SendItem, endpoint: EndpointItem, next_at: datetime, now: datetime) -> None:
    """Claim an attempt before it is made. The delivery is due again at `next_at`, if the worker dies meanwhile.

    A slow endpoint's time is claimed too: of two workers that try it at once, one fails.
    """
    moved = [SendItem.attempts.set(item.attempts + 1), SendItem.due_at.set(stored_instant(next_at))]
    transaction.update(SendItem(*item.key), moved, (SendItem.due_at == item.due_at) & (SendItem.attempts == item.attempts))
    if endpoint.pace.seconds is not None:
        begun = EndpointItem.busy_until.set(endpoint.pace.begin(now))
        same = _unchanged(EndpointItem.busy_until, endpoint.busy_until)
        transaction.update(EndpointItem(*endpoint.key), [begun], Item.PK.exists() & same)


def postpone(transaction: Transaction, item: SendItem, at: datetime) -> None:
    """Move a delivery to a later instant, without counting an attempt."""
    transaction.update(SendItem(*item.key), [SendItem.due_at.set(stored_instant(at))], SendItem.due_at == item.due_at)


def take_slot(transaction: Transaction, item: SendItem, endpoint: EndpointItem, now: datetime) -> None:
    """Move a delivery to the next free slot of its slow endpoint, without counting an attempt."""
    at, next_slot = endpoint.pace.take_slot(now)
    if next_slot is None:
        postpone(transaction, item, at)
        return
    moved = [SendItem.due_at.set(stored_instant(at)), SendItem.slot_at.set(at)]
    transaction.update(SendItem(*item.key), moved, SendItem.due_at == item.due_at)
    same = _unchanged(EndpointItem.next_slot, endpoint.next_slot)
    transaction.update(EndpointItem(*endpoint.key), [EndpointItem.next_slot.set(next_slot)], Item.PK.exists() & same)


def _unchanged(attribute: Any, value: Any) -> Any:
    return attribute.does_not_exist() if value is None else attribute == value


def settle(transaction: Transaction, item: SendItem, status: EventDeliveryStatus, result: str, now: datetime) -> None:
    """Note an attempt's result. Unless it is pending, the delivery leaves the due index."""
    actions = [SendItem.last_status.set(result)]
    if status != "pending":
        actions += [SendItem.status.set(status), SendItem.settled_at.set(now)]
        actions += [SendItem.due_at.remove(), SendItem.due_shard.remove()]
    transaction.update(SendItem(*item.key), actions, Item.PK.exists())


def mark_endpoint(
    transaction: Transaction, item: EndpointItem, result: str, now: datetime, *, seconds: float, not_before: datetime | None
) -> None:
    """Note an endpoint's last result, and how long it took. `not_before` is None for a success.

    Nothing is written where nothing changed: most attempts succeed as the one before, and quickly.
    """
    actions = _duration(item, seconds, now)
    if not_before is not None:
        actions += [
            EndpointItem.failing_since.set(item.failing_since or now),
            EndpointItem.not_before.set(not_before),
            EndpointItem.failures.set(int(item.failures) + 1),
            EndpointItem.last_status.set(result),
        ]
    elif item.failing_since is not None or item.last_status != result:
        actions += [EndpointItem.failing_since.remove(), EndpointItem.not_before.remove(), EndpointItem.failures.set(0)]
        actions += [EndpointItem.last_status.set(result)]
    if actions:
        transaction.update(EndpointItem(*item.key), actions, Item.PK.exists())


def _duration(item: EndpointItem, seconds: float, now: datetime) -> list[Any]:
    from chalicelib.integrations.webhooks.pacing import Pace

    before, counted = item.pace, item.pace.after(seconds)
    if counted is None:
        known = before.seconds is not None
        return [one.remove() for one in (EndpointItem.slow_seconds, EndpointItem.busy_until, EndpointItem.next_slot) if known]
    actions = [EndpointItem.slow_seconds.set(round(counted, 3))]
    if before.seconds is None:  # the claim knew nothing of it
        actions.append(EndpointItem.busy_until.set(Pace(counted).begin(now)))
    return actions


def disable(transaction: Transaction, item: EndpointItem, reason: str, result: str, now: datetime) -> None:
    """Disable an endpoint that is enabled."""
    transaction.update(
        EndpointItem(*item.key),
        [
            EndpointItem.enabled.set(False),
            EndpointItem.disabled_reason.set(reason),
            EndpointItem.last_status.set(result),
            EndpointItem.updated_at.set(now),
            EndpointItem.revision.set(item.revision + 1),
        ],
        EndpointItem.enabled == True,  # noqa: E712 - PynamoDB's condition
    )
