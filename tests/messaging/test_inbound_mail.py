"""Answers to our mails come into the Inbox, from real bytes in a real bucket through the real handler."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from chalicelib import config, wiring
from chalicelib.errors import Unavailable
from chalicelib.messaging import opt_outs, reply_addresses
from infra.local.environment import INBOUND_MAIL
from infra.local.feedback import Feedback
from tests.applications.conftest import booked, contact, interview
from tests.engines import join

__all__ = ["booked", "contact", "interview"]
SAM = "sam@example.com"
DOMAIN = INBOUND_MAIL["HEARDBACK_INBOUND_MAIL_DOMAIN"]
BUCKET = INBOUND_MAIL["HEARDBACK_INBOUND_MAIL_BUCKET"]
WORDS = "I called twice, nobody picks up. See https://evil.example/x"


@pytest.fixture(autouse=True)
def inbound(stack: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A deployment to which mail comes. None is left of other tests."""
    for name, value in INBOUND_MAIL.items():
        monkeypatch.setenv(name, value)
    config.forget()
    wiring.s3().create_bucket(Bucket=BUCKET)
    for key in mails_left():
        wiring.s3().delete_object(Bucket=BUCKET, Key=key)
    yield
    monkeypatch.undo()
    config.forget()


@pytest.fixture
def mailed(booked: Any, clock: Any, run_ticks: Any, employer: Any, outbox: Any) -> Any:
    """The application of somebody who got a reminder by mail, owned by Robin. The reminder is in the outbox."""
    join(employer, outbox, "robin@example.com", "Robin Hale", "recruiter")
    [robin] = employer.get("/v1/people").json["data"]
    made = booked(candidate={"phone": None, "email": SAM}, application={"owner_id": robin["id"]})
    clock.advance(hours=73)
    run_ticks()
    [reminder] = outbox.to(SAM)
    outbox[:] = [reminder]
    return made["application"]


@pytest.fixture
def mail(stack: Any, outbox: Any) -> Any:
    """mail("words", ...) -> counts: Sam answers the last mail to them."""
    feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)

    def send(text: str = "", *, to: str | None = None, sender: str = SAM, **more: Any) -> dict[str, int]:
        address = to or next(one["reply_to"][0] for one in outbox.email if one["reply_to"])
        return feedback.inbound_mail({"from": sender, "to": address, "text": text, **more})["counts"]

    return send


def replies(employer: Any) -> list[Any]:
    return employer.get("/v1/replies").json["data"]


def mails_left() -> list[str]:
    return [one["Key"] for one in wiring.s3().list_objects_v2(Bucket=BUCKET, Prefix="mail/").get("Contents", [])]


def test_an_answer_reaches_the_inbox_the_owner_and_is_acknowledged(
    mailed: Any, mail: Any, outbox: Any, run_ticks: Any, employer: Any
) -> None:
    """Told twice, it is listed once. No word of the candidate in the subject, no link of theirs in the owner's mail."""
    assert mail(WORDS, id="one") == {"shown": 1}
    assert mail(WORDS, id="one") == {"shown": 1}
    [reply] = replies(employer)
    assert reply["body"] == WORDS and reply["from"] == SAM and reply["application_id"] == mailed["id"]
    assert (reply["kind"], reply["channel"], reply["sender_check"]) == ("email", "email", "candidate")
    _, answer = outbox.to(SAM)
    assert answer["subject"] == "Acme Robotics has your message"
    assert answer["headers"]["Auto-Submitted"] == "auto-replied" and "STOP" in answer["body"]
    run_ticks()
    [told] = outbox.to("robin@example.com")
    assert told["subject"] == "Acme Robotics: a candidate has written to you" and "answered by email" in told["body"]
    assert "I called twice" in told["body"] and "evil.example" not in told["body"] + told["html"]
    assert mails_left() == []
    run_ticks()
    assert len(outbox) == 3


def test_a_reminder_says_where_its_answer_goes_and_not_that_nobody_reads_it(mailed: Any, outbox: Any) -> None:
    [reminder] = outbox.email
    [address] = reminder["reply_to"]
    assert address.endswith(f"@{DOMAIN}") and len(address.partition("@")[0]) == 49 and address == address.lower()
    assert reminder["headers"]["References"].startswith("<a-") and "not read" not in reminder["body"]


def test_the_owners_own_mail_has_no_such_address(mailed: Any, mail: Any, outbox: Any, run_ticks: Any) -> None:
    mail(WORDS)
    run_ticks()
    assert outbox.to("robin@example.com")[0]["reply_to"] == []


