"""People sign in from an app: a mailed code, an access token for an hour, a refresh token that works once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.storage import table
from chalicelib.storage.table import Item, Transaction
from tests.engines import Answer, Api, code_for, join
from tests.web.conftest import Browser

DANA = "dana@example.com"
Json = dict[str, Any]


def ask(api: Api, email: str = DANA) -> Answer:
    return api.using(None).post("/v1/sign_in", {"email": email})


def enter(api: Api, code: str, email: str = DANA, key: str | None = None) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    return api.using(None).post("/v1/sessions", {"email": email, "code": code}, headers=headers)


def refresh(api: Api, token: str, key: str | None = None) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    return api.using(None).post("/v1/sessions/refresh", {"refresh_token": token}, headers=headers)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


class App:
    """A person's app: `api` sends its access token."""

    def __init__(self, api: Api, tokens: Json) -> None:
        self.tokens = tokens
        self.api = api.using(tokens["access_token"])

    @property
    def works(self) -> bool:
        return self.api.get("/v1/me").status == 200


@pytest.fixture
def app_of(api: Api, employer: Api, outbox: Any) -> Callable[..., App]:
    """app_of(role="manager") -> an app in which a person of that role is signed in."""

    def sign_in(role: str = "recruiter", email: str = DANA, at: Api | None = None) -> App:
        join(at or employer, outbox, email, "Dana Reyes", role)
        ask(api, email)
        answer = enter(api, code_for(outbox, email), email)
        assert answer.status == 201, answer
        return App(api, answer.json)

    return sign_in


def test_a_code_from_the_mail_signs_in_to_an_app(api: Api, employer: Api, outbox: Any) -> None:
    """The mail has a link and a code; the answer has two tokens, and says who and where."""
    join(employer, outbox, DANA, "Dana Reyes")
    asked = ask(api)
    assert (asked.status, asked.json) == (202, {"expires_in": 900})
    [mail] = outbox.to(DANA)
    assert "/sign-in/" in mail["body"] and len(re.findall(r"\b[0-9]{6}\b", mail["body"])) == 1
    answer = enter(api, code_for(outbox, DANA))
    assert answer.status == 201
    told = answer.json
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
    assert told["person"]["name"] == "Dana Reyes" and told["employer"]["id"] == employer.employer_id
    me = api.using(told["access_token"]).get("/v1/me").json
    assert (me["person"], me["employer"], me["scopes"]) == (told["person"], told["employer"], ["read", "write"])
    [entry] = employer.get("/v1/audit?what=sign_in").json["data"]
    assert entry["who"]["name"] == "Dana Reyes"


def test_every_address_gets_the_same_answer(api: Api, employer: Api, outbox: Any) -> None:
    """Known, unknown, invited only, and over the limit: 202."""
    join(employer, outbox, DANA)
    employer.post("/v1/people", {"name": "Kim", "email": "kim@example.com"})
    before = len(outbox)
    for email in (DANA, "nobody@example.com", "kim@example.com", *[DANA] * 70):
        assert (ask(api, email).status, ask(api, email).json) == (202, {"expires_in": 900})
    assert len(outbox.to(DANA)) == 5 and len(outbox) == before + 5


