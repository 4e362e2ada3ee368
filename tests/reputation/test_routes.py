"""Risk, call list and report over HTTP."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import openpyxl
import pytest

from chalicelib.api.pagination import encode_cursor
from chalicelib.api.response import XLSX
from chalicelib.applications.items import ApplicationItem
from chalicelib.config import settings
from chalicelib.reputation.call_list_cells import COLUMNS
from chalicelib.rules.risk.model import days_overdue, reviews_avoided
from chalicelib.rules.risk.ranking import Outlook, delay_cost, rank_key
from chalicelib.rules.risk.recount import assess_waits
from chalicelib.storage import keys, table
from tests.reputation.loading import a_load, load, random_loads


def book_and_end(employer, clock, name, hours_ago, stage="interview", **person):
    """Books an interview by the API that ended so many hours ago."""
    body = {
        "application": {"candidate": {"name": name, **person}, "job_title": "Machinist"},
        "stage": stage,
        "start_at": clock.text(hours=-hours_ago - 1),
        "end_at": clock.text(hours=-hours_ago),
    }
    made = employer.post("/v1/interviews", body)
    assert made.status == 201, made
    return made.json["application"]


def test_the_risk_equals_the_sum_over_the_waits(employer, clock):
    """The score from the tally equals the score computed from each wait."""
    loads = load(employer.employer_id, random_loads(120, clock.now, answered=0.4, unreachable=0.1, days=120))
    answer = employer.get("/v1/risk")
    by_hand = assess_waits([(x.wait, x.reachable) for x in loads], clock.now).as_json()
    assert answer.status == 200
    assert answer.json.keys() == by_hand.keys() | {"heard_on_time", "late_now"}
    assert answer.json["score"] == pytest.approx(by_hand["score"], abs=1e-9)
    assert answer.json["tally"] == by_hand["tally"]
    for name, figures in by_hand["expected_negative_reviews"].items():
        assert answer.json["expected_negative_reviews"][name] == pytest.approx(figures, abs=1e-9)
    assert answer.json["as_of"] == "2026-06-02T14:00:00.000Z"


def test_an_interview_counts_from_the_moment_it_is_posted_and_stops_with_a_call(employer, clock):
    """Silence raises the risk, one call lowers it, and the list drops who was called."""
    waiting = book_and_end(employer, clock, "Ada Sample", 24 * 12, email="ada@example.com", phone="+12025550123")
    risk = employer.get("/v1/risk").json
    assert risk["tally"]["overdue"] == 1
    assert risk["tally"]["longest_overdue_hours"] == 240
    row = employer.get("/v1/call_list").json["data"][0]
    assert row["candidate"]["name"] == "Ada Sample"
    assert row["application_id"] == waiting["id"]
    assert row["overdue_hours"] == 240
    told = employer.post(
        f"/v1/applications/{waiting['id']}/contacts",
        {"channel": "call", "outcome": "reached", "decision": "rejected", "occurred_at": clock.text()},
    )
    assert told.status == 201, told
    after = employer.get("/v1/risk").json
    assert after["score"] < risk["score"]
    assert after["tally"]["answered"] == 1
    assert employer.get("/v1/call_list").json == {"data": [], "next_cursor": None, "has_more": False, "horizon_days": 7}


def test_rejected_and_not_told_is_a_list_of_its_own(employer, clock):
    """These calls matter most."""
    waiting = book_and_end(employer, clock, "Ada Sample", 100, email="ada@example.com")
    book_and_end(employer, clock, "Bo Sample", 90, email="bo@example.com")
    assert employer.patch(f"/v1/applications/{waiting['id']}", {"decided": "rejected"}).status == 200
    rows = employer.get("/v1/call_list", query={"decided": "rejected"}).json["data"]
    assert [(row["candidate"]["name"], row["decided"], row["rank"]) for row in rows] == [("Ada Sample", "rejected", 1)]


def test_unreachable_candidates_are_in_a_list_of_their_own(employer, clock):
    """Rows without phone and email are noise in a list of calls."""
    book_and_end(employer, clock, "Ada Sample", 100, email="ada@example.com")
    book_and_end(employer, clock, "Nemo Sample", 100)
    names = [
        [row["candidate"]["name"] for row in employer.get("/v1/call_list", query=query).json["data"]]
        for query in ({}, {"reachable": "false"})
    ]
    assert names == [["Ada Sample"], ["Nemo Sample"]]


def test_a_row_says_what_the_rules_say(employer, clock):
    """A row shows the documented figures."""
    one = load(employer.employer_id, [a_load(clock.now - timedelta(days=9, minutes=20), stage="final", decided="offer")])[0]
    row = employer.get("/v1/call_list").json["data"][0]
    u = days_overdue(one.wait.word_due_at, clock.now)
    assert row["stage"] == "final"
    assert row["decided"] == "offer"
    assert row["delay_costs"] == delay_cost("final", u, Outlook(7))
    assert row["avoids"] == reviews_avoided("final", u)
    assert row["overdue_hours"] == 216 + 1
    assert row["word_due_at"] == "2026-05-24T13:40:00.000Z"
    assert row["waiting_since"] == "2026-05-22T13:40:00.000Z"


def test_pages_keep_the_instant_of_the_first(employer, clock):
    """The order must not change while somebody calls down the list."""
    loads = load(employer.employer_id, random_loads(60, clock.now, days=40))
    began = clock.now
    rows, query = [], {"limit": 7}
    while True:
        page = employer.get("/v1/call_list", query=query).json
        rows += page["data"]
        if not page["has_more"]:
            break
        query = {"limit": 7, "cursor": page["next_cursor"]}
        clock.advance(hours=5)
    begun = [x for x in loads if x.wait.since <= began]
    by_rank = sorted(begun, key=lambda x: rank_key(x.wait.stage, x.wait.word_due_at, began, Outlook(7), x.application_id))
    assert [row["application_id"] for row in rows] == [x.application_id for x in by_rank]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))


def test_a_cursor_of_the_version_before_goes_on_with_a_weeks_horizon(employer, clock):
    """During a deployment the next page may be read by newer code than the first: the order is still that of the first."""
    loads = load(employer.employer_id, random_loads(40, clock.now, days=40, answered=0.3))
    begun = [x for x in loads if x.wait.state == "open" and x.wait.since <= clock.now]
    order = sorted(begun, key=lambda x: rank_key(x.wait.stage, x.wait.word_due_at, clock.now, Outlook(7), x.application_id))
    last = order[4]
    hour = last.wait.word_due_at.replace(minute=0, second=0, microsecond=0)
    position = [clock.now.isoformat(), 6, last.wait.stage, hour.isoformat(), last.application_id, 1]
    bound_to = f"call_list|{employer.employer_id}|True|None|None"
    cursor = encode_cursor(position, keys=settings().sign, bound_to=bound_to)
    page = employer.get("/v1/call_list", query={"limit": 5, "cursor": cursor}).json
    assert page["horizon_days"] == 7
    assert [row["application_id"] for row in page["data"]] == [x.application_id for x in order[5:10]]


def test_a_cursor_serves_for_its_own_list_only(employer, api, clock):
    """An edited cursor, or one of another list or employer, is refused."""
    load(employer.employer_id, random_loads(30, clock.now, days=40))
    cursor = employer.get("/v1/call_list", query={"limit": 5}).json["next_cursor"]
    assert employer.get("/v1/call_list", query={"cursor": cursor}).status == 200
    for answer in (
        employer.get("/v1/call_list", query={"cursor": cursor, "stage": "final"}),
        employer.get("/v1/call_list", query={"cursor": cursor[:-3] + "AAA"}),
        api.new_employer().get("/v1/call_list", query={"cursor": cursor}),
    ):
        assert answer.status == 422
        assert answer.json["errors"][0]["pointer"] == "?cursor"


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 101},
        {"stage": "phone"},
        {"reachable": "no"},
        {"decided": "pending"},
        {"colour": "red"},
        {"stage": ["final", "screen"]},
    ],
)
def test_an_invalid_query_of_the_call_list_is_422(employer, query):
    """An ignored filter would show everybody."""
    assert employer.get("/v1/call_list", query=query).status == 422


def test_only_a_read_key_of_the_employer_reads(api, operator, employer, clock):
    """The list holds names and numbers: another employer's key sees its own only."""
    load(employer.employer_id, random_loads(5, clock.now))
    other = api.new_employer()
    for path in ("/v1/risk", "/v1/risk/history", "/v1/call_list", "/v1/call_list.csv"):
        assert api.get(path).status == 401
        assert operator.get(path).status == 403
        assert api.new_employer(scopes=("write",)).get(path).status == 403
    assert other.get("/v1/call_list").json["data"] == []
    assert other.get("/v1/risk").json["tally"]["waits"] == 0


