"""The candidate's page offers one's own list: sign up, choose or add the interview, link it, end it; without any script."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.applications.test_linked_records import JO, Pair
from tests.engines import BASE_URL, Api, Outbox, StandingClock, code_for
from tests.web.conftest import Browser


class Candidate(Browser):
    """A candidate who was mailed a reminder by an employer that offers links."""

    def __init__(self, api: Api, outbox: Outbox, clock: StandingClock, run_ticks: Any, **policy: Any) -> None:
        super().__init__(api)
        self.employer = api.new_employer(name="Blue Fern", policy={"link_seekers": True, **policy})
        times = {"start_at": clock.text(hours=-52), "end_at": clock.text(hours=-51)}
        person = {"name": "Jo Sample", "email": JO}
        body = {"stage": "interview", **times, "application": {"job_title": "Welder", "candidate": person}}
        self.application = str(self.employer.post("/v1/interviews", body).json["application_id"])
        run_ticks()
        found = re.search(rf"{BASE_URL}(/f/[\w-]+)", outbox.to(JO)[-1]["body"])
        assert found is not None
        self.link = found[1]

    @property
    def linking(self) -> str:
        return self.link.replace("/f/", "/my/link/")

    def sign_up(self, outbox: Outbox, email: str = JO) -> None:
        self.submit("/my/start", name="Jo Sample", email=email, timezone="America/New_York")
        self.submit("/sign-in-code", code=code_for(outbox, email))

    @property
    def record(self) -> Any:
        return self.employer.get(f"/v1/applications/{self.application}").json


@pytest.fixture
def jo(api: Api, outbox: Outbox, clock: StandingClock, run_ticks: Any) -> Candidate:
    return Candidate(api, outbox, clock, run_ticks)


def test_a_candidate_keeps_the_interview_in_a_list_of_their_own(jo: Candidate, outbox: Outbox, run_ticks: Any) -> None:
    """From the page through the sign-up and back; the interview is added with who to call, and a call on one side shows."""
    jo.open(jo.link)
    assert "Keep this interview in my own list" in jo.text and jo.linking in jo.html
    jo.open(jo.linking)
    assert "Not heard after your interview?" in jo.text
    jo.sign_up(outbox)
    assert jo.path == jo.linking and "Keep this interview in your list" in jo.text and "Welder" in jo.text
    jo.submit(jo.linking)
    assert "It is in your list." in jo.text and "Blue Fern" in jo.text and "Call +1 202-555-0100" in jo.text
    path = jo.path.partition("?")[0]
    assert jo.record["linked"] is True
    contact = {"channel": "call", "outcome": "reached", "decision": "rejected"}
    jo.employer.post(f"/v1/applications/{jo.application}/contacts", contact)
    run_ticks()
    jo.open(path)
    assert "Heard" in jo.text and "rejected" not in jo.text and "said no" not in jo.text.partition("Decision")[0]
    jo.submit("/unlink")
    assert "No longer linked." in jo.text and jo.record["linked"] is False


def test_the_mailed_link_leads_back_too(jo: Candidate, outbox: Outbox) -> None:
    jo.open(jo.linking)
    jo.submit("/my/start", name="Jo Sample", email=JO, timezone="America/New_York")
    found = re.search(rf"{BASE_URL}(/invitations/\S+)", outbox.to(JO)[-1]["body"])
    assert found is not None
    jo.open(found[1])
    jo.submit("")
    assert jo.path == jo.linking and "Keep this interview in your list" in jo.text


def test_an_interview_that_is_on_the_list_is_chosen(jo: Candidate, outbox: Outbox) -> None:
    jo.open("/my")
    jo.sign_up(outbox)
    given = {"company": "Blue Fern Ltd", "job_title": "Welding", "start": "2026-05-31T06:00", "contact": ""}
    jo.submit("/my/interviews", **given)
    chosen = jo.path.partition("?")[0].rpartition("/")[2]
    jo.open(jo.linking)
    assert "Which of your interviews is it?" in jo.text and "Blue Fern Ltd, Welding" in jo.text
    jo.submit(jo.linking, interview=chosen)
    assert jo.path.startswith(f"/my/interviews/{chosen}")
    jo.open(jo.linking)
    assert jo.path == f"/my/interviews/{chosen}", "it is linked already: the page is the interview's"


def test_the_button_pressed_twice_is_one_link_and_one_interview(jo: Candidate, outbox: Outbox) -> None:
    jo.open(jo.linking)
    jo.sign_up(outbox)
    token = jo.token
    for _ in range(2):
        jo.post(jo.linking, {"form_token": token, "interview": "new"})
        assert jo.path.startswith("/my/interviews/")
    jo.open("/my")
    assert jo.text.count("Welder") == 1


def test_a_stranger_with_a_forwarded_link_sees_nothing_of_it(jo: Candidate, outbox: Outbox, api: Api) -> None:
    """Not even that it is linked: neither by the page of the link, nor by the candidate's."""
    stranger = Browser(api)
    stranger.open(jo.linking)
    stranger.submit("/my/start", name="Eve", email="eve@example.com", timezone="America/New_York")
    stranger.submit("/sign-in-code", code=code_for(outbox, "eve@example.com"))
    before = stranger.text
    assert "This interview cannot be linked" in before and "Welder" not in before and "Blue Fern" not in before
    page_before = page_of(api, jo)
    jo.open(jo.linking)
    jo.sign_up(outbox)
    jo.submit(jo.linking)
    stranger.open(jo.linking)
    assert stranger.text == before
    assert page_of(api, jo) == page_before


