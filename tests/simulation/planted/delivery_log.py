"""Bugs in what follows from SNS's delivery log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.messaging import texts_sent
from chalicelib.messaging.messages import MessageItem
from tests.simulation.planted.bug import Bug, always_return, wrap

LOG = "chalicelib.messaging.text_events"


def _last_to_the_number(original: Callable[..., Any]) -> Callable[..., Any]:
    def message_of(event: Any) -> Any:
        return max(texts_sent.items_to(event.number), key=lambda item: item.id, default=None)

    return message_of


def _whatever_was_said(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda event: MessageItem.provider_message_id == event.provider_message_id


BUGS: tuple[Bug, ...] = (
    Bug(
        "a line is about the last text to its number",
        "A text that arrived is shown as failed.",
        [wrap(LOG, "_message_of", _last_to_the_number)],
    ),
    Bug(
        "a failure after the arrival counts",
        "Lines in the wrong order make a text that arrived a failed one, and a mail comes as well.",
        [wrap(LOG, "_first_news", _whatever_was_said)],
    ),
    Bug(
        "no mail in place of a failed text",
        "A candidate whose carrier blocks texts is never told.",
        [always_return(LOG, "mail_instead", None)],
    ),
    Bug(
        "an opt-out that the carrier reports is ignored",
        "Texts go on to somebody who said STOP where we did not hear it.",
        [always_return(LOG, "_opt_out", None)],
    ),
    Bug(
        "an opt-out that the carrier reports of an automatic answer is ignored",
        "Somebody said STOP where we did not hear it, and the next reminder goes out as well.",
        [always_return("chalicelib.messaging.reply_store", "was_sent_alone", False)],
    ),
    Bug(
        "a notice whose text failed stays logged",
        "The employer believes that the candidate was told a day.",
        [always_return("chalicelib.messaging.notices.dispatch", "take_back", None)],
    ),
)
