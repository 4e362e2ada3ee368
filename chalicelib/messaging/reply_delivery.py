"""Delivers what a candidate wrote, by text or mail, to the application that it answers: one conversation, whatever the channel.

It is listed in the inbox and told to the owner, a yes or no is recorded, the candidate hears that it arrived. Idempotent by the
id that the carrier or SES gave it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.applications import service as applications
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.actors import CANDIDATE
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.messaging import reply_mails, reply_store
from chalicelib.messaging.reply_store import OfNobody
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import MessageChannel, SenderCheck
from chalicelib.rules.replies import ReplyMeaning
from chalicelib.storage import keys, table
from chalicelib.storage.table import Key, Transaction


@dataclass(frozen=True)
class Written:
    """What somebody wrote. `sender` is a number or an address. `is_own`: it counts as the candidate's own words."""

    id: str
    channel: MessageChannel
    sender: str
    body: str
    at: datetime
    sender_check: SenderCheck | None = None
    """Of a mail. A text comes from the number that it names."""
    attachments: int = 0
    """Of a mail: parts that were not kept."""
    asked_at: datetime | None = None
    """When the message that it answers went out. None: it answers none that we know."""

    @property
    def is_own(self) -> bool:
        return self.sender_check in (None, "candidate")


class Answers(Protocol):
    """How a person hears what became of their message, in the channel in which they wrote."""

    def received(self, employer: Employer) -> None:
        """Says that the message arrived: once a day, to nobody who opted out."""

    def noted(self, what: str | None) -> None:
        """Says to a job seeker what was recorded; None: nothing was understood."""


def deliver(written: Written, case_pk: str, meaning: ReplyMeaning | None, now: datetime, answers: Answers) -> str:
    """Shows a message on an application, and records a yes or no, once: a second delivery must not move another one.

    Raises OfNobody where the application was erased.
    """
    if not reply_store.create_once(reply_store.subject(written.id, case_pk, now)):
        case_pk = reply_store.subject_of(written.id) or case_pk
    owner = (case_pk.partition("#CASE#")[0], "EMP")
    found = table.get_many([(case_pk, "APP"), owner])
    application, employer = found.get((case_pk, "APP")), found.get(owner)
    if not isinstance(application, ApplicationItem):
        raise OfNobody("the application was erased")
    if isinstance(employer, EmployerItem) and employer.seeker is not None:
        return _take_own(written, application, employer_of(employer), now, answers)
    if meaning == "yes" and _is_older_than_wait(written, application):
        meaning = None
    if written.is_own and meaning in ("yes", "no"):
        _record_statement(application, meaning == "yes", written, now)
    reply = reply_store.reply(
        application.employer_id,
        application.id,
        written.id,
        sender=written.sender,
        body=written.body,
        understood_as=meaning if written.is_own else None,
        at=written.at,
        channel=written.channel,
        sender_check=written.sender_check,
        attachments=written.attachments,
    )
    if written.is_own and meaning not in ("yes", "no") and application.snooze_until is not None:
        _end_snooze(application, reply.key, now)
    has_listener = isinstance(employer, EmployerItem) and bool(employer.webhooks)

    def tell_owner(transaction: Transaction) -> Key | None:
        return reply_mails.tell_owner_of_text(transaction, application, now)

    is_new = reply_store.store(reply, application.employer_id, now, has_listener=has_listener, tell_owner=tell_owner)
    if is_new and written.is_own and isinstance(employer, EmployerItem):
        answers.received(employer_of(employer))
    return meaning or "shown"


def _is_older_than_wait(written: Written, application: ApplicationItem) -> bool:
    """Whether the open wait began after the message that somebody answers: about another interview, or a promise made since."""
    since = application.wait_since if application.wait_state == "open" else None
    return since is not None and written.asked_at is not None and written.asked_at < since


def _take_own(written: Written, application: ApplicationItem, employer: Employer, now: datetime, answers: Answers) -> str:
    """Records what a job seeker writes about their own interview, once, and answers. Nobody but them reads it."""
    from chalicelib.applications.seekers import outcomes  # late: most deployments have no job seekers
    from chalicelib.rules.seeker_replies import classify_seeker_reply

    if not written.is_own:
        raise OfNobody("a stranger wrote about a job seeker's own interview")
    what = classify_seeker_reply(written.body)
    if what is not None:
        outcomes.record_reply(employer, application, what, written.id, now)
    answers.noted(what)
    return what or "unread"


def _record_statement(application: ApplicationItem, heard: bool, written: Written, now: datetime) -> None:
    employer = table.get(keys.employer_pk(application.employer_id), "EMP")
    if isinstance(employer, EmployerItem):
        said = {"heard": heard, "at": written.at}
        contacts.record_statement(employer_of(employer), application.id, said, now, known_as=written.id, by=CANDIDATE)


class _Known(Exception):
    """The reply was stored before."""


def _end_snooze(application: ApplicationItem, reply: Key, now: datetime) -> None:
    """Shows an application again whose candidate wrote. A snooze that was set after the reply was stored stays."""

    def check(_: ApplicationCase) -> None:
        if table.get(*reply) is not None:  # read after the application, so that its snooze is the newer one
            raise _Known

    employer = table.get(keys.employer_pk(application.employer_id), "EMP")
    if isinstance(employer, EmployerItem):
        with suppress(_Known):
            applications.change_application(employer_of(employer), application.id, {"snooze_until": None}, now, check)
