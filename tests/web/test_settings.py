"""The settings page: managers change it, everybody previews it, the API's rules check it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.messaging import opt_outs
from tests.engines import OPERATOR_KEY, join


def test_a_manager_saves_what_the_form_shows(signed_in: Any, employer: Any) -> None:
    """The form sends everything back: saving it unchanged must change nothing."""
    browser, before = signed_in(), employer.get("/v1/employer").json
    browser.open("/settings")
    days = {"digest_days": ["mon", "tue", "wed", "thu", "fri"], "window_days": ["mon", "tue", "wed", "thu", "fri"]}
    fields = {
        "call_back_name": "Dana",
        "call_back_phone": "+12025550100",
        "call_back_email": "dana@example.com",
        "digest_to": "",
        "digest_time": "09:00",
        "escalate_to": "",
        "candidate_nudge": "call",
        "window_start": "10:00",
        "window_end": "18:00",
        **days,
    }
    browser.submit("/settings", **fields)
    assert "Saved." in browser.text
    after = employer.get("/v1/employer").json
    assert {**after, "updated_at": 0} == {**before, "updated_at": 0}
    changed = {"call_back_name": "Kim", "max_nudges": "1", "sms_monthly_cap_usd": "7.50"}
    browser.submit("/settings", **{**fields, **changed, "digest_to": "a@example.com\nb@example.com"})
    after = employer.get("/v1/employer").json
    assert after["policy"]["sms_monthly_cap_usd"] == 7.5
    assert (after["call_back_name"], after["policy"]["max_nudges"], after["digest_to"]) == (
        "Kim",
        1,
        ["a@example.com", "b@example.com"],
    )


def test_wrong_values_are_named_and_nothing_is_saved(signed_in: Any, employer: Any) -> None:
    """By the rules of the API."""
    browser, before = signed_in(), employer.get("/v1/employer").json
    browser.open("/settings")
    wrong = {"call_back_phone": "12", "word_due_hours": "0", "sms_monthly_cap_usd": "lots", "digest_to": "x"}
    answer = browser.submit("/settings", **wrong, window_start="19:00")
    assert answer.status == 422
    for part in (
        "Phone must be a phone number",
        "Reply within (hours) must be at least 1",
        "Monthly limit for texts (US dollars) must be a number",
        "Send digest to, line 1: must be an email address",
    ):
        assert part in browser.text
    for name in wrong:
        assert f'href="#{name}"' in browser.html and f'id="{name}-problem"' in browser.html, name
    assert employer.get("/v1/employer").json == before


@pytest.mark.parametrize("action", ["/settings", "/settings/preview"])
def test_what_was_typed_stays_where_something_else_is_wrong(signed_in: Any, action: str) -> None:
    """After one error the other nineteen fields must keep what was typed."""
    browser = signed_in()
    browser.open("/settings")
    typed = {
        "call_back_name": "Kim Typed",
        "digest_to": "one@example.com\nnowhere",
        "max_nudges": "1",
        "word_due_hours": "0",
        "window_start": "11:15",
        "digest_days": ["tue"],
        "window_days": ["wed"],
        "sms_monthly_cap_usd": "lots",
    }
    browser.post(action, {"form_token": browser.token, **typed})
    assert "Not saved" in browser.text and "nothing is saved yet" not in browser.text
    for shown in (
        'value="Kim Typed"',
        "one@example.com\nnowhere",
        'name="max_nudges" type="text" value="1"',
        'name="word_due_hours" type="text" value="0"',
        'value="11:15"',
        'value="lots"',
        'name="digest_days" value="tue" checked',
    ):
        assert shown in browser.html, shown
    assert browser.html.count(" checked") == 3  # two days, and the scope of a new key


def test_the_preview_shows_each_text_with_its_segments_and_saves_nothing(signed_in: Any, employer: Any) -> None:
    """An employer sees the reminders before candidates get them."""
    browser, before = signed_in(), employer.get("/v1/employer").json
    browser.open("/settings")
    typed = {"section": "company", "call_back_name": "Zoë Quill", "call_back_phone": "(202) 555-0177"}
    answer = browser.post("/settings/preview", {"form_token": browser.token, "timezone": "UTC", **typed}, HX_Request="true")
    assert answer.status == 200 and "<html" not in answer.json
    assert "1 segment" in answer.json and "Zoë Quill" in answer.json and "+12025550177" in answer.json
    assert employer.get("/v1/employer").json == before


def test_a_recruiter_changes_nothing(signed_in: Any, employer: Any) -> None:
    """Only managers change settings, people and keys."""
    browser = signed_in("recruiter")
    browser.open("/settings")
    token = browser.token
    for path in (
        "/settings",
        "/settings/people",
        "/settings/keys",
        "/settings/people/per_01KT4A4MR0S1K0FS1KR9M52VB2",
        "/settings/keys/key_01KT4A4MR0S1K0FS1KR9M52VB2/revoke",
    ):
        assert browser.post(path, {"form_token": token, "name": "x", "scopes": "read"}).status == 403, path


def test_people_are_added_and_removed_on_the_page(signed_in: Any, employer: Any) -> None:
    """Adding a colleague must not need the API."""
    browser = signed_in()
    browser.open("/settings")
    browser.post(
        "/settings/people", {"form_token": browser.token, "name": "Kim", "email": "kim@example.com", "role": "recruiter"}
    )
    people = {one["name"]: one for one in employer.get("/v1/people").json["data"]}
    assert people["Kim"]["role"] == "recruiter" and "kim@example.com" in browser.text
    path = f"/settings/people/{people['Kim']['id']}"
    browser.post(path, {"form_token": browser.token, "do": "manager"})
    assert employer.get(f"/v1/people/{people['Kim']['id']}").json["role"] == "manager"
    browser.post(path, {"form_token": browser.token, "do": "remove"})
    assert employer.get(f"/v1/people/{people['Kim']['id']}").status == 404


def test_an_invitation_is_sent_again_once_a_press(signed_in: Any, employer: Any, outbox: Any, clock: Any) -> None:
    """The page tells who has not accepted, and whose invitation expired."""
    browser = signed_in()
    kim = employer.post("/v1/people", {"name": "Kim", "email": "kim@example.com"}).json
    browser.open("/settings")
    assert "not accepted yet" in browser.text and browser.text.count("Send invitation again") == 1
    clock.advance(minutes=1)
    token = browser.token
    for _ in range(2):
        browser.post(f"/settings/people/{kim['id']}", {"form_token": token, "do": "invite"})
    assert len(outbox.to("kim@example.com")) == 2
    clock.advance(days=15)
    browser = signed_in()
    browser.open("/settings")
    assert "Invitation expired" in browser.text


def test_nobody_takes_their_own_role_or_removes_themselves(signed_in: Any, employer: Any) -> None:
    """An employer's only manager must not lock everybody out."""
    browser = signed_in()
    [me] = employer.get("/v1/people").json["data"]
    browser.open("/settings")
    assert "This is you." in browser.text and f"/settings/people/{me['id']}" in browser.html and "Yes, remove" not in browser.text
    for do in ("recruiter", "remove"):
        assert browser.post(f"/settings/people/{me['id']}", {"form_token": browser.token, "do": do}).status == 409
        browser.open("/settings")
    assert employer.get("/v1/people").json["data"] == [me]


