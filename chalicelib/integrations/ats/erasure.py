"""Removes an erased person from what an ATS said: from applications' states, from links, and from stored event bodies.

Of each application and candidate an empty item stays, under a hash. What the ATS says of them later is dropped
(`identity_links.Erased`), so nobody comes back. A new application of the same person has a new id, and is stored like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chalicelib.applications.privacy.erasure import Person
from chalicelib.applications.unit_of_work import retry_on_conflict
from chalicelib.integrations.ats import connections, identity_links
from chalicelib.integrations.ats.event_index import parse_body, set_status
from chalicelib.integrations.ats.items import ConnectionItem, EventItem, LinkItem, SeenItem
from chalicelib.integrations.ats.merge import person_of
from chalicelib.integrations.ats.process_event import ERASED
from chalicelib.rules.canonical import canonical_email, canonical_name
from chalicelib.rules.model import Employer
from chalicelib.storage import table
from chalicelib.storage.table import Action, Item, Transaction

WRITTEN_AT_ONCE = 90
DIGITS_LEAST = 8
"""A text that has at least so many digits of the end of a number is taken to be that number."""
_FIRST_LETTERS = "01234567"
"""Of an event's id: a connection's events are read in eight parts, so that not all bodies are in memory at once."""
T = TypeVar("T")


def erase_person(employer: Employer, person: Person) -> None:
    """Remove a person from all connections. Idempotent; a run that was cut off is completed by the next.

    Items are marked first and emptied last: from the mark on nothing new is merged into them. Revoked connections still hold what
    came through them.
    """
    for connection in connections.all_connections(employer.id):
        records = retry_on_conflict(lambda one=connection: _mark_erased(one, person))  # type: ignore[misc]
        _empty_events(connection, _Traces(person, frozenset(records.refs)))
        retry_on_conflict(lambda one=connection: _empty_records(one, person))  # type: ignore[misc]


# --- states and links -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Records:
    """A person's applications in one ATS, and its ids of the person and of their interviews."""

    seen: list[SeenItem]
    candidates: set[str]
    interviews: set[str]

    @property
    def refs(self) -> set[str]:
        return {str(item.ref) for item in self.seen} | self.candidates | self.interviews


def _find_records(connection: ConnectionItem, person: Person) -> _Records:
    every = [item for item in table.query(connection.PK, "SEEN#") if isinstance(item, SeenItem) and item.ref]
    candidates = {ref for system, ref in person.external_ids if system == connection.system}
    candidates |= {str(ref) for item in every if _is_of(item, person) and (ref := _value(item, "candidate"))}
    links = [item for item in table.query(connection.PK, "LINK#") if isinstance(item, LinkItem)]
    candidates |= {str(item.ref) for item in links if (found := person_of(item.told)) and _is_person(found, person)}
    candidates |= _merged_with(candidates, links)
    seen = [item for item in every if _is_of(item, person) or _value(item, "candidate") in candidates]
    return _Records(seen, candidates, {ref for item in seen for ref in item.state.get("interviews", {})})


def _merged_with(candidates: set[str], links: Sequence[LinkItem]) -> set[str]:
    """Return those ids, and all that were merged with one of them."""
    found, before = set(candidates), 0
    while len(found) != before:
        before = len(found)
        for link in links:
            same = {one for one in (link.ref, link.merged_into, *(link.formerly or ())) if one}
            found |= same if found & same else set()
    return found


def _mark_erased(connection: ConnectionItem, person: Person) -> _Records:
    records = _find_records(connection, person)
    unmarked = [item for item in records.seen if not item.erased]
    _write_all(unmarked, lambda transaction, item: _set(transaction, item, [_mark(item)]))
    return records


def _empty_records(connection: ConnectionItem, person: Person) -> None:
    """Empty the marked items, and delete the links of interviews, since their ids are the person's."""
    records = _find_records(connection, person)
    keys = [identity_links.link_key(connection, "interview", ref) for ref in sorted(records.interviews)]
    _write_all([Item(*key) for key in keys], lambda transaction, item: transaction.delete(item))
    marks = [
        LinkItem(*identity_links.link_key(connection, "candidate", ref), ref="", applications=[], erased=True, version=-1)
        for ref in sorted(records.candidates)
    ]
    _write_all(marks, lambda transaction, item: transaction.put(item))
    emptied = [SeenItem.ref.set(""), SeenItem.state.set({}), SeenItem.applied.set({"erased": True})]
    _write_all(records.seen, lambda transaction, item: _set(transaction, item, emptied))


