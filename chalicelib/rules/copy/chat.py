"""Writes the messages to a team's chat: counts and a link. No name, address or word of anybody is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.rules.model import ReplyKind, SubscribedEvent

CHAT_EVENTS: tuple[SubscribedEvent, ...] = ("digest.ready", "contact.disputed", "reply.received")
"""The events that a chat gets."""
_TEST = "This is a test from Heardback. The morning's counts, disputes and replies will appear here."
_DISPUTED = "A candidate says that nobody got in touch, although a contact was logged."
_REPLIES: dict[ReplyKind, str] = {
    "text": "A candidate sent a message.",
    "email": "A candidate sent a message.",
    "not_yet": "A candidate says that nobody has got in touch yet.",
    "dispute": _DISPUTED,
}
_COUNTS = {
    "overdue": ("reply is overdue", "replies are overdue"),
    "due_soon": ("is due soon", "are due soon"),
    "rejected_not_told": ("rejection is not told yet", "rejections are not told yet"),
    "replies": ("message is new", "messages are new"),
}


def chat_text(kind: str, data: Mapping[str, Any]) -> str:
    """Returns the one line about an event. An unknown kind gets a line too: newer code may have written it."""
    if kind == "digest.ready":
        return digest_line(data)
    if kind == "webhook_endpoint.test":
        return _TEST
    if kind == "contact.disputed":
        return _DISPUTED
    return _REPLIES.get(data.get("kind", ""), "There is something new.")


def digest_line(data: Mapping[str, Any]) -> str:
    """Returns "This morning: 3 replies are overdue, 1 is due soon." Counts of zero are left out."""
    counts = ((int(data.get(name, 0)), words) for name, words in _COUNTS.items())
    return f"This morning: {', '.join(f'{count:,} {words[count != 1]}' for count, words in counts if count)}."


def slack(text: str, link: str, label: str) -> dict[str, Any]:
    """Returns the body of a Slack incoming webhook: `text` for notifications, one block to read.

    Slack's documents say how: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. Links are `<url|label>`.
    """
    shown = f"{text} <{link}|{label}>"
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": shown}}]}


def teams(text: str, link: str, label: str) -> dict[str, Any]:
    """Returns the body of a Teams webhook made in Workflows: a message with one Adaptive Card.

    Workflows take Adaptive Cards only: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using.
    """
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": text, "wrap": True}],
        "actions": [{"type": "Action.OpenUrl", "title": label, "url": link}],
    }
    attached = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attached]}
