"""Job seekers sign up by mail, confirm a number by text, export and erase themselves. Nobody else is ever written to."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import config
from chalicelib.applications.seekers import interviews
from chalicelib.applications.seekers.interviews import OwnInterview
from chalicelib.auth.employers import EmployerItem
from chalicelib.auth.users import PersonItem, person_key
from chalicelib.errors import ConditionFailed, Unavailable
from chalicelib.messaging import gate, opt_outs
from chalicelib.rules.copy.language import catalogue
from chalicelib.rules.copy.seeker_account import EMAIL_CONSENT, SMS_CONSENT
from chalicelib.rules.copy.seekers import SUBJECTS
from chalicelib.storage import table
from chalicelib.storage.table import Item
from chalicelib.storage.transaction import AT_ONCE, Committer, Transaction
from tests.engines import Api, Crash, Faults, Outbox, StandingClock, code_for, join, seek

JO = "jo@example.com"
PHONE = "+12025550123"
GIVEN = {"email": JO, "name": "Jo Sample", "timezone": "America/New_York", "locale": "en-US"}
LEFT = {"OPT", "LIMIT", "KNOWN", "FEED", "SPEND", "ANSWERED"}
"""What an erasure leaves: keyed hashes, changes of the last days, which name ids alone, what texts cost, and their ids."""
Json = dict[str, Any]


def raws() -> list[Json]:
    """Returns all that the table holds."""
    return list(table.client().scan(TableName=Item.Meta.table_name, ConsistentRead=True)["Items"])


def kinds_of(items: list[Json]) -> set[str]:
    return {one["SK"]["S"].partition("#")[0] for one in items}


def interview(clock: StandingClock, company: str = "Blue Fern", **fields: Any) -> Json:
    times = {"start_at": clock.text(hours=-3), "end_at": clock.text(hours=-2)}
    return {"company": company, "job_title": "Welder", **times, **fields}


def texted_code(outbox: Outbox) -> str:
    return re.findall(r"\b[0-9]{6}\b", outbox.sms[-1]["body"])[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def confirmed(jo: Api, outbox: Outbox, number: str = PHONE) -> Json:
    assert jo.post("/v1/my/phone", {"phone": number}).status == 202
    told = jo.post("/v1/my/phone/confirm", {"code": texted_code(outbox)})
    assert told.status == 200, told
    return told.json


def test_a_seeker_signs_up_by_the_code_of_a_mail(api: Api, outbox: Outbox) -> None:
    """The code opens a session as anybody's does; `GET /v1/me` says who asks."""
    told = api.post("/v1/seekers", GIVEN)
    assert (told.status, told.json) == (202, {"expires_in": 900})
    entered = api.post("/v1/sessions", {"email": JO, "code": code_for(outbox, JO)})
    assert entered.status == 201 and entered.json["employer"] is None and entered.json["person"]["role"] == "seeker"
    me = api.using(entered.json["access_token"]).get("/v1/me").json
    assert me["seeker"] == entered.json["seeker"] and (me["employer"], me["scopes"]) == (None, ["my"])
    assert {name: me["seeker"][name] for name in ("email", "name", "timezone", "locale", "phone")} == {**GIVEN, "phone": None}


def test_every_address_gets_the_same_answer_and_a_known_one_a_sign_in(api: Api, employer: Api, outbox: Outbox) -> None:
    """New, pending, known, and known as somebody's colleague: a stranger learns nothing."""
    join(employer, outbox, "dana@example.com")
    told = [api.post("/v1/seekers", {**GIVEN, "email": email}) for email in (JO, JO, "dana@example.com", "a@example.com")]
    assert len({(one.status, str(one.json)) for one in told}) == 1
    seek(api, outbox)
    before = len(outbox.to(JO))
    assert (api.post("/v1/seekers", GIVEN).status, len(outbox.to(JO))) == (202, before + 1)
    assert outbox.to(JO)[-1]["subject"] == "Sign in to Heardback"


