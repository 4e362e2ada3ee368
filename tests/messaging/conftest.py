"""Sending on real engines, without HTTP: an employer, candidates who wait, and runs of the scheduler and the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib import config, wiring
from chalicelib.applications import digest_schedule
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.applications.interviews import service as interviews
from chalicelib.applications.interviews.service import Booking
from chalicelib.applications.items import ApplicationItem
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.jobs import scheduler, worker
from chalicelib.jobs.queue import body_of
from chalicelib.messaging.messages import MessageItem, messages_of
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack
from chalicelib.storage import ids, keys, table
from chalicelib.storage.table import Key, Transaction

_NUMBERS = count(100)


class Sending:
    """The steps of a test: somebody was interviewed, time passes, the scheduler and the worker run."""

    def __init__(self, stack: Any) -> None:
        self.clock, self.outbox, self.faults, self.sqs = stack.clock, stack.outbox, stack.faults, stack.sqs
        self.handlers = wiring.job_handlers()
        self.employer = self.new_employer()

    def new_employer(self, **fields: Any) -> Employer:
        """With a call-back number, no digest, not in trial mode."""
        employer_id = ids.new_id("emp", self.clock())
        stored: dict[str, Any] = {
            "name": "Acme Robotics",
            "timezone": "America/New_York",
            "call_back_name": "Dana",
            "trial": False,
            "call_back_phone": "+12025550100",
            "digest_to": [],
            "policy": {},
            "suspended": False,
            "countries": ["US"],
            **fields,
        }
        item = EmployerItem(
            keys.employer_pk(employer_id),
            "EMP",
            id=employer_id,
            created_at=self.clock(),
            updated_at=self.clock(),
            revision=1,
            **stored,
        )
        transaction = Transaction()
        transaction.create(item)
        transaction.create(digest_schedule.digest_item(employer_of(item), self.clock()))
        transaction.commit()
        return employer_of(item)

    def change_employer(self, employer: Employer, **fields: Any) -> Employer:
        """Changes it behind the sender's back, as a PATCH would."""
        item: Any = table.get(keys.employer_pk(employer.id), "EMP")
        for name, value in fields.items():
            setattr(item, name, value)
        item.save()
        return employer_of(item)

    def interviewed(
        self,
        employer: Employer | None = None,
        *,
        phone: str | None = None,
        email: str | None = None,
        consent: bool = True,
        zone: str | None = None,
        locale: str | None = None,
        name: str = "",
        ended: datetime | None = None,
        **booking: Any,
    ) -> ApplicationItem:
        """Somebody whose interview has just ended; with a mobile number where neither is given; "" is none."""
        number = next(_NUMBERS)
        if phone is None and email is None:
            phone = f"+1202556{number:04}"
        given = {"given_at": table.stored_instant(self.clock()), "source": "form"} if consent and phone else None
        person = CandidateInput(
            name=name or f"Sam Sample {number}",
            email=email or None,
            phone=phone or None,
            timezone=zone,
            locale=locale,
            sms_consent=given,
        )
        end = ended or self.clock()
        opening = ApplicationInput(job_title="Engineer", candidate=person)
        stage = booking.pop("stage", "interview")
        booked = interviews.book(
            employer or self.employer,
            Booking(stage=stage, start_at=end - timedelta(hours=1), end_at=end, application=opening, **booking),
            self.clock(),
        )
        return booked.case.application

    def now(self, application: ApplicationItem) -> ApplicationItem:
        """The application as the table has it."""
        item = table.get(*application.key)
        assert isinstance(item, ApplicationItem)
        return item

    def messages(self, application: ApplicationItem) -> list[MessageItem]:
        return messages_of(application)

    def statuses(self, application: ApplicationItem) -> list[str]:
        """Of its messages, oldest first."""
        in_order = sorted(self.messages(application), key=lambda message: (message.created_at, message.step))
        return [message.status for message in in_order]

    def heard(self, application: ApplicationItem, employer: Employer | None = None) -> None:
        """The employer calls, and says no."""
        contacts.log_contact(
            employer or self.employer,
            application.id,
            {"channel": "call", "outcome": "reached", "decision": "rejected"},
            self.clock(),
        )

    def tick(self) -> dict[str, int]:
        return scheduler.run(wiring.queues(), self.clock(), wiring.queue_of)

    def deliver(self, *keys: Key) -> list[str]:
        """One invocation with records of these keys. Returns the record ids that must come again: r0, r1, ..."""
        records = [{"messageId": f"r{number}", "body": body_of(key)} for number, key in enumerate(keys)]
        return worker.run(records, handlers=self.handlers, clock=self.clock)

    def run(self) -> None:
        """Ticks and delivers until nothing is due at this moment."""
        for _ in range(20):
            if not self.tick()["queued"]:
                return
            while records := self.received():
                worker.run(records, handlers=self.handlers, clock=self.clock)

    def received(self, most: int = 100) -> list[dict[str, str]]:
        """Queue records as the SQS mapping hands them over; they are gone from the queue then."""
        url = wiring.config.settings().queue_url
        found: list[dict[str, str]] = []
        while len(found) < most and (page := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])):
            found += [{"messageId": one["MessageId"], "body": one["Body"]} for one in page]
            self.sqs.delete_message_batch(
                QueueUrl=url,
                Entries=[{"Id": str(place), "ReceiptHandle": one["ReceiptHandle"]} for place, one in enumerate(page)],
            )
        return found

    def tell_call_back(self, employer: Employer, call_back: CallBack) -> Employer:
        return self.change_employer(
            employer, call_back_name=call_back.name, call_back_phone=call_back.phone, call_back_email=call_back.email
        )


@pytest.fixture
def sending(stack: Any) -> Sending:
    return Sending(stack)


@pytest.fixture
def text_costs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets what a text costs, in dollars: on one machine texts are free otherwise."""

    def charge(price: str) -> None:
        monkeypatch.setenv("HEARDBACK_SMS_PRICE_USD", price)
        config.forget()

    yield charge
    monkeypatch.undo()
    config.forget()
