"""Fields: what is accepted, how it is normalised, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from chalicelib.api import phone_numbers, schema_types, validators
from chalicelib.api.validation import validate
from chalicelib.errors import Unprocessable

NOW = datetime(2026, 6, 2, 14, tzinfo=UTC)


class Person(schema_types.Body):
    name: schema_types.Name
    note: schema_types.LongText | None = None
    at: schema_types.Instant | None = None
    ids: list[schema_types.ExternalId] = []
    count: int = 0
    price: float = 0


def faults(data: Any) -> dict[str, str]:
    with pytest.raises(Unprocessable) as caught:
        validate(Person, data, NOW)
    return {fault.pointer: fault.message for fault in caught.value.errors}


def test_every_fault_is_named_by_pointer() -> None:
    """A client shows them next to its form's fields."""
    found = faults({"name": 1, "at": "soon", "ids": [{"system": "", "x": 1}], "a/b~": 2, "count": "1"})
    assert list(found) == ["/name", "/at", "/ids/0/system", "/ids/0/id", "/ids/0/x", "/count", "/a~1b~0"]
    assert found["/ids/0/id"] == "is required"
    assert found["/a~1b~0"] == "is not a field of this body"


class Plan(schema_types.Body):
    at: schema_types.TimeOfDay | None = None
    where: schema_types.Jurisdiction | None = None
    days: Annotated[list[str], Field(min_length=1, max_length=2)] | None = None
    hours: Annotated[int, Field(ge=1, le=720)] | None = None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("at", "9", "must be a time of day, like 09:00"),
        ("at", "24:00", "must be a time of day, like 09:00"),
        ("at", "09:00\n", "must be a time of day, like 09:00"),
        ("where", "Ontario", "must be an ISO 3166 code of a country or region, like IL or CA-ON"),
        ("days", [], "must name at least 1"),
        ("days", ["a", "b", "c"], "must name at most 2"),
        ("hours", 0, "must be at least 1"),
        ("hours", 721, "must be at most 720"),
    ],
)
def test_a_fault_says_in_words_what_is_wanted(field: str, value: Any, said: str) -> None:
    """The settings page shows it to a recruiter, who reads no regular expressions."""
    with pytest.raises(Unprocessable) as caught:
        validate(Plan, {field: value}, NOW)
    assert [(fault.pointer, fault.message) for fault in caught.value.errors] == [(f"/{field}", said)]


@pytest.mark.parametrize("body", [[], "x", 1, None, True])
def test_a_body_is_an_object(body: Any) -> None:
    """The pointer of the whole is empty."""
    assert faults(body) == {"": "must be an object"}


@pytest.mark.parametrize(("field", "value"), [("count", True), ("count", 1.0), ("price", True), ("price", "1"), ("count", 1e300)])
def test_nothing_is_coerced(field: str, value: Any) -> None:
    """ "1" is a client's mistake that would surface elsewhere."""
    assert list(faults({"name": "x", field: value})) == [f"/{field}"]


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b", "\u00ad\u200d", "\u3164", "a\nb", "a\x00b", "a\x7fb", "a\x85b", "a\u2028b", "x" * 201]
)
def test_a_name_is_one_visible_line(name: str) -> None:
    """It goes into headers, CSV rows and text messages."""
    assert list(faults({"name": name})) == ["/name"]


def test_a_name_is_trimmed_and_otherwise_kept() -> None:
    """Names are not corrected."""
    assert validate(Person, {"name": "  Zoë O’Brien-Ñandú 😀 "}, NOW).name == "Zoë O’Brien-Ñandú 😀"
    assert len(validate(Person, {"name": "x" * 200}, NOW).name) == 200


