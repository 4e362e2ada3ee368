"""The Today page: who is waiting, who to call first, logging a contact and undoing it."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest

from chalicelib.messaging import reply_store
from chalicelib.reputation.call_list import Filters
from chalicelib.storage.table import stored_instant
from chalicelib.web import today_lists
from tests.reputation.loading import load, random_loads
from tests.web.conftest import Forms


@pytest.fixture
def waiting(booked: Any, clock: Any) -> Any:
    """Returns the application of a candidate who should have heard a day ago."""
    made = booked()
    clock.advance(hours=72)
    return made["application"]


def test_today_says_in_words_who_waits_since_when(signed_in: Any, waiting: Any, booked: Any, clock: Any) -> None:
    """The summary is one sentence that is read at a glance."""
    booked(name="Kim", candidate={"email": "kim@example.com", "phone": None})
    text = signed_in().text
    assert "1 person is waiting past the day they should have heard, since June 4. 1 more is due to hear within two days." in text
    assert "Call +1 202-555-0123" in text and "Write to kim@example.com" in text
    clock.advance(days=5)
    assert "2 people are waiting past the day they should have heard; the longest since June 4." in signed_in().text


def test_today_says_that_nobody_is_waiting(signed_in: Any) -> None:
    """An empty page would look broken."""
    assert "Nobody is waiting to hear." in signed_in().text


def test_who_cannot_be_reached_is_named_beside_the_list(signed_in: Any, booked: Any, clock: Any) -> None:
    """The summary counts them: a list that is one short must say why."""
    booked(name="Nobody", candidate={"email": None, "phone": None}, job_title="Cook")
    clock.advance(hours=72)
    browser = signed_in()
    assert "1 person is waiting" in browser.text and "Not in this list: 1 person with no phone number" in browser.text
    browser.open("/?reachable=false")
    assert "Nobody" in browser.text and "Not in this list" not in browser.text


def test_before_the_first_interview_the_page_says_where_people_come_from(signed_in: Any, booked: Any, clock: Any) -> None:
    """On the first day zero waits are not "a small sample"."""
    browser = signed_in()
    assert "Candidates appear here after their interview." in browser.text and "0 waits" not in browser.text
    booked()
    clock.advance(hours=72)
    browser.open("/")
    assert "Candidates appear here" not in browser.text and "only 1 candidate so far" in browser.text


def test_what_was_written_is_logged_as_written(signed_in: Any, booked: Any, employer: Any, clock: Any) -> None:
    """The log is evidence: a candidate without a number was not called and got no voicemail."""
    application = booked(candidate={"email": "kim@example.com", "phone": None})["application"]
    clock.advance(hours=72)
    browser = signed_in()
    assert "Log call" in browser.text and "Left a voicemail" not in browser.text
    browser.open(f"/applications/{application['id']}/log")
    browser.submit("/contacts", outcome="reached", decision="rejected", channel="email")
    browser.open(f"/applications/{application['id']}")
    assert "Email: sent" in browser.text
    [contact] = employer.get(f"/v1/applications/{application['id']}/contacts").json["data"]
    assert (contact["channel"], contact["outcome"]) == ("email", "sent")
    assert employer.get(f"/v1/applications/{application['id']}").json["loop"] == "answered"


def test_what_comes_next_says_whether_they_are_asked_to_call_or_to_write(signed_in: Any, waiting: Any, employer: Any) -> None:
    """The page announces the reminder that the candidate will get."""
    browser = signed_in()
    browser.open(f"/applications/{waiting['id']}")
    assert "to the candidate: who to call" in browser.text
    employer.patch("/v1/employer", {"policy": {"candidate_nudge": "email_reply"}})
    browser.open(f"/applications/{waiting['id']}")
    assert "to the candidate: who to write to" in browser.text


def test_the_way_that_is_chosen_at_first_is_the_one_there_is(signed_in: Any, booked: Any, clock: Any) -> None:
    """The preselected channel is one by which the candidate can be reached."""
    mailed = booked(candidate={"email": "kim@example.com", "phone": None})["application"]["id"]
    called = booked(name="Ben", candidate={"email": "ben@example.com", "phone": "+12025550177"})["application"]["id"]
    clock.advance(hours=72)
    browser = signed_in()
    for application, way in ((mailed, "email"), (called, "call")):
        browser.open(f"/applications/{application}/log")
        chosen = browser.html.partition('name="channel"')[2].partition(" selected>")[0]
        assert chosen.endswith(f'value="{way}"'), way


def test_what_was_not_saved_is_said_in_plain_words(signed_in: Any, waiting: Any) -> None:
    """The message names the field and what is wrong with it; nothing typed is lost."""
    browser = signed_in()
    browser.open(f"/applications/{waiting['id']}/log?back=/%3Fdecided%3Drejected")
    typed = {"outcome": "reached", "decision": "pending", "promised": "2027-01-01", "note": "Rang twice", "thanked": "yes"}
    assert browser.submit("/contacts", **typed).status == 422
    assert "They will hear by must be after the contact" in browser.text and 'href="#promised"' in browser.html
    assert "Rang twice" in browser.html and 'name="thanked" value="yes" checked' in browser.html
    assert 'value="/?decided=rejected"' in browser.html
    browser.open(f"/applications/{waiting['id']}/log?back=https://elsewhere.example")
    assert "elsewhere" not in browser.html


def test_a_logged_call_takes_the_card_off_and_lowers_the_score(signed_in: Any, waiting: Any, employer: Any) -> None:
    """The main use of the page."""
    browser, before = signed_in(), employer.get("/v1/risk").json["score"]
    browser.submit(
        "/contacts",
        outcome="reached",
        decision="rejected",
        thanked="yes",
        keep_in_mind="yes",
        feedback="Good portfolio.\r\nLess sure of PLCs.",
        note="nice",
    )
    assert "Saved." in browser.text and "Nobody is waiting" in browser.text
    [contact] = employer.get(f"/v1/applications/{waiting['id']}/contacts").json["data"]
    assert (contact["outcome"], contact["decision"], contact["thanked"], contact["keep_in_mind"]) == (
        "reached",
        "rejected",
        True,
        True,
    )
    assert contact["feedback"] == "Good portfolio.\nLess sure of PLCs."
    assert employer.get("/v1/risk").json["score"] < before


def test_a_voicemail_is_one_tap_and_no_word(signed_in: Any, waiting: Any, employer: Any) -> None:
    """An attempt is not word: the card stays."""
    browser = signed_in()
    browser.submit("/contacts", "voicemail", outcome="voicemail", decision="rejected", promised="2026-07-01")
    assert "1 person is waiting" in browser.text
    [contact] = employer.get(f"/v1/applications/{waiting['id']}/contacts").json["data"]
    assert (contact["outcome"], contact["decision"], contact["next_word_by"]) == ("voicemail", None, None)


def test_attempts_are_shown_with_who_made_them(signed_in: Any, waiting: Any, contact: Any, employer: Any, clock: Any) -> None:
    """The next recruiter need not call again at once. A call that was reached, or taken back, is no attempt."""
    browser = signed_in()
    browser.submit("/contacts", "voicemail", outcome="voicemail")
    clock.advance(minutes=10)
    browser.open("/")
    assert "Tried 10 min ago by Robin Hale" in browser.text and "attempts" not in browser.text
    logged = contact(waiting["id"], outcome="no_answer", decision=None)
    clock.advance(minutes=75)
    browser.open("/")
    assert "Tried 1 hour ago, 2 attempts" in browser.text
    browser.open(f"/applications/{waiting['id']}")
    assert "2 attempts" in browser.text and "Logged by Robin Hale" in browser.text
    employer.post(f"/v1/applications/{waiting['id']}/contacts/{logged['id']}/void")
    browser.open("/")
    assert "Tried 1 hour ago by Robin Hale" in browser.text and "attempts" not in browser.text
    listed = employer.get(f"/v1/applications/{waiting['id']}/contacts").json["data"]
    assert [one["recorded_by"]["type"] for one in listed] == ["key", "person"]
    contact(waiting["id"], decision="pending")
    browser.open(f"/applications/{waiting['id']}")
    assert "Tried" not in browser.text, "a new wait has no attempts yet"


def test_a_call_that_was_reached_needs_what_was_told(signed_in: Any, waiting: Any, employer: Any) -> None:
    """Nothing is guessed: "reached" without a decision is asked about, and nothing is written."""
    browser = signed_in()
    assert browser.submit("/contacts", outcome="reached", decision="").status == 422
    assert "Decision is missing: choose what you told them" in browser.text
    assert employer.get(f"/v1/applications/{waiting['id']}/contacts").json["data"] == []


def test_no_decision_yet_promises_a_day(signed_in: Any, waiting: Any, employer: Any) -> None:
    """Word is due at 17:00 in the employer's time zone."""
    browser = signed_in()
    browser.submit("/contacts", outcome="reached", decision="pending", promised="2026-06-10")
    [contact] = employer.get(f"/v1/applications/{waiting['id']}/contacts").json["data"]
    assert contact["next_word_by"] == "2026-06-10T21:00:00.000Z"
    browser.open("/")
    for wrong in ("2027-01-01", "yesterday", "2026-02-30"):
        answer = browser.post(
            f"/applications/{waiting['id']}/contacts",
            {"form_token": browser.token, "outcome": "reached", "decision": "pending", "promised": wrong},
        )
        assert answer.status == 422, wrong


