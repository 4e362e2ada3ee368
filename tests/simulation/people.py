"""Records which texts people were sent, and what they said: by text, by an unsubscribe link, by a complaint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from tests.simulation.ledger import SLACK, text
from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Key, Table

WEEK = 7 * 86400.0
What = Literal["stop", "start", "help", "choice", "reply", "link", "complaint", "carrier"]
"""`carrier`: the delivery log of a text says that its number has opted out, which we did not hear."""
STOPS: tuple[What, ...] = ("stop", "carrier")
"""They end texts to a number, and what was texted there. START undoes them."""
_MEANINGS: dict[str, What] = {
    "STOP": "stop",
    "Stop, please!": "stop",
    "START": "start",
    "HELP": "help",
    "1": "choice",
    "2": "choice",
}


def meaning_of(words: str) -> What:
    return _MEANINGS.get(words, "reply")


@dataclass(eq=False)
class SentText:
    """One call that handed a text about an application to the provider. `taken`: it reached the number."""

    number: str
    at: float
    key: Key
    taken: bool
    message_id: str
    """The provider's."""
    settled_at: float | None = None
    """When its message was stored as sent or unknown."""

    @property
    def application(self) -> str:
        return self.key[0]

    @property
    def employer_id(self) -> str:
        return self.key[0].split("#")[1]


@dataclass(eq=False)
class Said:
    """One statement of a person. `at`: when it was said; `began` and `done`: when we began and finished to act on it."""

    what: What
    address: tuple[str, str]
    words: str
    at: float
    began: float
    done: float | None = None
    texted: frozenset[str] = frozenset()
    """The applications whose texts to the number were stored as sent when we began."""
    is_known: bool = True
    """Whether what it is about could be found: a line about an automatic answer, or a lost text, names no message of ours."""

    @property
    def is_text(self) -> bool:
        """Whether it came to us as a text."""
        return self.address[0] == "sms" and self.what != "carrier"