def test_codes_cannot_be_guessed(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    """Five tries an hour for an address, known or not, then 429; the right code comes too late."""
    join(employer, outbox, DANA)
    ask(api)
    code = code_for(outbox, DANA)
    for email in (DANA, "nobody@example.com"):
        told = [enter(api, wrong(code), email) for _ in range(6)]
        assert [(one.status, one.json["code"]) for one in told] == [(422, "wrong_code")] * 5 + [(429, "too_many_requests")]
        assert told[0].json["errors"][0]["pointer"] == "/code"
    assert enter(api, code, "Dana+x@example.com").status == 429, "the same mailbox"
    assert enter(api, code).status == 429
    entries = employer.get("/v1/audit?what=sign_in_failed").json["data"]
    assert [(one["count"], one["who"]["name"]) for one in entries] == [(5, "Robin")]


def test_a_code_takes_five_tries_in_all(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    """Also over the turn of an hour, and at the same moment."""
    join(employer, outbox, DANA)
    clock.advance(minutes=55)
    ask(api)
    code = code_for(outbox, DANA)
    with ThreadPoolExecutor(5) as pool:
        assert [one.status for one in pool.map(lambda _: enter(api, wrong(code)), range(5))] == [422] * 5
    clock.advance(minutes=6)
    assert enter(api, code).json["code"] == "wrong_code"
    ask(api)
    assert enter(api, code_for(outbox, DANA)).status == 201, "a new mail has a new code"


def test_somebody_is_not_locked_out_where_they_signed_in_before(app_of: Any, api: Api, outbox: Any) -> None:
    """A stranger uses the tries up. From Dana's own network a right code still works, and a wrong one tells nothing."""
    app_of()
    for _ in range(5):
        enter(api, "000000")
    ask(api)
    code = code_for(outbox, DANA)
    assert enter(api, wrong(code)).status == 429
    assert enter(api, code).status == 201


def test_right_codes_use_up_no_tries(api: Api, employer: Api, outbox: Any) -> None:
    """A morning in an office: many people behind one network, or one with many devices."""
    people = [f"p{number}@example.com" for number in range(13)]
    for email in people:
        join(employer, outbox, email)
    for email in [*people, *[people[0]] * 4]:
        ask(api, email)
        assert enter(api, code_for(outbox, email), email).status == 201
    ask(api, people[1])
    told = [enter(api, wrong(code_for(outbox, people[1])), people[1]).status for _ in range(6)]
    assert told == [422] * 5 + [429]


def test_a_code_works_for_a_quarter_of_an_hour_and_once(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    join(employer, outbox, DANA)
    ask(api)
    code = code_for(outbox, DANA)
    clock.advance(minutes=15)
    assert enter(api, code).json["code"] == "wrong_code"
    ask(api)
    code = code_for(outbox, DANA)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: enter(api, code).status, range(2)))
    assert sorted(answers) == [201, 422]
    assert enter(api, code).status == 422


def test_the_link_and_the_code_of_a_mail_are_one_use(api: Api, employer: Api, outbox: Any) -> None:
    """A mail that signed in once is worth nothing to anyone who finds it."""
    join(employer, outbox, DANA)
    for first in ("code", "link"):
        ask(api)
        mail = outbox.to(DANA)[-1]["body"]
        [link] = re.findall(r"/sign-in/[\w-]+", mail)
        browser = Browser(api)
        browser.open(link)
        if first == "code":
            assert enter(api, code_for(outbox, DANA)).status == 201
            assert browser.submit("").status == 410
        else:
            assert browser.submit("").status == 200
            assert enter(api, code_for(outbox, DANA)).status == 422


def test_two_mails_count_and_a_flood_of_them_does_not(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    """Anyone who pressed twice may enter the first code. A mail that was not sent replaces no code."""
    join(employer, outbox, DANA)
    codes = []
    for _ in range(5):
        clock.advance(seconds=1)
        ask(api)
        codes.append(code_for(outbox, DANA))
    for _ in range(10):
        clock.advance(seconds=1)
        ask(api)
    assert len(outbox.to(DANA)) == 5
    assert enter(api, codes[2]).status == 422
    assert enter(api, codes[3]).status == 201


def test_each_employers_code_signs_in_there(api: Api, employer: Api, outbox: Any) -> None:
    """An agency's recruiter: one mail, a link and a code for each employer."""
    other = api.new_employer(name="Bolt Works")
    for tenant in (employer, other):
        join(tenant, outbox, DANA)
    ask(api)
    [mail] = outbox.to(DANA)
    found = re.findall(r"Sign in at ([\w ]+):\n\S+\nOr enter this code: ([0-9]{6})", mail["body"])
    assert sorted(name for name, _ in found) == ["Acme Robotics", "Bolt Works"]
    for name, code in found:
        answer = enter(api, code)
        assert answer.json["employer"]["name"] == name
        me = api.using(answer.json["access_token"]).get("/v1/employer").json
        assert me["name"] == name


def test_a_code_is_for_its_own_address(api: Api, employer: Api, outbox: Any) -> None:
    join(employer, outbox, DANA)
    join(employer, outbox, "kim@example.com", "Kim")
    ask(api)
    assert enter(api, code_for(outbox, DANA), "kim@example.com").status == 422
    assert enter(api, code_for(outbox, DANA), "DANA@Example.com").status == 201, "in other letters"


def test_the_code_of_an_invitation_accepts_and_signs_in(api: Api, employer: Api, outbox: Any) -> None:
    """An app needs no other page. The same request again gets the same tokens."""
    employer.post("/v1/people", {"name": "Dana Reyes", "email": DANA, "role": "manager"})
    code = code_for(outbox, DANA)
    first = enter(api, code, key="once")
    assert first.status == 201 and first.json["person"]["accepted"] is True
    again = enter(api, code, key="once")
    assert (again.status, again.json) == (201, first.json) and again.headers["Idempotency-Replayed"] == "true"
    assert enter(api, code).status == 422
    assert {one["what"] for one in employer.get("/v1/audit").json["data"]} >= {"invitation_accepted", "sign_in"}


def test_a_lost_answer_is_given_again_to_the_same_request(api: Api, employer: Api, outbox: Any, clock: Any) -> None:
    """Only with its Idempotency-Key, and only until the tokens were used to get others."""
    join(employer, outbox, DANA)
    ask(api)
    code = code_for(outbox, DANA)
    first = enter(api, code, key="k1")
    clock.advance(minutes=1)
    again = enter(api, code, key="k1")
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert enter(api, code, key="k2").status == 422
    assert refresh(api, first.json["refresh_token"]).status == 200
    assert enter(api, code, key="k1").status == 422


def test_an_access_token_lasts_an_hour_and_is_refreshed(app_of: Any, api: Api, clock: Any) -> None:
    app = app_of()
    clock.advance(minutes=59)
    assert app.works
    clock.advance(minutes=1)
    expired = app.api.get("/v1/applications")
    assert (expired.status, expired.json["code"]) == (401, "unauthenticated") and "refresh" in expired.json["detail"]
    assert expired.headers["WWW-Authenticate"].startswith("Bearer")
    answer = refresh(api, app.tokens["refresh_token"])
    assert answer.status == 200 and answer.json.keys() == app.tokens.keys()
    assert all(answer.json[name] != app.tokens[name] for name in ("access_token", "refresh_token"))
    assert App(api, answer.json).works


def test_a_stolen_refresh_token_ends_the_session_for_both(app_of: Any, api: Api, employer: Api) -> None:
    """Anyone who comes second shows that there are two. The access token that came first stops at once too."""
    app, other = app_of(), app_of()
    thief = App(api, refresh(api, app.tokens["refresh_token"]).json)
    assert thief.works
    second = refresh(api, app.tokens["refresh_token"])
    assert (second.status, second.json["code"]) == (401, "refresh_token_over")
    assert not thief.works and not app.works
    assert refresh(api, thief.tokens["refresh_token"]).status == 401
    assert other.works and refresh(api, other.tokens["refresh_token"]).status == 200, "another session goes on"
    assert len(employer.get("/v1/audit?what=refresh_token_reused").json["data"]) == 1


def test_a_refresh_whose_answer_was_lost_is_repeated_with_its_key(app_of: Any, api: Api, clock: Any, faults: Any) -> None:
    app = app_of()
    first = refresh(api, app.tokens["refresh_token"], "r1")
    clock.advance(minutes=2)
    again = refresh(api, app.tokens["refresh_token"], "r1")
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
    assert App(api, again.json).works
    faults.lose_response("TransactWriteItems", times=None)
    assert refresh(api, first.json["refresh_token"], "r2").status == 503
    faults.clear()
    third = refresh(api, first.json["refresh_token"], "r2")
    assert third.status == 200 and App(api, third.json).works
    assert refresh(api, first.json["refresh_token"], "r3").status == 401, "another key is another request"


def test_two_racing_refreshes_with_one_key_get_one_answer(app_of: Any, api: Api) -> None:
    app = app_of()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: refresh(api, app.tokens["refresh_token"], "same"), range(4)))
    assert {one.status for one in answers} == {200} and len({str(one.json) for one in answers}) == 1


