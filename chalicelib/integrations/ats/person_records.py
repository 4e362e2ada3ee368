"""Finds what an ATS said of one person: applications, links and event bodies. For erasure and for the person's export."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.applications.privacy.elsewhere import Person
from chalicelib.integrations.ats.event_index import parse_body
from chalicelib.integrations.ats.items import ConnectionItem, EventItem, LinkItem, SeenItem
from chalicelib.integrations.ats.merge import person_of
from chalicelib.rules.canonical import canonical_email, canonical_name
from chalicelib.storage import table

DIGITS_LEAST = 8
"""A text that has at least this many of a number's last digits counts as that number."""
_FIRST_LETTERS = "01234567"
"""Of an event's id: a connection's events are read in eight parts, so that not all bodies are in memory at once."""


def events_in_parts(connection: ConnectionItem) -> Iterator[list[EventItem]]:
    """Yield the stored events of a connection, a part at a time."""
    for letter in _FIRST_LETTERS:
        rows = table.query_range(connection.PK, f"EVT#evt_{letter}", f"EVT#evt_{letter}~")
        yield [item for row in rows if isinstance(item := table.from_raw(row), EventItem)]


@dataclass(frozen=True, slots=True)
class Records:
    """A person's applications in one ATS, and its ids of the person and of their interviews."""

    seen: list[SeenItem]
    candidates: set[str]
    interviews: set[str]
    links: list[LinkItem]
    """What it said of the person alone, without an application."""

    @property
    def refs(self) -> set[str]:
        return {str(item.ref) for item in self.seen} | self.candidates | self.interviews


def find_records(connection: ConnectionItem, person: Person) -> Records:
    every = [item for item in table.query(connection.PK, "SEEN#") if isinstance(item, SeenItem) and item.ref]
    candidates = {ref for system, ref in person.external_ids if system == connection.system}
    candidates |= {str(ref) for item in every if _is_of(item, person) and (ref := _value(item, "candidate"))}
    links = [item for item in table.query(connection.PK, "LINK#") if isinstance(item, LinkItem)]
    candidates |= {str(item.ref) for item in links if (found := person_of(item.told)) and _is_person(found, person)}
    candidates |= _merged_with(candidates, links)
    seen = [item for item in every if _is_of(item, person) or _value(item, "candidate") in candidates]
    interviews = {ref for item in seen for ref in item.state.get("interviews", {})}
    return Records(seen, candidates, interviews, [link for link in links if link.ref in candidates])


def _merged_with(candidates: set[str], links: Sequence[LinkItem]) -> set[str]:
    """Return those ids, and all that were merged with one of them."""
    found, before = set(candidates), 0
    while len(found) != before:
        before = len(found)
        for link in links:
            same = {one for one in (link.ref, link.merged_into, *(link.formerly or ())) if one}
            found |= same if found & same else set()
    return found


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


@dataclass(frozen=True, slots=True)
class Traces:
    """What shows that an event's body is about the person."""

    person: Person
    refs: frozenset[str]

    def are_in(self, event: EventItem) -> bool:
        """Whether a body is to be emptied.

        A processed body is kept only for people to look at, so a namesake's is emptied too. A body that is still to be processed
        is emptied only where name and number both fit; otherwise processing finds the erased person's mark.
        """
        texts = [one.casefold() for one in _scalars(parse_body(event.raw))] or [event.raw.decode("utf-8", "replace").casefold()]
        email = (self.person.email or "").casefold()
        if email and any(email in one for one in texts):
            return True
        has_number, has_name = any(_is_number(one, self.person.phone) for one in texts), self._name_is_in(texts)
        if event.due_at is not None:
            return has_number and has_name
        return has_number or has_name or any(ref.casefold() in texts for ref in self.refs)

    def are_surely_in(self, event: EventItem) -> bool:
        """Whether a body may be shown to the person: a namesake's may not.

        Ids of an ATS are numbers that a job may have too, so an id alone counts only in a body without any address.
        """
        texts = [one.casefold() for one in _scalars(parse_body(event.raw))]
        email = (self.person.email or "").casefold()
        if email and any(email in re.split(r"[\s,;<>\"']+", one) for one in texts):
            return True
        has_number, has_name = any(_is_number(one, self.person.phone) for one in texts), self._name_is_in(texts)
        has_ref = any(ref.casefold() in texts for ref in self.refs)
        return (has_number and has_name) or (has_ref and (has_name or not any("@" in one for one in texts)))

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