def _mark(item: SeenItem) -> Action:
    return SeenItem.applied.set({**item.applied, "erased": True})


def _set(transaction: Transaction, item: SeenItem, actions: list[Action]) -> None:
    actions = [*actions, SeenItem.version.set(int(item.version) + 1)]
    transaction.update(SeenItem(*item.key), actions, SeenItem.version == item.version)


def _value(item: SeenItem, name: str) -> Any:
    return item.state.get("fields", {}).get(name, (None, None))[1]


def _is_of(item: SeenItem, person: Person) -> bool:
    """Whether an application is the person's: by our application, else by the address, else by name and number together."""
    if item.applied.get("application_id") in person.applications:
        return True
    return any(_is_person(one, person) for one in (person_of(item.state.get("person")), item.applied.get("person")) if one)


def _is_person(found: dict[str, Any], person: Person) -> bool:
    if person.email is not None and canonical_email(found.get("email") or "") == canonical_email(person.email):
        return True
    same_name = canonical_name(found.get("name") or "") == canonical_name(person.name)
    return same_name and _is_number(found.get("phone") or "", person.phone)


def _write_all(items: Sequence[T], write: Callable[[Transaction, T], None]) -> None:
    for begin in range(0, len(items), WRITTEN_AT_ONCE):
        transaction = Transaction()
        for item in items[begin : begin + WRITTEN_AT_ONCE]:
            write(transaction, item)
        transaction.commit()


# --- event bodies -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Traces:
    """What shows that an event's body is about the person."""

    person: Person
    refs: frozenset[str]

    def are_in(self, event: EventItem) -> bool:
        """Whether a body is to be emptied.

        A processed body is only there to look at, so a namesake's is emptied too. One that is still to be processed is emptied
        only where it is surely the person's; otherwise processing finds the mark.
        """
        texts = [one.casefold() for one in _scalars(parse_body(event.raw))] or [event.raw.decode("utf-8", "replace").casefold()]
        email = (self.person.email or "").casefold()
        if email and any(email in one for one in texts):
            return True
        has_number, has_name = any(_is_number(one, self.person.phone) for one in texts), self._name_is_in(texts)
        if event.due_at is not None:
            return has_number and has_name
        return has_number or has_name or any(ref.casefold() in texts for ref in self.refs)

    def _name_is_in(self, texts: list[str]) -> bool:
        """Whether the name is there whole, or each of its words somewhere: systems store first and last names apart."""
        name = canonical_name(self.person.name)
        words, found = set(name.split()), [canonical_name(one) for one in texts]
        return name in found or (len(words) > 1 and words <= {word for one in found for word in one.split()})


def _is_number(text: str, phone: str | None) -> bool:
    """Whether a text is the number, with or without country code and punctuation."""
    digits = re.sub(r"\D", "", text).lstrip("0")
    return bool(phone) and len(text) < 40 and len(digits) >= DIGITS_LEAST and str(phone).endswith(digits)


def _scalars(data: Any) -> Iterator[str]:
    """Yield every text and number in parsed JSON but the names of fields. Iterative: a body may nest as deep as it likes."""
    left = [data]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one
        elif isinstance(one, str | int | float) and not isinstance(one, bool):
            yield str(one)


def _empty_events(connection: ConnectionItem, traces: _Traces) -> None:
    for letter in _FIRST_LETTERS:
        rows = table.query_range(connection.PK, f"EVT#evt_{letter}", f"EVT#evt_{letter}~")
        events = [item for row in rows if isinstance(item := table.from_raw(row), EventItem)]
        _write_all([event for event in events if traces.are_in(event)], _empty_event)


def _empty_event(transaction: Transaction, event: EventItem) -> None:
    """Settle an event without its body. A worker that is processing it fails to settle it, and finds the mark."""
    before = table.snapshot(event)
    event.empty_body()
    set_status(event, "ignored", ERASED)
    event.settled_at, event.due_at, event.due_shard = event.settled_at or event.received_at, None, None
    if actions := table.changes(event, before):
        transaction.update(EventItem(*event.key), actions, EventItem.PK.exists())
