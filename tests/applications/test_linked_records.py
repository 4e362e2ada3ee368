"""A job seeker's interview and an employer's record of it, linked: word on one side ends both waits, and nothing else crosses."""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from chalicelib.applications.candidates import links
from chalicelib.applications.linking import exchange
from chalicelib.auth.users import people_at
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item
from tests.applications.test_own_interviews import Seeker
from tests.engines import Answer, Api, Crash, Faults, Outbox, StandingClock
from tests.test_budgets import Budget

JO = "jo@example.com"
PHONE = "+12025550123"
Json = dict[str, Any]


class Pair(Seeker):
    """A job seeker, and an employer that interviewed them and offers links."""

    def __init__(self, api: Api, outbox: Outbox, clock: StandingClock, stack: Any) -> None:
        super().__init__(api, outbox, clock)
        self.employer = api.new_employer(name="Blue Fern", policy={"link_seekers": True})
        self._stack = stack

    def booked(self, end: float = -2, **candidate: Any) -> str:
        """The employer's record of the interview; returns the application's id."""
        person = {"name": "Jo Sample", "email": JO, **candidate}
        body = {
            "stage": "interview",
            "start_at": self.clock.text(hours=end - 1),
            "end_at": self.clock.text(hours=end),
            "application": {"job_title": "Welder", "candidate": person},
        }
        made = self.employer.post("/v1/interviews", body)
        assert made.status == 201, made
        return str(made.json["application_id"])

    def token(self, application: str, employer: str = "") -> str:
        return links.token(employer or self.employer.employer_id, application, self.clock.now)

    def link(self, made: Json, application: str, token: str = "") -> Answer:
        return self.api.post(f"/v1/my/interviews/{made['id']}/link", {"token": token or self.token(application)})

    def linked(self, **fields: Any) -> tuple[Json, str]:
        made, application = self.add(**fields), self.booked()
        told = self.link(made, application)
        assert (told.status, told.json["linked"]) == (200, True), told
        self.settle()
        return made, application

    def settle(self) -> None:
        self._stack.pumps.until_nothing_is_due()

    def theirs(self, application: str) -> Json:
        return self.employer.get(f"/v1/applications/{application}").json

    def log(self, application: str, **fields: Any) -> Json:
        made = self.employer.post(f"/v1/applications/{application}/contacts", {"channel": "call", "outcome": "reached", **fields})
        assert made.status == 201, made
        self.settle()
        return made.json

    def recorded(self, made: Json, what: str, **fields: Any) -> None:
        assert self.tell(made, what, **fields).status == 201
        self.settle()

    def later(self, **delta: float) -> None:
        self.clock.advance(**delta)
        self.settle()
        self.again()


@pytest.fixture
def pair(api: Api, outbox: Outbox, clock: StandingClock, stack: Any) -> Pair:
    return Pair(api, outbox, clock, stack)


def seeker_id() -> str:
    return people_at(JO)[0].employer_id


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_both_sides_say_that_they_are_linked_and_neither_with_whom(pair: Pair) -> None:
    made, application = pair.linked()
    mine, theirs = pair.read(made), pair.theirs(application)
    assert (mine["linked"], theirs["linked"]) == (True, True)
    assert application[4:] not in json.dumps(mine) and made["id"][4:] not in json.dumps(theirs)
    assert (mine["state"], theirs["loop"]) == ("waiting", "waiting")


def test_a_call_that_the_employer_logged_ends_the_seekers_wait(pair: Pair) -> None:
    made, application = pair.linked()
    pair.log(application, decision="rejected", note="Weak welds.", feedback="Practise overhead welds.")
    mine = pair.read(made)
    assert (mine["state"], mine["next_reminder_at"]) == ("heard", None)


def test_a_promise_to_the_candidate_opens_the_seekers_next_wait(pair: Pair) -> None:
    made, application = pair.linked()
    friday = pair.clock.text(days=3)
    pair.log(application, decision="pending", next_word_by=friday)
    mine = pair.read(made)
    assert (mine["state"], at(mine["word_due_at"])) == ("waiting", at(friday))


@pytest.mark.parametrize("what", ["called", "heard"])
def test_a_word_that_the_seeker_recorded_ends_the_employers_wait(pair: Pair, what: str) -> None:
    made, application = pair.linked()
    pair.recorded(made, what, decision="rejected", feedback="They were kind.")
    theirs = pair.theirs(application)
    assert (theirs["loop"], theirs["answered_by"], theirs["told"]) == ("answered", "candidate", None)


