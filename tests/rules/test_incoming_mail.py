"""What a mail says is read under limits; what its writer did not write is cut where that is certain."""

from __future__ import annotations

import time

import pytest

from chalicelib.rules.incoming_mail.automatic import automatic_reason
from chalicelib.rules.incoming_mail.html_text import html_to_text
from chalicelib.rules.incoming_mail.mime import BYTES_MOST, UnreadableMail, read_mail
from chalicelib.rules.incoming_mail.quotes import own_part

QUOTED = [
    ("Thanks\n\nOn Tue, 10 Nov 2026 at 10:00, Acme <a@x.example> wrote:\n> Did you hear?\n> Call", "Thanks"),
    ("Thanks\n\nOn Tue, 10 Nov 2026 at 10:00, Acme Robotics\n<a@x.example> wrote:\n\n> Did you hear?", "Thanks"),
    ("Gracias\n\nEl mar, 10 nov 2026 a las 10:00, Acme escribió:\n> Hola", "Gracias"),
    ("Merci\n\nLe mar. 10 nov. 2026 à 10:00, Acme a écrit :\n> Bonjour", "Merci"),
    ("תודה\n\nב-10 בנוב׳ 2026, Acme כתב:\n> שלום", "תודה"),
    ("감사합니다\n\n2026년 11월 10일, Acme님이 작성:\n> 안녕하세요", "감사합니다"),
    ("Thanks\n\n-----Original Message-----\nFrom: Acme\nSent: Tuesday\nHello", "Thanks"),
    ("Thanks\n________________________________\nFrom: Acme\nSent: Tuesday\nTo: Sam\nSubject: x\n\nHello", "Thanks"),
    ("> Did you hear?\nNo, I did not.\n> Call us.\nI will.", "No, I did not.\nI will."),
    ("Thanks\n-- \nSam Poe\n+1 202 555 0123", "Thanks"),
    ("Thanks\n\nSent from my iPhone", "Thanks"),
]


@pytest.mark.parametrize(("mail", "own"), QUOTED)
def test_quotes_and_signatures_are_cut(mail: str, own: str) -> None:
    assert own_part(mail) == own


@pytest.mark.parametrize(
    "mail",
    [
        "> all of it is quoted",
        "From: the beginning I liked it.\nIt was on time:\nfine",
        "My boss wrote: you are hired.\nSo I am out.",
        "One\n\nTwo -- and three\nFour",
        "Sent from my heart, thank you",
        "On Monday I wrote:\nnobody answered.",
        "From: A\nSent: B\nTo: C\nSubject: D",
    ],
)
def test_in_doubt_it_stays(mail: str) -> None:
    assert own_part(mail) == mail


def test_html_is_read_as_text_without_what_is_hidden() -> None:
    page = (
        "<html><head><title>no</title><style>p{}</style></head><body><!-- no --><p>Hello <b>there</b> &amp; you</p>"
        "<script>alert(1)</script><div>5 &lt; 6 a<br>b</div><blockquote><p>old</p></blockquote></body>"
    )
    assert html_to_text(page) == "Hello there & you\n5 < 6 a\nb\n> old"
    assert own_part(html_to_text(page)) == "Hello there & you\n5 < 6 a\nb"
    assert html_to_text("a < b <!-- never closed") == "a < b"


