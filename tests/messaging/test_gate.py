"""Every outgoing message passes the gate: which checks apply to which message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.auth import rate_limit
from chalicelib.messaging import gate, opt_outs
from chalicelib.messaging.eligibility import Room
from chalicelib.messaging.gate import OnDemand
from chalicelib.messaging.sms_budget import SmsBudget, Wanted
from chalicelib.rules.employer import Employer, Limits
from chalicelib.rules.model import Message
from chalicelib.storage.table import Transaction
from tests.messaging.conftest import Sending

ADDRESS = "sam@example.com"
BLUE_FERN, ACME = (Employer(f"emp_{number}", "A", "UTC", trial=False) for number in "12")
STRANGERS, OFFICE = "198.51.100.0/24", "203.0.113.0/24"


def mail(purpose: Any, to: str = ADDRESS, employer: Any = BLUE_FERN, network: str = STRANGERS) -> OnDemand:
    return OnDemand(purpose, Message("email", to, "text", "subject"), employer, network)


def allowed(sending: Sending, *mails: OnDemand) -> list[bool]:
    return [gate.allow(one, sending.clock()) is None for one in mails]


@pytest.mark.parametrize("purpose", ["sign_in", "verify_address", "invitation", "test_reminder"])
def test_five_mails_an_hour_go_to_one_address(sending, purpose):
    """Somebody who enters another person's address again and again must not flood their mailbox."""
    assert allowed(sending, *[mail(purpose)] * 6) == [True] * 5 + [False]
    for same in (ADDRESS.upper(), "sam+1@example.com", "Sam+jobs+2@EXAMPLE.com"):
        assert allowed(sending, mail(purpose, same, ACME, OFFICE)) == [False], "the same mailbox, no matter who asks"
    assert allowed(sending, mail(purpose, "kim@example.com")) == [True]
    sending.clock.advance(hours=1)
    assert allowed(sending, mail(purpose)) == [True]


def test_twenty_verification_mails_an_hour_go_out_for_one_employer(sending):
    """An employer on trial could otherwise mail strangers without end."""
    mails = [mail("verify_address", f"sam{number}@example.com") for number in range(21)]
    assert allowed(sending, *mails) == [True] * 20 + [False]
    assert allowed(sending, mail("verify_address", "kim@example.com", ACME)) == [True]


