"""Numbers and email addresses: what can exist is taken, what cannot is refused with the value and an example."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.api.phone_numbers import PhoneNumber, read_phone_number


def errors_of(response: Any) -> dict[str, str]:
    assert response.status == 422, response
    return {one["pointer"]: one["message"] for one in response.json["errors"]}


@pytest.mark.parametrize(
    "number", ["+15550001111", "+1 (111) 555-0123", "+447700900123", "+12025550", "+999123456789", "+3312345678"]
)
def test_a_number_that_cannot_exist_is_refused(employer: Any, number: str) -> None:
    """The right length is not enough: nobody can ever be reached there, and the candidate would count as reachable."""
    detail = errors_of(employer.post("/v1/candidates", {"name": "Sam", "phone": number}))["/phone"]
    assert number in detail and "+12025550123" in detail


def test_a_number_of_a_call_back_must_exist_too(employer: Any, interview: Any) -> None:
    """It is printed in the text that asks a candidate to call."""
    body = interview(call_back={"name": "Dana", "phone": "+15550001111"})
    assert "+15550001111" in errors_of(employer.post("/v1/interviews", body))["/call_back/phone"]
    assert errors_of(employer.patch("/v1/employer", {"call_back_phone": "+15550001111"}))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("+1 202-555-0123", "+12025550123"),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("+55 11 8765-4321", "+5511987654321"),
        ("+54 9 11 2345-6789", "+5491123456789"),
        ("＋1 202 555 0123", "+12025550123"),
    ],
)
def test_a_spelling_that_people_use_is_taken_as_the_number_that_exists(employer: Any, given: str, shown: str) -> None:
    """The Mexican 1 is history; the Brazilian ninth digit is missing in old address books."""
    assert employer.post("/v1/candidates", {"name": "Sam", "phone": given}).json["phone"] == shown


@pytest.mark.parametrize("written", ["ext. 45", "x45", "Ext 45", ";ext=45", "#45", ", ext: 45", "extension 45"])
def test_an_extension_is_kept_for_people(employer: Any, written: str) -> None:
    """A switchboard's number without it is of no use to who calls."""
    made = employer.post("/v1/candidates", {"name": "Sam", "phone": f"+1 202 555 0123 {written}"}).json
    assert (made["phone"], made["phone_extension"]) == ("+12025550123", "45")


def test_a_number_with_an_extension_is_never_texted(employer: Any, interview: Any, clock: Any, stack: Any) -> None:
    """With consent and all: the text would go to anyone who answers the switchboard."""
    consent = {"given_at": clock.text(hours=-1), "source": "form"}
    person = {"phone": "+12025550123 ext. 45", "email": None, "sms_consent": consent, "timezone": "America/New_York"}
    made = employer.post("/v1/interviews", interview(candidate=person)).json["application"]
    assert made["candidate"]["phone_extension"] == "45" and made["next_reminder_at"] is None
    path = f"/v1/candidates/{made['candidate_id']}"
    assert employer.patch(path, {"phone": "+12025550124"}).json["phone_extension"] is None
    assert employer.get(f"/v1/applications/{made['id']}").json["next_reminder_at"] is not None
    assert employer.patch(path, {"phone_extension": "7"}).json["phone_extension"] == "7"
    assert employer.get(f"/v1/applications/{made['id']}").json["next_reminder_at"] is None
    assert employer.patch(path, {"phone": None}).json["phone_extension"] is None


def test_a_call_back_number_keeps_its_extension(employer: Any, interview: Any) -> None:
    """Candidates dial it."""
    made = employer.post("/v1/interviews", interview(call_back={"phone": "+1 202 555 0100 x12"})).json
    assert made["call_back"]["phone"] == "+12025550100 ext. 12"


def test_an_extension_needs_a_number_and_names_one_thing(employer: Any) -> None:
    """Two different extensions are an error, not a guess."""
    assert errors_of(employer.post("/v1/candidates", {"name": "Sam", "phone_extension": "45"})) == {
        "/phone_extension": "needs a phone"
    }
    two = {"name": "Sam", "phone": "+12025550123 ext. 45", "phone_extension": "46"}
    assert list(errors_of(employer.post("/v1/candidates", two))) == ["/phone_extension"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Sam@bücher.example", "Sam@xn--bcher-kva.example"),
        ("sam@faß.example", "sam@xn--fa-hia.example"),
        ("sam@例え.example", "sam@xn--r8jz45g.example"),
        ("sam@ＥＸＡＭＰＬＥ.com", "sam@example.com"),
    ],
)
def test_an_international_domain_is_taken(employer: Any, given: str, shown: str) -> None:
    """Mail servers know it by its ASCII form."""
    assert employer.post("/v1/candidates", {"name": "Sam", "email": given}).json["email"] == shown


def test_letters_that_mail_cannot_carry_are_refused_with_the_reason(employer: Any) -> None:
    """SES has no SMTPUTF8."""
    detail = errors_of(employer.post("/v1/candidates", {"name": "Sam", "email": "søren@example.com"}))["/email"]
    assert "before the" in detail and "søren@" in detail
    assert errors_of(employer.post("/v1/candidates", {"name": "Sam", "email": "sam@-bücher.example"}))
    assert errors_of(employer.post("/v1/candidates", {"name": "Sam", "email": "sam@bü cher.example"}))


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("(202) 555-0123", "US", PhoneNumber("+12025550123")),
        ("202-555-0123 x9", "US", PhoneNumber("+12025550123", "9")),
        ("01 42 68 53 00", "FR", PhoneNumber("+33142685300")),
        ("+44 20 8366 1177", "US", PhoneNumber("+442083661177")),
    ],
)
def test_numbers_of_files_are_read_as_they_are_dialled(text: str, country: str, number: PhoneNumber) -> None:
    """Recruiters write no country code."""
    assert read_phone_number(text, country) == number


@pytest.mark.parametrize("text", ["555-0123", "000-000-0000", "n/a", "123", "202-555-0123 or 202-555-0124"])
def test_what_is_no_number_of_a_file_is_refused(text: str) -> None:
    """The caller notes it and uses the person's other addresses."""
    with pytest.raises(ValueError, match="must be a phone number"):
        read_phone_number(text, "US")
