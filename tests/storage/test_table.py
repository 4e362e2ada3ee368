"""What the table does for its callers. Run a second time with HEARDBACK_FAST_PATH=0 by test_both_ways.py."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import app  # noqa: F401 - every kind of item is defined
from chalicelib import config
from chalicelib.api.idempotency_record import IdempotencyItem
from chalicelib.auth.api_keys import KeyItem
from chalicelib.auth.rate_limit import LimitItem
from chalicelib.auth.users import PersonItem, SessionItem
from chalicelib.errors import ConditionFailed
from chalicelib.storage import fast_path, feed
from chalicelib.storage.base_item import copy_of
from chalicelib.storage.table import (
    Item,
    Transaction,
    changes,
    client,
    count_index,
    get,
    get_many,
    query,
    query_first,
    query_index,
    query_range,
    snapshot,
    stored_instant,
)

NOW = datetime(2026, 6, 2, 14, 0, 0, 250, tzinfo=UTC)


def person(number: int = 1, **values: Any) -> PersonItem:
    whole = {"name": f"Ann é {number}", "email": "ann@example.com", "role": "manager", "revision": 1, **values}
    return PersonItem(
        "EMP#e#PEOPLE", f"PERSON#{number}", id=str(number), employer_id="e", created_at=NOW, updated_at=NOW, **whole
    )


def write(*items: Item) -> None:
    transaction = Transaction()
    for item in items:
        transaction.create(item)
    transaction.commit()


def raw(item: Item) -> dict[str, Any]:
    (found,) = query_range(item.PK, item.SK, item.SK)
    return found


def test_the_switch_decides_which_way_is_tested(empty_table: Any) -> None:
    """Otherwise the second run would test the first way again."""
    assert (fast_path.model_spec(KeyItem) is not None) == config.fast_path()
    options = {"parameter_validation": False, "inject_host_prefix": False, "disable_request_compression": True}
    options |= {"user_agent": "heardback botocore"}
    assert fast_path.client_options() == (options if config.fast_path() else {})


def test_an_item_is_read_as_it_was_written(empty_table: Any) -> None:
    """Texts, numbers, instants, lists, bytes; a default where nothing was given, None for what is absent."""
    key = KeyItem("EMP#e", "KEY#k", id="k", employer_id="e", scopes=["read", "é"], secret_sha256="0", created_at=NOW)
    record = IdempotencyItem("EMP#e#IDEM#1", "IDEM", request_sha256="0", attempt="a", begun_at=NOW, answer=zlib.compress(b"{}"))
    write(key, record, person())
    found = get(*key.key)
    assert isinstance(found, KeyItem)
    assert (found.scopes, found.created_at, found.revoked_at, found.key) == (["read", "é"], NOW, None, key.key)
    assert getattr(get(*record.key), "answer", None) == zlib.compress(b"{}")
    assert getattr(get(*person().key), "epoch", None) == 1
    assert raw(person())["created_at"] == {"S": "2026-06-02T14:00:00.000250Z"}
    assert "revoked_at" not in raw(key)


def test_an_item_without_a_needed_value_is_not_written(empty_table: Any) -> None:
    """A damaged item must be noticed where it is made."""
    with pytest.raises(Exception, match=r"secret_sha256|cannot be None"):
        write(KeyItem("EMP#e", "KEY#k", id="k", employer_id="e", scopes=[], created_at=NOW))
    with pytest.raises(ValueError):
        KeyItem("EMP#e", "KEY#k", nonsense=1)


def test_an_update_changes_only_what_differs(empty_table: Any) -> None:
    """What newer code wrote into the item stays."""
    write(person())
    client, table_name = empty_table.client(), Item.Meta.table_name
    client.update_item(
        TableName=table_name,
        Key={"PK": {"S": person().PK}, "SK": {"S": person().SK}},
        UpdateExpression="SET newer = :n",
        ExpressionAttributeValues={":n": {"S": "kept"}},
    )
    known = get(*person().key)
    assert isinstance(known, PersonItem)
    before = snapshot(known)
    assert changes(known, before) == []
    known.name, known.due_shard = "Ben", 3
    transaction = Transaction()
    transaction.update(known, changes(known, before), PersonItem.revision == 1)
    transaction.commit()
    stored = raw(known)
    assert (stored["name"], stored["due_shard"], stored["newer"], stored["email"]) == (
        {"S": "Ben"},
        {"N": "3"},
        {"S": "kept"},
        {"S": "ann@example.com"},
    )
    before = snapshot(known)
    known.due_shard = None
    transaction = Transaction()
    transaction.update(known, changes(known, before))
    transaction.commit()
    assert "due_shard" not in raw(known)


def test_a_transaction_happens_whole_or_not_at_all_and_names_what_failed(empty_table: Any) -> None:
    """The caller decides by the keys whose condition failed."""
    write(person(1), person(2))
    transaction = Transaction()
    transaction.delete(person(2), PersonItem.revision == 7)
    transaction.create(person(1))
    transaction.create(person(3))
    with pytest.raises(ConditionFailed) as refused:
        transaction.commit()
    assert sorted(refused.value.failed) == [person(1).key, person(2).key]
    assert get(*person(3).key) is None and get(*person(2).key)
    transaction = Transaction()
    transaction.check(person(4), PersonItem.PK.does_not_exist())
    transaction.delete(person(2), PersonItem.revision == 1)
    transaction.put(person(1, name="Cleo"))
    transaction.create(person(3))
    transaction.commit()
    found = get_many([person(number).key for number in (1, 2, 3)])
    assert set(found) == {person(1).key, person(3).key} and getattr(found[person(1).key], "name", "") == "Cleo"


def _sent(transaction: Transaction) -> dict[str, Any]:
    """Commits it. Returns the request, without what differs from one to the next."""
    bodies: list[Any] = []
    events = client().meta.events
    events.register("before-send.dynamodb.TransactWriteItems", lambda request, **_: bodies.append(request.body), unique_id="sent")
    try:
        transaction.commit()
    finally:
        events.unregister("before-send.dynamodb.TransactWriteItems", unique_id="sent")
    request = json.loads(bodies[-1])
    for operation in request["TransactItems"]:
        if "FEED" in str(operation.get("Put", {}).get("Item", {}).get("SK")):
            operation["Put"]["Item"]["SK"] = "FEED"
    return {**request, "ClientRequestToken": ""}


def _every_kind_of_operation() -> Transaction:
    transaction = Transaction()
    transaction.check(person(1), PersonItem.revision == 1)
    transaction.delete(person(2))
    transaction.put(person(3))
    transaction.update(person(4), [PersonItem.name.set("Bo “é”")], PersonItem.revision == 1)
    transaction.tell(feed.Change("e", "candidate", "cand_1", None, NOW))
    return transaction


def test_a_prepared_transaction_is_sent_as_any_other(empty_table: Any) -> None:
    """It only is written earlier; what was added later would be left out in silence."""
    write(person(1), person(2), person(4))
    as_usual, prepared = _sent(_every_kind_of_operation()), _every_kind_of_operation()
    prepared.prepare()
    assert _sent(prepared) == as_usual
    assert len(as_usual["TransactItems"]) == len(prepared) == 5
    prepared.delete(person(5))
    with pytest.raises(ValueError, match="prepared"):
        prepared.commit()


def test_a_condition_and_a_counter_hold_in_one_update(empty_table: Any) -> None:
    """Two writers of one revision: the second is refused."""
    write(person())
    for revision, refused in ((1, False), (1, True)):
        transaction = Transaction()
        transaction.update(person(), [PersonItem.revision.add(1)], PersonItem.revision == revision)
        if refused:
            with pytest.raises(ConditionFailed):
                transaction.commit()
        else:
            transaction.commit()
    assert raw(person())["revision"] == {"N": "2"}


def test_a_partition_is_read_whole_in_order_and_by_prefix(empty_table: Any) -> None:
    """Kinds that this code does not know are ignored: newer code may have written them."""
    session = SessionItem("EMP#e#PEOPLE", "SESSION#1", id="1", person_id="1", epoch=1, turn=1, created_at=NOW, turned_at=NOW)
    write(person(2), person(1), session)
    unknown = {"PK": {"S": "EMP#e#PEOPLE"}, "SK": {"S": "NEWER#1"}}
    empty_table.client().put_item(TableName=Item.Meta.table_name, Item=unknown)
    assert [item.SK for item in query("EMP#e#PEOPLE")] == ["PERSON#1", "PERSON#2", "SESSION#1"]
    assert [type(item) for item in query("EMP#e#PEOPLE", "PERSON#")] == [PersonItem, PersonItem]
    assert [item.SK for item in query_first("EMP#e#PEOPLE", "PERSON#", 1)] == ["PERSON#1"]


def test_an_index_gives_its_items_in_pages(empty_table: Any) -> None:
    """Newest first or oldest first, on from where the page before ended."""
    write(*(person(number, due_shard=1, due_at=stored_instant(NOW + timedelta(minutes=number))) for number in range(5)))
    first, start = query_index("due", "1", limit=3)
    rest, end = query_index("due", "1", limit=3, start=start)
    assert [one["SK"]["S"] for one in first + rest] == [f"PERSON#{number}" for number in range(5)] and end is None
    newest, _ = query_index("due", "1", Item.due_at < stored_instant(NOW + timedelta(minutes=4)), limit=1, forward=False)
    assert newest[0]["SK"]["S"] == "PERSON#3"
    assert [count_index("due", "1", most) for most in (2, 5, 6)] == [2, 5, 5] and count_index("due", "9", 6) == 0


def test_many_items_are_read_in_batches(empty_table: Any) -> None:
    """A batch of DynamoDB holds 100 keys; what is not there is not in the result."""
    for begin in range(0, 130, 65):
        write(*(person(number) for number in range(begin, begin + 65)))
    found = get_many([person(number).key for number in range(140)])
    assert found.keys() == {person(number).key for number in range(130)}
    assert get_many([]) == {}


def test_a_copy_of_an_item_changes_apart_from_it():
    """Its values are assigned again."""
    item = KeyItem("EMP#emp_one", "KEY#key_one", id="key_one", name="Careers site")
    copied = copy_of(item)
    assert (type(copied), copied.attribute_values) == (KeyItem, item.attribute_values)
    copied.name = "Report"
    assert (item.name, copied.name) == ("Careers site", "Report")


def test_many_partitions_are_read_side_by_side(empty_table):
    """Each once, with all its items; a partition without any is an empty list."""
    for pk, name in (("EMP#one", "Careers site"), ("EMP#one", "Report"), ("EMP#two", "Mirror")):
        item = {"PK": {"S": pk}, "SK": {"S": f"KEY#{name}"}, "name": {"S": name}}
        empty_table.client().put_item(TableName=Item.Meta.table_name, Item=item)
    found = empty_table.query_many(["EMP#two", "EMP#one", "EMP#two", "EMP#none"])
    names = {pk: [raw["name"]["S"] for raw in some] for pk, some in found.items()}
    assert names == {"EMP#two": ["Mirror"], "EMP#one": ["Careers site", "Report"], "EMP#none": []}
    assert empty_table.query_many([]) == {}


def test_a_kind_belongs_to_one_class() -> None:
    """Two classes of one kind would read each other's items: the second one does not load."""
    with pytest.raises(TypeError, match=r"the kind 'LIMIT' .* is that of chalicelib.auth.rate_limit.LimitItem"):
        type("Second", (Item,), {"kind": "LIMIT", "__module__": __name__})
    assert Item.kinds["LIMIT"] is LimitItem