def test_a_logged_call_can_be_undone_until_the_next_page(signed_in: Any, waiting: Any, employer: Any, clock: Any) -> None:
    """The recruiter tapped the wrong card, and sees it after a coffee. Later it is undone on the person's page."""
    browser = signed_in()
    browser.submit("/contacts", outcome="reached", decision="offer")
    assert "Saved. Sam Sample" in browser.text
    clock.advance(minutes=20)
    browser.submit("/undo")
    assert "1 person is waiting" in browser.text
    browser.submit("/contacts", outcome="reached", decision="offer")
    browser.open("/")
    assert "Undo" not in browser.text
    browser.open(f"/applications/{waiting['id']}")
    browser.submit("/undo")
    assert "Waiting to hear" in browser.text


def test_with_script_the_card_alone_is_replaced_and_the_figures_with_it(signed_in: Any, waiting: Any) -> None:
    """The rest of the list must not move."""
    browser = signed_in()
    fields = {"form_token": browser.token, "outcome": "reached", "decision": "advancing"}
    answer = browser.post(f"/applications/{waiting['id']}/contacts", fields, HX_Request="true")
    assert answer.status == 200 and "<html" not in answer.json
    assert 'id="figures" hx-swap-oob="true"' in answer.json and "Undo" in answer.json


