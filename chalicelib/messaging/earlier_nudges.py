"""Whether the candidate may have got an earlier nudge of the same wait: the first message never says "still".

A second nudge is the first message where the first one expired, was refused for good, was held back, or came back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import open_wait_of
from chalicelib.errors import HeardbackError
from chalicelib.messaging.messages import BY_MAIL, MessageItem
from chalicelib.messaging.new_messages import nudge_key
from chalicelib.rules.model import Wait
from chalicelib.rules.reminders.next_step import nudge_name, nudge_number
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key

Earlier = Mapping[str, Sequence[MessageItem]]
"""The nudges that come before the one that is due, by the application's partition."""
log = logging.getLogger(__name__)


def read_for(due: Iterable[Item], items: Mapping[Key, Item]) -> Earlier:
    """Reads the earlier nudges of what is due, in one batch; none is read for first nudges.

    Where they cannot be read they count as not sent: the words of a first message fit a second one too.
    """
    wanted: dict[str, tuple[ApplicationItem, Wait, int]] = {}
    for item in due:
        application = item if isinstance(item, ApplicationItem) else items.get((item.PK, "APP"))
        number = _number(item.step) if isinstance(item, ApplicationItem | MessageItem) else None
        if isinstance(application, ApplicationItem) and (wait := open_wait_of(application)) and number and number > 1:
            wanted[item.PK] = application, wait, number
    try:
        return _read(wanted) if wanted else {}
    except HeardbackError:
        log.warning("earlier nudges could not be read: the message will not say 'still'")
        return {}


def _read(wanted: Mapping[str, tuple[ApplicationItem, Wait, int]]) -> Earlier:
    keys = [
        nudge_key(application, wait, nudge_name(number) + how)
        for application, wait, due_number in wanted.values()
        for number in range(1, due_number)
        for how in ("", BY_MAIL)
    ]
    earlier: dict[str, list[MessageItem]] = {pk: [] for pk in wanted}
    for (pk, _), item in table.get_many(keys).items():
        if isinstance(item, MessageItem):
            earlier[pk].append(item)
    for pk, (application, wait, number) in wanted.items():
        if not earlier[pk] and application.nudges.get(wait.cause):  # claimed when word was due at another time
            found = (item for item in table.query(pk, "MSG#") if isinstance(item, MessageItem))
            earlier[pk] = [message for message in found if _is_earlier(message, wait, number)]
    return earlier


def _is_earlier(message: MessageItem, wait: Wait, number: int) -> bool:
    about_this = message.cause == wait.cause and message.wait_since in (None, wait.since)
    return about_this and (_number(message.step) or number) < number


def _number(step: str | None) -> int | None:
    return nudge_number((step or "").removesuffix(BY_MAIL))


def may_have_arrived(message: MessageItem) -> bool:
    """Whether the candidate may have read it."""
    return message.status in ("sent", "unknown", "sending") and not message.has_come_back
