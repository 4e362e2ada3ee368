"""Reads the one DynamoDB table. `base_item` defines its items, `transaction` writes them; both are offered here too.

All items share one table (`PK`/`SK`) and one connection, which `bind()` makes. It has three sparse indexes:
`due` (items with a job to do), `waiting` (open waits, for the call list), `listing` (ids of a kind, for lists).
Items of a kind that this code does not know are ignored, so that older code can read what newer code writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    assign,
    changes,
    differing,
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
    "assign",
    "bind",
    "call",
    "changes",
    "client",
    "connection",
    "create_table",
    "differing",
    "from_raw",
    "get",
    "get_many",
    "query",
    "query_backwards",
    "query_first",
    "query_index",
    "query_many",
    "query_page",
    "query_range",
    "read_instant",
    "snapshot",
    "stored_instant",
]
BATCH_GET_MOST = 100


def bind(table_name: str, region: str, session: Any = None) -> None:
    """Names the table and makes the connection that all models share. AWS_ENDPOINT_URL_DYNAMODB sets another endpoint.

    `session` is a botocore session that has read the SDK's data files already.
    """
    Item.Meta.table_name = table_name
    Item.Meta.region = region
    Item._connection = None
    if session is not None:
        fast_path.share_session(connection(), session)
    fast_path.install(client())


def is_bound() -> bool:
    """Tells whether `bind` has been called in this process."""
    return Item._connection is not None


def connection() -> Connection:
    """Returns PynamoDB's connection."""
    return Item.table_connection().connection


def client() -> Any:
    """Returns the botocore client below the models: tests count requests and inject faults there."""
    return connection().client


def from_raw(raw: dict[str, Any]) -> Item | None:
    """Makes an item of a raw one, by its kind; None for a kind that this code does not know."""
    model = Item.kinds.get(raw["SK"]["S"].partition("#")[0])
    return model.from_raw_data(raw) if model else None


def query(pk: str, prefix: str | None = None, *, consistent: bool = True) -> list[Item]:
    """Reads a whole partition, or its items whose SK begins with `prefix`."""
    values, where = {":pk": {"S": pk}}, "PK = :pk"
    if prefix:
        values, where = {**values, ":sk": {"S": prefix}}, "PK = :pk AND begins_with(SK, :sk)"
    request = {
        "TableName": Item.Meta.table_name,
        "KeyConditionExpression": where,
        "ExpressionAttributeValues": values,
        "ConsistentRead": consistent,
        "ReturnConsumedCapacity": "TOTAL",
    }
    found: list[Item] = []
    while True:
        page = call(client().query, **request)
        found += [item for raw in page["Items"] if (item := from_raw(raw))]
        if not page.get("LastEvaluatedKey"):
            return found
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def query_many(pks: Iterable[str], *, at_once: int = 8) -> dict[str, list[dict[str, Any]]]:
    """Reads whole partitions side by side, consistently: raw items by partition key."""
    from concurrent.futures import ThreadPoolExecutor

    wanted = list(dict.fromkeys(pks))
    if not wanted:
        return {}
    with ThreadPoolExecutor(min(at_once, len(wanted))) as pool:
        found = pool.map(lambda pk: list(_pages(pk, range_key_condition=None, consistent_read=True)), wanted)
        return dict(zip(wanted, found, strict=True))


def query_range(pk: str, first: str, last: str, *, consistent: bool = True) -> list[dict[str, Any]]:
    """Reads all raw items of a partition with first <= SK <= last."""
    return list(_pages(pk, range_key_condition=Item.SK.between(first, last), consistent_read=consistent))


def query_first(pk: str, prefix: str, most: int) -> list[Item]:
    """Reads the first `most` items of a partition whose SK begins with `prefix`, consistently, in one page."""
    begin = Item.SK.startswith(prefix)
    page = call(Item.table_connection().query, pk, range_key_condition=begin, limit=most, consistent_read=True)
    return [item for raw in page["Items"] if (item := from_raw(raw))]


def query_page(pk: str, first: str, last: str, most: int) -> tuple[list[Item], bool]:
    """Reads up to `most` items of a partition with first <= SK <= last, consistently, in one request.

    Returns also whether there may be more. It reads at most 1 MB.
    """
    if first > last:
        return [], False
    within = Item.SK.between(first, last)
    page = call(Item.table_connection().query, pk, range_key_condition=within, limit=most, consistent_read=True)
    return [item for raw in page["Items"] if (item := from_raw(raw))], bool(page.get("LastEvaluatedKey"))


def query_backwards(pk: str, first: str, last: str, *, page: int) -> Iterator[Item]:
    """Yields a partition's items with first <= SK <= last, last first, consistently. Reads a page at a time, as needed."""
    start = None
    while True:
        found = call(
            Item.table_connection().query,
            pk,
            range_key_condition=Item.SK.between(first, last),
            scan_index_forward=False,
            limit=page,
            exclusive_start_key=start,
            consistent_read=True,
        )
        yield from (item for raw in found["Items"] if (item := from_raw(raw)))
        start = found.get("LastEvaluatedKey")
        if not start:
            return


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
    """Reads one page of an index: (raw items, the key to go on from).

    Index reads are eventually consistent: read again what matters.
    """
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


def count_index(index: str, hash_value: Any, most: int) -> int:
    """Counts the items of an index under a key, but no more than `most`: each 4 KB of them costs half a read unit."""
    page = call(Item.table_connection().query, hash_value, index_name=index, limit=most, select="COUNT")
    return int(page["Count"])


def all_of_index(index: str, hash_value: Any, condition: Condition | None = None, *, limit: int | None = None) -> Iterator[Any]:
    """Yields all raw items of an index under a key, in order. Reads a page of `limit` at a time, as needed."""
    start: dict[str, Any] | None = None
    while True:
        rows, start = query_index(index, hash_value, condition, limit=limit, start=start)
        yield from rows
        if not start:
            return


def get(pk: str, sk: str) -> Item | None:
    """Reads one item, consistently."""
    raw = call(Item.table_connection().get_item, pk, sk, consistent_read=True).get("Item")
    return from_raw(raw) if raw else None


def get_many(keys: Iterable[Key], *, consistent: bool = True) -> dict[Key, Item]:
    """Reads items by key, in batches of 100. What does not exist is not in the result.

    `consistent=False` costs half, for what a later condition checks anyway.
    """
    wanted = list(dict.fromkeys(keys))
    found: dict[Key, Item] = {}
    for begin in range(0, len(wanted), BATCH_GET_MOST):
        pending: dict[str, Any] = {
            Item.Meta.table_name: {
                "Keys": [{"PK": {"S": pk}, "SK": {"S": sk}} for pk, sk in wanted[begin : begin + BATCH_GET_MOST]],
                "ConsistentRead": consistent,
            }
        }
        for attempt in range(TRIES):
            if attempt:
                pause(attempt)
            page = call(client().batch_get_item, RequestItems=pending, ReturnConsumedCapacity="TOTAL")
            for raw in page.get("Responses", {}).get(Item.Meta.table_name, []):
                if item := from_raw(raw):
                    found[item.key] = item
            pending = page.get("UnprocessedKeys") or {}
            if not pending:
                break
        else:
            raise Unavailable
    return found


def call(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Makes a read, with the SDK's retries. Raises Unavailable where it still fails."""
    try:
        return function(*args, **kwargs)
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        raise Unavailable from error


def create_table() -> None:
    """Creates the table on a local engine and waits for it. On AWS the template creates it."""
    if not Item.exists():
        Item.create_table(wait=True)
