"""Two employers text one person: whose reply is it, what does STOP end, and what does the other employer notice?"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import permutations
from typing import Any

import pytest

from chalicelib.applications.contacts import service as contacts
from chalicelib.applications.interviews import service as interviews
from chalicelib.applications.interviews.service import Booking
from chalicelib.applications.privacy import erasure
from chalicelib.messaging import inbox, opt_outs, reply_store
from chalicelib.storage import recipients, table
from infra.local.feedback import Feedback
from tests.engines import Crash

PHONE, EMAIL = "+12025560777", "sam.seven@example.com"


class Desk:
    """Blue Fern and Acme, and one person with a number."""

    def __init__(self, sending: Any, feedback: Feedback) -> None:
        self.sending, self.feedback, self.clock = sending, feedback, sending.clock
        self.fern = sending.new_employer(name="Blue Fern", timezone="UTC")
        self.acme = sending.new_employer(name="Acme", timezone="UTC")

    def texted(self, employer: Any, **more: Any) -> Any:
        """An interview of this person that has just had its first nudge."""
        application = self.sending.interviewed(employer, **{"phone": PHONE, "zone": "UTC", **more})
        self.later(days=3)
        assert self.sending.statuses(application)[:1] == ["sent"]
        return application

    def later(self, days: int) -> None:
        """Time passes, and what falls due is sent."""
        for _ in range(days * 4):
            self.clock.advance(hours=6)
            self.sending.run()

    def say(self, body: str, text_id: str = "", number: str = PHONE) -> str:
        """The meaning of a text as the handler counts it."""
        [meaning] = self.feedback.inbound_sms({"from": number, "body": body, **({"id": text_id} if text_id else {})})["counts"]
        return str(meaning)

    def shown(self, application: Any) -> list[str]:
        return [reply.body for reply in reversed(reply_store.replies_of(application.PK))]

    def state(self, application: Any) -> str:
        return str(self.sending.now(application).wait_state)

    def answers(self) -> list[str]:
        """Automatic answers in the outbox: they are no nudges."""
        return [one["body"] for one in self.sending.outbox if "Reply" in one["body"] or "Heardback sends" in one["body"]]


@pytest.fixture
def desk(sending: Any, stack: Any) -> Desk:
    return Desk(sending, Feedback(stack.app, stack.clock, lambda: stack.outbox))


def test_a_reply_goes_to_the_employer_that_texted_last(desk: Desk) -> None:
    """An earlier employer sees nothing, however late its deadline."""
    first = desk.texted(desk.fern)
    desk.clock.advance(days=8)
    second = desk.texted(desk.acme)
    assert desk.say("I will call them") == "shown"
    assert (desk.shown(first), desk.shown(second)) == ([], ["I will call them"])
    assert desk.say("Yes") == "yes"
    assert (desk.state(first), desk.state(second)) == ("open", "answered")


def test_a_reply_while_another_employers_text_is_on_its_way_is_asked_about(desk: Desk) -> None:
    """The text may have arrived though its sender does not know yet: the earlier employer must not read the answer to it."""
    first = desk.texted(desk.fern)
    desk.clock.advance(days=8)
    second = desk.sending.interviewed(desk.acme, phone=PHONE, zone="UTC")
    desk.clock.advance(days=2)
    desk.sending.faults.crash_after("Publish")
    with pytest.raises(Crash):
        desk.sending.deliver(second.key)
    assert desk.sending.statuses(second) == ["sending"]
    assert desk.say("Who is this?") == "pending"
    assert desk.shown(first) == desk.shown(second) == []
    assert [answer[-36:] for answer in desk.answers()] == ["for? Reply 1 for Acme, 2 for Blue Fern"[-36:]]


def test_two_employers_within_a_week_are_told_apart_by_a_question(desk: Desk) -> None:
    """Neither sees the text before the person says which one it is for."""
    first, second = desk.texted(desk.fern), desk.texted(desk.acme)
    assert desk.say("I have a question") == "pending"
    assert desk.shown(first) == desk.shown(second) == []
    assert [answer[-37:] for answer in desk.answers()] == [" for? Reply 1 for Acme, 2 for Blue Fern"[-37:]]
    desk.clock.advance(seconds=30)
    assert desk.say("And another one") == "pending"
    assert len(desk.answers()) == 1, "asked once"
    desk.clock.advance(minutes=1)
    assert desk.say("2") == "chosen"
    assert (desk.shown(first), desk.shown(second)) == (["I have a question", "And another one"], [])
    assert desk.say("Thanks") == "shown", "the conversation goes on with the chosen one"
    assert (desk.shown(first)[-1], desk.shown(second)) == ("Thanks", [])


CHOICES = [("1", ("open", "answered")), ("2.", ("answered", "open")), ("the second one", ("answered", "open"))]
CHOICES += [("Acme", ("open", "answered")), ("for blue fern please", ("answered", "open"))]


@pytest.mark.parametrize(("choice", "states"), CHOICES)
def test_a_yes_waits_for_the_choice_and_moves_that_application_alone(desk: Desk, choice: str, states: Any) -> None:
    """Twice delivered, each text acts once."""
    first, second = desk.texted(desk.fern), desk.texted(desk.acme)
    for _ in range(2):
        assert desk.say("YES", "yes") == "pending"
    assert (desk.state(first), desk.state(second)) == ("open", "open")
    desk.clock.advance(minutes=1)
    for _ in range(2):
        assert desk.say(choice, "choice") == "chosen"
    assert (desk.state(first), desk.state(second)) == states
    assert len(table.query(first.PK, "STA#")) + len(table.query(second.PK, "STA#")) == 1
    assert desk.say("YES", "yes") == "yes", "delivered a third time after the choice"
    assert (desk.state(first), desk.state(second)) == states
    assert sorted([*desk.shown(first), *desk.shown(second)]) == ["YES"]


def test_a_number_that_came_before_the_question_chooses_nobody(desk: Desk) -> None:
    """Delivered again after the question that it caused, it still waits with the others."""
    first, second = desk.texted(desk.fern), desk.texted(desk.acme)
    for _ in range(2):
        assert desk.say("1", "early") == "pending"
    assert desk.shown(first) == desk.shown(second) == []
    desk.clock.advance(minutes=1)
    assert desk.say("2") == "chosen"
    assert (desk.shown(first), desk.shown(second)) == (["1"], [])


@pytest.mark.parametrize("body", ["3", "0", "Acme or so", "12", "1 or 2"])
def test_what_names_nobody_stays_pending(desk: Desk, body: str) -> None:
    """In doubt nobody reads it, and no second question goes out that day."""
    cases = desk.texted(desk.fern), desk.texted(desk.acme)
    desk.say("Hello")
    assert desk.say(body) == "pending"
    assert [desk.shown(case) for case in cases] == [[], []] and len(desk.answers()) == 1


def test_pending_texts_expire_after_seven_days(desk: Desk) -> None:
    """A late choice brings nothing old to anybody."""
    cases = desk.texted(desk.fern), desk.texted(desk.acme)
    desk.say("Hello")
    [kept] = table.query(f"PENDING#{recipients.hash_of('sms', PHONE)}", "PENDING#")
    assert kept.expires_at == int((desk.clock() + timedelta(days=7)).timestamp())
    desk.clock.advance(days=7, minutes=1)
    assert desk.say("1") == "shown", "the question is over: it is a text like any other"
    assert [desk.shown(case) for case in cases] == [[], ["1"]]


def test_a_text_sent_after_the_choice_asks_anew_the_next_day(desk: Desk) -> None:
    """The person may mean either again."""
    first, second = desk.texted(desk.fern), desk.texted(desk.acme)
    desk.say("Hello")
    desk.clock.advance(minutes=1)
    desk.say("2")
    desk.later(days=2)
    assert len(desk.sending.messages(first)) + len(desk.sending.messages(second)) > 2, "a second nudge went out"
    assert desk.say("Hello again") == "pending"
    assert len(desk.answers()) == 2
    assert desk.shown(first) == ["Hello"] and desk.shown(second) == []


def test_the_employer_that_merely_recorded_the_number_sees_nothing(desk: Desk) -> None:
    """A record with a stranger's number buys no look at their texts."""
    texted = desk.texted(desk.fern)
    recorded = desk.sending.interviewed(desk.acme, phone=PHONE, zone="UTC")
    assert desk.say("Hello") == "shown"
    assert (desk.shown(texted), desk.shown(recorded)) == (["Hello"], [])
    other = "+12025560778"
    never = [desk.sending.interviewed(one, phone=other) for one in (desk.fern, desk.acme)]
    assert desk.say("Hello", number=other) == "of_nobody"
    assert [desk.shown(case) for case in never] == [[], []]