def test_a_key_is_shown_once_works_and_is_revoked(signed_in: Any, api: Any) -> None:
    """As through the API."""
    browser = signed_in()
    browser.open("/settings")
    browser.post("/settings/keys", {"form_token": browser.token, "scopes": ["read"]})
    secret = re.search(r"hb_\w+", browser.html)[0]
    assert api.using(secret).get("/v1/employer").status == 200
    browser.open("/settings")
    assert secret not in browser.html
    key_id = "key_" + secret.split("_")[2]
    browser.post(f"/settings/keys/{key_id}/revoke", {"form_token": browser.token})
    assert api.using(secret).get("/v1/employer").status == 401


def test_managers_see_who_changed_access_and_settings(signed_in: Any) -> None:
    """By name and network, newest first; recruiters see none of it."""
    manager = signed_in("manager")
    manager.open("/settings")
    activity = manager.text.partition("Activity")[2]
    assert "Robin Hale" in activity and "Signed in" in activity and "127.0.0.0/24" in activity
    recruiter = signed_in("recruiter", name="Kim Low", email="kim@example.com")
    recruiter.open("/settings")
    assert "Activity" not in recruiter.text


def test_one_form_saves_one_section_and_numbers_are_read_as_people_write_them(signed_in: Any, employer: Any) -> None:
    """A form leaves the other sections as they are."""
    employer.patch("/v1/employer", {"digest_to": ["team@example.com"], "policy": {"max_nudges": 1}})
    browser = signed_in()
    browser.open("/settings")
    contact = {"call_back_name": "Kim", "call_back_phone": "(202) 555-0142", "timezone": "America/Denver", "holidays": "US"}
    browser.submit("/settings#company", **contact)
    after = employer.get("/v1/employer").json
    assert (after["call_back_phone"], after["timezone"], after["policy"]["holidays"]) == ("+12025550142", "America/Denver", "US")
    assert (after["digest_to"], after["policy"]["max_nudges"]) == (["team@example.com"], 1)
    browser.submit("/settings#privacy", retention_months="24")
    assert employer.get("/v1/employer").json["policy"]["retention_months"] == 24


