"""A text that somebody asked for just now costs nothing where the provider certainly did not take it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from chalicelib import config
from chalicelib.errors import HeardbackError
from chalicelib.messaging import gate, send_now
from chalicelib.messaging.gate import OnDemand
from chalicelib.messaging.providers import channels
from chalicelib.rules.model import Message
from chalicelib.storage import sms_spend, table
from chalicelib.storage.sms_spend import MICRO, used

NUMBER = "+12025550177"
TEXT = Message("sms", NUMBER, "A sample.")


@pytest.fixture
def counted(sending: Any, text_costs: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A text costs a dollar, of ten that the deployment may spend."""
    monkeypatch.setenv("HEARDBACK_SMS_MONTHLY_BUDGET_USD", "10")
    text_costs("1")
    yield sending
    monkeypatch.undo()
    config.forget()


def deployment_dollars(now: datetime) -> float:
    return used(table.get(*sms_spend.deployment_key(now)), "").micro / MICRO


def of_employer(sending: Any) -> tuple[float, int, int]:
    """Dollars of the month, texts and mails of the day."""
    now = sending.clock()
    amount = used(table.get(*sms_spend.key_of(sending.employer.id, now)), f"{now:%Y-%m-%d}")
    return amount.micro / MICRO, amount.texts, amount.mails


def send(sending: Any, purpose: Any, message: Message = TEXT) -> None:
    one = OnDemand(purpose, message, sending.employer)
    assert gate.allow(one, sending.clock()) is None
    send_now.send_allowed(one, channels(), sending.clock())


def test_a_refused_phone_code_costs_the_deployment_nothing(counted: Any) -> None:
    """A code that was sent before stays paid: the money comes back once, not twice."""
    send(counted, "phone_code")
    counted.faults.answer("Publish", 400, "InvalidParameter")
    send(counted, "phone_code")
    assert deployment_dollars(counted.clock()) == 1.0


def test_a_refused_test_text_costs_neither_the_employer_nor_the_deployment(counted: Any) -> None:
    """The employer's money, its text of the day, and the deployment's money come back; a throttled one is not tried again."""
    send(counted, "test_text")
    counted.faults.answer("Publish", 400, "Throttling")
    send(counted, "test_text")
    assert (of_employer(counted), deployment_dollars(counted.clock())) == ((1.0, 1, 0), 1.0)


def test_a_refused_automatic_answer_costs_nothing(counted: Any) -> None:
    assert send_now.reply(TEXT, channels(), counted.clock())
    counted.faults.refuse_connection("Publish")
    assert not send_now.reply(TEXT, channels(), counted.clock())
    assert deployment_dollars(counted.clock()) == 1.0


@pytest.mark.parametrize("purpose", ["phone_code", "test_text", "automatic_reply"])
def test_a_text_whose_answer_was_lost_stays_paid(counted: Any, purpose: Any) -> None:
    """The provider may have sent it, and then bills it."""
    counted.faults.lose_response("Publish")
    if purpose == "automatic_reply":
        send_now.reply(TEXT, channels(), counted.clock())
    else:
        send(counted, purpose)
    assert deployment_dollars(counted.clock()) == 1.0
    assert of_employer(counted) == ((1.0, 1, 0) if purpose == "test_text" else (0.0, 0, 0))


def test_a_test_text_over_the_deployments_budget_costs_the_employer_nothing(
    counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The employer's money is counted first, and given back where the deployment's is used up."""
    monkeypatch.setenv("HEARDBACK_SMS_MONTHLY_BUDGET_USD", "0.5")
    config.forget()
    held = gate.allow(OnDemand("test_text", TEXT, counted.employer), counted.clock())
    assert held is not None and held.reason == "this deployment's monthly budget for texts is used up"
    assert of_employer(counted) == (0.0, 0, 0)


def test_a_text_that_was_never_handed_over_costs_nothing(counted: Any) -> None:
    """The table does not take the claim, so nothing is sent under it."""
    one = OnDemand("test_text", TEXT, counted.employer)
    assert gate.allow(one, counted.clock()) is None
    counted.faults.answer("TransactWriteItems", 500, "InternalServerError", times=6, where="CLAIM#")
    with pytest.raises(HeardbackError):
        send_now.send_allowed(one, channels(), counted.clock())
    assert counted.outbox == [] and counted.faults.seen["Publish"] == 0
    assert (of_employer(counted), deployment_dollars(counted.clock())) == ((0.0, 0, 0), 0.0)


def test_money_that_cannot_be_given_back_stays_reserved_and_the_message_is_settled(counted: Any) -> None:
    """A slow table must not turn a refused text into an error of the page."""
    one = OnDemand("phone_code", TEXT, counted.employer)
    assert gate.allow(one, counted.clock()) is None
    counted.faults.answer("Publish", 400, "InvalidParameter")
    counted.faults.answer("TransactWriteItems", 500, "InternalServerError", times=6, where="DEPLOYMENT#SPEND")
    send_now.send_allowed(one, channels(), counted.clock())
    assert deployment_dollars(counted.clock()) == 1.0


def test_a_refused_mail_counts_not_in_the_days_mails(counted: Any) -> None:
    mail = Message("email", "sam@example.com", "text", "subject")
    send(counted, "access_changed", mail)
    counted.faults.answer("SendEmail", 400, "MessageRejected")
    send(counted, "access_changed", mail)
    assert of_employer(counted) == (0.0, 0, 1)
