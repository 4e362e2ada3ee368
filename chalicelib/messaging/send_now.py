"""Sends a message that somebody is waiting for at this moment: claimed, handed over once and settled within the request.

There is no send window and no retry: a person who gets nothing asks again.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.auth.employers import EmployerItem
from chalicelib.errors import HeardbackError
from chalicelib.messaging import claims, gate, reply_store
from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.gate import OnDemand
from chalicelib.messaging.new_messages import new_asked
from chalicelib.messaging.plans import Draft, Held, Plan, Write
from chalicelib.messaging.providers import Channels, NotSent
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message
from chalicelib.storage import keys

if TYPE_CHECKING:
    from chalicelib.messaging.reply_addresses import Thread

WORTH_READING = timedelta(minutes=15)
log = logging.getLogger(__name__)


def send_now(one: OnDemand, channels: Channels, now: datetime) -> Held | None:
    """Sends a message about an employer's account, with one provider call at most. Returns why the gate held it.

    The list of messages shows what became of it; the caller is not told.
    """
    if held := gate.allow(one, now):
        return held
    send_allowed(one, channels, now)
    return None


def send_allowed(one: OnDemand, channels: Channels, now: datetime) -> None:
    """Sends a message that the gate has let through at `now`. Raises ValueError for one of no employer.

    Where the provider provably did not take it, what the gate counted is given back. Nothing is sent or written where the
    employer is gone: a job seeker's request may be on its way while they erase themselves.
    """
    if one.employer is None:
        raise ValueError("a message about an account belongs to an employer")
    item = new_asked(
        one.employer.id,
        step=one.purpose,
        channel=one.message.channel,
        to=one.message.to,
        nonce=uuid.uuid4().hex,
        not_after=now + WORTH_READING,
        now=now,
    )
    draft, record = Draft(item, one.message, ()), (keys.digest_pk(one.employer.id), "ASKED")
    owner = EmployerItem(keys.employer_pk(one.employer.id), "EMP")
    try:
        claimed = claims.claim([Plan(record, "sending", (Write(owner, EmployerItem.PK.exists()),), drafts=(draft,))], now)
    except HeardbackError:
        gate.refused(one, now)  # it is handed over only under a claim
        raise
    if claimed.item is None:
        gate.refused(one, now)
        return
    result = _hand_over(draft, channels, now)
    claims.settle(claimed, [result], now)
    if result.status == "failed":
        gate.refused(one, now)


def reply(
    message: Message, channels: Channels, now: datetime, employer: Employer | None = None, thread: Thread | None = None
) -> bool:
    """Answers a text or mail that came in, once. Returns whether it may have gone out.

    It is listed nowhere: several employers, or none, may know the number. A mail is sent in the name of `employer`.
    """
    one = OnDemand("automatic_reply", message, employer)
    if held := gate.allow(one, now):
        log.info("an answer was not sent: %s", held.reason)
        return False
    try:
        sent_as = channels.send(message, None, employer, thread)
    except NotSent as error:
        log.info("an answer was not sent: %s", error.status)
        if error.status != "unknown":
            gate.refused(one, now)
            return False
        return True
    _note(message, sent_as, now)
    return True


def _note(message: Message, sent_as: str, now: datetime) -> None:
    """Notes a text about no application, so that an opt-out which the delivery log tells of is known to be about ours."""
    if message.channel != "sms":
        return
    try:
        reply_store.create_once(reply_store.sent_alone(sent_as, now))
    except HeardbackError as error:
        log.warning("a text was sent and not noted: %s", type(error).__name__)


def _hand_over(draft: Draft, channels: Channels, now: datetime) -> SendResult:
    try:
        sent_as = channels.send(draft.message)
        _note(draft.message, sent_as, now)
        return SendResult(draft, "sent", provider_message_id=sent_as)
    except NotSent as error:
        return SendResult(draft, "failed" if error.status == "retrying" else error.status, error.reason)
