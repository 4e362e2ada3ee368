"""Candidates' pages in their language: their own page by their locale, public ones as the browser asks."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.rules.copy.language import LRM
from tests.web.conftest import Browser

ENGLISH = re.compile(r"\b(the|your|you|and|with|for|from|this|have|is|are|will|not)\b", re.IGNORECASE)
NAMES = re.compile(r"Sam Sample|Sam|Acme Robotics|Welder|Dana Reyes|Dana|Heardback")
EACH = pytest.mark.parametrize(
    ("locale", "direction", "asks"),
    [
        ("es-MX", "ltr", "¿Se han puesto en contacto con usted?"),
        ("fr", "ltr", "Vous ont-ils contacté ?"),
        ("he", "rtl", "האם יצרו אתכם קשר?"),
        ("ko", "ltr", "연락을 받으셨나요?"),
    ],
)


def foreign(browser: Browser) -> list[str]:
    """English words of the page that are no names."""
    return ENGLISH.findall(NAMES.sub("", browser.text))


@pytest.fixture
def page_of(api: Any, booked: Any, clock: Any, run_ticks: Any, link_for: Any) -> Any:
    def open_page(locale: str) -> Browser:
        booked(candidate={"locale": locale})
        clock.advance(hours=49)
        run_ticks()
        browser = Browser(api)
        browser.open(link_for("/f/"))
        return browser

    return open_page


@EACH
def test_a_candidates_page_is_in_their_language_through_every_answer(
    page_of: Any, locale: str, direction: str, asks: str
) -> None:
    """The question, both answers, the calendar entry and the stop."""
    browser = page_of(locale)
    assert asks in browser.text and foreign(browser) == []
    assert f'<html lang="{locale[:2]}"' in browser.html
    assert ('dir="rtl"' in browser.html) == (direction == "rtl")
    assert "+1 202-555-0100" in browser.text and (LRM + "+1 202-555-0100" in browser.html) == (direction == "rtl")
    calendar = browser.api("GET", browser.path + "/calendar.ics").json.replace("\r\n ", "")
    assert "Call" not in calendar and "Acme Robotics" in calendar
    browser.submit("/f/", "not_yet")
    assert foreign(browser) == []
    browser.submit("/f/", "good")
    assert foreign(browser) == []
    browser.submit("/stop")
    assert browser.page.status == 200 and foreign(browser) == []


def test_an_answer_that_is_not_taken_is_explained_in_their_language(page_of: Any) -> None:
    """A page in two languages at once reads like fraud."""
    browser = page_of("fr")
    path = browser.path
    for fields in ({"answer": "x"}, {"answer": "no", "feedback": "x" * 4001}):
        assert browser.post(path, fields).status == 422
        assert "Votre réponse n’a pas été enregistrée" in browser.text and foreign(browser) == []


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("he-IL,he;q=0.9,en;q=0.8", "תוקף הקישור פג"),
        ("de,fr;q=0.5,en;q=0.3", "Ce lien a expiré"),
        ("en-GB,es;q=0.9", "This link has expired"),
        ("xx;q=nonsense,,;", "This link has expired"),
        ("", "This link has expired"),
    ],
)
def test_a_link_that_has_expired_says_so_as_the_browser_asks(page_of: Any, clock: Any, header: str, title: str) -> None:
    """Nobody is known by an old link."""
    browser = page_of("ko")
    path = browser.path
    clock.advance(days=61)
    assert browser.open(path, **{"accept-language": header}).status == 410
    assert title in browser.text


@EACH
def test_public_pages_follow_the_browser_else_the_employer(
    api: Any, employer: Any, page_of: Any, link_for: Any, locale: str, direction: str, asks: str
) -> None:
    """Privacy, terms and the page behind an unsubscribe link."""
    page_of(locale)
    browser, way = Browser(api), f'lang="{locale[:2]}"' + (' dir="rtl"' if direction == "rtl" else "")
    for path in (f"/privacy/{employer.employer_id}", f"/sms-terms/{employer.employer_id}", link_for("/u/"), "/u/nonsense"):
        browser.open(path, **{"accept-language": locale})
        assert f"<html {way}" in browser.html and foreign(browser) == [], path
    employer.patch("/v1/employer", {"policy": {"language": locale[:2]}})
    browser.open(f"/sms-terms/{employer.employer_id}")
    assert f"<html {way}" in browser.html
    browser.open(f"/sms-terms/{employer.employer_id}", **{"accept-language": "en"})
    assert '<html lang="en"' in browser.html and "rates may apply" in browser.text