def test_the_spreadsheet_holds_the_list_and_runs_nothing(employer, clock):
    """A candidate may be named =HYPERLINK(...): the spreadsheet must show it and not run it."""
    loads = load(employer.employer_id, random_loads(130, clock.now, days=40))
    item = table.get(keys.case_pk(employer.employer_id, loads[0].application_id), "APP")
    assert isinstance(item, ApplicationItem)
    item.name, item.job_title = '=HYPERLINK("http://x.example","y")', '@sum, "new"\nline'
    item.save()
    answer = employer.get("/v1/call_list.csv")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.json.startswith("\ufeff"), "Excel on Windows reads UTF-8 only with a byte order mark"
    text = answer.json.removeprefix("\ufeff")
    assert "\r\n" in text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [int(row["rank"]) for row in rows] == list(range(1, len(rows) + 1))
    assert all(row["candidate_phone"].startswith("'+1") for row in rows)
    odd = next(row for row in rows if row["application_id"] == loads[0].application_id)
    assert odd["candidate_name"] == '\'=HYPERLINK("http://x.example","y")'
    assert odd["job_title"] == '\'@sum, "new"\nline'
    assert [row["application_id"] for row in rows[:100]] == [
        row["application_id"] for row in employer.get("/v1/call_list", query={"limit": 100}).json["data"]
    ]


