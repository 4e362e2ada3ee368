"""The People page: adding an interview, finding a person, correcting, closing, exporting and erasing."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.api.pagination import encode_cursor
from chalicelib.config import settings


@pytest.fixture
def waiting(booked: Any, clock: Any) -> Any:
    """Returns the application of a candidate who should have heard a day ago."""
    made = booked()
    clock.advance(hours=72)
    return made["application"]


SAM = {
    "name": "Sam Sample",
    "email": "sam@example.com",
    "phone": "+1 (202) 555-0123",
    "job_title": "Welder",
    "stage": "final",
    "date": "2026-06-09",
    "start": "14:00",
    "end": "15:00",
    "timezone": "Europe/Berlin",
}


def add(browser: Any, **fields: Any) -> Any:
    browser.open("/people/add")
    return browser.submit("/people/add", **{**SAM, **fields})


def test_an_interview_is_added_without_any_api_call(signed_in: Any, employer: Any) -> None:
    """Times are those of the zone that the form shows; a number may be written as people write it."""
    browser = signed_in()
    browser.open("/people")
    assert "Nobody is here yet" in browser.text and "/people/add" in browser.html
    assert add(browser).status == 200 and "Saved." in browser.text
    [interview] = employer.get("/v1/interviews").json["data"]
    assert (interview["start_at"], interview["end_at"]) == ("2026-06-09T12:00:00.000Z", "2026-06-09T13:00:00.000Z")
    assert (interview["stage"], interview["application"]["job_title"]) == ("final", "Welder")
    assert interview["application"]["candidate"]["phone"] == "+12025550123"
    browser.open("/people")
    assert "Sam Sample" in browser.text and "Interview to come" in browser.text


def test_every_wrong_field_is_named_and_nothing_typed_is_lost(signed_in: Any, employer: Any) -> None:
    """The error stands in the summary and at its field, and nothing is written."""
    browser = signed_in()
    wrong = {"name": "", "email": "nowhere", "phone": "12", "date": "9 June", "start": "", "timezone": "Berlin"}
    assert add(browser, **wrong).status == 422
    for name in wrong:
        assert f'href="#{name}"' in browser.html and f'id="{name}-problem"' in browser.html, name
    assert 'value="Welder"' in browser.html and 'value="nowhere"' in browser.html and 'value="9 June"' in browser.html
    assert employer.get("/v1/interviews").json["data"] == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"end": "14:00"}, "End time must be after the start"),
        ({"timezone": "America/New_York", "date": "2026-03-08", "start": "02:30"}, "does not exist on that day"),
        ({"date": "2026-02-30"}, "Date must be a date, like 2026-05-31, not &#34;2026-02-30&#34;"),
        ({"job_title": ""}, "Job title"),
    ],
)
def test_times_that_cannot_be_are_refused(signed_in: Any, employer: Any, fields: Any, said: str) -> None:
    """An hour that the clocks skip is asked about, not guessed."""
    browser = signed_in()
    assert add(browser, **fields).status == 422
    assert said in browser.html
    assert employer.get("/v1/interviews").json["data"] == []


def test_an_interview_may_end_after_midnight_and_be_moved_as_it_stands(signed_in: Any, employer: Any) -> None:
    """A night shift's. 23:30 to 14:00 would be too long: one of the times is wrong."""
    browser = signed_in()
    add(browser, timezone="America/New_York", date="2026-06-09", start="23:30", end="00:15")
    [interview] = employer.get("/v1/interviews").json["data"]
    assert (interview["start_at"], interview["end_at"]) == ("2026-06-10T03:30:00.000Z", "2026-06-10T04:15:00.000Z")
    assert "A call now" not in browser.text, "nobody waits before the interview"
    browser.open(browser.path.partition("?")[0] + f"/interviews/{interview['id']}/move")
    browser.submit("/move", date="2026-06-10", start="23:30", end="00:15", timezone="America/New_York", stage="final")
    [moved] = employer.get("/v1/interviews").json["data"]
    assert (moved["end_at"], moved["stage"]) == ("2026-06-11T04:15:00.000Z", "final")


