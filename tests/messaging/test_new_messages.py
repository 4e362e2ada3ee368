"""A message's id derives from what it is about, the same in every version: so two versions at work never make it twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.applications.items import ApplicationItem
from chalicelib.messaging import new_messages
from chalicelib.messaging.messages import MessageItem
from chalicelib.rules.model import Wait

APP, EMP = "app_01KT0000010123456789ABCDEF", "emp_01KT00000212345678AAAAAAAA"
CASE = "EMP#emp_01KT00000212345678AAAAAAAA#CASE#0123456789ABCDEF"
DIGEST = "EMP#emp_01KT00000212345678AAAAAAAA#DIGEST"


def day(number: int, hour: int = 9) -> datetime:
    return datetime(2026, 6, number, hour, 30, tzinfo=UTC)


APPLICATION = ApplicationItem(CASE, "APP", id=APP, employer_id=EMP, email="ann@example.com")
WAIT = Wait("int_01KT0000030123456789ABCDEF", "final", since=day(1), word_due_at=day(3, 10))
TO_CANDIDATE = {
    "PK": CASE,
    "employer_id": EMP,
    "application_id": APP,
    "audience": "candidate",
    "cause": WAIT.cause,
    "wait_since": day(1),
    "word_due_at": day(3, 10),
}
TO_TEAM = {"PK": DIGEST, "employer_id": EMP, "audience": "employer"}
LISTED = "emp_01KT00000212345678AAAAAAAA#MSG"
MAKES: dict[str, tuple[Callable[[], MessageItem], dict[str, Any]]] = {
    "nudge": (
        lambda: new_messages.new_nudge(
            APPLICATION, WAIT, step="nudge_1", channel="sms", to="+12025550111", not_after=day(5), now=day(4, 11)
        ),
        {**TO_CANDIDATE, "step": "nudge_1", "channel": "sms", "to": "+12025550111", "status": "sending", "attempts": 1},
    ),
    "notice": (
        lambda: new_messages.new_notice(
            APPLICATION,
            WAIT,
            channel="email",
            to="sam@example.com",
            next_word_by=day(9),
            number=2,
            not_after=day(5),
            now=day(4, 11),
        ),
        {
            **TO_CANDIDATE,
            "step": "holding_notice",
            "channel": "email",
            "to": "sam@example.com",
            "next_word_by": day(9),
            "status": "retrying",
            "attempts": 0,
        },
    ),
    "letter": (
        lambda: new_messages.new_letter(
            APPLICATION, WAIT, "let_01KT00000412345678BBBBBBBB", number=3, not_after=day(5), now=day(4, 11)
        ),
        {
            **TO_CANDIDATE,
            "cause": "letter:int_01KT0000030123456789ABCDEF",
            "step": "letter",
            "channel": "email",
            "to": "ann@example.com",
            "letter_id": "let_01KT00000412345678BBBBBBBB",
            "status": "retrying",
            "attempts": 0,
        },
    ),
    "feedback": (
        lambda: new_messages.new_feedback_mail(APPLICATION, not_after=day(5), now=day(4, 11)),
        {
            "PK": CASE,
            "employer_id": EMP,
            "application_id": APP,
            "audience": "candidate",
            "cause": "feedback",
            "step": "feedback",
            "channel": "email",
            "to": "ann@example.com",
            "status": "sending",
            "attempts": 1,
        },
    ),
    "digest": (
        lambda: new_messages.new_digest(
            EMP, step="digest", to="hr@example.com", planned_at=day(2), since=day(1), not_after=day(5), now=day(4, 11)
        ),
        {
            **TO_TEAM,
            "cause": "2026-06-02T09:30:00.000000Z",
            "wait_since": day(1),
            "step": "digest",
            "channel": "email",
            "to": "hr@example.com",
            "status": "sending",
            "attempts": 1,
        },
    ),
    "asked": (
        lambda: new_messages.new_asked(
            EMP, step="sign_in", channel="email", to="kim@example.com", nonce="one", not_after=day(5), now=day(4, 11)
        ),
        {
            **TO_TEAM,
            "cause": "one",
            "step": "sign_in",
            "channel": "email",
            "to": "kim@example.com",
            "status": "sending",
            "attempts": 1,
        },
    ),
    "question": (
        lambda: new_messages.new_question(APPLICATION, WAIT, to="dana@example.com", not_after=day(5), now=day(4, 11)),
        {
            **TO_TEAM,
            "application_id": APP,
            "cause": WAIT.cause,
            "wait_since": day(1),
            "word_due_at": day(3, 10),
            "step": "decision",
            "channel": "email",
            "to": "dana@example.com",
            "status": "sending",
            "attempts": 1,
        },
    ),
}
IDS = {
    "nudge": "msg_7M6GNQJYHJ0123456789ABCDEF",
    "notice": "msg_14351ZC78X0123456789ABCDEF",
    "letter": "msg_6DCKGMQT7M0123456789ABCDEF",
    "feedback": "msg_71YCQX44JS0123456789ABCDEF",
    "digest": "msg_51A3FY4MQX12345678AAAAAAAA",
    "asked": "msg_3EQB9MB0ZT12345678AAAAAAAA",
    "question": "msg_6WN4AB5BK312345678AAAAAAAA",
}


@pytest.mark.parametrize("kind", MAKES)
def test_a_message_is_stored_with_what_it_is_about_and_under_its_id(kind: str) -> None:
    """Every field, and no other."""
    make, fields = MAKES[kind]
    made = make()
    rest = {"not_after": day(5), "created_at": day(4, 11), "list_key": LISTED}
    names = {"id": IDS[kind], "SK": f"MSG#{IDS[kind]}", "list_at": f"2026-06-04T11:30:00.000000Z{IDS[kind]}"}
    assert {name: value for name, value in made.attribute_values.items() if value is not None} == {**fields, **rest, **names}


def test_the_key_of_a_nudge_is_known_before_it_is_made() -> None:
    """A step that was taken is found by it."""
    assert new_messages.nudge_key(APPLICATION, WAIT, "nudge_1") == (CASE, f"MSG#{IDS['nudge']}")
