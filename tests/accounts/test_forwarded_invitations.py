"""A job seeker forwards an invitation, and its interview is on their list: theirs alone, once, and nobody else hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from chalicelib import config, wiring
from chalicelib.rules.copy.invitations import TOO_MUCH, UNREADABLE
from chalicelib.rules.copy.language import catalogue
from infra.local.environment import INBOUND_MAIL
from infra.local.feedback import Feedback
from tests.engines import seek

JO = "jo@example.com"
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Sample//EN
METHOD:{method}
BEGIN:VEVENT
UID:one@example.com
SEQUENCE:{sequence}
DTSTAMP:20261101T000000Z
DTSTART:{start}
DTEND:{end}
SUMMARY:Interview for Welder
ORGANIZER;CN=Dana Reyes:mailto:dana@bluefern.example
END:VEVENT
END:VCALENDAR
"""


def event(method: str = "REQUEST", start: str = "20261112T150000Z", end: str = "20261112T160000Z", sequence: int = 0) -> str:
    return EVENT.format(method=method, start=start, end=end, sequence=sequence)


@pytest.fixture(autouse=True)
def inbound(stack: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in INBOUND_MAIL.items():
        monkeypatch.setenv(name, value)
    config.forget()
    wiring.s3().create_bucket(Bucket=INBOUND_MAIL["HEARDBACK_INBOUND_MAIL_BUCKET"])
    yield
    monkeypatch.undo()
    config.forget()


@pytest.fixture
def jo(api: Any, outbox: Any) -> Any:
    made = seek(api, outbox)
    outbox.clear()
    return made


def address_of(seeker: Any) -> str:
    return seeker.get("/v1/me").json["seeker"]["invitation_address"]


@pytest.fixture
def forward(stack: Any, jo: Any) -> Any:
    feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)

    def send(ics: str | None = None, *, to: str = "", sender: str = JO, as_message: bool = False, **more: Any) -> str:
        mail = EmailMessage()
        mail["From"], mail["Subject"], mail["Message-ID"] = sender, "Fwd: Interview", "<m1@mail.example>"
        mail.set_content("See below")
        if ics is not None and as_message:
            inner = EmailMessage()
            inner["From"], inner["Subject"] = "dana@bluefern.example", "Interview"
            inner.set_content("Invitation")
            inner.add_alternative(ics, subtype="calendar", params={"method": "REQUEST"})
            mail.add_attachment(inner)
        elif ics is not None:
            mail.add_attachment(ics.encode(), maintype="text", subtype="calendar", filename="invite.ics")
        given = {"to": to or address_of(jo), "raw": mail.as_bytes().decode(), **more}
        [became] = feedback.inbound_mail(given)["counts"]
        return became

    return send


def listed(seeker: Any) -> list[Any]:
    return seeker.get("/v1/my/interviews").json["data"]


@pytest.mark.parametrize("as_message", [False, True])
def test_an_invitation_adds_its_interview_and_says_so_once(as_message: bool, jo: Any, forward: Any, outbox: Any) -> None:
    """As an attachment, or within a forwarded message. Told twice, it is one interview and one mail."""
    assert forward(event(), as_message=as_message, id="a") == "invitation"
    assert forward(event(), as_message=as_message, id="a") == "invitation"
    [one] = listed(jo)
    assert one["start_at"] == "2026-11-12T15:00:00.000Z" and one["contact"]["name"] == "Dana Reyes"
    [mail] = outbox.email
    assert mail["to"] == JO and mail["headers"]["Auto-Submitted"] == "auto-replied" and "On your list now" in mail["body"]
    assert one["company"] in mail["body"] and "/my" in mail["body"]


def test_the_same_again_adds_nothing_a_newer_one_moves_it_and_a_cancelled_one_takes_it_off(jo: Any, forward: Any) -> None:
    assert forward(event(), id="a") == forward(event(), id="b") == "invitation"
    assert len(listed(jo)) == 1
    assert forward(event(start="20261113T150000Z", end="20261113T160000Z", sequence=1)) == "invitation"
    assert [one["start_at"] for one in listed(jo)] == ["2026-11-13T15:00:00.000Z"]
    assert forward(event("CANCEL", sequence=2)) == "no_invitation"
    assert listed(jo) == []