def test_an_app_that_is_not_used_for_thirty_days_is_signed_out(app_of: Any, api: Api, clock: Any) -> None:
    """And after ninety days in any case."""
    app = app_of()
    clock.advance(days=30)
    assert refresh(api, app.tokens["refresh_token"]).status == 401
    tokens = app_of().tokens
    for _ in range(3):
        clock.advance(days=29)
        tokens = refresh(api, tokens["refresh_token"]).json
    clock.advance(days=3)
    assert refresh(api, tokens["refresh_token"]).status == 401


@pytest.mark.parametrize("token", ["hbr_" + "A" * 150, "hba_" + "A" * 150, "x" * 40, "hb_" + "A" * 80])
def test_what_is_no_refresh_token_is_refused(api: Api, employer: Api, token: str) -> None:
    assert refresh(api, token).status == 401


def test_an_access_token_is_no_refresh_token_nor_a_cookie(app_of: Any, api: Api) -> None:
    app = app_of()
    access = app.tokens["access_token"]
    assert refresh(api, access).status == 401
    assert refresh(api, "hbr_" + access[4:]).status == 401
    assert api.using(app.tokens["refresh_token"]).get("/v1/me").status == 401
    assert api.using("hba_" + app.tokens["refresh_token"][4:]).get("/v1/me").status == 401
    planted = api.get("/v1/sessions", headers={"Cookie": f"heardback_session={access[4:]}"})
    assert planted.status == 401
    for place in (10, 60, len(access) - 1):
        edited = access[:place] + ("A" if access[place] != "A" else "B") + access[place + 1 :]
        assert api.using(edited).get("/v1/me").status == 401


