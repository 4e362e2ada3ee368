"""Answers mails that came in, by mail: at most once a day to an address, to nobody who opted out, never to a machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.applications.items import ApplicationItem
from chalicelib.messaging import automatic_answers, gate, send_now
from chalicelib.messaging.providers import Channels
from chalicelib.messaging.reply_addresses import thread_of
from chalicelib.messaging.reply_store import create_once
from chalicelib.rules.copy import mail_answers
from chalicelib.rules.copy.language import language_of
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import Message
from chalicelib.storage import recipients


@dataclass(frozen=True)
class MailAnswers:
    """Answers one mail about an application. `message_id` is its Message-ID."""

    application: ApplicationItem
    employer: Employer
    message_id: str | None
    now: datetime
    channels: Channels

    def received(self, employer: Employer) -> None:
        language = language_of(self.application.locale, employer.policy.language)
        self._send(mail_answers.received(self._to, employer.name, self.message_id, language))

    def noted(self, what: str | None) -> None:
        from chalicelib.rules.copy import seeker_account  # late: most deployments have no job seekers

        language = language_of(self.application.locale)
        self._send(seeker_account.noted_mail(self._to, what, self.message_id, language))

    @property
    def _to(self) -> str:
        return self.application.email or ""

    def _send(self, message: Message) -> None:
        """Claims the answer of the day before it is sent: no answer is better than two."""
        if gate.block_reason(self.employer, "email", self._to) or recipients.opted_out([("email", self._to)]):
            return
        if create_once(automatic_answers.claim_of_day(recipients.hash_of("email", self._to), self.now)):
            thread = thread_of(self.employer.id, self.application.id)
            send_now.reply(message, self.channels, self.now, self.employer, thread)