@pytest.mark.parametrize("verdicts", [{"dmarc": "FAIL"}, {"dmarc": "GRAY", "spf": "FAIL"}])
def test_a_mail_that_only_says_to_be_the_seekers_adds_nothing(verdicts: Any, jo: Any, forward: Any, outbox: Any) -> None:
    assert forward(event(), verdicts=verdicts) == "unknown_sender"
    assert listed(jo) == [] and outbox.email == []


def test_nobody_else_adds_to_it(jo: Any, forward: Any, outbox: Any, api: Any) -> None:
    assert forward(event(), sender="dana@bluefern.example") == "unknown_sender"
    kim = seek(api, outbox, "kim@example.com")
    outbox.clear()
    assert forward(event(), to=address_of(kim)) == "unknown_sender"
    assert listed(jo) == listed(kim) == [] and outbox.email == []


def test_a_changed_address_leads_nowhere(jo: Any, forward: Any) -> None:
    before = address_of(jo)
    assert before.startswith("i-") and len(before.partition("@")[0]) == 49
    changed = jo.post("/v1/my/invitation_address", {})
    assert changed.status == 200 and changed.json["invitation_address"] == address_of(jo) != before
    assert forward(event(), to=before) == "unknown_address"
    assert forward(event(), to=address_of(jo).upper()) == "invitation"


def test_a_forged_address_and_that_of_an_employer_lead_nowhere(jo: Any, forward: Any, employer: Any) -> None:
    from chalicelib.messaging import reply_addresses

    local, _, domain = address_of(jo).partition("@")
    assert forward(event(), to=f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}") == "unknown_address"
    assert forward(event(), to=reply_addresses.invitation_address(employer.employer_id, 0) or "") == "unknown_address"


def test_a_mail_without_an_invitation_is_told_so_and_no_more_than_five_times_a_day(jo: Any, forward: Any, outbox: Any) -> None:
    assert forward() == "no_invitation"
    assert "There was no calendar invitation in your mail" in outbox.email[0]["body"]
    for _ in range(7):
        forward("BEGIN:VCALENDAR nonsense")
    assert len(outbox.email) == 5 and "could not be read" in outbox.email[-1]["body"]


@pytest.mark.parametrize(
    ("ics", "said"),
    [
        ("BEGIN:VCALENDAR nonsense", UNREADABLE),
        ("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", UNREADABLE),
        (event().removesuffix("END:VCALENDAR\n").removesuffix("END:VEVENT\n"), UNREADABLE),
        ("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 2_001, TOO_MUCH),
        (event().replace("END:VEVENT", "X-NOTE:" + "x" * 1024 * 1024 + "\nEND:VEVENT"), TOO_MUCH),
    ],
    ids=["nonsense", "no event", "cut off", "many", "large"],
)
def test_what_is_wrong_with_an_invitation_is_said_in_the_seekers_language(
    jo: Any, forward: Any, outbox: Any, ics: str, said: str
) -> None:
    """In a plain sentence that says what to do."""
    assert jo.patch("/v1/my", {"locale": "fr-FR"}).status == 200
    assert forward(ics) == "no_invitation"
    assert outbox.email[-1]["body"].startswith(catalogue("fr").text(said)) and said not in outbox.email[-1]["body"]


def test_who_left_or_opted_out_gets_no_mail(jo: Any, forward: Any, outbox: Any) -> None:
    address = address_of(jo)
    stop = {"raw": f"From: {JO}\n\nSTOP\n"}
    assert forward(**stop) == "stop"
    assert forward(event()) == "invitation" and outbox.email == []
    assert jo.delete("/v1/my").status == 204
    assert forward(event(), to=address) == "unknown_address"


def test_where_no_mail_comes_there_is_no_address(jo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in INBOUND_MAIL:
        monkeypatch.delenv(name)
    config.forget()
    assert address_of(jo) is None


def test_an_answer_to_our_reminder_records_what_came_of_it(
    jo: Any, api: Any, stack: Any, clock: Any, run_ticks: Any, outbox: Any
) -> None:
    given = {"company": "Blue Fern", "job_title": "Welder", "start_at": clock.text(hours=-2), "end_at": clock.text(hours=-1)}
    assert jo.post("/v1/my/interviews", given).status == 201
    clock.advance(hours=72)
    run_ticks()
    [reminder] = outbox.to(JO)
    feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)
    told = feedback.inbound_mail({"from": JO, "to": reminder["reply_to"][0], "text": "They called"})
    assert told["counts"] == {"heard": 1}
    assert "noted that you heard" in outbox.to(JO)[-1]["body"]
    assert listed(seek(api, outbox))[0]["state"] == "heard"
