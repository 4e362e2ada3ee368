"""Who is who: finds the candidate that a request means.

1. By external id: it is that person, whatever else the request says.
2. By email, among those who share it, where the names are compatible.
3. By phone, likewise.

The same address with another name is another person. Of several compatible names the equal one counts; without it the
address decides nothing, and the next one is tried: a "Sam" may be neither of two Sams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.unique_keys import AddressField
from chalicelib.rules.canonical import canonical_email, canonical_name, canonical_phone, compatible_names
from chalicelib.rules.model import MatchedBy
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key

_CANONICAL: Mapping[AddressField, Callable[[str], str]] = {"email": canonical_email, "phone": canonical_phone}
ADDRESS_FIELDS: tuple[AddressField, ...] = ("email", "phone")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that says who somebody is: a later file of the same import profile corrects an earlier one (see `correct`)."""

    profile: str
    import_id: str
    unsure: frozenset[str] = frozenset()
    """Fields for which the file has several values of this person."""


@dataclass(frozen=True, slots=True)
class CandidateInput:
    """A candidate as a client gives it: validated, phone in E.164, instants aware."""

    name: str
    email: str | None = None
    phone: str | None = None
    phone_extension: str | None = None
    timezone: str | None = None
    locale: str | None = None
    sms_consent: dict[str, str] | None = None
    """{given_at (stored form), source}"""
    external_ids: tuple[dict[str, str], ...] = ()
    source: Source | None = None
    """Where set, a known candidate is corrected, not only completed."""

    def keys(self, employer_id: str) -> list[Key]:
        """Lists every unique key by which this candidate may be known already, those of older versions too."""
        former = unique_keys.former_phone_keys(employer_id, self.phone, self.name)
        return [*self.external_keys(employer_id), *self.address_keys(employer_id).values(), *former]

    def external_keys(self, employer_id: str) -> list[Key]:
        return unique_keys.external_keys(employer_id, self.external_ids)

    def address_keys(self, employer_id: str) -> dict[AddressField, Key]:
        return unique_keys.address_keys(employer_id, self.email, self.phone)

    def address(self, address_field: AddressField) -> str | None:
        return self.email if address_field == "email" else self.phone


def input_of(attributes: Mapping[str, Any]) -> CandidateInput:
    """Builds the input that finds a known candidate, from its stored attributes."""
    email, phone = attributes.get("email"), attributes.get("phone")
    return CandidateInput(attributes["name"], email, phone, external_ids=tuple(attributes["external_ids"]))


@dataclass(frozen=True, slots=True)
class Match:
    """The known candidate that a request means, or None; and what else was read on the way.

    `people` are all candidates who share an external id or an address with the request, by id.
    """

    candidate: CandidateItem | None = None
    matched_by: MatchedBy | None = None
    people: Mapping[str, CandidateItem] = field(default_factory=dict)
    items: Mapping[Key, Item] = field(default_factory=dict)

    def others_with(self, address_field: AddressField, address: str | None) -> list[CandidateItem]:
        """The other candidates who have that email or phone."""
        own_id = self.candidate.id if self.candidate else None
        return [one for one in self.people.values() if one.id != own_id and has_address(one, address_field, address)]


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of the fields of a known candidate. `ignored`: JSON pointers to fields that were given and not used.

    `is_note`: only the note of what a file said last has changed.
    """

    ignored: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class MatchedCandidate:
    """The candidate that a request means. `ignored`: JSON pointers into the request's candidate. `shared`: addresses that
    other candidates have too."""

    candidate: CandidateItem
    created: bool
    matched_by: MatchedBy | None
    ignored: tuple[str, ...] = ()
    shared: tuple[AddressField, ...] = ()
    filled: Filled = field(default_factory=lambda: Filled())


def no_keys(_candidate_id: str) -> list[Key]:
    """Reads nothing beside the candidates."""
    return []


def identify(
    employer_id: str, person: CandidateInput, found: Mapping[Key, Item], also: Callable[[str], list[Key]] = no_keys
) -> Match:
    """Finds the candidate. `found` is what the person's keys lead to; `also` names items to read with each candidate."""
    external = [one for key in person.external_keys(employer_id) for one in unique_keys.record_ids(found.get(key))]
    wanted = dict.fromkeys([*external[:1], *_ids_by_address(employer_id, person, found)])
    if not wanted:
        return Match()
    items = _items([key for one in wanted for key in (_key(employer_id, one), *also(one))], found)
    people = {one: item for one in wanted if isinstance(item := items.get(_key(employer_id, one)), CandidateItem)}
    for candidate, matched_by in _in_order(person, people, external):
        if candidate is not None:
            return Match(candidate, matched_by, people, items)
    return Match(None, None, people, items)


