"""Checks replies of people whose employers share them: who gets a reply, the question about it, automatic replies."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from chalicelib.storage import recipients
from tests.simulation import promised, truth
from tests.simulation.ledger import text
from tests.simulation.people import People, Said
from tests.simulation.processes import Process
from tests.simulation.world.providers import Call
from tests.simulation.world.table import Key, Table, Write

_QUESTION = re.compile(r"\b1 (?:for|=) (.+?),? (?:or )?2 (?:for|=) (.+?)[.!?]*$")
_RECEIVED = "has your message"
_HELP = "sends reminders after job interviews"
_KEPT = 6 * 86400.0
"""A reply without a choice is kept for a week: for so long the checks expect it."""
_EXPIRED = 7 * 86400.0
"""A question that is older is answered by nothing: what comes then is a reply like any other."""


@dataclass
class Replies:
    """The checks of one history."""

    table: Table
    people: People
    wrong: Callable[[str], None]
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    """By number: the employer of each choice, as the last question to it named them."""
    chosen: dict[str, set[str]] = field(default_factory=dict)
    """By number: the employers that the person named since the last question. The first that was written counts."""
    automatic: list[tuple[tuple[str, bool], frozenset[date], object]] = field(default_factory=list)
    """Automatic replies: number and whether it answers HELP, the days that they may count for, request."""
    choosing: dict[str, list[Said]] = field(default_factory=dict)
    """By number: the texts that may have answered the last question, those included that came while it was being asked."""
    _asked_at: dict[str, float] = field(default_factory=dict)
    """By number: when the last question was sent."""
    _begun: set[Said] = field(default_factory=set)
    _handed_over: set[Said] = field(default_factory=set)
    """Replies that an earlier choice handed over: they wait for no other."""
    stored: dict[object, set[Key]] = field(default_factory=dict)
    """The replies that each request stored."""

    def automatic_reply(self, call: Call, process: Process) -> None:
        """Checks that a number gets one automatic reply a day beside that to HELP, and none before it was texted."""
        said = self.people.by_text(process)
        moments = [call.at + process.skew, *([said.at] if said else [])]
        days = frozenset(datetime.fromtimestamp(moment, UTC).date() for moment in moments)
        if promised.ONE_AUTOMATIC_REPLY in promised.DEMANDED:
            known = self.people.to_number(call.to) or self.people.perhaps_texted(call.to) or self.people.said_to_be_sent(call.to)
            if not known:
                self.wrong("an automatic reply went to a number that was never texted")
            kind = (call.to, _HELP in call.text)
            if any(one == kind and len(days | others) == 1 for one, others, _ in self.automatic):
                self.wrong("a number got two automatic replies in one day")
        self.automatic.append(((call.to, _HELP in call.text), days, process.request))
        if asked := _QUESTION.search(call.text):
            self._asked(call, asked, said)

    def is_about_waiting_text(self, call: Call) -> bool:
        """Whether a call asks which employer is meant, or acknowledges: of a text that waited for a day, a delivery does."""
        return call.channel == "sms" and (_QUESTION.search(call.text) is not None or _RECEIVED in call.text)

    def _asked(self, call: Call, asked: re.Match[str], said: Said | None) -> None:
        """Notes a question. `said` is the text that caused it: a "1" is no answer to the question that it causes."""
        number, self._asked_at[call.to] = call.to, call.at
        texted = {one.employer_id for one in self.people.to_number(number)}
        employers = [(text(item, "name"), key[0].split("#")[1]) for key, item in self.table.items.items() if key[1] == "EMP"]
        names = dict(sorted(employers, key=lambda one: one[1] in texted))  # of equal names the one that texted
        choices = {str(place): names.get(asked[place].strip(), "") for place in (1, 2)}
        if "" in choices.values():
            self.wrong(f"the question names no employer: {asked[0]}")
        answering = [one for one in self.choosing.get(number, ()) if one.done is None and one is not said]
        either = (self.choices.get(number, choices), choices)
        self.choices[number], self.choosing[number] = choices, answering
        self.chosen[number] = {each[one.words] for one in answering for each in either}

    def begin(self, said: Said) -> None:
        """Notes the employer that a person chose. What is delivered again was said before a question that came meanwhile."""
        if said in self._begun:
            return
        self._begun.add(said)
        if said.what != "choice":
            return
        number = said.address[1]
        earlier, question = self.choosing.setdefault(number, []), self.choices.get(number)
        if question and said.began - self._asked_at[number] >= _EXPIRED:
            return
        if question and any(one.done is not None and one.done <= said.began for one in earlier):
            return  # a question is answered once
        earlier.append(said)
        if question:
            self.chosen.setdefault(number, set()).add(question[said.words])

    def fact(self, write: Write, process: Process) -> None:
        """Checks that a reply, or the statement in it, is stored with the employer and application that it answers."""
        said = self.people.by_text(process)
        if promised.REPLIES not in promised.DEMANDED or said is None or "#CASE#" not in write.key[0]:
            return
        self.stored.setdefault(process.request, set()).add(write.key)
        number, application = said.address[1], write.key[0]
        employer_id = application.split("#")[1]
        certain, possible = self.people.senders(number, said.at, said.began)
        chosen = self._chosen(number)
        perhaps = self.people.perhaps_texted(number)
        if employer_id not in chosen and application not in perhaps:
            if len(certain) > 1:
                self.wrong("a reply was shown to an employer though several had texted its number")
            elif (
                (certain or possible) and employer_id not in (certain or possible) and not self._is_all_that_is_left(said, write)
            ):
                self.wrong("a reply was shown to another employer than the one that texted last")
        kept_since = min((other.began for other in self._kept(number)), default=said.began)
        about = self.people.last_applications(number, employer_id, said.at, said.began)
        about |= self.people.last_applications(number, employer_id, kept_since, kept_since)
        if application not in about | perhaps and not self._is_only_known_to(said, employer_id):
            self.wrong("a reply was stored with another application than the one that it answers")

    def _is_all_that_is_left(self, said: Said, write: Write) -> bool:
        """Whether no text had certainly gone out, and an erasure left one employer that knows the number."""
        employer_id = write.key[0].split("#")[1]
        certain, _ = self.people.senders(said.address[1], said.at, said.began)
        return not certain and self._is_only_known_to(said, employer_id)

    def _is_only_known_to(self, said: Said, employer_id: str) -> bool:
        """Whether perhaps nobody had texted a number, and one employer alone has it on record: then the reply is shown there."""
        number = said.address[1]
        stored = [one for one in self.people.to_number(number) if one.settled_at is not None and one.settled_at <= said.began]
        texted = any(text(self.table.as_of(one.key, said.began), "st") != "failed" for one in stored)
        return not texted and {employer_id} in (self._known_to(number), self._known_to(number, said.began))

    def _known_to(self, number: str, at: float | None = None) -> set[str]:
        """The employers that have a number on record, now or at a moment: another one may book its person meanwhile."""
        applications = [
            (key, item) for key, item in self.table.items.items() if key[1] == "APP" and "co" not in item
        ]  # no seeker's
        return {
            key[0].split("#")[1]
            for key, item in applications
            if text(item if at is None else self.table.as_of(key, at), "phone") == number
        }

    def _kept(self, number: str) -> list[Said]:
        """Replies from a number, said within the days before now in which they may wait for a choice."""
        return [said for said in self.people.said.values() if said.address == ("sms", number) and said.what == "reply"]

    def end(self, said: Said, process: Process, now: float) -> None:
        """Checks that a reply to one sender is stored, and that a choice hands over what waited for it."""
        if promised.REPLIES not in promised.DEMANDED or said.address[0] != "sms":
            return
        number = said.address[1]
        if said.what == "reply":
            certain, possible = self.people.senders(number, said.at, said.began)
            perhaps = self.people.perhaps_texted(number) | self.people.in_flight(number, said.began)  # then it is asked about
            possible |= {pk.split("#")[1] for pk in perhaps}
            is_own = any("seeker" in self.table.items.get((f"EMP#{one}", "EMP"), {}) for one in certain)
            is_demanded = len(certain) == 1 and certain == possible and not is_own
            is_demanded = is_demanded and not self.people.is_being_erased(number, said.began)
            if is_demanded and not self._is_stored(number, said.words, certain):
                self.wrong("a reply was stored nowhere")
        if said in self.choosing.get(number, ()):
            self._check_handed_over(said, number, now)

    def _check_handed_over(self, said: Said, number: str, now: float) -> None:
        """Checks that a choice handed over all that waited for it, once no other one may still be the first."""
        chosen, choosing = self._chosen(number), self.choosing[number]
        if not chosen or any(one.done is None for one in choosing):
            return
        waited = [one for one in self._kept(number) if one.done is not None and one.done < said.began]
        is_own = any("seeker" in self.table.items.get((f"EMP#{one}", "EMP"), {}) for one in chosen)
        for kept in waited:
            certain, _ = self.people.senders(number, kept.at, kept.began)
            recent = kept not in self._handed_over and now - kept.began < _KEPT
            if recent and len(certain) > 1 and not is_own and not self._is_stored(number, kept.words, chosen):
                self.wrong("a reply that waited for a choice was not shown to the chosen employer")
        self._handed_over.update(waited)

    def _chosen(self, number: str) -> set[str]:
        """The employers that the person may have named.

        Before the first question was sent, by one that was stored: its sender died, and nobody knows that it was never sent.
        """
        if number in self.choices or not self.choosing.get(number):
            return self.chosen.get(number, set())
        item = self.table.items.get((f"PENDING#{recipients.hash_of('sms', number)}", "WHICH"))
        named = truth.model(item).employers if item else []
        return {named[int(one.words) - 1] for one in self.choosing[number] if int(one.words) <= len(named)}

    def _is_stored(self, number: str, words: str, employers: set[str]) -> bool:
        return any(
            key[1].startswith("REPLY#") and text(item, "sender") == number and text(item, "body") == words
            for key, item in self.table.items.items()
            if key[0].startswith("EMP#") and key[0].split("#")[1] in employers
        )
