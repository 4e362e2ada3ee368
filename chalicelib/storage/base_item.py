"""What every item of the one table is made of: the base model, its three sparse indexes, instants as text.

A kind is the part of `SK` before "#"; `Item.kinds` knows the model of each kind.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, Self, TypeVar

from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.constants import STRING
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.storage.attributes import columns_of

Key = tuple[str, str]
WordT = TypeVar("WordT", bound=str)
INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def stored_instant(value: datetime) -> str:
    """An aware instant as the table holds it: UTC, always six fractional digits, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def read_instant(text: str) -> datetime:
    """The aware UTC instant of a stored text."""
    return datetime.strptime(text, INSTANT_FORMAT).replace(tzinfo=UTC) if len(text) != 27 else _fast_instant(text)


def _fast_instant(text: str) -> datetime:
    return datetime.fromisoformat(text[:-1] + "+00:00")


class InstantAttribute(Attribute[datetime]):
    """An aware UTC datetime, stored as fixed-width text."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return stored_instant(value)

    def deserialize(self, value: str) -> datetime:
        return read_instant(value)


class WordAttribute(Attribute[WordT]):
    """One of a rule's words: `stage = WordAttribute[Stage]()`. Stored as text."""

    attr_type = STRING


class DueIndex(GlobalSecondaryIndex[Any]):
    """What has something to do, in order of when; keys only."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_shard = NumberAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class WaitingIndex(GlobalSecondaryIndex[Any]):
    """Open waits with what the call list shows, by the hour of `word_due_at`, then application."""

    class Meta:
        index_name = "waiting"
        projection = IncludeProjection(["application_id", "word_due_at", "since", "decided"])

    waiting_key = UnicodeAttribute(hash_key=True)
    waiting_at = UnicodeAttribute(range_key=True)


class ListingIndex(GlobalSecondaryIndex[Any]):
    """Ids of one kind of one employer; keys only, so that changes of a record cost nothing here."""

    class Meta:
        index_name = "listing"
        projection = KeysOnlyProjection()

    list_key = UnicodeAttribute(hash_key=True)
    list_at = UnicodeAttribute(range_key=True)


class Item(Model):
    """Any item of the table. Subclasses set `kind`, the part of `SK` before "#"."""

    class Meta:
        table_name = "heardback"
        region: str | None = None
        host: str | None = None
        connect_timeout_seconds = 1
        read_timeout_seconds = 3
        max_retry_attempts = 2
        max_pool_connections = 32
        billing_mode = "PAY_PER_REQUEST"

    kind: ClassVar[str] = ""
    kinds: ClassVar[dict[str, type[Item]]] = {}

    PK = UnicodeAttribute(hash_key=True)
    SK = UnicodeAttribute(range_key=True)
    due_shard = NumberAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    waiting_key = UnicodeAttribute(null=True)
    waiting_at = UnicodeAttribute(null=True)
    list_key = UnicodeAttribute(null=True)
    list_at = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    """TTL in epoch seconds, for items that may vanish. Readers ignore an expired item: DynamoDB deletes late."""

    due_index = DueIndex()
    waiting_index = WaitingIndex()
    listing_index = ListingIndex()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind:
            Item.kinds[cls.kind] = cls

    def __init__(self, hash_key: Any = None, range_key: Any = None, _user_instantiated: bool = True, **values: Any) -> None:
        columns = columns_of(type(self))
        if columns is None or not _user_instantiated:
            super().__init__(hash_key, range_key, _user_instantiated, **values)
            return
        self.attribute_values = columns.new(values)
        if hash_key is not None:
            self.attribute_values["PK"] = hash_key
        if range_key is not None:
            self.attribute_values["SK"] = range_key

    @property
    def key(self) -> Key:
        return (self.attribute_values["PK"], self.attribute_values["SK"])

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        columns = columns_of(cls)
        if columns is None:
            return super().from_raw_data(data)
        item = cls.__new__(cls)
        item.attribute_values = columns.read(data)
        return item

    def as_written(self) -> dict[str, Any]:
        """The item as it is written. Raises what PynamoDB raises where a value is missing."""
        columns = columns_of(type(self))
        return columns.write(self.attribute_values) if columns else dict(self.serialize())


def snapshot(item: Item) -> dict[str, Any]:
    """An item's attributes as they stand now, to tell later what changed. Assign new values; never change one in place."""
    return dict(item.attribute_values)


def changes(item: Item, before: dict[str, Any]) -> list[Action]:
    """The update actions from a snapshot to the item as it is now: only what differs, so that what newer code wrote stays."""
    model, now = type(item), item.attribute_values
    actions: list[Action] = []
    if now == before:
        return actions
    for name in sorted(name for name in before.keys() | now.keys() if now.get(name) != before.get(name)):
        attribute, value = getattr(model, name), now.get(name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    return actions