def test_a_day_that_the_seeker_was_told_opens_the_employers_next_wait(pair: Pair) -> None:
    made, application = pair.linked()
    friday = pair.clock.text(days=3)
    pair.recorded(made, "called", next_word_by=friday)
    theirs = pair.theirs(application)
    assert (theirs["loop"], at(theirs["word_due_at"])) == ("waiting", at(friday))


@pytest.mark.parametrize("outcome", ["voicemail", "no_answer"])
def test_an_attempt_is_not_a_word_on_either_side(pair: Pair, outcome: str) -> None:
    made, application = pair.linked()
    pair.log(application, outcome=outcome)
    pair.recorded(made, "no_answer")
    assert (pair.read(made)["state"], pair.theirs(application)["loop"]) == ("waiting", "waiting")


def test_a_contact_that_is_undone_opens_both_waits_again(pair: Pair) -> None:
    made, application = pair.linked()
    contact = pair.log(application, decision="offer")
    assert pair.read(made)["state"] == "heard"
    assert pair.employer.post(f"/v1/applications/{application}/contacts/{contact['id']}/void").status == 200
    pair.settle()
    mine = pair.read(made)
    assert mine["state"] == "waiting" and mine["next_reminder_at"] is not None
    assert pair.theirs(application)["loop"] == "waiting"


def test_a_contact_that_the_candidate_disputes_opens_both_waits_again(pair: Pair) -> None:
    made, application = pair.linked()
    pair.log(application, decision="rejected")
    pair.clock.advance(minutes=1)
    pair.employer.post(f"/v1/applications/{application}/statements", {"heard": False})
    pair.settle()
    assert (pair.read(made)["state"], pair.theirs(application)["loop"]) == ("waiting", "waiting")


def test_an_invitation_to_the_next_round_is_word_on_the_other_side(pair: Pair) -> None:
    made, application = pair.linked()
    body = {"stage": "final", "start_at": pair.clock.text(days=3), "end_at": pair.clock.text(days=3, hours=1)}
    assert pair.employer.post("/v1/interviews", {**body, "application_id": application}).status == 201
    pair.settle()
    assert pair.read(made)["state"] == "heard"


def test_no_note_decision_feedback_name_or_id_crosses(pair: Pair, outbox: Outbox) -> None:
    """All that is stored and exported on each side is searched for what was written on the other."""
    made, application = pair.linked()
    secret = ("SECRETNOTE", "SECRETFEEDBACK", "SECRETNAME")
    pair.employer.patch("/v1/employer", {"call_back_name": "SECRETNAME"})
    pair.log(application, decision="rejected", note="SECRETNOTE", feedback="SECRETFEEDBACK")
    pair.clock.advance(minutes=30)
    pair.recorded(made, "called", decision="offer", feedback="OWNWORDS")
    mine, theirs = stored(seeker_id()), stored(pair.employer.employer_id)
    links_of = [one for one in (*mine, *theirs) if one["SK"]["S"] == "LINKED"]
    assert len(links_of) == 2
    crossed = [one for one in mine if one not in links_of]
    assert not [
        one for word in (*secret, pair.employer.employer_id, application[4:], "rejected") for one in crossed if word in str(one)
    ]
    crossed = [one for one in theirs if one not in links_of]
    assert not [one for word in ("OWNWORDS", seeker_id(), made["id"][4:], "offer") for one in crossed if word in str(one)]
    exported = json.dumps(pair.api.get("/v1/my/export").json)
    assert not [word for word in (*secret, pair.employer.employer_id, application[4:], "rejected") if word in exported]
    candidate = pair.theirs(application)["candidate_id"]
    exported = json.dumps(pair.employer.get(f"/v1/candidates/{candidate}/export").json)
    assert not [word for word in ("OWNWORDS", seeker_id(), made["id"][4:]) if word in exported]


def stored(employer_id: str) -> list[Json]:
    items = table.client().scan(TableName=Item.Meta.table_name, ConsistentRead=True)["Items"]
    return [one for one in items if one["PK"]["S"].startswith(keys.employer_pk(employer_id)) and "#RISK" not in one["PK"]["S"]]