@pytest.mark.parametrize("piece", ["<a", "<!--", "<", "<![CDATA[", "<a b='", "<script>", "</", "<?", "&#"])
def test_the_time_grows_with_the_page_and_not_with_its_square(piece: str) -> None:
    """Eight times the page: the standard library's parser takes 64 times as long for some of these."""

    def seconds(size: int) -> float:
        page, best = piece * (size // len(piece)), 9.0
        for _ in range(3):
            began = time.process_time()
            html_to_text(page)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(160_000) < max(seconds(20_000), 0.02) * 24


def test_only_what_is_outside_of_a_quoted_name_is_an_address() -> None:
    def senders(header: str) -> tuple[str, ...]:
        return read_mail(f"From: {header}\n\nx".encode()).senders

    assert senders("Sam <sam@example.com>") == senders("sam@example.com") == ("sam@example.com",)
    assert senders('"Poe, Sam (x@y.example)" <sam@example.com>') == ("sam@example.com",)
    assert senders("boss@acme.example <sam@example.com>") == ("boss@acme.example", "sam@example.com")
    assert read_mail(b"From: a@x.example\nFrom: b@x.example\n\nx").senders == ("a@x.example", "b@x.example")
    assert senders("nobody") == read_mail(b"Subject: x\n\nx").senders == ()


LOOKS_LIKE_SAMS = [
    b'From: sam@example.com <"eve"@evil.example>\r\n',
    b"From: eve(sam@example.com)@evil.example\r\n",
    b'From: sam@example.com (") <eve@evil.example> (")\r\n',
    b"From: sam@example.com\r\n .evil.example\r\n",
    b"From: sam@example.com\0.evil.example\r\n",
    b"From: <@evil.example:sam@example.com>\r\n",
    b"From: sam@example.com <eve@[192.0.2.1]>\r\n",
    b'From: "eve"@evil.example, sam@example.com\r\n',
    b'From: "a@b.example\\" <sam@example.com> \\"" <eve@evil.example>\r\n',
    b'From: "eve"@evil.example\r\nFrom: sam@example.com\r\n',
    b"From: " + b"x " * 3_000 + b"<eve@evil.example>\r\nFrom: sam@example.com\r\n",
    b"From : eve@evil.example\r\nFrom: sam@example.com\r\n",
    b"From: sam@example.com\r\nno header\r\nFrom: eve@evil.example\r\n",
    b"X: a\rFrom: sam@example.com\r\r\r\nFrom: eve@evil.example\r\n",
    b"From: sam@example.com\n\nFrom: eve@evil.example\r\n",
    b"From: sam@example.com\r\n\nFrom: eve@evil.example\r\n",
    b"From: sam@example.com\nX: a\r\nFrom: eve@evil.example\r\n",
]
"""Heads that SES may read as Eve's: its verdict is then about evil.example."""


@pytest.mark.parametrize("head", LOOKS_LIKE_SAMS)
def test_a_mail_is_nobodys_where_another_reader_may_find_another_sender(head: bytes) -> None:
    """The provider vouches for the domain of the From that it read, so that ours must be the same."""
    senders = read_mail(head + b"\r\nYes").senders
    assert len(senders) != 1 and all(one in ("sam@example.com", "eve@evil.example") for one in senders)


USUAL = [
    "Sam Poe <sam@example.com>",
    "Poe, Sam <sam@example.com>",
    '"Poe, Sam (HR)" <sam@example.com>',
    '"sam@example.com" <sam@example.com>',
    '"\\"Sam\\" Poe" <sam@example.com>',
    "Sam (HR) <sam@example.com>",
    "sam@example.com (Sam Poe)",
    "=?utf-8?q?Sam_P=C3=B6?= <sam@example.com>",
    "Sam O'Brien\r\n <sam@example.com>",
]


@pytest.mark.parametrize("header", USUAL)
def test_the_usual_ways_to_write_a_sender_are_read(header: str) -> None:
    for raw in (
        f"From: {header}\r\nSubject: x\r\n\r\nYes",
        f"From: {header}\r\n\r\nYes\r\n\r\nSam",
        f"FROM:{header}\n\nYes\n".replace("\r", ""),
    ):
        assert read_mail(raw.encode()).senders == ("sam@example.com",)


def test_charsets_that_are_wrong_or_none_are_shown() -> None:
    def text(charset: str, raw: bytes) -> str:
        return read_mail(b"From: a@b.example\nContent-Type: text/plain; charset=" + charset.encode() + b"\n\n" + raw).text

    assert text("iso-8859-1", b"caf\xe9") == text("utf-8", "café".encode()) == text("x-none", "café".encode()) == "café"
    assert text("euc-kr", "안녕".encode("euc-kr")) == "안녕" and text("windows-1255", "שלום".encode("cp1255")) == "שלום"
    assert text("utf-8", b"a\xffb\x00c\x1bd") == "a\ufffdbcd"
    assert text("iso-8859-8-i", "עוד לא".encode("iso-8859-8")) == "עוד לא"
    for charset in ("utf-8", "us-ascii", "x-unknown"):
        assert text(charset, "Arrêtez, s’il vous plaît".encode("cp1252")) == "Arrêtez, s’il vous plaît"
        assert text(charset, "ärgerlich".encode()[:-1]) == "ärgerlic"
    assert text("utf-8", ("é" * 50).encode() + b"\xc3") == "é" * 50 + "\ufffd", "cut in a letter"
    assert text("punycode", b"abc") == text("zlib", b"abc") == text("idna", b"abc") == "abc"


def test_bombs_are_refused_before_they_are_parsed() -> None:
    head = b"From: a@b.example\n"
    for bomb in (
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
        b"Content-Type: message/rfc822\n\n" * 100 + b"x",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (one, one) for one in range(40)) + b"\nx",
        b"X-A: b\n" * 10_000 + b"\nx",
        b"Content-Disposition: attachment; filename*=utf-8''" + b"%41" * 10_000 + b"\n\nx",
    ):
        with pytest.raises(UnreadableMail):
            read_mail(head + bomb)
    assert len(read_mail(head + b"\n" + b"x" * 5_000_000).text) < BYTES_MOST


def test_calendars_are_found_wherever_they_stand() -> None:
    inner = "From: c@d.example\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
    raw = (
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\n"
        f"Content-Type: message/rfc822\n\n{inner}\n--b\nContent-Type: application/octet-stream\n"
        'Content-Disposition: attachment; filename="invite.ICS"\n\nBEGIN:VCALENDAR\n--b--\n'
    )
    mail = read_mail(raw.encode())
    assert [one.strip() for one in mail.calendars] == [b"BEGIN:VCALENDAR"] * 2
    assert mail.text == "see below" and mail.attachments == 2


@pytest.mark.parametrize(
    ("head", "path", "reason"),
    [
        ("Auto-Submitted: auto-generated", "a@b.example", "auto-submitted"),
        ("Auto-Submitted: no", "a@b.example", None),
        ("Precedence: Bulk", "a@b.example", "precedence"),
        ("Precedence: first-class", "a@b.example", None),
        ("X-Autorespond: x", "a@b.example", "list or automatic answer"),
        ("X-A: b", "<>", "empty return path"),
        ("X-A: b", None, None),
        ("Content-Type: multipart/report; boundary=b", "a@b.example", "report"),
    ],
)
def test_machines_are_told_apart(head: str, path: str | None, reason: str | None) -> None:
    assert automatic_reason(read_mail(f"From: a@b.example\n{head}\n\nx".encode()), path) == reason