@pytest.mark.parametrize(
    ("date", "zone"), [("9999-12-31", "UTC"), ("9999-12-31", "Pacific/Apia"), ("0001-01-01", "Pacific/Apia")]
)
def test_the_first_and_last_day_of_the_calendar_are_refused(signed_in: Any, employer: Any, date: str, zone: str) -> None:
    """No day comes after the last one, where an interview past midnight would end."""
    assert add(signed_in(), timezone=zone, date=date, start="23:30", end="00:15").status == 422
    assert employer.get("/v1/interviews").json["data"] == []


def test_an_hour_that_comes_twice_is_the_first_one(signed_in: Any, employer: Any) -> None:
    """As calendars do it."""
    add(signed_in(), timezone="America/New_York", date="2026-11-01", start="01:30", end="03:00")
    [interview] = employer.get("/v1/interviews").json["data"]
    assert interview["start_at"] == "2026-11-01T05:30:00.000Z"


def test_a_double_click_adds_one_interview(signed_in: Any, employer: Any) -> None:
    """The same page pressed twice is one press."""
    browser = signed_in()
    browser.open("/people/add")
    token = browser.token
    for _ in range(2):
        browser.post("/people/add", {**SAM, "form_token": token})
        assert browser.page.status == 200 and "Saved." in browser.text
    assert len(employer.get("/v1/interviews").json["data"]) == 1
    assert len(employer.get("/v1/candidates").json["data"]) == 1


def test_a_national_number_is_read_as_one_of_the_employers_country(signed_in: Any, employer: Any) -> None:
    """ "(202) 555-0123" at an employer whose own number is American. Elsewhere nothing is guessed."""
    employer.patch("/v1/employer", {"call_back": {"name": "Dana", "phone": "+12025550100"}})
    browser = signed_in()
    assert add(browser, phone="(202) 555-0123").status == 200
    [candidate] = employer.get("/v1/candidates").json["data"]
    assert candidate["phone"] == "+12025550123"


def test_somebody_elses_address_is_pointed_out(signed_in: Any) -> None:
    """An agency's mailbox is not one person: both are kept, and the recruiter is told."""
    browser = signed_in()
    add(browser)
    add(browser, name="Kim Example", phone="")
    assert "Another person has the same email or phone under another name" in browser.text


def test_people_are_found_by_the_beginning_of_any_part_of_a_name(signed_in: Any) -> None:
    """Without script too: the search box is a form."""
    browser = signed_in()
    add(browser)
    add(browser, name="Élodie Marchand-Sample", email="elodie@example.com", phone="", job_title="Fitter")
    for q, found in {"sam": 2, "elod": 1, "marchand": 1, "sample elo": 1, "ple": 0, "": 2, "  ": 2}.items():
        browser.open(f"/people?q={q.replace(' ', '+')}")
        assert browser.html.count('<tr><th scope="row">') == found, q
    browser.open("/people?q=elod", **{"Hx-Request": "true"})
    assert browser.page.status == 200 and "<html" not in browser.html and "Élodie" in browser.text


@pytest.mark.parametrize("q", ["---", "!!", "’ .", "😀"])
def test_a_search_without_letters_finds_nobody_and_says_so(signed_in: Any, employer: Any, q: str) -> None:
    """With each filter: everybody would look like people of that name. The API refuses such a search."""
    browser = signed_in()
    add(browser)
    employer.post("/v1/candidates", {"name": "Alone Sample", "email": "alone@example.com"})
    for loop in ("", "waiting", "none"):
        browser.open("/people?" + urlencode({"q": q, "loop": loop}))
        assert browser.page.status == 200 and f"Nobody found for “{q}”" in browser.text and "Sample" not in browser.text
    assert employer.get("/v1/candidates", query={"q": q}).status == 422


