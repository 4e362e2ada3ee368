"""The names behind the numbers of the report: for those who may see people, and short however many there are."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest

from chalicelib.applications.items import WaitItem
from chalicelib.reputation import nightly, recount, week_people
from chalicelib.rules.tally import WeekPart
from chalicelib.storage import keys, table
from tests.reputation.loading import a_load, load

Names = dict[WeekPart, str]
PARTS: tuple[WeekPart, ...] = ("on_time", "late", "not_yet", "waiting")


def links(page: str) -> dict[str, str]:
    """The number behind each link of the table: {path: number}."""
    found = re.findall(r'<a href="(/reports/people\?[^"]+)"[^>]*>(\d+)</a>', page)
    return {path.replace("&amp;", "&"): number for path, number in found}


@pytest.fixture
def four(booked: Any, contact: Any, clock: Any) -> Names:
    """One candidate of each part of a week's bar; returns their names."""
    names = dict(zip(PARTS, ("Ada Ontime", "Bo Late", "Cy Notyet", "Di Waiting"), strict=True))
    ids = {}
    for at, (part, name) in enumerate(names.items()):
        person = {"email": f"{part}@example.com", "phone": f"+1202555016{at}"}
        ids[part] = booked(name=name, candidate=person)["application"]["id"]
    contact(ids["on_time"], decision="rejected")
    contact(ids["not_yet"], decision="pending")
    clock.advance(days=4)
    contact(ids["late"], decision="offer")
    return names


def test_each_number_of_the_report_leads_to_the_names_behind_it(signed_in: Any, four: Names) -> None:
    """A number that nobody can check is not believed."""
    browser = signed_in("recruiter", "Kim Hale", "kim@example.com")
    browser.open("/reports/risk")
    shown = links(browser.html)
    assert len(shown) == 4 and set(shown.values()) == {"1"}
    for part, path in {part: path for part in PARTS for path in shown if f"part={part}" in path}.items():
        browser.open(path)
        assert [name for name in four.values() if name in browser.text] == [four[part]], path
    browser.open("/reports/risk")
    assert not [name for name in four.values() if name in browser.text]


def test_names_are_for_the_team_alone(signed_in: Any, employer: Any, api: Any, clock: Any, four: Names) -> None:
    """Neither a link of the report nor a key of the scope report shows a name, and no other employer does."""
    browser = signed_in()
    browser.open("/reports/risk")
    path = next(iter(links(browser.html)))
    browser.submit("/reports/share", days="7")
    token = re.search(r"/reports/risk\?token=([^\"]+)", browser.html)
    assert token
    shared = api.get(f"/reports/risk?token={token[1]}")
    assert shared.status == 200 and not links(shared.json)
    assert api.get(path).status == 303  # to the sign-in page
    assert api.get(f"{path}&token={token[1]}").status == 303
    key = employer.post("/v1/keys", {"name": "figures", "scopes": ["report"]}).json["secret"]
    assert employer.using(key).get(path).status == 303
    assert not links(employer.using(key).get("/reports/risk").json)
    other = api.new_employer(name="Blue Fern").employer_id
    today = clock.now.date()
    for part in PARTS:
        assert week_people.read(employer.employer_id, part, today - timedelta(days=20), today, clock.now)
        assert week_people.read(other, part, today - timedelta(days=20), today, clock.now) == []


def test_a_long_list_is_cut_and_says_how_many_more_there_are(signed_in: Any, employer: Any, clock: Any, meter: Any) -> None:
    """At two thousand people a page costs what a hundred cost."""
    monday = clock.now.replace(hour=12) - timedelta(days=clock.now.weekday() + 14)
    load(employer.employer_id, [a_load(monday + timedelta(minutes=number)) for number in range(2000)])
    browser = signed_in()
    meter.reset()
    browser.open(f"/reports/people?week={monday.date()}&part=waiting")
    assert "2,000 candidates" in browser.text and "And 1,900 more" in browser.text
    assert browser.html.count('<tr><th scope="row">') == 100
    assert meter.total <= 20 and sum(meter.read_units.values()) <= 250


@pytest.mark.parametrize("query", ["week=2020-01-06", "week=nonsense", "part=waiting", "week=2026-05-25&part=other"])
def test_a_week_that_the_report_does_not_show_is_no_page(signed_in: Any, query: str) -> None:
    """An address with a wrong week or part answers with a page, not with a fault of ours."""
    assert signed_in().open(f"/reports/people?{query}").status in (404, 422)


def test_the_night_enters_answers_that_older_code_left_out(signed_in: Any, employer: Any, clock: Any, four: Names) -> None:
    """After the change of versions the names are there the next day, and the tally is no fault."""
    for raw in table.query_index("listing", keys.list_key(employer.employer_id, "APP"))[0]:
        for item in table.query(raw["PK"]["S"], "WAIT#"):
            if isinstance(item, WaitItem) and item.state == "answered":
                transaction = table.Transaction()
                transaction.update(item, [WaitItem.waiting_key.remove(), WaitItem.waiting_at.remove()])
                transaction.commit()
    browser = signed_in()
    browser.open("/reports/risk")
    late = next(path for path in links(browser.html) if "part=late" in path)
    browser.open(late)
    assert four["late"] not in browser.text and "And 1 more" in browser.text
    counts = nightly.run(clock.now)
    assert (counts["named"], counts["different"]) == (3, 0)
    browser.open(late)
    assert four["late"] in browser.text
    assert recount.recount(employer.employer_id, clock.now - timedelta(days=30)).unlisted == ()


def sheets_of(answer: Any) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.json), data_only=False)
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book}


def test_the_workbook_has_a_sheet_for_each_table_with_real_dates_and_names_for_the_team(
    signed_in: Any, employer: Any, four: Names
) -> None:
    """An analyst sorts by date, and a file that is passed on by link names nobody."""
    browser = signed_in()
    sheets = sheets_of(browser.open("/reports/risk.csv?format=xlsx"))
    assert list(sheets) == ["Summary", "Weeks", "Score", "History", "People"]
    head, *people = sheets["People"]
    assert {row[2]: row[1] for row in people} == {
        four["on_time"]: "On time",
        four["late"]: "Late",
        four["not_yet"]: "Not yet",
        four["waiting"]: "Still waiting",
    }
    assert all(isinstance(row[head.index(name)], datetime) for row in people for name in ("week", "answer_due"))
    assert all(isinstance(row[0], datetime) and isinstance(row[1], int) for row in sheets["Weeks"][1:])
    for answer in (employer.get("/reports/risk.csv", query={"format": "xlsx"}),):
        shown = sheets_of(answer)
        assert "People" not in shown and not [name for name in four.values() if name in str(shown)]
