"""Where somebody is signed in: listed, ended from elsewhere, and bound to one host's browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import config
from chalicelib.auth import sessions, sign_in_links
from chalicelib.auth.agents import describe
from chalicelib.auth.users import PersonItem, SessionItem, person_key
from chalicelib.storage import table
from tests.engines import BASE_URL, join
from tests.web.conftest import Browser

HTTPS = BASE_URL.replace("http:", "https:")
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/19.0 Safari/604.1"


def cookie_of(browser: Browser) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}


def listed(browser: Browser) -> list[dict[str, Any]]:
    answer = browser.api.get("/v1/sessions", headers=cookie_of(browser))
    assert answer.status == 200, answer
    return list(answer.json["data"])


@pytest.fixture
def https(stack: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As deployed: a stage's path below an https address."""
    monkeypatch.setenv("HEARDBACK_BASE_URL", HTTPS)
    config.forget()
    yield
    monkeypatch.undo()
    config.forget()


def test_somebody_sees_their_own_sessions_and_no_colleagues(signed_in: Any, clock: Any) -> None:
    laptop = signed_in(role="recruiter")
    clock.advance(minutes=1)
    phone = signed_in(role="recruiter")
    colleague = signed_in(name="Kim", email="kim@example.com")
    assert [one["current"] for one in listed(laptop)] == [False, True], "newest first"
    assert {one["id"] for one in listed(laptop)} == {one["id"] for one in listed(phone)}
    [other] = listed(colleague)
    refused = laptop.api.delete(f"/v1/sessions/{other['id']}", headers=cookie_of(laptop))
    assert refused.status == 404, "the answer is the same as for no session"
    assert len(listed(colleague)) == 1


def test_a_lost_phone_is_signed_out_from_the_laptop_at_once(signed_in: Any, employer: Any) -> None:
    phone, laptop = signed_in(), signed_in()
    lost = next(one for one in listed(laptop) if not one["current"])
    path = f"/v1/sessions/{lost['id']}"
    assert laptop.api.delete(path, headers=cookie_of(laptop)).status == 204
    phone.open("/")
    assert "Email me a sign-in link" in phone.text
    assert laptop.api.delete(path, headers=cookie_of(laptop)).status == 404, "a second press finds nothing"
    [noted] = employer.get("/v1/audit?what=session_revoked").json["data"]
    assert noted["who"]["name"] == "Robin Hale"


def test_the_settings_page_ends_another_session_and_not_this_one(signed_in: Any) -> None:
    phone, laptop = signed_in(role="recruiter"), signed_in(role="recruiter")
    laptop.open("/settings")
    assert "Where you are signed in" in laptop.text and laptop.text.count("Sign out there") == 1
    laptop.submit("/settings/sessions/")
    assert "Saved." in laptop.text and "Sign out there" not in laptop.text
    phone.open("/")
    assert "Email me a sign-in link" in phone.text


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_sites_page_ends_no_session(signed_in: Any, headers: dict[str, str]) -> None:
    browser = signed_in()
    [one] = listed(browser)
    answer = browser.api.delete(f"/v1/sessions/{one['id']}", headers={**cookie_of(browser), **headers})
    assert (answer.status, answer.json["code"]) == (403, "cross_site")
    assert len(listed(browser)) == 1


def test_without_a_session_nothing_is_listed(api: Any, employer: Any, signed_in: Any) -> None:
    """An API key is no person: it has to name one."""
    signed_in()
    assert api.get("/v1/sessions").status == 401
    assert employer.get("/v1/sessions").status == 422
    assert api.get("/v1/sessions", headers={"Cookie": "heardback_session=x"}).status == 401


def test_a_session_says_when_it_began_and_from_which_browser(signed_in: Any, clock: Any) -> None:
    browser = signed_in()
    began = clock.text()
    clock.advance(hours=2)
    browser.open("/")
    [one] = listed(browser)
    assert one["created_at"][:19] == began[:19] and one["last_used_at"] > one["created_at"]
    assert one["from"] is None or "/" in one["from"]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("curl/8.0", None),
        ("", None),
        ("<script>alert(1)</script>", None),
    ],
)
def test_a_browser_is_named_in_our_words_alone(header: str, words: str | None) -> None:
    assert describe(header) == words


