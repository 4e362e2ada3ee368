"""The people of an employer's team who own applications or decide about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from chalicelib.applications import people_lists
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.unit_of_work import UnitOfWork, update_application
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.auth.users import LeavingItem, PersonItem, people_pk, person_key
from chalicelib.errors import ConditionFailed, FieldError, NotFound, Unavailable, Unprocessable
from chalicelib.rules.employer import Employer
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key, Transaction, stored_instant

PAGE = 100
ROLES = ("owner_id", "decider_id")
"""Fields of an application that hold a person."""


def check(unit: UnitOfWork, given: Mapping[str, str | None], found: Mapping[Key, Item], pointer: str = "") -> None:
    """Checks that these people are on the team, now and when the transaction commits. Raises Unprocessable.

    `found` has their items. Another employer's person is not found: the key is made with the caller's employer.
    """
    wanted = {name: person_key(unit.employer.id, person) for name, person in given.items() if person}
    unknown = [name for name, key in wanted.items() if not isinstance(found.get(key), PersonItem)]
    if unknown:
        raise Unprocessable(errors=[FieldError(f"{pointer}/{name}", "there is no such person on the team") for name in unknown])
    for key in dict.fromkeys(wanted.values()):
        unit.transaction.check(PersonItem(*key), PersonItem.PK.exists())


def read(employer_id: str, people: Iterable[str | None]) -> dict[str, PersonItem]:
    """Reads people by id, in one request. Who was removed is not in the result."""
    wanted = [person_key(employer_id, one) for one in people if one]
    found = table.get_many(wanted).values() if wanted else ()
    return {item.id: item for item in found if isinstance(item, PersonItem)}


def accepted(employer_id: str) -> list[PersonItem]:
    """Lists the people who accepted their invitation, in one query."""
    found = (item for item in table.query(people_pk(employer_id), "PERSON#") if isinstance(item, PersonItem))
    return [person for person in found if person.is_accepted]


def end_digest(employer_id: str, is_theirs: Callable[[str], bool], now: datetime) -> None:
    """Ends the digest of what a person owns, because they unsubscribed: from then on it counts as unowned. Idempotent."""
    for person in accepted(employer_id):
        if is_theirs(person.email) and person.digest_ended_at is None:
            transaction = Transaction()
            ended = [PersonItem.digest_ended_at.set(now), PersonItem.revision.set(person.revision + 1)]
            transaction.update(PersonItem(*person.key), ended, PersonItem.revision == person.revision)
            try:
                transaction.commit()
            except ConditionFailed as error:  # changed at this moment: the page asks to press again
                raise Unavailable from error


def work(item: Item, now: datetime) -> None:
    """Takes a removed person off the applications that they owned or decided about, some at a time. Idempotent."""
    leaving = table.get(*item.key)
    if not isinstance(leaving, LeavingItem) or leaving.due_at is None or leaving.due_at > stored_instant(now):
        return
    held = table.get(keys.employer_pk(leaving.employer_id), "EMP")
    lists = (people_lists.owned_list(leaving.person_id), people_lists.decides_list(leaving.person_id))
    left = [one for kind in lists for one in _page(leaving.employer_id, kind)]
    if isinstance(held, EmployerItem):
        for application_id in dict.fromkeys(left):
            _take_off(employer_of(held), application_id, leaving.person_id, now)
    if not left:
        transaction = Transaction()
        transaction.delete(LeavingItem(*leaving.key))
        transaction.commit()


def _page(employer_id: str, kind: str) -> list[str]:
    rows, _ = table.query_index("listing", keys.list_key(employer_id, kind), None, limit=PAGE)
    return [str(row["list_at"]["S"]) for row in rows]


def _take_off(employer: Employer, application_id: str, person_id: str, now: datetime) -> None:
    def change(_: UnitOfWork, case: ApplicationCase) -> None:
        for name in ROLES:
            if getattr(case.application, name) == person_id:
                setattr(case.application, name, None)

    try:
        update_application(employer, application_id, now, change)
    except NotFound:  # erased; the index lags
        return
