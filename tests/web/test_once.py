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


def keys_of(employer: Any) -> list[Any]:
    return [one for one in employer.get("/v1/keys").json["data"] if one["name"] == "Careers page" and not one["revoked_at"]]


def add_key(browser: Any, token: str) -> str:
    """Presses the button; returns the secret that the page shows."""
    import re

    browser.post("/settings/keys", {"form_token": token, "scopes": ["read"], "name": "Careers page", "expires_in_days": ""})
    assert browser.page.status == 200, browser.page
    return re.search(r"hb_[\w.-]{20,}", browser.html)[0]


def test_a_double_click_makes_one_key_and_shows_its_secret_both_times(signed_in: Any, employer: Any) -> None:
    """The second page is the one that stays on the screen: a key whose secret nobody has seen is of no use."""
    browser = signed_in()
    browser.open("/settings")
    token = browser.token
    first, second = add_key(browser, token), add_key(browser, token)
    assert len(keys_of(employer)) == 1 and first == second
    assert employer.using(first).get("/v1/applications").status == 200


def test_two_clicks_at_once_make_one_key(signed_in: Any, employer: Any) -> None:
    browser = signed_in()
    browser.open("/settings")
    fields = {"form_token": browser.token, "scopes": ["read"], "name": "Careers page", "expires_in_days": ""}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: browser.post("/settings/keys", fields), range(4)))
    assert len(keys_of(employer)) == 1


def test_a_press_whose_answer_was_lost_makes_one_key(signed_in: Any, employer: Any, faults: Any) -> None:
    browser = signed_in()
    browser.open("/settings")
    token = browser.token
    faults.lose_response("TransactWriteItems", where="KEY#")
    add_key(browser, token)
    add_key(browser, token)
    assert len(keys_of(employer)) == 1


def test_after_revoking_a_key_the_same_button_makes_another(signed_in: Any, employer: Any) -> None:
    """A revoked key's secret must not come back."""
    browser = signed_in()
    browser.open("/settings")
    token = browser.token
    first = add_key(browser, token)
    [key] = keys_of(employer)
    browser.post(f"/settings/keys/{key['id']}/revoke", {"form_token": token})
    second = add_key(browser, token)
    assert second != first and len(keys_of(employer)) == 1
    assert add_key(browser, token) == second


def test_another_visitor_who_posts_the_same_fields_makes_a_key_of_their_own(signed_in: Any, employer: Any) -> None:
    first, second = signed_in(), signed_in(name="Kim Poe", email="kim@example.com")
    secrets = []
    for browser in (first, second):
        browser.open("/settings")
        secrets.append(add_key(browser, browser.token))
    assert len(set(secrets)) == 2 and len(keys_of(employer)) == 2


def people_named(employer: Any, name: str) -> list[Any]:
    return [one for one in employer.get("/v1/people").json["data"] if one["name"] == name]


def add_person(browser: Any, token: str) -> int:
    fields = {"form_token": token, "name": "Ann Doe", "email": "ann@example.com", "role": "recruiter"}
    return int(browser.post("/settings/people", fields).status)


def test_a_double_click_adds_one_person_and_reports_no_conflict(signed_in: Any, employer: Any) -> None:
    browser = signed_in()
    browser.open("/settings")
    token = browser.token
    assert [add_person(browser, token) for _ in range(3)] == [200] * 3
    assert len(people_named(employer, "Ann Doe")) == 1


def test_two_clicks_at_once_add_one_person(signed_in: Any, employer: Any) -> None:
    browser = signed_in()
    browser.open("/settings")
    token = browser.token
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: add_person(browser, token), range(4)))
    assert len(people_named(employer, "Ann Doe")) == 1
    assert 409 not in statuses


def test_a_person_who_was_removed_can_be_added_from_the_same_page(signed_in: Any, employer: Any) -> None:
    browser = signed_in()
    browser.open("/settings")
    token = browser.token
    add_person(browser, token)
    [ann] = people_named(employer, "Ann Doe")
    browser.post(f"/settings/people/{ann['id']}", {"form_token": token, "do": "remove"})
    assert people_named(employer, "Ann Doe") == []
    assert add_person(browser, token) == 200 and len(people_named(employer, "Ann Doe")) == 1


def test_a_fresh_page_says_that_the_person_is_known(signed_in: Any) -> None:
    browser = signed_in()
    browser.open("/settings")
    assert add_person(browser, browser.token) == 200
    browser.open("/settings")
    assert add_person(browser, browser.token) == 409
