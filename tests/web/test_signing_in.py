"""Sign-in by a mailed link: who can sign in, for how long, and what is never disclosed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.engines import code_for, join
from tests.web.conftest import Browser


def ask(browser: Browser, email: str) -> str:
    browser.open("/sign-in")
    browser.submit("/sign-in", email=email)
    return browser.text


def test_a_person_signs_in_with_the_mailed_link(signed_in: Any, outbox: Any) -> None:
    """There is no password to forget or to steal."""
    browser = signed_in()
    assert "Robin Hale" in browser.text
    [mail] = outbox.to("robin@example.com")
    assert "15 minutes" in mail["body"] and "/sign-in/" in mail["html"]


def test_the_answer_never_tells_whether_an_address_is_known(api: Any, employer: Any, outbox: Any) -> None:
    """Otherwise anybody could find out who works where."""
    join(employer, outbox, "robin@example.com")
    known, unknown = ask(Browser(api), "robin@example.com"), ask(Browser(api), "nobody@example.com")
    assert known.replace("robin", "nobody") == unknown
    assert [mail["to"] for mail in outbox] == ["robin@example.com"]


def test_one_request_calls_the_provider_once_at_most(api: Any, employer: Any, faults: Any, browser: Browser, outbox: Any) -> None:
    """Even if the provider refuses or does not respond: the person can ask again."""
    join(api.new_employer(name="Other"), outbox, "robin@example.com")
    join(employer, outbox, "robin@example.com")
    for arm in (faults.throttle, faults.lose_response, faults.refuse_connection):
        faults.clear()
        arm("SendEmail", times=None)
        assert "a link and a 6-digit code are on their way" in ask(browser, "robin@example.com")
        assert faults.seen["SendEmail"] == 1


def test_an_address_known_to_two_employers_gets_one_mail_with_two_links(api: Any, employer: Any, outbox: Any) -> None:
    """Agency recruiters work for several employers."""
    for tenant in (employer, api.new_employer(name="Bolt Works")):
        assert join(tenant, outbox, "Robin@example.com").status == 201
    ask(Browser(api), "robin@EXAMPLE.com")
    [mail] = outbox
    assert mail["body"].count("/sign-in/") == 2 and "Bolt Works" in mail["body"]


def test_the_result_of_the_mail_is_listed(signed_in: Any, employer: Any) -> None:
    """People ask first whether the mail was sent."""
    signed_in()
    listed = employer.get("/v1/messages").json["data"]
    assert {one["step"] for one in listed} == {"sign_in", "invitation"}
    assert {(one["audience"], one["status"]) for one in listed} == {("employer", "sent")}


def test_a_link_signs_in_once_and_for_a_quarter_of_an_hour(
    api: Any, employer: Any, clock: Any, link_for: Any, outbox: Any
) -> None:
    """Mails stay in mailboxes that others may read."""
    join(employer, outbox, "robin@example.com")
    browser = Browser(api)
    ask(browser, "robin@example.com")
    link = link_for("/sign-in/")
    browser.open(link)
    browser.open(link)
    browser.submit("")
    assert "Today" in browser.text
    thief = Browser(api)
    thief.open(link)
    assert thief.submit("").status == 410 and "used" in thief.text
    noted = employer.get("/v1/audit?what=sign_in_failed").json["data"]
    assert [one["who"]["name"] for one in noted] == ["Robin"]
    ask(browser := Browser(api), "robin@example.com")
    link = link_for("/sign-in/")
    browser.open(link)
    clock.advance(minutes=15)
    assert browser.submit("").status == 410
    assert browser.open(link[:-3] + "AAA").status == 404


def test_opening_the_link_changes_nothing(api: Any, employer: Any, link_for: Any, meter: Any, outbox: Any) -> None:
    """Mail scanners open links."""
    join(employer, outbox, "robin@example.com")
    browser = Browser(api)
    ask(browser, "robin@example.com")
    meter.reset()
    assert browser.open(link_for("/sign-in/")).status == 200
    assert meter.total == 0


def test_five_links_an_hour_to_one_address(api: Any, employer: Any, outbox: Any, clock: Any) -> None:
    """A stranger must not flood a mailbox, and does not learn that mails stopped."""
    join(employer, outbox, "robin@example.com")
    answers = {ask(Browser(api), "robin@example.com") for _ in range(8)}
    assert len(outbox) == 5 and len(answers) == 1
    clock.advance(hours=1)
    ask(Browser(api), "robin@example.com")
    assert len(outbox) == 6


def test_sixty_requests_an_hour_from_one_place(api: Any, browser: Browser) -> None:
    """One machine must not try many addresses."""
    for number in range(60):
        ask(browser, f"x{number}@example.com")
        assert browser.page.status == 200
    ask(browser, "y@example.com")
    assert browser.page.status == 429


def test_the_cookie_is_for_this_browser_alone(api: Any, employer: Any, link_for: Any, outbox: Any) -> None:
    """Scripts cannot read it, HTTP does not carry it, other sites' forms do not send it."""
    join(employer, outbox, "robin@example.com")
    browser = Browser(api)
    ask(browser, "robin@example.com")
    browser.open(link := link_for("/sign-in/"))
    answer = browser.api(
        "POST",
        link,
        f"form_token={browser.token}".encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"heardback_form={browser.cookies['heardback_form']}",
        },
    )
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


