"""The drill: `sign` and `lock` get new secrets while people are signed in, links lie in mailboxes and secrets in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from chalicelib import config
from chalicelib.applications.candidates import links
from chalicelib.errors import SettingError
from chalicelib.integrations.ats import credentials
from chalicelib.integrations.ats.items import ConnectionItem
from chalicelib.integrations.webhooks.endpoints import valid_secrets
from chalicelib.integrations.webhooks.items import EndpointItem
from chalicelib.messaging import opt_outs
from chalicelib.storage import recipients, table
from tests.engines import BASE_URL, SECRET
from tests.integrations.ats.conftest import Connection
from tests.integrations.webhooks.conftest import URL, certificate, internet, receiver
from tests.web.conftest import Browser, booked, interview, link_for, signed_in

__all__ = ["booked", "certificate", "internet", "interview", "link_for", "receiver", "signed_in"]

FORMER, FIRST, SECOND = f"0:{SECRET.replace(' ', '_')}", f"1:{'a' * 40}", f"2:{'b' * 40}"
RotateTo = Callable[..., None]


@pytest.fixture
def rotate_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[RotateTo]:
    """rotate_to("2:…", "1:…") restarts the process with these secrets to sign and to lock, the one in use first."""

    def restart(*versions: str) -> None:
        for name in ("HEARDBACK_SIGN_SECRETS", "HEARDBACK_LOCK_SECRETS"):
            monkeypatch.setenv(name, " ".join(versions))
        config.forget()

    yield restart
    monkeypatch.undo()
    config.forget()


@pytest.fixture
def one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """One secret for all uses, as before 0.2. It has no spaces, so that it can become version 0 of each."""
    monkeypatch.setenv("HEARDBACK_SECRET", FORMER.partition(":")[2])
    config.forget()


@pytest.fixture
def kept(one_for_all: None, employer: Any, booked: Any, signed_in: Any, api: Any, clock: Any, link_for: Any) -> dict[str, Any]:
    """What people and clients hold of ours, made before the rotation: its name, and a request that shows it still counts."""
    browser = signed_in()
    page_token = browser.token
    asking = Browser(api)
    asking.open("/sign-in")
    asking.submit("/sign-in", email="robin@example.com")
    application = booked(candidate={"name": "Kim", "email": "kim@example.com"})["application"]
    booked(candidate={"name": "Sam", "email": "sam@example.com"})
    cursor = employer.get("/v1/applications", query={"limit": 1}).json["next_cursor"]
    report = employer.post("/v1/report_links", {}).json["url"].removeprefix(BASE_URL)
    candidate = links.token(employer.employer_id, application["id"], clock())
    unsubscribe = opt_outs.unsubscribe_url("someone@example.com", clock()).removeprefix(BASE_URL)
    return {
        "session": lambda: _signed_in(browser, browser.open("/settings")),
        "form": lambda: _signed_in(browser, browser.post("/settings/preview", {"form_token": page_token})),
        "sign-in link": partial(_status, api, link_for("/sign-in/")),
        "cursor": lambda: employer.get("/v1/applications", query={"limit": 1, "cursor": cursor}).status,
        "report link": partial(_status, api, report),
        "candidate's link": partial(_status, api, f"/f/{candidate}"),
        "unsubscribe link": partial(_status, api, unsubscribe),
    }


def _signed_in(browser: Browser, page: Any) -> int:
    return int(page.status) if "Robin Hale" in browser.text else 401


def _status(api: Any, path: str) -> int:
    return int(api.using(None).get(path).status)


def answers(kept: dict[str, Any]) -> dict[str, int]:
    return {name: request() for name, request in kept.items()}


def test_what_people_hold_counts_through_two_rotations_and_ends_when_its_version_is_dropped(
    kept: dict[str, Any], rotate_to: RotateTo
) -> None:
    """First a process knows the new secret, then it uses it: while one deployment replaces another, both read all."""
    everything = dict.fromkeys(kept, 200)
    assert answers(kept) == everything
    for ring in ((FORMER,), (FORMER, FIRST), (FIRST, FORMER), (SECOND, FIRST, FORMER)):
        rotate_to(*ring)
        assert answers(kept) == everything, ring
    rotate_to(SECOND, FIRST)
    assert 200 not in answers(kept).values(), answers(kept)


def test_what_is_made_after_a_rotation_needs_no_former_secret(rotate_to: RotateTo, one_for_all: None, signed_in: Any) -> None:
    rotate_to(FIRST, FORMER)
    browser = signed_in()
    rotate_to(FIRST)
    assert browser.open("/settings").status == 200


@pytest.mark.usefixtures("internet")
def test_secrets_in_the_table_are_read_after_a_rotation(
    one_for_all: None, rotate_to: RotateTo, api: Any, employer: Any, stack: Any, clock: Any
) -> None:
    """Hiring systems' keys cannot be asked for again; a webhook's receiver knows one secret."""
    connection = Connection(api, employer, "greenhouse", stack)
    endpoint = employer.post("/v1/webhook_endpoints", {"url": URL}).json
    rotate_to(FIRST, FORMER)
    item = table.get(f"EMP#{employer.employer_id}#ATS#{connection.id}", "ATS")
    assert isinstance(item, ConnectionItem) and credentials.secret_of(item) == connection.secret
    assert valid_secrets(_endpoint(employer, endpoint["id"]), clock()) == [endpoint["secret"]]
    assert employer.post(f"/v1/webhook_endpoints/{endpoint['id']}/rotate_secret").status == 200
    rotate_to(FIRST)
    assert len(valid_secrets(_endpoint(employer, endpoint["id"]), clock())) == 1, "the former one is gone, the new one signs"


def _endpoint(employer: Any, endpoint_id: str) -> EndpointItem:
    item = table.get(f"EMP#{employer.employer_id}", f"HOOK#{endpoint_id}")
    assert isinstance(item, EndpointItem)
    return item


def test_a_repeated_request_gets_its_answer_after_a_rotation(one_for_all: None, rotate_to: RotateTo, employer: Any) -> None:
    """Its record is found by a hash, which no rotation changes, and read with the secret that locked it."""
    post = partial(employer.post, "/v1/candidates", {"name": "Kim"}, headers={"Idempotency-Key": "rotation"})
    first = post()
    rotate_to(FIRST, FORMER)
    again = post()
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"


def test_a_stop_outlives_every_rotation(one_for_all: None, rotate_to: RotateTo, api: Any, employer: Any, clock: Any) -> None:
    unsubscribe = opt_outs.unsubscribe_url("someone@example.com", clock()).removeprefix(BASE_URL)
    assert api.using(None).post(unsubscribe).status == 200
    rotate_to(SECOND)
    assert recipients.opted_out([("email", "someone@example.com")]) == {("email", "someone@example.com")}


def test_a_process_has_only_the_secrets_that_it_is_said_to_use(monkeypatch: pytest.MonkeyPatch, rotate_to: RotateTo) -> None:
    monkeypatch.setenv("HEARDBACK_SECRETS_USED", "hash")
    rotate_to(FIRST)
    assert config.settings().hash_secret
    for wanted in ("sign", "lock"):
        with pytest.raises(SettingError, match=wanted):
            getattr(config.settings(), wanted)
    assert config.settings().operator_key_sha256 == ""
