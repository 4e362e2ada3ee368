"""Items are read and written as PynamoDB reads and writes them, faster."""

from __future__ import annotations

import inspect
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from pynamodb.attributes import Attribute, BinaryAttribute, BooleanAttribute, JSONAttribute, NumberAttribute
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError
from pynamodb.expressions import operand
from pynamodb.models import Model

import app  # noqa: F401 - every kind of item is defined
from chalicelib.storage.fast_path import create_request, members_of, model_spec, update_request
from chalicelib.storage.table import InstantAttribute, Item

KINDS = [model for _, model in sorted(Item.kinds.items()) if model_spec(model)]


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
    """A table that both ways of writing share must hold one form of an item."""
    item = model(**values_of(model, only_needed=only_needed))
    raw = item.to_raw_data()
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
        model("a", "b").to_raw_data()
    with pytest.raises(ValueError, match=r"no such attribute|does not exist"):
        model("a", "b", scope="read")


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.kind)
def test_an_attribute_gives_its_value_as_pynamodb_does(model):
    """On the class an attribute makes conditions; on an item it is the value, or None."""
    item, empty = model(**values_of(model, only_needed=False)), model.from_raw_data({})
    for name, attribute in model.get_attributes().items():
        assert getattr(model, name) is attribute
        assert getattr(item, name) == a_value(attribute)
        assert getattr(empty, name) is attribute.default
        setattr(item, name, None)
        assert item.attribute_values[name] is None


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.kind)
def test_a_model_has_the_attributes_that_python_finds_in_it(model):
    """Inherited and overridden ones included, in the same order."""

    def is_attribute(value: Any) -> bool:
        return isinstance(value, Attribute)

    found = inspect.getmembers(model, is_attribute)
    assert found
    assert [(name, id(one)) for name, one in members_of(model, is_attribute)] == [(name, id(one)) for name, one in found]
    assert list(model.get_attributes()) == [name for name, _ in found]


def plain(request: dict[str, Any]) -> dict[str, Any]:
    """The parts of a request that say something; PynamoDB adds what DynamoDB takes as absent."""
    return {name: value for name, value in request.items() if value}


def test_a_create_and_an_update_are_the_requests_that_pynamodb_builds(empty_table):
    """A later PynamoDB that builds them in another way is noticed here."""
    model = Item.kinds["KEY"]
    item = model(**values_of(model, only_needed=False))
    condition = model.PK.exists() & (model.employer_id == "e")
    asked = [(actions, condition) for actions in actions_of(model)] + [([model.revoked_at.remove()], None)]
    fast = [create_request(item), *(update_request(item, actions, condition) for actions, condition in asked)]
    own = [
        item.get_save_kwargs_from_instance(condition=model.PK.does_not_exist()),
        *(item.get_update_kwargs_from_instance(actions=actions, condition=condition) for actions, condition in asked),
    ]
    assert [plain(one) for one in fast] == [plain(one) for one in own]


def actions_of(model: Any) -> list[list[Any]]:
    """Updates of each kind: plain ones, those composed of several operands, and those that neither set nor remove."""
    removing, setting = model.revoked_at.remove(), model.scopes.set(["read"])
    return [
        [removing, setting],
        [setting, model.employer_id.set("e"), removing, model.due_shard.set(1)],
        [model.due_shard.set(model.due_shard + 1), model.employer_id.set(model.employer_id | "e"), removing],
        [
            operand.Path("map.list[1]").set("read"),
            operand.Path("list[0]").remove(),
            model.employer_id.set(operand.Path("map.id")),
        ],
        [removing, setting, model.due_shard.add(1)],
    ]
