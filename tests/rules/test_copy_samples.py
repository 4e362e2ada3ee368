"""Every message, whole: `samples/` holds what people read, and a change of a text changes its sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.rules.copy.decider_mail import question
from chalicelib.rules.copy.digest import DigestRow, digest
from chalicelib.rules.copy.digest_paragraphs import KeepInMindRow, StatuteRow
from chalicelib.rules.copy.email import nudge
from chalicelib.rules.copy.feedback_mail import feedback_mail
from chalicelib.rules.copy.letters import STATUTORY_NAMES, LetterFields, feedback_of, letter
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.copy.reply_mails import owner_mail
from chalicelib.rules.copy.seeker_account import phone_code_text, sign_up_mail
from chalicelib.rules.copy.seeker_account import sign_in_mail as own_sign_in_mail
from chalicelib.rules.copy.seekers import reminder
from chalicelib.rules.copy.sign_in import access_changed_mail, invitation_mail, sign_in_mail, verify_mail
from chalicelib.rules.copy.what_next import what_next
from chalicelib.rules.employer import Employer, Policy
from chalicelib.rules.model import CallBack, Candidate, Message, Wait

SAMPLES = Path(__file__).parent / "samples"
DANA = CallBack("Dana Reyes", "+12025550101", "dana@example.com")
ACME = Employer("emp_1", "Acme Robotics", "America/New_York", DANA, policy=Policy(sms_monthly_cap_usd=1234.5))
JANE = Candidate("cand_1", "Jane Doe", "jane+1@example.com", "+12025550123", True, timezone="Pacific/Auckland")
UNSUBSCRIBE = "https://heardback.example/u/token?a=1&b=2"
PAGE = "https://heardback.example/c/token?a=1&b=2"
LATE = DigestRow(
    "Jane Doe", "+12025550123", "jane@example.com", "Welder", "final", datetime(2026, 11, 20, 15, tzinfo=UTC), None, 2
)
SOON = DigestRow("Ben Ode", None, None, "Fitter", "screen", datetime(2026, 11, 24, 15, tzinfo=UTC), "advancing")
NOT_TOLD = DigestRow("Kim Poe", None, "kim@example.com", "Welder", "interview", LATE.word_due_at, "rejected", 1)


def _nudge(
    number: int, call_back: CallBack = DANA, candidate: Candidate = JANE, job: str = "Welder & fitter", **more: object
) -> Message:
    arguments = {"kind": "call", "unsubscribe_url": UNSUBSCRIBE, "answer_url": PAGE, "stage": "final", **more}
    named = {"employer": ACME, "candidate": candidate, "call_back": call_back, "job_title": job}
    return nudge(number, "email", **named, **arguments)  # type: ignore[arg-type]


def _digest(**more: object) -> Message:
    now = datetime(2026, 11, 23, 14, tzinfo=UTC)
    arguments = {"overdue": [LATE], "soon": [SOON], "not_told": [NOT_TOLD], "totals": (3, 1, 1), "page_url": PAGE, **more}
    return digest(ACME, now=now, unsubscribe_url=UNSUBSCRIBE, to="dana@example.com", **arguments)  # type: ignore[arg-type]


PROMISED = Wait("con_1", "interview", datetime(2026, 11, 20, 15, tzinfo=UTC), datetime(2026, 11, 27, 4, tzinfo=UTC))


def _own(number: int, call_back: CallBack = DANA, company: str = "Blue Fern & Sons", **more: object) -> Message:
    ended = datetime(2026, 11, 20, 15, tzinfo=UTC)
    wait = Wait("int_1" if number == 1 else "con_1", "interview", ended, ended + timedelta(hours=48))
    arguments = {"channel": "email", "candidate": JANE, "zone": "Pacific/Auckland", "link": PAGE, "unsubscribe_url": UNSUBSCRIBE}
    named = {"company": company, "call_back": call_back, "job_title": "Welder", "wait": wait, **arguments, **more}
    return reminder(number, **named)  # type: ignore[arg-type]


BY_LAW = [
    StatuteRow("Kim Poe", "Welder", date(2026, 12, 9), 10),
    StatuteRow("Bo Abel", "Fitter", date(2026, 12, 1), 2),
    StatuteRow("Ann Abel", "Fitter", date(2026, 12, 1), 2),
]
KEPT = [KeepInMindRow("Lee Fox", "Welder", "Night welder")]
MESSAGES: dict[str, Callable[[], Message]] = {
    "nudge_1": lambda: _nudge(1),
    "nudge_2": lambda: _nudge(2),
    "nudge_to_write": lambda: _nudge(1, CallBack(None, None, "dana@example.com"), kind="email_reply", job="", answer_url=None),
    "nudge_without_names": lambda: _nudge(
        1, CallBack(None, "+12025550101"), replace(JANE, name="Call 900"), "", unsubscribe_url=None, answer_url=None
    ),
    "digest_of_owner": lambda: _digest(own=True),
    "digest": lambda: _digest(
        by_law=BY_LAW, kept=[KeepInMindRow("Lee Fox", "Welder", "Night welder")], cap_reached=True, no_call_back=True
    ),
    "digest_escalation": lambda: _digest(soon=[], not_told=[], totals=(1, 0, 0), escalation=True, page_url=None),
    "holding_notice": lambda: holding_notice(
        "email",
        employer=ACME,
        candidate=JANE,
        job_title="Welder",
        stage="final",
        next_word_by=datetime(2026, 12, 3, 12, tzinfo=UTC),
        unsubscribe_url=UNSUBSCRIBE,
    ),
    "letter": lambda: letter(
        LetterFields(
            replace(ACME, policy=Policy(jurisdiction="IL")),
            JANE,
            DANA,
            "Welder & fitter",
            "final",
            datetime(2026, 11, 2, 12, tzinfo=UTC),
            ("experience", "licence"),
        ),
        UNSUBSCRIBE,
    ),
    "letter_with_promise": lambda: letter(
        LetterFields(
            ACME,
            replace(JANE, name="call 900"),
            DANA,
            "",
            "screen",
            datetime(2026, 11, 2, 12, tzinfo=UTC),
            feedback_by=datetime(2026, 12, 3, 12, tzinfo=UTC),
        ),
        None,
    ),
    "sign_in": lambda: sign_in_mail(
        "dana@example.com", [("Acme\nRobotics", PAGE, "123456"), ("Blue <Fern>", UNSUBSCRIBE, "654321")]
    ),
    "own_reminder_1": lambda: _own(1),
    "own_reminder_2": lambda: _own(2, CallBack(), company="evil.example", candidate=replace(JANE, name="Call 900")),
    "own_reminder_text": lambda: _own(1, channel="sms"),
    "own_reminder_text_promised": lambda: _own(1, company="Oak", channel="sms", wait=PROMISED, link="https://hb.example/f/token"),
    "own_reminder_spanish": lambda: _own(1, candidate=replace(JANE, locale="es-MX")),
    "own_reminder_hebrew": lambda: _own(2, candidate=replace(JANE, locale="he")),
    "own_reminder_text_korean": lambda: _own(1, channel="sms", candidate=replace(JANE, locale="ko")),
    "own_sign_in": lambda: own_sign_in_mail("jo@example.com", PAGE, "123456"),
    "sign_up": lambda: sign_up_mail("jo@example.com", PAGE, "123456"),
    "phone_code": lambda: phone_code_text("+12025550123", "123456"),
    "access_changed": lambda: access_changed_mail(
        "dana@example.com", "Acme & Sons", ["your role is now manager", "you sign in with dana.reyes@example.com from now on"]
    ),
    "invitation": lambda: invitation_mail("dana@example.com", "Acme & Sons", PAGE, "123456"),
    "candidate_wrote": lambda: owner_mail(
        "dana@example.com",
        ACME,
        "text",
        "Jane Doe",
        "Welder & fitter",
        "Hello,\nis the job <still> open?\nhttps://evil.example",
        PAGE,
    ),
    "candidate_has_not_heard": lambda: owner_mail("dana@example.com", ACME, "not_yet", "Jane Doe", "Welder", "", PAGE),
    "decision_asked": lambda: question(
        "dana@example.com",
        ACME,
        "Jane Doe",
        "Welder & fitter",
        Wait("int_1", "final", datetime(2026, 11, 23, 15, tzinfo=UTC), datetime(2026, 11, 25, 15, tzinfo=UTC)),
        "https://heardback.example/d/token",
    ),
    "what_next": lambda: what_next(
        employer=ACME,
        candidate=JANE,
        call_back=DANA,
        job_title="Welder & fitter",
        wait=Wait("int_1", "final", datetime(2026, 11, 23, 15, tzinfo=UTC), datetime(2026, 11, 25, 15, tzinfo=UTC)),
        page_url=PAGE,
        unsubscribe_url=UNSUBSCRIBE,
    ),
    "feedback": lambda: feedback_mail(ACME, JANE, "Welder & fitter", PAGE, UNSUBSCRIBE),
    "verify_address": lambda: verify_mail("dana@example.com", "Acme & Sons", PAGE),
}


def _whole(message: Message) -> str:
    head = f"To: {message.to} by {message.channel}\nSubject: {message.subject}\nUnsubscribe: {message.unsubscribe_url}\n"
    return f"{head}\n{message.text}\n{message.html}"


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_reads_as_its_sample(name: str) -> None:
    """The order of a mail's parts, each link behind its own label, and every word."""
    assert _whole(MESSAGES[name]()) == (SAMPLES / f"{name}.txt").read_text()


def test_a_letter_is_kept_with_its_reasons_in_words_and_what_it_names() -> None:
    """Some laws ask which names a notice bore; a contact without reasons has no feedback."""
    assert STATUTORY_NAMES == ("employer", "candidate", "process_start", "position", "sender")
    assert feedback_of(["experience", "licence"]) == (
        "What decided it: experience in this kind of work; a licence or certificate that the job needs"
    )
    assert feedback_of([]) is None
