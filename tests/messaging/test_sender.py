"""Each employer writes by its own number and addresses, where the operator gave it any; nobody writes by another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import config
from chalicelib.applications.employers import senders

NUMBER, FROM, REPLY_TO = "+12025550144", "hiring@acme.example", "dana@acme.example"
SENDER = {"sms_origination_number": NUMBER, "email_from": FROM, "email_reply_to": REPLY_TO}


@pytest.fixture
def own_numbers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on AWS: US texts need a number of the employer's own."""
    monkeypatch.setenv("HEARDBACK_OWN_NUMBER_COUNTRIES", "US")
    config.forget()
    senders.forget()
    yield
    monkeypatch.undo()
    config.forget()
    senders.forget()


def reached(sending: Any, employer: Any, **person: Any) -> dict[str, Any]:
    before = len(sending.outbox)
    sending.interviewed(employer, **person)
    for _ in range(12):
        sending.clock.advance(hours=8)
        sending.run()
        if len(sending.outbox) > before:
            break
    [entry] = list(sending.outbox)[before:]
    return entry


def test_texts_go_by_the_employers_number_and_only_its_own(sending):
    """A reply goes to the number that texted: another employer's number would hand it to another employer."""
    with_number = sending.change_employer(sending.new_employer(name="Acme"), sms_origination_number=NUMBER)
    assert reached(sending, with_number, phone="+12025560301")["from"] == NUMBER
    assert reached(sending, sending.new_employer(name="Other"), phone="+12025560302")["from"] != NUMBER


def test_mails_come_from_the_employer_and_replies_go_to_it(sending):
    with_sender = sending.change_employer(sending.new_employer(name="Acme Robotics"), email_from=FROM, email_reply_to=REPLY_TO)
    mail = reached(sending, with_sender, email="sam.301@example.com")
    assert (mail["from"], mail["reply_to"]) == (f"Acme Robotics <{FROM}>", [REPLY_TO])
    assert "not read" not in mail["body"] + mail["html"]


def test_without_an_address_for_replies_the_mail_says_so(sending):
    """People answer mails; silence to an answer would be the very thing that we are against."""
    mail = reached(sending, sending.new_employer(), email="sam.302@example.com")
    assert mail["reply_to"] == [] and FROM not in mail["from"]
    assert "Replies to this email are not read." in mail["body"] and "not read" in mail["html"]


def test_an_odd_name_can_not_forge_another_sender(sending):
    name = 'Evil <boss@bank.example>, "x'
    odd = sending.change_employer(sending.new_employer(name=name), email_from=FROM)
    mail = reached(sending, odd, email="sam.303@example.com")
    assert mail["from"].endswith(f"<{FROM}>") and mail["from"].count("<") == 1 and "bank" not in mail["from"]


def test_a_second_employer_without_a_number_mails_instead(sending, own_numbers):
    """US carriers register a number for one brand: texts of another by it would be blocked."""
    owner = sending.change_employer(sending.employer, sms_origination_number=NUMBER)
    other = sending.new_employer(name="Other")
    listed(sending, owner, other)
    assert reached(sending, other, phone="+12025560304", email="sam.304@example.com")["channel"] == "email"
    assert reached(sending, owner, phone="+12025560305", email="sam.305@example.com")["channel"] == "sms"


def test_who_has_neither_number_nor_email_is_told_why(sending, own_numbers):
    other = sending.new_employer(name="Other")
    listed(sending, sending.employer, other)
    application = sending.interviewed(other, phone="+12025560306")
    for _ in range(12):
        sending.clock.advance(hours=8)
        sending.run()
    found = sending.messages(application)
    assert {message.status for message in found} == {"suppressed"} and "sms_origination_number" in (found[0].reason or "")


def test_the_only_employer_of_a_deployment_texts_by_its_number(sending, own_numbers):
    listed(sending, sending.employer)
    assert reached(sending, sending.employer, phone="+12025560307", email="sam.307@example.com")["channel"] == "sms"


def listed(sending: Any, *employers: Any) -> None:
    """As employers made by the API are."""
    for employer in employers:
        sending.change_employer(employer, list_key="operator#EMP", list_at=employer.id)


def test_the_operator_gives_an_employer_its_sender(operator, employer):
    own = employer.get("/v1/employer").json
    changed = operator.patch(f"/v1/employers/{own['id']}", SENDER)
    assert changed.status == 200 and {name: changed.json[name] for name in SENDER} == SENDER
    cleared = operator.patch(f"/v1/employers/{own['id']}", dict.fromkeys(SENDER))
    assert {cleared.json[name] for name in SENDER} == {None}


@pytest.mark.parametrize("name", ["sms_origination_number", "email_from"])
def test_an_employer_can_not_write_in_another_name(employer, name):
    answer = employer.patch("/v1/employer", {name: SENDER[name]})
    assert answer.status == 403 and answer.json["code"] == "operator_only"


def test_where_replies_go_is_the_employers_own_matter(employer):
    assert employer.patch("/v1/employer", {"email_reply_to": REPLY_TO}).json["email_reply_to"] == REPLY_TO


@pytest.mark.parametrize("fields", [{"sms_origination_number": "12"}, {"email_from": "x"}, {"email_reply_to": "a b@c"}])
def test_what_is_no_number_or_address_is_refused(operator, employer, fields):
    own = employer.get("/v1/employer").json
    assert operator.patch(f"/v1/employers/{own['id']}", fields).status == 422


def test_a_missing_number_is_a_warning(operator, employer, own_numbers):
    api_made = operator.new_employer(name="Second")
    codes = [one["code"] for one in api_made.get("/v1/employer").json["warnings"]]
    assert "no_sms_number" in codes
    own = api_made.get("/v1/employer").json
    codes = [one["code"] for one in operator.patch(f"/v1/employers/{own['id']}", SENDER).json["warnings"]]
    assert "no_sms_number" not in codes


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("privacy", ["not shared with third parties", "erase"]),
        ("sms-terms", ["STOP", "HELP", "rates may apply", "not a condition"]),
    ],
)
def test_carriers_find_the_pages_that_they_ask_for(api, operator, path, says):
    """Registration is refused without them: public, in the brand's name."""
    made = operator.new_employer(name="Blue Fern www.evil.example")
    own = made.get("/v1/employer").json
    page = api.using(None).get(f"/{path}/{own['id']}")
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
    assert all(word in page.json for word in [*says, "Blue Fern"]) and "evil.example" not in page.json
    assert api.using(None).get(f"/{path}/emp_01ARZ3NDEKTSV4RRFFQ69G5FAV").status == 404
    assert api.using(None).get(f"/{path}/x").status == 404
