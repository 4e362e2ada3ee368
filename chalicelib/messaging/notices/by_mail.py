"""A mail in place of a holding notice's text that failed later, so that the candidate still learns the promised day.

It is a notice of its own with the same day, sent with every check, opt-outs and caps included. Once sent, it is the promise.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import open_wait_of
from chalicelib.errors import ConditionFailed
from chalicelib.messaging.messages import HOLDING_NOTICE, INSTEAD_OF_TEXT, MessageItem, messages_in, tell
from chalicelib.messaging.new_messages import new_notice
from chalicelib.messaging.notices.dispatch import is_voided
from chalicelib.messaging.notices.request import notices_about, pending_in
from chalicelib.rules.model import Wait
from chalicelib.storage import ids, table
from chalicelib.storage.table import Transaction, stored_instant


def send_instead(key: table.Key, now: datetime) -> None:
    """Creates the mail of a text that failed, due at once. Idempotent: its id derives from the text's.

    Call it after the text's contact was taken back. None is created where the candidate has no email, heard otherwise, waits for
    something else or is being told already; where the notice was voided or the wait has ended; or where it would be too late.
    """
    found = table.get_many([key, (key[0], "APP")])
    text, application = found.get(key), found.get((key[0], "APP"))
    if not isinstance(text, MessageItem) or not isinstance(application, ApplicationItem) or not _is_failed(text):
        return
    wait, email_address = open_wait_of(application), application.email
    if wait is None or not email_address or not text.is_about(wait) or now >= text.not_after:
        return
    if is_voided(key[0], text.id) or pending_in(notices_about(messages_in(key[0]), wait)) is not None:
        return
    _create(text, application, wait, email_address, now)


def _create(text: MessageItem, application: ApplicationItem, wait: Wait, email_address: str, now: datetime) -> None:
    assert text.next_word_by is not None  # noqa: S101 - a notice has one
    mail = new_notice(
        application,
        wait,
        channel="email",
        to=email_address,
        next_word_by=text.next_word_by,
        number=text.id,
        not_after=text.not_after,
        now=now,
    )
    mail.cause, mail.recorded_by = f"{INSTEAD_OF_TEXT}{text.id}:{wait.cause}", text.recorded_by
    mail.lacks = text.lacks
    mail.due_shard, mail.due_at = ids.due_shard(mail.id), stored_instant(now)
    transaction = Transaction()
    transaction.create(mail)
    tell(transaction, mail, now)
    with suppress(ConditionFailed):  # the same line came before
        transaction.commit()


def _is_failed(text: MessageItem) -> bool:
    return (text.step, text.channel, text.status) == (HOLDING_NOTICE, "sms", "failed") and text.has_come_back
