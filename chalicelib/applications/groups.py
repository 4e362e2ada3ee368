"""Groups of applications of one employer: locations, departments or brands. At most twenty.

A group is known by its name; case and white space do not matter. It is listed the first time that it is used, in a write of its
own, so that rows of an import and requests at the same time cannot hinder each other. A listed group without any counted
application makes room where the list is full.
"""

from __future__ import annotations

from datetime import datetime

from pynamodb.attributes import JSONAttribute, NumberAttribute

from chalicelib.applications import tally_items
from chalicelib.applications.tally_items import group_key
from chalicelib.errors import ConditionFailed, FieldError, Unavailable, Unprocessable
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Transaction

GROUPS_MOST = 20
_TRIES = 8


class GroupsItem(Item):
    """PK EMP#<id>, SK GROUPS: the names of an employer's groups, as they were first written."""

    kind = "GROUPS"
    names = JSONAttribute()
    revision = NumberAttribute()


def names_of(employer_id: str) -> list[str]:
    """Reads the names of all groups, in the order in which they were first used."""
    item = _read(employer_id)
    return list(item.names) if item else []


def ensure(employer_id: str, name: str, now: datetime, pointer: str) -> str:
    """Returns the group's name as it is listed, and lists it where it is new.

    Raises Unprocessable, which names the existing groups, where the list is full.
    """
    for _ in range(_TRIES):
        item = _read(employer_id)
        names = list(item.names) if item else []
        known = next((one for one in names if group_key(one) == group_key(name)), None)
        if known is not None:
            return known
        if len(names) >= GROUPS_MOST:
            names = [one for one in names if tally_items.read(employer_id, now, one)]
        if len(names) >= GROUPS_MOST:
            raise Unprocessable(
                errors=[FieldError(pointer, f'"{name}" would be group {GROUPS_MOST + 1}; the groups are {_listed(names)}')]
            )
        try:
            _write(employer_id, item, [*names, " ".join(name.split())])
        except ConditionFailed:
            continue
    raise Unavailable


def demand(employer_id: str, name: str) -> str:
    """Returns a known group's name as it is listed. Raises Unprocessable, which names the existing ones."""
    names = names_of(employer_id)
    for one in names:
        if group_key(one) == group_key(name):
            return one
    told = f"the groups are {_listed(names)}" if names else "no application has a group yet"
    raise Unprocessable(errors=[FieldError("?group", f'"{name}" is not a group of this employer: {told}')])


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{one}"' for one in sorted(names))


def _read(employer_id: str) -> GroupsItem | None:
    item = table.get(keys.employer_pk(employer_id), "GROUPS")
    return item if isinstance(item, GroupsItem) else None


def _write(employer_id: str, item: GroupsItem | None, names: list[str]) -> None:
    transaction = Transaction()
    if item is None:
        transaction.create(GroupsItem(keys.employer_pk(employer_id), "GROUPS", names=names, revision=1))
    else:
        actions = [GroupsItem.names.set(names), GroupsItem.revision.set(int(item.revision) + 1)]
        transaction.update(item, actions, GroupsItem.revision == item.revision)
    transaction.commit()
