"""Items are read and written as PynamoDB does it, only with fewer looks."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from pynamodb.attributes import BinaryAttribute, BooleanAttribute, JSONAttribute, NumberAttribute
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError
from pynamodb.models import Model

import app  # noqa: F401 - every kind of item is defined
from chalicelib.storage.attributes import columns_of
from chalicelib.storage.table import InstantAttribute, Item

KINDS = [model for _, model in sorted(Item.kinds.items()) if columns_of(model)]


def a_value(attribute: Any) -> Any:
    if isinstance(attribute, InstantAttribute):
        return datetime(2026, 6, 2, 14, 0, 0, 250, tzinfo=UTC)
    values = {NumberAttribute: 7, BooleanAttribute: True, BinaryAttribute: zlib.compress(b"{}"), JSONAttribute: {"a": [1, "é"]}}
    return next((value for kind, value in values.items() if isinstance(attribute, kind)), "text é")


def values_of(model: type[Item], *, only_needed: bool) -> dict[str, Any]:
    return {name: a_value(one) for name, one in model.get_attributes().items() if not (only_needed and one.null)}


@pytest.mark.parametrize("only_needed", [False, True])
@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.kind)
def test_an_item_is_written_and_read_as_pynamodb_does_it(model, only_needed):
    """Two spellings of one item would be two truths."""
    item = model(**values_of(model, only_needed=only_needed))
    raw = item.as_written()
    assert raw == item.serialize()
    there = {**raw, "unknown": {"S": "of newer code"}, "gone": {"NULL": True}}
    ordinary = Model.from_raw_data.__func__(model, there)
    assert model.from_raw_data(there).attribute_values == ordinary.attribute_values
    assert model.from_raw_data(there).key == item.key


def test_a_value_of_the_wrong_type_or_a_missing_one_is_refused():
    """A damaged item must be noticed where it is read."""
    model = Item.kinds["KEY"]
    with pytest.raises(AttributeDeserializationError):
        model.from_raw_data({"PK": {"S": "a"}, "SK": {"S": "b"}, "scopes": {"N": "1"}})
    with pytest.raises(AttributeNullError):
        model("a", "b").as_written()
    with pytest.raises(ValueError, match="no such attribute"):
        model("a", "b", scope="read")


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.kind)
def test_a_value_is_asked_for_as_pynamodb_does_it(model):
    """On the class an attribute makes conditions; on an item it is the value, or None."""
    item, empty = model(**values_of(model, only_needed=False)), model.from_raw_data({})
    for name, attribute in model.get_attributes().items():
        assert getattr(model, name) is attribute
        assert getattr(item, name) == a_value(attribute)
        assert getattr(empty, name) is attribute.default
        setattr(item, name, None)
        assert item.attribute_values[name] is None
