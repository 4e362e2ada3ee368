"""Invitations: one mail in our words, and nothing else to an address before it is accepted."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.engines import BASE_URL, Api, code_for, join
from tests.web.conftest import Browser

KIM = {"name": "CLAIM YOUR PRIZE www.evil.example", "email": "kim@example.com"}


def accept(api: Api, email: str, code: str) -> Any:
    return api.using(None).post("/v1/invitations/accept", {"email": email, "code": code})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def link_in(outbox: Any, email: str) -> str:
    found = re.findall(rf"{re.escape(BASE_URL)}(/invitations/[\w-]+)", outbox.to(email)[-1]["body"])
    return str(found[-1])


def ask_for_link(api: Api, email: str) -> Browser:
    browser = Browser(api)
    browser.open("/sign-in")
    browser.submit("/sign-in", email=email)
    return browser


def test_a_new_person_gets_one_invitation_in_our_words(api: Api, outbox: Any) -> None:
    """An employer on trial cannot mail a stranger words of its choosing: not the person's name, not its own sentences."""
    employer = api.new_employer(name="Blue Fern", trial=True)
    made = employer.post("/v1/people", KIM)
    assert (made.status, made.json["accepted"]) == (201, False)
    [mail] = outbox.to("kim@example.com")
    assert re.search(r"\b[0-9]{6}\b", mail["body"]) and "/invitations/" in mail["body"] and "Blue Fern" in mail["body"]
    assert not re.search("prize|evil|claim your", str(mail), re.IGNORECASE)
    [listed] = employer.get("/v1/messages").json["data"]
    assert (listed["step"], listed["status"]) == ("invitation", "sent")


def test_the_same_request_again_invites_once(employer: Api, outbox: Any) -> None:
    """A client that heard no answer repeats its request."""
    for _ in range(3):
        assert employer.post("/v1/people", KIM, headers={"Idempotency-Key": "once"}).status == 201
    assert employer.post("/v1/people", KIM).status == 409
    assert len(outbox.to("kim@example.com")) == 1


def test_before_the_invitation_is_accepted_no_other_mail_goes_there(api: Api, employer: Api, outbox: Any) -> None:
    """No sign-in link, no notice of a changed role; and the sign-in page does not tell."""
    made = employer.post("/v1/people", KIM).json
    texts = {ask_for_link(api, email).text.replace(email, "") for email in ("kim@example.com", "nobody@example.com")}
    assert employer.patch(f"/v1/people/{made['id']}", {"role": "manager"}).status == 200
    assert len(outbox) == 1 and len(texts) == 1
    assert accept(api, "kim@example.com", code_for(outbox, "kim@example.com")).status == 200
    ask_for_link(api, "kim@example.com")
    assert len(outbox.to("kim@example.com")) == 2


def test_the_links_page_has_a_button_that_accepts_and_signs_in(api: Api, employer: Api, outbox: Any) -> None:
    """Opening the link changes nothing, because mail scanners open links."""
    employer.post("/v1/people", {**KIM, "name": "Kim Lane"})
    browser = Browser(api)
    browser.open(link := link_in(outbox, "kim@example.com"))
    assert "Accept the invitation" in browser.text
    assert employer.get("/v1/people").json["data"][0]["accepted"] is False
    browser.submit("")
    assert "Today" in browser.text and "Kim Lane" in browser.text
    assert employer.get("/v1/people").json["data"][0]["accepted"] is True
    assert {"sign_in", "invitation_accepted"} <= {one["what"] for one in employer.get("/v1/audit").json["data"]}
    thief = Browser(api)
    assert thief.open(link).status == 410 and "accepted" in thief.text


def test_two_presses_of_the_button_make_one_session(api: Api, employer: Api, outbox: Any) -> None:
    """The second finds the invitation accepted, also at the same moment."""
    employer.post("/v1/people", KIM)
    link, browsers = link_in(outbox, "kim@example.com"), [Browser(api) for _ in range(2)]
    for browser in browsers:
        browser.open(link)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda browser: browser.submit("").status, browsers))
    assert sorted(answers) == [200, 410]


def test_the_code_accepts_and_names_the_employer(api: Api, employer: Api, outbox: Any) -> None:
    """For a client that has no page. The same mailbox in other letters is the same person."""
    employer.post("/v1/people", KIM)
    answer = accept(api, "KIM@Example.com", code_for(outbox, "kim@example.com"))
    assert answer.status == 200
    assert answer.json["person"]["accepted"] is True and answer.json["employer"]["id"] == employer.get("/v1/employer").json["id"]
    again = accept(api, "kim@example.com", code_for(outbox, "kim@example.com"))
    assert (again.status, again.json["code"]) == (422, "wrong_code")


