"""The one table's ground, and the one door to it: how it is named and read; `table_items` says what an item is,
`table_transactions` how it is written.

All items share one table (`PK`/`SK`) and one connection; `bind()` names it. Three sparse indexes:
`due` (what has something to do), `waiting` (open waits, for the call list), `listing` (ids of a kind, for lists).
A kind is the part of `SK` before "#"; an item of a kind that this code does not know is passed over,
so that older code can read a table that newer code writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.connection.base import Connection
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from chalicelib.errors import Unavailable
from chalicelib.storage import fast_path
from chalicelib.storage.base_item import (
    InstantAttribute,
    Item,
    Key,
    WordAttribute,
    changes,
    read_instant,
    snapshot,
    stored_instant,
)
from chalicelib.storage.transaction import TRANSACTION_MOST, TRIES, Transaction, pause

__all__ = [
    "BATCH_GET_MOST",
    "TRANSACTION_MOST",
    "Action",
    "Condition",
    "InstantAttribute",
    "Item",
    "Key",
    "Path",
    "Transaction",
    "WordAttribute",
    "bind",
    "call",
    "changes",
    "client",
    "connection",
    "create_table",
    "from_raw",
    "get",
    "get_many",
    "query",
    "query_first",
    "query_index",
    "query_range",
    "read_instant",
    "snapshot",
    "stored_instant",
]
BATCH_GET_MOST = 100


def bind(table_name: str, region: str, loader: Any = None) -> None:
    """Names the table and makes the one connection that every model shares. Endpoints come from `AWS_ENDPOINT_URL_DYNAMODB`.

    `loader` is botocore's "data_loader" component of a session that has read the SDK's data already.
    """
    Item.Meta.table_name = table_name
    Item.Meta.region = region
    Item._connection = None
    if loader is not None:
        fast_path.share_sdk_data(connection().session, loader)
    fast_path.install(client())


def is_bound() -> bool:
    """Tells whether `bind` has been called in this process."""
    return Item._connection is not None


def connection() -> Connection:
    return Item.table_connection().connection


def client() -> Any:
    """The botocore client below the models: where tests count requests and inject faults."""
    return connection().client


def from_raw(raw: dict[str, Any]) -> Item | None:
    """The model of a raw item by its kind, or None for a kind that this code does not know."""
    model = Item.kinds.get(raw["SK"]["S"].partition("#")[0])
    return model.from_raw_data(raw) if model else None


def query(pk: str, prefix: str | None = None, *, consistent: bool = True) -> list[Item]:
    """A whole partition (or the kinds whose SK begins with `prefix`), every page of it."""
    condition = Item.SK.startswith(prefix) if prefix else None
    return [item for raw in _pages(pk, range_key_condition=condition, consistent_read=consistent) if (item := from_raw(raw))]


def query_range(pk: str, first: str, last: str, *, consistent: bool = True) -> list[dict[str, Any]]:
    """Raw items of a partition with first <= SK <= last, every page."""
    return list(_pages(pk, range_key_condition=Item.SK.between(first, last), consistent_read=consistent))


def query_first(pk: str, prefix: str, most: int) -> list[Item]:
    """The first `most` items of a partition whose SK begins with `prefix`, read consistently in one page."""
    begin = Item.SK.startswith(prefix)
    page = call(Item.table_connection().query, pk, range_key_condition=begin, limit=most, consistent_read=True)
    return [item for raw in page["Items"] if (item := from_raw(raw))]


def _pages(pk: str, **kwargs: Any) -> Iterable[dict[str, Any]]:
    start = None
    while True:
        page = call(Item.table_connection().query, pk, exclusive_start_key=start, **kwargs)
        yield from page["Items"]
        start = page.get("LastEvaluatedKey")
        if not start:
            return


def query_index(
    index: str,
    hash_value: Any,
    condition: Condition | None = None,
    *,
    limit: int | None = None,
    forward: bool = True,
    start: dict[str, Any] | None = None,
    filter_condition: Condition | None = None,
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """One page of an index: raw items and the key to go on from. Index reads are eventually consistent: re-read what matters."""
    page = call(
        Item.table_connection().query,
        hash_value,
        range_key_condition=condition,
        index_name=index,
        limit=limit,
        scan_index_forward=forward,
        exclusive_start_key=start,
        filter_condition=filter_condition,
    )
    return page["Items"], page.get("LastEvaluatedKey")


def get(pk: str, sk: str) -> Item | None:
    """One item, read consistently."""
    raw = call(Item.table_connection().get_item, pk, sk, consistent_read=True).get("Item")
    return from_raw(raw) if raw else None


def get_many(keys: Iterable[Key], *, consistent: bool = True) -> dict[Key, Item]:
    """Items by key, in batches of 100; what is not there is not in the answer.

    `consistent=False` costs half: for what a later condition checks anyway.
    """
    wanted = list(dict.fromkeys(keys))
    found: dict[Key, Item] = {}
    for begin in range(0, len(wanted), BATCH_GET_MOST):
        pending: list[dict[str, Any]] = [{"PK": pk, "SK": sk} for pk, sk in wanted[begin : begin + BATCH_GET_MOST]]
        for attempt in range(TRIES):
            if attempt:
                pause(attempt)
            page = call(connection().batch_get_item, Item.Meta.table_name, pending, consistent_read=consistent)
            for raw in page.get("Responses", {}).get(Item.Meta.table_name, []):
                if item := from_raw(raw):
                    found[item.key] = item
            left = page.get("UnprocessedKeys", {}).get(Item.Meta.table_name, {}).get("Keys", [])
            pending = [{"PK": key["PK"]["S"], "SK": key["SK"]["S"]} for key in left]
            if not pending:
                break
        else:
            raise Unavailable
    return found


def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A read, with the SDK's retries; what still fails is Unavailable."""
    try:
        return function(*args, **kwargs)
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        raise Unavailable from error


def create_table() -> None:
    """Makes the table on a local engine, and waits for it. On AWS the template makes it."""
    if not Item.exists():
        Item.create_table(wait=True)
