"""The employer's digest lists who is overdue, who is next, and who is rejected and not told; the escalation goes to managers."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.applications import service
from chalicelib.config import settings
from chalicelib.messaging import opt_outs
from chalicelib.messaging.message_list import at_places, newest_first
from chalicelib.storage import keys, table

NINE = datetime(2026, 6, 3, 13, 0, tzinfo=UTC)
"""Wednesday 09:00 in New York; the clock starts on Tuesday at 10:00."""


@pytest.fixture
def acme(sending):
    return sending.new_employer(name="Acme", digest_to=["hr@acme.example", "boss@acme.example"])


def mails(sending, to="hr@acme.example"):
    return sending.outbox.to(to)


def at(sending, instant):
    sending.clock.set(instant)
    sending.run()


def listed(employer):
    return [item for item in at_places(list(newest_first(employer.id, "MSG", None))) if item.audience == "employer"]


def test_the_digest_names_who_is_due_before_the_candidate_is_nudged(sending, acme):
    """The employer has a day to call before the candidate gets a message."""
    person = sending.interviewed(acme, phone="+12025560142")
    at(sending, NINE)
    [mail] = mails(sending)
    assert person.name in mail["body"] and "+1 202-556-0142" in mail["body"]
    assert sorted(entry["to"] for entry in sending.outbox) == ["boss@acme.example", "hr@acme.example"]
    assert mail["headers"]["List-Unsubscribe"]
    [one, other] = listed(acme)
    assert {one.to, other.to} == {"hr@acme.example", "boss@acme.example"}
    assert (one.status, one.step, one.application_id, one.channel) == ("sent", "digest", None, "email")


def test_the_digest_links_to_the_call_list(sending, acme):
    """From a phone it takes one tap to the page with what to say."""
    sending.interviewed(acme)
    at(sending, NINE)
    mail = mails(sending)[0]
    assert f"Open the call list: {settings().base_url}/\n" in mail["body"]
    assert f'href="{settings().base_url}/"' in mail["html"]


def test_nothing_to_say_sends_nothing_and_plans_the_next(sending, acme):
    """Nobody reads a daily mail that is mostly empty."""
    at(sending, NINE)
    assert sending.outbox == [] and listed(acme) == []
    item = table.get(keys.digest_pk(acme.id), "DIGEST")
    assert item.due_at == "2026-06-04T13:00:00.000000Z"


def test_one_digest_is_sent_however_often_the_worker_runs(sending, acme):
    """At most once holds for recruiters too."""
    sending.interviewed(acme)
    sending.clock.set(NINE)
    key = (keys.digest_pk(acme.id), "DIGEST")
    sending.deliver(key, key)
    sending.deliver(key)
    assert len(mails(sending)) == 1


def test_no_digest_on_weekends_and_holidays(sending):
    """Friday the 3rd of July 2026 is the observed Fourth: the next digest is Monday's."""
    sending.clock.set(datetime(2026, 7, 2, 14, 0, tzinfo=UTC))
    employer = sending.new_employer(digest_to=["hr@acme.example"], policy={"holidays": "US"})
    sending.interviewed(employer)
    for hours in range(0, 24 * 4, 3):
        at(sending, datetime(2026, 7, 2, 14, 0, tzinfo=UTC) + timedelta(hours=hours))
    assert mails(sending) == []
    at(sending, datetime(2026, 7, 6, 13, 0, tzinfo=UTC))
    assert len(mails(sending)) == 1


def test_rejected_candidates_who_were_not_told_are_listed_apart(sending, acme):
    """These calls are what the product is for."""
    person = sending.interviewed(acme)
    service.change_application(acme, person.id, {"decided": "rejected"}, sending.clock(), lambda case: None)
    at(sending, NINE)
    [mail] = mails(sending)
    assert "Rejected, not told (1)" in mail["body"] and person.name in mail["body"]


def test_candidates_who_were_called_are_not_in_it(sending, acme):
    """A recruiter who called yesterday sees that it counted."""
    gone, stays = sending.interviewed(acme), sending.interviewed(acme)
    sending.heard(gone, acme)
    at(sending, NINE)
    [mail] = mails(sending)
    assert gone.name not in mail["body"] and stays.name in mail["body"]


def test_a_future_interview_is_not_in_it(sending, acme):
    """Nobody waits for word before the interview is over."""
    booked = sending.interviewed(acme, ended=sending.clock() + timedelta(hours=30))
    at(sending, NINE)
    assert mails(sending) == []
    assert booked.wait_state == "open"


