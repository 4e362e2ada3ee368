"""Settings › Connections and Webhooks: what the API does, by forms."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.integrations.ats import payloads
from tests.integrations.webhooks.conftest import URL, certificate, internet, receiver

__all__ = ["certificate", "internet", "receiver"]
NEW = "/settings/connections/new/"


def shown(browser: Any, label: str) -> str:
    """The value of a read-only field that is shown once."""
    return re.search(rf'{label} <input class="code" readonly value="([^"]+)"', browser.html)[1]  # type: ignore[index]


def test_a_hiring_system_is_connected_step_by_step(signed_in: Any, employer: Any, api: Any, run_ticks: Any) -> None:
    """The URL and the secret of the page are those that the system's events need; the page shows what arrived."""
    browser = signed_in()
    browser.open("/settings/connections")
    browser.open(NEW + "greenhouse")
    browser.submit(NEW)
    secret, url = shown(browser, "Secret"), shown(browser, "URL")
    assert "No event has arrived yet" in browser.text and "reject_candidate" in browser.text
    [connection] = employer.get("/v1/integrations").json["data"]
    assert url == connection["url"] and not connection["has_api_key"]
    page = f"/settings/connections/{connection['id']}"
    browser.open(page)
    assert secret not in browser.html and url in browser.html
    raw, headers = payloads.signed("greenhouse", payloads.greenhouse(), secret)
    assert api.post("/" + url.split("/", 3)[3], raw, headers=headers).status == 200
    run_ticks()
    browser.open(page)
    assert "Received" in browser.text and "No event has arrived" not in browser.text
    browser.submit(page, do="remove")
    assert "No hiring system is connected yet" in browser.text and browser.open(page).status == 404


def test_what_a_system_cannot_do_without_is_asked_for_at_its_field(signed_in: Any, employer: Any) -> None:
    """Nothing is made, and nothing typed is lost."""
    browser = signed_in()
    for system, given, field in (("greenhouse", {"client_id": "a-client-id"}, "api_key"), ("workable", {}, "api_key")):
        browser.open(NEW + system)
        assert browser.submit(NEW, **given).status == 422
        assert f'href="#{field}"' in browser.html and f'id="{field}-problem"' in browser.html
        assert all(f'value="{value}"' in browser.html for value in given.values())
    assert employer.get("/v1/integrations").json["data"] == []
    assert browser.open(NEW + "taleo").status == 404


def test_a_system_that_makes_its_secret_gets_the_url_first(signed_in: Any, employer: Any, api: Any) -> None:
    """Lever shows its secret only once its webhook has our URL. Until it is pasted, no event is believed."""
    browser = signed_in()
    browser.open(NEW + "lever")
    browser.submit(NEW, api_key="a-key-of-lever")
    path = "/" + shown(browser, "URL").split("/", 3)[3]
    raw, headers = payloads.signed("lever", payloads.lever(), "the-secret-of-lever")
    assert api.post(path, raw, headers=headers).status == 401
    [connection] = employer.get("/v1/integrations").json["data"]
    browser.submit(f"/settings/connections/{connection['id']}", do="save", secret="the-secret-of-lever")
    assert "Saved." in browser.text and "the-secret-of-lever" not in browser.html
    assert api.post(path, raw, headers=headers).status == 200
    browser.submit(f"/settings/connections/{connection['id']}", do="save", secret="short")
    assert browser.page.status == 422 and 'href="#secret"' in browser.html


def test_an_event_is_tried_out_and_changes_nothing(signed_in: Any, employer: Any) -> None:
    """Before anything is connected for real."""
    made = employer.post("/v1/integrations", {"system": "greenhouse"}).json
    browser = signed_in("recruiter")
    page = f"/settings/connections/{made['id']}"
    browser.open(page)
    browser.submit(page, do="test", payload=json.dumps(payloads.greenhouse()))
    assert "Would" in browser.text and employer.get("/v1/applications").json["data"] == []
    assert browser.submit(page, do="test", payload="{").status == 422 and 'href="#payload"' in browser.html