def test_the_list_is_filtered_by_its_address(signed_in: Any, booked: Any, employer: Any, clock: Any) -> None:
    """A filter can be bookmarked."""
    one, other = booked(), booked(name="Kim", candidate={"email": "kim@example.com", "phone": "+12025550199"}, stage="final")
    booked(name="Nobody", candidate={"email": None, "phone": None}, job_title="Cook")
    employer.patch(f"/v1/applications/{one['application']['id']}", {"decided": "rejected"})
    clock.advance(hours=72)
    browser = signed_in()
    assert "1 person is rejected and not told yet: Sam Sample" in browser.text
    for path, there in (("/?decided=rejected", "Sam Sample"), ("/?stage=final", "Kim"), ("/?reachable=false", "Nobody")):
        browser.open(path)
        assert [name for name in ("Sam Sample", "Kim", "Nobody") if f">{name}</a></h3>" in browser.html] == [there]
    assert browser.open("/?stage=lunch").status == 422 and browser.open("/?x=1").status == 422
    assert other


def test_a_long_list_goes_on_where_it_stopped(signed_in: Any, employer: Any, clock: Any) -> None:
    """No candidate is repeated or left out."""
    load(employer.employer_id, random_loads(60, clock.now, days=10, answered=0))
    browser, seen = signed_in(), []
    while True:
        seen += [part.partition('"')[0] for part in browser.html.split('<h3 id="')[1:]]
        following = [part.partition('"')[0] for part in browser.html.split('href="') if part.startswith("/?cursor=")]
        if not following:
            break
        assert browser.open(following[0]).status == 200
    expected = [row["application_id"] for row in employer.get("/v1/call_list", query={"limit": 100}).json["data"]]
    assert seen == expected