def test_a_deployment_that_is_not_open_takes_no_sign_up(api: Api, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """404, as for a path that is not there. Those who signed up before go on."""
    jo = seek(api, outbox)
    monkeypatch.setenv("HEARDBACK_SEEKERS_OPEN", "false")
    config.forget()
    try:
        assert not config.settings().seekers_open
        assert api.post("/v1/seekers", GIVEN).status == 404
        assert jo.get("/v1/my/interviews").status == 200
    finally:
        monkeypatch.undo()
        config.forget()


def test_somebody_elses_address_gets_few_mails_and_none_of_our_caller_s_words(api: Api, outbox: Outbox) -> None:
    """Five an hour to one mailbox, in any spelling. A name with a link is not in the mail."""
    for spelling in [JO, "Jo@Example.com", "jo+a@example.com", "jo+b@example.com"] * 3:
        told = api.post("/v1/seekers", {**GIVEN, "email": spelling, "name": "Win at https://evil.example now"})
        assert told.status == 202
    assert len(outbox) == 5
    assert not any("evil" in str(mail) for mail in outbox)


def test_one_network_and_the_deployment_have_ceilings(api: Api, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone who asks for thousands of addresses is served some of them."""
    quotas = gate.QUOTAS["seeker_sign_up"]
    monkeypatch.setattr(gate, "QUOTAS", {**gate.QUOTAS, "seeker_sign_up": tuple(replace(one, most=3) for one in quotas)})
    for number in range(6):
        assert api.post("/v1/seekers", {**GIVEN, "email": f"a{number}@example.com"}).status == 202
    assert len(outbox) == 3


class Held(Committer):
    """Holds what a request commits until it is sent on: DynamoDB may carry a request out long after its client gave up."""

    def commit(self, transaction: Transaction) -> None:
        self.held = transaction
        raise Unavailable


def first_booking(clock: StandingClock, held: Held | None = None) -> Any:
    """Adds an interview for the only seeker there is, as the route does."""
    [listed], _ = table.query_index("listing", "seekers#EMP", limit=9)
    item = table.get(listed["PK"]["S"], "EMP")
    assert isinstance(item, EmployerItem) and item.seeker
    person = table.get(*person_key(item.id, item.seeker["person_id"]))
    assert isinstance(person, PersonItem)
    own = OwnInterview("Blue Fern", "Welder", "interview", clock() - timedelta(hours=3), clock() - timedelta(hours=2))
    return interviews.book(item, person, own, clock(), committer=held or AT_ONCE)


def test_a_booking_that_arrives_after_an_erasure_brings_nothing_back(api: Api, outbox: Outbox, clock: StandingClock) -> None:
    """Nobody could see or erase it, and its reminder would be due for ever."""
    jo, held = seek(api, outbox), Held()
    with pytest.raises(Unavailable):
        first_booking(clock, held)
    assert jo.delete("/v1/my").status == 204
    with pytest.raises(ConditionFailed):
        held.held.commit()
    assert kinds_of(raws()) <= LEFT


def test_a_booking_in_the_last_instant_of_an_erasure_is_erased_too(
    api: Api, outbox: Outbox, clock: StandingClock, faults: Faults
) -> None:
    """It was answered before the erasure was."""
    jo, held = seek(api, outbox), Held()
    with pytest.raises(Unavailable):
        first_booking(clock, held)
    faults.before("TransactWriteItems", held.held.commit, where="AT#seeker")
    assert jo.delete("/v1/my").status == 204
    assert kinds_of(raws()) <= LEFT


@pytest.mark.parametrize("where", ["PHONECODE", "MSG#"])
def test_what_a_request_on_its_way_would_write_after_an_erasure_is_not_written(
    api: Api, outbox: Outbox, faults: Faults, where: str
) -> None:
    """It had read the seeker before: nobody could erase the number, the code or the message."""
    jo = seek(api, outbox)
    faults.before("TransactWriteItems", lambda: jo.delete("/v1/my"), where=where)
    sent = len(outbox)
    assert jo.post("/v1/my/phone", {"phone": PHONE}).status in (202, 404)
    assert kinds_of(raws()) <= LEFT | {"IDEM", "PHONECODE"} and PHONE not in str(raws()) and JO not in str(raws())
    assert len(outbox) == sent


@pytest.mark.parametrize("where", ["CODE#", "MSG#"])
def test_a_sign_in_mail_in_the_instant_of_an_erasure_leaves_nothing(api: Api, outbox: Outbox, faults: Faults, where: str) -> None:
    jo = seek(api, outbox)
    faults.before("TransactWriteItems", lambda: jo.delete("/v1/my"), where=where)
    assert api.post("/v1/sign_in", {"email": JO}).status == 202
    assert kinds_of(raws()) <= LEFT and JO not in str(raws())


def test_what_was_written_in_the_last_instant_of_an_erasure_is_erased_too(api: Api, outbox: Outbox, faults: Faults) -> None:
    """The tenant was still there: a code and a text went out."""
    jo = seek(api, outbox)
    faults.before("TransactWriteItems", lambda: jo.post("/v1/my/phone", {"phone": PHONE}), where="AT#seeker")
    assert jo.delete("/v1/my").status == 204
    assert kinds_of(raws()) <= LEFT and PHONE not in str(raws())


def test_a_seeker_changes_their_language(api: Api, outbox: Outbox, clock: StandingClock, run_ticks: Any) -> None:
    """Of reminders that are due already too. A locale without words of ours is kept, and stands for English."""
    jo = seek(api, outbox)
    assert jo.patch("/v1/my", {"locale": "de-DE"}).json["locale"] == "de-DE"
    assert jo.post("/v1/my/interviews", interview(clock)).status == 201
    assert jo.patch("/v1/my", {"locale": "es-MX"}).json["locale"] == "es-MX"
    assert jo.patch("/v1/my", {}).json["locale"] == jo.get("/v1/me").json["seeker"]["locale"] == "es-MX"
    for wrong in ({"locale": None}, {"locale": "nonsense!"}, {"name": "Jo"}):
        assert jo.patch("/v1/my", wrong).status == 422, wrong
    clock.advance(hours=72)
    run_ticks()
    assert outbox.to(JO)[-1]["subject"] == catalogue("es").say(SUBJECTS[0], company="Blue Fern")


def test_a_stale_if_match_changes_nothing_of_a_seeker(api: Api, outbox: Outbox) -> None:
    """Their language, number and address for invitations are one record, whose ETag `/v1/me` tells."""
    jo = seek(api, outbox)
    stale = jo.get("/v1/me").headers["ETag"]
    assert jo.get("/v1/me", headers={"If-None-Match": stale}).status == 304
    changed = jo.patch("/v1/my", {"locale": "es-MX"}, headers={"If-Match": stale})
    assert changed.status == 200 and jo.patch("/v1/my", {}, headers={"If-Match": changed.headers["ETag"]}).status == 200
    again = jo.post("/v1/my/invitation_address", {}, headers={"If-Match": changed.headers["ETag"]})
    assert again.status == 200 and again.headers["ETag"] != changed.headers["ETag"]
    fresh = jo.get("/v1/me").json
    for old in (stale, changed.headers["ETag"]):
        for method, path, body in (
            ("PATCH", "/v1/my", {"locale": "ko-KR"}),
            ("PATCH", "/v1/my", {}),
            ("POST", "/v1/my/invitation_address", {}),
            ("POST", "/v1/my/phone/confirm", {"code": "123456"}),
            ("DELETE", "/v1/my", None),
        ):
            assert jo(method, path, body, headers={"If-Match": old}).status == 412, (method, path)
    assert jo.get("/v1/me").json == fresh and fresh["seeker"]["locale"] == "es-MX"


def test_a_change_between_check_and_write_of_a_language_is_seen(api: Api, outbox: Outbox, faults: Faults) -> None:
    """Two tabs: the record is compared as it is written."""
    jo = seek(api, outbox)
    tag = jo.get("/v1/me").headers["ETag"]
    faults.before("TransactWriteItems", lambda: jo.patch("/v1/my", {"locale": "fr-FR"}), where="EMP")
    assert jo.patch("/v1/my", {"locale": "es-MX"}, headers={"If-Match": tag}).status == 412
    assert jo.get("/v1/me").json["seeker"]["locale"] == "fr-FR"


def test_the_newest_mail_counts_and_starts_with_what_came_with_it(api: Api, outbox: Outbox) -> None:
    """A stranger's sign-up under a false name ends with the owner's own."""
    api.post("/v1/seekers", {**GIVEN, "name": "Not Jo"})
    strangers = code_for(outbox, JO)
    api.post("/v1/seekers", GIVEN)
    assert strangers == code_for(outbox, JO) or api.post("/v1/sessions", {"email": JO, "code": strangers}).status == 422
    entered = api.post("/v1/sessions", {"email": JO, "code": code_for(outbox, JO)})
    assert entered.json["seeker"]["name"] == "Jo Sample"


def test_two_sign_ups_at_once_make_one_seeker(api: Api, outbox: Outbox) -> None:
    """A double click."""
    with ThreadPoolExecutor(4) as pool:
        assert {one.status for one in pool.map(lambda _: api.post("/v1/seekers", GIVEN), range(4))} == {202}
    assert sum("seeker" in one for one in raws()) == 1
    assert seek(api, outbox).get("/v1/me").status == 200


def test_sign_up_codes_cannot_be_guessed(api: Api, outbox: Outbox, clock: StandingClock) -> None:
    """Five tries an hour for an address, as of any code; the right one comes too late."""
    api.post("/v1/seekers", GIVEN)
    code = code_for(outbox, JO)
    told = [api.post("/v1/sessions", {"email": JO, "code": wrong(code)}).status for _ in range(6)]
    assert told == [422] * 5 + [429]
    clock.advance(hours=1)
    assert api.post("/v1/sessions", {"email": JO, "code": code}).status == 422


def test_a_sign_up_that_nobody_accepts_vanishes(api: Api, outbox: Outbox, clock: StandingClock) -> None:
    """By the table's time to live; an accepted one stays."""
    api.post("/v1/seekers", GIVEN)
    own = {"EMP", "PERSON", "AT"}
    assert kinds_of([one for one in raws() if "expires_at" in one]) >= own
    seek(api, outbox)
    assert not kinds_of([one for one in raws() if "expires_at" in one]) & own


def test_what_was_agreed_to_is_kept_word_for_word(api: Api, outbox: Outbox, clock: StandingClock) -> None:
    """With the time; the mail shows the very wording before anybody agrees."""
    jo = seek(api, outbox)
    assert EMAIL_CONSENT in outbox.to(JO)[0]["body"]
    clock.advance(minutes=5)
    confirmed(jo, outbox)
    given = jo.get("/v1/my/export").json["consents"]
    assert [(one["what"], one["wording"]) for one in given] == [("email", EMAIL_CONSENT), ("sms", SMS_CONSENT)]
    assert given[0]["given_at"] < given[1]["given_at"]


def test_one_mailbox_may_be_a_colleague_and_a_seeker(api: Api, employer: Api, outbox: Outbox) -> None:
    """One mail, a code for each: each opens its own side and nothing else."""
    join(employer, outbox, JO, "Jo at work")
    seek(api, outbox)
    api.post("/v1/sign_in", {"email": JO})
    codes = re.findall(r"Sign in at ([\w ]+):\n\S+\nOr enter this code: ([0-9]{6})", outbox.to(JO)[-1]["body"])
    assert sorted(name for name, _ in codes) == ["Acme Robotics", "your own interviews"]
    for name, code in codes:
        credential = api.using(api.post("/v1/sessions", {"email": JO, "code": code}).json["access_token"])
        own = name == "your own interviews"
        assert credential.get("/v1/my/interviews").status == (200 if own else 403)
        assert credential.get("/v1/applications").status == (403 if own else 200)


def test_a_number_is_confirmed_by_its_code(api: Api, outbox: Outbox) -> None:
    jo = seek(api, outbox)
    assert confirmed(jo, outbox)["phone"] == PHONE
    assert jo.get("/v1/me").json["seeker"]["phone"] == PHONE
    assert jo.post("/v1/my/phone/confirm", {"code": texted_code(outbox)}).json["code"] == "wrong_code", "it works once"


def test_a_strangers_number_gets_three_codes_a_day_and_nothing_else(
    api: Api, outbox: Outbox, clock: StandingClock, run_ticks: Any
) -> None:
    """However many seekers name it, in whatever spelling; reminders go by mail until it is confirmed."""
    for number in range(3):
        jo = seek(api, outbox, f"jo{number}@example.com")
        jo.post("/v1/my/interviews", interview(clock))
        for spelling in (PHONE, "+1 (202) 555-0123"):
            told = jo.post("/v1/my/phone", {"phone": spelling})
            assert (told.status, told.json) == (202, {"expires_in": 600})
    assert len(outbox.sms) == 3
    clock.advance(hours=49)
    run_ticks()
    assert len(outbox.sms) == 3 and all("is your code" in text["body"] for text in outbox.sms)
    assert sum("No word" in mail["subject"] for mail in outbox.email) == 3


def test_codes_leave_half_of_the_deployments_budget_to_employers(
    api: Api, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may ask for codes: candidates of employers must still get their texts. Of four dollars, two codes spend two."""
    jo = seek(api, outbox)
    monkeypatch.setenv("HEARDBACK_SMS_MONTHLY_BUDGET_USD", "4")
    monkeypatch.setenv("HEARDBACK_SMS_PRICE_USD", "1")
    config.forget()
    try:
        for number in range(3):
            assert jo.post("/v1/my/phone", {"phone": f"+1202555012{number}"}).status == 202
    finally:
        monkeypatch.undo()
        config.forget()
    assert len(outbox.sms) == 2


def test_a_seeker_gets_three_codes_a_day(api: Api, outbox: Outbox, clock: StandingClock) -> None:
    """Anyone who tries number after number; the next day it goes on."""
    jo = seek(api, outbox)
    for number in range(5):
        jo.post("/v1/my/phone", {"phone": f"+1202555012{number}"})
    assert len(outbox.sms) == 3
    clock.advance(days=1)
    seek(api, outbox).post("/v1/my/phone", {"phone": PHONE})
    assert len(outbox.sms) == 4


def test_phone_codes_cannot_be_guessed(api: Api, outbox: Outbox, clock: StandingClock) -> None:
    """Five tries a code, at the same moment too, and ten minutes."""
    jo = seek(api, outbox)
    jo.post("/v1/my/phone", {"phone": PHONE})
    code = texted_code(outbox)
    with ThreadPoolExecutor(5) as pool:
        told = list(pool.map(lambda _: jo.post("/v1/my/phone/confirm", {"code": wrong(code)}), range(5)))
    assert {(one.status, one.json["code"]) for one in told} == {(422, "wrong_code")}
    assert jo.post("/v1/my/phone/confirm", {"code": code}).status == 422
    jo.post("/v1/my/phone", {"phone": PHONE})
    clock.advance(minutes=10)
    assert jo.post("/v1/my/phone/confirm", {"code": texted_code(outbox)}).status == 422
    assert jo.get("/v1/me").json["seeker"]["phone"] is None


@pytest.mark.parametrize(
    "number", ["+19005550123", "+979123456789", "+441632960123", "+881612345678", "+12025550123 ext. 4", "x"]
)
def test_a_number_that_is_dear_or_takes_no_texts_is_refused(api: Api, outbox: Outbox, number: str) -> None:
    jo = seek(api, outbox)
    assert jo.post("/v1/my/phone", {"phone": number}).status == 422
    assert not outbox.sms


def test_a_number_that_said_stop_gets_no_code(api: Api, outbox: Outbox, clock: StandingClock) -> None:
    """The answer is the same: nobody learns what a number said."""
    opt_outs.opt_out([("sms", PHONE)], "stop_word", clock())
    jo = seek(api, outbox)
    assert jo.post("/v1/my/phone", {"phone": PHONE}).status == 202
    assert not outbox.sms


def test_the_same_request_again_texts_no_second_code(api: Api, outbox: Outbox) -> None:
    jo = seek(api, outbox)
    for _ in range(3):
        assert jo.post("/v1/my/phone", {"phone": PHONE}, headers={"Idempotency-Key": "once"}).status == 202
    assert len(outbox.sms) == 1


def test_an_export_holds_everything_and_an_erasure_leaves_nothing(
    api: Api, employer: Api, outbox: Outbox, clock: StandingClock, run_ticks: Any
) -> None:
    """Also what was deleted before; tokens end, and the address may sign up again."""
    before = {one["PK"]["S"] for one in raws()}
    jo = seek(api, outbox)
    kept = jo.post("/v1/my/interviews", interview(clock)).json["id"]
    gone = jo.post("/v1/my/interviews", interview(clock, "Old Oak")).json["id"]
    assert jo.delete(f"/v1/my/interviews/{gone}").status == 204
    jo.post(f"/v1/my/interviews/{kept}/outcomes", {"what": "called", "feedback": "Speak up."})
    confirmed(jo, outbox)
    told = jo.get("/v1/my/export").json
    text = str(told)
    assert all(one in text for one in ("Blue Fern", "Speak up.", JO, PHONE, "sign_up", "phone_code")), text
    assert "Old Oak" not in text
    assert jo.delete("/v1/my").status == 204
    assert jo.get("/v1/me").status == 401
    left = [one for one in raws() if one["PK"]["S"] not in before]
    assert kinds_of(left) <= LEFT, left
    assert not any(word in str(left) for word in ("Blue Fern", "Old Oak", "Speak up", JO, PHONE, "Jo Sample"))
    assert seek(api, outbox).get("/v1/my/interviews").json["data"] == []


def test_an_interrupted_erasure_is_finished_when_asked_again(
    api: Api, outbox: Outbox, clock: StandingClock, faults: Faults
) -> None:
    """The person goes last, so that they can ask."""
    before = {one["PK"]["S"] for one in raws()}
    jo = seek(api, outbox)
    jo.post("/v1/my/interviews", interview(clock))
    for step in range(12):
        faults.crash_before("TransactWriteItems", after=step)
        try:
            if jo.delete("/v1/my").status == 204:
                break
        except Crash:
            continue
        finally:
            faults.clear()
    assert jo.delete("/v1/my").status in (204, 401)
    assert kinds_of([one for one in raws() if one["PK"]["S"] not in before]) <= LEFT


def test_a_seekers_records_are_in_nobodys_figures(api: Api, employer: Api, operator: Api, outbox: Outbox, clock: Any) -> None:
    """No risk, no list, no change feed, no digest of anybody."""
    since = employer.get("/v1/changes").json["next_since"]
    jo = seek(api, outbox)
    jo.post("/v1/my/interviews", interview(clock))
    clock.advance(days=5)
    assert employer.get("/v1/risk").json["tally"]["waiting"] == 0
    assert employer.get("/v1/applications").json["data"] == employer.get("/v1/candidates").json["data"] == []
    assert employer.get(f"/v1/changes?since={since}").json["data"] == []
    assert len(operator.get("/v1/employers").json["data"]) == 1