def test_a_number_of_many_applications_loses_no_reply(desk: Desk) -> None:
    """Thirty-two places by hash lost most of the replies of people with a dozen applications."""
    for number in range(2025560200, 2025560203):
        cases = [desk.sending.interviewed(desk.fern, phone=f"+1{number}", zone="UTC") for _ in range(12)]
        chosen = cases[number % 12]
        for case in cases:
            if case.id != chosen.id:
                desk.sending.heard(case, desk.fern)
        desk.later(days=5)  # a weekend may be among them
        assert desk.say("Yes", number=f"+1{number}") == "yes"
        assert desk.state(chosen) == "answered" and desk.shown(chosen) == ["Yes"]


def test_stop_ends_texts_everywhere_and_mail_where_the_number_was_texted(desk: Desk) -> None:
    """Another employer's mail to an address that some record pairs with the number goes on."""
    texted = desk.texted(desk.fern, email=EMAIL)
    mailed = desk.sending.interviewed(desk.acme, phone=PHONE, email=EMAIL, consent=False)
    by_text = desk.sending.interviewed(desk.acme, phone=PHONE, zone="UTC")
    assert desk.say("STOP") == "stop"
    desk.sending.change_employer(desk.fern, policy={"sms_countries": []})  # from now on by mail
    desk.later(days=4)
    assert desk.sending.statuses(texted) == ["sent", "suppressed"]
    assert desk.sending.statuses(mailed) == ["sent"] * len(desk.sending.messages(mailed)) != []
    assert set(desk.sending.statuses(by_text)) == {"suppressed"}
    assert recipients.opted_out([("email", EMAIL), ("sms", PHONE)]) == {("sms", PHONE)}


