"""Creates candidates, and completes the empty fields of known ones: nothing is overwritten, and nothing dropped silently.

What a request gives and a known candidate does not take is listed by JSON pointer into the request's candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chalicelib.api.phone_numbers import takes_texts
from chalicelib.applications import unique_keys
from chalicelib.applications.candidates import file_notes, name_index
from chalicelib.applications.candidates.identity import (
    ADDRESS_FIELDS,
    CandidateInput,
    Match,
    best_of,
    has_address,
    identify,
    same_address,
)
from chalicelib.applications.candidates.items import CandidateItem
from chalicelib.applications.unique_keys import AddressField
from chalicelib.applications.unit_of_work import UnitOfWork
from chalicelib.auth.employers import EmployerItem
from chalicelib.errors import Conflict, Unprocessable
from chalicelib.rules.canonical import canonical_name, compatible_names
from chalicelib.storage import ids, keys, table
from chalicelib.storage.feed import Change
from chalicelib.storage.table import Item, Key

EXTERNAL_IDS_MOST = 200
EXTERNAL_IDS_BYTES_MOST = 100_000
"""External ids are stored in the record's item, which DynamoDB limits to 400 KB. Some systems make an id for every form."""
_PLAIN = ("timezone", "locale", "sms_consent")


def new_candidate(
    unit: UnitOfWork, person: CandidateInput, found: Mapping[Key, Item], applications: Iterable[str] = ()
) -> CandidateItem:
    """Adds a new candidate and its unique keys. An address that others have too is shared with them.

    Raises Unprocessable without a name: files may name a known person by id or address alone.
    """
    if not person.name:
        raise Unprocessable("No candidate of yours is known by this id or address: a new candidate needs a name.")
    employer_id = unit.employer.id
    candidate_id = ids.new_id("cand", unit.now)
    item = CandidateItem(
        keys.candidate_pk(employer_id, candidate_id),
        "CAND",
        id=candidate_id,
        employer_id=employer_id,
        external_ids=list(person.external_ids),
        applications=list(applications),
        created_at=unit.now,
        updated_at=unit.now,
        revision=1,
        name=person.name,
        list_key=keys.list_key(employer_id, "CAND"),
        list_at=candidate_id,
        recorded_by=unit.by.stored() if unit.by else None,
    )
    for name in ("email", "phone", "phone_extension", *_PLAIN):
        setattr(item, name, getattr(person, name))
    item.phone_takes_texts = texts_reach(item)
    item.given = file_notes.of_new(person)
    if unit.employer.seeker:  # a request that arrives after they erased themselves must not bring them back
        unit.transaction.check(EmployerItem(keys.employer_pk(employer_id), "EMP"), EmployerItem.seeker.exists())
    name_index.enter_new(unit.transaction, item)
    unit.transaction.create(item)
    unit.transaction.tell(Change(employer_id, "candidate", candidate_id, None, unit.now))
    unique_keys.claim(unit.transaction, person.external_keys(employer_id), candidate_id)
    for address_field in ADDRESS_FIELDS:
        _join(unit, candidate_id, person, address_field, found)
    return item


def fill(unit: UnitOfWork, match: Match, person: CandidateInput, found: Mapping[Key, Item]) -> tuple[str, ...]:
    """Completes a known candidate's empty fields in memory and claims their unique keys; `save` writes it.

    Returns JSON pointers to what is given and not taken: fields that differ, and what another candidate has.
    Raises Conflict where there would be too many external ids.
    """
    candidate = match.candidate
    if candidate is None:
        raise ValueError("only a known candidate is completed")
    for address_field in ADDRESS_FIELDS:
        _fill_address(unit, match, candidate, person, address_field, found)
    for name in _PLAIN:
        if getattr(candidate, name) is None:
            setattr(candidate, name, getattr(person, name))
    _fill_external_ids(unit, candidate, person, found)
    return ignored(candidate, person)


def _fill_address(
    unit: UnitOfWork,
    match: Match,
    candidate: CandidateItem,
    person: CandidateInput,
    address_field: AddressField,
    found: Mapping[Key, Item],
) -> None:
    """Fills an empty address, unless another candidate with a compatible name has that address."""
    address = person.address(address_field)
    if address is None:
        return
    number = candidate.phone, candidate.phone_extension
    if getattr(candidate, address_field) is None:
        if any(compatible_names(one.name, candidate.name) for one in match.others_with(address_field, address)):
            return
        setattr(candidate, address_field, address)
        if address_field == "phone":
            candidate.phone_extension = person.phone_extension
    if address_field == "phone" and has_address(candidate, "phone", address) and candidate.phone_extension is None:
        candidate.phone_extension = person.phone_extension
    if number != (candidate.phone, candidate.phone_extension):
        candidate.phone_takes_texts = texts_reach(candidate)
    if has_address(candidate, address_field, address):
        _join(unit, candidate.id, person, address_field, found)


def _fill_external_ids(unit: UnitOfWork, candidate: CandidateItem, person: CandidateInput, found: Mapping[Key, Item]) -> None:
    fresh = [one for one in person.external_ids if one not in candidate.external_ids]
    free = [one for one in fresh if unique_keys.external_keys(unit.employer.id, [one])[0] not in found]
    if free:
        candidate.external_ids = with_external_ids("candidate", candidate.external_ids, free)
        unique_keys.claim(unit.transaction, unique_keys.external_keys(unit.employer.id, free), candidate.id)


