"""The operator's pages: opened by the operator's key alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Browser

NEW = {
    "name": "Blue Fern",
    "timezone": "Europe/Berlin",
    "person_name": "Kim Hale",
    "person_email": "kim@example.com",
    "trial": "yes",
}


@pytest.fixture
def opened(api: Any, operator: Any) -> Browser:
    """A browser in which the operator's key was given."""
    browser = Browser(api)
    browser.open("/operator")
    browser.submit("/operator/key", key=operator.key)
    assert browser.page.status == 200 and "Create employer" in browser.text, browser.page
    return browser


def test_an_employer_is_created_and_its_manager_signs_in(
    opened: Any, operator: Any, outbox: Any, browser: Any, link_for: Any
) -> None:
    """From nothing to a manager on Today, without any API call. A double click makes one employer."""
    token = opened.token
    for _ in range(2):
        opened.post("/operator", {"form_token": token, **NEW})
        assert "Saved." in opened.text and "kim@example.com, manager" in opened.text
    employers = [one for one in operator.get("/v1/employers").json["data"] if one["name"] == "Blue Fern"]
    assert [(one["timezone"], one["trial"]) for one in employers] == [("Europe/Berlin", True)]
    browser.open(link_for("/invitations/"))
    browser.submit("")
    browser.open("/")
    assert "Get started" in browser.text and "Blue Fern" in browser.text


def test_limits_senders_trial_and_suspension_are_set(opened: Any, operator: Any, employer: Any) -> None:
    """A fault stands at its field, and nothing typed is lost."""
    page = f"/operator/{employer.employer_id}"
    opened.open(page)
    typed = {"sms_per_day": "1,500", "sms_monthly_cap_usd": "many", "sms_countries": "us, ca"}
    assert opened.submit(page, do="limits", **typed).status == 422
    assert 'href="#sms_monthly_cap_usd"' in opened.html and 'value="1,500"' in opened.html and 'value="many"' in opened.html
    opened.submit(page, do="limits", **{**typed, "sms_monthly_cap_usd": "12.50"})
    opened.submit(page, do="senders", name="Acme Renamed", email_from="hello@example.com")
    opened.submit(page, do="suspend")
    found = operator.get(f"/v1/employers/{employer.employer_id}").json
    limits = found["limits"]
    assert (limits["sms_per_day"], limits["sms_monthly_cap_usd"], limits["sms_countries"]) == (1500, 12.5, ["US", "CA"])
    assert (found["name"], found["email_from"], found["suspended"]) == ("Acme Renamed", "hello@example.com", True)
    opened.submit(page, do="unsuspend")
    opened.submit(page, do="invite", person_name="Lee Hale", person_email="nowhere")
    assert opened.page.status == 422 and 'href="#person_email"' in opened.html
    entries = employer.get("/v1/audit").json["data"]
    assert {"limits_changed", "suspended", "unsuspended"} <= {entry["what"] for entry in entries}
    assert {entry["who"]["type"] for entry in entries if entry["what"] == "suspended"} == {"operator"}


def test_nobody_else_gets_in(browser: Any, signed_in: Any, employer: Any, opened: Any, clock: Any) -> None:
    """No other key, no manager, no forged form; and after half an hour the key is asked for again."""
    for visitor in (browser, signed_in()):
        visitor.open("/operator")
        assert "Operator key" in visitor.text and "End trial" not in visitor.text
        assert visitor.submit("/operator/key", key=employer.key).status == 401
        visitor.open(f"/operator/{employer.employer_id}")
        assert "Operator key" in visitor.text
        assert "Operator key" in str(visitor.post("/operator", NEW).json)
    assert opened.post("/operator", {**NEW, "form_token": "x"}).status == 403
    opened.open("/operator")
    assert opened.post("/operator", {**NEW, "form_token": opened.token}, Sec_Fetch_Site="cross-site").status == 403
    clock.advance(minutes=31)
    opened.open("/operator")
    assert "Operator key" in opened.text


def test_keys_cannot_be_guessed_by_trying(browser: Any) -> None:
    """Thirty an hour from one network."""
    browser.open("/operator/key")
    for _ in range(30):
        assert browser.submit("/operator/key", key="hb_operator_wrong").status == 401
    assert browser.submit("/operator/key", key="hb_operator_wrong").status == 429