def test_a_double_click_connects_once(signed_in: Any, employer: Any) -> None:
    """Both presses show the same secret."""
    browser = signed_in()
    browser.open(NEW + "ashby")
    token, seen = browser.token, set()
    for _ in range(2):
        browser.post(NEW + "ashby", {"form_token": token})
        seen.add(shown(browser, "Secret"))
    assert len(seen) == 1 and len(employer.get("/v1/integrations").json["data"]) == 1


def test_recruiters_look_and_other_employers_see_nothing(signed_in: Any, employer: Any, api: Any) -> None:
    """No button of a manager works for others."""
    made = employer.post("/v1/integrations", {"system": "ashby"}).json
    theirs = api.new_employer(name="Blue Fern").post("/v1/integrations", {"system": "ashby"}).json
    browser = signed_in("recruiter")
    page = f"/settings/connections/{made['id']}"
    assert browser.open(page).status == 200 and "Remove Ashby" not in browser.text
    for path, fields in ((page, {"do": "remove"}), (NEW + "ashby", {}), ("/settings/webhooks", {"url": URL})):
        assert browser.post(path, {"form_token": browser.token, **fields}).status == 403, path
        browser.open("/settings/webhooks")
    foreign = page.replace(made["id"], theirs["id"])
    assert browser.open(foreign).status == 404
    browser.open(page)
    assert browser.post(foreign, {"form_token": browser.token, "do": "test", "payload": "{}"}).status == 404


def test_a_webhook_is_added_tested_paused_and_deleted(
    signed_in: Any, employer: Any, internet: Any, receiver: Any, run_ticks: Any
) -> None:
    """The secret is shown once; a new one can be made."""
    browser = signed_in()
    browser.open("/settings/webhooks")
    browser.submit("/settings/webhooks", url=URL, events=["contact.recorded"])
    first = shown(browser, "Secret")
    [made] = employer.get("/v1/webhook_endpoints").json["data"]
    page = f"/settings/webhooks/{made['id']}"
    browser.submit(page, do="test")
    assert "The test event is on its way" in browser.text
    run_ticks()
    browser.open(browser.path)
    assert "The test event was delivered" in browser.text and len(receiver.got) == 1
    browser.submit(page, do="pause")
    assert "paused" in browser.text and not employer.get("/v1/webhook_endpoints").json["data"][0]["enabled"]
    browser.submit(page, do="resume")
    browser.submit(page, do="rotate")
    assert shown(browser, "Secret") not in (first, "")
    browser.submit(page, do="remove")
    assert "No webhooks yet" in browser.text


@pytest.mark.parametrize("url", ["", "http://hooks.example.com/in", "https://127.0.0.1/in", "nowhere"])
def test_a_webhook_that_cannot_be_is_refused_at_its_field(signed_in: Any, employer: Any, internet: Any, url: str) -> None:
    """Nothing typed is lost."""
    browser = signed_in()
    browser.open("/settings/webhooks")
    assert browser.submit("/settings/webhooks", url=url, events=["contact.recorded"]).status == 422
    assert 'href="#url"' in browser.html and f'value="{url}"' in browser.html
    assert 'value="contact.recorded" checked' in browser.html
    assert employer.get("/v1/webhook_endpoints").json["data"] == []


def test_a_channel_is_added_on_the_page_and_its_url_is_not_shown_again(signed_in: Any, employer: Any, internet: Any) -> None:
    """The format is chosen beside the URL; a chat's signing secret can't be made again there, since chats check none."""
    internet.names["hooks.slack.com"] = ["93.184.215.14"]
    robin = signed_in()
    robin.open("/settings/webhooks")
    robin.submit("/settings/webhooks", url="https://hooks.slack.com/services/T0/B0/secret", format="slack")
    robin.open("/settings/webhooks")
    assert "https://hooks.slack.com/…" in robin.text and "Slack channel" in robin.text
    assert "B0/secret" not in robin.html and "Make a new secret" not in robin.text
    [made] = employer.get("/v1/webhook_endpoints").json["data"]
    assert (made["format"], made["events"]) == ("slack", [])