def test_whoever_has_waited_since_last_year_is_shown_with_the_year(signed_in: Any, booked: Any, clock: Any) -> None:
    """In the list, on Today, on their page: "Thu, Jun 4" would be read as the one to come, or the last."""
    made = booked(name="Ann Sample", candidate={"email": "ann@example.com"})
    clock.advance(hours=24 * 300)
    browser = signed_in()
    for path in ("/people", "/", f"/applications/{made['application']['id']}"):
        browser.open(path)
        assert "Jun 4, 2026" in browser.text or "June 4, 2026" in browser.text, path
        assert "Tue, Jun 2" not in browser.text, path


def test_people_are_filtered_by_where_they_stand(signed_in: Any, booked: Any, clock: Any, contact: Any) -> None:
    """Who waits, and who has heard."""
    first = booked(name="Ann Sample", candidate={"email": "ann@example.com"})
    booked(name="Bo Sample", candidate={"email": "bo@example.com"})
    clock.advance(hours=72)
    contact(first["application"]["id"], decision="rejected")
    browser = signed_in()
    browser.open("/people?loop=waiting")
    assert "Bo Sample" in browser.text and "Ann Sample" not in browser.text and "late" in browser.text
    browser.open("/people?loop=answered")
    assert "Ann Sample" in browser.text and "Bo Sample" not in browser.text
    assert 'value="answered" selected' in browser.html, "the form shows what was chosen"
    assert browser.open("/people?loop=nothing").status == 422


def test_people_are_filtered_by_job_owner_and_group(signed_in: Any, booked: Any, employer: Any) -> None:
    """Each alone, all together, beside a name; and nothing of another employer's team fits."""
    browser = signed_in()
    [robin] = employer.get("/v1/people").json["data"]
    ann = booked(name="Ann Sample", job_title="TIG Welder", candidate={"email": "ann@example.com"})["application"]
    booked(name="Bo Sample", job_title="Cook", candidate={"email": "bo@example.com"})
    employer.patch(f"/v1/applications/{ann['id']}", {"owner_id": robin["id"], "group": "Berlin"})
    stands = employer.get(f"/v1/applications/{ann['id']}").json["loop"]
    every = {"job": "welder", "owner": robin["id"], "group": "berlin"}
    for chosen in (*({name: value} for name, value in every.items()), every, {**every, "q": "ann", "loop": stands}):
        browser.open(f"/people?{urlencode(chosen)}")
        assert "Ann Sample" in browser.text and "Bo Sample" not in browser.text, chosen
    assert f'value="{robin["id"]}" selected' in browser.html and "<option selected>Berlin" not in browser.html
    browser.open("/people?owner=person_of_somebody_else")
    assert "Ann Sample" not in browser.text and "Nobody." in browser.text


def test_a_decision_is_noted_and_a_group_is_set_on_the_persons_page(
    signed_in: Any, booked: Any, employer: Any, clock: Any
) -> None:
    """By the forms of the page alone; the decision leads Today until it is told."""
    made = booked()["application"]
    clock.advance(hours=72)
    browser = signed_in()
    browser.open(f"/applications/{made['id']}")
    browser.submit("/decided", "rejected", decided="rejected")
    browser.open(f"/applications/{made['id']}")
    browser.submit("/group", group="Berlin")
    known = employer.get(f"/v1/applications/{made['id']}").json
    assert (known["decided"], known["group"]) == ("rejected", "Berlin")
    browser.open("/")
    assert "1 person is rejected and not told yet: Sam Sample" in browser.text