def test_the_cookie_is_renewed_every_hour_and_an_old_one_ends_the_session(signed_in: Any, clock: Any) -> None:
    """A stolen copy works for an hour at most, and using it is noticed."""
    browser = signed_in()
    first = browser.cookies["heardback_session"]
    clock.advance(minutes=61)
    browser.open("/")
    second = browser.cookies["heardback_session"]
    assert second != first
    browser.cookies["heardback_session"] = first
    assert "Robin Hale" in (browser.open("/"), browser.text)[1]
    assert browser.cookies["heardback_session"] == second
    clock.advance(minutes=11)
    browser.cookies["heardback_session"] = first
    browser.open("/")
    assert "Email me a sign-in link" in browser.text
    browser.cookies["heardback_session"] = second
    browser.open("/")
    assert "Email me a sign-in link" in browser.text


def test_a_session_ends_a_week_after_the_last_visit_and_a_month_after_the_first(signed_in: Any, clock: Any) -> None:
    """A sold phone must not show candidates' numbers."""
    browser = signed_in()
    for _ in range(5):
        clock.advance(days=6)
        browser.open("/")
    assert "Email me a sign-in link" in browser.text
    browser = signed_in()
    clock.advance(days=8)
    browser.open("/")
    assert "Email me a sign-in link" in browser.text


def test_signing_out_holds_here_and_everywhere(signed_in: Any) -> None:
    """At once: sessions are not cached."""
    laptop, phone = signed_in(), signed_in()
    laptop.submit("/sign-out")
    assert "Email me a sign-in link" in laptop.text
    phone.open("/")
    assert "Robin Hale" in phone.text
    laptop = signed_in()
    phone.post("/sign-out-everywhere", {"form_token": phone.token})
    for browser in (laptop, phone):
        browser.open("/")
        assert "Email me a sign-in link" in browser.text


def test_somebody_who_was_removed_is_out_at_once(signed_in: Any, employer: Any, api: Any, outbox: Any) -> None:
    """Sessions end when their person is removed."""
    browser = signed_in()
    [person] = employer.get("/v1/people").json["data"]
    assert employer.delete(f"/v1/people/{person['id']}").status == 204
    browser.open("/")
    assert "Email me a sign-in link" in browser.text
    before = len(outbox)
    ask(Browser(api), "robin@example.com")
    assert len(outbox) == before


@pytest.mark.parametrize("wrong", [{}, {"form_token": "x"}, {"form_token": "A" * 40}])
def test_every_form_of_somebody_signed_in_wants_its_token(signed_in: Any, booked: Any, wrong: dict[str, str]) -> None:
    """Another site must not be able to log calls in a recruiter's name."""
    made, browser = booked(), signed_in()
    application = made["application"]["id"]
    for path in (
        f"/applications/{application}/contacts",
        f"/applications/{application}/decided",
        "/settings",
        "/settings/people",
        "/settings/keys",
        "/settings/preview",
        "/sign-out",
        "/sign-out-everywhere",
    ):
        assert browser.post(path, {**wrong, "outcome": "reached"}).status == 403, path
    token = (browser.open("/"), browser.token)[1]
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        answer = browser.post(f"/applications/{application}/contacts", {"form_token": token, "outcome": "reached"}, **headers)
        assert answer.status == 403


def test_a_token_of_another_session_is_no_token(signed_in: Any) -> None:
    """Nor is one of a colleague."""
    one, other = signed_in(), signed_in(name="Kim", email="kim@example.com")
    assert one.post("/settings/preview", {"form_token": other.token}).status == 403


def test_without_signing_in_every_page_leads_to_the_sign_in_page(browser: Browser) -> None:
    """It shows no data."""
    for path in ("/", "/settings", "/applications/app_01KT4A4MR0S1K0FS1KR9M52VB2"):
        browser.open(path)
        assert "Email me a sign-in link" in browser.text
    assert browser.open("/reports/risk").status == 401


def test_nobody_sees_another_employers_application(signed_in: Any, api: Any, interview: Any) -> None:
    """The response is the same as for an application that does not exist."""
    browser = signed_in()
    other = api.new_employer(name="Other").post("/v1/interviews", interview()).json["application"]["id"]
    assert browser.open(f"/applications/{other}").status == 404
    browser.open("/")
    assert browser.post(f"/applications/{other}/contacts", {"form_token": browser.token, "outcome": "voicemail"}).status == 404


