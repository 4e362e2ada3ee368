"""What is stored once keeps its name, its type and whether it may be missing: versions before and after read the same table."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib import item_kinds
from chalicelib.storage.table import Item

STORED = [line.split() for line in Path(__file__).with_name("stored_names.txt").read_text().splitlines() if line[:1] != "#"]
"""[kind, field, stored name, DynamoDB type, "required" or "optional"] of every attribute; "*" is every kind."""
KINDS = {line[0] for line in STORED} - {"*"}


def is_kind(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Item) and found is not Item


DEFINED = {one.kind for module in item_kinds.MODULES for one in vars(module).values() if is_kind(one)}


def attributes(kind: str) -> set[tuple[str, ...]]:
    found = Item.kinds[kind].get_attributes().items()
    return {(field, one.attr_name, one.attr_type, "optional" if one.null else "required") for field, one in found}


def known(kind: str) -> set[tuple[str, ...]]:
    return {tuple(line[1:]) for line in STORED if line[0] in ("*", kind)}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_stored_attribute_keeps_its_name_and_type(kind: str) -> None:
    """Items of years are stored under these names. A field that is gone leaves the list in the version after."""
    assert known(kind) - attributes(kind) == set()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_new_attribute_may_be_missing(kind: str) -> None:
    """Items that older code wrote lack it. A default counts as stored by those who write, not by those who wrote."""
    fields = {one[0] for one in known(kind)}
    new = Item.kinds[kind].get_attributes().items()
    assert [field for field, one in new if field not in fields and not one.null and one.default is None] == []


@pytest.mark.parametrize("kind", sorted(DEFINED))
def test_every_attribute_is_listed(kind: str) -> None:
    """What is not listed could change its name, its type or whether it may be missing without a failing test."""
    assert attributes(kind) - known(kind) == set()


def test_every_module_that_defines_items_is_listed() -> None:
    """A kind that is not known yet is passed over when it is read."""
    assert DEFINED >= KINDS
