"""Mails to the team as they are stored, sent and told: digests, the question to who decides, disputes, and feedback's answer."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.records.conftest import Story

SAM = "+12025550111"


def test_digests_of_a_week(story: Story) -> None:
    """The team's list, one owner's, the escalation and the weekly report; one address bounced."""
    story.listen()
    robin = story.joins("Robin Hale", "robin@example.com")
    dana = story.joins("Dana Wells", "dana.wells@example.com", "manager")
    ask = {
        "digest_to": ["dana.wells@example.com", "gone@example.com"],
        "policy": {"escalate_to": ["robin@example.com"], "report_to": ["dana.wells@example.com"]},
    }
    assert story.employer.patch("/v1/employer", ask).status == 200
    story.interviewed("Ann Archer", job="Welder", email="ann@example.com", phone=SAM, hours=1, owner_id=robin)
    story.interviewed("Ben Bell", job="Fitter", email="ben@example.com", hours=2, owner_id=dana)
    cleo = story.interviewed("Cleo Cole", job="Driver", email="cleo@example.com", hours=3, stage="screen")
    story.employer.patch(f"/v1/applications/{cleo}", {"decided": "rejected"})
    story.stored()
    for day in (3, 5, 8, 9):
        story.clock.set(datetime(2026, 6, day, 13, 0, tzinfo=UTC))
        story.run()
        story.stored()
    story.asks("GET", "/v1/messages", query={"audience": "employer"})
    story.ends("digests")


def test_a_digest_that_is_refused_and_one_that_is_late(story: Story) -> None:
    """Tried again while it is fresh; half a day late it is listed as expired."""
    story.employer.patch("/v1/employer", {"digest_to": ["robin@example.com"]})
    story.joins("Robin Hale", "robin@example.com")
    story.interviewed("Ann Archer", job="Welder", email="ann@example.com", hours=1)
    story.interviewed("Ben Bell", job="Fitter", email="ben@example.com", hours=2, timezone="Asia/Tokyo")
    story.stored()
    story.faults.throttle("SendEmail", "TooManyRequestsException", 429, where="robin@example.com", times=8)
    story.clock.set(datetime(2026, 6, 3, 13, 0, tzinfo=UTC))
    story.run()
    story.stored()
    story.run(minutes=30)
    story.run(hours=2)
    story.stored()
    story.clock.set(datetime(2026, 6, 5, 2, 0, tzinfo=UTC))
    story.run()
    story.stored()
    story.ends("late_digests")


def test_who_decides_is_asked_and_answers(story: Story) -> None:
    """The mail's link opens a page; its button records the decision."""
    story.listen()
    dana = story.joins("Dana Wells", "dana.wells@example.com", "manager")
    story.interviewed("Ann Archer", job="Welder", email="ann@example.com", hours=1, decider_id=dana)
    story.interviewed("Ben Bell", job="Fitter", email="ben@example.com", hours=2, decider_id=dana, stage="screen")
    story.stored()
    story.faults.throttle("SendEmail", "TooManyRequestsException", 429, where="Fitter", times=8)
    for hours in (3, 21, 1, 3):
        story.run(hours=hours)
    story.stored()
    story.asks("GET", "/v1/messages", query={"audience": "employer"})
    story.ends("decisions")


def test_disputes_and_feedback(story: Story) -> None:
    """A contact that the candidate disputes is told to its owner; feedback that was asked for is answered by mail."""
    story.listen()
    robin = story.joins("Robin Hale", "robin@example.com")
    ann = story.interviewed("Ann Archer", job="Welder", email="ann@example.com", hours=1, owner_id=robin)
    ben = story.interviewed("Ben Bell", job="Fitter", email="ben@example.com", hours=2, owner_id=robin)
    story.stored()
    for person, decision in ((ann, "advancing"), (ben, "rejected")):
        story.clock.advance(minutes=7)
        told = {"channel": "call", "outcome": "reached", "decision": decision}
        assert story.employer.post(f"/v1/applications/{person}/contacts", told).status == 201
    story.clock.advance(minutes=9)
    said = {"heard": False, "at": story.clock.text(minutes=-2)}
    assert story.employer.post(f"/v1/applications/{ann}/statements", said).status == 201
    story.stored()
    story.run(minutes=2)
    story.stored()
    story.asks("GET", f"/v1/applications/{ann}/timeline")
    story.asks("GET", "/v1/messages", query={"audience": "employer"})
    story.ends("disputes")