def test_a_long_list_has_pages_and_a_way_back(signed_in: Any, booked: Any) -> None:
    """Nobody is shown twice, nobody is left out."""
    for number in range(53):
        booked(name=f"Person {number:02}", candidate={"email": f"p{number}@example.com"})
    browser = signed_in()
    browser.open("/people")
    seen = {f"Person {number:02}" for number in range(53) if f"Person {number:02}" in browser.text}
    assert len(seen) == 50 and "Next people" in browser.text and "1 to 50 of 53, newest first" in browser.text
    following = browser.html.partition('href="/people?cursor=')[2].partition('"')[0]
    browser.open(f"/people?cursor={following}")
    rest = {f"Person {number:02}" for number in range(53) if f"Person {number:02}" in browser.text}
    assert len(rest) == 3 and not rest & seen and "Back to the first" in browser.text
    assert "51 to 53 of 53, newest first" in browser.text
    assert browser.open(f"/people?cursor={following}x").status == 422


def test_a_filtered_list_says_its_total_once_it_is_known(signed_in: Any, booked: Any, employer: Any, clock: Any) -> None:
    """To count a filter is to read everything. A cursor of the version before, which says no number, still works."""
    for number in range(53):
        booked(name=f"Person {number:02}", job_title="Cook", candidate={"email": f"p{number}@example.com"})
    clock.advance(minutes=1)  # records of one instant are in any order: this one is the newest
    booked(name="Other", candidate={"email": "other@example.com"})
    browser = signed_in()
    browser.open("/people?job=cook")
    assert "1 to 50, newest first" in browser.text
    browser.open(html.unescape(re.search(r'href="(/people\?job=cook[^"]+cursor=[^"]+)"', browser.html)[1]))
    assert "51 to 53 of 53, newest first" in browser.text
    browser.open("/people?q=other")
    assert "People called “other”: 1 to 1 of 1" in browser.text
    last = employer.get("/v1/applications", query={"limit": 50}).json["data"][-1]["id"]
    bound_to = f"people|{employer.employer_id}||"
    browser.open("/people?cursor=" + encode_cursor(last, keys=settings().sign, bound_to=bound_to))
    assert browser.page.status == 200 and browser.text.count("Cook") == 4 and "Newest first" in browser.text


def test_details_are_corrected_on_the_persons_page(signed_in: Any, employer: Any) -> None:
    """A wrong number is why nobody could call."""
    browser = signed_in()
    add(browser)
    application = browser.path.partition("?")[0]
    browser.open(f"{application}/person")
    browser.submit("/person", name="Samira Sample", phone="+49 1512 3456789", timezone="Europe/Berlin")
    assert "Saved." in browser.text and "Samira Sample" in browser.text
    [candidate] = employer.get("/v1/candidates").json["data"]
    assert (candidate["name"], candidate["phone"], candidate["timezone"]) == ("Samira Sample", "+4915123456789", "Europe/Berlin")
    assert candidate["email"] == "sam@example.com"
    browser.open(f"{application}/person")
    assert browser.submit("/person", email="nowhere", name="").status == 422
    assert 'href="#email"' in browser.html and 'value="nowhere"' in browser.html


def test_an_interview_is_cancelled_reinstated_and_marked_as_no_show(
    signed_in: Any, employer: Any, booked: Any, clock: Any
) -> None:
    """Only changes that are possible now have a button."""
    made = booked(-2)
    browser = signed_in()
    page = f"/applications/{made['application']['id']}"
    browser.open(page)
    assert "Cancel interview" in browser.text and "Mark as no-show" not in browser.text
    browser.submit("/interviews/", "cancel")
    assert "cancelled" in browser.text
    browser.submit("/interviews/", "reinstate")
    clock.advance(hours=72)
    browser.open(page)
    assert "Cancel interview" not in browser.text
    browser.submit("/interviews/", "no_show")
    assert employer.get(f"/v1/interviews/{made['id']}").json["status"] == "no_show"
    assert employer.get(page.replace("/applications", "/v1/applications")).json["loop"] != "waiting"