def test_a_recruiter_reads_and_writes_and_a_manager_manages(app_of: Any) -> None:
    recruiter, manager = app_of(), app_of("manager", "kim@example.com")
    assert recruiter.api.get("/v1/risk").status == recruiter.api.get("/v1/call_list").status == 200
    refused = recruiter.api.post("/v1/keys", {"scopes": ["read"]})
    assert (refused.status, refused.json["code"]) == (403, "missing_scope")
    assert recruiter.api.get("/v1/audit").status == recruiter.api.get("/v1/people").status == 403
    made = manager.api.post("/v1/keys", {"scopes": ["read"]})
    assert made.status == 201 and made.json["created_by"]["type"] == "person"
    assert manager.api.get("/v1/me").json["scopes"] == ["read", "write", "manage"]


def test_a_new_role_holds_at_once(app_of: Any, employer: Api) -> None:
    """A demoted manager's token stops, and so does the refresh token: they sign in again as a recruiter."""
    app = app_of("manager")
    assert employer.patch(f"/v1/people/{app.tokens['person']['id']}", {"role": "recruiter"}).status == 200
    assert not app.works and refresh(employer, app.tokens["refresh_token"]).status == 401
    assert app_of("recruiter").api.get("/v1/audit").status == 403


def test_a_manager_changes_and_removes_others_and_not_themselves(app_of: Any) -> None:
    """Otherwise an employer might be left without a manager."""
    manager = app_of("manager")
    own = f"/v1/people/{manager.tokens['person']['id']}"
    assert manager.api.delete(own).json["code"] == "own_role"
    assert manager.api.patch(own, {"role": "recruiter"}).json["code"] == "own_role"
    assert manager.api.patch(own, {"name": "Dana R."}).status == 200


