"""Job seekers' pages in their language: sign-up as the browser asks, then as they chose."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chalicelib.rules.copy.language import LRM, catalogue
from chalicelib.rules.copy.seeker_account import EMAIL_CONSENT, SMS_CONSENT
from tests.accounts.test_seekers import texted_code
from tests.engines import BASE_URL, Api, Outbox, StandingClock, code_for
from tests.web.conftest import Browser

JO = "jo@example.com"
ENGLISH = re.compile(
    r"\b(the|your|you|and|with|for|from|this|have|is|are|will|not|we|interviews?|reminders?|sign|delete|company)\b", re.IGNORECASE
)
NAMES = re.compile(r"Jo Sample|Blue Fern|Welder|Dana Reyes|Heardback|New York|\S+@\S+|[A-Z]\w+/\w+|English")
EACH = pytest.mark.parametrize(("language", "direction"), [("es", "ltr"), ("fr", "ltr"), ("he", "rtl"), ("ko", "ltr")])


def foreign(browser: Browser) -> list[str]:
    """English words of the page that are no names and no time zones."""
    text = re.sub(r"<select.*?</select>", "", browser.html, flags=re.DOTALL)
    return ENGLISH.findall(NAMES.sub("", re.sub(r"<[^>]+>", " ", text.partition("<body>")[2])))


@EACH
def test_every_page_is_in_the_seekers_language(
    api: Api, outbox: Outbox, clock: StandingClock, run_ticks: Any, language: str, direction: str
) -> None:
    """From the sign-up to the erasure, with empty forms; what is agreed to is kept in that language."""
    browser = Browser(api, f"{language}-XX,en;q=0.5")
    said = catalogue(language)  # type: ignore[arg-type]
    seen = []

    def look() -> None:
        seen.append((browser.path, foreign(browser)))
        assert f'<html lang="{language}"' in browser.html and ('dir="rtl"' in browser.html) == (direction == "rtl"), browser.path

    browser.open("/my/start")
    look()
    browser.submit("/my/start", name="", email="nobody", timezone="America/New_York")
    look()
    browser.submit("/my/start", name="Jo Sample", email=JO, timezone="America/New_York")
    look()
    browser.submit("/sign-in-code", code=code_for(outbox, JO))
    browser.open("/my")
    look()
    browser.submit("/my/interviews", company="", job_title="", start="", contact="")
    look()
    browser.submit(
        "/my/interviews", company="Blue Fern", job_title="Welder", start="2026-06-02T07:00", contact="Dana Reyes, +1 202 555 0100"
    )
    look()
    made = browser.path
    assert (LRM in browser.html) == (direction == "rtl") and "202-555-0100" in browser.text
    browser.open("/my/phone")
    look()
    browser.submit("/my/phone", phone="nothing")
    look()
    browser.submit("/my/phone", phone="(202) 555-0123")
    look()
    browser.submit("/my/phone/confirm", code=texted_code(outbox))
    look()
    clock.advance(hours=50)
    run_ticks()
    texts = [one["body"] for one in outbox if one["channel"] == "sms"]
    mails = [one["body"] for one in outbox.to(JO)]
    if link := re.search(rf"{BASE_URL}(/f/[\w-]+)", "\n".join([*texts, *mails])):
        phone = Browser(api)
        phone.open(link[1])
        assert f'<html lang="{language}"' in phone.html and foreign(phone) == []
        phone.submit(link[1], "no_answer")
        assert foreign(phone) == []
    assert bool(link) == (language in ("es", "fr"))
    browser.open(made.partition("?")[0])
    look()
    browser.submit("/outcomes", "called", day="2026-06-12")
    look()
    browser.open("/my")
    look()
    kept = json.loads(json.dumps(browser.open("/my/export").json))["consents"]
    assert [one["wording"] for one in kept] == [said.text(EMAIL_CONSENT), said.text(SMS_CONSENT)]
    browser.open("/my/erase")
    look()
    browser.submit("/my/erase")
    look()
    assert [(path, words) for path, words in seen if words] == []


def test_the_page_behind_the_mailed_link_is_in_the_language_of_the_mail(api: Api, outbox: Outbox) -> None:
    """Anyone who opens it on another device agrees to the words that the mail showed."""
    browser = Browser(api, "fr")
    browser.open("/my/start")
    browser.submit("/my/start", name="Jo Sample", email=JO, timezone="Europe/Paris")
    link = re.search(rf"{BASE_URL}(/invitations/\S+)", outbox.to(JO)[-1]["body"])
    assert link is not None
    other = Browser(api)
    other.open(link[1])
    assert '<html lang="fr"' in other.html and foreign(other) == []
    assert catalogue("fr").text(EMAIL_CONSENT) in other.text