def test_an_application_is_closed_withdrawn_and_reopened(signed_in: Any, employer: Any, waiting: Any) -> None:
    """Nobody is reminded about a closed one."""
    browser = signed_in()
    for status, button in (("closed", "closed"), ("active", "active"), ("withdrawn", "withdrawn")):
        browser.open(f"/applications/{waiting['id']}")
        browser.submit("/status", button)
        assert employer.get(f"/v1/applications/{waiting['id']}").json["status"] == status


def test_a_person_is_exported_and_erased(signed_in: Any, employer: Any, waiting: Any) -> None:
    """Erasing asks first, and only managers may. Both are in the audit log."""
    page = f"/applications/{waiting['id']}"
    recruiter = signed_in("recruiter", "Kim Hale", "kim@example.com")
    recruiter.open(page)
    assert "Erase this person" not in recruiter.text
    assert recruiter.post(f"{page}/erase", {"form_token": recruiter.token, "sure": "yes"}).status == 403
    browser = signed_in()
    exported = browser.open(f"{page}/export")
    assert exported.status == 200 and "attachment" in exported.headers["Content-Disposition"]
    assert exported.headers["Cache-Control"] == "no-store" and "Sam Sample" in str(exported.json)
    browser.open(page)
    browser.submit("/erase", sure="")
    assert employer.get(f"/v1/applications/{waiting['id']}").status == 200, "not sure: nothing is erased"
    browser.submit("/erase", sure="yes")
    assert "Erased" in browser.text
    assert employer.get(f"/v1/applications/{waiting['id']}").status == 404
    kinds = [entry["what"] for entry in employer.get("/v1/audit").json["data"]]
    assert "erasure" in kinds and "export" in kinds


def test_another_employers_person_is_out_of_reach(signed_in: Any, waiting: Any, api: Any, interview: Any) -> None:
    """By no page and by no button."""
    browser = signed_in()
    token, theirs = browser.token, api.new_employer(name="Blue Fern")
    made = theirs.post("/v1/interviews", interview(name="Lee Other", candidate={"email": "lee@example.com"})).json
    page = f"/applications/{made['application']['id']}"
    for path in (page, f"{page}/person", f"{page}/export"):
        assert browser.open(path).status == 404, path
    for path, fields in (
        ("/status", {"status": "closed"}),
        ("/group", {"group": "Berlin"}),
        ("/person", {"name": "Mine"}),
        ("/erase", {"sure": "yes"}),
        (f"/interviews/{made['id']}", {"do": "no_show"}),
        (f"/interviews/{made['id']}/move", {"date": "2026-06-20", "start": "09:00", "end": "10:00", "timezone": "UTC"}),
    ):
        assert browser.post(page + path, {"form_token": token, **fields}).status == 404, path
    own = f"/applications/{waiting['id']}/interviews/{made['id']}"
    assert browser.post(own, {"form_token": token, "do": "no_show"}).status == 404
    browser.open("/people?q=lee")
    assert "Lee Other" not in browser.text
    assert theirs.get(f"/v1/interviews/{made['id']}").json["status"] == "scheduled"


def test_the_page_shows_the_words_of_every_message(signed_in: Any, booked: Any, clock: Any, run_ticks: Any, outbox: Any) -> None:
    """Anyone who calls knows what the candidate has read, but not the links by which one acts as the candidate."""
    application = booked()["application"]
    clock.advance(hours=49)
    run_ticks()
    [mail] = outbox.to("sam@example.com")
    browser = signed_in()
    browser.open(f"/applications/{application['id']}")
    assert mail["subject"] in browser.text and "What could I have done better?" in browser.text
    assert "[personal link]" in browser.text and "/f/" not in browser.html