def test_mails_to_one_employers_candidates_share_calls(booked: Any, outbox: Any, run_ticks: Any, stack: Any, clock: Any) -> None:
    """The address is the employer's, the reference the application's: at most a tenth of a call a mail."""
    for number in range(40):
        booked(candidate={"name": f"Person {number}", "phone": None, "email": f"p{number}@example.com"})
    stack.faults.seen.clear()
    clock.advance(hours=73)
    run_ticks()
    sent = [one for one in outbox.email if one["to"].startswith("p")]
    assert len({one["headers"]["References"] for one in sent}) == len({one["to"] for one in sent}) == len(sent) == 40
    assert len({tuple(one["reply_to"]) for one in sent}) == 1
    assert stack.faults.seen["SendBulkEmail"] + stack.faults.seen["SendEmail"] <= 4


def test_without_the_domain_answers_go_to_the_employers_own_address(
    mailed: Any, operator: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"email_reply_to": "jobs@acme.example"}
    assert operator.patch(f"/v1/employers/{employer.employer_id}", given).status == 200
    for name in INBOUND_MAIL:
        monkeypatch.delenv(name)
    config.forget()
    clock.advance(hours=24 * 5)
    run_ticks()
    second = outbox.to(SAM)[-1]
    assert second["reply_to"] == ["jobs@acme.example"] and "References" not in second["headers"]


def test_with_both_the_inbox_wins(operator: Any, employer: Any, mailed: Any, outbox: Any, clock: Any, run_ticks: Any) -> None:
    given = {"email_reply_to": "jobs@acme.example"}
    assert operator.patch(f"/v1/employers/{employer.employer_id}", given).status == 200
    clock.advance(hours=24 * 5)
    run_ticks()
    assert outbox.to(SAM)[-1]["reply_to"][0].endswith(f"@{DOMAIN}")


def test_an_answer_is_recorded_like_a_texted_one(mailed: Any, mail: Any, employer: Any) -> None:
    assert mail("Yes\n\nOn Tue, 10 Nov 2026 Acme wrote:\n> Did you hear?") == {"yes": 1}
    assert employer.get(f"/v1/applications/{mailed['id']}").json["loop"] == "answered"
    assert replies(employer)[0]["body"] == "Yes" and replies(employer)[0]["understood_as"] == "yes"


def test_a_yes_to_an_older_mail_ends_no_wait_that_began_after_it(
    mailed: Any, mail: Any, employer: Any, contact: Any, clock: Any
) -> None:
    """It was answered by a promise since: whether they heard what was promised, nobody said."""
    clock.advance(hours=1)
    contact(mailed["id"], next_word_by=clock.text(hours=96))
    clock.advance(hours=1)
    assert mail("Yes") == {"shown": 1}
    assert employer.get(f"/v1/applications/{mailed['id']}").json["loop"] == "waiting"
    assert replies(employer)[0]["understood_as"] is None


