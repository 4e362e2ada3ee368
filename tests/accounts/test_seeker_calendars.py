"""Calendar files as programs write them: an event is one interview, at its time, with who to call, as last changed."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from chalicelib.rules.incoming_mail.mime import read_mail
from tests.engines import Answer, Api, Outbox, seek

JO = "jo@example.com"
DANA = "ORGANIZER;CN=Dana Reyes:mailto:dana@bluefern.example"
START, END = "DTSTART:20260610T150000Z", "DTEND:20260610T160000Z"
Send = Callable[..., list[Any]]


def event(
    uid: str = "one",
    start: str = START,
    end: str = END,
    title: str = "Interview for Welder",
    organizer: str = DANA,
    more: str = "",
) -> str:
    lines = ["BEGIN:VEVENT", f"UID:{uid}", start, end, f"SUMMARY:{title}", organizer, *more.split("\n"), "END:VEVENT"]
    return "".join(f"{line}\r\n" for line in lines if line)


def calendar(*events: str, method: str = "REQUEST", head: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\n{head}{''.join(events)}END:VCALENDAR\r\n".encode()


@pytest.fixture
def jo(api: Api, outbox: Outbox) -> Api:
    return seek(api, outbox, JO)


@pytest.fixture
def send(jo: Api) -> Send:
    def post(*events: str, **more: str) -> list[Any]:
        answer: Answer = jo.post("/v1/my/interviews/ics", calendar(*events, **more), headers={"Content-Type": "text/calendar"})
        assert answer.status == 200, answer
        return list(answer.json["data"])

    return post


def starts(jo: Api) -> list[str]:
    return [one["start_at"][:16] for one in jo.get("/v1/my/interviews").json["data"]]


def at(day: int, version: int = 0) -> str:
    return event(start=f"DTSTART:202606{day}T150000Z", end=f"DTEND:202606{day}T160000Z", more=f"SEQUENCE:{version}")


def test_an_older_version_that_comes_later_moves_nothing(jo: Api, send: Send) -> None:
    """Who forwards the mails of a mailbox from the top begins with the newest."""
    send(at(12, 2))
    [told] = send(at(10, 1))
    assert told["start_at"] == "2026-06-12T15:00:00.000Z"
    assert send(at(10, 1), method="CANCEL") == [] and starts(jo) == ["2026-06-12T15:00"]
    [told] = send(at(15, 3))
    assert starts(jo) == ["2026-06-15T15:00"]
    assert send(at(15, 10**60), method="CANCEL") == starts(jo) == []


@pytest.mark.parametrize("method", ["REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"])
def test_what_a_guest_answers_adds_and_moves_nothing(method: str, jo: Api, send: Send) -> None:
    """A time that somebody proposes is not agreed."""
    assert send(at(12, 1), method=method) == starts(jo) == []
    send(at(10))
    assert send(at(12, 1), method=method) == [] and starts(jo) == ["2026-06-10T15:00"]


def test_of_a_whole_calendar_what_the_seeker_declined_is_left_out(send: Send) -> None:
    declined = "ATTENDEE;PARTSTAT=DECLINED;CN=Jo:mailto:JO@example.com"
    another = "ATTENDEE;PARTSTAT=DECLINED:mailto:kim@example.com"
    [told] = send(event("a", more=declined), event("b", title="Interview for Fitter", more=another))
    assert told["job_title"] == "Interview for Fitter"
    assert len(send(event("a", more=declined))) == 1, "sent alone it is meant"


@pytest.mark.parametrize("title", ["Second interview", "Vorstellungsgespräch", "Entretien", "ראיון עבודה", "2차 면접", "인터뷰"])
def test_of_a_whole_calendar_what_is_an_interview_is_told_by_its_language(title: str, send: Send) -> None:
    [told] = send(event("a", title="Dentist"), event("b", title=title))
    assert told["job_title"] == title


def test_the_person_to_call_stays_as_the_seeker_corrected_it(jo: Api, send: Send) -> None:
    """An invitation has no number: the next version of it must not take the seeker's away."""
    [told] = send(at(10))
    contact = {"name": "Dana", "phone": "+12025550100", "email": "dana@bluefern.example"}
    assert jo.patch(f"/v1/my/interviews/{told['id']}", {"contact": contact}).status == 200
    assert send(at(10))[0]["contact"] == contact
    assert send(at(12, 1))[0]["contact"] == contact
    [told] = send(event("two", title="Interview for Fitter", organizer=""))
    assert told["contact"] is None
    [told] = send(event("two", title="Interview for Fitter"))
    assert told["contact"]["email"] == "dana@bluefern.example"


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_round_that_was_taken_off_comes_back_with_its_invitation(by_hand: bool, jo: Api, send: Send) -> None:
    """Also where the job has another round, so that the job itself stayed on the list."""
    first = event("a", start="DTSTART:20260605T150000Z", end="DTEND:20260605T160000Z")
    _, second = send(first, event("b"))
    if by_hand:
        assert jo.delete(f"/v1/my/interviews/{second['id']}").status == 204
    else:
        assert send(event("b", more="SEQUENCE:1"), method="CANCEL") == []
    assert starts(jo) == ["2026-06-05T15:00"]
    [told] = send(event("b", more="SEQUENCE:2"))
    assert told["next_reminder_at"] == "2026-06-12T16:00:00.000Z"
    assert starts(jo) == ["2026-06-10T15:00", "2026-06-05T15:00"]
    send(event("b", start="DTSTART:20260611T150000Z", end="DTEND:20260611T160000Z", more="SEQUENCE:3"))
    assert starts(jo) == ["2026-06-11T15:00", "2026-06-05T15:00"]


