"""A button that is pressed twice acts once; two different presses both count."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest


@pytest.fixture
def waiting(booked: Any, clock: Any) -> Any:
    """Returns the application of a candidate who should have heard a day ago."""
    made = booked()
    clock.advance(hours=72)
    return made["application"]


def contacts(employer: Any, application: Any) -> list[Any]:
    return list(employer.get(f"/v1/applications/{application['id']}/contacts").json["data"])


def press(browser: Any, application: Any, token: str, **fields: Any) -> Any:
    path = f"/applications/{application['id']}/contacts"
    return browser.post(path, {"form_token": token, "back": "/?", "channel": "call", **fields})


REJECTED = {"outcome": "reached", "decision": "rejected"}


def test_a_double_click_logs_one_contact(signed_in: Any, waiting: Any, employer: Any) -> None:
    """Two requests at once: with two contacts, undoing one would leave the candidate told."""
    browser = signed_in()
    token = browser.token
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: press(browser, waiting, token, **REJECTED), range(4)))
    assert len(contacts(employer, waiting)) == 1


def test_a_late_second_press_of_the_same_page_logs_nothing(signed_in: Any, waiting: Any, employer: Any, clock: Any) -> None:
    """The answer was lost on the phone; the recruiter presses again after a minute."""
    browser = signed_in()
    token = browser.token
    press(browser, waiting, token, **REJECTED)
    clock.advance(minutes=5)
    press(browser, waiting, token, **REJECTED)
    assert len(contacts(employer, waiting)) == 1


def test_two_different_calls_within_seconds_are_both_logged(signed_in: Any, waiting: Any, employer: Any) -> None:
    """No answer on the mobile, voicemail on the other number."""
    browser = signed_in()
    token = browser.token
    press(browser, waiting, token, outcome="no_answer")
    press(browser, waiting, token, outcome="voicemail")
    press(browser, waiting, token, outcome="voicemail", note="The second number")
    assert [one["outcome"] for one in contacts(employer, waiting)].count("voicemail") == 2
    assert len(contacts(employer, waiting)) == 3


def test_the_same_call_from_a_fresh_page_is_another_call(signed_in: Any, waiting: Any, employer: Any) -> None:
    """Two attempts a few seconds apart are two attempts."""
    browser = signed_in()
    press(browser, waiting, browser.token, outcome="no_answer")
    browser.open("/")
    press(browser, waiting, browser.token, outcome="no_answer")
    assert len(contacts(employer, waiting)) == 2


def test_after_undo_the_old_page_can_log_again(signed_in: Any, waiting: Any, employer: Any) -> None:
    """Undo, the browser's Back button, and the same button again: the call must not vanish."""
    browser = signed_in()
    token = browser.token
    press(browser, waiting, token, **REJECTED)
    [first] = contacts(employer, waiting)
    browser.post(f"/applications/{waiting['id']}/contacts/{first['id']}/undo", {"form_token": token, "back": "/?"})
    press(browser, waiting, token, **REJECTED)
    live = [one for one in contacts(employer, waiting) if not one["voided_at"]]
    assert len(live) == 1 and live[0]["id"] != first["id"]


def test_a_second_press_with_script_shows_the_first_ones_result(signed_in: Any, waiting: Any, employer: Any) -> None:
    """The card is replaced in place, with Undo for the one contact."""
    browser = signed_in()
    token = browser.token
    path, fields = f"/applications/{waiting['id']}/contacts", {"form_token": token, "back": "/?", "channel": "call", **REJECTED}
    pages = [browser.post(path, fields, HX_Request="true") for _ in range(2)]
    assert pages[0].status == pages[1].status == 200 and pages[0].json == pages[1].json
    assert len(contacts(employer, waiting)) == 1