def test_the_code_of_the_mail_signs_in_without_the_link(api: Any, employer: Any, outbox: Any) -> None:
    """The mail may be on another device. Spaces are how people read digits aloud."""
    join(employer, outbox, "robin@example.com", "Robin Hale")
    browser = Browser(api)
    assert "Check your email" in ask(browser, "robin@example.com") and "Enter the code from your email" in browser.text
    code = code_for(outbox, "robin@example.com")
    browser.submit("/sign-in-code", code=f"{(int(code) + 1) % 10**6:06}")
    assert browser.page.status == 422 and "This code does not work" in browser.text
    browser.submit("/sign-in-code", code="12")
    assert browser.page.status == 422 and "6 digits" in browser.text
    browser.submit("/sign-in-code", code=f"{code[:3]} {code[3:]}")
    assert browser.page.status == 200 and "Robin Hale" in browser.text


def test_signing_in_leads_back_to_where_somebody_was_going(api: Any, employer: Any, outbox: Any, link_for: Any) -> None:
    """By the code, and by the link in the same or another browser."""
    join(employer, outbox, "robin@example.com", "Robin Hale")
    browser = Browser(api)
    browser.open("/people?q=sam")
    assert "Email me a sign-in link" in browser.text
    browser.submit("/sign-in", email="robin@example.com")
    browser.submit("/sign-in-code", code=code_for(outbox, "robin@example.com"))
    assert browser.path == "/people?q=sam" and browser.page.status == 200
    browser = Browser(api)
    browser.open("/settings")
    browser.submit("/sign-in", email="robin@example.com")
    other = Browser(api)
    other.open(link_for("/sign-in/") + "?next=%2Fsettings")
    assert "?next=%2Fsettings" in outbox[-1]["body"]
    other.submit("")
    assert other.path == "/settings"


@pytest.mark.parametrize(
    "bad", ["https://evil.example", "//evil.example", "/\\evil.example", "/x\r\ny", "javascript:1", "/sign-out", "x"]
)
def test_signing_in_leads_to_no_other_site(api: Any, employer: Any, outbox: Any, link_for: Any, bad: str) -> None:
    join(employer, outbox, "robin@example.com")
    browser = Browser(api)
    browser.open("/sign-in?" + urlencode({"next": bad}))
    browser.submit("/sign-in", email="robin@example.com", next=bad)
    browser.submit("/sign-in-code", code=code_for(outbox, "robin@example.com"), next=bad)
    assert browser.path == "/" and "Today" in browser.text
    other = Browser(api)
    ask(other, "robin@example.com")
    other.open(link_for("/sign-in/") + "?" + urlencode({"next": bad}))
    other.submit("", next=bad)
    assert other.path == "/" and "Today" in other.text


def test_another_site_cannot_enter_a_code(api: Any, employer: Any, outbox: Any) -> None:
    """It would sign a person in as the attacker."""
    join(employer, outbox, "robin@example.com")
    browser = Browser(api)
    ask(browser, "robin@example.com")
    fields = {"email": "robin@example.com", "code": code_for(outbox, "robin@example.com"), "form_token": browser.token}
    assert browser.post("/sign-in-code", fields, Origin="https://evil.example").status == 403
    assert browser.post("/sign-in-code", {**fields, "form_token": "x"}).status == 403
    assert browser.post("/sign-in-code", fields).status == 200


def test_an_unknown_page_keeps_the_navigation_of_whoever_is_signed_in(signed_in: Any, browser: Any) -> None:
    """Others are led to the sign-in."""
    robin = signed_in()
    robin.open("/nope", Accept="text/html")
    assert robin.page.status == 404 and "Back to Today" in robin.text and 'aria-label="Pages"' in robin.html
    browser.open("/nope", Accept="text/html")
    assert browser.page.status == 404 and "Go to sign-in" in browser.text and 'aria-label="Pages"' not in browser.html


def test_a_link_for_another_account_says_so(api: Any, employer: Any, outbox: Any, link_for: Any, signed_in: Any) -> None:
    """Somebody may send on a link of their own: whoever presses the button without reading would work in a stranger's account."""
    browser = signed_in()
    assert join(api.new_employer(name="Bolt Works"), outbox, "kim@example.com", "Kim Poe").status == 201
    for email, says in (("robin@example.com", False), ("kim@example.com", True)):
        ask(Browser(api), email)
        browser.open(link_for("/sign-in/"))
        assert ("signed in as robin@example.com at Acme Robotics" in browser.text) is says
        assert ("This sign-in is for kim@example.com at Bolt Works" in browser.text) is says
    stranger = Browser(api)
    stranger.open(link_for("/sign-in/"))
    assert "kim@example.com" not in stranger.text, "a scanner of mail learns nothing"
    browser.submit("")
    assert "Kim Poe" in browser.text