def test_what_was_said_before_the_interview_stays_where_it_is(pair: Pair) -> None:
    application = pair.booked(end=30)
    pair.log(application, note="We look forward to it.")
    made = pair.add(end=30)
    assert pair.link(made, application).status == 200
    pair.later(hours=31)
    assert pair.read(made)["state"] == "waiting"


def test_what_was_said_before_the_link_about_this_interview_counts(pair: Pair) -> None:
    """Who was told already is not reminded to call."""
    made, application = pair.add(), pair.booked()
    pair.log(application, decision="rejected")
    assert pair.link(made, application).json["state"] == "heard"


def test_the_same_link_again_changes_nothing(pair: Pair) -> None:
    made, application = pair.linked()
    before = pair.read(made)
    assert (pair.link(made, application).status, pair.read(made)) == (200, before)


def test_two_links_at_once_are_one(pair: Pair) -> None:
    made, application = pair.add(), pair.booked()
    token = pair.token(application)
    with ThreadPoolExecutor(2) as both:
        told = list(both.map(lambda _: pair.link(made, application, token).status, range(2)))
    assert told == [200, 200]
    pair.settle()
    pair.log(application, decision="offer")
    assert pair.read(made)["state"] == "heard"


def test_a_record_has_one_link(pair: Pair) -> None:
    _made, application = pair.linked()
    other = pair.add("Old Oak")
    refused = pair.link(other, application)
    assert (refused.status, refused.json["code"]) == (409, "already_linked")


def test_a_forwarded_link_opens_nothing_to_a_stranger(api: Api, outbox: Outbox, pair: Pair) -> None:
    """The message went to another address: the refusal says no more than that, linked or not."""
    stranger = Seeker(api, outbox, pair.clock)
    application = pair.booked(email="ann@example.com")
    told = pair.link(stranger.add("Old Oak"), application)
    assert (told.status, told.json["code"]) == (409, "link_of_another")
    assert not [
        word for word in ("Blue Fern", "Welder", "ann", application) if word in json.dumps({**told.json, "request_id": ""})
    ]
    assert pair.theirs(application)["linked"] is False


def test_a_confirmed_number_proves_it_too(pair: Pair, outbox: Outbox) -> None:
    made, application = pair.add(), pair.booked(email="jo.work@example.com", phone=PHONE)
    assert pair.link(made, application).json["code"] == "link_of_another"
    pair.api.post("/v1/my/phone", {"phone": PHONE})
    code = outbox.sms[-1]["body"].split("Heardback: ")[1][:6]
    pair.api.post("/v1/my/phone/confirm", {"code": code})
    assert pair.link(made, application).status == 200


def test_an_employer_that_did_not_agree_is_linked_with_nobody(pair: Pair) -> None:
    pair.employer.patch("/v1/employer", {"policy": {"link_seekers": None}})
    made, application = pair.add(), pair.booked()
    refused = pair.link(made, application)
    assert (refused.status, refused.json["code"]) == (409, "link_not_offered")


@pytest.mark.parametrize("token", ["x" * 32, "", "../../etc", "A" * 40, 7, None])
def test_a_token_that_leads_nowhere_is_named(pair: Pair, token: Any) -> None:
    told = pair.api.post(f"/v1/my/interviews/{pair.add()['id']}/link", {"token": token})
    assert told.status == 422 and [one["pointer"] for one in told.json["errors"]] == ["/token"]


def test_an_expired_link_and_a_seekers_own_are_named(pair: Pair) -> None:
    made, application = pair.add(), pair.booked()
    own = links.token(seeker_id(), made["id"].replace("int_", "app_"), pair.clock.now)
    assert pair.link(made, application, own).json["errors"][0]["message"] == "leads to no interview at an employer"
    token = pair.token(application)
    pair.later(days=61)
    assert "expired" in pair.link(made, application, token).json["errors"][0]["message"]


def test_the_seeker_ends_the_link_and_words_stay_apart_from_then_on(pair: Pair) -> None:
    made, application = pair.linked()
    path = f"/v1/my/interviews/{made['id']}/link"
    assert (pair.api.delete(path).status, pair.api.delete(path).status) == (204, 404)
    pair.log(application, decision="rejected")
    assert (pair.read(made)["state"], pair.read(made)["linked"], pair.theirs(application)["linked"]) == ("waiting", False, False)
    assert no_links()


