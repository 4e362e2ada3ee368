"""Candidates who said that they heard are asked once how it was; employers read it from five answers on, under no name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.applications.candidates import links
from chalicelib.applications.items import ExperienceItem
from chalicelib.storage import keys, table
from tests.web.conftest import Browser

ASKED = "How was it?"
Heard = Callable[..., Browser]


@pytest.fixture
def heard(api: Any, employer: Any, clock: Any) -> Heard:
    """heard("Ann", group="Boston") -> the page of a candidate who said there that they heard."""

    def make(name: str = "Ann Example", answer: str = "no", **given: Any) -> Browser:
        email = f"{name.split()[0].casefold()}@example.com"
        clock.advance(seconds=1)
        body = {
            "stage": "final",
            "start_at": clock.text(hours=-2),
            "end_at": clock.text(hours=-1),
            "application": {"job_title": "Welder", "candidate": {"name": name, "email": email}, **given},
        }
        made = employer.post("/v1/interviews", body)
        assert made.status == 201, made
        browser = Browser(api)
        browser.open("/f/" + links.token(employer.employer_id, made.json["application_id"], clock.now))
        browser.post(browser.path, {"answer": answer})
        return browser

    return make


def stored(employer: Any) -> list[ExperienceItem]:
    found = table.query(keys.experience_pk(employer.employer_id))
    return [one for one in found if isinstance(one, ExperienceItem)]


def ask_of(browser: Browser) -> str:
    return "/".join(browser.path.partition("?")[0].split("/")[:3]) + "/experience"


def answered(heard: Heard, scores: list[int], **given: Any) -> list[Browser]:
    """Candidates who answer, one a score, each with a line."""
    names = ("Ann", "Ben", "Cleo", "Dov", "Eun", "Fay", "Gus", "Hal", "Ida", "Jo")[: len(scores)]
    group = given.get("group", "")
    pages = []
    for name, score in zip(names, scores, strict=True):
        page = heard(f"{name}{group} Example", **given)
        page.submit("/experience", score=str(score), line=f"{name} says {score}")
        pages.append(page)
    return pages


def test_only_who_said_that_they_heard_is_asked(heard: Heard, employer: Any) -> None:
    """A "not yet" and a press by a forged form store nothing."""
    page = heard(answer="not_yet")
    assert ASKED not in page.text
    assert page.post(ask_of(page), {"score": "0"}).status == 409 and stored(employer) == []
    assert ASKED in heard("Ben Example", answer="good").text


def test_what_a_client_records_for_them_does_not_count(heard: Heard, employer: Any, clock: Any) -> None:
    """The employer says that the candidate heard: nobody asked the candidate."""
    page = heard(answer="not_yet")
    [application] = employer.get("/v1/applications").json["data"]
    clock.advance(minutes=1)
    assert employer.post(f"/v1/applications/{application['id']}/statements", {"heard": True}).status == 201
    page.open(page.path)
    assert ASKED not in page.text


def test_a_double_click_is_one_answer_and_the_first_stays(heard: Heard, employer: Any) -> None:
    """The page then shows the candidate what they said, and asks no more."""
    page = heard()
    page.submit("/experience", score="8", line="Friendly")
    assert page.post(ask_of(page), {"score": "0", "line": "Bad"}).status == 200
    assert [(one.score, one.line, one.stage) for one in stored(employer)] == [(8, "Friendly", "final")]
    assert "You answered: 8 of 10." in page.text and "Friendly" in page.text and "Send answer" not in page.text


@pytest.mark.parametrize("score", ["", "11", "-1", "7.5", "x", "٣"])
def test_a_score_is_a_whole_number_up_to_ten(heard: Heard, employer: Any, score: str) -> None:
    """Anything else is refused with words, and stores nothing."""
    page = heard()
    assert page.post(ask_of(page), {"score": score}).status == 422
    assert "Choose a number from 0 to 10." in page.text and stored(employer) == []


def test_a_line_is_cleaned_and_short(heard: Heard, employer: Any) -> None:
    """It is read by others: no link, no number, not more than a line."""
    page = heard()
    assert page.post(ask_of(page), {"score": "5", "line": "x" * 201}).status == 422
    page.post(ask_of(page), {"score": "5", "line": "See https://evil.example or call 1-900-555-0199. <b>Slow</b>"})
    [one] = stored(employer)
    assert "evil" not in one.line and "0199" not in one.line
    assert "<b>Slow" not in page.html


def test_figures_come_in_fives_under_no_name(heard: Heard, employer: Any) -> None:
    """Four show nothing, five do, and the sixth waits. No id or name of a candidate is in it."""
    pages = answered(heard, [10, 8, 8, 0])
    [none] = {str(one) for one in employer.get("/v1/experience").json["by_stage"].values()}
    assert "'answers': 0" in none and "'average': None" in none and "'scores': []" in none and "'lines': []" in none
    pages += answered(heard, [4, 1], group="Boston")
    answer = employer.get("/v1/experience")
    final = answer.json["by_stage"]["final"]
    assert (final["answers"], final["average"], final["scores"][8]) == (5, 6.0, 2)
    assert final["lines"] == ["Ann says 10", "Ann says 4", "Ben says 8", "Cleo says 8", "Dov says 0"]
    assert answer.json["by_group"]["Boston"]["answers"] == 0 and answer.json["shown_from"] == 5
    assert "app_" not in str(answer.json) and "cand_" not in str(answer.json)


def test_a_group_has_figures_of_its_own(heard: Heard, employer: Any) -> None:
    """In any spelling; an unknown group is refused with the known ones."""
    answered(heard, [2, 2, 2, 2, 2], group="Boston")
    answered(heard, [9, 9, 9, 9, 9], group="Austin")
    assert {name: one["average"] for name, one in employer.get("/v1/experience").json["by_group"].items()} == {
        "Boston": 2.0,
        "Austin": 9.0,
    }
    of_one = employer.get("/v1/experience", query={"group": "boston"}).json
    assert of_one["by_stage"]["final"]["average"] == 2.0 and of_one["by_group"] == {}
    assert employer.get("/v1/experience", query={"group": "Paris"}).status == 422


def test_another_employer_sees_none_of_it(heard: Heard, employer: Any, api: Any) -> None:
    """Neither figures nor lines, nor the group."""
    answered(heard, [1, 1, 1, 1, 1], group="Boston")
    other = api.new_employer()
    shown = other.get("/v1/experience").json
    assert all(one["answers"] == 0 for one in shown["by_stage"].values()) and shown["by_group"] == {}
    assert other.get("/v1/experience", query={"group": "Boston"}).status == 422


def test_figures_without_people_hold_no_line(heard: Heard, employer: Any, api: Any) -> None:
    """A key with `report` alone gets no words, which may say who wrote them; a key with `write` alone gets nothing."""
    answered(heard, [1, 1, 1, 1, 1])
    keys_of = {scope: employer.post("/v1/keys", {"scopes": [scope]}).json["secret"] for scope in ("report", "write")}
    shown = api.using(keys_of["report"]).get("/v1/experience").json["by_stage"]["final"]
    assert shown["answers"] == 5 and shown["lines"] is None
    assert api.using(keys_of["write"]).get("/v1/experience").status == 403


def test_nothing_else_tells_who_said_what(heard: Heard, employer: Any, signed_in: Any) -> None:
    """Application, timeline, export, replies and change feed: the export says when somebody answered, not what."""
    page = heard()
    [application] = employer.get("/v1/applications").json["data"]
    before = employer.get(f"/v1/applications/{application['id']}")
    page.submit("/experience", score="1", line="They were terrible")
    after = employer.get(f"/v1/applications/{application['id']}")
    assert after.headers["ETag"] == before.headers["ETag"]
    export = employer.get(f"/v1/candidates/{application['candidate_id']}/export").json
    assert export["applications"][0]["experience_given_at"]
    everything = [
        export,
        after.json,
        *(employer.get(path).json for path in ("/v1/replies", f"/v1/applications/{application['id']}/timeline", "/v1/export")),
        signed_in().text,
    ]
    assert "terrible" not in str(everything) and "experience_given" not in after.json


def test_the_candidate_takes_it_back_for_good(heard: Heard, employer: Any) -> None:
    """It leaves the figures, and is not asked again."""
    pages = answered(heard, [5, 5, 5, 5, 5])
    assert employer.get("/v1/experience").json["by_stage"]["final"]["answers"] == 5
    pages[0].submit("/experience", button="yes")
    assert ASKED not in pages[0].text and len(stored(employer)) == 4
    assert employer.get("/v1/experience").json["by_stage"]["final"]["answers"] == 0
    pages[0].post(ask_of(pages[0]), {"score": "5"})
    assert len(stored(employer)) == 4


def test_an_erased_candidates_answer_is_gone(heard: Heard, employer: Any) -> None:
    """With the application, in one transaction."""
    answered(heard, [5, 6])
    [ann] = [one for one in employer.get("/v1/candidates").json["data"] if one["name"] == "Ann Example"]
    assert employer.delete(f"/v1/candidates/{ann['id']}").status == 200
    assert [one.score for one in stored(employer)] == [6]


def test_a_strangers_link_answers_nothing(heard: Heard, employer: Any, api: Any) -> None:
    """The link is the proof of identity, and opening a page stores nothing."""
    page = heard()
    path = page.path.partition("?")[0]
    assert Browser(api).post(path[:-3] + "xyz/experience", {"score": "1"}).status == 404
    assert page.open(path + "/experience").status in (404, 405)
    assert stored(employer) == []


def test_the_report_shows_it_from_five_on(heard: Heard, employer: Any, signed_in: Any, api: Any) -> None:
    """With the lines for the team, and without them by a shared link."""
    heading = "How candidates found it"
    answered(heard, [10, 8, 8, 0])
    assert heading not in signed_in().open("/reports/risk").json
    answered(heard, [4], group="Boston")
    browser = signed_in()
    browser.open("/reports/risk")
    assert heading in browser.text and "Final interview 5 6.0" in browser.text and "Cleo says 8" in browser.text
    link = employer.post("/v1/report_links", None).json["url"]
    shared = Browser(api)
    shared.open(link.partition(".com")[2] if ".com" in link else "/" + link.split("/", 3)[3])
    assert heading in shared.text and "Cleo says 8" not in shared.html


@pytest.mark.parametrize(
    ("locale", "asked"), [("es", "¿Qué tal fue?"), ("fr", "Comment"), ("he", "איך היה?"), ("ko", "어떠셨나요?")]
)
def test_it_is_asked_in_the_candidates_language(heard: Heard, employer: Any, locale: str, asked: str) -> None:
    """As the rest of the page."""
    page = heard()
    [candidate] = employer.get("/v1/candidates").json["data"]
    employer.patch(f"/v1/candidates/{candidate['id']}", {"locale": locale})
    page.open(page.path)
    assert asked in page.text and ASKED not in page.text
    page.submit("/experience", score="9")
    assert "9" in page.text and ASKED not in page.text
