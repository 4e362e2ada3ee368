"""Bugs in what texts may cost in a month, and in how often a person is written to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.messaging.claims import SendResult
from chalicelib.messaging.plans import Draft
from chalicelib.messaging.sms_budget import UNLIMITED, SmsBudget, Wanted
from chalicelib.rules.employer import Employer
from chalicelib.storage import sms_spend, table
from chalicelib.storage.sms_spend import Amount, SpendItem
from chalicelib.storage.table import Key
from tests.simulation.planted.bug import Bug, always_return, change_result, set_constant, wrap
from tests.simulation.planted.sending import TRANSACTIONS, under

PRE_SEND = "chalicelib.messaging.pre_send"
FREQUENCY_CAP = "chalicelib.messaging.frequency_cap"
SMS_BUDGET = "chalicelib.messaging.sms_budget"
SPEND_TABLE = "chalicelib.storage.sms_spend"

NO_CAP = Amount(10**15, 10**15, 10**15)


def ask_then_reserve(reserve: Callable[..., Any]) -> Callable[..., Any]:
    """Reads what is left under the cap, and reserves it without a condition."""

    def checked(key: Key, wanted: Amount, least: Amount, most: Amount, now: datetime, known: Any = None) -> Any:
        read = table.get(*key)
        left = most - sms_spend.used(read, sms_spend.counted_day(read, now))
        return reserve(key, wanted.at_most(left), least, NO_CAP, now, read)

    return checked


def grant_all(reserve: Callable[..., Any]) -> Callable[..., Any]:
    def granted(key: Key, wanted: Amount, least: Amount, most: Amount, now: datetime, known: Any = None) -> Any:
        _, day = reserve(key, wanted, least, most, now, known)
        return wanted, day

    return granted


def keep_what_is_spent(allow: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    def allowed(self: SmsBudget, employer: Employer, wanted: list[Wanted], now: datetime) -> dict[str, str]:
        denied = allow(self, employer, wanted, now)
        for one in wanted:
            for account, amount in self._lent.get(one.message_id, ()):
                self._held[account] += Amount(amount.micro)
        return denied

    return allowed


def unknown_is_failed(settle: Callable[..., None]) -> Callable[..., None]:
    def settled(self: Any, result: SendResult) -> None:
        settle(self, replace(result, status="failed") if result.status == "unknown" else result)

    return settled


def pay_for_refusals(settle: Callable[..., None]) -> Callable[..., None]:
    def settled(self: Any, result: SendResult) -> None:
        if result.status != "retrying":
            settle(self, result)

    return settled


def as_if_nothing_were_shared(must_count: Callable[..., bool]) -> Callable[..., bool]:
    return lambda draft, standing: must_count(draft, replace(standing, shared=frozenset()))


def with_any_revision(add: Callable[..., None]) -> Callable[..., None]:
    return lambda key, actions, condition: add(key, actions, SpendItem.rev.exists())


def at_one_address(note: Callable[..., Any]) -> Callable[..., Any]:
    def noted(draft: Draft, *others: Any) -> Any:
        return note(replace(draft, people=((draft.message.channel, draft.message.to),)), *others)

    return noted


def without_days(ceiling_of: Callable[[Employer], Amount]) -> Callable[[Employer], Amount]:
    return lambda employer: Amount(ceiling_of(employer).micro, UNLIMITED, UNLIMITED)


BUGS: tuple[Bug, ...] = (
    Bug(
        "the limits of a day ignored",
        "An employer sends more texts and mails in a day than the operator allows.",
        [wrap(SMS_BUDGET, "ceiling_of", without_days)],
    ),
    Bug(
        "the limits of a day checked only when planned",
        "Two workers each find the last message of the day left, and both send it.",
        [wrap(SMS_BUDGET, "ceiling_of", without_days, during=(SMS_BUDGET, "SmsBudget.allow"))],
    ),
    Bug(
        "the deployment's budget ignored",
        "All employers together spend what the operator never meant to pay.",
        [always_return(SPEND_TABLE, "deployment_cap", NO_CAP.micro)],
    ),
    Bug(
        "automatic replies cost nothing",
        "Texts that nobody counts are billed to the operator.",
        [always_return("chalicelib.messaging.gate", "_price", 0)],
    ),
    Bug(
        "the monthly cap checked, not reserved",
        "Two workers each find money left under the cap, and both spend it.",
        [wrap(SPEND_TABLE, "reserve", ask_then_reserve)],
    ),
    Bug(
        "more money held than was granted",
        "A worker sends as many texts as it asked money for.",
        [wrap(SPEND_TABLE, "reserve", grant_all)],
    ),
    Bug(
        "spent money given back",
        "Money that was spent is given back, and spent again.",
        [wrap(SMS_BUDGET, "SmsBudget.allow", keep_what_is_spent)],
    ),
    Bug(
        "an unknown text costs nothing",
        "The provider bills texts that the monthly cap does not count.",
        [wrap(PRE_SEND, "PreSend.settle", unknown_is_failed)],
    ),
    Bug(
        "a refused text is paid for",
        "A day of refusals uses up the monthly cap.",
        [wrap(PRE_SEND, "PreSend.settle", pay_for_refusals)],
    ),
    Bug(
        "unused money never given back",
        "Money that a worker reserved and did not need cannot be spent any more.",
        [always_return(SMS_BUDGET, "SmsBudget.give_back", None)],
    ),
    Bug(
        "a person's messages never counted",
        "A candidate of several employers gets messages from all of them.",
        [wrap(FREQUENCY_CAP, "must_count", as_if_nothing_were_shared)],
    ),
    Bug(
        "frequency noted without a condition",
        "Two workers note a message each, and one note is lost.",
        [wrap(TRANSACTIONS, "Transaction.update", under(None), during=("chalicelib.storage.recipients", "write_notes"))],
    ),
    Bug(
        "messages about the first application not counted",
        "Messages that were sent before the second application do not count.",
        [change_result(FREQUENCY_CAP, "_in_their_applications", lambda found: {**found, "sent": set(), "unknown": set()})],
    ),
    Bug(
        "money given back twice",
        "A request that arrives half an hour late gives back money a second time.",
        [wrap(SPEND_TABLE, "_write", with_any_revision, during=(SPEND_TABLE, "give_back"))],
    ),
    Bug(
        "frequency noted at one address only",
        "Three texts and three mails to the same person.",
        [wrap(FREQUENCY_CAP, "note", at_one_address)],
    ),
    Bug(
        "no message of an employer's own",
        "Other employers' three messages silence one that wrote nothing this week.",
        [change_result(FREQUENCY_CAP, "_in_their_applications", lambda found: {**found, "own": set().union(*found.values())})],
    ),
    Bug(
        "a frequency cap over three days",
        "Six messages a week.",
        [set_constant(FREQUENCY_CAP, "WITHIN", timedelta(days=3))],
    ),
)