def sign_in_by_https(api: Any, employer: Any, clock: Any, outbox: Any) -> Browser:
    made = join(employer, outbox, "robin@example.com", "Robin Hale").json
    person = table.get(*person_key(employer.employer_id, made["id"]))
    assert isinstance(person, PersonItem)
    browser = Browser(api)
    path = "/sign-in/" + sign_in_links.new_token(person, clock())
    browser.open(path)
    browser.post(path, {"form_token": browser.token}, Origin=HTTPS)
    assert "Robin Hale" in browser.text
    return browser


def test_over_https_every_cookie_is_for_this_host_alone(https: None, api: Any, employer: Any, clock: Any, outbox: Any) -> None:
    browser = sign_in_by_https(api, employer, clock, outbox)
    assert set(browser.cookies) == {"__Host-heardback_session", "__Host-heardback_form"}
    assert "Path=/;" in sessions.set_cookie("heardback_session", "x") and "Domain" not in sessions.set_cookie("x", "y")


def test_over_https_every_response_says_that_https_is_all_there_is(https: None, api: Any, employer: Any) -> None:
    """Errors too: the first response that a browser sees may be one."""
    for answer in (api.get("/sign-in"), employer.get("/v1/risk"), api.get("/v1/risk"), api.get("/healthz")):
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"


def test_over_http_nothing_of_https_is_promised(api: Any) -> None:
    assert "Strict-Transport-Security" not in api.get("/sign-in").headers


def test_over_https_a_cookie_planted_under_the_plain_name_signs_nobody_in(
    https: None, api: Any, employer: Any, clock: Any, outbox: Any
) -> None:
    """A neighbouring domain can plant it. It must not sign a person in as somebody else."""
    attacker = sign_in_by_https(api, employer, clock, outbox)
    victim = Browser(api)
    victim.cookies["heardback_session"] = attacker.cookies["__Host-heardback_session"]
    victim.open("/settings")
    assert "Email me a sign-in link" in victim.text


def test_a_session_of_the_version_before_goes_on_over_https(signed_in: Any, employer: Any, monkeypatch: Any) -> None:
    """It had no prefix. The next page gives it one; it ends within 30 days."""
    browser = signed_in()
    [item] = [one for one in table.query(f"EMP#{employer.employer_id}#PEOPLE", "SESSION#") if isinstance(one, SessionItem)]
    SessionItem(*item.key).update([SessionItem.host_cookie.remove()])
    monkeypatch.setenv("HEARDBACK_BASE_URL", HTTPS)
    config.forget()
    browser.open("/settings")
    monkeypatch.undo()
    config.forget()
    assert "Robin Hale" in browser.text
    assert "__Host-heardback_session" in browser.cookies


def test_a_planted_form_cookie_signs_nobody_in(api: Any, employer: Any, outbox: Any) -> None:
    """Otherwise another site could sign a person in as its own: it knows the token of its own page."""
    join(employer, outbox, "robin@example.com")
    attacker, victim = Browser(api), Browser(api)
    attacker.open("/sign-in")
    planted, token = dict(attacker.cookies), attacker.token
    victim.cookies.update(planted)
    victim.open("/sign-in")
    assert victim.cookies["heardback_form"] != planted["heardback_form"], "every page has a fresh one"
    assert victim.post("/sign-in", {"form_token": token, "email": "robin@example.com"}).status == 403
    victim.cookies.clear()
    assert victim.post("/sign-in", {"form_token": token, "email": "robin@example.com"}).status == 403


def test_links_that_were_never_ours_are_logged_and_old_ones_are_not(
    api: Any, employer: Any, link_for: Any, clock: Any, caplog: Any, outbox: Any
) -> None:
    """An alarm counts these lines. Scanners and people open old links all the time."""
    join(employer, outbox, "robin@example.com")
    browser = Browser(api)
    browser.open("/sign-in")
    browser.submit("/sign-in", email="robin@example.com")
    link = link_for("/sign-in/")
    browser.open("/sign-in/" + "A" * 80)
    browser.open(link[:-4] + "AAAA")
    assert [record.getMessage() for record in caplog.records].count("sign_in_failed") == 2
    clock.advance(minutes=16)
    browser.open(link)
    assert [record.getMessage() for record in caplog.records].count("sign_in_failed") == 2
