"""Whether the candidate may have got an earlier nudge of the same wait: the first message never says "still".

A second nudge is the first message where the first one expired, was refused for good, was held back, or came back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import open_wait_of
from chalicelib.errors import HeardbackError
from chalicelib.messaging.messages import BY_MAIL, MessageItem, nudge_key
from chalicelib.rules.reminders.next_step import nudge_name, nudge_number
from chalicelib.storage import table
from chalicelib.storage.table import Item, Key

log = logging.getLogger(__name__)


def read_for(due: Iterable[Item], items: Mapping[Key, Item]) -> Mapping[Key, Item]:
    """Reads the earlier nudges of what is due, in one batch; none is read for first nudges.

    Where they cannot be read they count as not sent: the words of a first message fit a second one too.
    """
    wanted = [key for item in due for key in _keys_for(item, items)]
    try:
        return table.get_many(dict.fromkeys(wanted)) if wanted else {}
    except HeardbackError:
        log.warning("earlier nudges could not be read: the message will not say 'still'")
        return {}


def _keys_for(item: Item, items: Mapping[Key, Item]) -> list[Key]:
    application = item if isinstance(item, ApplicationItem) else items.get((item.PK, "APP"))
    step = item.step if isinstance(item, ApplicationItem | MessageItem) else None
    return keys_of(application, (step or "").removesuffix(BY_MAIL)) if isinstance(application, ApplicationItem) else []


def keys_of(application: ApplicationItem, step: str) -> list[Key]:
    """Lists the keys of the nudges that come before `step` in the open wait of an application."""
    wait, number = open_wait_of(application), nudge_number(step)
    if wait is None or number is None:
        return []
    return [nudge_key(application, wait, nudge_name(earlier)) for earlier in range(1, number)]


def may_have_arrived(message: Item | None) -> bool:
    """Whether the candidate may have read it."""
    return isinstance(message, MessageItem) and message.status in ("sent", "unknown", "sending") and not message.has_come_back
