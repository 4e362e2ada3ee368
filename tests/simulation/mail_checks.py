"""Checks what answers by mail do: whose they are, which records they change, who is told and who gets an automatic answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.storage import recipients
from tests.simulation import truth
from tests.simulation.history import BY_MAIL
from tests.simulation.ledger import text
from tests.simulation.people import People, Said
from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Item, Key, Table, Write

STOP = "STOP"
STOPS = (STOP, "Please stop emailing me. I took another job.")
"""The first is nothing but that; the other one is shown too."""
_CLOSE = 300.0
"""Seconds within which two mails may be settled in another order than they were sent."""
_OF_PERSON = frozenset({"APP", "CAND", "INT", "CON", "STA"})
_TOLD_WITHIN = 1200.0


@dataclass(frozen=True)
class Mail:
    """What somebody sent. `employer_id`: the employer that its address names, None where that is forged."""

    sender: str
    employer_id: str | None
    named: str | None
    """The partition of that employer's application which its reference names, where it is genuine."""
    vouched: bool
    is_machine: bool
    words: str

    @property
    def may_count(self) -> bool:
        return self.employer_id is not None and not self.is_machine and (self.vouched or self.named is not None)


@dataclass
class Taken:
    """A mail that we were told of, once or more. `began`: when first; `begins`: each time."""

    mail: Mail
    began: float
    begins: list[float]
    stored: set[Key] = field(default_factory=set)
    stated: set[Key] = field(default_factory=set)
    answers: int = 0
    stop: Said | None = None
    ended: set[str] = field(default_factory=set)
    """The applications whose mail it certainly ended: it came from a former address of their candidate."""


@dataclass
class Sent:
    """A mail about an application. `settled_at`: when it was stored as sent or unknown."""

    key: Key
    to: str
    settled_at: float | None = None
    call: Call | None = None