def test_the_report_opens_by_a_link_for_a_quarter_of_an_hour(employer, api, clock):
    """Links are passed on: one shows one report, for fifteen minutes."""
    load(employer.employer_id, random_loads(40, clock.now, answered=0.3))
    link = employer.post("/v1/report_links")
    assert link.status == 201
    assert link.json["expires_at"] == clock.text(minutes=15)
    path = link.json["url"].removeprefix("http://heardback.example")
    page = api.get(path)
    assert page.status == 200
    assert "Acme Robotics" in page.json
    token = path.partition("?")[2]
    assert page.json.replace(f"&amp;{token}", "").replace(f"?{token}", "") == employer.get("/reports/risk").json
    clock.advance(minutes=14, seconds=59)
    assert api.get(path).status == 200
    clock.advance(seconds=1)
    over = api.get(path)
    assert over.status == 410
    assert "ask for a new one" in over.json.lower()
    assert api.get(path[:-4] + "AAAA").status == 403
    assert api.get("/reports/risk?token=x").status == 403
    assert api.get("/reports/risk").status == 401


def test_a_report_link_takes_no_fields(employer):
    """A client cannot choose the employer or the time."""
    assert employer.post("/v1/report_links", {}).status == 201
    wrong = employer.post("/v1/report_links", {"hours": 5})
    assert wrong.status == 422
    assert wrong.json["errors"][0]["pointer"] == "/hours"


def test_the_report_loads_nothing_from_other_sites_and_escapes_everything(api, clock):
    """The page has a secret URL and shows names that strangers typed."""
    tenant = api.new_employer(name="<script>alert(1)</script> & Sons")
    load(tenant.employer_id, random_loads(3, clock.now, days=10))
    page = tenant.get("/reports/risk")
    assert "<script" not in page.json
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons" in page.json
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert " style=" not in page.json
    assert "http" not in page.json.replace("http-equiv", "")
    assert "Small sample" in page.json