def test_codes_of_two_employers_accept_their_own_invitation_only(api: Api, employer: Api, outbox: Any) -> None:
    """An agency's recruiter is invited twice; each acceptance is for one employer."""
    other = api.new_employer(name="Other")
    employer.post("/v1/people", KIM)
    first = code_for(outbox, "kim@example.com")
    other.post("/v1/people", KIM)
    assert accept(api, "kim@example.com", code_for(outbox, "kim@example.com")).json["employer"]["name"] == "Other"
    assert [one.get("/v1/people").json["data"][0]["accepted"] for one in (employer, other)] == [False, True]
    ask_for_link(api, "kim@example.com")
    assert outbox.to("kim@example.com")[-1]["body"].count("/sign-in/") == 1
    assert accept(api, "kim@example.com", first).status == 200


def test_how_long_a_refusal_takes_does_not_tell_who_was_invited(
    api: Api, employer: Api, outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tries of an invitation are counted, those of an unknown address are not: both wait until the same moment."""
    employer.post("/v1/people", KIM)
    right = code_for(outbox, "kim@example.com")
    wrong = "000000" if right != "000000" else "000001"
    least = 0.15
    monkeypatch.setattr("chalicelib.accounts.sessions.sign_in.REFUSAL_SECONDS", least)
    for email in ("kim@example.com", "nobody@example.com"):
        began = time.monotonic()
        assert accept(api, email, wrong).status == 422
        assert time.monotonic() - began >= least, email
    monkeypatch.undo()
    assert accept(api, "kim@example.com", right).status == 200


def test_codes_cannot_be_guessed(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    """Five tries an hour for an address, ten for an invitation; known and unknown addresses answer alike."""
    employer.post("/v1/people", KIM)
    code = code_for(outbox, "kim@example.com")
    for email in ("kim@example.com", "nobody@example.com"):
        told = [accept(api, email, wrong(code)) for _ in range(6)]
        assert [(one.status, one.json["code"]) for one in told] == [(422, "wrong_code")] * 5 + [(429, "too_many_requests")]
    assert accept(api, "kim+1@example.com", code).status == 429, "the same mailbox"
    clock.advance(hours=1)
    for _ in range(5):
        assert accept(api, "kim@example.com", wrong(code)).status == 422
    clock.advance(hours=1)
    assert accept(api, "kim@example.com", code).status == 422, "ten tries are all"
    browser = Browser(api)
    browser.open(link_in(outbox, "kim@example.com"))
    assert browser.submit("").status == 200, "the link works all the same: a stranger locks nobody out"


@pytest.mark.parametrize(
    "body", [{"email": "kim@example.com", "code": "12345"}, {"email": "kim@example.com", "code": 123456}, {"code": "1" * 6}]
)
def test_what_is_no_code_is_named(api: Api, body: Any) -> None:
    """By pointer, without counting as a try."""
    assert api.using(None).post("/v1/invitations/accept", body).status == 422


def test_an_invitation_ends_after_fourteen_days_or_with_the_person(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    """Neither the link nor the code of an old mail opens anything. Inviting again works."""
    made = employer.post("/v1/people", KIM).json
    link, code = link_in(outbox, "kim@example.com"), code_for(outbox, "kim@example.com")
    clock.advance(days=14)
    browser = Browser(api)
    assert browser.open(link).status == 410 and accept(api, "kim@example.com", code).status == 422
    assert employer.delete(f"/v1/people/{made['id']}").status == 204
    again = employer.post("/v1/people", KIM)
    assert again.status == 201 and browser.open(link).status == 410
    link = link_in(outbox, "kim@example.com")
    assert browser.open(link).status == 200
    employer.delete(again.headers["Location"])
    assert browser.open(link).status == 404
    assert accept(api, "kim@example.com", code_for(outbox, "kim@example.com")).status == 422


def test_a_changed_address_is_invited_before_anything_else_goes_there(api: Api, employer: Api, outbox: Any) -> None:
    """Otherwise an employer names an address of its own first and a stranger's afterwards. The former address is told."""
    person = join(employer, outbox, "dana@example.com").json
    changed = employer.patch(f"/v1/people/{person['id']}", {"email": "stranger@example.com"})
    assert changed.json["accepted"] is False
    [invitation] = outbox.to("stranger@example.com")
    assert "/invitations/" in invitation["body"]
    [notice] = outbox.to("dana@example.com")
    assert "stranger@example.com" in notice["body"]
    ask_for_link(api, "stranger@example.com")
    employer.patch(f"/v1/people/{person['id']}", {"role": "manager"})
    assert len(outbox.to("stranger@example.com")) == 1
    same = employer.patch(f"/v1/people/{person['id']}", {"email": "Stranger@example.com"})
    assert len(outbox.to("stranger@example.com")) == 1 and same.json["accepted"] is False


def test_people_of_before_invitations_count_as_accepted(api: Api, employer: Api, outbox: Any) -> None:
    """Anyone who signed in yesterday signs in today."""
    from chalicelib.auth.users import PersonItem

    join(employer, outbox, "dana@example.com")
    [item] = [one for one in PersonItem.scan() if isinstance(one, PersonItem) and one.SK.startswith("PERSON#")]
    item.update(actions=[PersonItem.invited_at.remove(), PersonItem.accepted_at.remove()])
    ask_for_link(api, "dana@example.com")
    assert len(outbox.to("dana@example.com")) == 1


def test_too_many_invitations_make_nobody(api: Api, outbox: Any) -> None:
    """An employer on trial invites twenty an hour; the next is refused whole, and not left without its mail."""
    employer = api.new_employer(trial=True)
    answers = [employer.post("/v1/people", {"name": "P", "email": f"p{number}@example.com"}) for number in range(21)]
    assert [one.status for one in answers] == [201] * 20 + [429] and answers[-1].json["code"] == "too_many_mails"
    assert len(employer.get("/v1/people", query={"limit": 100}).json["data"]) == len(outbox) == 20


def test_a_lost_answer_of_the_provider_invites_once(employer: Api, outbox: Any, faults: Any) -> None:
    """The mail may have gone out: it is not sent again, and the link that did arrive works."""
    faults.lose_response("SendEmail")
    for _ in range(2):
        assert employer.post("/v1/people", KIM, headers={"Idempotency-Key": "lost"}).status == 201
    assert faults.seen["SendEmail"] == 1


def invite_again(employer: Api, person: Any, **headers: str) -> Any:
    return employer.post(f"/v1/people/{person['id']}/invitation", headers=headers)


def test_an_invitation_is_mailed_again_and_only_the_newest_counts(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    """The first mail went astray, or its fourteen days are over. It stays one person."""
    made = employer.post("/v1/people", KIM).json
    old, old_code = link_in(outbox, "kim@example.com"), code_for(outbox, "kim@example.com")
    clock.advance(days=15)
    answer = invite_again(employer, made)
    assert (answer.status, answer.json["accepted"]) == (200, False)
    assert answer.json["invited_at"] == employer.get("/v1/people").json["data"][0]["invited_at"] != made["invited_at"]
    assert len(outbox.to("kim@example.com")) == 2
    browser = Browser(api)
    assert browser.open(old).status == 410
    assert old_code == code_for(outbox, "kim@example.com") or accept(api, "kim@example.com", old_code).status == 422
    assert browser.open(link_in(outbox, "kim@example.com")).status == 200
    browser.submit("")
    assert [one["accepted"] for one in employer.get("/v1/people").json["data"]] == [True]
    again = invite_again(employer, made)
    assert (again.status, again.json["code"], len(outbox.to("kim@example.com"))) == (409, "already_accepted", 2)


def test_a_replaced_link_says_that_there_is_a_newer_one(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    made = employer.post("/v1/people", KIM).json
    old = link_in(outbox, "kim@example.com")
    clock.advance(minutes=1)
    invite_again(employer, made)
    browser = Browser(api)
    assert browser.open(old).status == 410 and "newest email" in browser.text


def test_an_expired_invitation_says_who_to_ask(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    employer.post("/v1/people", KIM)
    clock.advance(days=15)
    browser = Browser(api)
    assert browser.open(link_in(outbox, "kim@example.com")).status == 410
    assert "This invitation has expired" in browser.text and "Ask the person who invited you for a new one" in browser.text


def test_the_same_request_again_mails_once(employer: Api, outbox: Any, clock: Any) -> None:
    made = employer.post("/v1/people", KIM).json
    clock.advance(minutes=1)
    answers = [invite_again(employer, made, **{"Idempotency-Key": "again"}) for _ in range(3)]
    assert [one.status for one in answers] == [200] * 3
    assert len(outbox.to("kim@example.com")) == 2


def test_mailing_again_counts_in_the_quotas_and_leaves_the_former_mail_valid(api: Api, employer: Api, outbox: Any) -> None:
    """Nobody floods a mailbox with invitations; and anyone who is refused has not ended what was mailed."""
    made = employer.post("/v1/people", KIM).json
    answers = [invite_again(employer, made) for _ in range(12)]
    first_refused = next(number for number, one in enumerate(answers) if one.status == 429)
    assert {one.json["code"] for one in answers[first_refused:]} == {"too_many_mails"}
    assert len(outbox.to("kim@example.com")) == 1 + first_refused < 8
    assert accept(api, "kim@example.com", code_for(outbox, "kim@example.com")).status == 200


def test_only_ones_own_people_are_invited_again(api: Api, employer: Api, outbox: Any) -> None:
    made = employer.post("/v1/people", KIM).json
    assert invite_again(api.new_employer(name="Other"), made).status == 404
    assert invite_again(api.new_employer(scopes=("read", "write")), made).status == 403
    assert len(outbox) == 1


def test_a_key_gives_no_role_by_an_address_that_it_lacks_itself(api: Api, outbox: Any) -> None:
    """A key with `manage` alone could enter an address of its own for a manager, accept there, and read everything."""
    employer = api.new_employer()
    dana = join(employer, outbox, "dana@example.com", role="manager").json
    weak = employer.using(employer.post("/v1/keys", {"scopes": ["manage"]}).json["secret"])
    for change in ({"email": "thief@example.com"}, {"email": "thief@example.com", "role": "recruiter"}):
        assert weak.patch(f"/v1/people/{dana['id']}", change).status == 403, change
    assert not outbox.to("thief@example.com")
    assert weak.patch(f"/v1/people/{dana['id']}", {"name": "Dana R."}).status == 200