def test_an_interview_is_moved_and_the_reminder_with_it(signed_in: Any, employer: Any, booked: Any) -> None:
    """The form shows the times as they are, in the employer's zone; a wrong one changes nothing and loses nothing."""
    made = booked(-2)
    browser = signed_in()
    browser.open(f"/applications/{made['application']['id']}")
    page = f"/applications/{made['application']['id']}/interviews/{made['id']}/move"
    assert page in browser.html
    browser.open(page)
    assert browser.submit("/move", stage="final", date="2026-06-20", start="15:00", end="14:00").status == 422
    assert 'href="#end"' in browser.html and 'value="2026-06-20"' in browser.html
    before = employer.get(f"/v1/applications/{made['application']['id']}").json["next_reminder_at"]
    browser.submit("/move", date="2026-06-20", start="09:00", end="10:00", timezone="America/Denver", stage="final")
    moved = employer.get(f"/v1/interviews/{made['id']}").json
    assert "Saved." in browser.text and moved["stage"] == "final"
    assert (moved["start_at"], moved["end_at"]) == ("2026-06-20T15:00:00.000Z", "2026-06-20T16:00:00.000Z")
    assert employer.get(f"/v1/applications/{made['application']['id']}").json["next_reminder_at"] != before
    employer.post(f"/v1/interviews/{made['id']}/cancel")
    browser.open(page)
    assert browser.submit("/move", stage="final", date="2026-06-21").status == 409
    assert "reinstate it first" in browser.text and "/v1/" not in browser.text


def test_somebody_without_an_application_is_found_and_gets_an_interview(signed_in: Any, employer: Any, booked: Any) -> None:
    """A program entered the person alone. The form is filled with what is known, and adds no second person."""
    booked(name="Ann Other", candidate={"email": "ann@example.com"})
    made = employer.post("/v1/candidates", {"name": "Ann Alone", "email": "alone@example.com"}).json
    browser = signed_in()
    for path in ("/people?loop=none", "/people?q=ann", "/people?q=alone&loop=none"):
        browser.open(path)
        assert f"/candidates/{made['id']}" in browser.html and "No interviews yet" in browser.text, path
        assert ("Ann Other" in browser.text) == (path == "/people?q=ann")
    browser.open(f"/candidates/{made['id']}")
    assert f"/people/add?person={made['id']}" in browser.html
    browser.open(f"/people/add?person={made['id']}")
    browser.submit("/people/add", **{name: SAM[name] for name in ("job_title", "stage", "date", "start", "end")})
    assert "Saved." in browser.text and "Ann Alone" in browser.text
    assert len(employer.get("/v1/candidates").json["data"]) == 2
    browser.open("/people?loop=none")
    assert "Ann Alone" not in browser.text
    assert "/applications/" in browser.open(f"/candidates/{made['id']}").headers.get("Location", browser.path)


def test_somebody_without_an_application_is_corrected_exported_and_erased(signed_in: Any, employer: Any) -> None:
    """On a page like everybody's; only managers erase, and only when they say that they are sure."""
    made = employer.post("/v1/candidates", {"name": "Ann Alone", "email": "alone@example.com"}).json
    page = f"/candidates/{made['id']}"
    recruiter = signed_in("recruiter", "Kim Hale", "kim@example.com")
    recruiter.open(page)
    assert "Erase this person" not in recruiter.text
    assert recruiter.post(f"{page}/erase", {"form_token": recruiter.token, "sure": "yes"}).status == 403
    browser = signed_in()
    browser.open(page)
    assert browser.submit(page, name="", email="nowhere").status == 422
    assert 'href="#email"' in browser.html and 'value="nowhere"' in browser.html
    browser.submit(page, name="Anna Alone", email="anna@example.com", phone="+49 1512 3456789")
    assert "Saved." in browser.text and "Anna Alone" in browser.text
    changed = employer.get(f"/v1/candidates/{made['id']}").json
    assert (changed["name"], changed["email"], changed["phone"]) == ("Anna Alone", "anna@example.com", "+4915123456789")
    exported = browser.open(f"{page}/export")
    assert "attachment" in exported.headers["Content-Disposition"] and "Anna Alone" in str(exported.json)
    browser.open(page)
    browser.submit("/erase", sure="")
    assert employer.get(f"/v1/candidates/{made['id']}").status == 200, "not sure: nothing is erased"
    browser.submit("/erase", sure="yes")
    assert "Erased" in browser.text and employer.get(f"/v1/candidates/{made['id']}").status == 404
    assert {"erasure", "export"} <= {entry["what"] for entry in employer.get("/v1/audit").json["data"]}