def with_external_ids(record: str, known: Iterable[Any], fresh: Iterable[Any]) -> list[Any]:
    """Adds external ids to those of a record. Raises Conflict where they are too many, or too long together."""
    before, added = list(known), list(fresh)
    size = sum(len(text.encode()) for one in (*before, *added) for text in one.values())
    if len(before) + len(added) > EXTERNAL_IDS_MOST or size > EXTERNAL_IDS_BYTES_MOST:
        bound = f"at most {EXTERNAL_IDS_MOST} external ids, of {EXTERNAL_IDS_BYTES_MOST:,} bytes together"
        detail = f"A record has {bound}: this {record} has {len(before)}, and {len(added)} more are given."
        raise Conflict(detail, code="too_many_external_ids")
    return [*before, *added]


def ignored(candidate: CandidateItem, person: CandidateInput) -> tuple[str, ...]:
    """Lists JSON pointers to what is given and not taken."""
    return tuple(_ignored(candidate, person))


def _ignored(candidate: CandidateItem, person: CandidateInput) -> Iterator[str]:
    if person.name and canonical_name(candidate.name) != canonical_name(person.name):
        yield "/name"
    for address_field in ADDRESS_FIELDS:
        address = person.address(address_field)
        if address is not None and not has_address(candidate, address_field, address):
            yield f"/{address_field}"
    if person.phone_extension not in (None, candidate.phone_extension):
        yield "/phone_extension"
    for name in _PLAIN:
        if getattr(person, name) not in (None, getattr(candidate, name)) and not _is_same_consent(candidate, person, name):
            yield f"/{name}"
    for number, one in enumerate(person.external_ids):
        if one not in candidate.external_ids:
            yield f"/external_ids/{number}"


def _is_same_consent(candidate: CandidateItem, person: CandidateInput, name: str) -> bool:
    """Whether a file repeats a consent: it seldom says where the consent was given."""
    given, known = person.sms_consent, candidate.sms_consent
    return bool(person.source and name == "sms_consent" and given and known and given["given_at"] == known["given_at"])


def shared_by_others(match: Match, person: CandidateInput) -> tuple[AddressField, ...]:
    """The given addresses that other candidates have too."""
    return tuple([one for one in ADDRESS_FIELDS if (given := person.address(one)) and match.others_with(one, given)])


def texts_reach(candidate: CandidateItem) -> bool:
    """Whether texts may go to the number: not where an extension says that it is a switchboard's."""
    return bool(candidate.phone and not candidate.phone_extension and takes_texts(candidate.phone))


def _join(
    unit: UnitOfWork, candidate_id: str, person: CandidateInput, address_field: AddressField, found: Mapping[Key, Item]
) -> None:
    """Lists the candidate at the key of an address, or under the address with the name where that list is full."""
    key = person.address_keys(unit.employer.id).get(address_field)
    if key and not unique_keys.join(unit.transaction, key, found.get(key), candidate_id):
        named = unique_keys.named_key(unit.employer.id, address_field, person.address(address_field) or "", person.name)
        if table.get(*named) is None:
            unique_keys.claim(unit.transaction, [named], candidate_id)


def check_no_double(
    employer_id: str, candidate: CandidateItem, former: CandidateInput, present: CandidateInput, found: Mapping[Key, Item]
) -> None:
    """Raises Conflict where a change would make the candidate a duplicate of another: same address, compatible name."""
    renamed = canonical_name(former.name) != canonical_name(present.name)
    changed = [one for one in ADDRESS_FIELDS if renamed or not same_address(one, former.address(one), present.address(one))]
    match = identify(employer_id, present, found) if any(present.address(one) for one in changed) else Match()
    others = [one for one in match.people.values() if one.id != candidate.id]
    for address_field in changed:
        if best_of(present.name, (one for one in others if has_address(one, address_field, present.address(address_field)))):
            detail = f"Another candidate of yours already has this {address_field} with this name."
            raise Conflict(detail, code="duplicate_candidate")


def move_addresses(
    unit: UnitOfWork, candidate_id: str, former: CandidateInput, present: CandidateInput, found: Mapping[Key, Item]
) -> None:
    """Leaves the keys of former addresses and names, and joins those of present ones."""
    employer_id = unit.employer.id
    after = present.address_keys(employer_id)
    kept = {*after.values(), *keys_with_name(employer_id, present)}
    for key in [*former.address_keys(employer_id).values(), *keys_with_name(employer_id, former)]:
        if key not in kept:
            unique_keys.leave(unit.transaction, key, found.get(key), candidate_id)
    for address_field, key in after.items():
        if candidate_id not in unique_keys.record_ids(found.get(key)) and key not in unit.transaction.keys:
            _join(unit, candidate_id, present, address_field, found)


def keys_with_name(employer_id: str, person: CandidateInput) -> list[Key]:
    """Keys of addresses with the name: of older versions, and of addresses that very many share."""
    addresses = [(one, address) for one in ADDRESS_FIELDS if (address := person.address(one))]
    named = [unique_keys.named_key(employer_id, one, address, person.name) for one, address in addresses]
    return [*named, *unique_keys.former_phone_keys(employer_id, person.phone, person.name)]


def all_keys(employer_id: str, person: CandidateInput) -> list[Key]:
    """Every key that may lead to a candidate, addresses first."""
    addresses = [*person.address_keys(employer_id).values(), *keys_with_name(employer_id, person)]
    return [*dict.fromkeys([*addresses, *person.external_keys(employer_id)])]