@dataclass
class People:
    """What is known of all people of one history."""

    table: Table
    texts: list[SentText] = field(default_factory=list)
    said: dict[tuple[object, tuple[str, str]], Said] = field(default_factory=dict)
    """By request and address: what SNS delivers again is said once."""

    claims: set[tuple[str, str]] = field(default_factory=set)
    """(number, application) of texts that were claimed: a STOP that comes meanwhile takes them as sent."""

    def text_claimed(self, number: str, key: Key) -> None:
        self.claims.add((number, key[0]))

    def text_sent(self, call: Call, key: Key) -> None:
        self.texts.append(SentText(call.to, call.at, key, call.taken, call.message_id))

    def settled(self, key: Key, at: float) -> None:
        """Notes that a message was stored as sent or unknown."""
        for one in self.texts:
            if one.key == key and one.settled_at is None:
                one.settled_at = at

    def begin(self, process: Process, what: What, address: tuple[str, str], words: str, at: float, now: float) -> Said:
        """Notes that a process begins to act on what a person said."""
        if (process.request, address) in self.said:
            return self.said[process.request, address]
        stored = [one for one in self.to_number(address[1]) if one.taken and one.settled_at is not None]
        texted = frozenset(one.application for one in stored if what != "carrier" or one.message_id != words)
        is_ours = (f"ANSWERED#text#{words}", "ANSWERED") in self.table.items
        is_known = what != "carrier" or is_ours or any(text(item, "pid") == words for item in self.table.items.values())
        said = self.said[process.request, address] = Said(what, address, words, at, now, texted=texted, is_known=is_known)
        return said

    def end(self, process: Process, now: float) -> list[Said]:
        """Notes that a process has finished to act on what a person said, if it did. Returns what was said."""
        if process.crashed or isinstance(process.outcome, BaseException):
            return []
        finished = [said for (request, _), said in self.said.items() if request == process.request and said.is_known]
        for said in finished:
            said.done = now if said.done is None else said.done
        return finished

    def by_text(self, process: Process) -> Said | None:
        """Returns the text that a process acts on, if it does."""
        return next((said for (request, _), said in self.said.items() if request == process.request and said.is_text), None)

    def to_number(self, number: str) -> list[SentText]:
        return [one for one in self.texts if one.number == number]

    # opt-outs

    def is_out(self, address: tuple[str, str], at: float) -> bool:
        """Whether an address has certainly opted out at a moment."""
        return any(self._certain(said, at) for said in self.said.values() if said.address == address)

    def ended_by_stop(self, application: str, at: float) -> bool:
        """Whether a STOP at a number where the application was texted certainly holds at a moment."""
        stops = (said for said in self.said.values() if said.what in STOPS and application in said.texted)
        return any(self._certain(said, at) and self._has_texted(application, said) for said in stops)

    def _has_texted(self, application: str, said: Said) -> bool:
        """Whether a text about an application went to a number, and had not failed by the delivery log when STOP was handled."""
        texts = [one for one in self.to_number(said.address[1]) if one.application == application]
        return any(text(self.table.as_of(one.key, said.done or 0), "st") not in (None, "failed") for one in texts)

    def may_be_out(self, application: str, address: tuple[str, str], since: float) -> bool:
        """Whether an opt-out of the address, or a STOP where the application was texted, may hold since a moment."""
        return any(
            said.address == address or (said.what in STOPS and self._may_be_texted(application, said))
            for said in self.said.values()
            if said.what in (*STOPS, "link", "complaint") and not self._certainly_undone(said, since)
        )

    def _certain(self, said: Said, at: float) -> bool:
        if said.what not in (*STOPS, "link", "complaint") or said.done is None or said.done > at:
            return False
        return not any(other.at >= said.at for other in self._starts(said))

    def _certainly_undone(self, said: Said, since: float) -> bool:
        return any(
            other.at > said.at and other.done is not None and other.done <= since and (said.done or 0) <= since
            for other in self._starts(said)
        )

    def _starts(self, said: Said) -> Iterable[Said]:
        """START at the number of a STOP. Links and complaints are not undone by it."""
        return (
            other
            for other in self.said.values()
            if other.what == "start" and other.address == said.address and said.what in STOPS
        )

    def _may_be_texted(self, application: str, said: Said) -> bool:
        until = said.done if said.done is not None else float("inf")
        number = said.address[1]
        called = any(one.application == application and one.at <= until for one in self.to_number(number))
        return called or (number, application) in self.claims

    def perhaps_texted(self, number: str) -> set[str]:
        """The applications with a text to a number of which nobody can tell whether it went out."""
        messages = ((key[0], item) for key, item in self.table.items.items() if key[1].startswith("MSG#"))
        return {pk for pk, item in messages if text(item, "to") == number and text(item, "st") == "unknown"}

    def in_flight(self, number: str, began: float) -> set[str]:
        """The applications with a text to a number under a claim, as one from it was read or now: it may have arrived."""
        messages = [(key, item) for key, item in self.table.items.items() if key[1].startswith("MSG#")]
        mine = [(key, item) for key, item in messages if (text(item, "ch"), text(item, "to")) == ("sms", number)]
        return {key[0] for key, item in mine if "sending" in (text(item, "st"), text(self.table.as_of(key, began), "st"))}

    def said_to_be_sent(self, number: str) -> bool:
        """Whether a text to a number is stored as sent: a person may have said so of one that never went out."""
        messages = (item for key, item in self.table.items.items() if key[1].startswith("MSG#"))
        return any(text(item, "to") == number and text(item, "st") == "sent" for item in messages)

    # replies

    def senders(self, number: str, at: float, began: float) -> tuple[set[str], set[str]]:
        """The employers that certainly, and those that possibly, texted a number in the week before a text from it."""
        week = [one for one in self.to_number(number) if one.at > at - WEEK - SLACK]
        certain = {one.employer_id for one in week if self._certain_text(one, at, began) and one.at > at - WEEK + SLACK}
        return certain, {one.employer_id for one in week}

    def _certain_text(self, one: SentText, at: float, began: float) -> bool:
        """Whether a text was sent and stored before another one came from its number, and its application still exists.

        An erasure that was interrupted may have deleted the application, and left the message with its address for a while.
        """
        stored = one.settled_at is not None and one.settled_at <= began and (one.application, "APP") in self.table.items
        item = self.table.items.get(one.key)
        return one.taken and stored and one.at <= at - SLACK and "to" in (item or {}) and text(item, "st") in ("sent", "unknown")

    def is_being_erased(self, number: str, began: float) -> bool:
        """Whether an application was erased since, whose text was still known to have gone to a number when one from it was read.

        That one may answer the erased application, and is then shown to nobody.
        """
        found = [one for one in self.to_number(number) if "to" in (self.table.as_of(one.key, began) or {})]
        return any((one.application, "APP") not in self.table.items for one in found)

    def last_applications(self, number: str, employer_id: str | None, at: float, began: float) -> set[str]:
        """The applications, of one employer or of all, that the last text to a number may have been about.

        Workers whose clocks differ settle in another order than they send: texts close to the last one may be the last.
        """
        found: set[str] = set()
        last: float | None = None
        for one in sorted(self.to_number(number), key=lambda one: -one.at):
            if employer_id not in (None, one.employer_id):
                continue
            if last is not None and one.at < last - 2 * SLACK:
                break
            found.add(one.application)
            if last is None and self._certain_text(one, at, began):
                last = one.at
        return found