@pytest.mark.parametrize("turning", [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"])
def test_a_name_loses_what_turns_its_direction(turning: str) -> None:
    """A person named with U+202E would show another name than is stored, and turn the text around it."""
    assert validate(Person, {"name": f"{turning} Dana{turning} Reyes{turning}"}, NOW).name == "Dana Reyes"
    assert list(faults({"name": turning})) == ["/name"]


@pytest.mark.parametrize(
    "name", ["דנה לוי", "\u200fדנה (Dana)\u200f לוי\u200e", "محمد‌رضا", "عبد الله", "\u061cسارة 2", "שרה כהן-Smith"]
)
def test_hebrew_and_arabic_names_are_kept_letter_by_letter(name: str) -> None:
    """Marks of a letter's direction and joiners are part of how such names are written."""
    assert validate(Person, {"name": name}, NOW).name == name


def test_long_text_takes_line_breaks_and_no_other_controls() -> None:
    """Notes have paragraphs."""
    assert validate(Person, {"name": "x", "note": "a\r\n\tb"}, NOW).note == "a\r\n\tb"
    assert list(faults({"name": "x", "note": "a\x0bb"})) == ["/note"]
    assert list(faults({"name": "x", "note": "x" * 4001})) == ["/note"]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-06-02T16:00:00+02:00", NOW),
        ("2026-06-02t14:00:00z", NOW),
        ("2026-06-02T14:00:00.1234567Z", NOW.replace(microsecond=123456)),
        ("2026-06-02T14:00:00-00:00", NOW),
    ],
)
def test_an_instant_is_taken_in_any_offset(text: str, utc: datetime) -> None:
    """And is UTC afterwards."""
    assert validators.instant_near(text, NOW) == utc


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-02T14:00:00",
        "2026-06-02",
        "2026-06-02 14:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-02T24:00:00Z",
        "now",
        "2026-06-02T14:00Z",
        "2026-06-02T14:00:60Z",
        "2026-06-02T14:00:00+99:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2046-06-02T14:00:00Z",
        "2006-06-02T14:00:00Z",
        "٢٠٢٦-06-02T14:00:00Z",
        "1717336800",
        "2026-06-02T14:00:00Z\n",
        "2026-W23-2T14:00:00Z",
    ],
)
def test_an_instant_without_offset_or_sense_is_refused(text: str) -> None:
    """A time without an offset is a missed interview somewhere."""
    with pytest.raises(ValueError, match=r"must|not an instant"):
        validators.instant_near(text, NOW)


@given(st.datetimes(min_value=datetime(2017, 1, 1), max_value=datetime(2036, 1, 1)), st.integers(-1439, 1439))  # noqa: DTZ001
def test_any_offset_names_the_same_instant(local: datetime, minutes: int) -> None:
    """Clients write what their own clock shows."""
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    text = f"{local.isoformat()}{sign}{size // 60:02}:{size % 60:02}"
    assert validators.instant_near(text, NOW) == (local - timedelta(minutes=minutes)).replace(tzinfo=UTC)


def test_all_zones_of_the_machine_and_no_paths_are_zones() -> None:
    """`ZoneInfo("America")` is a directory, and `ZoneInfo("../../etc/passwd")` an idea."""
    for zone in ("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "US/Pacific", "Asia/Kolkata"):
        assert zone in available_timezones()
        assert validators.read_zone(zone) == zone
    for text in (
        "",
        "America",
        "europe/berlin",
        "../etc/passwd",
        "/etc/localtime",
        "CET+1",
        "posixrules",
        "Factory",
        "x" * 9999,
        "Europe/Berlin\n",
    ):
        with pytest.raises(ValueError, match="time zone"):
            validators.read_zone(text)


@pytest.mark.parametrize("text", ["+1 (202) 555-0123", "+1.202.555.0123", " +12025550123 "])
def test_a_number_is_normalised_to_e164(text: str) -> None:
    """Two spellings of one number are one person."""
    assert phone_numbers.read_phone(text) == "+12025550123"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025550123",
        "0012025550123",
        "+1202555",
        "+",
        "+999123456789",
        "tel:+12025550123",
        "+1202555012a",
        "+12025550123;phone-context=x",
        "+" + "1" * 500,
    ],
)
def test_a_malformed_number_is_refused(text: str) -> None:
    """Without "+" a number means another person in another country."""
    with pytest.raises(ValueError, match=r"E\.164"):
        phone_numbers.read_phone(text)