def read_known(employer_id: str, candidate_id: str, person: CandidateInput, found: Mapping[Key, Item]) -> Match:
    """Reads a candidate who is known by other means, with those who share an address with the request."""
    wanted = dict.fromkeys([candidate_id, *_ids_by_address(employer_id, person, found)])
    items = _items([_key(employer_id, one) for one in wanted], found)
    people = {one: item for one in wanted if isinstance(item := items.get(_key(employer_id, one)), CandidateItem)}
    return Match(people.get(candidate_id), "external_id", people, items)


def _items(wanted: Iterable[Key], found: Mapping[Key, Item]) -> dict[Key, Item]:
    """Reads items, except those that the caller has read already."""
    missing = [key for key in wanted if key not in found]
    return {key: found[key] for key in wanted if key in found} | (table.get_many(missing) if missing else {})


def _in_order(
    person: CandidateInput, people: Mapping[str, CandidateItem], external: list[str]
) -> Iterator[tuple[CandidateItem | None, MatchedBy]]:
    yield people.get(external[0]) if external else None, "external_id"
    for address_field in ADDRESS_FIELDS:
        address = person.address(address_field)
        sharing = [one for one in people.values() if has_address(one, address_field, address)]
        yield best_of(person.name, sharing), address_field


def best_of(name: str, sharing: Iterable[CandidateItem]) -> CandidateItem | None:
    """Picks the candidate with that name among those who share an address: the equal name, else the only compatible one.

    Without a name (a row of a file that names a person by address alone) it is the only one there.
    """
    compatible = sorted((one for one in sharing if not name or compatible_names(one.name, name)), key=lambda one: str(one.id))
    equal = [one for one in compatible if canonical_name(one.name) == canonical_name(name)]
    if equal:
        return equal[0]
    return compatible[0] if len(compatible) == 1 else None


def _ids_by_address(employer_id: str, person: CandidateInput, found: Mapping[Key, Item]) -> list[str]:
    by_address = person.address_keys(employer_id)
    ids = [one for key in by_address.values() for one in unique_keys.record_ids(found.get(key))]
    for key in unique_keys.former_phone_keys(employer_id, person.phone, person.name):
        ids += unique_keys.record_ids(found.get(key))
    full = [address_field for address_field, key in by_address.items() if unique_keys.lists_some(found.get(key))]
    if full:
        named = [unique_keys.named_key(employer_id, one, person.address(one) or "", person.name) for one in full]
        ids += [one for item in table.get_many(named).values() for one in unique_keys.record_ids(item)]
    return ids


def has_address(candidate: CandidateItem, address_field: AddressField, address: str | None) -> bool:
    """Whether the candidate has that address now: a key that an older version left behind leads nowhere."""
    return bool(address) and same_address(address_field, getattr(candidate, address_field), address)


def same_address(address_field: AddressField, one: str | None, other: str | None) -> bool:
    """Whether two addresses are one in canonical form, or both missing."""
    canonical = _CANONICAL[address_field]
    return (canonical(one) if one else None) == (canonical(other) if other else None)


def _key(employer_id: str, candidate_id: str) -> Key:
    return keys.candidate_pk(employer_id, candidate_id), "CAND"