def test_stop_holds_where_the_number_is_removed_from_the_record(desk: Desk) -> None:
    """An employer that deletes the number may not go on by mail."""
    texted = desk.texted(desk.fern, email=EMAIL)
    desk.say("STOP")
    item = desk.sending.now(texted)
    item.update(actions=[type(item).phone.remove()])
    desk.later(days=4)
    assert desk.sending.statuses(texted) == ["sent", "suppressed"]


def test_start_undoes_exactly_what_stop_did(desk: Desk) -> None:
    """The mail of the texted application and texts come back; an unsubscribed mailbox stays so."""
    texted = desk.texted(desk.fern, email=EMAIL)
    desk.say("STOP")
    desk.clock.advance(minutes=1)
    assert desk.say("START") == "start"
    desk.later(days=4)
    assert desk.sending.statuses(texted) == ["sent", "sent"]
    opt_outs.opt_out([("email", EMAIL)], "link", desk.clock())
    for word in ("STOP", "START"):
        desk.clock.advance(minutes=1)
        desk.say(word)
    assert recipients.opted_out([("email", EMAIL), ("sms", PHONE)]) == {("email", EMAIL)}


@pytest.mark.parametrize("trial", [False, True])
def test_a_stranger_silences_nobody_by_pairing_addresses(desk: Desk, trial: bool) -> None:
    """A tenant, on trial or not, records a victim's mailbox with a phone of its own, and texts STOP and START from it."""
    own = "+12025560799"
    if trial:
        stranger = desk.sending.new_employer(name="Trial", timezone="UTC", trial=True)
        desk.sending.interviewed(stranger, phone=own, email=EMAIL)
    else:
        desk.texted(desk.acme, phone=own, email=EMAIL)
    victim = desk.sending.interviewed(desk.fern, email=EMAIL)
    assert desk.say("STOP", number=own) == "stop"
    desk.later(days=3)
    assert desk.sending.statuses(victim)[0] == "sent"
    opt_outs.opt_out([("email", EMAIL)], "stop_word", desk.clock())  # by older code, from another number
    desk.clock.advance(minutes=1)
    desk.say("START", number=own)
    assert recipients.opted_out([("email", EMAIL)]) == {("email", EMAIL)}


def test_start_undoes_what_older_code_did_at_the_mailbox(desk: Desk) -> None:
    """It opted out the mailbox at the same instant as the number."""
    desk.texted(desk.fern, email=EMAIL)
    for address in (("sms", PHONE), ("email", EMAIL)):
        opt_outs.opt_out([address], "stop_word", desk.clock())
    desk.clock.advance(minutes=1)
    desk.say("START")
    assert recipients.opted_out([("email", EMAIL), ("sms", PHONE)]) == set()