def test_what_the_report_links_to_is_there_and_ours(employer):
    """Its style sheet and images are served by us."""
    page = employer.get("/reports/risk")
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.json)
    assert assets
    for path in assets:
        found = employer.using(None).get(path)
        assert found.status == 200
        assert "immutable" in found.headers["Cache-Control"]


def test_the_report_is_a_spreadsheet_too(employer, clock):
    """Figures can be used without typing them."""
    load(employer.employer_id, random_loads(60, clock.now, answered=0.5))
    answer = employer.get("/reports/risk.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.json.removeprefix("\ufeff"), newline="")))
    points = sum(float(row["points"]) for row in rows if row["table"] == "contributions")
    assert points == pytest.approx(employer.get("/v1/risk").json["score"], abs=0.05)
    assert len([row for row in rows if row["table"] == "weeks"]) == 12
    link = employer.post("/v1/report_links").json["url"].removeprefix("http://heardback.example").replace("risk?", "risk.csv?")
    assert employer.using(None).get(link).json == answer.json


def cells_of(answer):
    """The rows of a workbook of one sheet, without the header, by its columns."""
    assert answer.headers["Content-Type"] == XLSX and ".xlsx" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.json))
    assert len(book.sheetnames) == 1, "one table a file"
    header, *rows = book.active.iter_rows()
    return [{name.value: cell for name, cell in zip(header, row, strict=True)} for row in rows]


@pytest.mark.parametrize("path", ["/v1/call_list.csv", "/v1/call_list"])
def test_the_call_list_is_a_workbook_in_which_nothing_runs(employer, clock, path):
    loads = load(employer.employer_id, random_loads(30, clock.now, days=40))
    item = table.get(keys.case_pk(employer.employer_id, loads[0].application_id), "APP")
    item.name, item.job_title = '=HYPERLINK("http://x.example","y")', "https://x.example"
    item.save()
    cells = cells_of(employer.get(path, query={"format": "xlsx"}))
    listed = employer.get("/v1/call_list", query={"limit": 100}).json["data"]
    assert [row["application_id"].value for row in cells] == [row["application_id"] for row in listed]
    assert [row["rank"].value for row in cells] == list(range(1, len(listed) + 1))
    assert all(row["candidate_phone"].value.startswith("+1") for row in cells)
    (odd,) = [row for row in cells if row["application_id"].value == loads[0].application_id]
    assert (odd["candidate_name"].value, odd["candidate_name"].data_type) == ('=HYPERLINK("http://x.example","y")', "s")
    assert odd["job_title"].hyperlink is None


def test_the_call_lists_dates_are_dates_in_a_workbook_and_instants_in_csv(employer, clock):
    load(employer.employer_id, random_loads(5, clock.now, days=40))
    listed = employer.get("/v1/call_list").json["data"]
    cells = cells_of(employer.get("/v1/call_list.csv", query={"format": "xlsx"}))
    text = employer.get("/v1/call_list.csv").json.removeprefix("\ufeff")
    for row, cell, line in zip(listed, cells, csv.DictReader(io.StringIO(text, newline="")), strict=True):
        for name in ("waiting_since", "word_due_at"):
            due = cell[name]
            assert due.is_date and due.number_format == 'yyyy-mm-dd hh:mm" UTC"', "a cell has no zone"
            assert due.value.isoformat()[:16] == row[name][:16] == line[name][:16]
            assert line[name] == row[name]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_file_that_is_not_the_whole_list_says_so_and_names_the_rest(employer, clock, file_format):
    load(employer.employer_id, random_loads(30, clock.now, days=40))
    everybody = [row["application_id"] for row in employer.get("/v1/call_list", query={"limit": 100}).json["data"]]
    path, found = "/v1/call_list.csv?limit=12&format=" + file_format, []
    while path:
        answer = employer.get(path)
        rows = (
            [{name: cell.value for name, cell in row.items()} for row in cells_of(answer)]
            if file_format == "xlsx"
            else list(csv.DictReader(io.StringIO(answer.json.removeprefix("\ufeff"), newline="")))
        )
        link = answer.headers.get("Link", "")
        assert answer.headers["X-Has-More"] == ("true" if link else "false")
        if link:
            assert "More candidates are waiting" in rows.pop()["rank"]
        found += [row["application_id"] for row in rows]
        path = link.partition("heardback.example")[2].partition(">")[0]
    assert found == everybody


