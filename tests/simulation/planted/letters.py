"""Bugs in letters that tell a rejection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.messaging.messages import MessageItem
from chalicelib.storage import table
from tests.simulation.planted.bug import Bug, always_return, wrap

ASKING = "chalicelib.messaging.letters.request"
LETTERS = "chalicelib.messaging.letters.dispatch"
NOTICES = "chalicelib.messaging.notices.dispatch"


def not_for_letters(log_or_take_back: Callable[..., Any]) -> Callable[..., Any]:
    def done(key: table.Key, *args: Any) -> Any:
        item = table.get(*key)
        return False if isinstance(item, MessageItem) and item.decision else log_or_take_back(key, *args)

    return done


def at_once(_: Callable[..., Any]) -> Callable[..., Any]:
    return lambda case: case.now


def as_another_decision(says: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda item, employer: says(item, employer) | ({"decision": "advancing"} if item.decision else {})


BUGS: tuple[Bug, ...] = (
    Bug(
        "a letter to somebody who was told",
        "A rejection arrives after the offer.",
        [always_return(LETTERS, "_not_wanted", None)],
    ),
    Bug(
        "another letter after an unknown one",
        "The candidate may be rejected twice.",
        [wrap(ASKING, "NOT_SENT", lambda statuses: (*statuses, "unknown"))],
    ),
    Bug(
        "a letter outside the send window",
        "A rejection arrives at three in the morning.",
        [wrap("chalicelib.messaging.case", "Case.opening", at_once, during=(LETTERS, "plan"))],
    ),
    Bug(
        "a letter logged as another decision",
        "The log says that the candidate is moving forward.",
        [wrap(NOTICES, "_says", as_another_decision)],
    ),
    Bug(
        "a sent letter is not logged",
        "The candidate was told, and is called again.",
        [wrap(NOTICES, "log_contact", not_for_letters)],
    ),
    Bug(
        "a bounced letter still counts",
        "A rejection that did not arrive counts as word.",
        [wrap(NOTICES, "take_back", not_for_letters)],
    ),
)
