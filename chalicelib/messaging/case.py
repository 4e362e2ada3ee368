"""An application at send time: which step is next, by which channel, when, with which words, and what forbids it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.mappers import call_back_for, open_wait_of, recipient_of, written_out
from chalicelib.holidays import holiday_check
from chalicelib.messaging import earlier_nudges, eligibility, gate
from chalicelib.messaging.eligibility import UNLIMITED_ROOM, Room
from chalicelib.messaging.messages import MessageItem
from chalicelib.messaging.new_messages import new_nudge
from chalicelib.messaging.opt_outs import unsubscribe_url
from chalicelib.messaging.plans import Draft
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate, Message, MessageChannel, Wait
from chalicelib.rules.reminders import next_step, send_windows
from chalicelib.rules.reminders.next_step import Step
from chalicelib.rules.reminders.send_zones import send_zones
from chalicelib.storage.recipients import Address, addresses_of


@dataclass(frozen=True)
class Case:
    """An application as the rules see it, and what was read with it at send time."""

    item: ApplicationItem
    employer: Employer
    now: datetime
    room: Room = UNLIMITED_ROOM
    """What is left of money, and of the day's messages."""
    earlier: Sequence[MessageItem] = ()
    """The nudges of this wait before the one that is due."""
    by_mail: bool = False
    """Whether a text about it failed, so that this message is a mail whatever the rules prefer."""
    wait: Wait | None = field(init=False)
    candidate: Candidate = field(init=False)
    call_back: CallBack = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wait", open_wait_of(self.item))
        object.__setattr__(self, "candidate", recipient_of(self.item))
        object.__setattr__(self, "call_back", call_back_for(self.item, self.employer))

    @property
    def is_holiday(self) -> send_windows.IsHoliday:
        return holiday_check(self.employer.policy.holidays)

    @property
    def nudges_sent(self) -> int:
        return int(self.item.nudges.get(self.wait.cause, 0)) if self.wait else 0

    def next_step(self, nudges_sent: int | None = None, *, what_next_done: bool = False) -> Step | None:
        sent = self.nudges_sent if nudges_sent is None else nudges_sent
        done = what_next_done or (self.wait is not None and self.item.what_next == next_step.told_key(self.wait))
        return next_step.next_step(self.wait, sent, self.employer, self.candidate, self.now, self.is_holiday, what_next_done=done)

    @property
    def day_block_reason(self) -> str | None:
        """Says why nothing more goes out today (UTC) by this channel."""
        return self.room.day_block_reason(self.channel)

    @property
    def begins(self) -> datetime:
        """The first instant from which the operator's limits of a day let a message out: now, or the next UTC day."""
        return next_day(self.now) if self.day_block_reason else self.now

    def opening(self) -> datetime:
        """The first instant from now on at which this person may be sent something."""
        zones = send_zones(self.candidate, self.employer, self.channel, self.now)
        return send_windows.next_open_in_all(self.begins, self.employer.policy.candidate_window, zones, self.is_holiday)

    @cached_property
    def channel(self) -> MessageChannel | None:
        return "email" if self.by_mail else eligibility.channel_for(self.candidate, self.employer, self.room)

    @property
    def to(self) -> str | None:
        return self.candidate.phone if self.channel == "sms" else self.candidate.email

    def nudge_block_reason(self) -> str | None:
        """Says why a nudge that is due may not be sent."""
        return next_step.block_reason(self.employer, self.call_back) or self.block_reason()

    def block_reason(self) -> str | None:
        """Says why this employer may send this person nothing, whatever it is about."""
        return gate.block_reason(self.employer, self.channel, self.to, self.room)

    def nudge(self, step: Step) -> Draft:
        """The text of a nudge with its message item."""
        channel = self.channel
        if channel is None or self.wait is None:
            raise ValueError("a nudge needs an open wait and a channel")
        message = self.words(step.name)
        item = new_nudge(
            self.item,
            self.wait,
            step=step.name,
            channel=channel,
            to=message.to,
            not_after=self.item.not_after or step.not_after or self.now,
            now=self.now,
        )
        return Draft(
            item, message, self.people, has_listener=self.employer.webhooks, stopped_at=self.stopped_at, counted=self.counted
        )

    def words(self, step: str) -> Message:
        """The text of a nudge. It says "still" only where an earlier one may have arrived."""
        from chalicelib.applications.candidates import links  # late: the worker has other jobs too
        from chalicelib.rules.copy import email

        again = any(map(earlier_nudges.may_have_arrived, self.earlier))
        number = (next_step.nudge_number(step) or 1) if again else 1
        channel = self.channel
        if channel is None or self.wait is None:
            raise ValueError("a nudge needs an open wait and a channel")
        link = unsubscribe_url(self.candidate.email or "", self.now) if channel == "email" else None
        call_back = written_out(self.call_back) if channel == "email" else self.call_back  # phones dial a text's number as it is
        if self.employer.seeker:
            return self._own_words(number, channel, self.wait, call_back, link)
        return email.nudge(
            number,
            channel,
            employer=self.employer,
            candidate=self.candidate,
            call_back=call_back,
            job_title=self.item.job_title,
            stage=self.wait.stage,
            unsubscribe_url=link,
            kind=self.employer.policy.candidate_nudge,
            answer_url=links.url(self.employer.id, self.item.id, self.now),
        )

    def _own_words(
        self, number: int, channel: MessageChannel, wait: Wait, call_back: CallBack, unsubscribe_link: str | None
    ) -> Message:
        """The text of a reminder to a job seeker, who keeps this record themselves."""
        from chalicelib.applications.candidates import links
        from chalicelib.rules.copy import seekers  # late: most deployments have none

        return seekers.reminder(
            number,
            channel,
            candidate=self.candidate,
            company=self.item.company or "",
            call_back=call_back,
            job_title=self.item.job_title,
            wait=wait,
            zone=self.employer.timezone,
            link=links.url(self.employer.id, self.item.id, self.now),
            unsubscribe_url=unsubscribe_link,
        )

    @property
    def counted(self) -> bool:
        """Whether other waits of this application may have had messages: those of one wait never exceed the weekly cap."""
        return bool(self.item.what_next) or bool(self.item.nudges.keys() - {self.wait.cause if self.wait else ""})

    @property
    def people(self) -> tuple[Address, ...]:
        """All addresses of the person: the frequency cap counts messages to them together."""
        return tuple(addresses_of(self.candidate.email, self.candidate.phone))

    @property
    def stopped_at(self) -> tuple[str, ...]:
        """The numbers and mailboxes that said STOP to this application, by hash."""
        return tuple(self.item.stopped_at or ())


def next_day(now: datetime) -> datetime:
    """The beginning of the next UTC day, when counts of a day begin again."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
