"""Every form under hostile input: escaped, bounded, never a 500."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from chalicelib.api.route import ROUTES
from tests.engines import join
from tests.web.conftest import Browser

SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
ODD = [
    SCRIPT,
    "a\r\nSet-Cookie: x=1",
    "\u202eevil\u202c",
    "👩‍🔧 Zoë 🎉",
    "x" * 10_000,
    "{{ 7777 * 7777 }}",
    "' OR 1=1 --",
    "\x00\x01",
    "%00",
    "\ud7ff\uffff",
    "",
    " ",
    "-1",
    "1e999",
    "9" * 400,
]


def fields_of(form: Browser, text: str) -> dict[str, str]:
    names = (
        "email",
        "name",
        "role",
        "outcome",
        "decision",
        "promised",
        "feedback",
        "note",
        "thanked",
        "back",
        "from",
        "channel",
        "answer",
        "correct",
        "decided",
        "call_back_name",
        "call_back_phone",
        "call_back_email",
        "digest_to",
        "digest_time",
        "word_due_hours",
        "candidate_nudge",
        "window_start",
        "days_given",
        "window_days",
        "scopes",
        "do",
        "escalate_to",
        "owner_id",
        "decider_id",
    )
    return {"form_token": form.token, **dict.fromkeys(names, text)}


@pytest.mark.parametrize(
    ("every", "texts"),
    [(8, ODD), *(pytest.param(1, [text], marks=pytest.mark.long) for text in ODD)],
    ids=["an eighth", *(str(number) for number in range(len(ODD)))],
)
def test_no_form_breaks_on_anything(
    every: int, texts: list[str], signed_in: Any, booked: Any, clock: Any, run_ticks: Any, link_for: Any
) -> None:
    """Every field of every form is filled with hostile text.

    An eighth: each form gets every eighth text, another one first than the form before.
    """
    made = booked()["application"]["id"]
    clock.advance(hours=49)
    run_ticks()
    own = link_for("/f/")
    browser = signed_in()
    person = "per_01KT4A4MR0S1K0FS1KR9M52VB2"
    forms = [one for one in ROUTES if one.public and one.method == "POST" and not one.path.startswith("/sign-out")]
    for place, spec in enumerate(forms):
        path = spec.path.replace("{application}", made).replace("{contact}", made.replace("app_", "con_"))
        path = path.replace("{person}", person).replace("{key}", person.replace("per_", "key_")).replace("/f/{token}", own)
        for text in texts[place % every :: every]:
            for good in ({}, {"outcome": "reached", "decision": "pending", "promised": "", "answer": "good"}):
                answer = browser.api(
                    "POST",
                    path.replace("{token}", "x"),
                    _body({**fields_of(browser, text), **good}),
                    headers={
                        "Content-Type": "application/x-www-form-urlencoded",
                        "Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
                    },
                )
                assert answer.status < 500, (spec.path, answer)
                assert "<script>alert" not in str(answer.json) and "<img src=x" not in str(answer.json)
                assert "60481729" not in str(answer.json) and "\n" not in "".join(answer.headers.values())


@pytest.mark.parametrize("text", ["x" * 3_000, "per_" + "0" * 2_000, "per_#", "\u202e", "per_01KT4A4MR0S1K0FS1KR9M52VB2"])
def test_an_id_in_a_form_that_cannot_be_one_names_nobody(text: str, signed_in: Any, booked: Any) -> None:
    """It is refused like an unknown one, before the table is asked for a key that it does not take."""
    made, browser = booked()["application"]["id"], signed_in()
    fields = {"form_token": browser.token, "owner_id": text, "decider_id": ""}
    answer = browser.post(f"/applications/{made}/people", fields)
    assert answer.status == 422 and "no such person" in browser.text


def _body(fields: dict[str, str]) -> bytes:
    from urllib.parse import urlencode

    return urlencode(fields).encode("utf-8")


@pytest.mark.parametrize("name", [SCRIPT[:190], "\u202egnp.exe", "👩‍🔧 Zoë", "O'Neill & Søn <b>", "x" * 200])
def test_names_are_shown_as_they_are_and_never_as_markup(
    name: str, signed_in: Any, booked: Any, clock: Any, api: Any, run_ticks: Any, link_for: Any
) -> None:
    """Candidates type their own names: a name may be a script tag."""
    try:
        made = booked(name=name, job_title=name)["application"]["id"]
    except AssertionError:
        return  # the API has refused the name itself
    clock.advance(hours=49)
    run_ticks()
    browser, own = signed_in(), Browser(api)
    own.open(link_for("/f/"))
    pages = [browser.html, (browser.open(f"/applications/{made}"), browser.html)[1], own.html]
    for html in pages:
        assert "<script>alert" not in html and "<img src" not in html and "<b>" not in html
        assert " on" not in "".join(part.partition(">")[0] for part in html.split("<a ")[1:]).replace(" one", "")


TWO_RECIPIENTS = "boss%40corp.example?bcc=eve@evil.example"
"""A valid address of one mailbox at evil.example. As it stands, a link that begins with mailto: would write to two others."""


def test_a_link_that_writes_to_somebody_writes_to_that_address_alone(
    signed_in: Any, booked: Any, clock: Any, api: Any, run_ticks: Any, link_for: Any, employer: Any, outbox: Any
) -> None:
    """Candidates type their own addresses, and what a team writes to one may be meant for no other."""
    employer.patch("/v1/employer", {"call_back_email": TWO_RECIPIENTS, "digest_to": ["robin@example.com"]})
    join(employer, outbox, "robin@example.com", "Robin Hale", "manager")
    made = booked(candidate={"email": TWO_RECIPIENTS, "phone": None})["application"]["id"]
    booked(candidate={"email": TWO_RECIPIENTS, "phone": "+12025550123"}, name="Kim Poe")
    clock.advance(hours=73)
    run_ticks()
    browser, own = signed_in(), Browser(api)
    own.open(link_for("/f/"))
    shown = [browser.html, own.html, *(str(one.get("html")) for one in outbox.email)]
    shown += [browser.open(f"/applications/{made}") and browser.html]
    links = [unescape(found) for html in shown for found in re.findall(r'href="(mailto:[^"]*)"', html)]
    assert len(links) >= 5
    for link in links:
        parts = urlsplit(link)
        assert unquote(parts.path) == TWO_RECIPIENTS and set(parse_qs(parts.query)) <= {"subject"}, link


def test_no_page_or_mail_offers_to_call_a_number_that_costs_more(
    signed_in: Any, booked: Any, clock: Any, run_ticks: Any, employer: Any, outbox: Any
) -> None:
    """Candidates enter their own numbers, and one of them may earn by the call of a team that means well."""
    join(employer, outbox, "robin@example.com", "Robin Hale", "manager")
    employer.patch("/v1/employer", {"digest_to": ["robin@example.com"]})
    premium = booked(candidate={"phone": "+19005550100"})["application"]["id"]
    booked(candidate={"phone": "+12025550199", "email": "kim@example.com"}, name="Kim Poe")
    clock.advance(hours=73)
    run_ticks()
    browser = signed_in()
    [digest] = [one for one in outbox.to("robin@example.com") if "1 900" in str(one)][:1]
    shown = [browser.html, digest["html"]]
    shown += [browser.open(f"/applications/{premium}{more}") and browser.html for more in ("", "/log")]
    for html in shown:
        assert "is a premium-rate number" in html or "(a premium-rate number: a call costs more)" in html
        assert "tel:+1900" not in html
    assert all("tel:+12025550199" in html for html in shown[:2]), "others are there to call"


@pytest.mark.parametrize(
    "body", [b"\xff\xfe=1", b"a" * 300_000, b"&".join(b"a%d=1" % n for n in range(400)), b"%zz=%zz", b"", b"=&=&="]
)
def test_a_body_that_is_no_form_is_refused_in_words(body: bytes, signed_in: Any) -> None:
    """400, 403 or 413 with a message, never a stack trace."""
    browser = signed_in()
    answer = browser.post("/settings", body)
    assert answer.status in (400, 403, 413) and "Traceback" not in browser.html
    assert browser.post("/settings", b"{}", Content_Type="application/json").status in (400, 403, 415)


def test_notes_are_bounded_and_named(signed_in: Any, booked: Any, clock: Any, employer: Any) -> None:
    """10,000 characters are refused with a message; 4,000 are kept."""
    made = booked()["application"]["id"]
    clock.advance(hours=49)
    browser = signed_in()
    browser.submit("/contacts", outcome="reached", decision="offer", note="x" * 10_000)
    assert browser.page.status == 422 and "Note for your team" in browser.text and 'id="note-problem"' in browser.html
    browser.open("/")
    browser.submit("/contacts", outcome="reached", decision="offer", note="é" * 4000)
    assert len(employer.get(f"/v1/applications/{made}/contacts").json["data"][0]["note"]) == 4000


def test_every_page_has_the_headers_that_keep_it_to_itself(signed_in: Any, booked: Any) -> None:
    """No resources from other sites, no frames, no caching, no referrer."""
    made, browser = booked()["application"]["id"], signed_in()
    for path in (
        "/",
        f"/applications/{made}",
        "/settings",
        "/reports/risk",
        "/sign-in/x",
        "/f/x",
        "/d/x",
        "/settings?saved=yes",
        "/?stage=x",
    ):
        headers = browser.open(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy and "unsafe" not in policy, path
        assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store", path


def test_static_files_are_kept_and_asked_for_again_by_their_tag(browser: Browser) -> None:
    """A browser must not load an unchanged style sheet twice."""
    first = browser.open("/static/heardback.css")
    assert first.headers["Cache-Control"] == "no-cache"
    again = browser.api("GET", "/static/heardback.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304 and not again.json
    for odd in ("..%2f..%2fapp.py", "x.css", "heardback.py", "%00", ".css"):
        assert browser.open(f"/static/{odd}").status == 404


def test_an_address_that_leads_nowhere_is_a_page_for_people(api: Any) -> None:
    """And an error for programs."""
    page = api.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status == 404 and "Page not found" in page.json and 'href="/sign-in"' in page.json
    answer = api.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.status == 404 and answer.json["code"] == "not_found"


def test_the_page_of_components_is_not_part_of_the_app(browser: Any) -> None:
    """Only the local server has it: no path of it exists on AWS."""
    assert browser.open("/design", accept="text/html").status == 404


@pytest.mark.parametrize("path", ["/people/x", "/people/x/y", "/settings/nope", "/settings/nope/y", "/reports/x"])
def test_a_wrong_address_below_a_page_is_a_page(browser: Any, path: str) -> None:
    """For people; programs get the problem."""
    assert browser.open(path, accept="text/html").status == 404 and "Page not found" in browser.text
    assert browser.open(path, accept="application/json").json["status"] == 404