def test_a_file_asks_for_a_limit_and_a_format_that_there_are(employer, api):
    for query in ({"limit": "0"}, {"limit": "1001"}, {"format": "pdf"}, {"cursor": "x"}):
        assert employer.get("/v1/call_list.csv", query=query).status == 422, query
    assert employer.using(None).get("/v1/call_list.csv", query={"format": "xlsx"}).status == 401
    head = employer("HEAD", "/v1/call_list.csv", query={"format": "xlsx"})
    assert (head.status, head.json) == (200, "")


@pytest.mark.parametrize("which", ["contributions", "weeks"])
def test_each_table_of_the_report_is_a_file_of_its_own(employer, clock, which):
    load(employer.employer_id, random_loads(60, clock.now, answered=0.5))
    answer = employer.get("/reports/risk.csv", query={"table": which})
    rows = list(csv.DictReader(io.StringIO(answer.json.removeprefix("\ufeff"), newline="")))
    cells = cells_of(employer.get("/reports/risk.csv", query={"table": which, "format": "xlsx"}))
    assert len(cells) == len(rows)
    assert which != "weeks" or all(row["week"].is_date and row["week"].number_format == "yyyy-mm-dd" for row in cells)
    for row, line in zip(cells, rows, strict=True):
        assert {name: "" if cell.value is None else str(cell.value) for name, cell in row.items() if not cell.is_date} == {
            name: str(row[name].value) if row[name].data_type == "n" and value else value
            for name, value in line.items()
            if not row[name].is_date
        }
        assert all(cell.value.date().isoformat() == line[name] for name, cell in row.items() if cell.is_date)
        assert all(
            float(line[name]) == cell.value for name, cell in row.items() if cell.data_type == "n" and cell.value is not None
        )
    whole = employer.get("/reports/risk.csv").json
    assert len([line for line in whole.splitlines() if line.startswith(which)]) == len(rows)


def test_reading_a_report_of_nobody_is_no_division_by_zero(employer):
    """A new employer opens it first."""
    page = employer.get("/reports/risk")
    assert page.status == 200
    assert "No reply has been due" in page.json


def test_the_deadlines_of_the_law_are_on_the_report_and_in_the_spreadsheet(employer, api, clock):
    """The page is passed on, so it names no candidate."""
    book_and_end(employer, clock, "Ann Early", 24, email="early@example.com")
    assert "By law" not in employer.get("/reports/risk").json
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "CA-ON", "headcount": 40}})
    assert "No deadline that a law sets is open" in employer.get("/reports/risk").json
    book_and_end(employer, clock, "Ada Sample", 24 * 50, email="ada@example.com")
    book_and_end(employer, clock, "Bea Sample", 24 * 40, email="bea@example.com")
    met = book_and_end(employer, clock, "Cy Sample", 24 * 40, email="cy@example.com")
    told = {"channel": "email", "outcome": "sent", "decision": "rejected", "occurred_at": clock.text(hours=-1)}
    assert employer.post(f"/v1/applications/{met['id']}/contacts", told).status == 201
    page = employer.get("/reports/risk").json
    assert "2 deadlines" in page and "1 past its day, 1 within 10 days" in page
    assert page.index("2026-05-28") < page.index("2026-06-07")
    assert "Ada" not in page and "CA-ON" in page
    rows = list(csv.DictReader(io.StringIO(employer.get("/v1/call_list.csv").json, newline="")))
    assert {row["candidate_name"]: row["statutory_due_on"] for row in rows} == {
        "Ann Early": "",
        "Ada Sample": "2026-05-28",
        "Bea Sample": "2026-06-07",
    }
    clock.advance(days=365)
    assert "unverified since" in employer.get("/reports/risk").json
