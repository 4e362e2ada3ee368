"""Holding notices as they are stored, sent, told and shown: by text, by mail, in place of a text that failed, and to many."""

from __future__ import annotations

from tests.records.conftest import Story

SAM, MAX = "+12025550111", "+12025550122"


def test_holding_notices_from_the_request_to_the_promise(story: Story) -> None:
    """One by mail, one by a text that fails, and then the rest of the call list."""
    story.listen()
    ann = story.interviewed("Ann Archer", job="Welder", email="ann@example.com", hours=1)
    sam = story.interviewed("Sam Smith", job="Fitter", phone=SAM, email="sam@example.com", hours=2, stage="screen")
    max_ = story.interviewed("Max Moor", job="Driver", phone=MAX, hours=3)
    story.interviewed("Dan Dunn", job="Cook", hours=4)
    story.stored()
    story.clock.advance(minutes=7)
    story.asks("POST", f"/v1/applications/{ann}/holding_notice", {"next_word_by": story.clock.text(days=6)})
    story.clock.advance(minutes=11)
    story.asks("POST", f"/v1/applications/{sam}/holding_notice", {"next_word_by": story.clock.text(days=8)})
    story.stored()
    story.run(minutes=13)
    story.stored()
    story.clock.advance(minutes=17)
    story.provider.sms_event({"to": SAM, "status": "FAILURE", "reason": "Phone carrier has blocked this message"})
    story.stored()
    story.run(minutes=1)
    story.stored()
    many = {"next_word_by": story.clock.text(days=5), "call_list": {"stage": "final", "limit": 2}}
    story.asks("POST", "/v1/holding_notices", many)
    some = {"next_word_by": story.clock.text(days=9), "application_ids": [max_, ann, "app_none"]}
    story.asks("POST", "/v1/holding_notices", some)
    story.run(minutes=1)
    story.stored()
    story.asks("GET", "/v1/messages", query={"audience": "candidate"})
    story.asks("GET", f"/v1/applications/{sam}/timeline")
    story.ends("notices")


def test_a_notice_that_is_refused_is_tried_again_and_ends(story: Story) -> None:
    """Refused by the provider, sent at the next try; another is refused until it is too late."""
    ann = story.interviewed("Ann Archer", job="Welder", email="ann@example.com", hours=1)
    ben = story.interviewed("Ben Bell", job="Fitter", email="ben@example.com", hours=2)
    for person, days in ((ann, 6), (ben, 8)):
        assert (
            story.employer.post(f"/v1/applications/{person}/holding_notice", {"next_word_by": story.clock.text(days=days)}).status
            < 300
        )
    story.faults.throttle("SendEmail", "TooManyRequestsException", 429, where="ben@example.com", times=None)
    story.faults.throttle("SendEmail", "TooManyRequestsException", 429, where="ann@example.com", times=8)
    story.stored()
    story.run(minutes=1)
    story.stored()
    for minutes in (9, 21, 55, 190, 400):
        story.run(minutes=minutes)
    story.stored()
    story.run(days=7)
    story.stored()
    story.ends("refused_notices")
