"""The injected faults do what they say: every test of sending trusts them."""

from __future__ import annotations

import threading

import pytest

from chalicelib.applications.candidates.items import MatchItem
from chalicelib.errors import ConditionFailed, Unavailable
from tests.engines import Crash, Faults, Meter


@pytest.fixture
def wire(empty_table):
    faults = Faults()
    faults.install(empty_table.client())
    yield faults
    faults.clear()


def write(table, record_id: str = "cand_1") -> None:
    transaction = table.Transaction()
    transaction.create(MatchItem("EMP#1#MATCH#a", "MATCH", record_id=record_id))
    transaction.commit()


def test_a_lost_response_means_that_it_was_done(empty_table, wire):
    """A write whose response is lost is done once: the transaction's token identifies the SDK's retry."""
    wire.lose_response("TransactWriteItems")
    write(empty_table)
    assert empty_table.get("EMP#1#MATCH#a", "MATCH").record_id == "cand_1"
    assert wire.seen["TransactWriteItems"] == 2


def test_a_conflict_is_tried_again_and_does_no_harm(empty_table, wire):
    """No engine here ever raises TransactionConflict; AWS does under load."""
    wire.conflict(times=3)
    write(empty_table)
    assert wire.seen["TransactWriteItems"] == 4
    with pytest.raises(ConditionFailed):
        write(empty_table)


def test_a_write_whose_answer_was_lost_is_not_done_again_after_refusals(empty_table, wire):
    """All retries use one token: with a token each, the contact would be logged twice."""
    wire.lose_response("TransactWriteItems")
    wire.throttle("TransactWriteItems", times=4)
    write(empty_table)
    assert empty_table.get("EMP#1#MATCH#a", "MATCH").record_id == "cand_1"
    assert wire.seen["TransactWriteItems"] == 6


def test_a_throttle_that_does_not_end_is_an_error(empty_table, wire):
    """A request must end, not hang, when DynamoDB refuses for good."""
    wire.throttle("GetItem", "ProvisionedThroughputExceededException", times=None)
    with pytest.raises(Unavailable):
        empty_table.get("EMP#1#MATCH#a", "MATCH")


def test_a_crash_passes_every_handler_of_errors(empty_table, wire):
    """A process that dies does not run its except clauses."""
    wire.crash_after("TransactWriteItems")
    with pytest.raises(Crash):
        write(empty_table)
    assert empty_table.get("EMP#1#MATCH#a", "MATCH") is not None


def test_a_fault_can_be_confined_to_a_later_call_or_to_a_body(empty_table, wire):
    """A fault can be confined to the second request, or to one about a given record."""
    wire.crash_before("GetItem", after=1)
    wire.crash_before("GetItem", where="EMP#2")
    empty_table.get("EMP#1#MATCH#a", "MATCH")
    with pytest.raises(Crash):
        empty_table.get("EMP#1#MATCH#a", "MATCH")
    with pytest.raises(Crash):
        empty_table.get("EMP#2#MATCH#a", "MATCH")


def test_something_else_can_happen_just_before(empty_table, wire):
    """A race can be made to happen every time."""

    def other() -> None:
        thread = threading.Thread(target=write, args=(empty_table, "cand_2"))
        thread.start()
        thread.join()

    wire.before("TransactWriteItems", other, where="cand_1")
    with pytest.raises(ConditionFailed):
        write(empty_table, "cand_1")
    assert empty_table.get("EMP#1#MATCH#a", "MATCH").record_id == "cand_2"


def test_the_meter_counts_requests_and_units(empty_table):
    """The costs that the design promises are held by tests, so the meter must not lie."""
    meter = Meter()
    meter.install(empty_table.client())
    write(empty_table)
    empty_table.get("EMP#1#MATCH#a", "MATCH")
    empty_table.query("EMP#1#MATCH#a")
    meter.remove(empty_table.client())
    empty_table.get("EMP#1#MATCH#a", "MATCH")
    assert dict(meter.requests) == {"TransactWriteItems": 1, "GetItem": 1, "Query": 1}
    assert (meter.write_units["TransactWriteItems"], meter.read_units["GetItem"], meter.read_units["Query"]) == (2, 1, 1)
