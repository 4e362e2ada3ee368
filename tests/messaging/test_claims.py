"""At most once, and never silently lost: duplicates, races, lost responses, and workers that die between any two steps."""

from threading import Thread

import pytest

from chalicelib.storage import table
from tests.engines import Crash


def waiting(sending, people=3):
    applications = [sending.interviewed() for _ in range(people)]
    sending.clock.advance(hours=48)
    return applications


def all_statuses(sending, applications):
    return [sending.statuses(one) for one in applications]


def claims_left():
    return [raw for raw in table.client().scan(TableName=table.Item.Meta.table_name)["Items"] if raw["SK"]["S"] == "CLAIM"]


def test_a_duplicate_record_sends_nothing(sending):
    """SQS delivers at least once; the candidate gets one message."""
    [one] = waiting(sending, 1)
    assert sending.deliver(one.key, one.key) == []
    assert sending.deliver(one.key) == []
    assert len(sending.outbox) == 1 and claims_left() == []


def test_overlapping_workers_send_each_message_once(sending):
    """Several workers with the same records: every text once."""
    applications = waiting(sending, 45)
    keys = [one.key for one in applications]
    workers = [Thread(target=sending.deliver, args=keys if turn else keys[::-1]) for turn in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(text["to"] for text in sending.outbox) == sorted(one.phone for one in applications)
    assert all_statuses(sending, applications) == [["sent"]] * 45 and claims_left() == []


def test_a_claim_raises_the_applications_version(sending):
    """A client's write that was based on the application before the claim must be done again on the new state."""
    [one] = waiting(sending, 1)
    before = sending.now(one).version
    sending.faults.before("TransactWriteItems", lambda: sending.deliver(one.key) or None)
    sending.heard(one)
    after = sending.now(one)
    assert after.version == before + 2, "the claim, then the contact"
    assert (after.wait_state, sum(after.nudges.values()), sending.statuses(one)) == ("answered", 1, ["sent"])


def test_an_application_that_changed_is_left_out_of_the_claim(sending):
    """One candidate was called a moment ago: the others still get their message."""
    applications = waiting(sending)
    sending.faults.before("TransactWriteItems", lambda: sending.heard(applications[1]), where="CLAIM#")
    assert sending.deliver(*(one.key for one in applications)) == []
    assert all_statuses(sending, applications) == [["sent"], [], ["sent"]]
    assert len(sending.outbox) == 2


def test_a_claim_whose_response_was_lost_is_read_back(sending):
    """It was won: given up, it would leave three messages unsent and unknown."""
    applications = waiting(sending)
    sending.faults.lose_response("TransactWriteItems", times=5, where="CLAIM#")
    sending.deliver(*(one.key for one in applications))
    sending.faults.clear()
    sending.run()
    assert all_statuses(sending, applications) == [["sent"]] * 3 and len(sending.outbox) == 3


def test_a_claim_that_was_never_written_comes_again(sending):
    """Nothing was won and nothing sent: the records go back to the queue."""
    applications = waiting(sending)
    sending.faults.refuse_connection("TransactWriteItems", times=10)
    assert sending.deliver(*(one.key for one in applications)) == ["r0", "r1", "r2"]
    sending.faults.clear()
    assert sending.outbox == [] and all_statuses(sending, applications) == [[], [], []]
    sending.run()
    assert all_statuses(sending, applications) == [["sent"]] * 3


def test_conflicts_are_retried(sending):
    """Somebody else's write to one application must not cost the chunk its claim."""
    applications = waiting(sending)
    sending.faults.conflict(reasons=7, times=2)
    assert sending.deliver(*(one.key for one in applications)) == []
    assert all_statuses(sending, applications) == [["sent"]] * 3


@pytest.mark.parametrize("dies", ["after the claim", "while sending", "before the settle"])
def test_a_worker_that_dies_leaves_unknown_messages_never_second_ones(sending, dies):
    """Wherever it dies: after 15 minutes the messages are `unknown`, and nobody is texted twice."""
    applications = waiting(sending)
    if dies == "after the claim":
        sending.faults.crash_after("TransactWriteItems", where="CLAIM#")
    elif dies == "while sending":
        sending.faults.crash_after("Publish", after=1)
    else:
        sending.faults.crash_before("TransactWriteItems", after=1)
    with pytest.raises(Crash):
        sending.deliver(*(one.key for one in applications))
    sending.faults.clear()
    sent = len(sending.outbox)
    sending.run()
    assert all_statuses(sending, applications) == [["sending"]] * 3
    sending.clock.advance(minutes=15)
    sending.run()
    assert all_statuses(sending, applications) == [["unknown"]] * 3
    assert len(sending.outbox) == sent and claims_left() == []


def test_a_claim_that_expires_ends_only_what_is_still_being_sent(sending):
    """One of three was settled by the worker before it died; webhooks are told of the two others, and of none twice."""
    listening = sending.new_employer(webhooks=True)
    applications = [sending.interviewed(listening) for _ in range(3)]
    sending.clock.advance(hours=48)
    sending.faults.crash_before("Publish")
    with pytest.raises(Crash):
        sending.deliver(*(one.key for one in applications))
    [settled] = sending.messages(applications[1])
    settled.status = "sent"
    settled.save()
    sending.clock.advance(hours=1)
    sending.run()
    assert all_statuses(sending, applications) == [["unknown"], ["sent"], ["unknown"]] and claims_left() == []
    [ended] = sending.messages(applications[0])
    assert (ended.reason, ended.settled_at) == ("the worker stopped while sending", sending.clock())
    raw = table.client().scan(TableName=table.Item.Meta.table_name)["Items"]
    events = [table.from_raw(one) for one in raw if one["SK"]["S"] == "OUT"]
    told = [event.data["application_id"] for event in events if event.type == "message.unknown"]
    assert sorted(told) == sorted(one.id for one in (applications[0], applications[2]))


def test_settling_again_after_a_lost_response_changes_nothing(sending):
    """The second try finds the messages settled."""
    applications = waiting(sending)
    sending.faults.lose_response("TransactWriteItems", after=2, times=4)  # after the claim and the count
    assert sending.deliver(*(one.key for one in applications)) == []
    assert all_statuses(sending, applications) == [["sent"]] * 3 and claims_left() == []


def test_a_worker_whose_claim_expired_changes_nothing(sending):
    """A worker that hangs for 15 minutes settles too late: the messages stay `unknown`."""
    [one] = waiting(sending, 1)

    def sleep():
        sending.clock.advance(minutes=16)
        sending.faults.clear()
        sending.run()
        assert sending.statuses(one) == ["unknown"]

    sending.faults.before("Publish", sleep)
    sending.deliver(one.key)
    assert sending.statuses(one) == ["unknown"] and claims_left() == []


def test_nothing_is_sent_while_opt_outs_cannot_be_read(sending):
    """Somebody may have said STOP: the messages are tried again a minute later."""
    applications = waiting(sending)
    sending.faults.throttle("BatchGetItem", "ProvisionedThroughputExceededException", where="OPT#", times=20)
    sending.deliver(*(one.key for one in applications))
    assert sending.outbox == [] and all_statuses(sending, applications) == [["retrying"]] * 3
    sending.faults.clear()
    sending.clock.advance(minutes=1)
    sending.run()
    assert all_statuses(sending, applications) == [["sent"]] * 3


def test_a_step_whose_message_exists_already_is_not_sent_again(sending):
    """The application moves to its next step all the same, or it would stay due for ever."""
    [one] = waiting(sending, 1)
    sending.run()
    item = sending.now(one)
    item.step, item.due_shard, item.nudges = "nudge_1", 1, {}
    item.due_at = table.stored_instant(sending.clock())
    item.save()
    sending.run()
    assert sending.statuses(one) == ["sent"] and len(sending.outbox) == 1
    assert sending.now(one).step == "nudge_2"


def test_a_plan_that_raises_fails_alone(sending):
    """One broken application must not stop the messages of nineteen others."""
    applications = waiting(sending)
    broken = sending.now(applications[1])
    broken.timezone = "Nowhere/Land"
    broken.save()
    assert sending.deliver(*(one.key for one in applications)) == ["r1"]
    assert all_statuses(sending, applications) == [["sent"], [], ["sent"]]


def test_records_of_items_that_are_gone_are_passed_over(sending):
    """An application may be erased while its record is queued."""
    assert sending.deliver(("EMP#emp_1#CASE#1", "APP"), ("CLAIM#1", "CLAIM")) == []


def test_a_plan_that_cannot_be_written_fails_alone(sending):
    """An item that the table always refuses must not stop its chunk."""
    applications = waiting(sending)
    sending.faults.answer("TransactWriteItems", 400, "ValidationException", where=applications[1].PK, times=None)
    assert sending.deliver(*(one.key for one in applications)) == ["r1"]
    assert all_statuses(sending, applications) == [["sent"], [], ["sent"]]
