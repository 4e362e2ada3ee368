"""Letters as they are stored, sent, told and shown: asked for, refused, delayed, cancelled, sent, come back."""

from __future__ import annotations

from tests.records.conftest import Story


def test_letters_from_the_request_to_the_bounce(story: Story) -> None:
    """Each candidate, time and criterion is another."""
    story.listen()
    robin = story.joins("Robin Hale", "robin@example.com")
    ann = story.interviewed("Ann Archer", job="Welder", email="ann@example.com", hours=1, owner_id=robin)
    ben = story.interviewed("Ben Bell", job="Fitter", email="ben@example.com", hours=2, timezone="Asia/Tokyo")
    cleo = story.interviewed("Cleo Cole", job="Driver", email="cleo@example.com", hours=3)
    dan = story.interviewed("Dan Dunn", job="Cook", phone="+12025550144", hours=4)
    story.stored()
    body = {"decision": "rejected", "feedback": {"reasons": ["experience", "licence"]}}
    story.clock.advance(minutes=7)
    now = story.asks("POST", "/v1/letters", {"application_ids": [ann, dan, ben], **body})
    story.clock.advance(minutes=11)
    promise = {"promised_by": story.clock.text(days=9)}
    later = story.asks(
        "POST",
        "/v1/letters",
        {"application_ids": [cleo, ann], "decision": "rejected", "feedback": promise, "send_at": story.clock.text(days=2)},
    )
    story.stored()
    story.run(minutes=13)
    story.stored()
    story.asks("GET", f"/v1/letters/{now.json['id']}")
    story.provider.ses_event({"type": "Bounce", "to": "ann@example.com"})
    story.clock.advance(minutes=17)
    story.asks("DELETE", f"/v1/letters/{later.json['id']}")
    story.run(days=3)
    story.stored()
    for letter in (now, later):
        story.asks("GET", f"/v1/letters/{letter.json['id']}")
    story.asks("GET", "/v1/messages", query={"limit": 100})
    story.asks("GET", f"/v1/applications/{ann}/timeline")
    story.asks("GET", f"/v1/applications/{ben}/timeline")
    story.ends("letters")