@dataclass
class MailChecks:
    """The checks of one history."""

    table: Table
    people: People
    wrong: Callable[[str], None]
    running: Callable[[], Process | None]
    now: Callable[[], float]
    taken: dict[object, Taken] = field(default_factory=dict)
    """By request: what SES tells again is the same mail."""
    mails: dict[Key, Sent] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    """The applications whose mail is stored as ended by a former address."""
    _answered: set[tuple[str, str]] = field(default_factory=set)
    """(address, UTC day) of automatic answers."""

    def begin(self, process: Process, mail: Mail) -> None:
        """Notes that a process begins to act on a mail."""
        now = self.now()
        taken = self.taken.setdefault(process.request, Taken(mail, now, []))
        taken.begins.append(now)
        if mail.words in STOPS and mail.may_count and taken.stop is None:
            taken.stop = self.people.begin(process, "link", ("email", mail.sender.lower()), mail.words, now, now)
            taken.stop.is_known = False  # until it certainly counts

    def last_to(self, addresses: set[str], employer_id: str) -> Sent | None:
        """The last mail of an employer that reached one of these addresses, and can be answered."""
        found = [one for one in self.mails.values() if one.call and one.call.taken and one.call.reply_to]
        mine = [one for one in found if one.call and one.call.to in addresses and _employer(one.key) == employer_id]
        return max(mine, key=lambda one: one.call.at if one.call else 0.0, default=None)

    def sent(self, call: Call, key: Key) -> None:
        if call.channel == "email" and key in self.mails:
            self.mails[key].call = call

    # commits

    def committed(self, write: Write) -> None:
        kind, process = write.key[1].partition("#")[0], self.running()
        if kind == "MSG" and "#CASE#" in write.key[0] and text(write.after, "ch") == "email":
            self._note(write)
        taken = self.taken.get(process.request) if process is not None and process.kind == BY_MAIL else None
        if taken is None or write.after is None:
            return
        if kind == "OPT":
            self._check_opt_out(taken, write)
        elif kind == "APP" and write.before is not None and _without(write.before, "stop") == _without(write.after, "stop"):
            if not self._may_end(taken, write.key[0]):
                self.wrong("a mail ended the mail of an application that it may not end")
        elif kind in _OF_PERSON and not (taken.mail.vouched and self._is_candidates(taken, write.key[0])):
            self.wrong(f"a mail that is not certainly the candidate's changed {kind}")
        elif kind == "REPLY" and write.before is None:
            self._check_reply(taken, write.key, write.after)
        elif kind == "STA" and write.before is None:
            taken.stated.add(write.key)
            self._check_place(taken, write.key)
            if len(taken.stated) > 1:
                self.wrong("one mail made two statements")

    def _check_opt_out(self, taken: Taken, write: Write) -> None:
        before, after = ({} if item is None else item for item in (write.before, write.after))
        asked = self._may_stop(taken) and write.key in recipients.keys_of("email", taken.mail.sender)
        if text(after, "opted_out_at") != text(before, "opted_out_at") and not asked:
            self.wrong("a mail opted out an address that did not ask for it")
        ended = set(json.loads(text(after, "sm") or "[]")) - set(json.loads(text(before, "sm") or "[]"))
        if not all(asked and self._may_end(taken, pk) for pk in ended):
            self.wrong("a mail ended the mail of an application that it may not end")
        self.stopped |= ended

    def _note(self, write: Write) -> None:
        status = text(write.after, "st")
        if status == "sending" and write.key not in self.mails:
            self.mails[write.key] = Sent(write.key, text(write.after, "to") or "")
        elif status in ("sent", "unknown") and write.key in self.mails and self.mails[write.key].settled_at is None:
            self.mails[write.key].settled_at = self.now()

    def _check_reply(self, taken: Taken, key: Key, item: Item) -> None:
        taken.stored.add(key)
        if len(taken.stored) > 1:
            self.wrong("one mail made two replies")
        self._check_place(taken, key)
        if taken.mail.is_machine:
            self.wrong("a machine's mail was shown as a reply")
        own = {self._had(taken, key[0], at) for at in (*taken.begins, self.now())}
        checks = {("candidate" if taken.mail.vouched else "not_verified") if one else "other_address" for one in own}
        if text(item, "chk") not in checks:
            self.wrong(f"a mail was shown as {text(item, 'chk')}, which it is not")
        if text(item, "chk") != "candidate" and text(item, "understood_as") is not None:
            self.wrong("the words of a mail that is not certainly the candidate's were understood")

    def _may_stop(self, taken: Taken) -> bool:
        """Whether a mail says stop, for its own address: the candidate's, or that of somebody the employer has erased."""
        about = self._about(taken)
        is_unknown = not about or any((pk, "APP") not in self.table.items for pk in about)
        return taken.stop is not None and (
            (taken.mail.vouched and is_unknown) or any(self._is_candidates(taken, pk) or self._may_end(taken, pk) for pk in about)
        )

    def _may_end(self, taken: Taken, pk: str) -> bool:
        """Whether a mail may end all mail about an application: a vouched STOP from an address that was mailed about it."""
        return taken.stop is not None and taken.mail.vouched and pk in self._about(taken) and bool(self._mailed(taken, pk))

    def _mailed(self, taken: Taken, pk: str) -> list[Sent]:
        """The mails about an application that were claimed for the sender of a mail."""
        return [one for one in self.mails.values() if one.key[0] == pk and one.to.lower() == taken.mail.sender.lower()]

    def _check_place(self, taken: Taken, key: Key) -> None:
        if _employer(key) != taken.mail.employer_id:
            self.wrong("a mail reached another employer than its address names")
        elif key[0] not in self._about(taken):
            self.wrong("a mail was stored with another application than the one that it answers")

    def _about(self, taken: Taken) -> set[str]:
        """The applications that a mail may be about: the one that it names, else that of the last mail to its sender."""
        mail = taken.mail
        if mail.named is not None:
            return {mail.named}
        mine = [one for one in self.mails.values() if _employer(one.key) == mail.employer_id and mail.vouched]
        mine = [one for one in mine if one.to.lower() == mail.sender.lower()]
        last = max((one.settled_at or 0.0 for one in mine if self._is_certain(one, taken.began)), default=0.0)
        return {one.key[0] for one in mine if one.settled_at is None or one.settled_at >= last - _CLOSE}

    def _is_certain(self, one: Sent, began: float) -> bool:
        """Whether a mail had been settled, and nothing of it was erased."""
        is_there = (one.key[0], "APP") in self.table.items and "to" in self.table.items.get(one.key, {})
        return is_there and one.settled_at is not None and one.settled_at <= began

    def _is_candidates(self, taken: Taken, pk: str) -> bool:
        """Whether a mail comes from an address that the application's candidate had at any moment that counts."""
        return any(self._had(taken, pk, at) for at in (*taken.begins, self.now()))

    def _had(self, taken: Taken, pk: str, at: float) -> bool:
        address = text(self.table.as_of((pk, "APP"), at), "email")
        return address is not None and address.lower() == taken.mail.sender.lower()

    # automatic answers

    def called(self, call: Call) -> None:
        """Checks an automatic answer at its provider call."""
        process = self.running()
        assert process is not None
        taken, day = self.taken[process.request], f"{datetime.fromtimestamp(process.began_at, UTC):%Y-%m-%d}"
        taken.answers += 1
        if taken.answers > 1:
            self.wrong("a mail was answered twice")
        if (call.to.lower(), day) in self._answered:
            self.wrong("an address got two automatic answers in one day")
        self._answered.add((call.to.lower(), day))
        if taken.mail.is_machine:
            self.wrong("a machine got an automatic answer")
        if self.people.is_out(("email", call.to.lower()), process.began_at) or taken.stop is not None:
            self.wrong("an automatic answer went to somebody who had opted out")
        about = [pk for pk in self._about(taken) if self._is_candidates(taken, pk)]
        if call.channel != "email" or call.to.lower() != taken.mail.sender.lower() or not taken.mail.vouched or not about:
            self.wrong(f"an automatic answer went to {call.to}, which is not certainly the candidate's")
        if not taken.stored:
            self.wrong("a mail was acknowledged that was shown to nobody")

    # after a process, and at the end

    def ended(self, process: Process) -> None:
        """Checks that a mail which counts was shown and told, and that a stop counts from now on."""
        if process.kind != BY_MAIL or process.crashed or isinstance(process.outcome, BaseException):
            return
        if (taken := self.taken.get(process.request)) is None or not taken.mail.may_count or taken.mail.named is None:
            return
        pk, mail, moments = taken.mail.named, taken.mail, (*taken.begins, self.now())
        there = {self.table.as_of((pk, "APP"), at) is not None for at in moments}
        own = {self._had(taken, pk, at) for at in moments}
        if taken.stop is not None and (own == {True} or (there == {False} and mail.vouched)):
            taken.stop.is_known = True
            self._check_stopped(mail)
        if own == {False} and there == {True} and self._certainly_ends(taken, pk):
            assert taken.stop is not None
            taken.stop.is_known = True
            taken.ended.add(pk)
            self._check_stopped(mail)
            if pk not in self.stopped:
                self.wrong("a stop from a former address left the application's mail as it was")
        if there != {True}:
            return
        if not taken.stored and not (mail.words == STOP and (True in own or self._may_end(taken, pk))):
            self.wrong("a mail with a genuine reference was shown to nobody")
        for key in taken.stored:
            self._check_told(key)

    def _certainly_ends(self, taken: Taken, pk: str) -> bool:
        """Whether a mail says STOP for a former address that had certainly been mailed about an application, and still has."""
        before = [one for one in self._mailed(taken, pk) if self._is_certain(one, taken.began)]
        return self._may_end(taken, pk) and any(text(self.table.items[one.key], "st") in ("sent", "unknown") for one in before)

    def has_ended(self, pk: str, at: float) -> bool:
        """Whether a STOP from a former address certainly ended all mail about an application by a moment."""
        stops = (taken.stop for taken in self.taken.values() if pk in taken.ended)
        return any(stop is not None and stop.done is not None and stop.done <= at for stop in stops)

    def _check_stopped(self, mail: Mail) -> None:
        items = [self.table.items.get(key) for key in recipients.keys_of("email", mail.sender)]
        if not any(item and truth.model(item).is_out for item in items):
            self.wrong("a stop by mail left its address as it was")

    def _check_told(self, key: Key) -> None:
        """Checks that there is a mail to the owner about a reply, or was within some minutes before it."""
        application, reply = self.table.items.get((key[0], "APP")), self.table.items.get(key)
        owner = text(application, "own")
        if application is None or reply is None or owner is None:
            return
        since = truth.instant(reply["received_at"]).timestamp() - _TOLD_WITHIN
        if not any(
            sk.startswith("MSG#")
            and (text(item, "step"), text(item, "app")) == ("reply", text(application, "id"))
            and truth.instant(item["at"]).timestamp() >= since
            for (_, sk), item in self.table.items.items()
        ):
            self.wrong("the owner was not told of a mail")

    def left(self) -> None:
        """Checks at the end that no reply is left of an application that was erased."""
        for taken in self.taken.values():
            if any(key in self.table.items and (key[0], "APP") not in self.table.items for key in taken.stored):
                self.wrong("the mail of somebody who was erased is left")


def _without(item: Item, name: str) -> Item:
    return {key: value for key, value in item.items() if key != name}


def _employer(key: Key) -> str:
    return key[0].split("#")[1]