def test_a_number_to_text_has_no_extension() -> None:
    """The error names the number without it."""
    with pytest.raises(ValueError, match=r"must be a number without an extension, like \+12025550123"):
        phone_numbers.read_phone("+1 202 555 0123 ext. 5")


def test_full_width_digits_are_digits() -> None:
    """Japanese and Chinese keyboards type them."""
    assert phone_numbers.read_phone("+１２０２５５５０１２３") == "+12025550123"


def test_landlines_take_no_texts() -> None:
    """A text to one is paid for and never read. North American numbers don't tell, so they count as mobile."""
    assert phone_numbers.takes_texts("+12025550123")
    assert phone_numbers.takes_texts("+447911123456")
    assert not phone_numbers.takes_texts("+442071838750")
    assert not phone_numbers.takes_texts("+18005550199")


@pytest.mark.parametrize("text", ["a@b.co", "first.last+tag@sub.example.com", "o'neil@example.com", "x@xn--bcher-kva.example"])
def test_addresses_are_taken(text: str) -> None:
    """Plus signs and apostrophes are real."""
    assert validators.read_email(text) == text


def test_the_domain_of_an_address_is_lower_cased() -> None:
    """Its case never matters; that of the part before "@" may."""
    assert validators.read_email("Dana@EXAMPLE.Com") == "Dana@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "@b.co",
        "a@",
        "a@@b.co",
        "a b@c.co",
        "a@b.co\nBcc: x@y.co",
        "a@-b.co",
        "a@b..co",
        ".a@b.co",
        "a.@b.co",
        "a..b@c.co",
        "a@b.c0m,d@e.co",
        "<a@b.co>",
        "a" * 65 + "@b.co",
        "a@" + "b." * 126 + "co",
        "a@1.2.3.4",
        "a@b.co\x00",
    ],
)
def test_a_malformed_address_is_refused(text: str) -> None:
    """A line break here would be a header there."""
    with pytest.raises(ValueError, match="email"):
        validators.read_email(text)


def test_a_mailbox_that_mail_cannot_reach_is_refused() -> None:
    """SES takes only ASCII before the "@"; domains are sent in their ASCII form."""
    with pytest.raises(ValueError, match=r'only ASCII characters before the "@".*mail to "ü@" cannot be sent'):
        validators.read_email("ü@b.co")


def test_locales_are_cased_as_usual() -> None:
    """BCP 47 compares without case."""
    assert [validators.read_locale(tag) for tag in ("EN-gb", "zh-hans-cn", "es-419", "de-1996")] == [
        "en-GB",
        "zh-Hans-CN",
        "es-419",
        "de-1996",
    ]
    for text in ("", "e", "en_US", "en-", "english-language", "en-GB-" + "a" * 40, "é"):
        with pytest.raises(ValueError, match="BCP 47"):
            validators.read_locale(text)


def test_a_locale_keeps_its_extensions() -> None:
    """A phone says how its owner counts hours and writes numbers (RFC 5646, 2.2.6): no reason to refuse it."""
    tags = ("EN-us-u-HC-h12", "ar-eg-u-nu-latn", "de-x-Team-1")
    assert [validators.read_locale(tag) for tag in tags] == ["en-US-u-hc-h12", "ar-EG-u-nu-latn", "de-x-team-1"]
    for text in ("en-u", "en-u-ca-", "en-x", "en-u-c"):
        with pytest.raises(ValueError, match="BCP 47"):
            validators.read_locale(text)


def test_a_number_tells_its_country() -> None:
    """The default of where an employer texts."""
    assert [phone_numbers.country_of(phone) for phone in ("+12025550123", "+16135550123", "+442071838750", "+88216123456")] == [
        "US",
        "CA",
        "GB",
        None,
    ]