def page_of(api: Api, jo: Candidate) -> str:
    """The candidate's page as anybody with the link sees it, without the version of the record, which every write moves."""
    browser = Browser(api)
    browser.open(jo.link)
    return re.sub(r"@[0-9]+", "", browser.html)


def test_no_offer_where_the_employer_did_not_agree_or_the_deployment_is_closed(
    jo: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib import config

    jo.employer.patch("/v1/employer", {"policy": {"link_seekers": False}})
    jo.open(jo.link)
    assert "my own list" not in jo.text
    jo.employer.patch("/v1/employer", {"policy": {"link_seekers": True}})
    monkeypatch.setenv("HEARDBACK_SEEKERS_OPEN", "false")
    config.forget()
    try:
        jo.open(jo.link)
        assert "my own list" not in jo.text
    finally:
        monkeypatch.undo()
        config.forget()


@pytest.mark.parametrize("token", ["x", "x" * 32, "..%2f..%2fsettings"])
def test_a_broken_link_says_so(jo: Candidate, outbox: Outbox, token: str) -> None:
    jo.open("/my")
    jo.sign_up(outbox)
    assert jo.open(f"/my/link/{token}").status == 404


def test_a_sign_up_leads_to_no_other_site(api: Api, outbox: Outbox) -> None:
    browser = Browser(api)
    browser.open("/my/start?next=https%3A%2F%2Fevil.example%2F")
    assert "evil.example" not in browser.html
    browser.submit("/my/start", name="Jo", email=JO, timezone="America/New_York", next="//evil.example")
    assert "evil.example" not in browser.html and "evil.example" not in outbox.to(JO)[-1]["body"]


def test_the_employers_page_says_who_reminds(api: Api, outbox: Outbox, clock: StandingClock, stack: Any) -> None:
    from chalicelib.applications.unit_of_work import read_case
    from chalicelib.auth.employers import employer_of
    from chalicelib.storage import keys, table
    from chalicelib.web.application_page import ahead

    pair = Pair(api, outbox, clock, stack)
    _, application = pair.linked()
    item = table.get(keys.employer_pk(pair.employer.employer_id), "EMP")
    told = [words for _, words in ahead(read_case(pair.employer.employer_id, application), employer_of(item), clock.now)]  # type: ignore[arg-type]
    assert "The candidate keeps this in a list of their own, which reminds them" in told
    assert not [words for words in told if "to the candidate: who to" in words]


def test_a_manager_lets_candidates_link_their_lists_and_ends_it(signed_in: Any, employer: Any) -> None:
    browser = signed_in()
    for chosen, value in (("yes", True), ("no", False)):
        browser.open("/settings")
        token = browser.token
        browser.post("/settings", {"form_token": token, "section": "privacy", "retention_months": "", "link_seekers": chosen})
        assert "Saved." in browser.text
        assert employer.get("/v1/employer").json["policy"]["link_seekers"] is value