def test_another_employers_person_without_an_application_is_out_of_reach(signed_in: Any, api: Any) -> None:
    """By no page and by no button, and an address that cannot be one is no page either."""
    browser = signed_in()
    token, theirs = browser.token, api.new_employer(name="Blue Fern")
    made = theirs.post("/v1/candidates", {"name": "Lee Other", "email": "lee@example.com"}).json
    page = f"/candidates/{made['id']}"
    for path in (page, f"{page}/export", "/candidates/x", page.replace("cand_", "app_")):
        assert browser.open(path).status == 404, path
    for path, fields in ((page, {"name": "Mine"}), (f"{page}/erase", {"sure": "yes"})):
        assert browser.post(path, {"form_token": token, **fields}).status == 404, path
    assert theirs.get(f"/v1/candidates/{made['id']}").json["name"] == "Lee Other"


def test_a_persons_page_says_what_a_notice_still_lacks(
    signed_in: Any, employer: Any, booked: Any, contact: Any, clock: Any
) -> None:
    """Israel asks for a written notice: a call alone does not meet the duty, and the page says why."""
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "IL", "headcount": 100}})
    application = booked()["application"]["id"]
    clock.advance(hours=72)
    browser = signed_in()
    browser.open(f"/applications/{application}")
    assert "What the law asks" in browser.text and "still lacks" not in browser.text
    contact(application, decision="rejected")
    browser.open(f"/applications/{application}")
    assert "The notice still lacks:" in browser.text and "writing: tell it by email, text or letter" in browser.text


def test_a_persons_page_says_in_plain_words_what_a_call_changes(signed_in: Any, booked: Any, clock: Any) -> None:
    """Nobody reads "0.01 expected negative reviews". The number is there for who asks, as a count of calls."""
    application = booked()["application"]["id"]
    clock.advance(hours=72)
    browser = signed_in()
    browser.open(f"/applications/{application}")
    assert "A call now makes a negative review less likely." in browser.text and "expected" not in browser.text
    assert re.search(r"1,000 calls like this one prevent about \d+ negative reviews\. It may be \d+ to \d+\.", browser.text)


def test_a_preview_says_what_the_message_would_lack(signed_in: Any, employer: Any, booked: Any, clock: Any) -> None:
    """Israel asks for names and the sender's role: better known before the letter goes than in court."""
    browser, told = signed_in(), []
    for jurisdiction, name in ((None, "Ada Sample"), ("IL", "Bo Sample")):
        employer.patch("/v1/employer", {"policy": {"jurisdiction": jurisdiction, "headcount": 100}})
        person = {"email": f"{name[:2].strip().lower()}@example.com", "phone": None}
        application = booked(name=name, candidate=person)["application"]["id"]
        clock.advance(hours=72)
        for path, fields in (
            ("/holding-notices/preview", {"promised": (clock.now + timedelta(days=5)).date().isoformat()}),
            ("/letters/preview", {"reason": "experience"}),
        ):
            browser.open("/waiting")
            browser.post(path, {"form_token": browser.token, "application": application, "back": "/", **fields})
            assert "1 holding notice?" in browser.text or "1 letter to send" in browser.text
            told.append(browser.text.partition("more than this message says: ")[2].partition(". See")[0])
    assert (told[0], told[1], told[3]) == ("", "", "the sender’s role")
    assert told[2].startswith("your company’s name") and "the position" in told[2]