def test_ten_times_as_many_waiting_cost_the_page_no_more_requests_or_reads(
    signed_in: Any, employer: Any, clock: Any, meter: Any
) -> None:
    """A long list must open as quickly as a short one: the page reads 25 applications of it, whatever its length."""
    browser, cost, people = signed_in(), [], []
    for more in (60, 540):
        load(employer.employer_id, random_loads(more, clock.now, days=10, to_the_hour=True))
        browser.open("/")  # the first visit of an hour may also write
        meter.reset()
        assert browser.open("/people").status == 200
        people.append((meter.total, sum(meter.read_units.values())))
        meter.reset()
        assert browser.open("/").status == 200
        assert browser.html.count('<article class="card"') == 25
        cost.append((meter.total, sum(meter.read_units.values())))
    (few, read_by_few), (many, read_by_many) = cost
    assert many <= few <= 13
    assert people[0][0] == people[1][0] <= 6, "the sixth counts the list, up to 1,000"
    assert people[1][1] <= people[0][1] + 10, "half a unit for each 4 KB of the 540 entries that are counted more"
    assert read_by_many <= read_by_few + 8  # ten times the waits fill more hours of the tally


def test_the_page_with_style_and_script_is_at_most_100_kilobytes(signed_in: Any, employer: Any, clock: Any) -> None:
    """Gzipped, with full lists: it is opened on phones. The later pages have style and script already."""
    load(employer.employer_id, random_loads(120, clock.now, days=10))
    browser = signed_in()
    paths = ["/static/" + part.partition('"')[0] for part in browser.html.split('"/static/')[1:]]
    texts = [browser.html, *(str(browser.open(path).json) for path in paths)]
    assert sum(len(gzip.compress(text.encode())) for text in texts) <= 100 * 1024
    for path, most in (("/", 80), ("/people", 40), ("/waiting", 100)):
        browser.open(path)
        assert len(browser.html.encode()) <= most * 1024, path