@pytest.mark.parametrize(("purpose", "most"), [("verify_address", 60), ("invitation", 100)])
def test_a_network_causes_a_bounded_number_of_mails_whoever_asks(sending, purpose, most):
    """Somebody with many employers' keys could otherwise mail many strangers. Another network goes on."""
    employers = [Employer(f"emp_n{number}", "A", "UTC", trial=False) for number in range(most // 10 + 1)]
    mails = [mail(purpose, f"n{number}@example.com", employers[number // 10]) for number in range(most + 1)]
    assert allowed(sending, *mails) == [True] * most + [False]
    assert allowed(sending, mail(purpose, "office@example.com", employers[-1], OFFICE)) == [True]


def test_a_stranger_who_uses_up_the_quota_locks_no_recruiter_out(sending):
    """One mail an hour is kept for anyone who signed in from the same network before. Nobody else gets it."""
    known = Transaction()
    rate_limit.note_known(known, ADDRESS, OFFICE, sending.clock())
    known.commit()
    assert allowed(sending, *[mail("sign_in")] * 9) == [True] * 5 + [False] * 4
    assert allowed(sending, mail("sign_in", "kim@example.com", network=OFFICE)) == [True], "another mailbox"
    assert allowed(sending, mail("sign_in", network="")) == [False], "a network that is not known"
    assert allowed(sending, *[mail("sign_in", "sam+1@example.com", network=OFFICE)] * 2) == [True, False]
    assert allowed(sending, mail("invitation", network=OFFICE)) == [True], "other mails have quotas of their own"
    sending.clock.advance(days=91)
    assert allowed(sending, *[mail("sign_in")] * 6) == [True] * 5 + [False]
    assert allowed(sending, mail("sign_in", network=OFFICE)) == [False], "signed in too long ago"


def test_strangers_cannot_use_up_an_employers_mails_by_its_peoples_addresses(sending):
    """They cause a hundred sign-in mails an hour at most; anyone who is known still gets one."""
    known = Transaction()
    rate_limit.note_known(known, "p200@example.com", OFFICE, sending.clock())
    known.commit()
    mails = [mail("sign_in", f"p{number}@example.com") for number in range(101)]
    assert allowed(sending, *mails).count(True) == 100
    assert allowed(sending, mail("sign_in", "p200@example.com")) == [False]
    assert allowed(sending, mail("sign_in", "p200@example.com", network=OFFICE)) == [True]
    assert allowed(sending, mail("sign_in", "p201@example.com", ACME)) == [True]


def test_invitations_of_an_employer_on_trial_are_few(sending):
    """Their words are ours, and still nobody wants a thousand of them. Many employers of one network share a quota."""
    on_trial = replace(ACME, trial=True)
    mails = [mail("invitation", f"sam{number}@example.com", on_trial, OFFICE) for number in range(21)]
    assert allowed(sending, *mails) == [True] * 20 + [False]
    others = [
        mail("invitation", f"kim{number}@example.com", replace(BLUE_FERN, id=f"emp_{number}"), STRANGERS) for number in range(101)
    ]
    assert allowed(sending, *others).count(True) == 100


def test_an_employer_that_may_invite_nobody_more_uses_up_nobodys_mailbox(sending):
    """It could else keep others from inviting whoever it names, without any mail."""
    on_trial = replace(BLUE_FERN, trial=True)
    assert all(allowed(sending, *[mail("invitation", f"p{one}@example.com", on_trial, "") for one in range(20)]))
    assert not any(allowed(sending, *[mail("invitation", ADDRESS, on_trial, "")] * 6))
    assert allowed(sending, *[mail("invitation", ADDRESS, ACME, OFFICE)] * 6) == [True] * 5 + [False]


@pytest.mark.parametrize("full", ["seeker", "network"])
def test_a_seeker_who_may_ask_for_no_more_codes_uses_up_nobodys_number(sending, full):
    """Codes that were never sent leave the number's owner all of theirs."""

    def code(number: str, seeker: str, network: str) -> OnDemand:
        return OnDemand("phone_code", Message("sms", number, "123456"), replace(BLUE_FERN, id=seeker), network)

    used = 3 if full == "seeker" else 10
    seekers = ["emp_eve"] * used if full == "seeker" else [f"emp_eve_{one}" for one in range(used)]
    assert all(allowed(sending, *[code(f"+1202555010{one}", seeker, STRANGERS) for one, seeker in enumerate(seekers)]))
    last = seekers[0] if full == "seeker" else "emp_eve_more"
    assert not any(allowed(sending, *[code("+12025550177", last, STRANGERS)] * 4))
    assert allowed(sending, *[code("+12025550177", f"emp_{one}", OFFICE) for one in range(4)]) == [True] * 3 + [False]


def test_few_numbers_can_be_tried_to_learn_who_said_stop(sending):
    """The answer tells that a number was texted by somebody: an employer learns it of three numbers a day, on trial of none."""
    numbers = [f"+1202555010{one}" for one in range(5)]
    opt_outs.opt_out([("sms", one) for one in numbers], "stop_word", sending.clock())
    texting = replace(BLUE_FERN, limits=Limits(sms_countries=("US",)), policy=replace(BLUE_FERN.policy, sms_countries=("US",)))

    def told(employer: Employer) -> list[str]:
        asked = [OnDemand("test_text", Message("sms", one, "A test."), employer, STRANGERS) for one in numbers]
        return [str(held and held.reason) for held in (gate.allow(one, sending.clock()) for one in asked)]

    assert opt_outs.OPTED_OUT not in told(replace(texting, trial=True))
    assert told(texting) == [opt_outs.OPTED_OUT] * 3 + [gate.TOO_MANY_MAILS] * 2


def test_mails_about_an_account_count_in_the_operators_limit_of_a_day(sending):
    """And reminders leave some of the day to them, so that a busy day keeps no recruiter out."""
    small = replace(BLUE_FERN, limits=Limits(emails_per_day=2))
    assert allowed(sending, *[mail("sign_in", employer=small)] * 3) == [True, True, False]
    busy = replace(ACME, limits=Limits(emails_per_day=100))
    wanted = [Wanted(str(number), "email") for number in range(100)]
    assert len(SmsBudget().allow(busy, wanted, sending.clock())) == 2
    assert allowed(sending, *[mail("invitation", f"p{number}@example.com", busy) for number in range(3)]) == [True, True, False]


@pytest.mark.parametrize(
    ("purpose", "goes"),
    [("invitation", False), ("verify_address", False), ("test_reminder", False), ("sign_in", True), ("access_changed", True)],
)
def test_a_suspended_employer_mails_nobody_who_has_not_agreed(sending, purpose, goes):
    """Its people may still sign in, and read."""
    assert allowed(sending, mail(purpose, employer=replace(BLUE_FERN, suspended=True))) == [goes]


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