def test_a_removed_person_is_out_at_once(app_of: Any, api: Api, employer: Api, outbox: Any) -> None:
    """So is a code that is still in their mailbox."""
    app = app_of()
    ask(api)
    code = code_for(outbox, DANA)
    assert employer.delete(f"/v1/people/{app.tokens['person']['id']}").status == 204
    assert not app.works
    assert refresh(api, app.tokens["refresh_token"]).status == 401
    assert enter(api, code).status == 422


def test_an_employer_that_is_gone_opens_nothing(app_of: Any, api: Api, employer: Api) -> None:
    app = app_of()
    item = table.get(f"EMP#{employer.employer_id}", "EMP")
    assert isinstance(item, Item)
    transaction = Transaction()
    transaction.delete(item)
    transaction.commit()
    assert not app.works and refresh(api, app.tokens["refresh_token"]).status == 401


def test_a_suspended_employers_people_read_and_do_not_write(app_of: Any, operator: Api, employer: Api) -> None:
    app = app_of("manager")
    operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": True})
    assert app.works and app.api.get("/v1/risk").status == 200
    assert app.api.post("/v1/keys", {"scopes": ["read"]}).json["code"] == "suspended"
    [session] = app.api.get("/v1/sessions").json["data"]
    assert app.api.delete(f"/v1/sessions/{session['id']}").status == 204


def test_sessions_of_apps_are_listed_and_ended(app_of: Any, api: Api) -> None:
    """The lost phone's tokens stop at once; a colleague's are not found."""
    phone, tablet, colleague = app_of(), app_of(), app_of(email="kim@example.com")
    listed = tablet.api.get("/v1/sessions").json["data"]
    assert [one["type"] for one in listed] == ["app", "app"] and sum(one["current"] for one in listed) == 1
    lost = next(one["id"] for one in listed if not one["current"])
    assert colleague.api.delete(f"/v1/sessions/{lost}").status == 404
    assert phone.works and tablet.api.delete(f"/v1/sessions/{lost}").status == 204
    assert not phone.works and refresh(api, phone.tokens["refresh_token"]).status == 401 and tablet.works
    assert tablet.api.delete(f"/v1/sessions/{lost}").status == 404


def test_a_manager_ends_a_colleagues_session_and_not_another_tenants(app_of: Any, api: Api, employer: Api) -> None:
    other = api.new_employer(name="Other")
    app, manager, stranger = app_of(), app_of("manager", "kim@example.com"), app_of("manager", "x@example.com", other)
    person = app.tokens["person"]["id"]
    [session] = manager.api.get(f"/v1/sessions?person_id={person}").json["data"]
    for outsider in (stranger.api, other):
        assert outsider.get(f"/v1/sessions?person_id={person}").json["data"] == []
        assert outsider.delete(f"/v1/sessions/{session['id']}").status == 404
    assert app.api.get(f"/v1/sessions?person_id={manager.tokens['person']['id']}").json["data"] == []
    assert app.works and manager.api.delete(f"/v1/sessions/{session['id']}").status == 204
    assert not app.works
    [entry] = employer.get("/v1/audit?what=session_revoked").json["data"]
    assert entry["who"]["name"] == "Dana Reyes" and entry["about"]["id"] == session["id"]


def test_many_sessions_that_end_at_once_all_end(app_of: Any, outbox: Any) -> None:
    apps = [app_of() for _ in range(4)]
    [last, *others] = apps
    ids = [one["id"] for one in last.api.get("/v1/sessions").json["data"] if not one["current"]]
    with ThreadPoolExecutor(3) as pool:
        assert [one.status for one in pool.map(lambda id: last.api.delete(f"/v1/sessions/{id}"), ids)] == [204] * 3
    assert last.works and not any(app.works for app in others)


def test_signing_out_everywhere_ends_apps_too(app_of: Any, api: Api, outbox: Any) -> None:
    app = app_of()
    ask(api)
    [link] = re.findall(r"/sign-in/[\w-]+", outbox.to(DANA)[-1]["body"])
    browser = Browser(api)
    browser.open(link)
    browser.submit("")
    browser.post("/sign-out-everywhere", {"form_token": browser.token})
    assert not app.works and refresh(api, app.tokens["refresh_token"]).status == 401