@pytest.mark.parametrize(("section", "name"), [("digest", "digest_days"), ("reminders", "window_days")])
def test_no_day_at_all_is_not_the_default(signed_in: Any, employer: Any, section: str, name: str) -> None:
    """Unticking all days means none: that is asked about, and not turned into Monday to Friday."""
    browser, before = signed_in(), employer.get("/v1/employer").json
    browser.open("/settings")
    fields = {"candidate_nudge": "call"} if section == "reminders" else {}
    assert browser.submit(f"/settings#{section}", **fields, **{name: []}).status == 422
    assert f'href="#{name}"' in browser.html and "needs at least one day" in browser.text
    assert employer.get("/v1/employer").json == before


def test_recruiters_see_values_and_no_dead_fields(signed_in: Any) -> None:
    """Limits and privacy too."""
    browser = signed_in("recruiter")
    browser.open("/settings")
    assert "Reply within (hours) 48" in browser.text and 'name="word_due_hours"' not in browser.html
    for heading in ("Company", "Reminders", "Connections", "Limits", "Privacy"):
        assert f">{heading}</h2>" in browser.html, heading
    sections = browser.html.partition('id="company"')[2].partition('id="sessions"')[0]
    assert sections.count("<button") == 1 and "Email me a test reminder" in sections, "which is for everybody"


def test_the_preview_shows_the_real_texts_of_each_language(signed_in: Any, employer: Any) -> None:
    """With its direction, and with a note until a native speaker has reviewed it; nothing is saved."""
    browser, before = signed_in(), employer.get("/v1/employer").json
    browser.open("/settings")
    fields = {"form_token": browser.token, "section": "company", "timezone": "UTC", "call_back_phone": "(202) 555-0177"}
    for language, direction, text, most in (
        ("he", "rtl", "להסרה STOP", 70),
        ("ko", "ltr", "수신거부 STOP", 70),
        ("es", "ltr", "STOP", 160),
    ):
        browser.post("/settings/preview", {**fields, "preview_language": language})
        assert f'lang="{language}" dir="{direction}"' in browser.html and text in browser.text
        assert f" of {most}" in browser.text and "No native speaker has reviewed these texts yet." in browser.text
    assert employer.get("/v1/employer").json == before
    browser.open("/settings")
    assert "No native speaker" not in browser.text


