"""A message that somebody is waiting for at this moment: claimed, handed over once, settled, within the request.

It is not a reminder: no window, no opt-out and no retry. Whoever asked can ask again.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from chalicelib.messaging import claims
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.messages import new_asked
from chalicelib.messaging.plans import Draft, Plan
from chalicelib.messaging.providers import Channels, NotSent
from chalicelib.rules.model import Message
from chalicelib.storage import keys

WORTH_READING = timedelta(minutes=15)


def send_now(employer_id: str, step: str, message: Message, channels: Channels, now: datetime) -> None:
    """One call to the provider at most. The list of messages tells its fate; the caller is told nothing."""
    item = new_asked(
        employer_id,
        step=step,
        channel=message.channel,
        to=message.to,
        nonce=uuid.uuid4().hex,
        not_after=now + WORTH_READING,
        now=now,
    )
    draft = Draft(item, message, ())
    claimed = claims.claim([Plan((keys.digest_pk(employer_id), "ASKED"), "sending", drafts=(draft,))], now)
    if claimed.item is not None:
        claims.settle(claimed, [_handed_over(draft, channels)], now)


def _handed_over(draft: Draft, channels: Channels) -> SendResult:
    try:
        return SendResult(draft, "sent", provider_message_id=channels.send(draft.message))
    except NotSent as error:
        return SendResult(draft, "failed" if error.fate == "retrying" else error.fate, error.reason)
