"""Reminders to job seekers: in their own hours, to their own addresses alone, at most twice. Replies reach the right list."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.feedback import Feedback
from tests.applications.test_own_interviews import Seeker
from tests.engines import Api, Outbox, StandingClock, seek

PHONE = "+12025550123"
JO = "jo@example.com"
Json = dict[str, Any]


class Texter(Seeker):
    """A job seeker with a confirmed number."""

    def __init__(self, api: Api, outbox: Outbox, clock: StandingClock, stack: Any) -> None:
        super().__init__(api, outbox, clock)
        self._outbox, self._stack, self._client = outbox, stack, api
        self.feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)

    def confirm(self, number: str = PHONE) -> None:
        self.api.post("/v1/my/phone", {"phone": number})
        code = self._outbox.sms[-1]["body"].split("Heardback: ")[1][:6]
        assert self.api.post("/v1/my/phone/confirm", {"code": code}).status == 200

    def later(self, **delta: float) -> None:
        self.clock.advance(**delta)
        self._stack.pumps.until_nothing_is_due()

    def say(self, body: str) -> str:
        [meaning] = self.feedback.inbound_sms({"from": PHONE, "body": body})["counts"]
        return str(meaning)

    @property
    def texted(self) -> list[str]:
        return [one["body"] for one in self._outbox.sms]

    @property
    def texts(self) -> list[str]:
        """Reminders by text: neither codes nor automatic answers."""
        return [one["body"] for one in self._outbox.sms if "o word from" in one["body"]]

    @property
    def mails(self) -> list[Json]:
        return [one for one in self._outbox.email if "o word from" in one["subject"]]


@pytest.fixture
def jo(api: Api, outbox: Outbox, clock: StandingClock, stack: Any) -> Texter:
    return Texter(api, outbox, clock, stack)


def test_the_story_of_two_reminders(jo: Texter) -> None:
    """48 hours, the text; five days later the second, which says "still"; then no more."""
    jo.confirm()
    jo.add(contact={"name": "Dana Reyes", "phone": "+12025550100"})
    jo.later(hours=49)
    [text] = jo.texts
    assert text.startswith("Heardback: No word from Blue Fern") and "Call Dana Reyes on +12025550100" in text
    assert text.endswith("STOP to opt out") and "/f/" in text
    jo.later(days=5)
    assert jo.texts[1].startswith("Heardback: Still no word from Blue Fern")
    jo.later(days=30)
    assert len(jo.texts) == 2 and not jo.mails


def test_they_said_friday_and_friday_passes(jo: Texter) -> None:
    """The next reminder comes on the promised day, and does not say "since your interview on"."""
    made = jo.add()
    jo.later(hours=49)
    jo.again()
    jo.tell(made, "called", next_word_by=jo.clock.text(days=1))
    jo.later(hours=20)
    assert len(jo.mails) == 1
    jo.later(hours=5)
    assert len(jo.mails) == 2 and "by which you should have heard has passed" in jo.mails[1]["body"]


def test_a_mail_has_the_number_what_to_ask_and_what_to_say_to_a_voicemail(jo: Texter) -> None:
    jo.add(contact={"name": "Dana Reyes", "phone": "+12025550100", "email": "dana@bluefern.example"})
    jo.later(hours=49)
    [mail] = jo.mails
    assert mail["to"] == JO and mail["subject"] == "No word from Blue Fern? Call and ask"
    for words in (
        "Call Dana Reyes: +1 202-555-0100",
        "dana@bluefern.example",
        "Has a decision been made?",
        "If you reach voicemail",
    ):
        assert words in mail["body"]


def test_without_a_contact_the_reminder_still_comes(jo: Texter) -> None:
    """Who keeps their own list knows where to look; an employer's candidate without one is not nudged."""
    jo.add()
    jo.later(hours=49)
    assert "the number is in your invitation" in jo.mails[0]["body"]


@pytest.mark.parametrize("what", ["heard", "closed"])
def test_what_was_heard_or_let_go_brings_no_reminder(jo: Texter, what: str) -> None:
    jo.tell(jo.add(), what)
    jo.later(days=20)
    assert not jo.mails


def test_reminders_keep_to_the_seekers_own_hours(jo: Texter) -> None:
    """Due at midnight there: it waits for ten."""
    jo.add(end=-10.0)  # ended at midnight in New York, on a Tuesday
    jo.later(hours=38)
    assert not jo.mails
    jo.later(hours=9)
    assert not jo.mails, "nine in the morning"
    jo.later(hours=1)
    assert len(jo.mails) == 1


def test_names_with_links_stay_out_of_reminders(jo: Texter) -> None:
    """What a seeker typed goes to themselves alone, and still carries no link in our name."""
    jo.confirm()
    jo.add(
        "Win at https://evil.example", contact={"name": "Call evil.example", "phone": "+12025550100"}, job_title="evil.example"
    )
    jo.later(hours=49)
    assert len(jo.texts) == 1 and "evil" not in jo.texts[0]


def test_nobody_but_the_seeker_is_written_to(jo: Texter, outbox: Outbox) -> None:
    """The contact's address is for the seeker to use."""
    jo.confirm()
    jo.add(contact={"name": "Dana", "phone": "+12025550100", "email": "dana@bluefern.example"})
    jo.later(hours=49)
    jo.later(days=5)
    assert {one["to"] for one in outbox} == {JO, PHONE}


