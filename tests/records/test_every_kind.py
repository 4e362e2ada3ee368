"""Every kind of mail at one moment: to addresses that are dead, refused once, refused for days, and not wanted any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from chalicelib.applications.candidates import links
from chalicelib.messaging import opt_outs
from tests.records.conftest import Story
from tests.web.conftest import Browser

MORNING = datetime(2026, 6, 3, 14, 5, tzinfo=UTC)
"""Wednesday, 10:05 in New York: everybody may be written to."""
SAM = "+12025550111"
ADDRESSES = ("robin", "dana.wells", "ann", "ben", "cleo", "dan", "eve", "fay", "gus")


@dataclass(frozen=True)
class Cast:
    """Applications: a reminder, a question to who decides, a letter, a notice, a dispute, feedback, what is next, a text."""

    ann: str
    ben: str
    cleo: str
    dan: str
    eve: str
    fay: str
    gus: str
    sam: str


@pytest.fixture
def cast(story: Story) -> Cast:
    """Each of them has a mail that is due in the morning."""
    story.listen()
    robin = story.joins("Robin Hale", "robin@example.com")
    dana = story.joins("Dana Wells", "dana.wells@example.com", "manager")
    lists = {"escalate_to": ["robin@example.com"], "report_to": ["dana.wells@example.com"]}
    assert story.employer.patch("/v1/employer", {"digest_to": ["dana.wells@example.com"], "policy": lists}).status == 200
    people = {
        "ann": story.interviewed("Ann Archer", job="Welder", email="ann@example.com", hours=30),
        "ben": story.interviewed("Ben Bell", job="Fitter", email="ben@example.com", hours=1, decider_id=dana),
        "cleo": story.interviewed("Cleo Cole", job="Driver", email="cleo@example.com", hours=2),
        "dan": story.interviewed("Dan Dunn", job="Cook", email="dan@example.com", hours=3),
        "eve": story.interviewed("Eve Ernst", job="Nurse", email="eve@example.com", hours=4, owner_id=robin),
        "fay": story.interviewed("Fay Fox", job="Baker", email="fay@example.com", hours=5),
        "sam": story.interviewed("Sam Smith", job="Tiler", phone=SAM, hours=6, owner_id=robin, stage="screen"),
    }
    for person, decision in ((people["eve"], "advancing"), (people["fay"], "rejected")):
        told = {"channel": "call", "outcome": "reached", "decision": decision}
        assert story.employer.post(f"/v1/applications/{person}/contacts", told).status == 201
    story.run()
    story.clock.set(MORNING)
    assert story.employer.patch("/v1/employer", {"policy": {"tell_next_step": True}}).status == 200
    made = Cast(**people, gus=story.interviewed("Gus Gray", job="Clerk", email="gus@example.com", hours=1))
    story.stored()
    page = Browser(story.public)
    page.open("/f/" + links.token(story.employer.employer_id, made.fay, story.clock()))
    assert page.submit("/why").status == 200
    send = story.employer.post
    given = {"reasons": ["experience"], "note": "Your loaves were fine."}
    letters = {"application_ids": [made.cleo], "decision": "rejected", "feedback": {"reasons": ["licence"]}}
    answers = (
        send(f"/v1/applications/{made.fay}/feedback", given),
        send("/v1/letters", letters),
        send(f"/v1/applications/{made.dan}/holding_notice", {"next_word_by": story.clock.text(days=8)}),
        send(f"/v1/applications/{made.eve}/statements", {"heard": False, "at": story.clock.text(minutes=-2)}),
    )
    assert [one.status for one in answers] == [200, 202, 202, 201]
    story.provider.inbound_sms({"from": SAM, "body": "Is it still open?", "id": "text-one"})
    return made


def refuse(story: Story) -> None:
    """The provider takes no mail, one by one or many together."""
    for operation in ("SendEmail", "SendBulkEmail"):
        story.faults.throttle(operation, "TooManyRequestsException", 429, times=None)


def test_mail_to_dead_addresses_is_listed_as_suppressed(story: Story, cast: Cast) -> None:
    """With why, no attempt, and when it was settled."""
    for name in ADDRESSES:
        opt_outs.mark_dead(("email", f"{name}@example.com"), story.clock())
    for minutes in (1, 70, 120):
        story.run(minutes=minutes)
    story.stored()
    story.asks("GET", "/v1/messages", query={"limit": 100})
    story.ends("dead_addresses")


def test_mail_that_is_refused_is_sent_at_the_next_try(story: Story, cast: Cast) -> None:
    """Written again, with the same checks."""
    refuse(story)
    story.run(minutes=1)
    story.stored()
    story.faults.clear()
    for minutes in (6, 50):
        story.run(minutes=minutes)
    story.stored()
    story.asks("GET", "/v1/messages", query={"limit": 100})
    story.ends("refused_once")


def test_mail_that_is_refused_for_days_expires(story: Story, cast: Cast) -> None:
    """Each kind at its own time."""
    refuse(story)
    for hours in (1, 3, 5, 9, 15, 24, 24, 100):
        story.run(hours=hours)
        story.stored()
    story.asks("GET", "/v1/messages", query={"limit": 100})
    story.ends("refused_for_days")


def test_refused_mail_is_given_up_an_hour_after_it_was_made(story: Story, cast: Cast) -> None:
    """At that very minute."""
    refuse(story)
    story.run(minutes=1)
    story.faults.clear()
    story.run(minutes=60)
    story.stored()
    story.asks("GET", "/v1/messages", query={"limit": 100})
    story.ends("given_up")


def test_mail_that_was_refused_is_suppressed_once_its_address_is_dead(story: Story, cast: Cast) -> None:
    """The first try was refused; meanwhile the address bounced."""
    refuse(story)
    story.run(minutes=1)
    story.faults.clear()
    for name in ADDRESSES:
        opt_outs.mark_dead(("email", f"{name}@example.com"), story.clock())
    for minutes in (6, 50):
        story.run(minutes=minutes)
    story.stored()
    story.asks("GET", "/v1/messages", query={"limit": 100})
    story.ends("dead_meanwhile")


def test_mail_that_was_refused_is_cancelled_once_nobody_wants_it(story: Story, cast: Cast) -> None:
    """Answered, decided, withdrawn, called again, seen, or taken off the list."""
    refuse(story)
    story.run(minutes=1)
    story.stored()
    story.faults.clear()
    called = {"channel": "call", "outcome": "reached", "decision": "advancing"}
    change = story.employer.patch
    reply = story.employer.get("/v1/replies").json["data"]
    answers = (
        story.employer.post(f"/v1/applications/{cast.ann}/contacts", called),
        story.employer.post(f"/v1/applications/{cast.eve}/contacts", called),
        change(f"/v1/applications/{cast.ben}", {"decided": "rejected"}),
        change(f"/v1/applications/{cast.cleo}", {"status": "withdrawn"}),
        change(f"/v1/applications/{cast.dan}", {"status": "withdrawn"}),
        change(f"/v1/applications/{cast.fay}", {"status": "withdrawn"}),
        change(f"/v1/applications/{cast.gus}", {"status": "withdrawn"}),
        *(story.employer.post(f"/v1/replies/{one['id']}/seen") for one in reply),
        change("/v1/employer", {"digest_to": [], "policy": {"escalate_to": [], "report_to": []}}),
    )
    assert {one.status for one in answers} <= {200, 201}
    for minutes in (6, 50):
        story.run(minutes=minutes)
    story.stored()
    story.asks("GET", "/v1/messages", query={"limit": 100})
    story.ends("not_wanted")
