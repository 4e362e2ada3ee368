"""Carries out steps: calls the real code as the routes and the handlers in app.py call it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib import wiring
from chalicelib.applications import service
from chalicelib.applications.candidates import service as candidate_service
from chalicelib.applications.candidates.identity import CandidateInput
from chalicelib.applications.candidates.service import consent
from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.employers import service as employers
from chalicelib.applications.find_or_create import ApplicationInput
from chalicelib.applications.interviews import changes
from chalicelib.applications.interviews import service as interviews
from chalicelib.applications.interviews.service import Booking
from chalicelib.applications.privacy import erasure
from chalicelib.auth.employers import employer_of
from chalicelib.errors import HeardbackError
from chalicelib.jobs import dead_letters, scheduler, worker
from chalicelib.messaging import delivery_events, message_list, opt_outs, text_events
from chalicelib.messaging.letters import request as letters
from chalicelib.messaging.letters.request import Letter
from chalicelib.messaging.notices import request
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import MessageStatus
from chalicelib.storage import table as tables
from tests.simulation.accounts import AccountActions
from tests.simulation.conversations import ConversationActions
from tests.simulation.delivery_log import OPTED_OUT, DeliveryLog, line_about
from tests.simulation.history import INVITED, Step
from tests.simulation.http_clients import HttpClientActions
from tests.simulation.linked import LinkActions
from tests.simulation.mail_histories import MailActions
from tests.simulation.people import People, What, meaning_of
from tests.simulation.replies import Replies
from tests.simulation.run import TEAMMATE
from tests.simulation.seekers import SeekerActions
from tests.simulation.truth import model
from tests.simulation.world.providers import Call
from tests.simulation.world.queue import Queue
from tests.simulation.world.service import World

CONSENT = consent(datetime(2026, 1, 1, tzinfo=UTC), "form")

PERSONS = ("Ann", "Ben", "Cleo")
JOBS = ("Cook", "Clerk", "Driver", "Baker")
"""Without digits, because a text leaves out a name that could be a link. The last two are jobs of another employer."""
ELSEWHERE = 2
_UNSUBSCRIBE = re.compile(r"/u/([\w.~-]+)")


def phone_of(person: int) -> str:
    return f"+1202555011{person}"


def email_of(person: int) -> str:
    return f"person{person}@example.com"


class Actors(AccountActions, ConversationActions, HttpClientActions, SeekerActions, LinkActions, MailActions):
    """The actions of one history, of two employers and their candidates."""

    def __init__(self, world: World, people: People, replies: Replies, log: DeliveryLog, employer_id: str, other_id: str) -> None:
        self.world = world
        self.people = people
        self.replies = replies
        self.log = log
        self.employer_id = employer_id
        self.other_id = other_id
        self.told: dict[int, dict[str, Any]] = {}
        """What SNS delivers, by the number of the step: when a handler fails, SNS delivers the same again."""
        self.asked: dict[int, dict[str, Any]] = {}
        self.lines: dict[int, tuple[Call, float]] = {}
        """The text that each line of the delivery log is about, and when it says so, by the number of the step."""

    def work(self, step: Step) -> Callable[[], Any]:
        """Returns what the process of a step runs. A refusal (not found, conflict, unavailable) is a result, not a failure."""
        action = getattr(self, step.kind)

        def run() -> Any:
            try:
                return action(self._now(step.skew), **step.details)
            except HeardbackError as refusal:
                return refusal

        return run

    def _now(self, skew: float) -> Callable[[], datetime]:
        return lambda: datetime.fromtimestamp(self.world.schedule.now + skew, UTC)

    def employer(self, job: int) -> Employer:
        """The employer that offers a job, as authentication reads it."""
        item: Any = model(self.world.table.items[f"EMP#{self._offers(job)}", "EMP"])
        return employer_of(item)

    def _offers(self, job: int) -> str:
        return self.employer_id if job < ELSEWHERE else self.other_id

    def _application(self, person: int, job: int) -> str | None:
        """The id of the latest application of that person for that job."""
        found = [
            item["id"]["S"]
            for key, item in self.world.table.items.items()
            if key[1] == "APP" and item["name"]["S"] == PERSONS[person] and item["job"]["S"] == JOBS[job]
        ]
        return max(found, default=None)

    def _latest(self, person: int, job: int, kind: str) -> tuple[str, str] | None:
        """(application id, fact id) of the latest fact of that kind."""
        application = self._application(person, job)
        found = [
            key[1].partition("#")[2]
            for key in self.world.table.items
            if application and key[0].endswith(application[-16:]) and key[1].startswith(f"{kind}#")
        ]
        return (application, max(found)) if application and found else None

    # scheduler and worker

    def tick(self, now: Callable[[], datetime]) -> Any:
        return scheduler.run(wiring.queues(), now(), wiring.queue_of)

    def deliver(self, now: Callable[[], datetime], most: int) -> Any:
        """Works queue records off as the SQS event source does: what is not reported as failed is deleted."""
        return self._work_off(self.world.queue, now, most)

    def background(self, now: Callable[[], datetime], most: int) -> None:
        """Works off the other queues, whose workers send no messages."""
        for _, queue in sorted(self.world.background.items()):
            self._work_off(queue, now, most)

    def _work_off(self, queue: Queue, now: Callable[[], datetime], most: int) -> Any:
        taken = queue.receive(most, self.world.schedule.now)
        if not taken:
            return None
        records = [{"messageId": record.id, "body": record.body} for record in taken]
        failed = worker.run(records, handlers=wiring.job_handlers(), clock=now)
        queue.settle(taken, set(failed))
        return failed

    def redrive(self, now: Callable[[], datetime]) -> None:
        for queue in self._queues:
            queue.redrive(self.world.schedule.now)

    def dead_letters(self, now: Callable[[], datetime]) -> Any:
        dead = [record for queue in self._queues for record in queue.dead]
        finished = dead_letters.run(
            [{"messageId": record.id, "body": record.body} for record in dead], wiring.job_handlers(), now()
        )
        for queue in self._queues:
            queue.dead = [record for record in queue.dead if record not in dead]
        return finished

    def lose_queue(self, now: Callable[[], datetime]) -> None:
        for queue in self._queues:
            queue.lose()

    @property
    def _queues(self) -> list[Queue]:
        return [self.world.queue, *self.world.background.values()]

    # clients

    def book(
        self, now: Callable[[], datetime], person: int, job: int, stage: str, ends: float, word_by: float | None, reach: str
    ) -> Any:
        end_at = now() + timedelta(hours=ends)
        if word_by:
            word_by_at = max(end_at, now()) + timedelta(hours=word_by)
        who = CandidateInput(
            PERSONS[person],
            email_of(person) if reach in ("email", "both", "paired") else None,
            phone_of(person + (reach == "paired")) if reach in ("sms", "both", "paired") else None,
            sms_consent=CONSENT if reach in ("sms", "both", "paired") else None,
            external_ids=({"system": "ats", "id": f"p{person}"},),
        )
        robin = self._teammate(self.employer(job).id)
        booking = Booking(
            stage,
            end_at - timedelta(hours=1),
            end_at,
            word_by_at if word_by else None,
            application=ApplicationInput(JOBS[job], candidate=who, owner_id=robin, decider_id=robin),
        )
        return interviews.book(self.employer(job), booking, now())

    def _teammate(self, employer_id: str, name: str = TEAMMATE) -> str | None:
        """The person who owns and decides at this employer, if it has one."""
        people = self.world.table.partitions.get(f"EMP#{employer_id}#PEOPLE", {})
        found = (key[1].removeprefix("PERSON#") for key, item in people.items() if item.get("name", {}).get("S") == name)
        return next(found, None)

    def _colleague(self, employer_id: str, who: str) -> str | None:
        """Robin, or Kim, who has not accepted."""
        return self._teammate(employer_id, INVITED if who == "kim" else TEAMMATE)

    def contact(
        self,
        now: Callable[[], datetime],
        person: int,
        job: int,
        outcome: str,
        decision: str | None,
        ago: float,
        promise: float | None,
    ) -> Any:
        given: dict[str, Any] = {
            "channel": "call",
            "outcome": outcome,
            "decision": decision,
            "occurred_at": now() - timedelta(hours=ago),
        }
        if promise and decision in (None, "pending") and outcome in ("reached", "sent"):
            given["next_word_by"] = now() + timedelta(hours=promise)
        if application := self._application(person, job):
            return contacts.log_contact(self.employer(job), application, given, now())
        return None

    def void(self, now: Callable[[], datetime], person: int, job: int) -> Any:
        if found := self._latest(person, job, "CON"):
            return contacts.void_contact(self.employer(job), *found, now())
        return None

    def state(self, now: Callable[[], datetime], person: int, job: int, heard: bool, ago: float) -> Any:
        if application := self._application(person, job):
            return contacts.record_statement(
                self.employer(job), application, {"heard": heard, "at": now() - timedelta(hours=ago)}, now()
            )
        return None

    def move(self, now: Callable[[], datetime], person: int, job: int, hours: float) -> Any:
        if not (found := self._latest(person, job, "INT")):
            return None
        item: Any = tables.from_raw(next(item for key, item in self.world.table.items.items() if key[1] == f"INT#{found[1]}"))
        by = timedelta(hours=hours)
        given = {"start_at": item.start_at + by, "end_at": item.end_at + by}
        return changes.change_interview(self.employer(job), found[1], given, now(), lambda *_: None)

    def cancel(self, now: Callable[[], datetime], person: int, job: int) -> Any:
        found = self._latest(person, job, "INT")
        return changes.cancel_interview(self.employer(job), found[1], now()) if found else None

    def no_show(self, now: Callable[[], datetime], person: int, job: int) -> Any:
        found = self._latest(person, job, "INT")
        return changes.mark_no_show(self.employer(job), found[1], now()) if found else None

    def change(self, now: Callable[[], datetime], person: int, job: int, given: dict[str, Any]) -> Any:
        if application := self._application(person, job):
            return service.change_application(self.employer(job), application, given, now(), lambda *_: None)
        return None

    def stop(self, now: Callable[[], datetime], person: int, job: int, which: str, number: int) -> Any:
        """A person sends STOP, or uses the link in the last mail, or both."""
        if which in ("email", "both"):
            self._unsubscribe(email_of(person), now)
        return self.hear(now, person, job, "STOP", number) if which in ("sms", "both") else None

    def _unsubscribe(self, email: str, now: Callable[[], datetime]) -> None:
        self._said("link", ("email", email), "", self.world.now)
        mails = [call for call in self.world.providers.calls if call.taken and call.to == email]
        link = _UNSUBSCRIBE.search(mails[-1].text) if mails else None
        if link:
            opt_outs.record(opt_outs.read_token(link[1], now()), "link", now())
        else:
            opt_outs.opt_out([("email", email)], "link", now())

    def _said(self, what: What, address: tuple[str, str], words: str, at: float) -> None:
        process = self.world.process
        if process is not None:
            self.replies.begin(self.people.begin(process, what, address, words, at, self.world.now))

    def start(self, now: Callable[[], datetime], person: int, job: int, number: int) -> Any:
        return self.hear(now, person, job, "START", number)

    def _candidate(self, person: int, job: int) -> str | None:
        return next(
            (
                item["id"]["S"]
                for key, item in self.world.table.items.items()
                if key[1] == "CAND" and item["name"]["S"] == PERSONS[person] and key[0].startswith(f"EMP#{self._offers(job)}#")
            ),
            None,
        )

    def erase(self, now: Callable[[], datetime], person: int, job: int) -> Any:
        candidate = self._candidate(person, job)
        return erasure.erase(self.employer(job), candidate, now(), lambda _: None) if candidate else None

    def patch(self, now: Callable[[], datetime], person: int, job: int, given: str) -> Any:
        candidate = self._candidate(person, job)
        changes: dict[str, dict[str, Any]] = {
            "other phone": {"phone": phone_of(person + 4)},
            "other email": {"email": email_of(person + 4)},
            "no email": {"email": None},
            "no phone": {"phone": None},
            "consent": {"sms_consent": CONSENT},
        }
        fields = changes[given]
        return candidate_service.change(self.employer(job), candidate, fields, now(), lambda _: None) if candidate else None

    def policy(self, now: Callable[[], datetime], given: dict[str, Any]) -> Any:
        return employers.change(self.employer_id, given, None, now())

    def notice(self, now: Callable[[], datetime], person: int, job: int, by: float) -> Any:
        """The employer asks for a holding notice."""
        if application := self._application(person, job):
            return request.ask(self.employer(job), application, now().replace(microsecond=0) + timedelta(hours=by), now())
        return None

    def letter(self, now: Callable[[], datetime], person: int, job: int) -> Any:
        """The employer asks for a letter that tells a rejection."""
        if application := self._application(person, job):
            wanted = Letter("let_simulated", "rejected", ("experience",))
            return letters.ask(self.employer(job), application, wanted, now().replace(microsecond=0))
        return None

    def resolve(self, now: Callable[[], datetime], person: int, job: int, status: MessageStatus) -> Any:
        """A person reports what became of an `unknown` message."""
        application = self._application(person, job)
        found = [
            item["id"]["S"]
            for key, item in self.world.table.items.items()
            if application and key[0].endswith(application[-16:]) and key[1].startswith("MSG#") and item["st"]["S"] == "unknown"
        ]
        return message_list.resolve(self._offers(job), max(found), status, "the employer", now()) if found else None

    # what comes back, as SNS delivers it

    def comes_back(self, now: Callable[[], datetime], person: int, job: int, kind: str, number: int) -> Any:
        """SES reports what became of the last mail to a person."""
        if number not in self.told:
            to = {email_of(person), email_of(person + 4)}
            mails = [call for call in self.world.providers.calls if call.taken and call.channel == "email" and call.to in to]
            if not mails:
                return None
            self.told[number] = _sns(_ses_notice(kind, mails[-1].to, mails[-1].tags), self.world.now)
        if kind == "Complaint":
            to = json.loads(self.told[number]["Sns"]["Message"])["complaint"]["complainedRecipients"][0]["emailAddress"]
            self._said("complaint", ("email", to), "", self.world.now)
        return delivery_events.take_mail([self.told[number]], now())

    def log_line(self, now: Callable[[], datetime], outcome: str, number: int) -> Any:
        """SNS's delivery log says what became of the last text."""
        if number not in self.lines:
            texts = [call for call in self.world.providers.calls if call.taken and call.channel == "sms"]
            if not texts:
                return None
            self.lines[number] = (texts[-1], self.world.now)
        call, at = self.lines[number]
        if self.world.process is not None:
            self.log.begin(self.world.process, call, outcome)
        if outcome == OPTED_OUT:
            self._said("carrier", ("sms", call.to), call.message_id, at)
        return text_events.take(line_about(call, outcome, at), now())

    def hear(self, now: Callable[[], datetime], person: int, job: int, words: str, number: int) -> Any:
        """A person sends a text to our number."""
        text = {"originationNumber": phone_of(person), "messageBody": words, "inboundMessageId": f"in-{number}"}
        record = self.told.setdefault(number, _sns(text, self.world.now))
        at = datetime.fromisoformat(record["Sns"]["Timestamp"]).timestamp()
        self._said(meaning_of(words), ("sms", phone_of(person)), words, at)
        return delivery_events.take_texts([record], now(), wiring.channels())


def _sns(told: dict[str, Any], at: float) -> dict[str, Any]:
    """A record as SNS delivers it. Its time is when it was published, by a correct clock."""
    return {"Sns": {"Message": json.dumps(told), "Timestamp": datetime.fromtimestamp(at, UTC).isoformat()}}


def _ses_notice(kind: str, to: str, tags: dict[str, list[str]]) -> dict[str, Any]:
    name, _, sort = kind.partition(" ")
    told: dict[str, Any] = {
        "Bounce": {"bounceType": sort, "bouncedRecipients": [{"emailAddress": to, "status": "5.1.1"}]},
        "Complaint": {"complainedRecipients": [{"emailAddress": to}]},
        "Delivery": {"recipients": [to]},
    }
    return {"eventType": name, name.lower(): told[name], "mail": {"tags": tags}}
