"""The limits, times and counts of what is sent and read, each with its value: a changed rule changes its line here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.messaging import (
    claims,
    delivery,
    digest,
    digest_recipients,
    digest_writer,
    eligibility,
    employer_choice,
    feedback_mail,
    frequency_cap,
    gate,
    inbound_mail,
    inbound_text,
    inbox,
    mail_requests,
    messages,
    opt_outs,
    pending_store,
    pending_texts,
    providers,
    reply_mails,
    reply_store,
    routes,
    send_now,
    sms_budget,
    text_events,
    weekly_report,
)
from chalicelib.messaging.decisions import dispatch as decisions
from chalicelib.messaging.decisions import links
from chalicelib.messaging.letters import request as letter_requests
from chalicelib.messaging.letters import schema as letter_schema
from chalicelib.messaging.notices import dispatch as notices
from chalicelib.messaging.notices import request as notice_requests
from chalicelib.messaging.notices import schema as notice_schema
from chalicelib.messaging.unsubscribe import page
from chalicelib.rules.employer import Window

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RULES: list[tuple[Any, str, Any]] = [
    (claims, "OPERATIONS_MOST", 90),
    (claims, "SETTLE_TRIES", 4),
    (claims, "FIRST_RETRY", MINUTE),
    (claims, "LONGEST_RETRY", 16 * MINUTE),
    (claims, "WORDS_MOST", 4_000),
    (claims, "LINK", "[personal link]"),
    (decisions, "STEP", "decision"),
    (decisions, "LOOKS_AGAIN", 3 * HOUR),
    (links, "LASTS", 14 * DAY),
    (delivery, "KINDS", {"APP", "CLAIM", "DECIDER", "DIGEST", "DISP", "FBMAIL", "MSG"}),
    (digest, "ONE_DAY", DAY),
    (digest, "FIRST_LOOKS_BACK", 7 * DAY),
    (digest, "STALE_AFTER", 12 * HOUR),
    (digest, "MAILS_AT_ONCE", 60),
    (digest_recipients, "OWN", "owner_digest"),
    (digest_recipients, "WEEKLY", "weekly_report"),
    (digest_writer, "SHOWN_MOST", 50),
    (digest_writer, "HEAD_START", DAY),
    (eligibility, "UNLIMITED_ROOM", eligibility.Room(10**18, 10**18, 10**18, 10**18)),
    (employer_choice, "ONE_CONVERSATION", 7 * DAY),
    (feedback_mail, "FRESH_FOR", 7 * DAY),
    (frequency_cap, "MOST", 3),
    (frequency_cap, "WITHIN", 7 * DAY),
    (gate, "ASKED_BY_KEY", 20),
    (gate, "INVITATIONS_AN_HOUR", 100),
    (gate, "SIGN_INS_AN_HOUR", 100),
    (gate, "SIGN_UPS_AN_HOUR", 300),
    (gate, "CODES_A_DAY", 3),
    (gate, "CODES_OF_NETWORK", 10),
    (gate, "CODES_AN_HOUR", 60),
    (gate, "TEST_TEXTS_A_DAY", 3),
    (gate, "STOPPED_BY_SUSPENSION", {"invitation", "verify_address", "test_reminder", "test_text"}),
    (inbound_mail, "READ_MOST", 40_000),
    (inbound_mail, "A_DAY_MOST", 50),
    (inbound_mail, "BY_MAIL", "mail"),
    (inbound_text, "CLOCKS_DIFFER", 10 * MINUTE),
    (inbox, "LOOKED_AT", 25),
    (letter_requests, "FRESH_FOR", 7 * DAY),
    (letter_requests, "NOT_SENT", ("failed", "expired", "cancelled", "suppressed")),
    (letter_schema, "LETTERS_MOST", 100),
    (letter_schema, "REASONS_MOST", 5),
    (letter_schema, "SENT_WITHIN", 30 * DAY),
    (mail_requests, "TOGETHER_MOST", 20),
    (mail_requests, "BYTES_MOST", 450_000),
    (mail_requests, "ENTRY_BYTES_MOST", 120_000),
    (messages, "HOLDING_NOTICE", "holding_notice"),
    (messages, "LETTER", "letter"),
    (messages, "FEEDBACK", "feedback"),
    (messages, "BY_MAIL", "_by_mail"),
    (messages, "INSTEAD_OF_TEXT", "by_mail:"),
    (messages, "CLAIM_LASTS", 15 * MINUTE),
    (messages, "RETRY_WITHIN", HOUR),
    (notices, "MAIL_WINDOW", Window(days=EVERY_DAY, start="08:00", end="21:00")),
    (notice_requests, "FRESH_FOR", 72 * HOUR),
    (notice_schema, "MANY", 100),
    (opt_outs, "LINK_LASTS", 400 * DAY),
    (opt_outs, "STOP_WORD", "stop_word"),
    (pending_texts, "SAME_HOUR", HOUR),
    (providers, "ORIGINATION_NUMBER", "AWS.MM.SMS.OriginationNumber"),
    (reply_mails, "STEP", "reply"),
    (reply_mails, "DISPUTE_STEP", "dispute"),
    (reply_mails, "FRESH_FOR", 12 * HOUR),
    (reply_mails, "TOGETHER", 10 * MINUTE),
    (reply_mails, "QUOTED_TEXTS", 10),
    (reply_store, "PARKED_FOR", 30 * DAY),
    (pending_store, "PENDING_FOR", 7 * DAY),
    (pending_store, "ASK_EVERY", DAY),
    (reply_store, "BODY_MOST", 16_000),
    (reply_store, "REPLY_MOST", 1_600),
    (reply_store, "MAIL_MOST", 10_000),
    (routes, "LATE_SECONDS", 900),
    (send_now, "WORTH_READING", 15 * MINUTE),
    (sms_budget, "BLOCK", 50),
    (sms_budget, "PART", 20),
    (sms_budget, "ACCOUNT_MAILS_KEPT", 20),
    (sms_budget, "UNLIMITED", 10**18),
    (text_events, "CARRIER", "carrier"),
    (messages, "WENT_OUT", ("sent", "unknown")),
    (messages, "MAY_HAVE_GONE_OUT", ("sent", "unknown", "sending")),
    (weekly_report, "WEEKS_TOLD", 5),
]


@pytest.mark.parametrize(("module", "name", "value"), RULES, ids=lambda one: getattr(one, "__name__", None))
def test_a_limit_a_time_or_a_count_is_as_stated(module: Any, name: str, value: Any) -> None:
    assert getattr(module, name) == value


QUOTAS = {
    "sign_in": [("sign-in address", 5, "hour"), ("sign-in employer", 100, "hour")],
    "invitation": [
        ("invite address", 5, "hour"),
        ("invite employer on trial", 20, "hour"),
        ("invite employer", 100, "hour"),
        ("invite network", 100, "hour"),
    ],
    "verify_address": [("verify address", 5, "hour"), ("verify employer", 20, "hour"), ("verify network", 60, "hour")],
    "access_changed": [("access address", 5, "hour"), ("access employer", 20, "hour")],
    "seeker_sign_up": [("seeker address", 5, "day"), ("seeker network", 60, "hour"), ("seeker deployment", 300, "hour")],
    "phone_code": [
        ("phone code number", 3, "day"),
        ("phone code seeker", 3, "day"),
        ("phone code network", 10, "hour"),
        ("phone code deployment", 60, "hour"),
    ],
    "test_reminder": [("test reminder address", 5, "hour"), ("test reminder employer", 20, "hour")],
    "test_text": [
        ("test text number", 3, "day"),
        ("test text employer", 3, "day"),
        ("test text network", 10, "hour"),
        ("test text deployment", 60, "hour"),
    ],
    "automatic_reply": [],
}


def test_each_purpose_has_its_quotas_of_an_hour_or_a_day() -> None:
    """The names are part of stored counters' keys."""
    assert {purpose: [stated(one) for one in quotas] for purpose, quotas in gate.QUOTAS.items()} == QUOTAS
    assert stated(gate.RESERVE) == ("sign-in reserve", 1, "hour")


def stated(quota: gate.Quota) -> tuple[str, int, str]:
    return quota.name, quota.most, "day" if quota.of_a_day else "hour"


def test_the_page_to_unsubscribe_loads_nothing_and_is_in_no_index() -> None:
    """It is opened by people who want less of us."""
    assert page.HEADERS == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
