"""Bugs in sending many mails by one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.messaging.providers import NotSent
from tests.simulation.planted.bug import Bug, change_result, wrap

CHANNELS = "chalicelib.messaging.providers"
SENDING = "chalicelib.messaging.sending"


def tried_again_in_doubt(judged: Callable[..., str | NotSent]) -> Callable[..., str | NotSent]:
    def misjudged(result: Any) -> str | NotSent:
        told = judged(result)
        return NotSent("retrying", told.reason) if isinstance(told, NotSent) and told.status == "unknown" else told

    return misjudged


def sent_whatever_it_says(_: Callable[..., str | NotSent]) -> Callable[..., str | NotSent]:
    return lambda result: str(result.get("MessageId") or "taken")


def alone_after_any_failure(send_group: Callable[..., Any]) -> Callable[..., Any]:
    """A group whose call failed in any way is sent mail by mail."""

    def sent(self: Any, drafts: Sequence[Any]) -> Any:
        results = send_group(self, drafts)
        together = len(drafts) > 1 and all(getattr(one, "status", "") == "unknown" for one in results)
        return drafts if together else results

    return sent


def all_that_one_is(results: list[str | NotSent]) -> list[str | NotSent]:
    """One refused entry counts for the whole call."""
    refused = next((one for one in results if isinstance(one, NotSent) and one.status == "retrying"), None)
    return [refused] * len(results) if refused else results


BUGS: tuple[Bug, ...] = (
    Bug(
        "the status of an entry is not read",
        "A mail that SES refused is shown as sent.",
        [wrap(CHANNELS, "classify_entry", sent_whatever_it_says)],
    ),
    Bug(
        "an entry in doubt is sent again",
        "Somebody gets the same mail twice.",
        [wrap(CHANNELS, "classify_entry", tried_again_in_doubt)],
    ),
    Bug(
        "statuses of another order",
        "The mail of one person carries the outcome of another's.",
        [change_result(CHANNELS, "Channels.send_together", lambda results: results[::-1])],
    ),
    Bug(
        "mails of a lost bulk send are sent alone",
        "Twenty people get the same mail twice.",
        [wrap(SENDING, "Sender._send_group", alone_after_any_failure)],
    ),
    Bug(
        "one throttled entry repeats the call",
        "Those whose mail was taken get it again.",
        [change_result(CHANNELS, "Channels.send_together", all_that_one_is)],
    ),
)