def test_a_token_beside_a_cookie_is_what_counts(app_of: Any, api: Api, outbox: Any) -> None:
    """A bad token is refused even where the cookie is good: no mixture of two people."""
    app = app_of()
    ask(api)
    [link] = re.findall(r"/sign-in/[\w-]+", outbox.to(DANA)[-1]["body"])
    browser = Browser(api)
    browser.open(link)
    browser.submit("")
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    kim = app_of(email="kim@example.com")
    assert kim.api.get("/v1/me", headers=cookie).json["person"]["email"] == "kim@example.com"
    assert api.using(None).get("/v1/me", headers=cookie).json["person"]["email"] == DANA
    assert api.using("hba_" + "A" * 150).get("/v1/me", headers=cookie).status == 401
    assert api.using(None).get("/v1/applications", headers=cookie).status == 401, "a cookie opens no other route"
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    [own] = [one for one in app.api.get("/v1/sessions").json["data"] if one["current"]]
    assert api.using(None).delete(f"/v1/sessions/{own['id']}", headers={**cookie, **evil}).status == 403
    assert app.api.delete(f"/v1/sessions/{own['id']}", headers=evil).status == 204, "no site can send somebody's token"


def test_every_credential_says_whose_it_is(app_of: Any, api: Api, employer: Api, operator: Api) -> None:
    app = app_of("manager")
    assert app.api.get("/v1/me").json.keys() == {"person", "employer", "scopes"}
    key = employer.get("/v1/me").json
    assert key.keys() == {"key", "employer", "scopes"} and key["scopes"] == ["read", "write", "manage"]
    report = employer.using(employer.post("/v1/keys", {"scopes": ["report"]}).json["secret"])
    assert report.get("/v1/me").json["scopes"] == ["report"]
    assert operator.get("/v1/me").json == {"employer": None, "scopes": []}
    assert api.using(None).get("/v1/me").status == 401


def test_the_same_post_again_is_answered_again_also_after_a_refresh(app_of: Any, api: Api) -> None:
    """An app that lost its connection refreshes its token first, and repeats its request then."""
    app = app_of("manager")
    first = app.api.post("/v1/keys", {"scopes": ["read"]}, headers={"Idempotency-Key": "one"})
    later = App(api, refresh(api, app.tokens["refresh_token"]).json)
    again = later.api.post("/v1/keys", {"scopes": ["read"]}, headers={"Idempotency-Key": "one"})
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"


def test_an_access_token_costs_what_a_key_costs(app_of: Any, employer: Api, meter: Any) -> None:
    """One read of two items."""
    app = app_of()
    costs = []
    for who in (app.api, employer):
        meter.reset()
        assert who.get("/v1/me").status == 200
        costs.append((meter.total, sum(meter.read_units.values()), sum(meter.write_units.values())))
    assert costs[0] == costs[1] == (1, 2, 0)


def test_a_network_that_asks_too_often_hears_the_same_and_gets_no_mail(api: Api, employer: Api, outbox: Any) -> None:
    """Sixty an hour, for any addresses; who floods learns nothing, and the sixty-first causes no mail."""
    join(employer, outbox, DANA)
    outbox.clear()
    first = ask(api)
    assert len(outbox.to(DANA)) == 1
    for number in range(59):
        ask(api, f"x{number}@example.com")
    last = ask(api)
    assert (last.status, last.json) == (first.status, first.json) == (202, {"expires_in": 900})
    assert len(outbox.to(DANA)) == 1


@pytest.mark.long  # the SDK's own retries of a throttled write take seconds
def test_a_right_code_works_where_its_count_cannot_be_taken_back(api: Api, employer: Api, outbox: Any, faults: Any) -> None:
    """The session is there already; the try stays counted."""
    join(employer, outbox, DANA)
    ask(api)
    faults.throttle("TransactWriteItems", times=None, where='"-1"')
    assert enter(api, code_for(outbox, DANA)).status == 201
