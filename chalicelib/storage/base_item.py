"""The base model of every item in the table, with its three sparse indexes and the stored form of instants.

A kind is the part of `SK` before "#". `Item.kinds` maps each kind to its model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import TableConnection
from pynamodb.constants import STRING
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from chalicelib.storage.fast_path import FastModel, actions_to

Key = tuple[str, str]
WordT = TypeVar("WordT", bound=str)
INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


@lru_cache(1024)  # a write and its answer hold the same few instants, now above all
def utc_text(value: datetime) -> str:
    """Formats an instant in UTC, with six fractional digits and without its offset.

    Only UTC: of other zones, two instants may be equal that are not the same.
    """
    return value.isoformat(timespec="microseconds")[:26]


def stored_instant(value: datetime) -> str:
    """Formats an aware instant for the table: UTC, always six fractional digits, so that text order is time order."""
    return utc_text(value if value.tzinfo is UTC else value.astimezone(UTC)) + "Z"


@lru_cache(1024)  # a case holds most of its instants several times
def read_instant(value: str) -> datetime:
    """Parses a stored instant, to an aware one in UTC."""
    if value[26:] == "Z":
        return datetime.fromisoformat(value)
    return datetime.strptime(value, INSTANT_FORMAT).replace(tzinfo=UTC)


class InstantAttribute(Attribute[datetime]):
    """An aware UTC datetime, stored as fixed-width text."""

    attr_type = STRING

    serialize = staticmethod(stored_instant)
    deserialize = staticmethod(read_instant)


class WordAttribute(Attribute[WordT]):
    """One of a fixed set of texts: `stage = WordAttribute[Stage]()`."""

    attr_type = STRING


class DueIndex(GlobalSecondaryIndex[Any]):
    """Items with a job to do, by when it is due. Keys only."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_shard = NumberAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class WaitingIndex(GlobalSecondaryIndex[Any]):
    """Open waits with what the call list shows, by the hour of `word_due_at`, then by application."""

    class Meta:
        index_name = "waiting"
        projection = IncludeProjection(["application_id", "word_due_at", "since", "decided"])

    waiting_key = UnicodeAttribute(hash_key=True)
    waiting_at = UnicodeAttribute(range_key=True)


class ListingIndex(GlobalSecondaryIndex[Any]):
    """Ids of one kind of one employer. Keys only, so that a change of a record costs no write here."""

    class Meta:
        index_name = "listing"
        projection = KeysOnlyProjection()

    list_key = UnicodeAttribute(hash_key=True)
    list_at = UnicodeAttribute(range_key=True)


class Item(FastModel):
    """Any item of the table. A subclass sets `kind`, the part of `SK` before "#"."""

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
    """TTL in epoch seconds. Readers ignore an expired item, because DynamoDB deletes late."""

    due_index = DueIndex()
    waiting_index = WaitingIndex()
    listing_index = ListingIndex()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.kind:
            return
        taken = Item.kinds.setdefault(cls.kind, cls)
        if taken is not cls and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"the kind {cls.kind!r} of {cls.__qualname__} is that of {taken.__module__}.{taken.__qualname__}")
        Item.kinds[cls.kind] = cls

    @property
    def key(self) -> Key:
        """The primary key, (PK, SK)."""
        values = self.attribute_values
        return (values["PK"], values["SK"])

    @classmethod
    def table_connection(cls) -> TableConnection:
        """Returns the one connection that all models share. PynamoDB has no public way to it."""
        return Item._connection or Item._get_connection()


ItemT = TypeVar("ItemT", bound=Item)


def copy_of(item: ItemT) -> ItemT:
    """Copies an item. Its values are shared: they are assigned again, never changed in place."""
    copied = type(item).__new__(type(item))
    copied.attribute_values = dict(item.attribute_values)
    return copied


def snapshot(item: Item) -> dict[str, Any]:
    """Copies an item's attributes, to tell later what changed. Assign new values; never change one in place."""
    return dict(item.attribute_values)


def assign(item: Item, **values: Any) -> None:
    """Sets attributes. None for what the item has no value of leaves it so: a copy of what was read is then equal at a glance."""
    own = item.attribute_values
    for name, value in values.items():
        if value is not None or name in own:
            own[name] = value


def differing(before: Mapping[str, Any], now: Mapping[str, Any], names: Iterable[str] | None = None) -> set[str]:
    """Names the attributes that differ, of all or of some. Without a value is the same as None.

    It asks without a function call for each name: a write compares several hundred. Most values are the very same objects.
    """
    if now == before:
        return set()
    return {
        name
        for name in (before.keys() | now.keys() if names is None else names)
        if (was := before[name] if name in before else None) is not (one := now[name] if name in now else None)  # noqa: SIM401
        and was != one
    }


def changes(item: Item, before: dict[str, Any]) -> list[Action]:
    """Lists the update actions from a snapshot to the present item: only what differs, so that what newer code wrote stays."""
    return actions_to(item, sorted(differing(before, item.attribute_values)))
