"""One mailbox or number in several spellings is one person to opt-outs and caps, within a chunk and across employers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.config import settings
from chalicelib.messaging import frequency_cap, opt_outs
from chalicelib.signing import keyed_hash
from chalicelib.storage import recipients
from chalicelib.storage.recipients import OptOutItem
from chalicelib.storage.table import Transaction

MAILS = ("Sam@example.org", "sam@EXAMPLE.org", "SAM@example.org")
ARGENTINIAN = ("+5491123456789", "+541123456789")
BRAZILIAN = ("+5511987654321", "+551187654321")


def test_an_unsubscribe_holds_for_every_spelling_in_a_chunk(sending: Any) -> None:
    """Both mails are due in the same minute and are checked together."""
    applications = [sending.interviewed(sending.new_employer(), email=mail) for mail in MAILS[:2]]
    opt_outs.opt_out([("email", MAILS[2])], "link", sending.clock())
    sending.clock.advance(hours=48)
    sending.run()
    assert sending.outbox == []
    assert [sending.statuses(one) for one in applications] == [["suppressed"], ["suppressed"]]


def test_the_weekly_cap_counts_every_spelling(sending: Any) -> None:
    """Three employers write one mailbox in three ways: the second mail of each is one too many."""
    every_day = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "08:00", "end": "21:00"}
    policy = {"second_nudge_days": 1, "candidate_window": every_day}
    applications = [sending.interviewed(sending.new_employer(policy=policy), email=mail) for mail in MAILS[:3]]
    sending.clock.advance(hours=48)
    sending.run()
    sending.clock.advance(days=1)
    sending.run()
    reasons = [one.reason for application in applications for one in sending.messages(application)]
    assert len(sending.outbox) == 3 and reasons.count(frequency_cap.TOO_OFTEN) == 3


@pytest.mark.parametrize(("one", "other"), [ARGENTINIAN, ARGENTINIAN[::-1], BRAZILIAN, BRAZILIAN[::-1]])
def test_a_stop_holds_for_every_spelling_of_a_number(sending: Any, one: str, other: str) -> None:
    """A carrier reports the sender's number in its own spelling. START undoes what STOP did, in either."""
    now = sending.clock()
    opt_outs.opt_out([("sms", one)], "stop_word", now)
    assert recipients.opted_out([("sms", other)]) == {("sms", other)}
    opt_outs.opt_in(("sms", other), now + timedelta(minutes=1))
    assert recipients.opted_out([("sms", one), ("sms", other)]) == set()


@pytest.mark.parametrize("asked", ARGENTINIAN)
def test_an_opt_out_from_before_there_was_a_canonical_form_is_found(sending: Any, asked: str) -> None:
    """It is stored by the hash of the number as it was given."""
    stored_as, now = ARGENTINIAN[0], sending.clock()
    transaction = Transaction()
    former = f"OPT#{keyed_hash(settings().hash_secret, 'opt-out:sms', stored_as)}"
    transaction.create(OptOutItem(former, "OPT", channel="sms", source="stop_word", opted_out_at=now, said_at=now))
    transaction.commit()
    assert recipients.opted_out([("sms", asked)]) == {("sms", asked)}
    opt_outs.opt_in(("sms", asked), now + timedelta(minutes=1))
    assert recipients.opted_out([("sms", asked)]) == set()