@pytest.mark.parametrize("words", ["STOP", "Unsubscribe please", "Arrêt", "수신거부"])
def test_stop_as_the_whole_mail_opts_out_of_mail_to_that_address(
    words: str, mailed: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    assert mail(words) == {"stop": 1}
    clock.advance(hours=24 * 5)
    run_ticks()
    assert len(outbox.to(SAM)) == 1 and replies(employer) == []


def test_a_stop_with_more_words_stops_and_is_shown(mailed: Any, mail: Any, employer: Any, outbox: Any) -> None:
    assert mail("Please stop emailing me. I took another job, thank you all.") == {"shown": 1}
    assert len(replies(employer)) == 1
    assert len(outbox.to(SAM)) == 1  # no acknowledgement to somebody who opted out


@pytest.mark.parametrize("words", ["Yes", "When will I know?", "I have read it.\nThank you"])
@pytest.mark.parametrize("above", ["    On Tuesday, June 9, 2026 at 10:00:00 AM EDT, Acme <a@x.example> wrote:  \n \n", ""])
def test_our_own_mail_quoted_without_a_mark_opts_nobody_out(
    words: str, above: str, mailed: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """Yahoo and some phones quote so. The reminder says "Unsubscribe"; the person did not."""
    quoted = outbox.email[0]["body"]
    assert "Unsubscribe: no more" in quoted
    assert mail(f"{words}\n\n{above}{quoted}") == ({"yes": 1} if above and words == "Yes" else {"shown": 1})
    [reply] = replies(employer)
    assert reply["body"] == words if above else reply["body"].startswith(words)
    assert tells_more(clock, run_ticks, outbox, SAM) == (words != "Yes" or not above), "an answered wait needs no more"


@pytest.mark.parametrize("subject", ["STOP", "unsubscribe", "Unsubscribe please", "Arrêter"])
@pytest.mark.parametrize(
    ("body", "shown"),
    [
        *(("", False), ("Sent from my iPhone", False), ("On Tue, 9 Jun 2026 Acme wrote:\n> Unsubscribe: no", False)),
        ("I have a job now, thank you all.", True),
    ],
)
def test_stop_as_the_subject_stops(
    subject: str, body: str, shown: bool, mailed: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """Programs that unsubscribe write it there. What the person wrote below is shown."""
    assert mail(body, subject=subject) == ({"shown": 1} if shown else {"stop": 1})
    assert [one["body"] for one in replies(employer)] == ([body] if shown else [])
    assert not tells_more(clock, run_ticks, outbox, SAM)


@pytest.mark.parametrize("subject", ["Re: STOP", "Cancel", "Stop by on Tuesday?", "Help"])
def test_a_subject_that_may_mean_something_else_stops_nothing(
    subject: str, mailed: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    assert mail("I cannot come on Tuesday.", subject=subject) == {"shown": 1}
    assert tells_more(clock, run_ticks, outbox, SAM)


def test_a_stop_from_another_address_opts_nobody_out(
    mailed: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    references = outbox.email[0]["headers"]["References"]
    assert mail(raw=f"From: kim@example.com\nReferences: {references}\n\nSTOP\n") == {"shown": 1}
    clock.advance(hours=24 * 5)
    run_ticks()
    assert len(outbox.to(SAM)) == 2


def test_an_answer_without_the_reference_is_found_by_the_address_it_comes_from(mailed: Any, mail: Any, employer: Any) -> None:
    assert mail("Thank you", in_answer=False) == {"shown": 1}
    assert replies(employer)[0]["application_id"] == mailed["id"]


def test_without_the_reference_it_is_about_what_they_were_last_written_to_about(
    booked: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """Of many applications of one person, whichever they are; the list of an address has room for each of 32 in one place."""
    person, week = {"phone": None, "email": SAM}, 7 * 24
    made = [booked(-week * number, job_title=f"Job {number}", candidate=person)["application"]["id"] for number in range(1, 17)]
    clock.advance(hours=73)
    for application in made:
        clock.advance(hours=week)
        outbox.clear()
        run_ticks()
        [reminder] = [one for one in outbox.to(SAM) if one["reply_to"]]
        assert mail("Thank you", to=reminder["reply_to"][0], in_answer=False) == {"shown": 1}
        assert replies(employer)[0]["application_id"] == application
        told = {"channel": "call", "outcome": "reached", "decision": "rejected"}
        assert employer.post(f"/v1/applications/{application}/contacts", told).status == 201


def test_from_another_address_it_is_shown_as_that_and_changes_nothing(
    mailed: Any, mail: Any, employer: Any, outbox: Any, run_ticks: Any
) -> None:
    references = outbox.email[0]["headers"]["References"]
    assert mail(raw=f"From: kim@example.com\nReferences: {references}\n\nYes\n") == {"shown": 1}
    [reply] = replies(employer)
    assert (reply["from"], reply["sender_check"], reply["understood_as"]) == ("kim@example.com", "other_address", None)
    assert employer.get(f"/v1/applications/{mailed['id']}").json["loop"] == "waiting"
    run_ticks()
    assert "kim@example.com, which is not the address" in outbox.to("robin@example.com")[0]["body"]
    assert len(outbox.to(SAM)) == 1 and outbox.to("kim@example.com") == []


FORGED = [{"dmarc": "FAIL"}, {"dmarc": "GRAY", "spf": "FAIL"}, {"dmarc": "PROCESSING_FAILED"}]


@pytest.mark.parametrize("verdicts", FORGED)
def test_a_mail_that_its_domain_does_not_vouch_for_is_marked_and_changes_nothing(
    verdicts: dict[str, str], mailed: Any, mail: Any, employer: Any, outbox: Any
) -> None:
    """A forwarder breaks SPF and DKIM too: with the reference it is shown, without it it is dropped."""
    assert mail("Yes", verdicts=verdicts) == {"yes": 1}
    [reply] = replies(employer)
    assert (reply["sender_check"], reply["understood_as"]) == ("not_verified", None)
    assert employer.get(f"/v1/applications/{mailed['id']}").json["loop"] == "waiting"
    assert len(outbox.to(SAM)) == 1
    assert mail("Yes", verdicts=verdicts, in_answer=False) == {"unknown_sender": 1}


@pytest.mark.parametrize("sender", ['sam@example.com <"eve"@evil.example>', "eve(sam@example.com)@evil.example"])
def test_a_mail_that_only_looks_like_the_candidates_changes_nothing(
    sender: str, mailed: Any, mail: Any, employer: Any, outbox: Any, run_ticks: Any
) -> None:
    """Its own domain vouches for it: that of whoever wrote it, and not of whoever it looks like."""
    references = outbox.email[0]["headers"]["References"]
    for words in ("Yes", "STOP"):
        assert mail(raw=f"From: {sender}\nReferences: {references}\n\n{words}\n", source="eve@evil.example") == {"automatic": 1}
    assert replies(employer) == [] and employer.get(f"/v1/applications/{mailed['id']}").json["loop"] == "waiting"
    assert not opt_outs.recipients.opted_out([("email", SAM)])


def test_spf_counts_where_a_domain_has_no_dmarc_and_the_envelope_is_its_own(mailed: Any, mail: Any, employer: Any) -> None:
    gray = {"dmarc": "GRAY", "spf": "PASS"}
    assert mail("one", verdicts=gray) == mail("two", verdicts=gray, source="x@other.example") == {"shown": 1}
    assert [one["sender_check"] for one in replies(employer)] == ["not_verified", "candidate"] or [
        one["sender_check"] for one in replies(employer)
    ] == ["candidate", "not_verified"]


@pytest.mark.parametrize("verdict", ["spam", "virus"])
def test_spam_and_viruses_are_dropped(verdict: str, mailed: Any, mail: Any, employer: Any) -> None:
    assert mail("Win!", verdicts={verdict: "FAIL"}) == {"spam": 1}
    assert replies(employer) == [] and mails_left() == []


def test_a_forged_address_reaches_nobody(mailed: Any, mail: Any, outbox: Any, employer: Any) -> None:
    real = outbox.email[0]["reply_to"][0]
    local = real.partition("@")[0]
    forged = local[:-1] + ("0" if local[-1] != "0" else "1")
    for address in (f"{forged}@{DOMAIN}", f"{local}@other.example", f"jobs@{DOMAIN}", "nonsense", f"{local}x@{DOMAIN}"):
        assert mail("Hello", to=address) == {"unknown_address": 1}
    assert mail("Hello", to=real.upper()) == {"shown": 1}
    assert len(replies(employer)) == 1


def test_a_reference_of_another_tenant_is_none(mailed: Any, mail: Any, api: Any, outbox: Any, employer: Any) -> None:
    """Its application is found by no other employer's address, no matter who sends it."""
    other = api.new_employer(name="Beta")
    thread = reply_addresses.thread_of(other.employer_id or "", mailed["id"])
    theirs = reply_addresses.thread_of(employer.employer_id or "", mailed["id"])
    assert thread is not None and theirs is not None
    stranger = "From: kim@example.com\nReferences: {}\n\nHello\n"
    assert mail(raw=stranger.format(theirs.reference), to=thread.reply_to) == {"unknown_sender": 1}
    assert mail(raw=stranger.format(thread.reference), to=theirs.reply_to) == {"unknown_sender": 1}
    assert mail(raw=f"From: {SAM}\nReferences: {theirs.reference}\n\nHello\n", to=thread.reply_to) == {"unknown_sender": 1}
    assert replies(employer) == replies(other) == []


MACHINES = [
    "Auto-Submitted: auto-replied",
    "Precedence: bulk",
    "X-Autoreply: yes",
    "List-Id: <x.example>",
    "Content-Type: multipart/report; boundary=b",
]


@pytest.mark.parametrize("header", MACHINES)
def test_a_machine_gets_no_answer_and_is_no_reply(header: str, mailed: Any, mail: Any, outbox: Any, employer: Any) -> None:
    references = outbox.email[0]["headers"]["References"]
    assert mail(raw=f"From: {SAM}\nReferences: {references}\n{header}\n\nI am away.\n") == {"automatic": 1}
    assert replies(employer) == [] and len(outbox.email) == 1


def test_a_bounce_and_our_own_mail_are_no_replies(mailed: Any, mail: Any, outbox: Any, employer: Any) -> None:
    assert mail("away", source="") == {"automatic": 1}
    assert mail("hi", sender="no-reply@heardback.example") == {"automatic": 1}
    assert mail("hi", sender=outbox.email[0]["reply_to"][0]) == {"automatic": 1}
    assert mail("hi", sender="MAILER-DAEMON@example.com") == {"automatic": 1}
    assert replies(employer) == []


def test_two_answering_machines_do_not_answer_each_other_for_ever(
    mailed: Any, mail: Any, outbox: Any, employer: Any, clock: Any
) -> None:
    """One that hides that it is a machine gets one mail a day, however often it writes."""
    for round_ in range(10):
        mail(f"I am away. Case {round_}")
        clock.advance(minutes=1)
    assert len(outbox.to(SAM)) == 2 and len(replies(employer)) == 10
    clock.advance(hours=24)
    mail("I am away still")
    assert len(outbox.to(SAM)) == 3


def test_a_flood_about_one_application_ends(mailed: Any, mail: Any, employer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.messaging import inbound_mail

    monkeypatch.setattr(inbound_mail, "A_DAY_MOST", 3)
    assert [mail(f"number {number}") for number in range(5)] == [{"shown": 1}] * 3 + [{"too_many": 1}] * 2


def test_what_an_erased_person_writes_is_shown_to_nobody_and_not_kept(
    mailed: Any, mail: Any, employer: Any, outbox: Any, stack: Any
) -> None:
    assert employer.delete(f"/v1/candidates/{mailed['candidate_id']}").status in (200, 202, 204)
    assert mail("Secret words") == {"erased": 1}
    assert mail("Secret words", in_answer=False) == {"unknown_sender": 1}
    assert replies(employer) == [] and mails_left() == []
    rows = stack.table.client().scan(TableName="heardback")["Items"]
    assert "Secret words" not in str(rows)


@pytest.mark.parametrize("in_answer", [True, False])
def test_a_stop_of_an_erased_person_ends_mail_to_their_address(
    in_answer: bool, mailed: Any, mail: Any, booked: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """The mail that they answer says that STOP ends all emails about interviews: anyone who books them next sends none."""
    assert employer.delete(f"/v1/candidates/{mailed['candidate_id']}").status in (200, 202, 204)
    assert mail("STOP", in_answer=in_answer) == {"stop": 1}
    booked(candidate={"phone": None, "email": SAM})
    clock.advance(hours=73)
    run_ticks()
    assert len(outbox.to(SAM)) == 1 and replies(employer) == []


def test_a_forged_stop_for_an_erased_person_ends_nothing(
    mailed: Any, mail: Any, booked: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    assert employer.delete(f"/v1/candidates/{mailed['candidate_id']}").status in (200, 202, 204)
    assert mail("STOP", verdicts={"dmarc": "FAIL"}) == {"erased": 1}
    assert mail("STOP", verdicts={"dmarc": "FAIL"}, in_answer=False) == {"unknown_sender": 1}
    booked(candidate={"phone": None, "email": SAM})
    clock.advance(hours=73)
    run_ticks()
    assert len(outbox.to(SAM)) == 2


NEW = "sam.new@example.com"


@pytest.fixture
def moved(mailed: Any, employer: Any, outbox: Any) -> Any:
    """moved("STOP") -> an answer to the reminder from the address that it went to, after the record got another one."""
    assert employer.patch(f"/v1/candidates/{mailed['candidate_id']}", {"email": NEW}).status == 200
    references = outbox.email[0]["headers"]["References"]
    return lambda words, sender=SAM, named=references: f"From: {sender}\nReferences: {named}\n\n{words}\n"


def tells_more(clock: Any, run_ticks: Any, outbox: Any, address: str = NEW) -> bool:
    """Whether a later reminder goes to an address."""
    before = len(outbox.to(address))
    clock.advance(hours=24 * 5)
    run_ticks()
    return len(outbox.to(address)) > before


def writers_to(outbox: Any, address: str) -> list[str]:
    """The employers in the subjects of reminders to an address."""
    return [one["subject"].removeprefix("Your interview with ").partition(":")[0] for one in outbox.to(address)]


def test_a_new_address_gets_the_next_reminder(moved: Any, clock: Any, run_ticks: Any, outbox: Any) -> None:
    assert tells_more(clock, run_ticks, outbox) and len(outbox.to(SAM)) == 1


@pytest.mark.parametrize("words", ["STOP", "Please stop emailing me. I took another job."])
@pytest.mark.parametrize("verdicts", [{}, {"dmarc": "GRAY", "spf": "PASS"}])
def test_a_stop_from_the_former_address_ends_the_applications_mail_at_any_address(
    words: str, verdicts: dict[str, str], moved: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """It answers the mail that it got. With more words it is shown, as from another address, and acknowledged to nobody."""
    assert mail(raw=moved(words), verdicts=verdicts) == ({"stop": 1} if words == "STOP" else {"shown": 1})
    assert [one["sender_check"] for one in replies(employer)] == ([] if words == "STOP" else ["other_address"])
    assert not tells_more(clock, run_ticks, outbox) and len(outbox.to(SAM)) == 1
    assert {one["reason"] for one in employer.get("/v1/messages?status=suppressed").json["data"]} == {"opted out"}


def test_a_stop_from_the_former_address_needs_no_reference(
    moved: Any, mail: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    assert mail("STOP", in_answer=False) == {"stop": 1}
    assert not tells_more(clock, run_ticks, outbox)


def test_a_stop_from_the_former_address_ends_mail_to_it_from_everybody(
    moved: Any, mail: Any, api: Any, interview: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """And no mail of others to the person's new address: these were not answered."""
    assert mail(raw=moved("STOP")) == {"stop": 1}
    other = api.new_employer(name="Beta")
    for name, address in (("Sam", SAM), ("Samuel", NEW)):
        given = interview(name=name, candidate={"phone": None, "email": address})
        assert other.post("/v1/interviews", given).status == 201
    clock.advance(hours=73)
    run_ticks()
    assert len(outbox.to(SAM)) == 1 and writers_to(outbox, NEW) == ["Beta"]


def test_texts_about_the_application_go_on(
    moved: Any, mailed: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """They say how to end them."""
    assert mail(raw=moved("STOP")) == {"stop": 1}
    consent = {"given_at": clock.text(hours=-1), "source": "the application form"}
    given = {"phone": "+12025550123", "sms_consent": consent}
    answer = employer.patch(f"/v1/candidates/{mailed['candidate_id']}", given)
    assert answer.status == 200, answer
    assert tells_more(clock, run_ticks, outbox, "+12025550123") and outbox.to(NEW) == []


@pytest.mark.parametrize("verdicts", FORGED)
def test_a_forged_stop_from_the_former_address_ends_nothing(
    verdicts: dict[str, str], moved: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any, booked: Any
) -> None:
    assert mail(raw=moved("STOP"), verdicts=verdicts) == {"shown": 1}
    assert mail("STOP", verdicts=verdicts, in_answer=False) == {"unknown_sender": 1}
    booked(name="Somebody else", candidate={"phone": None, "email": SAM})
    assert tells_more(clock, run_ticks, outbox) and len(outbox.to(SAM)) == 2


def test_a_vouched_stop_from_an_address_that_was_never_written_to_ends_nothing(
    moved: Any, mailed: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """A stranger who was forwarded the mail; and an address that the record had for a moment and no mail went to."""
    for address in ("briefly@example.com", NEW):
        assert employer.patch(f"/v1/candidates/{mailed['candidate_id']}", {"email": address}).status == 200
    for sender in ("kim@example.com", "briefly@example.com"):
        assert mail(raw=moved("STOP", sender)) == {"shown": 1}
    assert [one["sender_check"] for one in replies(employer)] == ["other_address"] * 2
    assert tells_more(clock, run_ticks, outbox)


def test_the_owner_of_an_application_cannot_end_its_mail(moved: Any, mail: Any, outbox: Any, clock: Any, run_ticks: Any) -> None:
    """Our mails went to the owner too, about the application and not to its candidate."""
    mail(raw=moved(WORDS))
    run_ticks()
    assert len(outbox.to("robin@example.com")) == 1
    assert mail(raw=moved("STOP", "robin@example.com")) == {"shown": 1}
    assert tells_more(clock, run_ticks, outbox)


def test_a_former_addresses_stop_about_another_tenants_application_ends_nothing_there(
    moved: Any, mail: Any, api: Any, interview: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """The other employer wrote to the new address alone, so that the former one has nothing of theirs to answer."""
    other = api.new_employer(name="Beta")
    made = other.post("/v1/interviews", interview(candidate={"phone": None, "email": NEW})).json["application"]
    theirs = reply_addresses.thread_of(other.employer_id or "", made["id"])
    assert theirs is not None
    ours = outbox.email[0]["reply_to"][0]
    assert mail(raw=moved("STOP", named=theirs.reference), to=theirs.reply_to) == {"shown": 1}
    assert mail(raw=moved("STOP", named=theirs.reference), to=ours) == {"stop": 1}  # no reference of Acme's: the last mail's
    clock.advance(hours=24 * 5)
    run_ticks()
    assert writers_to(outbox, NEW) == ["Beta"]


def test_a_former_addresses_stop_that_is_told_twice_or_breaks_off_counts_once(
    moved: Any, mail: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any, faults: Any
) -> None:
    """What was begun is finished when SNS tells again; the third telling finds the mail deleted."""
    faults.throttle("TransactWriteItems", times=None)
    with pytest.raises(Unavailable):
        mail(raw=moved("STOP"), id="one")
    faults.clear()
    assert [mail(raw=moved("STOP"), id="one") for _ in range(3)] == [{"stop": 1}] * 3
    assert replies(employer) == [] and not tells_more(clock, run_ticks, outbox)


@pytest.mark.parametrize("by_operator", [True, False])
def test_the_applications_mail_comes_back_with_the_former_address_and_not_by_a_text(
    by_operator: bool, moved: Any, mail: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """START by text speaks for its number. Only the operator can opt a mailbox in; the same STOP told late is an old one."""
    said = clock()
    assert mail(raw=moved("STOP")) == {"stop": 1}
    clock.advance(minutes=1)
    opt_outs.opt_in(("email", SAM), clock()) if by_operator else opt_outs.start("+12025550123", clock())
    opt_outs.opt_out([("email", SAM)], "mail", said)
    assert tells_more(clock, run_ticks, outbox) == by_operator


def test_a_former_address_of_an_erased_person_ends_mail_to_itself_alone(
    moved: Any, mailed: Any, mail: Any, employer: Any, booked: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    assert employer.delete(f"/v1/candidates/{mailed['candidate_id']}").status in (200, 202, 204)
    assert mail(raw=moved("STOP")) == {"stop": 1}
    for name, address in (("Sam", SAM), ("Samuel", NEW)):
        booked(name=name, candidate={"phone": None, "email": address})
    clock.advance(hours=73)
    run_ticks()
    assert len(outbox.to(SAM)) == 1 and len(outbox.to(NEW)) == 1


def test_attachments_are_counted_and_not_kept(mailed: Any, mail: Any, outbox: Any, employer: Any) -> None:
    written = EmailMessage()
    written["From"], written["References"] = f"Sam <{SAM}>", outbox.email[0]["headers"]["References"]
    written.set_content("My papers")
    written.add_alternative("<p>My <b>papers</b></p>", subtype="html")
    written.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="cv.pdf")
    written.add_attachment(b"PNG", maintype="image", subtype="png", filename="me.png")
    assert mail(raw=written.as_bytes().decode()) == {"shown": 1}
    [reply] = replies(employer)
    assert (reply["body"], reply["attachments"]) == ("My papers", 2)


@pytest.mark.parametrize("words", ["שלום, מתי אקבל תשובה?\nתודה", "안녕하세요. 언제 연락을 받을 수 있나요?"])
def test_words_in_any_script_arrive_as_they_were_written(words: str, mailed: Any, mail: Any, employer: Any) -> None:
    assert mail(words) == {"shown": 1}
    assert replies(employer)[0]["body"] == words


BOMBS = {
    "ten thousand parts": "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 10_000,
    "deep nesting": "".join(f"Content-Type: multipart/mixed; boundary=b{one}\n\n--b{one}\n" for one in range(50)) + "\nhi",
    "headers": "X-A: b\n" * 20_000 + "\nhi",
    "a header": "Content-Type: text/plain; " + 'a*0*="x;' * 50_000 + "\n\nhi",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_mail_that_is_made_to_do_harm_is_dropped(bomb: str, mailed: Any, mail: Any, outbox: Any, employer: Any) -> None:
    references = outbox.email[0]["headers"]["References"]
    assert mail(raw=f"From: {SAM}\nReferences: {references}\n{BOMBS[bomb]}") == {"unreadable": 1}
    assert replies(employer) == [] and mails_left() == []


def test_of_thirty_megabytes_the_beginning_is_read(mailed: Any, mail: Any, outbox: Any, employer: Any) -> None:
    references = outbox.email[0]["headers"]["References"]
    assert mail(raw=f"From: {SAM}\nReferences: {references}\n\n" + "hello world\n" * 2_500_000) == {"shown": 1}
    assert len(replies(employer)[0]["body"]) == 10_000


def test_odd_bytes_are_shown_and_break_nothing(mailed: Any, mail: Any, outbox: Any, employer: Any, run_ticks: Any) -> None:
    """An unknown charset, a NUL, and headers within headers."""
    head = f"From: {SAM}\nReferences: {outbox.email[0]['headers']['References']}\n"
    assert mail(raw=f"{head}Message-ID: <a@b\n Bcc: x@y.example>\nContent-Type: text/plain; charset=x-none\n\nca\0fé") == {
        "shown": 1
    }
    assert replies(employer)[0]["body"] == "café"
    answer = outbox.to(SAM)[-1]
    assert all("\n" not in value and "\r" not in value for value in answer["headers"].values())
    run_ticks()
    assert len(outbox.to("robin@example.com")) == 1


def test_a_lost_write_is_told_again_and_makes_one_reply(mailed: Any, mail: Any, employer: Any, outbox: Any, faults: Any) -> None:
    """The mail stays in the bucket until it is stored."""
    faults.throttle("TransactWriteItems", times=None)
    with pytest.raises(Unavailable):
        mail(WORDS, id="two")
    faults.clear()
    assert len(mails_left()) == 1
    assert mail(WORDS, id="two") == {"shown": 1}
    assert len(replies(employer)) == 1 and len(outbox.to(SAM)) == 2


@pytest.fixture
def counted(caplog: pytest.LogCaptureFixture) -> Any:
    """counted() -> the groups of the mails that log lines counted since the last call. No line says who wrote, or what."""
    caplog.set_level(logging.INFO)

    def groups() -> list[str]:
        said = str([vars(record) for record in caplog.records if record.name.startswith("chalicelib.messaging")])
        assert not any(word in said for word in (SAM, "example", "evil", "Secret", DOMAIN))
        found = [vars(record)["inbound_mail"] for record in caplog.records if "inbound_mail" in vars(record)]
        caplog.clear()
        return found

    return groups


COUNTED: dict[str, tuple[dict[str, Any], str]] = {
    "shown": ({"text": WORDS}, "taken"),
    "a yes": ({"text": "Yes"}, "taken"),
    "a stop": ({"text": "STOP"}, "taken"),
    "a stop of a stranger": ({"text": "STOP", "sender": "kim@example.com", "in_answer": False}, "taken"),
    "spam": ({"text": WORDS, "verdicts": {"spam": "FAIL"}}, "spam"),
    "a virus": ({"text": WORDS, "verdicts": {"virus": "FAIL"}}, "spam"),
    "no address of ours": ({"text": WORDS, "to": f"jobs@{DOMAIN}"}, "unknown"),
    "a stranger": ({"text": WORDS, "sender": "kim@example.com", "in_answer": False}, "unknown"),
    "a machine": ({"text": WORDS, "source": ""}, "ignored"),
    "nothing in it": ({"text": "", "subject": ""}, "ignored"),
    "a bomb": ({"raw": f"From: {SAM}\n{BOMBS['headers']}"}, "unreadable"),
}


@pytest.mark.parametrize("kind", COUNTED)
def test_each_mail_counts_once_in_the_metric_of_its_group(kind: str, mailed: Any, mail: Any, counted: Any) -> None:
    """Filters `$.inbound_mail`: an operator sees what was dropped, and why."""
    written, group = COUNTED[kind]
    counted()
    mail(**written)
    assert counted() == [group]


def test_what_an_erased_person_mails_counts_as_unknown(mailed: Any, mail: Any, employer: Any, counted: Any) -> None:
    assert employer.delete(f"/v1/candidates/{mailed['candidate_id']}").status in (200, 202, 204)
    counted()
    assert mail("Secret words") == {"erased": 1} and counted() == ["unknown"]


def test_a_flood_and_a_mail_that_is_told_again_count_as_ignored(
    mailed: Any, mail: Any, stack: Any, counted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.messaging import inbound_mail
    from infra.local import events

    monkeypatch.setattr(inbound_mail, "A_DAY_MOST", 1)
    counted()
    assert [mail(f"number {number}") for number in range(2)] == [{"shown": 1}, {"too_many": 1}]
    assert counted() == ["taken", "ignored"]
    feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)
    notice = feedback.put(b"", stack.outbox.email[0]["reply_to"][0], SAM, "told", {})
    wiring.s3().delete_object(Bucket=BUCKET, Key="mail/told")
    event = events.notification(json.dumps(notice), "heardback-inbound-mail", stack.clock())
    assert stack.app.inbound_mail(event, events.Context()) == {"gone": 1} and counted() == ["ignored"]


def test_a_notice_that_cannot_be_read_counts_as_unreadable_and_one_that_comes_again_not_at_all(
    mailed: Any, mail: Any, stack: Any, counted: Any, faults: Any
) -> None:
    from infra.local import events

    counted()
    stack.app.inbound_mail(events.notification("{}", "heardback-inbound-mail", stack.clock()), events.Context())
    assert counted() == ["unreadable"]
    faults.throttle("TransactWriteItems", times=None)
    with pytest.raises(Unavailable):
        mail(WORDS, id="again")
    assert counted() == []
    faults.clear()
    assert mail(WORDS, id="again") == {"shown": 1} and counted() == ["taken"]


def test_what_is_no_notice_is_set_aside(mailed: Any, stack: Any) -> None:
    from infra.local import events

    for text in ("{}", "no json", '{"notificationType": "Bounce"}', '{"notificationType": "Received", "mail": 1, "receipt": {}}'):
        event = events.notification(text, "heardback-inbound-mail", stack.clock())
        assert stack.app.inbound_mail(event, events.Context()) == {"parked": 1}
    event = events.notification("Successfully validated SNS topic for Amazon SES", "x", stack.clock())
    assert stack.app.inbound_mail(event, events.Context()) == {"passed_over": 1}
