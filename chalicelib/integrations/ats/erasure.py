"""Forgetting a person who is erased: in what was merged of their applications, in the links to them, and in stored bodies.

Of an application and of a candidate an empty mark stays, under a hash: what the system says of them later is dropped
(`links.Erased`) and brings nobody back. A new application of the same person has a new id, and is told anew like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chalicelib.applications.privacy.erasure import Person
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.integrations.ats import connections, identity_links
from chalicelib.integrations.ats.event_index import put_status
from chalicelib.integrations.ats.items import ConnectionItem, EventItem, LinkItem, SeenItem
from chalicelib.integrations.ats.merge import person_of
from chalicelib.integrations.ats.process_event import ERASED
from chalicelib.integrations.ats.receive import parsed
from chalicelib.rules.model import Employer
from chalicelib.storage import table
from chalicelib.storage.table import Item, Transaction

AT_ONCE = 90
T = TypeVar("T")
DIGITS_LEAST = 8
"""So many digits at the end of a number, as it was dialled, are taken to be that number."""
_FIRST_LETTERS = "01234567"
"""Of an event's id: its partition is read in eight parts, so that a busy connection's bodies are not in memory at once."""


def forget(employer: Employer, person: Person) -> None:
    """Marked first, emptied last: from the mark on nothing new is merged, and what was cut off in between is found again.

    Doing it again changes nothing. Revoked connections still hold what came through them.
    """
    for connection in connections.every(employer.id):
        theirs = retry_on_conflict(lambda one=connection: _mark(one, person))  # type: ignore[misc]
        _strip_events(connection, _Traces(person, frozenset(theirs.refs)))
        retry_on_conflict(lambda one=connection: _empty(one, person))  # type: ignore[misc]


# --- what was merged --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Theirs:
    """What is known of a person's applications, and the ids that their system has for the person and their interviews."""

    seen: list[SeenItem]
    candidates: set[str]
    interviews: set[str]

    @property
    def refs(self) -> set[str]:
        return {str(item.ref) for item in self.seen} | self.candidates | self.interviews


def _theirs(connection: ConnectionItem, person: Person) -> _Theirs:
    every = [item for item in table.query(connection.PK, "SEEN#") if isinstance(item, SeenItem) and item.ref]
    candidates = {ref for system, ref in person.external_ids if system == connection.system}
    candidates |= {str(ref) for item in every if _is_theirs(item, person) and (ref := _told(item, "candidate"))}
    linked = [item for item in table.query(connection.PK, "LINK#") if isinstance(item, LinkItem)]
    candidates |= {str(item.ref) for item in linked if (told := person_of(item.told)) and _is_person(told, person)}
    candidates |= _one_with(candidates, linked)
    seen = [item for item in every if _is_theirs(item, person) or _told(item, "candidate") in candidates]
    return _Theirs(seen, candidates, {ref for item in seen for ref in item.state.get("interviews", {})})


def _one_with(candidates: set[str], every: Sequence[LinkItem]) -> set[str]:
    """Those ids, and all that they were merged into or took in."""
    found, before = set(candidates), 0
    while len(found) != before:
        before = len(found)
        for link in every:
            ids_of_it = {one for one in (link.ref, link.merged_into, *(link.formerly or ())) if one}
            found |= ids_of_it if found & ids_of_it else set()
    return found


def _mark(connection: ConnectionItem, person: Person) -> _Theirs:
    theirs = _theirs(connection, person)
    fresh = [item for item in theirs.seen if not item.erased]
    _in_turn(fresh, lambda transaction, item: _set(transaction, item, [SeenItem.applied.set({**item.applied, "erased": True})]))
    return theirs


def _empty(connection: ConnectionItem, person: Person) -> None:
    """The marks stay, empty; the links of the interviews go, since their ids are the person's."""
    theirs = _theirs(connection, person)
    keys = [identity_links.link_key(connection, "interview", ref) for ref in sorted(theirs.interviews)]
    _in_turn([Item(*key) for key in keys], lambda transaction, item: transaction.delete(item))
    marks = [
        LinkItem(*identity_links.link_key(connection, "candidate", ref), ref="", applications=[], erased=True, version=-1)
        for ref in sorted(theirs.candidates)
    ]
    _in_turn(marks, lambda transaction, item: transaction.put(item))
    nothing = [SeenItem.ref.set(""), SeenItem.state.set({}), SeenItem.applied.set({"erased": True})]
    _in_turn(theirs.seen, lambda transaction, item: _set(transaction, item, nothing))


