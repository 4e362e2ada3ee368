"""Names that strangers typed: no message of ours carries their links, domains, addresses or numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.rules.copy.clean import clean, clean_person
from chalicelib.rules.copy.digest import DigestRow, digest
from chalicelib.rules.copy.digest_paragraphs import KeepInMindRow, StatuteRow
from chalicelib.rules.copy.email import nudge
from chalicelib.rules.copy.notices import holding_notice
from chalicelib.rules.copy.sign_in import sign_in_mail, verify_mail
from chalicelib.rules.employer import Employer
from chalicelib.rules.model import CallBack, Candidate, Message

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
OURS = ("https://heardback.example/x", "+12025550101", "dana@desk.example", "+12025550123", "sam@home.example", "2026-12-24")
DOTS = ".․﹒．。｡·⋅‧܁٠"
PIECES = st.sampled_from(
    [
        "evil",
        "Acme",
        "com",
        "example",
        "dot",
        "(dot)",
        "[.]",
        "www",
        "http",
        "https:",
        "//",
        "/",
        "⁄",
        "@",
        "＠",
        "(at)",
        " ",
        "  ",
        "1",
        "900",
        "555",
        "0100",
        "٩",
        "９",
        "①",
        "²",
        "-",
        "–",
        "‑",
        "+",
        "(",
        ")",
        "\u200b",
        "\u202e",
        "\xad",
        "́",
        "\u2028",
        "St.",
        "Node.js",
        ".NET",
        "B.Sc",
        "e",
        "é",
        "е",
        "ł",
        "…",
        "©",
        "℅",
        "‥",
        "⒈",
        "🄂",
        "ß",
        "㏇",
        "\n",
        "\xa0",
        *DOTS,
    ]
)
NAMES = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60)


def seen(text: str) -> str:
    """Returns what a mail client or a phone would look for links in."""
    for ours in OURS:
        text = text.replace(ours, " ours ").replace(ours.replace("+", "%2B"), " ours ")
    plain = unicodedata.normalize("NFKC", "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn", "Me")))
    return re.sub("[\u2024\ufe52\uff0e\u3002\uff61]", ".", plain)


def assert_safe(text: str) -> None:
    plain = seen(text)
    assert not re.search(r"\w\.[^\W\d_]\w", plain), plain
    assert not re.search(r"(?i)\w:/|//|\bwww\b|\w@\w|\w\s?[(\[]\s?(?:dot|\.)\s?[)\]]", plain), plain
    assert not re.search(r"\d(?:[\s().+-]{0,3}\d){6,}", plain), plain
    for region in ("US", "GB", "DE"):
        assert not phonenumbers.PhoneNumberMatcher(plain, region).has_next(), (region, plain)


def texts_of(message: Message) -> list[str]:
    return [message.subject or "", message.text, re.sub(r"<[^>]*>", "\n", message.html or "")]


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES, NAMES, NAMES, st.sampled_from(["sms", "email"]), st.integers(1, 2))
@example("evil․com", "evil⁄com", "evil﹒com", "evil dot com", "sms", 1)
@example("1 900 555 0100", "1‑900‑555‑0100", "(900) 555.0100", "٠٩٠٠٥٥٥٠١٠٠", "email", 2)
def test_no_message_carries_a_link_or_number_of_a_stranger(employer, person, job, callee, channel, number):
    """It comes from our domain and our number: what it names is trusted."""
    acme = Employer("emp_1", employer, "America/New_York", CallBack(callee, "+12025550101", "dana@desk.example"))
    jane = Candidate("cand_1", person, "sam@home.example", "+12025550123", True)
    url = "https://heardback.example/x"
    row = DigestRow(person, "+12025550123", "sam@home.example", job, "final", NOW)
    found = [
        nudge(
            number,
            channel,
            employer=acme,
            candidate=jane,
            call_back=acme.call_back,
            job_title=job,
            stage="interview",
            unsubscribe_url=url,
            kind="call",
            answer_url=url,
        ),
        holding_notice(
            channel, employer=acme, candidate=jane, job_title=job, stage="final", next_word_by=NOW, unsubscribe_url=url
        ),
        digest(
            acme,
            overdue=[row],
            soon=[row],
            not_told=[],
            totals=(1, 1, 0),
            now=NOW,
            unsubscribe_url=url,
            by_law=[StatuteRow(person, job, date(2026, 12, 24), 10)],
            kept=[KeepInMindRow(person, job, callee)],
        ),
        sign_in_mail("sam@home.example", [(employer, url, "123456")]),
        verify_mail("sam@home.example", employer, url),
    ]
    for message in found:
        assert "\n" not in (message.subject or "")
        for text in texts_of(message):
            assert_safe(text)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Acme evil.example", "Acme"),
        ("Your parcel: evil․com/x now", "Your parcel: now"),
        ("evil[.]com", ""),
        ("evil‥com", ""),
        ("Acme evil..com", "Acme"),
        ("evil (dot) com", ""),
        ("evil dot com", ""),
        ("evil dot соm", ""),
        ("evil dot СОМ", ""),
        ("evil·com", ""),
        ("pal.lex", ""),
        ("Acme [555-123-4567] Inc", "Acme Inc"),
        ("No. 7 -", "No. 7 -"),
        ("evil .com", ""),
        ("evil.рф", ""),
        ("hxxp://x", ""),
        ("192.0.2.1", ""),
        ("sam@evil.example", ""),
        ("e\u200bvil.\u200bcom", ""),
        ("Call 1‑900‑555‑0100 now", "Call now"),
        ("Call 1-900-CALLNOW", "Call"),
        ("118 118", ""),
        ("*123*456#", ""),
        ("Acme\nInc\u2028now", "Acme Inc now"),
        ("\u3164", ""),
    ],
)
def test_links_and_numbers_go_with_the_word_around_them(name, cleaned):
    """Half a link still tells where to go."""
    assert clean(name) == cleaned
    assert clean(name, "the employer") == (cleaned or "the employer")


@pytest.mark.parametrize(
    "name",
    [
        "S.p.A. Roma",
        "J.R. Smith",
        "A.B.C. GmbH",
        "Verein e.V.",
        "C++ Developer",
        "Developer (m/w/d)",
        "Il·lusió SL",
        "AC/DC",
        "7-Eleven",
        "3M",
        "24/7 Support",
        "Polka Dot Design",
        "Match point HR",
        "ジョン・スミス",
        "株式会社",
        "O'Brien, Zoë",
        "Acme Inc. Berlin",
        "Sr. Dev",
        "ශ්\u200dරී",
        "Welder 2026",
        "Nguyễn Thị Ánh",
    ],
)
def test_names_that_only_look_odd_are_kept(name):
    """A company must not lose its name because of a dot."""
    assert clean(name) == name


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("Senior .NET Developer", "Senior dotnet Developer"),
        ("ASP.NET Developer", "ASP dotnet Developer"),
        ("Node.js Developer", "Node JS Developer"),
        ("St.John Smith", "St. John Smith"),
        ("B.Sc Chemist", "B. Sc Chemist"),
    ],
)
def test_job_titles_that_look_like_domains_stay_readable(title, cleaned):
    """Mail clients turn them into links, so the dot goes."""
    assert clean(title) == cleaned


@pytest.mark.parametrize("name", ["Sam 2", "evil.com", "a/b", "Sam <b>", "Sam\u202e Doe 1"])
def test_a_person_with_an_odd_name_is_not_greeted_by_it(name):
    """Anybody can type a name into a form."""
    assert clean_person(name) == ""
    assert clean_person("Zoë O'Brien") == "Zoë O'Brien"


@given(NAMES)
def test_cleaning_twice_changes_nothing(name):
    """What one pass joins, the next one must not find."""
    assert clean(clean(name)) == clean(name)


def test_a_name_of_nothing_gets_a_neutral_phrase():
    """ "Sign in at " reads like a broken machine."""
    mail = sign_in_mail("sam@home.example", [("evil.example", "https://heardback.example/x", "123456")])
    assert "Sign in at the employer" in mail.text
    acme = replace(Employer("emp_1", "evil.example", "UTC"), call_back=CallBack("evil.example", "+12025550101"))
    text = nudge(
        1,
        "email",
        employer=acme,
        candidate=Candidate("cand_1", "x.example", "sam@home.example"),
        call_back=acme.call_back,
        job_title="evil.example",
        stage="interview",
        unsubscribe_url=None,
        kind="call",
    ).text
    assert "evil" not in text and "x.example" not in text
    assert "Call the hiring team: +12025550101" in text and "your interview with the employer" in text


@pytest.mark.parametrize("colon", "\ua789\u2236\u02d0\u0589\u05c3\u205a\ufe13\ufe30:")
def test_a_sign_that_looks_like_a_colon_makes_a_link_too(colon):
    """A reader takes it for one."""
    assert clean(f"Bo mailto{colon}bo") == "Bo"


def test_what_follows_a_number_without_a_space_is_kept():
    """Only the number goes."""
    assert clean("Bo x555-123-4567y Lee") == "Bo x y Lee"