def test_managers_choose_the_language_of_candidates_without_one(signed_in: Any, employer: Any) -> None:
    """It is the policy's `language`, and the preview follows it."""
    browser = signed_in()
    browser.open("/settings")
    browser.submit("/settings#reminders", language="fr")
    assert employer.get("/v1/employer").json["policy"]["language"] == "fr"
    browser.open("/settings")
    assert "Bonjour Sam Sample" in browser.text


def test_a_manager_says_where_the_company_is_and_where_it_texts(signed_in: Any, employer: Any) -> None:
    """Codes as people type them; errors stand at the field; the laws of the place lead the page of laws."""
    browser = signed_in()
    browser.open("/settings")
    shown = {"sms_countries": "us", "jurisdiction": "IL", "headcount": "1,200"}
    browser.submit("/settings", **shown)
    assert "Saved." in browser.text
    policy = employer.get("/v1/employer").json["policy"]
    assert (policy["sms_countries"], policy["jurisdiction"], policy["headcount"]) == (["US"], "IL", 1200)
    browser.open("/statutes")
    assert "Your company is in Israel" in browser.text and browser.text.index("Israel yours") < browser.text.index("Ontario")
    browser.open("/settings")
    browser.submit("/settings", jurisdiction="Israel", headcount="many", sms_countries="Germany")
    assert browser.page.status == 422 and "Where your company is must be an ISO" in browser.text
    assert 'href="#jurisdiction"' in browser.html and 'value="Israel"' in browser.html and 'value="many"' in browser.html


def test_a_team_reads_times_and_dates_as_it_chose(signed_in: Any, booked: Any, clock: Any, employer: Any) -> None:
    """New York's habit at first; then the team's own, on every page; and New York's again once it is taken back."""
    booked()
    clock.advance(hours=72)
    browser = signed_in()
    assert "Interview on Tue, Jun 2" in browser.text
    browser.open("/settings")
    browser.submit("/settings#company", clock_hours="24", date_order="day_first")
    assert "10:00 to 18:00 in the candidate" in browser.text
    browser.open("/")
    assert "Interview on Tue 2 Jun" in browser.text
    browser.open("/settings")
    assert browser.submit("/settings#company", clock_hours="25").status == 422 and 'href="#clock_hours"' in browser.html
    browser.open("/settings")
    browser.submit("/settings#company", clock_hours="", date_order="")
    assert "10:00 AM to 6:00 PM in the candidate" in browser.text
    browser.open("/")
    assert "Interview on Tue, Jun 2" in browser.text
    assert employer.get("/v1/employer").json["policy"]["clock_hours"] is None


def test_a_manager_turns_single_sign_on_on_and_off(signed_in: Any, employer: Any) -> None:
    """The secret is never shown again; a recruiter does not see the page."""
    browser = signed_in()
    browser.open("/settings/single-sign-on")
    given = {"issuer": "https://login.example.com", "client_id": "abc", "client_secret": "s3cret-words", "domains": "Example.com"}
    browser.submit("/settings/single-sign-on", **{**given, "issuer": "http://login.example.com", "domains": ""})
    assert browser.page.status == 422 and 'href="#issuer"' in browser.html and "s3cret" not in browser.html
    browser.submit("/settings/single-sign-on", **given)
    known = employer.get("/v1/employer/single_sign_on").json
    assert (known["issuer"], known["domains"]) == ("https://login.example.com", ["example.com"])
    assert known["sign_in_url"] in browser.html and "s3cret" not in browser.html
    browser.submit("/settings/single-sign-on", button="remove")
    browser.post("/settings/single-sign-on", {"form_token": browser.token, "do": "remove"})
    assert employer.get("/v1/employer/single_sign_on").status == 404
    assert signed_in("recruiter", "Kim Poe", "kim@example.com").open("/settings/single-sign-on").status == 403