@pytest.mark.parametrize(
    ("address", "company"),
    [
        ("dana@bluefern.example", "Bluefern"),
        ("dana@mail.bluefern.co.il", "Bluefern"),
        ("dana@bluefern.co.kr", "Bluefern"),
        ("dana@bluefern.com.au", "Bluefern"),
        ("dana@co.fr", "Co"),
        ("dana@gmail.com", "Dana Reyes"),
        ("dana@yahoo.co.uk", "Dana Reyes"),
        ("c_1@group.calendar.google.com", "Dana Reyes"),
        ("dana@google.com", "Google"),
        ("no-reply@us.greenhouse-mail.io", "Dana Reyes"),
        ("dana@notgmail.com", "Notgmail"),
    ],
)
def test_the_company_is_that_of_the_address(address: str, company: str, send: Send) -> None:
    """The same company and title are one job: "Co" and "Google" would make one job of several."""
    [told] = send(event(organizer=f"ORGANIZER;CN=Dana Reyes:mailto:{address}"))
    assert (told["company"], told["contact"]["email"]) == (company, address)


def test_apples_organizer_is_written_to_and_the_seeker_never_is(send: Send) -> None:
    apple = "ORGANIZER;CN=Dana Reyes;EMAIL=dana@bluefern.example:/aMTA0/principal/"
    assert send(event(organizer=apple))[0]["contact"] == {"name": "Dana Reyes", "phone": None, "email": "dana@bluefern.example"}
    [told] = send(event("two", organizer=f"ORGANIZER;CN=Jo Sample:mailto:{JO}"))
    assert (told["company"], told["contact"]) == ("Unknown company", None)


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "13:00"),
        ('"(UTC+01:00) Amsterdam"', "13:00"),
        ("(UTC+01:00) Amsterdam", "13:00"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "19:00"),
        ('"(UTC+02:00) Jerusalem"', "12:00"),
        ('"(UTC-03:00) Buenos Aires"', "18:00"),
        ("W. Europe Standard Time", "13:00"),
        ("Pacific Time (US & Canada)", "22:00"),
        ('"(UTC+01:00) Atlantis"', None),
    ],
)
def test_zones_that_windows_shows_are_read(zone: str, start: str | None, send: Send) -> None:
    """With quotation marks and without, and an end that a duration tells."""
    told = send(event(start=f"DTSTART;TZID={zone}:20260610T150000", end="DURATION:PT30M"))
    if start is None:
        assert told == []
        return
    minutes = start.replace(":00", ":30")
    assert [(one["start_at"][11:16], one["end_at"][11:16]) for one in told] == [(start, minutes)]


def test_a_duration_is_counted_in_the_zone_of_the_calendar_and_over_a_change_of_clocks(send: Send) -> None:
    berlin = "X-WR-TIMEZONE:Europe/Berlin\r\n"
    [told] = send(event(start="DTSTART:20260610T150000", end="DURATION:PT30M"), head=berlin)
    assert (told["start_at"][11:16], told["end_at"][11:16]) == ("13:00", "13:30")
    [told] = send(event("two", start="DTSTART;TZID=America/New_York:20261031T230000", end="DURATION:PT5H"))
    assert told["end_at"] == "2026-11-01T08:00:00.000Z"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r\r\n", b"\r"])
def test_any_ends_of_lines_are_read(line_end: bytes, jo: Api) -> None:
    raw = calendar(event()).replace(b"\r\n", line_end)
    answer = jo.post("/v1/my/interviews/ics", raw, headers={"Content-Type": "text/calendar"})
    assert [one["job_title"] for one in answer.json["data"]] == ["Interview for Welder"]


@pytest.mark.parametrize("fold", [b"\r\n ", b"\n\t"])
def test_a_line_that_is_broken_within_a_letter_is_whole(fold: bytes, jo: Api) -> None:
    """RFC 5545 lets a program count bytes, and so break a line between the two of one letter."""
    raw = calendar(event(title="Entretien é")).replace(b"\xc3\xa9", b"\xc3" + fold + b"\xa9")
    answer = jo.post("/v1/my/interviews/ics", raw, headers={"Content-Type": "text/calendar"})
    assert [one["job_title"] for one in answer.json["data"]] == ["Entretien é"]


@pytest.mark.parametrize(
    ("kind", "charset", "title"),
    [
        ("calendar", "windows-1255", "ראיון עבודה"),
        ("calendar", "iso-8859-8-i", "ראיון עבודה"),
        ("calendar", "ks_c_5601-1987", "면접"),
        ("calendar", "utf-8", "면접"),
        ("calendar", "no-such-charset", "면접"),
        ("calendar", None, "면접"),
        ("ics", None, "면접"),
        ("octet-stream", None, "면접"),
    ],
)
def test_a_calendar_in_a_mail_is_found_and_in_its_own_charset(kind: str, charset: str | None, title: str) -> None:
    """Some programs call it application/ics, without a name; some write its name as words of a subject are written."""
    python = {"iso-8859-8-i": "iso-8859-8", "ks_c_5601-1987": "cp949", "no-such-charset": "utf-8"}
    raw = calendar(event(title=title)).decode().encode(python.get(charset or "", charset or "utf-8"))
    mail = EmailMessage()
    mail.set_content("See below")
    mail.add_attachment(raw, "text" if kind == "calendar" else "application", kind)
    part = mail.get_payload(1)
    assert isinstance(part, EmailMessage)
    if charset:
        part.set_param("charset", charset)
    head = b""
    if kind == "octet-stream":
        part.replace_header("Content-Disposition", "attachment; filename=NAME")
        head = b'"=?UTF-8?Q?Einladung_f=C3=BCr.ics?="'
    [found] = read_mail(mail.as_bytes().replace(b'"NAME"', head).replace(b"NAME", head)).calendars
    assert f"SUMMARY:{title}" in found.decode()
