"""The report for people: shared by links that end, without names."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.applications import tally_items
from chalicelib.reputation import report_shares
from chalicelib.storage.table import Transaction
from tests.reputation.loading import a_load, load


def link_of(page: str) -> str:
    found = re.search(r'value="http://heardback\.example(/reports/risk\?token=[^"]+)"', page)
    assert found, page
    return found[1]


def test_a_shared_link_shows_the_report_without_names_until_it_expires(
    signed_in: Any, employer: Any, booked: Any, clock: Any, api: Any
) -> None:
    """The boss opens it from a mail, without an account."""
    booked()
    clock.advance(days=9)
    browser = signed_in()
    browser.open("/reports/risk")
    browser.submit("/reports/share", days="7")
    path = link_of(browser.html)
    assert 'data-copies="link"' in browser.html, "a telephone has no other way to copy all of it"
    page = api.get(path)
    assert page.status == 200 and "0 of 1 heard on time" in page.json
    assert "Sam Sample" not in page.json and "Share this report" not in page.json and 'href="/people' not in page.json
    assert page.headers["X-Robots-Tag"] == "noindex" and 'name="robots" content="noindex"' in page.json
    assert api.get(path.replace("/risk?", "/risk.csv?")).status == 200
    assert api.get(path[:-3] + "AAA").status == 403
    clock.advance(days=6, hours=23)
    assert api.get(path).status == 200
    clock.advance(hours=1)
    assert api.get(path).status == 410


def test_a_shared_link_is_ended_at_once_and_by_its_own_employer_only(signed_in: Any, api: Any, clock: Any) -> None:
    """Anyone who shared it by mistake can take it back."""
    browser = signed_in()
    browser.open("/reports/risk")
    browser.submit("/reports/share", days="90")
    path = link_of(browser.html)
    browser.open("/reports/risk")
    share = re.search(r'name="end" value="(share_[0-9A-Z]+)"', browser.html)
    assert share
    report_shares.end(api.new_employer(name="Blue Fern").employer_id, share[1])
    assert api.get(path).status == 200
    assert browser.post("/reports/share", {"form_token": browser.token, "end": share[1]}).status == 200
    assert api.get(path).status == 410
    assert "End this link" not in browser.open("/reports/risk").json


@pytest.mark.parametrize(("due", "shown"), [(9, "10"), (401, "1k"), (4_001, "10k")])
def test_the_axis_of_a_large_employer_fits_beside_the_bars(
    signed_in: Any, employer: Any, clock: Any, due: int, shown: str
) -> None:
    """On a phone there is room for three characters. The ends of the axis above a thousand are whole thousands."""
    transaction = Transaction()
    tally_items.add(transaction, employer.employer_id, {f"{clock() - timedelta(days=9):%Y-%m-%d}": {"fr10": due}})
    transaction.commit()
    labels = re.findall(r'class="tick" x="25"[^>]*>([^<]+)<', signed_in().open("/reports/risk").json)
    assert labels[-1] == shown and all(len(one) <= 3 for one in labels)


def test_a_recruiter_cannot_share_nor_publish(signed_in: Any) -> None:
    """Figures for outsiders are the manager's to give."""
    browser = signed_in("recruiter", "Kim Hale", "kim@example.com")
    browser.open("/reports/risk")
    assert "Share this report" not in browser.text
    for path, fields in (("/reports/share", {"days": "7"}), ("/reports/heard-back", {"do": "join"})):
        assert browser.post(path, {"form_token": browser.token, **fields}).status == 403


def test_a_manager_publishes_the_rate_and_leaves(signed_in: Any, employer: Any) -> None:
    """The page tells what becomes public, and that leaving is seen."""
    browser = signed_in()
    browser.open("/reports/risk")
    browser.submit("/reports/heard-back", do="join")
    assert browser.path == f"/heard-back/{employer.employer_id}" and "Acme Robotics" in browser.text
    browser.open("/reports/risk")
    browser.submit("/reports/heard-back", do="leave")
    assert "Publish the rate" in browser.text
    assert "left" in browser.open(f"/heard-back/{employer.employer_id}").json


def test_a_link_to_one_group_shows_no_other(signed_in: Any, employer: Any, clock: Any, api: Any) -> None:
    """A branch manager gets their branch."""
    for name, group in (("Ada Sample", "Berlin"), ("Bo Sample", "Hamburg")):
        person = {"name": name, "email": f"{name[:2].strip().lower()}@example.com"}
        application = {"job_title": "Welder", "candidate": person, "group": group}
        times = {"start_at": clock.text(hours=-240), "end_at": clock.text(hours=-239)}
        assert employer.post("/v1/interviews", {"stage": "final", **times, "application": application}).status == 201
    browser = signed_in()
    browser.open("/reports/risk")
    assert "By group" in browser.text and "0 of 2 heard on time" in browser.text
    browser.open("/reports/risk?group=Berlin")
    assert "0 of 1 heard on time" in browser.text
    browser.submit("/reports/share", days="30")
    path = link_of(browser.html)
    assert "0 of 1 heard on time" in api.get(path).json
    assert "Hamburg" not in api.get(path).json
    other = api.get(f"{path}&group=Hamburg").json
    assert "0 of 1 heard on time" in other and "As of" not in other and "Bo Sample" not in other
    assert "<strong>Berlin</strong>" in other


def test_the_first_screen_says_what_matters(employer: Any, clock: Any) -> None:
    """Heading, sentence, chart, table, index: in this order."""
    load(employer.employer_id, [a_load(clock.now - timedelta(days=days), stage="final") for days in (23, 10)])
    page = employer.get("/reports/risk").json
    places = [page.index(words) for words in ("0 of 2 heard on time", "has waited 23 days", "<svg", "<table", "The index")]
    assert places == sorted(places)
    assert "calls today fix" in page or "call today fixes" in page
    assert "2 of the call list: all who wait" in page