TRY = "/settings/test-reminder"


def test_a_test_reminder_goes_to_oneself_alone_and_says_that_it_is_one(signed_in: Any, outbox: Any) -> None:
    """The first reminder by email, as a candidate would read it. Recruiters may ask for it too."""
    browser = signed_in("recruiter", "Kim Hale", "kim@example.com")
    before = len(outbox)
    browser.open("/settings")
    browser.submit(TRY)
    assert "Test reminder sent to kim@example.com" in browser.text
    [mail] = list(outbox)[before:]
    assert mail["to"] == "kim@example.com" and mail["subject"].startswith("Test: ")
    assert "Field Technician" in mail["body"] and "sam@example.com" not in mail["body"]


def test_a_double_click_on_the_test_reminder_sends_one(signed_in: Any, outbox: Any) -> None:
    """The same page pressed twice is one press; the page that follows can send another."""
    browser = signed_in()
    before, token = len(outbox), browser.token
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: browser.post(TRY, {"form_token": token}), range(4)))
    assert len(outbox) == before + 1
    browser.post(TRY, {"form_token": token})
    assert "You asked for this one already" in browser.text
    browser.submit(TRY)
    assert len(outbox) == before + 2


def test_test_reminders_have_a_quota_and_need_a_contact(signed_in: Any, employer: Any, outbox: Any, clock: Any) -> None:
    """Five an hour to one address. Without reminders there is nothing to test, and nothing is sent."""
    browser = signed_in()
    before = len(outbox)
    for _ in range(5):
        browser.open("/settings")
        assert browser.submit(TRY).status == 200
    browser.open("/settings")
    refused = browser.token
    assert browser.submit(TRY).status == 429 and "Test reminder not sent" in browser.text
    assert len(outbox) == before + 5
    clock.advance(hours=1)
    browser.post(TRY, {"form_token": refused})
    assert "Test reminder sent" in browser.text and len(outbox) == before + 6, "a refused press is not spent"
    employer.patch("/v1/employer", {"policy": {"candidate_nudge": "off"}})
    browser.open("/settings")
    browser.submit(TRY)
    assert "No test reminder was sent" in browser.text and len(outbox) == before + 6


def test_the_team_is_sorted_by_name_and_says_who_was_last_seen_when(
    signed_in: Any, employer: Any, clock: Any, outbox: Any
) -> None:
    """Exact to the hour, from the sessions that people have now."""
    join(employer, outbox, "zoe@example.com", "Zoe Last")
    join(employer, outbox, "abe@example.com", "abe First")
    browser = signed_in()
    clock.advance(hours=2)
    browser.open("/settings")
    names = re.findall(r"<strong>(abe First|Robin Hale|Zoe Last)</strong>", browser.html)
    assert names == ["abe First", "Robin Hale", "Zoe Last"]
    assert "Last seen Tue, Jun 2 at 12:00 PM" in browser.text and browser.text.count("Not signed in now") == 2
    browser.post("/sign-out-everywhere", {"form_token": browser.token})
    kim = signed_in("manager", "Kim Hale", "kim@example.com")
    kim.open("/settings")
    assert kim.text.count("Not signed in now") == 3, "ended sessions do not count"


def test_api_keys_that_still_work_come_first(signed_in: Any, employer: Any) -> None:
    old = employer.post("/v1/keys", {"name": "Old", "scopes": ["read"]}).json["id"]
    new = employer.post("/v1/keys", {"name": "New", "scopes": ["read"]}).json["id"]
    employer.delete(f"/v1/keys/{new}")
    browser = signed_in()
    browser.open("/settings")
    assert browser.html.index(old) < browser.html.index(new)


TEXT = "/settings/test-text"