@pytest.mark.parametrize("is_undone", [True, False])
def test_a_word_that_is_undone_between_two_links_does_not_stay(pair: Pair, is_undone: bool) -> None:
    """One that stands is there once: the new link brings no second one."""
    made, application = pair.linked()
    contact = pair.log(application, decision="offer")
    assert pair.api.delete(f"/v1/my/interviews/{made['id']}/link").status == 204
    if is_undone:
        assert pair.employer.post(f"/v1/applications/{application}/contacts/{contact['id']}/void").status == 200
    assert pair.read(made)["state"] == "heard"
    assert pair.link(made, application).status == 200
    pair.settle()
    assert pair.read(made)["state"] == ("waiting" if is_undone else "heard")
    found = table.client().scan(TableName=Item.Meta.table_name, ConsistentRead=True)["Items"]
    passed_on = [one for one in found if "lnk" in one and one["SK"]["S"].startswith("STA#")]
    assert sum(not one["voided"]["BOOL"] for one in passed_on) == int(not is_undone)


def no_links() -> bool:
    found = table.client().scan(TableName=Item.Meta.table_name, ConsistentRead=True)["Items"]
    return not [one for one in found if one["SK"]["S"].partition("#")[0] in ("LINKED", "UNLINK")]


def test_the_employer_ends_all_links_by_its_policy(pair: Pair) -> None:
    made, application = pair.linked()
    assert pair.employer.patch("/v1/employer", {"policy": {"link_seekers": False}}).status == 200
    pair.settle()
    assert (pair.read(made)["linked"], pair.theirs(application)["linked"]) == (False, False)
    assert pair.theirs(application)["next_reminder_at"] is not None and no_links()


def test_a_policy_that_is_switched_on_again_keeps_what_is_linked(pair: Pair) -> None:
    made, _ = pair.linked()
    for value in (False, True):
        pair.employer.patch("/v1/employer", {"policy": {"link_seekers": value}})
    pair.settle()
    assert pair.read(made)["linked"] is True


@pytest.mark.parametrize("how", ["the interview", "the seeker", "the candidate"])
def test_an_erasure_of_either_side_ends_the_link_and_leaves_no_reference(pair: Pair, how: str) -> None:
    made, application = pair.linked()
    tenant = seeker_id()
    if how == "the interview":
        assert pair.api.delete(f"/v1/my/interviews/{made['id']}").status == 204
    elif how == "the seeker":
        assert pair.api.delete("/v1/my").status == 204
    else:
        assert pair.employer.delete(f"/v1/candidates/{pair.theirs(application)['candidate_id']}").status == 200
    erased, other = (application, tenant) if how == "the candidate" else (made["id"], pair.employer.employer_id)
    assert not [one for one in stored(other) if erased[4:] in str(one)]
    pair.settle()
    assert no_links()
    if how == "the candidate":
        assert pair.read(made)["linked"] is False and pair.read(made)["state"] == "waiting"
    else:
        assert pair.theirs(application)["linked"] is False and pair.theirs(application)["next_reminder_at"]


def test_another_address_ends_the_link(pair: Pair) -> None:
    """The employer corrects the candidate: it may be another person."""
    made, application = pair.linked()
    candidate = pair.theirs(application)["candidate_id"]
    assert pair.employer.patch(f"/v1/candidates/{candidate}", {"email": "joe@example.com"}).status == 200
    pair.settle()
    assert (pair.read(made)["linked"], pair.theirs(application)["linked"]) == (False, False)


def test_while_linked_the_seekers_list_alone_reminds(pair: Pair, outbox: Outbox) -> None:
    """Two in all, as for anybody: 48 hours after the interview, and five days later."""
    pair.linked()
    pair.later(hours=48)
    pair.later(days=5)
    pair.later(days=9)
    assert [subject.partition(" from")[0] for subject in reminders(outbox)] == ["No word", "Still no word"]


def reminders(outbox: Outbox) -> list[str]:
    """The subjects of all that was mailed to the seeker, but for what let them in."""
    return [mail["subject"] for mail in outbox.to(JO) if not mail["subject"].startswith(("Keep track", "Sign in"))]


