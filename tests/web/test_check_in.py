"""Check-in cards: a candidate leaves their own details after an interview, and a stranger with the card gains nothing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.storage import keys, table
from tests.engines import BASE_URL, Api
from tests.web.conftest import Browser
from tests.web.test_candidate_languages import foreign

ZONE = "America/New_York"
SAM = {"name": "Sam Sample", "phone": "202-555-0123", "timezone": ZONE, "consent": "yes"}


@pytest.fixture
def card(employer: Any) -> Any:
    answer = employer.post("/v1/check_in_cards", {"job_title": "Welder", "stage": "interview", "minutes": 45})
    assert answer.status == 201, answer
    return answer.json


def path_of(card: Any) -> str:
    return str(card["url"]).removeprefix(BASE_URL)


def leave(api: Api, card: Any, **fields: str) -> Browser:
    """A phone that opens the card and leaves details."""
    phone = Browser(api)
    assert phone.open(path_of(card)).status == 200
    phone.submit("/c/", **{**SAM, **fields})
    return phone


def interviews(employer: Any) -> list[Any]:
    return list(employer.get("/v1/interviews").json["data"])


def test_a_candidate_who_scans_the_card_is_booked_and_hears_once(
    api: Any, employer: Any, card: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """The end is now, the start as long before as the card says; the first message comes when word is due, the only one."""
    employer.patch("/v1/employer", {"policy": {"tell_next_step": True}})
    phone = leave(api, card, email="sam@example.com")
    assert phone.page.status == 200 and "Thank you" in phone.text and "Acme Robotics has your details" in phone.text
    assert "sign-in" not in phone.text, "a candidate has nothing to sign in to"
    [made] = interviews(employer)
    assert (made["end_at"], made["start_at"]) == (clock.text(), clock.text(hours=-0.75))
    assert made["stage"] == "interview" and made["recorded_by"]["type"] == "candidate"
    person = employer.get(f"/v1/candidates/{made['application']['candidate_id']}").json
    assert (person["name"], person["phone"], person["timezone"], person["locale"]) == ("Sam Sample", "+12025550123", ZONE, "en")
    assert person["sms_consent"] == {"given_at": clock.text(), "source": f"check-in card {card['id']}"}
    assert not outbox.sms and not outbox.email
    clock.advance(hours=54)
    run_ticks()
    assert [one["to"] for one in outbox.sms] == ["+12025550123"]
    for _ in range(40):  # past the second reminder that others get after five days
        clock.advance(hours=6)
        run_ticks()
    assert len(outbox.sms) == 1 and not outbox.email


def test_the_words_that_were_agreed_to_are_kept_shown_exported_and_erased(
    api: Any, employer: Any, card: Any, signed_in: Any
) -> None:
    """In the language in which they were read."""
    phone = Browser(api)
    phone.open(f"{path_of(card)}?language=es")
    [wording] = re.findall(r'name="consent"[^>]*> ([^<]*)</label>', phone.html)
    phone.submit("/c/", **SAM)
    [made] = interviews(employer)
    candidate_id = made["application"]["candidate_id"]
    [kept] = employer.get(f"/v1/candidates/{candidate_id}/export").json["applications"][0]["check_ins"]
    assert kept["wording"] == wording and "Acme Robotics" in wording and kept["language"] == "es"
    assert (kept["card_id"], kept["phone"]) == (card["id"], "+12025550123")
    robin = signed_in()
    robin.open(f"/applications/{made['application_id']}")
    assert wording in robin.text
    assert employer.delete(f"/v1/candidates/{candidate_id}").status == 200
    left = table.query(keys.case_pk(employer.employer_id, made["application_id"]))
    assert "CHECKIN" not in {item.kind for item in left}


def test_a_name_on_a_card_cannot_turn_the_text_around_it_and_a_hebrew_one_is_kept(api: Any, employer: Any, card: Any) -> None:
    """A stranger's name is read by the team, in lists and mails."""
    leave(api, card, name="\u202enosneB\u202c Sam", phone="202-555-0124")
    leave(api, card, name="דנה\u200f לוי", phone="202-555-0125")
    people = employer.get("/v1/candidates").json["data"]
    assert {one["name"] for one in people} == {"nosneB Sam", "דנה\u200f לוי"}


def test_without_consent_name_address_or_a_possible_end_nothing_is_kept(api: Any, employer: Any, card: Any) -> None:
    """Each fault is said at its field, and what was typed stays."""
    wrong = {
        "consent": ("", "Tick the box"),
        "name": (" ", "Enter your name"),
        "phone": ("12", "Check the number"),
        "email": ("sam@", "Check the email"),
        "ended": ("25:99", "Enter a time"),
        "timezone": ("Mars/Base", "Choose a time zone"),
    }
    for name, (value, says) in wrong.items():
        phone = leave(api, card, **{"email": "sam@example.com", name: value})
        assert phone.page.status == 422 and says in phone.text, name
        assert 'value="202-555-0123"' in phone.html or name == "phone"
    for dear in ("+19005550100", "+881612345678", "+447012345678"):  # the team would call it
        refused = leave(api, card, email="sam@example.com", phone=dear)
        assert refused.page.status == 422 and "Check the number" in refused.text, dear
    assert "Enter a mobile number or an email" in leave(api, card, phone="").text
    assert interviews(employer) == []


