"""What somebody typed is never lost: wrong values, a page open for too long, a session that ended meanwhile."""

from __future__ import annotations

import re
from typing import Any

from tests.web.conftest import Forms

TYPED = {
    "name": "Ana <b>María</b> علي 🎉",
    "email": "ana@example.com",
    "phone": "",
    "job_title": "Welder",
    "stage": "final",
    "date": "2026-05-28",
    "start": "10:00",
    "end": "11:00",
    "timezone": "America/New_York",
}
FOREIGN = {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"}


def hidden(html: str) -> dict[str, str]:
    """The fields of the page's form that sends again."""
    return dict(next(form for form in Forms(html).found if form["action"].endswith("/people/add"))["fields"])


def test_a_page_that_was_open_for_two_days_is_saved_by_one_more_press(signed_in: Any, employer: Any, clock: Any) -> None:
    """The form comes back with everything in it, escaped, and a token of now."""
    browser = signed_in()
    browser.open("/people/add")
    token = browser.token
    clock.advance(hours=40)
    browser.post("/people/add", {**TYPED, "form_token": token})
    assert browser.page.status == 403 and "What you typed is still here" in browser.text
    assert "<b>María" not in browser.html and {name: hidden(browser.html)[name] for name in TYPED} == TYPED
    browser.submit("/people/add")
    assert browser.page.status == 200 and browser.path.startswith("/applications/")
    [made] = employer.get("/v1/candidates").json["data"]
    assert made["name"] == TYPED["name"]


def test_a_session_that_ended_while_somebody_typed_costs_nothing(signed_in: Any, employer: Any) -> None:
    """They sign in again in another tab, and send the same form."""
    browser = signed_in()
    browser.open("/people/add")
    form = {**TYPED, "form_token": browser.token}
    kept = dict(browser.cookies)
    browser.post("/sign-out-everywhere", {"form_token": browser.token})
    browser.cookies = kept
    browser.post("/people/add", form)
    assert browser.page.status == 403 and "You have been signed out" in browser.text and "Ana" in browser.text
    assert employer.get("/v1/candidates").json["data"] == []
    again = signed_in()
    again.post("/people/add", hidden(browser.html))
    assert again.page.status == 403
    again.submit("/people/add")
    assert again.path.startswith("/applications/") and len(employer.get("/v1/candidates").json["data"]) == 1


def test_another_site_cannot_put_values_in_front_of_somebody(signed_in: Any, browser: Any) -> None:
    """Neither signed in nor signed out; nor a form of which the browser does not say where it comes from."""
    robin = signed_in()
    for who in (robin, browser):
        for headers in (FOREIGN, {"Origin": "null", "Sec_Fetch_Site": "none"}):
            who.post("/people/add", {**TYPED, "form_token": "x"}, **headers)
            assert "ana@example.com" not in who.html


def test_no_secret_is_shown_of_a_form_that_comes_back(signed_in: Any, clock: Any) -> None:
    """It is sent again, and not read over a shoulder."""
    browser = signed_in()
    browser.open("/settings/single-sign-on")
    token = browser.token
    clock.advance(hours=40)
    browser.post("/settings/single-sign-on", {"form_token": token, "client_secret": "s3cret", "issuer": "https://a.example"})
    assert "https://a.example" in browser.text and "s3cret" not in browser.text and 'value="s3cret"' in browser.html


def test_a_wrong_invitation_is_corrected_at_its_field(signed_in: Any, employer: Any) -> None:
    """With what was typed; so is an address that is on the team already."""
    browser = signed_in()
    browser.open("/settings")

    def invite(name: str, email: str, role: str) -> int:
        given = {"form_token": browser.token, "person_name": name, "person_email": email, "person_role": role}
        return int(browser.post("/settings/people", given).status)

    assert invite("", "kim at example", "manager") == 422
    assert 'href="#person_email"' in browser.html and 'value="kim at example"' in browser.html
    assert "Name is missing" in browser.text and "Work email must be an email address" in browser.text
    assert '<option value="manager" selected>' in browser.html
    assert invite("Kim", "robin@example.com", "recruiter") == 409
    assert "already uses this email" in browser.text and 'value="Kim"' in browser.html
    assert invite("Kim Hale", "kim@example.com", "recruiter") == 200
    assert "Saved." in browser.text and len(employer.get("/v1/people").json["data"]) == 2


def test_a_key_that_may_do_nothing_is_refused_at_its_field(signed_in: Any, employer: Any) -> None:
    browser = signed_in()
    browser.open("/settings")
    token = browser.token
    browser.post("/settings/keys", {"form_token": token, "key_name": "Careers page"})
    assert browser.page.status == 422 and 'href="#scopes"' in browser.html and 'value="Careers page"' in browser.html
    browser.post("/settings/keys", {"form_token": browser.token, "key_name": "x" * 201, "scopes": ["read", "write"]})
    assert browser.page.status == 422 and 'href="#key_name"' in browser.html
    assert re.findall(r'name="scopes" value="(\w+)" checked', browser.html) == ["read", "write"]


def test_people_are_told_in_their_own_words_what_is_wrong(signed_in: Any) -> None:
    """Nobody has to know E.164 or IANA; an empty field "is missing"."""
    browser = signed_in()
    browser.open("/people/add")
    browser.submit(
        "/people/add", **{**TYPED, "name": "", "phone": "12", "timezone": "Mars", "job_title": "x" * 900, "stage": "zz"}
    )
    assert browser.page.status == 422
    for words in (
        "Name is missing",
        "Phone must be a phone number, like +1 202 555 0123, not “12”",
        "Job title must be 1 to 200 characters long",
        "Stage must be one of those offered",
    ):
        assert words in browser.text, words
    for jargon in ("E.164", "IANA", "spaces around it aside", "'screen'", "has no such form"):
        assert jargon not in browser.text, jargon


def test_a_wrong_value_without_a_form_of_its_own_is_shown_again(signed_in: Any, booked: Any) -> None:
    """Such as a decision that is not among those offered."""
    made = booked()["application"]
    browser = signed_in()
    browser.open(f"/applications/{made['id']}")
    browser.submit("/decided", decided="perhaps")
    assert browser.page.status == 422 and "What you typed" in browser.text and "perhaps" in browser.text