def _set(transaction: Transaction, item: SeenItem, actions: list[Any]) -> None:
    actions = [*actions, SeenItem.version.set(int(item.version) + 1)]
    transaction.update(SeenItem(*item.key), actions, SeenItem.version == item.version)


def _told(item: SeenItem, name: str) -> Any:
    return item.state.get("fields", {}).get(name, (None, None))[1]


def _is_theirs(item: SeenItem, person: Person) -> bool:
    """By our application, else by the address, else by name and number together."""
    if item.applied.get("application_id") in person.applications:
        return True
    return any(_is_person(one, person) for one in (person_of(item.state.get("person")), item.applied.get("person")) if one)


def _is_person(told: dict[str, Any], person: Person) -> bool:
    if person.email is not None and (told.get("email") or "").casefold() == person.email.casefold():
        return True
    return (told.get("name") or "").casefold() == person.name.casefold() and _is_number(told.get("phone") or "", person.phone)


def _in_turn(items: Sequence[T], write: Callable[[Transaction, T], None]) -> None:
    for begin in range(0, len(items), AT_ONCE):
        transaction = Transaction()
        for item in items[begin : begin + AT_ONCE]:
            write(transaction, item)
        transaction.commit()


# --- stored bodies ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Traces:
    """By what an event's body is known to tell of the person."""

    person: Person
    refs: frozenset[str]

    def in_event(self, event: EventItem) -> bool:
        """Settled bodies are of no use but to look at: a namesake's goes too. Of those that are still to be worked only what is
        surely the person's; the rest finds the empty mark."""
        tokens = [one.casefold() for one in _scalars(parsed(event.raw))] or [event.raw.decode("utf-8", "replace").casefold()]
        email = (self.person.email or "").casefold()
        if email and any(email in one for one in tokens):
            return True
        number, name = any(_is_number(one, self.person.phone) for one in tokens), self._name_in(tokens)
        if event.due_at is not None:
            return number and name
        return number or name or any(ref.casefold() in tokens for ref in self.refs)

    def _name_in(self, tokens: list[str]) -> bool:
        """The name as it is, or each of its words somewhere: systems keep first and last names apart."""
        name = self.person.name.casefold()
        words = set(_WORD.findall(name))
        return name in tokens or (len(words) > 1 and words <= {word for one in tokens for word in _WORD.findall(one)})


_WORD = re.compile(r"\w+")


def _is_number(text: str, phone: str | None) -> bool:
    """Whether a text is the number, with or without its country's code, however it is punctuated."""
    digits = re.sub(r"\D", "", text).lstrip("0")
    return bool(phone) and len(text) < 40 and len(digits) >= DIGITS_LEAST and str(phone).endswith(digits)


def _scalars(data: Any) -> Iterator[str]:
    """Every text and number in parsed JSON, names of fields aside. Not recursive: bodies are other people's."""
    left = [data]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
        elif isinstance(one, str | int | float) and not isinstance(one, bool):
            yield str(one)


def _strip_events(connection: ConnectionItem, traces: _Traces) -> None:
    for letter in _FIRST_LETTERS:
        raws = table.query_range(connection.PK, f"EVT#evt_{letter}", f"EVT#evt_{letter}~")
        events = [item for raw in raws if isinstance(item := table.from_raw(raw), EventItem)]
        _in_turn([event for event in events if traces.in_event(event)], _strip)


def _strip(transaction: Transaction, event: EventItem) -> None:
    """Settled, and out of the due index. A worker that has it in hand loses its own settling, and meets the empty mark."""
    before = table.snapshot(event)
    event.strip()
    put_status(event, "ignored", ERASED)
    event.settled_at, event.due_at, event.due_shard = event.settled_at or event.received_at, None, None
    if actions := table.changes(event, before):
        transaction.update(EventItem(*event.key), actions, EventItem.PK.exists())