@pytest.mark.parametrize(
    ("now", "said", "ended"),
    [
        ("2026-06-09T20:00", "14:30", "2026-06-09T18:30:00.000Z"),
        ("2026-06-09T00:10", "23:30", "2026-06-09T03:30:00.000Z"),  # past midnight people still say half past eleven
        ("2026-06-09T10:00", "11:00", None),  # an hour ahead is a slip, not yesterday
        ("2026-11-01T01:40", "01:30", "2026-11-01T05:30:00.000Z"),  # a time that comes twice: the first
        ("2027-03-14T03:05", "02:30", None),  # a time that the clocks skipped, and yesterday's is too long ago
    ],
)
def test_the_end_is_as_stated_on_the_candidates_clock(
    api: Any, employer: Any, clock: Any, now: str, said: str, ended: str | None
) -> None:
    """Of today, or of last night; never ahead of now."""
    employer.patch("/v1/employer", {"timezone": "Europe/Berlin"})
    clock.set(datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC))
    later = {"job_title": "Welder", "stage": "interview"}
    phone = leave(api, employer.post("/v1/check_in_cards", later).json, ended=said)
    assert phone.page.status == (200 if ended else 422)
    assert [one["end_at"] for one in interviews(employer)] == ([ended] if ended else [])


def test_a_double_click_books_one_interview(api: Any, employer: Any, card: Any, clock: Any) -> None:
    """At once, and again when the page was reloaded a minute later."""
    phones = [Browser(api) for _ in range(3)]
    for phone in phones:
        phone.open(path_of(card))
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda phone: phone.submit("/c/", **SAM), phones))
    assert [answer.status for answer in answers] == [200, 200, 200]
    clock.advance(minutes=1)
    assert "Thank you" in leave(api, card).text
    assert len(interviews(employer)) == 1


