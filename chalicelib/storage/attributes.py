"""The attributes of a model, looked up once: reading and writing an item then looks only at what is there.

PynamoDB asks every attribute through its descriptors, forty for an application of which a dozen are set.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from pynamodb.attributes import Attribute, AttributeContainer
from pynamodb.exceptions import AttributeNullError


class Column(NamedTuple):
    """One attribute. `deserialize` is None where the stored value is the value."""

    name: str
    stored: str
    attribute: Attribute[Any]
    deserialize: Callable[[Any], Any] | None


class Columns(NamedTuple):
    in_order: list[Column]
    by_stored_name: dict[str, Column]
    defaults: dict[str, Any]
    names: frozenset[str]

    def new(self, values: dict[str, Any]) -> dict[str, Any]:
        """Some values with the defaults of the others. Raises ValueError for a name that is no attribute's."""
        if not self.names.issuperset(values):
            raise ValueError(f"no such attribute: {sorted(set(values) - self.names)}")
        return {**self.defaults, **values}

    def read(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The values of a raw item; an attribute that this code does not know is passed over."""
        values = dict(self.defaults)
        for stored, typed in raw.items():
            column = self.by_stored_name.get(stored)
            if column is not None and typed and "NULL" not in typed:
                value = column.attribute.get_value(typed)
                values[column.name] = column.deserialize(value) if column.deserialize else value
        return values

    def write(self, values: dict[str, Any]) -> dict[str, Any]:
        """The raw item of some values. Raises AttributeNullError where one is missing."""
        raw = {}
        for name, stored, attribute, _ in self.in_order:
            value = values.get(name)
            serialized = attribute.serialize(value) if value is not None else None
            if serialized is not None:
                raw[stored] = {attribute.attr_type: serialized}
            elif not attribute.null:
                raise AttributeNullError(name)
        return raw


class Value:
    """Takes an attribute's place on its model: on the class it is PynamoDB's attribute still, on an item its value, at a third
    of the price. Writing a decision asks a hundred and fifty times."""

    __slots__ = ("attribute", "name")

    def __init__(self, attribute: Attribute[Any], name: str) -> None:
        self.attribute, self.name = attribute, name

    def __get__(self, item: Any, model: Any = None) -> Any:
        return self.attribute if item is None else item.attribute_values.get(self.name)

    def __set__(self, item: Any, value: Any) -> None:
        item.attribute_values[self.name] = value


@cache
def columns_of(model: Any) -> Columns | None:
    """None for a model with attributes inside attributes, or with defaults that are made anew: those go PynamoDB's way."""
    attributes = model.get_attributes()
    if any(
        isinstance(one, AttributeContainer) or callable(one.default) or one.default_for_new is not None
        for one in attributes.values()
    ):
        return None
    found = [
        Column(name, one.attr_name, one, None if type(one).deserialize is Attribute.deserialize else one.deserialize)
        for name, one in attributes.items()
    ]
    for name, one in attributes.items():
        setattr(model, name, Value(one, name))
    return Columns(
        found,
        {column.stored: column for column in found},
        {name: one.default for name, one in attributes.items() if one.default is not None},
        frozenset(attributes),
    )
