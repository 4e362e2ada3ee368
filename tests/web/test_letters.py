"""Letters on the pages: preview, confirmation, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest


@pytest.fixture
def ann(booked: Any, employer: Any, clock: Any) -> Any:
    application = booked(name="Ann Example", candidate={"email": "ann@example.com", "phone": None})["application"]
    clock.set(datetime.fromisoformat("2026-06-03T15:00:00+00:00"))
    return application


def test_a_letter_is_previewed_confirmed_and_sent_once(signed_in: Any, ann: Any, outbox: Any, run_ticks: Any) -> None:
    """The preview changes nothing; a second press of the button sends nothing."""
    browser = signed_in()
    browser.open(f"/applications/{ann['id']}")
    browser.submit("/letters/preview", reason="experience")
    assert "Preview letter" in browser.html and "Thank you for the time that you took" in browser.text
    assert "experience in this kind of work" in browser.text and outbox.to("ann@example.com") == []
    pressed = dict(browser.page.headers), browser.html
    browser.submit("/letters")
    assert "1 to be sent" in browser.text and browser.path.startswith("/letters/let_")
    first = browser.path
    browser.page = type(browser.page)(200, pressed[1], pressed[0])
    browser.submit("/letters")
    assert browser.path == first
    run_ticks()
    [mail] = outbox.to("ann@example.com")
    assert "experience in this kind of work" in mail["body"]
    browser.open(first)
    assert "1 sent" in browser.text and "Ann Example" in browser.text


def test_several_rejections_are_told_from_today_and_can_be_cancelled(
    signed_in: Any, booked: Any, employer: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """At night they wait for the morning: until then they can be taken back."""
    for name in ("ann", "bob"):
        made = booked(name=name.title(), candidate={"email": f"{name}@example.com", "phone": None})["application"]
        employer.patch(f"/v1/applications/{made['id']}", {"decided": "rejected"})
    clock.set(datetime.fromisoformat("2026-06-04T02:00:00+00:00"))
    browser = signed_in()
    browser.open("/?decided=rejected")
    ids = [one["application_id"] for one in employer.get("/v1/call_list").json["data"]]
    browser.submit("/letters/preview", application=ids, promised="2026-06-12")
    assert "2 letters to send" in browser.text and "You will get feedback by Friday, June 12" in browser.text
    browser.submit("/letters", application=ids)
    assert "2 to be sent" in browser.text
    browser.submit("/cancel")
    assert "2 not sent" in browser.text and "Cancel what is not sent" not in browser.text
    clock.set(datetime.fromisoformat("2026-06-04T13:00:00+00:00"))
    run_ticks()
    assert not [mail for mail in outbox if "further" in mail["body"]]


def test_another_employers_letters_and_people_are_not_found(signed_in: Any, ann: Any, api: Any, employer: Any) -> None:
    """Neither by the page of a letter, nor by an id slipped into the form."""
    other = api.new_employer(name="Other")
    who = {"name": "Kim Secret", "email": "kim@example.com"}
    theirs = other.post("/v1/applications", {"candidate": who, "job_title": "Cook"})
    letter = other.post("/v1/letters", {"application_ids": [theirs.json["id"]], "decision": "rejected"}).json
    browser = signed_in()
    assert browser.open(f"/letters/{letter['id']}").status == 404
    browser.open(f"/applications/{ann['id']}")
    browser.submit("/letters/preview", application=[ann["id"], theirs.json["id"]])
    assert "1 letter to send" in browser.text and "Kim Secret" not in browser.text


def test_rejections_are_told_from_people_to_those_who_were_selected(
    signed_in: Any, booked: Any, employer: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """Only who waits, has an email and is not decided otherwise can be selected; nobody twice."""
    made = {}
    for name, email in (("ann", True), ("bob", True), ("cy", True), ("dee", False)):
        person = {"email": f"{name}@example.com" if email else None, "phone": None if email else "+12025550142"}
        made[name] = booked(name=name.title(), candidate=person)["application"]["id"]
    employer.patch(f"/v1/applications/{made['cy']}", {"decided": "offer"})
    clock.set(datetime.fromisoformat("2026-06-03T15:00:00+00:00"))
    browser = signed_in()
    browser.open("/people")
    assert [made[name] in browser.html.split('name="application"', 1)[1] for name in ("ann", "bob")] == [True, True]
    assert all(f'value="{made[name]}"' not in browser.html for name in ("cy", "dee"))
    browser.submit("/letters/preview", application=[])
    assert browser.page.status == 422
    browser.open("/people")
    browser.submit("/letters/preview", application=[made["ann"], made["bob"]], reason="experience")
    assert "2 letters to send" in browser.text
    browser.submit("/letters", application=[made["ann"], made["bob"]])
    run_ticks()
    assert outbox.to("ann@example.com") and outbox.to("bob@example.com") and not outbox.to("cy@example.com")
    browser.open("/people?q=ann")
    assert "Tell a rejection by letter" not in browser.text


def test_nobody_to_select_shows_no_form(signed_in: Any, booked: Any) -> None:
    """A letter needs an address."""
    booked(name="Ann Example", candidate={"email": None, "phone": "+12025550142"})
    browser = signed_in()
    browser.open("/people")
    assert "Tell a rejection by letter" not in browser.text