def test_without_a_call_back_the_digest_says_so(sending):
    """Candidates get no messages then, and the employer must learn why."""
    employer = sending.new_employer(digest_to=["hr@acme.example"], call_back_phone=None)
    sending.interviewed(employer)
    at(sending, NINE)
    assert "We cannot remind candidates" in mails(sending)[0]["body"]


def test_more_than_fifty_are_counted_and_fifty_are_shown(sending, acme):
    """Nobody reads a mail with four hundred names."""
    for _ in range(53):
        sending.interviewed(acme)
    unreachable = sending.interviewed(acme, phone="", email="", consent=False)
    at(sending, NINE)
    [mail] = mails(sending)
    assert "(54)" in mail["body"] and mail["body"].count("Sam Sample") == 50
    assert unreachable.name not in mail["body"]


def test_unreachable_candidates_are_marked(sending, acme):
    """Without a number or an address nobody can call."""
    person = sending.interviewed(acme, phone="", email="", consent=False)
    at(sending, NINE)
    [mail] = mails(sending)
    assert person.name in mail["body"] and "no number or address known" in mail["body"]


def test_escalation_names_those_overdue_for_more_than_five_business_days(sending):
    """Managers hear only of waits that are long overdue."""
    employer = sending.new_employer(policy={"escalate_to": ["boss@acme.example"]})
    person = sending.interviewed(employer)
    for day in (4, 5, 8, 9, 10, 11):
        at(sending, datetime(2026, 6, day, 14, 30, tzinfo=UTC))
    assert mails(sending, "boss@acme.example") == []
    at(sending, datetime(2026, 6, 12, 13, 0, tzinfo=UTC))
    [mail] = mails(sending, "boss@acme.example")
    assert person.name in mail["body"]
    assert [item.step for item in listed(employer)] == ["escalation"]


def test_a_digest_half_a_day_late_is_not_sent(sending, acme):
    """After an outage of a day, tomorrow's digest is more useful."""
    sending.interviewed(acme)
    at(sending, NINE + timedelta(hours=12))
    assert mails(sending) == []
    assert {item.status for item in listed(acme)} == {"expired"}
    at(sending, NINE + timedelta(days=1))
    assert len(mails(sending)) == 1


def test_a_recruiter_who_unsubscribed_gets_none(sending, acme):
    """The unsubscribe button works for recruiters; their colleagues still get the digest."""
    sending.interviewed(acme)
    opt_outs.opt_out([("email", "hr@acme.example")], "one_click", sending.clock())
    at(sending, NINE)
    assert [entry["to"] for entry in sending.outbox] == ["boss@acme.example"]
    assert sorted(item.status for item in listed(acme)) == ["sent", "suppressed"]


def test_a_refused_digest_is_written_anew(sending, acme):
    """A candidate who was called between the attempts is not in the second one."""
    gone, stays = sending.interviewed(acme), sending.interviewed(acme)
    sending.faults.throttle("SendBulkEmail", "TooManyRequestsException", status=429)
    at(sending, NINE)
    assert {item.status for item in listed(acme)} == {"retrying"}
    sending.heard(gone, acme)
    at(sending, NINE + timedelta(minutes=1))
    [mail] = mails(sending)
    assert gone.name not in mail["body"] and stays.name in mail["body"]
    assert {(item.status, item.attempts) for item in listed(acme)} == {("sent", 2)}


def test_an_opt_out_ends_a_refused_digest(sending, acme):
    """One of the two who get it wants no more mail: it is not tried again, and the list says so."""
    sending.interviewed(acme)
    sending.faults.throttle("SendBulkEmail", "TooManyRequestsException", status=429)
    at(sending, NINE)
    opt_outs.opt_out([("email", "hr@acme.example")], "one_click", sending.clock())
    at(sending, NINE + timedelta(minutes=1))
    assert [entry["to"] for entry in sending.outbox] == ["boss@acme.example"]
    assert sorted((item.status, item.attempts, item.due_at) for item in listed(acme)) == [
        ("sent", 2, None),
        ("suppressed", 1, None),
    ]


def test_a_refused_digest_with_nothing_left_to_say_is_cancelled(sending, acme):
    """All candidates were called between the attempts."""
    person = sending.interviewed(acme)
    sending.faults.throttle("SendBulkEmail", "TooManyRequestsException", status=429)
    at(sending, NINE)
    sending.heard(person, acme)
    at(sending, NINE + timedelta(minutes=1))
    assert mails(sending) == [] and {item.status for item in listed(acme)} == {"cancelled"}


def test_a_suspended_employer_gets_none(sending, acme):
    """Also where a digest was due already."""
    sending.interviewed(acme)
    sending.change_employer(acme, suspended=True)
    at(sending, NINE)
    assert sending.outbox == []
    assert table.get(keys.digest_pk(acme.id), "DIGEST").due_at is None
