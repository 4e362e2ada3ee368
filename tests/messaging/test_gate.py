"""Every outgoing message passes the gate: which checks apply to which message."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.messaging import gate, opt_outs
from chalicelib.messaging.eligibility import Room
from chalicelib.messaging.gate import OnDemand
from chalicelib.rules.model import Message
from tests.messaging.conftest import Sending

ADDRESS = "sam@example.com"


def mail(purpose: Any, to: str = ADDRESS, employer_id: str = "emp_1") -> OnDemand:
    return OnDemand(purpose, Message("email", to, "text", "subject"), employer_id)


def allowed(sending: Sending, *mails: OnDemand) -> list[bool]:
    return [gate.allow(one, sending.clock()) is None for one in mails]


@pytest.mark.parametrize("purpose", ["sign_in", "verify_address"])
def test_five_mails_an_hour_go_to_one_address(sending, purpose):
    """Somebody who enters another person's address again and again must not flood their mailbox."""
    assert allowed(sending, *[mail(purpose)] * 6) == [True] * 5 + [False]
    assert allowed(sending, mail(purpose, ADDRESS.upper())) == [False], "the same mailbox"
    assert allowed(sending, mail(purpose, "kim@example.com")) == [True]
    sending.clock.advance(hours=1)
    assert allowed(sending, mail(purpose)) == [True]


def test_twenty_verification_mails_an_hour_go_out_for_one_employer(sending):
    """An employer on trial could otherwise mail strangers without end."""
    mails = [mail("verify_address", f"sam{number}@example.com") for number in range(21)]
    assert allowed(sending, *mails) == [True] * 20 + [False]
    assert allowed(sending, mail("verify_address", "kim@example.com", "emp_2")) == [True]


def test_a_suspended_employer_sends_nothing(sending):
    """Not a nudge, not a notice, not a digest: the operator has stopped it."""
    suspended = sending.new_employer(suspended=True)
    assert gate.block_reason(suspended, "email", ADDRESS) == "the employer is suspended"
    assert gate.block_reason(sending.employer, "email", ADDRESS) is None


def test_an_employer_on_trial_writes_to_its_verified_addresses_only(sending):
    """Nobody else may be written to before the operator has seen who it is."""
    added = {"channel": "email", "address": ADDRESS, "added_at": "", "verified_by": "link"}
    on_trial = sending.new_employer(trial=True, addresses=[{**added, "verified_at": "2026-06-01T00:00:00.000000Z"}])
    assert gate.block_reason(on_trial, "email", ADDRESS) is None
    assert gate.block_reason(on_trial, "email", "kim@example.com") == "on trial: not one of the employer's verified addresses"


def test_texts_go_to_the_policys_countries_only_and_while_money_is_left(sending):
    """A text abroad may cost a dollar; a mail costs nothing."""
    assert gate.block_reason(sending.employer, "sms", "+442079460100") == (
        "no texts to GB: the policy's sms_countries do not name it"
    )
    assert gate.block_reason(sending.employer, "sms", "+12025550123") is None
    assert gate.block_reason(sending.employer, "sms", "+12025550123", Room(micro=-1)) == (
        "the month's cap on what texts may cost is reached"
    )
    assert gate.block_reason(sending.employer, "email", ADDRESS, Room(micro=-1)) is None


def test_an_opt_out_ends_digests_too(sending):
    """A recruiter who unsubscribed gets no digest."""
    employer = sending.new_employer(digest_to=[ADDRESS])
    opt_outs.opt_out([("email", ADDRESS)], "link", sending.clock())
    sending.interviewed(employer)
    sending.clock.advance(days=4)
    sending.run()
    assert sending.outbox.to(ADDRESS) == []
