"""Bugs in what answers by mail do, and in what is answered to them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from tests.simulation.planted.bug import Bug, always_return, wrap

INBOUND = "chalicelib.messaging.inbound_mail"
ANSWERS = "chalicelib.messaging.mail_answers"
ADDRESSES = "chalicelib.messaging.reply_addresses"
STORE = "chalicelib.messaging.reply_store"


def of_anybody(_: Callable[..., str]) -> Callable[..., str]:
    return lambda *_: "EMP#"


def each_anew(written: Callable[..., Any]) -> Callable[..., Any]:
    return lambda known, *rest: written(f"{known}:{uuid.uuid4()}", *rest)


def each_its_own(claim_of_day: Callable[..., Any]) -> Callable[..., Any]:
    return lambda address, now, kind="": claim_of_day(address, now, f"{kind}{uuid.uuid4()}")


BUGS: tuple[Bug, ...] = (
    Bug(
        "an answer without a reference goes to anyone who mailed last",
        "A candidate's words are read by another employer.",
        [wrap("chalicelib.storage.keys", "case_pk", of_anybody, during=(INBOUND, "_last_written_to"))],
    ),
    Bug(
        "every mail is vouched for",
        "Anyone who writes a candidate's address into From speaks for them.",
        [always_return(INBOUND, "Receipt.vouched_for", True)],
    ),
    Bug(
        "every address is the candidate's",
        "Somebody who was forwarded a reminder ends the candidate's wait.",
        [always_return(INBOUND, "_check", "candidate")],
    ),
    Bug(
        "a machine is taken for a person",
        "Two machines thank each other.",
        [always_return(INBOUND, "_is_machine", False)],
    ),
    Bug(
        "a false signature names an application",
        "A stranger who guesses an id writes into an inbox.",
        [always_return("chalicelib.signing", "equal_in_constant_time", True, during=(ADDRESSES, "application_in"))],
    ),
    Bug(
        "each mail is acknowledged",
        "Somebody who writes five times gets five mails.",
        [wrap("chalicelib.messaging.automatic_answers", "claim_of_day", each_its_own, during=(ANSWERS, "MailAnswers._send"))],
    ),
    Bug(
        "a mail is acknowledged to anyone who opted out",
        "Mails go on after a stop.",
        [always_return("chalicelib.storage.recipients", "opted_out", False, during=(ANSWERS, "MailAnswers._send"))],
    ),
    Bug(
        "a mail that is told twice is listed twice",
        "The team answers one mail two times.",
        [wrap("chalicelib.messaging.reply_delivery", "Written", each_anew, during=(INBOUND, "_answer_to"))],
    ),
    Bug(
        "a stop by mail stops nothing",
        "Mails go on after a stop.",
        [always_return("chalicelib.messaging.opt_outs", "opt_out", False, during=(INBOUND, "_answer_to"))],
    ),
    Bug(
        "a stop from a former address leaves the present one",
        "Somebody who answers STOP to a mail gets the next one at another address.",
        [always_return("chalicelib.messaging.opt_outs", "stop_cases", None, during=(INBOUND, "_stop"))],
    ),
    Bug(
        "a stop from any address ends an application's mail",
        "Somebody who was forwarded a reminder silences its candidate.",
        [always_return(INBOUND, "_was_written_to", True)],
    ),
    Bug(
        "the owner is not told of a mail",
        "A candidate's question waits until somebody looks.",
        [
            always_return(
                "chalicelib.messaging.reply_mails",
                "mail_about_texts",
                None,
                during=("chalicelib.messaging.reply_delivery", "deliver"),
            )
        ],
    ),
)
