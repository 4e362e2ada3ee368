"""A text that a person sent, as the carrier's notification tells of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.rules.reply_text import CONTROLS
from chalicelib.storage import recipients

CLOCKS_DIFFER = timedelta(minutes=10)
"""A text may be sent so much after `now` by our clock, which may be slow. Only the sender's clock orders STOP and START.

So much later, too, a worker with a fast clock may have noted the text that a reply answers.
"""
_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}", re.ASCII)


@dataclass(frozen=True)
class Text:
    """A text as it came in. `id` is the carrier's and is the same when it is delivered twice. `at` is when it was published."""

    id: str
    number: str
    body: str
    at: datetime

    @property
    def number_hash(self) -> str:
        return recipients.hash_of("sms", self.number)


def read(text: str, sent_at: datetime, now: datetime) -> Text:
    """Reads a text from its notification. Raises ValueError, KeyError, TypeError where it is none."""
    told = json.loads(text)
    number, body, inbound_id = (told[name] for name in ("originationNumber", "messageBody", "inboundMessageId"))
    if not (isinstance(number, str) and isinstance(body, str) and isinstance(inbound_id, str) and inbound_id):
        raise TypeError("not a text message")
    if not _NUMBER.fullmatch(number):
        raise ValueError("not a number")
    return Text(inbound_id, number, _clean(body), sent_at if sent_at - now < CLOCKS_DIFFER else now)


def _clean(body: str) -> str:
    """Drops control characters, and shows half an emoji, in which a long text may end, as U+FFFD: the table takes no half."""
    whole = body.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return CONTROLS.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))