def test_a_reminder_of_the_employer_counts_for_the_wait_in_the_list(pair: Pair, outbox: Outbox) -> None:
    """The candidate comes by the link of the first reminder: the list sends the second alone, five days later."""
    application = pair.booked()
    pair.later(hours=49)
    made = pair.add(end=-51)
    assert len(reminders(outbox)) == 1 and pair.link(made, application).status == 200
    pair.settle()
    assert len(reminders(outbox)) == 1
    pair.later(days=5)
    pair.later(days=9)
    assert len(reminders(outbox)) == 2 and "o word from" in reminders(outbox)[1]


def test_a_reminder_of_the_employer_about_its_promise_counts_for_the_wait_that_the_list_learns_of(
    pair: Pair, outbox: Outbox
) -> None:
    """The link itself tells the list of the promise: the wait is new there, and the reminder about it is not."""
    application = pair.booked()
    pair.log(application, decision="pending", next_word_by=pair.clock.text(days=1))
    pair.later(days=2)
    assert len(reminders(outbox)) == 1
    assert pair.link(pair.add(end=-50), application).status == 200
    pair.settle()
    assert len(reminders(outbox)) == 1


def test_reminders_of_the_list_count_for_the_employers_wait_once_the_link_ends(pair: Pair, outbox: Outbox) -> None:
    made, _application = pair.linked()
    pair.later(hours=48)
    assert pair.api.delete(f"/v1/my/interviews/{made['id']}/link").status == 204
    pair.settle()
    assert len(reminders(outbox)) == 1
    pair.later(days=5)
    pair.later(days=9)
    assert len(reminders(outbox)) == 3, "the seeker goes on alone, and so does the employer: one of each"


@pytest.mark.parametrize("fault", ["crash_before", "crash_after", "lose_response", "conflict"])
def test_an_interrupted_exchange_is_finished_later_and_passes_a_word_on_once(pair: Pair, faults: Faults, fault: str) -> None:
    """The worker dies before or after its write, or loses the answer, or another write holds an item."""
    made, application = pair.linked()
    said = {"channel": "call", "outcome": "reached", "decision": "pending"}
    pair.employer.post(f"/v1/applications/{application}/contacts", said)
    link = table.get(keys.case_pk(pair.employer.employer_id, application), "LINKED")
    assert link is not None
    getattr(faults, fault)("TransactWriteItems")
    with contextlib.suppress(Crash):
        exchange.work(link, pair.clock.now)
    faults.clear()
    pair.settle()
    words = [one for one in stored(seeker_id()) if one["SK"]["S"].startswith("STA#")]
    assert len(words) == 1 and "due_at" not in str(
        [one for one in stored(pair.employer.employer_id) if one["SK"]["S"] == "LINKED"]
    )
    assert pair.read(made)["state"] == "waiting"


LINK_BUDGETS = {
    "link": Budget(6, 6, 5.5, 17),
    "end the link": Budget(5, 5, 5, 15),
    "log a contact of a linked application": Budget(3, 3, 3, 26),
    "say what came of a linked interview": Budget(3, 3, 3, 26),
    "pass a word on": Budget(11, 11, 7.5, 25),  # the ticks until nothing is due are in it
}


@pytest.mark.parametrize("name", LINK_BUDGETS)
def test_a_link_costs_what_its_budget_says(name: str, pair: Pair, meter: Any, stack: Any) -> None:
    """A contact without a link costs what it did: `tests/test_budgets.py`."""
    made, application = (pair.add(), pair.booked()) if name == "link" else pair.linked()
    contacts = f"/v1/applications/{application}/contacts"
    reached = {"channel": "call", "outcome": "reached"}
    if name == "pass a word on":
        assert pair.employer.post(contacts, reached).status == 201
    calls = {
        "link": lambda: pair.link(made, application),
        "end the link": lambda: pair.api.delete(f"/v1/my/interviews/{made['id']}/link"),
        "log a contact of a linked application": lambda: pair.employer.post(contacts, reached),
        "say what came of a linked interview": lambda: pair.tell(made, "called"),
        "pass a word on": pair.settle,
    }
    meter.reset()
    told = calls[name]()
    units = sum(meter.read_units.values()), sum(meter.write_units.values())
    cost = Budget(meter.total, meter.total, *units)
    assert told is None or told.status < 300, told
    assert all(spent <= allowed for spent, allowed in zip(cost, LINK_BUDGETS[name], strict=True)), (
        f"{cost}, not {LINK_BUDGETS[name]}"
    )