def test_one_automatic_answer_a_day_and_none_to_a_number_never_texted(desk: Desk) -> None:
    """STOP and START share it, and HELP has one of its own. Midnight brings the next ones."""
    assert desk.say("STOP", number="+12025560798") == "stop" and desk.say("HELP", number="+12025560798") == "help"
    assert desk.answers() == []
    desk.texted(desk.fern)
    for body in ("HELP", "STOP", "START", "HELP"):
        desk.clock.advance(minutes=1)
        desk.say(body)
    assert len(desk.answers()) == 2
    desk.clock.advance(days=1)
    desk.say("HELP")
    assert len(desk.answers()) == 3


def test_an_answer_to_an_employer_that_erased_the_person_is_shown_to_no_other(desk: Desk) -> None:
    """Acme never texted: the "yes" answers Blue Fern, whatever Blue Fern has kept."""
    texted = desk.texted(desk.fern)
    own = desk.sending.interviewed(desk.acme, phone=PHONE, zone="UTC", ended=desk.clock() + timedelta(days=30))
    erasure.erase(desk.fern, texted.candidate_id, desk.clock(), lambda _: None)
    assert desk.say("Yes") == "of_nobody"
    assert (desk.shown(own), desk.state(own)) == ([], "open")


def test_a_text_in_the_instant_of_an_erasure_leaves_nothing_with_the_employer(desk: Desk) -> None:
    """Its application was read before it was erased: what is written after that would stay, with number and words."""
    texted, faults = desk.texted(desk.fern), desk.sending.faults
    erase = partial(erasure.erase, desk.fern, texted.candidate_id, desk.clock(), lambda _: None)
    faults.before("TransactWriteItems", erase, where="REPLY#")
    assert desk.say("I am still waiting") == "of_nobody"
    left = table.query_range(texted.PK, " ", "~")
    assert {one["SK"]["S"].partition("#")[0] for one in left} == {"WAIT", "MSG", "STUB"}
    assert PHONE not in str(left)
    assert "still waiting" not in str(rows())


def test_what_an_erased_person_texts_is_not_kept_and_a_stop_counts(desk: Desk) -> None:
    """Nobody could erase it: it would lie among the unreadable events for thirty days."""
    texted = desk.texted(desk.fern)
    erasure.erase(desk.fern, texted.candidate_id, desk.clock(), lambda _: None)
    assert desk.say("Secret words") == "of_nobody" and desk.say("STOP") == "stop"
    assert "Secret words" not in str(rows()) and PHONE not in str(rows())
    assert recipients.opted_out([("sms", PHONE)])


@pytest.mark.parametrize("chosen", [False, True])
def test_a_text_that_waits_for_a_choice_goes_with_the_last_who_texted(desk: Desk, chosen: bool) -> None:
    """Both employers erase the person, who has chosen one of them in between, or not."""
    cases = [(desk.fern, desk.texted(desk.fern)), (desk.acme, desk.texted(desk.acme))]
    assert desk.say("Secret words") == "pending"
    for employer, case in cases:
        erasure.erase(employer, case.candidate_id, desk.clock(), lambda _: None)
    if chosen:
        desk.say("1")
    desk.later(days=2)
    assert "Secret words" not in str(rows())


def rows() -> list[Any]:
    return table.client().scan(TableName=table.Item.Meta.table_name)["Items"]


EVENTS = ("fern texts", "acme texts", "hello", "STOP", "START")


ORDERS = [
    *(one for one in permutations(EVENTS, 4) if one[0] == "fern texts"),
    *(pytest.param(one, marks=pytest.mark.long) for one in permutations(EVENTS, 4) if one[0] == "acme texts"),  # the mirror image
]


@pytest.mark.parametrize("order", ORDERS)
def test_in_every_order_of_events_nothing_of_one_employer_reaches_the_other(desk: Desk, order: tuple[str, ...]) -> None:
    """A text is shown to one employer at most, to one that had texted, and changes neither's waits."""
    cases: dict[str, Any] = {}
    for event in order:
        desk.clock.advance(minutes=5)
        if event.endswith("texts"):
            name = event.split()[0]
            cases[name] = desk.sending.interviewed(getattr(desk, name), phone=PHONE, zone="UTC")
            desk.later(days=3)
        else:
            desk.say(event)
    sent = {name for name, case in cases.items() if "sent" in desk.sending.statuses(case)}
    shown = {name: desk.shown(case) for name, case in cases.items() if desk.shown(case)}
    assert len(shown) <= 1 and shown.keys() <= sent
    assert all(texts == ["hello"] for texts in shown.values())
    assert {desk.state(case) for case in cases.values()} == {"open"}


WHY = "Please stop texting me, I took another job. Sorry to cancel Tuesday."