def test_a_manager_texts_themselves_a_test_and_says_the_number_as_people_do(signed_in: Any, outbox: Any, employer: Any) -> None:
    """One text in fixed words, that no setting of the employer changes. The same page pressed twice sends one."""
    employer.patch("/v1/employer", {"call_back_name": "Urgent: call 900 now"})
    browser = signed_in()
    browser.open(TEXT)
    token = browser.token
    for _ in range(2):
        browser.post(TEXT, {"form_token": token, "phone": "(202) 555-0188"})
        assert "Test text sent." in browser.text
    [text] = outbox.sms
    assert text["to"] == "+12025550188" and text["body"] == (
        "Test of Heardback for Acme Robotics: texts to your candidates arrive like this one. You asked for it. "
        "Reply STOP to opt out"
    )
    browser.open("/")
    assert "Send yourself a test text (done)" in browser.text


def test_test_texts_are_few_and_cost_the_employer(signed_in: Any, outbox: Any, api: Any, employer: Any, clock: Any) -> None:
    """Three a day of a team and to a number, no matter who asks: the number may be a stranger's. Then the page says why."""
    browser = signed_in()

    def text(phone: str) -> int:
        browser.open(TEXT)
        return int(browser.post(TEXT, {"form_token": browser.token, "phone": phone}).status)

    assert [text(f"+1202555018{number}") for number in range(4)] == [200, 200, 200, 422]
    assert "at most 3 a day" in browser.text and 'value="+12025550183"' in browser.html and len(outbox.sms) == 3
    clock.advance(days=1)
    browser = signed_in()
    api.using(OPERATOR_KEY).patch(f"/v1/employers/{employer.employer_id}", {"limits": {"sms_per_day": 1}})
    assert text("+12025550180") == 200
    assert text("+12025550181") == 422 and "used up" in browser.text and len(outbox.sms) == 4


def test_nobody_is_texted_a_test_who_must_not_be(signed_in: Any, outbox: Any, employer: Any, api: Any, clock: Any) -> None:
    """Not who replied STOP, not abroad, not by recruiters, not while suspended or on trial."""
    opt_outs.opt_out([("sms", "+12025550188")], "STOP", clock())
    browser = signed_in()
    rules = [
        ("+12025550188", "has replied STOP"),
        ("+442079460100", "no texts"),
        ("12", "must be a phone number"),
        ("", "is missing"),
    ]
    for phone, why in rules:
        browser.open(TEXT)
        browser.post(TEXT, {"form_token": browser.token, "phone": phone})
        assert browser.page.status == 422 and why in browser.text, (phone, browser.text)
    operator = api.using(OPERATOR_KEY)
    operator.patch(f"/v1/employers/{employer.employer_id}", {"trial": True})
    browser.post(TEXT, {"form_token": browser.token, "phone": "+12025550177"})
    assert browser.page.status == 422 and "on trial" in browser.text
    operator.patch(f"/v1/employers/{employer.employer_id}", {"trial": False, "suspended": True})
    assert browser.post(TEXT, {"form_token": browser.token, "phone": "+12025550177"}).status == 403
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": False})
    kim = signed_in("recruiter", "Kim Hale", "kim@example.com")
    kim.open(TEXT)
    assert "Text me" not in kim.text and "Email me a test reminder" in kim.text
    assert kim.post(TEXT, {"form_token": kim.token, "phone": "+12025550177"}).status == 403
    assert outbox.sms == []


def test_older_activity_is_one_link_away(signed_in: Any, employer: Any) -> None:
    """The page shows the last 20; the link up to 500."""
    for number in range(25):
        employer.patch("/v1/employer", {"policy": {"max_nudges": number % 3}})
    browser = signed_in()
    browser.open("/settings")
    assert "The last 20 changes" in browser.text and "Show older activity" in browser.text
    browser.open("/settings?activity=all")
    assert (
        "The last 2" in browser.text and "The last 20 changes" not in browser.text and "Show older activity" not in browser.text
    )
    assert signed_in("recruiter", "Kim Hale", "kim@example.com").open("/settings?activity=all").status == 200