def test_many_are_told_not_yet_at_once(
    signed_in: Any, booked: Any, employer: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """But never candidates whose decision is made."""
    one = booked()
    other = booked(name="Kim", candidate={"email": "kim@example.com", "phone": "+12025550199"})
    employer.patch(f"/v1/applications/{other['application']['id']}", {"decided": "rejected"})
    clock.advance(hours=50)
    browser, before = signed_in(), len(outbox)
    browser.open("/waiting?tick=all")
    ticked = [part.partition('"')[0] for part in browser.html.split('name="application" value="')[1:] if " checked" in part[:120]]
    assert ticked == [one["application"]["id"]]
    ids = [one["application"]["id"], "app_01KT4A4MR0S1K0FS1KR9M52VB2"]
    fields = {"form_token": browser.token, "application": ids, "promised": "2026-06-12", "back": "/waiting"}
    assert browser.post("/holding-notices/preview", fields).status == 200
    assert "Send 2 holding notices?" in browser.text and "Jun 12" in browser.text and len(outbox) == before
    assert browser.submit("/holding-notices", application=ids).status == 200
    assert "Sam Sample : on its way" in browser.text and "There is no such record" in browser.text
    run_ticks()
    assert any(mail["to"] == "sam@example.com" and "June 12" in mail["body"] for mail in outbox[before:])
    browser.open("/")
    for wrong in ({"promised": ""}, {"promised": "2027-01-01"}, {"application": []}):
        for path in ("/holding-notices", "/holding-notices/preview"):
            assert browser.post(path, {**fields, "form_token": browser.token, **wrong}).status == 422
            browser.open("/")


def test_everybody_who_waits_is_told_not_yet_a_hundred_at_a_time(signed_in: Any, employer: Any, clock: Any) -> None:
    """A list of any length, each person once."""
    load(employer.employer_id, random_loads(130, clock.now, days=10, answered=0))
    browser = signed_in()
    browser.open("/waiting?tick=all")
    assert browser.html.count(" checked>") >= 100 and "Next people" in browser.text
    browser.post("/holding-notices/preview", {"form_token": browser.token, "who": "all", "promised": "2026-06-12"})
    number = int(browser.text.partition("Send ")[2].partition(" ")[0])
    assert number > 100 and browser.html.count('name="application"') == 0
    browser.submit("/holding-notices")
    seen = {part.partition('"')[0] for part in browser.html.split("/applications/")[1:]}
    assert "There are more people in this list." in browser.text and len(seen) == 100
    browser.submit("/holding-notices")
    rest = {part.partition('"')[0] for part in browser.html.split("/applications/")[1:]}
    assert len(rest) == number - 100 and not rest & seen and "There are more" not in browser.text


def test_the_list_is_a_workbook_too(signed_in: Any, waiting: Any) -> None:
    """Under "Download list"."""
    browser = signed_in()
    assert "Download list" in browser.text
    found = browser.open("/waiting/file")
    assert found.status == 200 and found.headers["Content-Disposition"].endswith('.xlsx"')
    header, *rows = openpyxl.load_workbook(io.BytesIO(found.json)).active.iter_rows()
    due = next(cell for name, cell in zip(header, rows[0], strict=True) if name.value == "Should hear by")
    assert due.is_date and due.number_format == "yyyy-mm-dd hh:mm", "in the company's own time"


def test_mine_shows_the_visitors_own_and_a_snooze_takes_one_off(signed_in: Any, booked: Any, clock: Any, employer: Any) -> None:
    """The filter and the buttons of Today and of the person's page."""
    mine = booked(name="Ann Mine", candidate={"email": "ann@example.com", "phone": None})["application"]
    booked(name="Bob Other", candidate={"email": "bob@example.com", "phone": None})
    clock.advance(hours=72)
    browser = signed_in()
    browser.open(f"/applications/{mine['id']}")
    [person] = employer.get("/v1/people").json["data"]
    browser.submit("/people", owner_id=person["id"], decider_id="")
    browser.open("/?owner=me")
    assert "Ann Mine" in browser.text and "Bob Other" not in browser.text
    browser.submit(f"{mine['id']}/snooze", button="7")
    assert browser.path.startswith("/?owner=me") and "Ann Mine" not in browser.text
    browser.open("/?snoozed=true")
    assert "Ann Mine" in browser.text and "Snoozed until Fri, Jun 12" in browser.text
    browser.submit(f"{mine['id']}/snooze", button="")
    browser.open("/")
    assert "Ann Mine" in browser.text


def test_somebody_is_called_back_at_the_time_that_they_asked_for(signed_in: Any, booked: Any, clock: Any, employer: Any) -> None:
    """By the employer's clock. Until then they are out of the list; after it the card says that it is time."""
    made = booked()["application"]
    clock.advance(hours=72)
    browser = signed_in()
    path = f"/applications/{made['id']}/call-back"
    assert f"{path}?back=" in browser.html
    for day, at, why in [
        ("", "", ["Date is missing", "Time is missing"]),
        ("2026-02-31", "25:00", ["Date must be a date", "Time must be a time"]),
        ("2026-06-01", "14:00", ["Date must be in the future"]),
        ("9999-12-31", "23:59", ["Date must be"]),
    ]:
        browser.open(path)
        browser.submit(path, day=day, at=at)
        assert browser.page.status == 422 and all(words in browser.text for words in why), browser.text
    browser.submit(path, day="2026-06-06", at="15:00")
    assert "Sam Sample" not in browser.text
    assert employer.get(f"/v1/applications/{made['id']}").json["snooze_until"] == "2026-06-06T19:00:00.000Z"
    clock.set(datetime(2026, 6, 6, 19, 0, tzinfo=UTC))
    browser.open("/")
    assert "Put off until Sat, Jun 6 at 3:00 PM: call now" in browser.text
    assert "Call back now: Sam Sample , +1 202-555-0123 : put off until Sat, Jun 6 at 3:00 PM." in browser.text
    employer.patch(f"/v1/applications/{made['id']}", {"status": "closed"})
    browser.open(path)
    browser.submit(path, day="2026-06-07", at="15:00")
    assert browser.page.status == 409 and "not waiting" in browser.text and 'value="2026-06-07"' in browser.html


def test_a_call_back_that_is_due_stands_above_the_list_whatever_its_rank(
    signed_in: Any, booked: Any, clock: Any, employer: Any, contact: Any
) -> None:
    """Also where its card is on a later page. Until somebody tries, or a week has passed; the rank itself stays as it was."""
    made = booked(name="Lea Later", stage="screen", candidate={"email": "lea@example.com", "phone": None})["application"]
    load(employer.employer_id, random_loads(60, clock.now, answered=0))
    clock.advance(hours=72)
    browser = signed_in()
    until = clock.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    assert employer.patch(f"/v1/applications/{made['id']}", {"snooze_until": stored_instant(until)}).status == 200
    browser.open("/")
    assert "Call back now" not in browser.text, "it is not time yet"
    clock.set(until)
    for path in ("/", "/waiting"):
        browser.open(path)
        assert "Call back now: Lea Later : put off until" in browser.text
    browser.open("/?stage=final")
    assert "Call back now" not in browser.text, "another filter asks for something else"
    browser.open("/?owner=me")
    assert "Call back now" not in browser.text, "she is nobody's"
    browser.open("/")
    cards = [part.partition('"')[0] for part in browser.html.split('<article class="card" aria-labelledby="')[1:]]
    ranked = [row["application_id"] for row in employer.get("/v1/call_list", query={"limit": 100}).json["data"]]
    assert cards == ranked[:25] and ranked.index(made["id"]) >= 25, "the order below is that of the API"
    clock.advance(minutes=5)
    contact(made["id"], "voicemail")
    browser.open("/")
    assert "Call back now" not in browser.text, "somebody tried"
    again = clock.now + timedelta(hours=1)
    employer.patch(f"/v1/applications/{made['id']}", {"snooze_until": stored_instant(again)})
    clock.set(again + timedelta(days=6, hours=23))
    browser = signed_in()
    assert "Call back now: Lea Later" in browser.text
    clock.advance(hours=2)
    browser.open("/")
    assert "Call back now" not in browser.text


def test_a_call_back_of_another_employer_is_not_shown(signed_in: Any, booked: Any, clock: Any, employer: Any, api: Any) -> None:
    made = booked()["application"]
    clock.advance(hours=72)
    until = clock.now + timedelta(hours=1)
    employer.patch(f"/v1/applications/{made['id']}", {"snooze_until": stored_instant(until)})
    clock.set(until)
    assert today_lists.call_backs_of(api.new_employer().employer_id, Filters(), clock.now) == []
    assert [one.id for one in today_lists.call_backs_of(employer.employer_id, Filters(), clock.now)] == [made["id"]]


def test_the_waiting_table_is_filtered_by_its_form(signed_in: Any, booked: Any, clock: Any, employer: Any) -> None:
    """By stage, job, group, owner and snooze, without script; pages, file and cards keep the filters."""
    for name, job, stage, group in (
        ("Ann Welder", "Welder", "final", "North"),
        ("Bob Welder", "Welder", "interview", "South"),
        ("Cleo Cook", "Cook", "final", "North"),
    ):
        email = f"{name.split()[0].lower()}@example.com"
        booked(name=name, job_title=job, stage=stage, application={"group": group}, candidate={"email": email, "phone": None})
    clock.advance(hours=100)
    browser = signed_in()

    def shown(**fields: str) -> str:
        browser.open("/waiting")
        form = next(one for one in Forms(browser.html).found if one["action"] == "/waiting")
        browser.open(f"/waiting?{urlencode({**dict(form['fields']), **fields})}")
        assert browser.page.status == 200
        return "".join(letter for letter, name in zip("ABC", ("Ann W", "Bob W", "Cleo C"), strict=True) if name in browser.text)

    assert shown() == "ABC" and "Everybody who is waiting and has no decision" in browser.text
    assert shown(job="weld") == "AB" and "Show: job title “weld”" in browser.text
    assert "Everybody who is waiting and" not in browser.text, "a notice to all would go beyond what is shown"
    assert shown(group="North") == "AC" and shown(group="South", job="WELD") == "B"
    assert shown(stage="final") == "AC" and "in this stage and has no decision" in browser.text
    assert shown(stage="final", job="cook") == "C" and "/waiting/file?stage=final&amp;job=cook" in browser.html
    workbook = browser.open("/waiting/file?stage=final&job=cook")
    assert [row[0].value for row in openpyxl.load_workbook(io.BytesIO(workbook.json)).active.iter_rows(min_row=2)] == [
        "Cleo Cook"
    ]
    browser.open("/?group=North&job=weld")
    assert "Ann Welder" in browser.text and "Cleo Cook" not in browser.text
    assert shown(owner="me") == "" and shown(snoozed="true") == "" and shown(reachable="false") == ""
    assert shown(job="<b>no such job</b>") == "" and "Nobody is waiting here." in browser.text
    assert browser.open("/waiting?stage=nope").status == 422


def test_a_rare_job_is_found_behind_many_others_page_by_page(signed_in: Any, booked: Any, employer: Any, clock: Any) -> None:
    """Each wait is shown once, whatever page the filter makes short."""
    load(employer.employer_id, random_loads(150, clock.now, answered=0))
    for number in range(3):
        booked(name=f"Zoe {number}", job_title="Glass blower", candidate={"email": f"z{number}@example.com", "phone": None})
    clock.advance(hours=72)
    browser = signed_in()
    browser.open("/waiting?job=glass")
    seen = [browser.text.count(f"Zoe {number}") for number in range(3)]
    assert seen == [1, 1, 1] and "1 to 3," in browser.text and "Next people" not in browser.text


def test_a_card_says_who_replied_or_disputes_in_their_words(
    signed_in: Any, booked: Any, clock: Any, employer: Any, contact: Any
) -> None:
    """Beside the name, until somebody has seen it."""
    made = booked()["application"]
    clock.advance(hours=72)
    contact(made["id"], decision="rejected")
    clock.advance(hours=1)
    stated = employer.post(f"/v1/applications/{made['id']}/statements", {"heard": False})
    assert stated.status == 201, stated
    other = booked(name="Kim Wrote", candidate={"email": "kim@example.com"})["application"]
    item = reply_store.reply(
        employer.employer_id,
        other["id"],
        "in-1",
        sender="+12025550123",
        body="When, <b>Dana</b>?",
        understood_as=None,
        at=clock(),
    )
    assert reply_store.create_once(item)
    browser = signed_in()
    cards = browser.html.split("<article")[1:]
    disputed = next(card for card in cards if "Sam Sample" in card)
    assert "Disputed</span>" in disputed and "Replied</span>" not in disputed
    wrote = next(card for card in cards if "Kim Wrote" in card)
    assert "Replied</span>" in wrote and "<q>When, &lt;b&gt;Dana&lt;/b&gt;?</q>" in wrote
    employer.post(f"/v1/replies/{item.id}/seen")
    browser.open("/")
    assert "Replied</span>" not in browser.html
