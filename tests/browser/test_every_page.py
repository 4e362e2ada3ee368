"""Every page at 360 and 1280 pixels, light and dark: accessible, without horizontal scrolling or foreign requests."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications.candidates import links
from chalicelib.applications.items import ExperienceItem
from chalicelib.storage import keys, table
from tests.browser.conftest import violations
from tests.engines import OPERATOR_KEY
from tests.reputation.loading import load, random_loads

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 5


@pytest.fixture
def lively(booked: Any, employer: Any, contact: Any, clock: Any, run_ticks: Any) -> Any:
    """Makes an employer with everything that a page can show; returns its application with the longest history."""
    load(employer.employer_id, random_loads(40, clock.now, days=60, answered=0.4))
    made = booked(name=LONG[:150], job_title=LONG[:120], candidate={"timezone": "America/Denver"})["application"]
    booked(name="Nobody", candidate={"email": None, "phone": None}, job_title="Cook")
    employer.patch(f"/v1/applications/{made['id']}", {"decided": "rejected"})
    clock.advance(hours=51)
    run_ticks()
    contact(made["id"], "voicemail", note="x" * 300)
    contact(made["id"], decision="rejected", feedback="W" * 200)
    employer.post(f"/v1/applications/{made['id']}/statements", {"heard": False})
    for email in ("kim@example.com", "robin@example.com"):
        employer.post("/v1/people", {"name": LONG[:150], "email": email, "role": "recruiter"})
    return made


@pytest.fixture
def heard(booked: Any, api: Any, employer: Any, clock: Any) -> str:
    """The page of a candidate who said that they heard, and is asked how it was; five others have answered."""
    transaction = table.Transaction()
    for number in range(5):
        key = keys.experience_pk(employer.employer_id), f"EXP#app_{number}"
        transaction.create(
            ExperienceItem(*key, application_id=f"app_{number}", stage="final", score=7, line=LONG[:200], at=clock())
        )
    transaction.commit()
    made = booked(name="Hal Heard", job_title=LONG[:120], candidate={"email": "hal@example.com", "phone": None})
    path = "/f/" + links.token(employer.employer_id, made["application_id"], clock.now)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.using(None).post(path, b"answer=no", headers=form).status == 303
    return path


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.long)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    visit: Any, lively: Any, heard: str, employer: Any, booked: Any, clock: Any, width: int
) -> None:
    """All rules of axe in light colours; in dark ones its contrast rule, since nothing else changes. And the other width.

    At 360 pixels every third page is looked at; at 1280 pixels, which runs by `make long`, all of them.
    """
    ahead = booked(-2, name="Ann Ahead", candidate={"email": "ahead@example.com"})
    alone = employer.post("/v1/candidates", {"name": LONG[:150], "email": "alone@example.com"}).json["id"]
    card = employer.post("/v1/check_in_cards", {"job_title": LONG[:150], "stage": "final"}).json
    robin = visit(viewport={"width": width, "height": 740}, color_scheme="light", reduced_motion="reduce")
    robin.open("/sign-in")
    own, out = robin.link("/f/"), robin.link("/u/")
    robin.sign_in()
    found = {}
    pages = [
        "/",
        f"/applications/{lively['id']}",
        f"/applications/{lively['id']}/log",
        f"/applications/{ahead['application']['id']}/interviews/{ahead['id']}/move",
        "/waiting",
        "/people",
        f"/candidates/{alone}",
        "/people/add",
        "/people/cards",
        f"/people/cards/{card['id']}",
        "/people/import",
        "columns of a file",
        "/inbox",
        "/settings",
        "/settings/test-text",
        "/settings/connections",
        "/settings/connections/new/greenhouse",
        "/settings/webhooks",
        "/settings/single-sign-on",
        "/statutes",
        "/settings/nope",
        "/reports/risk",
        f"/reports/people?week={clock.now.date() - timedelta(days=clock.now.weekday() + 7)}&part=waiting",
        own,
        heard,
        out,
        card["url"],
        f"{card['url']}?language=he",
        f"/privacy/{employer.employer_id}",
        f"/sms-terms/{employer.employer_id}",
        "/problems/interview_conflict",
        "/applications/x",
        "/?decided=rejected",
        "/?reachable=false",
        "/settings?x=1",
        "/f/x",
        "/d/x",
        "/people?job=cook",
    ]
    operators = ["/operator", "operator key", "/operator?", f"/operator/{employer.employer_id}"]
    for place, path in enumerate([*pages, "sign out", "/sign-in", "/sign-in/x", *operators]):
        if path == "sign out":
            robin.open("/")
            robin.press("Sign out")
            continue
        if path == "operator key":
            robin.open("/operator")
            robin.page.get_by_label("Operator key").fill(OPERATOR_KEY)
            robin.press("Continue")
            robin.page.get_by_role("heading", name="Create employer").wait_for()
            continue
        if width == 360 and place % 3:
            continue
        if path == "columns of a file":
            sheet = f"{LONG},Write to\n{LONG},sam@example.com\n".encode()
            robin.page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": sheet})
            robin.press("Check file")
            robin.page.get_by_role("heading", name="Columns of the file").wait_for()
        else:
            robin.open(path)
        robin.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found[path] = violations(robin.page)
        robin.page.emulate_media(color_scheme="dark")
        found[path] += violations(robin.page, ["color-contrast"])
        robin.page.emulate_media(color_scheme="light")
        for wide in (1280 if width == 360 else 360, width):  # a long name without spaces widens tables of a desk alone
            robin.page.set_viewport_size({"width": wide, "height": 740})
            sideways = robin.page.evaluate(WIDER)
            assert sideways <= 0, f"{path} scrolls sideways by {sideways} at {wide} pixels"
    assert not {path: one for path, one in found.items() if one}


def test_a_check_in_by_phone_knows_the_phones_time_zone(visit: Any, employer: Any, clock: Any) -> None:
    """A chosen one stays where the page says that something is wrong."""
    card = employer.post("/v1/check_in_cards", {"job_title": "Welder", "stage": "interview"}).json
    phone = visit(timezone_id="America/Chicago")
    phone.open(card["url"])
    phone.page.get_by_label("Your name").fill("Asha Sample")
    phone.page.get_by_role("textbox", name="Email").fill("asha@example.com")
    zone = phone.page.get_by_label("Time zone")
    assert zone.input_value() == "America/Chicago"
    zone.select_option("Europe/Berlin")
    phone.press("Leave my details")
    assert "Tick the box" in phone.page.get_by_role("alert").inner_text() and zone.input_value() == "Europe/Berlin"
    phone.page.get_by_role("checkbox").check()
    phone.press("Leave my details")
    phone.page.get_by_role("heading", name="Thank you").wait_for()
    [made] = employer.get("/v1/interviews").json["data"]
    person = employer.get(f"/v1/candidates/{made['application']['candidate_id']}").json
    assert (person["name"], person["timezone"]) == ("Asha Sample", "Europe/Berlin")


_CROWDED = """() => {
  const rects = [...document.querySelectorAll('summary, a[role=button], button, article.card')]
    .filter(one => one.checkVisibility()).map(one => [one, one.getBoundingClientRect()]);
  const touch = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom + 3 && b.top < a.bottom + 3;
  const found = rects.filter(([one, box]) => one.tagName != 'ARTICLE' && box.height < 32 && !one.matches('.plain, .quiet *'))
    .map(([one]) => 'small: ' + one.textContent.trim());
  rects.forEach(([one, a], i) => rects.slice(i + 1).forEach(([other, b]) => {
    if (!one.contains(other) && !other.contains(one) && touch(a, b) && !(one.tagName == 'SUMMARY' && other.tagName == 'SUMMARY'))
      found.push(one.textContent.trim().slice(0, 40) + ' touches ' + other.textContent.trim().slice(0, 40));
  }));
  return found;
}"""


def test_nothing_to_press_is_crowded(visit: Any, lively: Any, booked: Any, clock: Any) -> None:
    """A thumb that covers two buttons presses the wrong one."""
    open_case = booked(name="Kim", candidate={"email": "kim@example.com", "phone": "+12025550199"})["application"]
    clock.advance(hours=50)
    robin = visit()
    robin.sign_in()
    found = {}
    for path in ("/", "/people", "/inbox", f"/applications/{open_case['id']}", robin.link("/f/")):
        robin.open(path)
        for width in (360, 1280):
            robin.page.set_viewport_size({"width": width, "height": 740})
            found[path, width] = robin.page.evaluate(_CROWDED)
    assert not {path: one for path, one in found.items() if one}


def test_a_printed_list_has_every_number_in_black(visit: Any, booked: Any, clock: Any) -> None:
    """Printers leave out backgrounds: white text would vanish."""
    booked()
    clock.advance(hours=72)
    robin = visit()
    robin.sign_in()
    robin.page.emulate_media(media="print")
    number = robin.page.locator("a.call")
    assert number.inner_text() == "Call +1 202-555-0123"
    assert number.evaluate("one => getComputedStyle(one).color") == "rgb(0, 0, 0)"


def test_people_and_the_waiting_are_printed_with_their_table(visit: Any, booked: Any, clock: Any) -> None:
    """The table stands in a form, whose buttons and boxes are of no use on paper."""
    booked(name="Kim Sample")
    clock.advance(hours=72)
    robin = visit(viewport={"width": 1280, "height": 740})
    robin.sign_in()
    robin.page.emulate_media(media="print")
    for path in ("/people", "/waiting"):
        robin.open(path)
        assert robin.page.get_by_text("Kim Sample").is_visible(), path
        assert not robin.page.locator("input:visible, button:visible, select:visible, textarea:visible").count(), path


_BROKEN_WORDS = """() => [...document.querySelectorAll('th')].filter(one => !one.textContent.includes(' '))
  .filter(one => {const words = new Range(); words.selectNodeContents(one); return words.getClientRects().length > 1})
  .map(one => one.textContent)"""


def test_the_evidence_is_read_on_any_screen_and_on_paper(
    chromium: Any, site: str, employer: Any, booked: Any, contact: Any
) -> None:
    """No table leaves the screen and no word is broken."""
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "CA-ON"}})
    case = booked(ended=1)["application"]
    contact(case["id"], decision="rejected")
    context = chromium.new_context(extra_http_headers={"Authorization": f"Bearer {employer.key}"})
    page = context.new_page()
    page.goto(f"{site}/v1/applications/{case['id']}/evidence?format=html")
    for width in (360, 700, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(media="screen")
        assert not violations(page)
        for media in ("screen", "print"):
            page.emulate_media(media=media)
            sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert sideways <= 0 or (width, media) == (360, "print"), (width, media, sideways)
            broken = page.evaluate(_BROKEN_WORDS)
            assert not broken, (width, media, broken)
    context.close()


def test_the_report_prints_on_two_pages(visit: Any, lively: Any) -> None:
    """For meetings on paper."""
    robin = visit()
    robin.sign_in()
    robin.open("/reports/risk")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", robin.page.pdf(format="A4"))) == 2