@pytest.mark.parametrize("body", [WHY, "Wrong number, this is Pat's phone", "STOP. I already got an offer"])
def test_a_stop_that_says_more_is_shown_to_its_employer(desk: Desk, body: str) -> None:
    """Twice delivered, it is listed once. The one answer says that they are opted out."""
    application = desk.texted(desk.fern)
    for _ in range(2):
        assert desk.say(body, "why") == "stop"
    assert desk.shown(application) == [body]
    [reply] = reply_store.replies_of(application.PK)
    assert reply.understood_as is None and desk.state(application) == "open"
    assert [answer[:37] for answer in desk.answers()] == ["Heardback: you are opted out and will"]
    desk.later(days=5)
    assert "sent" not in desk.sending.statuses(application)[1:]


@pytest.mark.parametrize("body", ["STOP", "stop please", "Unsubscribe. Thanks", "Stop\nSam"])
def test_a_stop_alone_is_shown_to_nobody(desk: Desk, body: str) -> None:
    application = desk.texted(desk.fern)
    assert desk.say(body) == "stop"
    assert desk.shown(application) == []


def test_what_a_stop_says_to_one_of_two_employers_is_shown_to_neither(desk: Desk) -> None:
    """Nobody asks a person who has opted out which one it is for. After a START they are asked, as about any text."""
    first, second = desk.texted(desk.fern), desk.texted(desk.acme)
    assert desk.say(WHY) == "stop"
    desk.later(days=1)
    assert desk.shown(first) == desk.shown(second) == []
    assert not [answer for answer in desk.answers() if "1 for" in answer]
    assert desk.say("START") == "start"
    desk.later(days=1)
    assert [answer for answer in desk.answers() if "1 for" in answer]
    assert desk.say("2") == "chosen"
    assert (desk.shown(first), desk.shown(second)) == ([WHY], [])
    assert [one.understood_as for one in reply_store.replies_of(first.PK)] == [None]


def test_what_a_stop_of_an_unknown_number_says_is_kept_nowhere(desk: Desk) -> None:
    assert desk.say(WHY, number="+12025560778") == "stop"
    rows = table.client().scan(TableName="heardback")["Items"]
    assert "Tuesday" not in str(rows)


@pytest.mark.parametrize("since", ["another interview", "a promise"])
def test_a_yes_to_an_older_text_ends_no_wait_that_began_after_it(desk: Desk, since: str) -> None:
    """They heard about the first interview. Whether they heard since, nobody said: a person reads it."""
    application = desk.texted(desk.fern)
    desk.clock.advance(hours=1)
    if since == "a promise":
        promised = {"channel": "call", "outcome": "reached", "next_word_by": desk.clock() + timedelta(days=4)}
        contacts.log_contact(desk.fern, application.id, promised, desk.clock())
    else:
        start, end = (desk.clock() + timedelta(hours=hours) for hours in (1, 2))
        interviews.book(desk.fern, Booking("final", start, end, application_id=application.id), desk.clock())
    desk.clock.advance(hours=4)
    assert desk.state(application) == "open"
    assert desk.say("Yes", "late") == "shown"
    assert desk.say("Yes", "late") == "shown", "delivered again"
    assert (desk.state(application), desk.shown(application)) == ("open", ["Yes"])
    assert [one.understood_as for one in reply_store.replies_of(application.PK)] == [None]


@pytest.mark.parametrize(
    ("body", "shown"),
    [("I will call \ud83d", "I will call \ufffd"), ("a\x00b\x07\r\nc\rd", "ab\nc\nd"), ("👍 \ud83d\ude00", "👍 😀"), ("", "")],
)
def test_a_text_with_half_a_letter_is_shown(desk: Desk, body: str, shown: str) -> None:
    """Carriers cut long texts anywhere. The table takes no half of an emoji: such a text was set aside, and nobody saw it."""
    application = desk.texted(desk.fern)
    assert desk.say(body) == "shown"
    assert desk.shown(application) == [shown]


def test_the_owner_is_told_that_a_text_has_no_words(desk: Desk) -> None:
    """It may have been a picture."""
    application = desk.texted(desk.fern)
    assert desk.say(" ") == "shown"
    [entry] = inbox.unseen(desk.fern.id, 5)
    assert entry.notes == ["It has no words. If it was a picture, it was not kept."] and entry.application.id == application.id
    assert desk.say("Hello") == "shown"
    assert {one.words: one.notes for one in inbox.unseen(desk.fern.id, 5)}["Hello"] == []