def test_replies_record_the_outcome_once(jo: Texter) -> None:
    """One tap or one word; twice is once; what is not understood is answered with how."""
    jo.confirm()
    made = jo.add()
    jo.later(hours=49)
    assert jo.say("I've got a question") == "unread"
    assert jo.say("No answer.") == "no_answer"
    jo.again()
    assert jo.read(made)["state"] == "waiting"
    assert jo.say("Called them") == "called"
    assert jo.read(made)["word_due_at"] > made["word_due_at"], "a not yet for a week"
    assert jo.say("They called back") == "heard"
    assert jo.read(made)["state"] == "heard"


def test_stop_ends_the_texts_and_the_mail_about_what_was_texted(jo: Texter) -> None:
    """START brings them back."""
    jo.confirm()
    jo.add()
    jo.later(hours=49)
    assert jo.say("STOP") == "stop"
    jo.later(days=5)
    assert len(jo.texts) == 1 and not jo.mails


def test_after_a_stop_by_text_what_was_not_texted_is_mailed(jo: Texter) -> None:
    """STOP ends texts, and mail about what was texted: not the reminder of a later interview. START brings texts back."""
    jo.confirm()
    jo.add()
    jo.later(hours=49)
    assert jo.say("STOP") == "stop"
    jo.again()
    jo.add("Acme")
    jo.later(days=4)
    assert [mail["subject"] for mail in jo.mails] == ["No word from Acme? Call and ask"] and len(jo.texts) == 1
    assert jo.say("START") == "start"
    jo.later(days=7)
    assert len(jo.mails) == 1 and "Acme" in jo.texts[-1]


@pytest.mark.parametrize("stop", ["STOP", "Stop texting me, they called"])
def test_who_has_opted_out_is_not_texted_what_was_noted(jo: Texter, stop: str) -> None:
    """What they write later is recorded."""
    jo.confirm()
    made = jo.add()
    jo.later(hours=49)
    assert jo.say(stop) == "stop"
    jo.clock.advance(days=1)
    before = len(jo.texted)
    assert jo.say("Heard back") == "heard"
    assert len(jo.texted) == before
    jo.again()
    assert jo.read(made)["state"] == "heard"


def test_one_number_at_an_employer_and_in_an_own_list(jo: Texter, employer: Api) -> None:
    """Both texted within a week: we ask which is meant, and neither sees the text before."""
    jo.confirm()
    person = {"name": "Jo Sample", "phone": PHONE, "timezone": "America/New_York"}
    person["sms_consent"] = {"given_at": "2026-01-05T10:00:00Z", "source": "form"}  # type: ignore[assignment]
    booked = employer.post(
        "/v1/interviews",
        {
            "stage": "final",
            "start_at": jo.clock.text(hours=-3),
            "end_at": jo.clock.text(hours=-2),
            "application": {"job_title": "Fitter", "candidate": person},
        },
    ).json
    made = jo.add()
    jo.later(hours=49)
    assert len(jo.texts) == 1
    assert jo.say("Yes they called") == "pending"
    jo.again()
    theirs = f"/v1/applications/{booked['application_id']}"
    assert employer.get(theirs).json["loop"] == "waiting" and jo.read(made)["state"] == "waiting"
    question = jo.texted[-1]
    number = 1 if question.index("your own") < question.index("Acme") else 2
    assert jo.say(str(number)) == "chosen"
    assert jo.read(made)["state"] == "heard" and employer.get(theirs).json["loop"] == "waiting"
    assert employer.get("/v1/replies").json["data"] == []


def test_an_employers_candidate_who_keeps_a_list_too_still_reaches_the_employer(jo: Texter, employer: Api) -> None:
    """A text from a number that nobody texted goes to the one employer that knows it, as before."""
    jo.confirm()
    jo.add()
    person = {"name": "Jo Sample", "phone": PHONE}
    employer.post("/v1/applications", {"job_title": "Fitter", "candidate": person})
    assert jo.say("Hello, is the job open?") == "shown"
    assert len(employer.get("/v1/replies").json["data"]) == 1


def test_an_erasure_while_a_message_is_claimed_leaves_no_trace(jo: Texter, stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message may be on its way: it goes once, and nothing is written about it afterwards."""
    from chalicelib.messaging import providers
    from tests.accounts.test_seekers import LEFT, kinds_of, raws

    jo.add()
    send = providers.Channels.send

    def erase_first(self: Any, *args: Any, **kwargs: Any) -> str:
        assert jo.api.delete("/v1/my").status in (204, 401)
        return send(self, *args, **kwargs)

    jo.clock.advance(hours=49)
    jo.again()
    monkeypatch.setattr(providers.Channels, "send", erase_first)
    stack.pumps.until_nothing_is_due()
    monkeypatch.undo()
    assert len(jo.mails) == 1
    jo.later(days=10)
    assert len(jo.mails) == 1
    assert kinds_of(raws()) <= {*LEFT, "TABLE", "CLAIM"}, kinds_of(raws())


def test_a_seeker_is_texted_and_answered_in_their_language(api: Api, outbox: Outbox, clock: StandingClock, stack: Any) -> None:
    """The code, the reminder, and what was noted; the consent is kept as it was shown. CALLED is understood as ever."""
    seek(api, outbox, "jo@example.com", locale="ko")
    texter = Texter(api, outbox, clock, stack)
    texter.confirm()
    texter.add(contact={"name": "Dana", "phone": "+12025550100"})
    texter.later(hours=50)
    assert texter.texted[-1] == "Heardback: Blue Fern 소식 없나요? Dana +12025550100 수신거부 STOP"
    assert texter.say("CALLED") == "called"
    assert texter.texted[-1] == "Heardback: 전화하신 것으로 기록했습니다. 수신거부 STOP"
    consents = texter.again().get("/v1/my/export").json["consents"]
    assert [one["wording"][:9] for one in consents] == ["Heardback", "Heardback"]
    assert all("면접" in one["wording"] or "문자" in one["wording"] for one in consents)
