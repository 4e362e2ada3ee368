"""Finds the texts that were sent to a number, by any employer: which one a reply answers, and what a STOP ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.messaging.messages import WENT_OUT, MessageItem
from chalicelib.rules.canonical import canonical_phone
from chalicelib.storage import recipients, table


@dataclass(frozen=True, slots=True)
class SentText:
    """One text to a candidate. `at` is when the provider took it. In flight: claimed, and perhaps it has arrived already."""

    case_pk: str
    employer_id: str
    at: datetime
    message_id: str
    in_flight: bool = False


def sent_to(number: str, statuses: Collection[str] = WENT_OUT) -> list[SentText]:
    """Lists the texts to a number, oldest first. Each case that the number is known to have costs one query."""
    found = [
        SentText(item.PK, item.employer_id, item.settled_at or item.created_at, item.id, item.status == "sending")
        for item in items_to(number)
        if item.status in statuses
    ]
    return sorted(found, key=lambda sent: (sent.at, sent.message_id))


def items_to(number: str) -> Iterator[MessageItem]:
    """Reads the texts to a number, whatever became of them."""
    wanted = canonical_phone(number)
    for case_pk in recipients.cases_of(("sms", number)):
        for item in table.query(case_pk, "MSG#"):
            if isinstance(item, MessageItem) and item.channel == "sms" and _is_to(item, wanted):
                yield item


def _is_to(item: MessageItem, wanted: str) -> bool:
    """Whether a message went to this number. Those of an erased person name none any more."""
    to = item.attribute_values.get("to")
    return isinstance(to, str) and canonical_phone(to) == wanted


def may_have_been_sent_to_erased(number: str) -> bool:
    """Whether a text about an application that had this number went out, or may have, and its person was erased since."""
    items = (item for case_pk in recipients.cases_of(("sms", number)) for item in table.query(case_pk, "MSG#"))
    return any(
        isinstance(item, MessageItem)
        and (item.channel, "to" in item.attribute_values) == ("sms", False)
        and item.status in WENT_OUT
        for item in items
    )