def test_a_strangers_check_in_changes_and_shows_nothing_of_a_known_person(
    api: Any, employer: Any, card: Any, booked: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """Who knows a name and an address cannot add a number of their own, and so cannot get that person's link."""
    known = booked(candidate={"email": "sam@example.com", "phone": None, "locale": "fr"})["application"]
    before = employer.get(f"/v1/candidates/{known['candidate_id']}").json
    phone = leave(api, card, email="sam@example.com", phone="+12025550177")
    new = leave(api, card, name="Nia New", email="nia@example.com", phone="")
    assert phone.text == new.text
    assert employer.get(f"/v1/candidates/{known['candidate_id']}").json == before
    clock.advance(hours=72)
    run_ticks()
    assert {one["to"] for one in outbox} == {"sam@example.com", "nia@example.com"}


def test_the_same_address_under_another_name_is_another_person_and_says_so(
    api: Any, employer: Any, card: Any, booked: Any, signed_in: Any
) -> None:
    known = booked()["application"]
    leave(api, card, name="Kim Other")
    made = next(one for one in interviews(employer) if one["recorded_by"]["type"] == "candidate")
    assert made["application"]["candidate_id"] != known["candidate_id"]
    robin = signed_in()
    robin.open(f"/applications/{made['application_id']}")
    assert "Another person has the same phone under another name" in robin.text


def test_one_number_is_named_twice_a_day_at_most(api: Any, employer: Any, card: Any, clock: Any) -> None:
    """By all cards together, also another employer's. The page says the same, so that nobody learns of the limit."""
    other = api.new_employer(name="Blue Fern")
    theirs = other.post("/v1/check_in_cards", {"job_title": "Cook", "stage": "screen"}).json
    said = {leave(api, theirs, name=f"Sam {word}").page.status for word in ("One", "Two", "Three")}
    assert said == {200} and len(interviews(other)) == 2
    assert "Thank you" in leave(api, card).text and interviews(employer) == []
    clock.advance(days=1)
    leave(api, card)
    assert len(interviews(employer)) == 1


def test_a_card_takes_so_many_a_day_and_a_trial_fewer(api: Any, operator: Any) -> None:
    """A stranger with a card and a list of numbers gets no further; the next day it works again."""
    trial = api.new_employer(trial=True)
    card = trial.post("/v1/check_in_cards", {"job_title": "Cook", "stage": "screen"}).json
    statuses = [leave(api, card, name=f"Nr {n}", phone="", email=f"n{n}@example.com").page.status for n in range(22)]
    assert statuses == [200] * 20 + [429] * 2
    assert len(trial.get("/v1/interviews", query={"limit": 100}).json["data"]) == 20


def test_a_trial_writes_to_nobody_who_checked_in(api: Any, clock: Any, outbox: Any, run_ticks: Any) -> None:
    trial = api.new_employer(trial=True)
    card = trial.post("/v1/check_in_cards", {"job_title": "Cook", "stage": "screen"}).json
    leave(api, card, email="sam@example.com")
    clock.advance(days=7)
    run_ticks()
    assert not outbox


def test_a_card_that_was_revoked_or_has_ended_opens_nothing(
    api: Any, operator: Any, employer: Any, card: Any, clock: Any
) -> None:
    """Nor one of a suspended employer, nor an edited link."""
    phone, path = Browser(api), path_of(card)
    assert phone.open(path[:-4] + "AAAA").status == 404
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    assert phone.open(path).status == 410
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": False})
    assert phone.open(path).status == 200
    assert [employer.delete(f"/v1/check_in_cards/{card['id']}").status for _ in range(2)] == [204, 404]
    assert phone.post(path, SAM).status == 410 and "does not work any more" in phone.text
    short = {"job_title": "Cook", "stage": "screen", "expires_at": clock.text(hours=2)}
    ending = employer.post("/v1/check_in_cards", short).json
    clock.advance(hours=2)
    assert phone.open(path_of(ending)).status == 410 and interviews(employer) == []


def test_a_program_that_fills_every_field_books_nothing(api: Any, employer: Any, card: Any) -> None:
    """And a form from another site is refused."""
    assert "Thank you" in leave(api, card, website="https://spam.example").text
    phone = Browser(api)
    assert phone.post(path_of(card), SAM, Origin="https://evil.example", Sec_Fetch_Site="cross-site").status == 403
    assert interviews(employer) == []


def test_another_tenant_neither_sees_nor_revokes_a_card(api: Any, card: Any) -> None:
    other = api.new_employer(name="Blue Fern")
    assert other.get("/v1/check_in_cards").json["data"] == []
    assert other.get(f"/v1/check_in_cards/{card['id']}").status == 404
    assert other.delete(f"/v1/check_in_cards/{card['id']}").status == 404


def test_what_is_wrong_is_listed_in_the_order_of_the_page(api: Any, card: Any) -> None:
    """Whoever follows the list from its beginning goes down the page."""
    phone = leave(api, card, name="", phone="", consent="")
    assert re.findall(r'<li><a href="#(\w+)">', phone.html) == ["name", "phone", "consent"]


def test_a_card_is_made_on_the_page_printed_and_revoked(api: Any, employer: Any, signed_in: Any) -> None:
    """The code holds the link; a card whose group is gone and whose form was pressed twice is one card."""
    robin = signed_in("recruiter")
    robin.open("/people/cards")
    fields = {"job_title": "Rigger <b>", "stage": "final", "minutes": "90", "days": "30", "group": "Boston"}
    robin.submit("/people/cards", **fields)
    assert robin.page.status == 200 and "<svg" in robin.html and "Rigger <b>" not in robin.html
    robin.open("/people/cards")
    [card] = employer.get("/v1/check_in_cards").json["data"]
    assert (card["stage"], card["minutes"], card["group"]) == ("final", 90, "Boston")
    robin.open(f"/people/cards/{card['id']}")
    assert card["url"] in robin.html
    robin.submit("/revoke")
    assert "revoked" in robin.text and Browser(api).open(path_of(card)).status == 410
    robin.open("/people/cards")
    assert robin.submit("/people/cards", job_title="", minutes="x").status == 422 and "Job title" in robin.text


def test_a_card_whose_owner_left_the_team_still_works(api: Any, employer: Any) -> None:
    """The candidate cannot know, and nobody is asked."""
    person = employer.post("/v1/people", {"name": "Robin", "email": "robin@example.com"}).json
    wanted = {"job_title": "Cook", "stage": "screen", "owner_id": person["id"]}
    card = employer.post("/v1/check_in_cards", wanted).json
    leave(api, card)
    assert employer.delete(f"/v1/people/{person['id']}").status == 204
    leave(api, card, name="Kim Other", phone="", email="kim@example.com")
    owners = [employer.get(f"/v1/applications/{one['application_id']}").json["owner_id"] for one in interviews(employer)]
    assert owners == [None, None] or sorted(map(str, owners)) == ["None", person["id"]]
    wrong = employer.post("/v1/check_in_cards", {**wanted, "owner_id": person["id"]})
    assert wrong.status == 422 and wrong.json["errors"][0]["pointer"] == "/owner_id"


@pytest.mark.parametrize("language", ["es", "fr", "he", "ko"])
def test_the_page_speaks_the_candidates_language(api: Any, card: Any, language: str) -> None:
    """Form, faults, thanks, and a card that has ended."""
    phone = Browser(api)
    phone.open(path_of(card), **{"accept-language": language})
    assert f'<html lang="{language}"' in phone.html and foreign(phone) == []
    phone.submit("/c/", name="", timezone=ZONE)
    assert phone.page.status == 422 and foreign(phone) == []
    phone.submit("/c/", **SAM)
    assert f'<html lang="{language}"' in phone.html and foreign(phone) == []
    phone.open("/c/nonsense", **{"accept-language": language})
    assert phone.page.status == 404 and foreign(phone) == []
